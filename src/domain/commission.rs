//! 委托专业机构: an expert or an institution that helps with a visit and reports. Never one of the two officers a visit needs
//! (domain notes 1.4: third parties forbidden as inspectors; traps of section 4).

use super::states::{cycle, words};

words! {
    /// Where a commission stands.
    State {
        /// 已委托.
        Ordered = "ordered", "已委托";
        /// The report came.
        Reported = "reported", "已提交报告";
        /// 已取消.
        Cancelled = "cancelled", "已取消";
    }
}

words! {
    /// What moves a commission.
    Act {
        /// The report is received; a later one is added to it.
        Report = "report", "接收报告";
        /// 取消.
        Cancel = "cancel", "取消";
    }
}

cycle! {
    "commission", "委托", Ordered;
    Ordered: Report => Reported;
    Ordered: Cancel => Cancelled;
}
