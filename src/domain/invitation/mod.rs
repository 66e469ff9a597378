//! Invitations to a joint inspection: how a partner department answers, until when, and what follows for the whole.

pub mod due;
pub mod settle;

pub use due::{Due, Policy, Step, answer_due, step};
pub use settle::{Blocker, Invited, Settled, settle};

use super::states::{cycle, words};

words! {
    /// Where an invitation stands.
    State {
        /// 待答复.
        Pending = "pending", "待答复";
        /// 接受.
        Accepted = "accepted", "已接受";
        /// 拒绝, with a reason.
        Declined = "declined", "已拒绝";
        /// 改期: the partner proposes other dates; the initiator decides.
        Rescheduled = "rescheduled", "提议改期";
        /// 超时: unanswered past its day and put before the coordination office.
        Escalated = "escalated", "超时已上报";
        /// Taken back by the initiator.
        Withdrawn = "withdrawn", "已撤回";
    }
}

words! {
    /// What moves an invitation.
    Act {
        /// 接受.
        Accept = "accept", "接受";
        /// 拒绝.
        Decline = "decline", "拒绝";
        /// 提出改期.
        Propose = "propose", "提议改期";
        /// The initiator takes the proposed dates.
        Agree = "agree", "同意改期";
        /// The initiator keeps its dates and asks again.
        Insist = "insist", "维持原定日期";
        /// 上报协调办: the answer is overdue.
        Escalate = "escalate", "上报协调办";
        /// The coordination office extends the time.
        Extend = "extend", "延长答复期限";
        /// A partner that declined, or one withdrawn, is asked again.
        Reinvite = "reinvite", "再次邀请";
        /// An accepting partner steps back with a reason (before the lists are frozen, or with the office's consent).
        Retract = "retract", "撤销接受";
        /// 撤回.
        Withdraw = "withdraw", "撤回邀请";
    }
}

cycle! {
    "invitation", "邀请", Pending;
    Pending: Accept => Accepted;
    Pending: Decline => Declined;
    Pending: Propose => Rescheduled;
    Pending: Escalate => Escalated;
    Pending: Withdraw => Withdrawn;
    Rescheduled: Agree => Accepted;
    Rescheduled: Insist => Pending;
    Rescheduled: Accept => Accepted;
    Rescheduled: Decline => Declined;
    Rescheduled: Escalate => Escalated;
    Rescheduled: Withdraw => Withdrawn;
    Escalated: Accept => Accepted;
    Escalated: Decline => Declined;
    Escalated: Propose => Rescheduled;
    Escalated: Extend => Pending;
    Escalated: Withdraw => Withdrawn;
    Accepted: Retract => Declined;
    Accepted: Withdraw => Withdrawn;
    Declined: Reinvite => Pending;
    Declined: Withdraw => Withdrawn;
    Withdrawn: Reinvite => Pending;
}
