//! The life of a joint inspection (部门联合抽查), from draft to closed or aborted, in the order of work of the practice
//! reports: plan, invite, freeze the list, draw, merge, staff, dispatch, inspect.

use super::states::{cycle, words};

words! {
    /// Where a joint inspection stands.
    State {
        /// Being written by the initiating department.
        Draft = "draft", "草稿";
        /// Waiting for the partners' answers.
        Inviting = "inviting", "邀请中";
        /// All partners have answered; ready for the draw.
        Confirmed = "confirmed", "已确认";
        /// The lists the draw takes from are fixed.
        PoolFrozen = "pool_frozen", "名单已锁定";
        /// Subjects are drawn.
        Drawn = "drawn", "已抽取";
        /// Tasks are joined into visits.
        Merged = "merged", "已合并";
        /// Every visit that can be has its team.
        Staffed = "staffed", "已组队";
        /// Teams know their visits.
        Dispatched = "dispatched", "已派发";
        /// The first visit has begun.
        Inspecting = "inspecting", "检查中";
        /// All done.
        Closed = "closed", "已完成";
        /// Ended before its time, with a reason.
        Aborted = "aborted", "已终止";
    }
}

words! {
    /// What moves a joint inspection on.
    Act {
        /// 发出邀请.
        Invite = "invite", "发出邀请";
        /// 确认: all partners have answered, or there are none to ask.
        Confirm = "confirm", "确认";
        /// Back to the draft to change what partners were asked.
        Revise = "revise", "退回修改";
        /// A further partner is asked after the confirmation.
        Reinvite = "reinvite", "补充邀请";
        /// 锁定名单.
        FreezePool = "freeze_pool", "锁定名单";
        /// The attempt was aborted and the lists are opened again.
        ReleasePool = "release_pool", "解除锁定";
        /// The draw's result stands.
        Draw = "draw", "抽取";
        /// 合并.
        Merge = "merge", "合并入企";
        /// 组队.
        Staff = "staff", "组队派员";
        /// A merge or staffing is put aside after a change.
        Replan = "replan", "重新安排";
        /// 派发.
        Dispatch = "dispatch", "派发";
        /// The first team has arrived.
        Begin = "begin", "开始检查";
        /// 完成.
        Close = "close", "办结";
        /// 终止.
        Abort = "abort", "终止";
    }
}

cycle! {
    "inspection", "联合抽查", Draft;
    Draft: Invite => Inviting;
    Draft: Confirm => Confirmed;
    Draft: Abort => Aborted;
    Inviting: Confirm => Confirmed;
    Inviting: Revise => Draft;
    Inviting: Abort => Aborted;
    Confirmed: Reinvite => Inviting;
    Confirmed: Revise => Draft;
    Confirmed: FreezePool => PoolFrozen;
    Confirmed: Abort => Aborted;
    PoolFrozen: ReleasePool => Confirmed;
    PoolFrozen: Draw => Drawn;
    PoolFrozen: Abort => Aborted;
    Drawn: Merge => Merged;
    Drawn: Abort => Aborted;
    Merged: Staff => Staffed;
    Merged: Replan => Drawn;
    Merged: Abort => Aborted;
    Staffed: Dispatch => Dispatched;
    Staffed: Replan => Drawn;
    Staffed: Abort => Aborted;
    Dispatched: Begin => Inspecting;
    Dispatched: Replan => Drawn;
    Dispatched: Abort => Aborted;
    Inspecting: Close => Closed;
    Inspecting: Abort => Aborted;
}

impl State {
    /// Whether scope, items and partners may still be edited.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft)
    }

    /// Whether assigned inspectors may see their visits: only after dispatch.
    #[must_use]
    pub const fn is_dispatched(self) -> bool {
        matches!(self, Self::Dispatched | Self::Inspecting | Self::Closed)
    }
}
