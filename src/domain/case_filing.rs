//! 立案: a case that follows from a result, a rectification not fulfilled or a referral (S3, S4; domain notes 1.5). The case
//! itself is handled elsewhere; here are its number, its cause and its outcome.

use super::states::{cycle, words};

words! {
    /// Where a case stands.
    State {
        /// 已立案.
        Filed = "filed", "已立案";
        /// 已结案.
        Closed = "closed", "已结案";
    }
}

words! {
    /// What moves a case.
    Act {
        /// 结案.
        Close = "close", "结案";
    }
}

cycle! {
    "case_filing", "立案", Filed;
    Filed: Close => Closed;
}
