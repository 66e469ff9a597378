//! The life of a visit (入企检查), from planned to checked.

use super::states::{cycle, words};

words! {
    /// Where a visit stands.
    State {
        /// Joined from tasks, without date or team yet.
        Planned = "planned", "待组队";
        /// Has date and team.
        Staffed = "staffed", "已组队";
        /// 待检查: the team knows.
        Dispatched = "dispatched", "待检查";
        /// 检查中.
        InProgress = "in_progress", "检查中";
        /// 已检查.
        Done = "done", "已检查";
        /// 异常: the subject was not found or refuses (无法联系, 拒检); the outcome says which.
        Obstructed = "obstructed", "检查受阻";
        /// Not held, with a reason.
        Cancelled = "cancelled", "已取消";
    }
}

words! {
    /// What moves a visit.
    Act {
        /// Date and team are given.
        Staff = "staff", "安排日期和人员";
        /// Date and team are put aside after a change.
        Unstaff = "unstaff", "重新安排";
        /// 派发.
        Dispatch = "dispatch", "派发";
        /// The team has arrived.
        Begin = "begin", "开始检查";
        /// 检查完毕.
        Finish = "finish", "完成检查";
        /// 无法联系 or 拒检.
        Obstruct = "obstruct", "登记受阻";
        /// The subject was found after all, or lets the team in.
        Resume = "resume", "恢复检查";
        /// 取消.
        Cancel = "cancel", "取消";
    }
}

cycle! {
    "visit", "入企检查", Planned;
    Planned: Staff => Staffed;
    Planned: Cancel => Cancelled;
    Staffed: Unstaff => Planned;
    Staffed: Dispatch => Dispatched;
    Staffed: Cancel => Cancelled;
    Dispatched: Unstaff => Planned;
    Dispatched: Begin => InProgress;
    Dispatched: Obstruct => Obstructed;
    Dispatched: Cancel => Cancelled;
    InProgress: Finish => Done;
    InProgress: Obstruct => Obstructed;
    Obstructed: Resume => InProgress;
    Obstructed: Finish => Done;
}

impl State {
    /// Whether the assigned inspectors may see it: only once it is dispatched.
    #[must_use]
    pub const fn is_visible_to_team(self) -> bool {
        matches!(self, Self::Dispatched | Self::InProgress | Self::Done | Self::Obstructed)
    }
}
