//! The life of a task (抽查任务): one item of one department at one subject, from drawn to done.

use super::states::{cycle, words};

words! {
    /// Where a task stands.
    State {
        /// Waits to be put into a visit.
        Ready = "ready", "待安排";
        /// In a visit of a committed plan.
        Planned = "planned", "已安排";
        /// Checked.
        Done = "done", "已完成";
        /// Will not be done, with a reason.
        Cancelled = "cancelled", "已取消";
    }
}

words! {
    /// What moves a task.
    Act {
        /// A plan with it is committed.
        Plan = "plan", "安排";
        /// Its visit fell away.
        Release = "release", "退回待安排";
        /// 完成.
        Finish = "finish", "完成";
        /// 取消.
        Cancel = "cancel", "取消";
        /// Another department has verified the same lately (检查结果互认): done without a visit.
        Recognise = "recognise", "结果互认";
    }
}

cycle! {
    "task", "抽查任务", Ready;
    Ready: Plan => Planned;
    Ready: Cancel => Cancelled;
    Ready: Recognise => Done;
    Planned: Release => Ready;
    Planned: Finish => Done;
    Planned: Recognise => Done;
    Planned: Cancel => Cancelled;
}
