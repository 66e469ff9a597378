//! The life of a planning run (排期): a preview that is committed or discarded; a committed one is followed by another
//! when something changed.

use super::states::{cycle, words};

words! {
    /// Where a planning run stands.
    State {
        /// Computed; binds nobody.
        Preview = "preview", "预排";
        /// In force.
        Committed = "committed", "已确认";
        /// Put aside.
        Discarded = "discarded", "已放弃";
        /// Followed by a run that took over its visits.
        Superseded = "superseded", "已被新排期取代";
    }
}

words! {
    /// What moves a planning run.
    Act {
        /// 确认.
        Commit = "commit", "确认";
        /// 放弃.
        Discard = "discard", "放弃";
        /// A run that was made from this one is committed.
        Supersede = "supersede", "由新排期取代";
    }
}

cycle! {
    "planning", "排期", Preview;
    Preview: Commit => Committed;
    Preview: Discard => Discarded;
    Committed: Supersede => Superseded;
}

words! {
    /// Whether a seat counts.
    Seat {
        /// In a preview.
        Proposed = "proposed", "拟派";
        /// Drawn and in force.
        Assigned = "assigned", "已派";
        /// Its inspector was replaced, or the visit changed or fell away.
        Vacated = "vacated", "已退出";
    }
}

words! {
    /// What a person does on a visit (岗位).
    Post {
        /// A岗, 主办.
        Lead = "lead_inspector", "主办";
        /// B岗, 协办.
        Second = "second_inspector", "协办";
        /// 队员.
        Member = "member", "队员";
        /// 专家.
        Expert = "expert", "专家";
    }
}

words! {
    /// What the coordinator fixed by hand for the next runs.
    RuleKind {
        /// Tasks, or all tasks of a subject, take place on one given day.
        Pin = "pin", "定日期";
        /// Tasks are done behind a door of their own.
        Split = "split", "单独入企";
    }
}
