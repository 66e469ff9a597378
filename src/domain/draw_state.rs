//! The life of one attempt at a draw, as VDR/1 orders its records: opened, sealed, revealed, result; an attempt that ended
//! is never taken up again, a new one is opened (Rule A).

use super::draw::record::Policy;
use super::states::{Cycle, Refused, cycle, words};

words! {
    /// Where an attempt stands.
    State {
        /// The open record stands: pools, quotas, witnesses are fixed.
        Opened = "opened", "已开启";
        /// All commitments are in and sealed.
        Sealed = "sealed", "已封存承诺";
        /// All secrets are revealed.
        Revealed = "revealed", "已揭示";
        /// The beacon's value is in (policies public and embargo).
        Beaconed = "beaconed", "已取信标";
        /// The result stands.
        Resulted = "resulted", "已出结果";
        /// The embargo's lists are public.
        Published = "published", "已公开";
        /// Ended without result, with a reason; kept for ever.
        Aborted = "aborted", "已作废";
    }
}

words! {
    /// What moves an attempt.
    Act {
        /// 封存承诺.
        Seal = "seal", "封存承诺";
        /// 揭示.
        Reveal = "reveal", "揭示";
        /// 取信标.
        TakeBeacon = "take_beacon", "取信标";
        /// 出结果.
        Result = "result", "出结果";
        /// 公开.
        Publish = "publish", "公开";
        /// 作废.
        Abort = "abort", "作废";
    }
}

cycle! {
    "draw", "抽取", Opened;
    Opened: Seal => Sealed;
    Opened: Abort => Aborted;
    Sealed: Reveal => Revealed;
    Sealed: Abort => Aborted;
    Revealed: TakeBeacon => Beaconed;
    Revealed: Result => Resulted;
    Revealed: Abort => Aborted;
    Beaconed: Result => Resulted;
    Beaconed: Abort => Aborted;
    Resulted: Publish => Published;
}

/// Whether a draw policy knows an act in a state: a ceremony has no beacon, the others no result without one, and only an
/// embargo publishes later (VDR/1 section 2.10).
fn known(policy: Policy, state: State, act: Act) -> bool {
    match act {
        Act::TakeBeacon => policy != Policy::Ceremony,
        Act::Result => policy == Policy::Ceremony || state == State::Beaconed,
        Act::Publish => policy == Policy::Embargo,
        _ => true,
    }
}

/// The state after an act under a draw policy.
///
/// # Errors
/// The table or the policy does not allow it; the refusal lists what both allow.
pub fn next_under(policy: Policy, state: State, act: Act) -> Result<State, Refused> {
    if known(policy, state, act) {
        return next(state, act).map_err(|refused| narrowed(policy, state, refused));
    }
    let way = match policy {
        Policy::Public => "公开",
        Policy::Embargo => "延后公开",
        Policy::Ceremony => "现场仪式",
    };
    let text = format!("{way}方式的抽取处于“{}”,不能{}", state.word(), act.word());
    let refused =
        Refused { thing: State::THING, state: state.as_str(), act: act.as_str(), allowed: Vec::new(), text };
    Err(narrowed(policy, state, refused))
}

fn narrowed(policy: Policy, state: State, mut refused: Refused) -> Refused {
    let allowed = state.allowed().into_iter().filter(|act| known(policy, state, *act));
    refused.allowed = allowed.map(Act::as_str).collect();
    refused
}
