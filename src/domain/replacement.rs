//! The life of a request to replace a drawn inspector: for recusal or special reasons only, approved by the head of the
//! inspector's own unit, then the vacant seat alone is drawn again (Changde 2017).

use super::states::{cycle, words};

words! {
    /// Where a request stands.
    State {
        /// 待审批.
        Requested = "requested", "待审批";
        /// 单位负责人已批准; the seat is vacant.
        Approved = "approved", "已批准";
        /// 不批准, with a reason.
        Rejected = "rejected", "不批准";
        /// Taken back by whoever asked.
        Withdrawn = "withdrawn", "已撤回";
        /// The seat has been drawn again.
        Redrawn = "redrawn", "已补抽";
        /// Nobody left to draw; the reasons are kept.
        Exhausted = "exhausted", "无人可补";
        /// The seat is gone: nobody is needed on it any more.
        Lapsed = "lapsed", "席位已撤销";
    }
}

words! {
    /// What moves a request.
    Act {
        /// 批准.
        Approve = "approve", "批准";
        /// 不批准.
        Reject = "reject", "不批准";
        /// 撤回.
        Withdraw = "withdraw", "撤回";
        /// 补抽.
        Redraw = "redraw", "补抽";
        /// The pool is empty.
        Exhaust = "exhaust", "登记无人可补";
        /// The reserve pool or a neighbour lends people: draw again.
        Reopen = "reopen", "扩充名录后再补抽";
        /// The seat falls away: the visit is called off, or the department does not come.
        Lapse = "lapse", "因席位撤销终结";
    }
}

cycle! {
    "replacement", "更换检查人员", Requested;
    Requested: Approve => Approved;
    Requested: Reject => Rejected;
    Requested: Withdraw => Withdrawn;
    Approved: Redraw => Redrawn;
    Approved: Exhaust => Exhausted;
    Exhausted: Reopen => Approved;
    Requested: Lapse => Lapsed;
    Exhausted: Lapse => Lapsed;
}

words! {
    /// Why an inspector is replaced.
    Cause {
        /// 回避, declared by the inspector.
        Recusal = "recusal", "本人申请回避";
        /// 回避, requested by the business.
        RecusalRequested = "recusal_requested", "企业申请回避";
        /// 病假.
        Ill = "ill", "病假";
        /// The certificate expired or was withdrawn.
        Certificate = "certificate", "执法证件失效";
        /// 调离.
        Left = "left", "调离或停用";
        /// Another special reason, to be written out.
        Other = "other", "其他特殊原因";
    }
}
