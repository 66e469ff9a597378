//! 作业: long work that is left and found again. What there is to do, where a piece of it stands, how far it has come
//! and how long the rest may take.

use super::states::words;
use chrono::TimeDelta;

words! {
    /// What is to be done.
    Kind {
        /// Reading an import file and judging its rows; writes nothing into the registers.
        ImportCheck = "import_check", "检查导入文件";
        /// Writing the rows of a checked file into the registers.
        ImportApply = "import_apply", "导入名录";
        /// A planning run.
        Planning = "planning", "计算排期";
        /// A planning run after a change.
        Rerun = "planning_rerun", "变动后重新排期";
        /// One paper of all visits of a joint inspection.
        Papers = "papers", "生成成套文书";
        /// The archive of a joint inspection.
        Archive = "archive", "打包档案";
    }
}

words! {
    /// Where a piece of work stands.
    State {
        /// Nobody has begun it.
        Waiting = "waiting", "等待中";
        /// A server works on it.
        Running = "running", "进行中";
        /// It is done.
        Done = "done", "已完成";
        /// It could not be done; the reason is told.
        Failed = "failed", "未完成";
        /// Somebody took it back before it had any effect.
        Cancelled = "cancelled", "已取消";
    }
}

impl State {
    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

words! {
    /// What a server is doing just now.
    Step {
        /// Reading the file or the tables.
        Reading = "reading", "读取数据";
        /// Judging rows.
        Checking = "checking", "逐行检查";
        /// Merging tasks to visits.
        Merging = "merging", "合并入企";
        /// Days and teams.
        Staffing = "staffing", "安排日期和人员";
        /// Saying why something could not be done.
        Explaining = "explaining", "说明未派齐的原因";
        /// Making sheets.
        Printing = "printing", "生成文书";
        /// Collecting the files of an archive.
        Packing = "packing", "收集档案文件";
        /// Writing into the database.
        Writing = "writing", "写入";
    }
}

/// How often a piece of work is begun at most: a server that dies over it three times would do so for ever.
pub const ATTEMPTS: i32 = 3;
/// A server that says nothing of a piece of work for this long, seconds, has lost it.
pub const LEASE_S: i64 = 30;
/// Pieces of one person that may wait or run at a time.
pub const OPEN_MOST: i64 = 10;
/// Days a piece of work is found again after its end.
pub const KEPT_DAYS: i64 = 30;
/// Days the file it made is kept: papers and archives hold personal data, and can be made anew.
pub const FILE_DAYS: i64 = 7;
/// Rows of a file, tasks of a run or visits of a paper from which on it is work to be left: less is answered at once.
pub const LARGE: usize = 500;

/// Percent done, rounded down; none while it is not known how much there is.
#[must_use]
pub fn percent(done: i64, total: i64) -> Option<i64> {
    (total > 0).then(|| done.clamp(0, total).saturating_mul(100) / total)
}

/// How long the rest may take at the pace so far, once that says anything: a tenth is done and some seconds have gone.
#[must_use]
pub fn remaining(done: i64, total: i64, elapsed: TimeDelta) -> Option<TimeDelta> {
    let seconds = elapsed.num_seconds();
    if total <= 0 || done >= total || seconds < 5 || done.saturating_mul(10) < total {
        return None;
    }
    Some(TimeDelta::seconds(seconds.saturating_mul(total - done) / done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_never_says_more_than_is_done() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(199, 200), Some(99));
        assert_eq!(percent(200, 200), Some(100));
        assert_eq!(percent(900, 200), Some(100));
        assert_eq!(percent(-1, 200), Some(0));
    }

    #[test]
    fn the_rest_is_told_only_when_it_is_known() {
        let s = TimeDelta::seconds;
        assert_eq!(remaining(1, 100, s(60)), None, "a hundredth says nothing");
        assert_eq!(remaining(50, 100, s(2)), None, "two seconds say nothing");
        assert_eq!(remaining(100, 100, s(60)), None);
        assert_eq!(remaining(3, 0, s(60)), None);
        assert_eq!(remaining(25, 100, s(60)), Some(s(180)));
    }
}
