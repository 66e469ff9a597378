//! What can be wrong with a journal, and the report.

use crate::domain::journal::diff::Change;
use std::fmt;
use uuid::Uuid;

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A checkpoint is not signed by the journal's key, or is of another log.
    Checkpoint {
        /// Size it states.
        size: u64,
        /// Why it does not count.
        why: String,
    },
    /// Two validly signed checkpoints exclude each other: whoever holds the key rewrote history.
    Forked {
        /// Size of the older.
        old: u64,
        /// Size of the newer.
        new: u64,
    },
    /// The newest checkpoint covers less than an older one: the log was set back.
    RolledBack {
        /// Size of the older checkpoint.
        old: u64,
        /// Size of the newest.
        new: u64,
    },
    /// The rows end before the newest checkpoint does.
    Truncated {
        /// Entries that should be there.
        size: u64,
        /// First entry that is missing.
        from: u64,
    },
    /// Rows were changed, deleted, inserted, swapped or moved.
    Row(Change),
    /// Two rows claim one number.
    Twice {
        /// The number.
        seq: u64,
    },
    /// The row is no leaf of a version that is understood.
    NotALeaf {
        /// The row.
        seq: u64,
    },
    /// The row's identifier is not that of its leaf.
    IdDiffers {
        /// The row.
        seq: u64,
    },
    /// A column of the row says something else than its leaf.
    ColumnDiffers {
        /// The row.
        seq: u64,
        /// The column.
        column: &'static str,
    },
    /// Personal data are gone, and no event says who erased them.
    ErasedUnrecorded {
        /// The row.
        seq: u64,
    },
    /// An event that waits to be sealed is not what it was when it was written.
    Waiting {
        /// The event.
        id: Uuid,
        /// What differs.
        what: &'static str,
    },
    /// Personal data do not fit the hash in the leaf, or there are some where the leaf has none.
    PrivateDiffers {
        /// The row.
        seq: u64,
    },
    /// One event stands in the log twice.
    SameEvent {
        /// The first row.
        first: u64,
        /// The other.
        again: u64,
    },
    /// Rows that no checkpoint covers.
    Beyond {
        /// First.
        from: u64,
        /// Last.
        to: u64,
    },
    /// Somewhere in entries `from..to` something was changed, and the tiles that would tell where were changed too.
    Unlocated {
        /// First.
        from: u64,
        /// One past the last.
        to: u64,
    },
    /// A stored tile is missing or false; the rows themselves may be right.
    Tile {
        /// Level.
        level: u8,
        /// Number.
        index: u64,
    },
}

impl Finding {
    /// Stable snake_case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint { .. } => "checkpoint_invalid",
            Self::Forked { .. } => "log_forked",
            Self::RolledBack { .. } => "log_rolled_back",
            Self::Truncated { .. } => "rows_truncated",
            Self::Row(Change::Changed { .. }) => "row_changed",
            Self::Row(Change::Deleted { .. }) => "row_deleted",
            Self::Row(Change::Inserted { .. }) => "row_inserted",
            Self::Row(Change::Swapped { .. }) => "rows_swapped",
            Self::Row(Change::Moved { .. }) => "row_moved",
            Self::Twice { .. } => "row_number_twice",
            Self::NotALeaf { .. } => "row_not_a_leaf",
            Self::IdDiffers { .. } => "row_id_differs",
            Self::PrivateDiffers { .. } => "private_differs",
            Self::ColumnDiffers { .. } => "column_differs",
            Self::ErasedUnrecorded { .. } => "erased_unrecorded",
            Self::Waiting { .. } => "waiting_row_differs",
            Self::SameEvent { .. } => "event_twice",
            Self::Beyond { .. } => "rows_beyond_checkpoint",
            Self::Unlocated { .. } => "rows_unlocated",
            Self::Tile { .. } => "tile_differs",
        }
    }

    /// The first row it concerns, where it concerns rows.
    #[must_use]
    pub fn first_row(&self) -> Option<u64> {
        match self {
            Self::Checkpoint { .. } | Self::Tile { .. } | Self::Forked { .. } | Self::Waiting { .. } => None,
            Self::RolledBack { new, .. } => Some(*new),
            Self::Truncated { from, .. } | Self::Beyond { from, .. } | Self::Unlocated { from, .. } => {
                Some(*from)
            }
            Self::Row(Change::Changed { seq } | Change::Inserted { seq })
            | Self::Twice { seq }
            | Self::NotALeaf { seq }
            | Self::IdDiffers { seq }
            | Self::ColumnDiffers { seq, .. }
            | Self::ErasedUnrecorded { seq }
            | Self::PrivateDiffers { seq } => Some(*seq),
            Self::Row(Change::Deleted { from, .. }) => Some(*from),
            Self::Row(Change::Swapped { a, .. }) => Some(*a),
            Self::Row(Change::Moved { from, to }) => Some(*from.min(to)),
            Self::SameEvent { again, .. } => Some(*again),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint { size, why } => write!(f, "检查点(条数{size})无效:{why}"),
            Self::Forked { old, new } => {
                write!(f, "两个有效签名的检查点(条数{old}与{new})互相矛盾:历史曾被持有密钥者改写")
            }
            Self::RolledBack { old, new } => {
                write!(f, "日志被回退:较早的检查点已有{old}条,现在的只有{new}条")
            }
            Self::Truncated { size, from } => write!(f, "日志被截断:应有{size}条,自第{from}条起缺失"),
            Self::Row(Change::Changed { seq }) => write!(f, "第{seq}条内容被改动"),
            Self::Row(Change::Deleted { from, to }) if from == to => write!(f, "第{from}条被删除"),
            Self::Row(Change::Deleted { from, to }) => write!(f, "第{from}至{to}条被删除"),
            Self::Row(Change::Inserted { seq }) => write!(f, "第{seq}条是插入的,不在原日志中"),
            Self::Row(Change::Swapped { a, b }) => write!(f, "第{a}条与第{b}条被对调"),
            Self::Row(Change::Moved { from, to }) => write!(f, "原第{from}条被移到第{to}条"),
            Self::Twice { seq } => write!(f, "序号{seq}出现多次"),
            Self::NotALeaf { seq } => write!(f, "第{seq}条不是规范的日志事件"),
            Self::IdDiffers { seq } => write!(f, "第{seq}条的编号与其内容不符"),
            Self::PrivateDiffers { seq } => write!(f, "第{seq}条的个人信息与日志中的哈希不符"),
            Self::ColumnDiffers { seq, column } => write!(f, "第{seq}条的 {column} 列与其内容不符"),
            Self::ErasedUnrecorded { seq } => write!(f, "第{seq}条的个人信息被清除,但没有清除记录"),
            Self::Waiting { id, what } => write!(f, "待入序的事件 {id} 的{what}与写入时不符"),
            Self::SameEvent { first, again } => write!(f, "第{again}条与第{first}条是同一事件"),
            Self::Beyond { from, to } => write!(f, "第{from}至{to}条没有检查点覆盖"),
            Self::Unlocated { from, to } => write!(
                f,
                "第{from}条至第{}条之间有改动,但定位所需的日志分块也被改动;请用备份的分块再核验",
                to.saturating_sub(1)
            ),
            Self::Tile { level, index } => write!(f, "已存日志分块(第{level}层第{index}块)缺失或不符"),
        }
    }
}

/// The outcome of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read.
    pub rows: u64,
    /// Rows whose personal data have been erased.
    pub erased: u64,
    /// Sizes of the checkpoints whose root the rows have.
    pub confirmed: Vec<u64>,
    /// What is wrong, sorted; empty = the journal is whole.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}
