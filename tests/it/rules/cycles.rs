//! Every life cycle: what its table reaches, where it ends, what it refuses.

use onedoor::domain::draw::record::Policy;
use onedoor::domain::states::{Cycle, Word};
use onedoor::domain::{case_filing, commission, draw_state, inspection, invitation, item, mailing};
use onedoor::domain::{rectification, referral, replacement, return_visit, visit_state, voice};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn names<W: Word>() -> BTreeSet<&'static str> {
    for word in W::ALL {
        assert_eq!(W::parse(word.as_str()).map(W::as_str), Some(word.as_str()));
        assert!(
            word.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !word.word().is_ascii()
        );
    }
    assert!(W::parse("").is_none() && W::parse("DRAFT").is_none());
    let words: BTreeSet<_> = W::ALL.iter().map(|w| w.word()).collect();
    assert_eq!(words.len(), W::ALL.len(), "Chinese words are distinct");
    W::ALL.iter().map(|w| w.as_str()).collect()
}

/// Checks a table and returns its final states.
fn walk<S: Cycle + std::fmt::Debug>() -> Vec<&'static str> {
    assert_eq!(names::<S>().len(), S::ALL.len());
    assert_eq!(names::<S::Act>().len(), S::Act::ALL.len());
    let keys: BTreeSet<_> = S::TRANSITIONS.iter().map(|(s, a, _)| (s.as_str(), a.as_str())).collect();
    assert_eq!(keys.len(), S::TRANSITIONS.len(), "an act leads to one state");
    let used: BTreeSet<_> = S::TRANSITIONS.iter().map(|(_, a, _)| a.as_str()).collect();
    assert_eq!(used, names::<S::Act>(), "every act is of use");
    let mut reached = vec![S::FIRST];
    for i in 0.. {
        let Some(state) = reached.get(i).copied() else { break };
        for act in S::Act::ALL {
            match (state.after(*act), S::TRANSITIONS.iter().find(|(s, a, _)| *s == state && a == act)) {
                (Ok(to), Some((_, _, expected))) => {
                    assert_eq!(to, *expected);
                    if !reached.contains(&to) {
                        reached.push(to);
                    }
                }
                (Err(refused), None) => {
                    assert_eq!((refused.state, refused.act), (state.as_str(), act.as_str()));
                    assert!(refused.text.contains(state.word()) && refused.text.contains(act.word()));
                    let allowed: Vec<_> = state.allowed().into_iter().map(|a| a.as_str()).collect();
                    assert_eq!(refused.allowed, allowed);
                    assert!(state.allowed().iter().all(|a| refused.text.contains(a.word())));
                }
                (outcome, row) => unreachable!("{state:?} {}: {outcome:?} {}", act.as_str(), row.is_some()),
            }
        }
    }
    assert_eq!(reached.len(), S::ALL.len(), "every state is reached");
    // From everywhere there is a way to an end, where there are ends.
    let ends: Vec<S> = S::ALL.iter().copied().filter(|s| s.is_final()).collect();
    for state in S::ALL {
        let mut seen = vec![*state];
        for i in 0.. {
            let Some(at) = seen.get(i).copied() else { break };
            for (_, _, to) in S::TRANSITIONS.iter().filter(|(from, _, _)| *from == at) {
                if !seen.contains(to) {
                    seen.push(*to);
                }
            }
        }
        assert!(ends.is_empty() || seen.iter().any(|s| ends.contains(s)), "{state:?} has no way to an end");
    }
    ends.into_iter().map(S::as_str).collect()
}

#[test]
fn the_tables_are_whole() {
    assert_eq!(walk::<inspection::State>(), ["closed", "aborted"]);
    // A department whose invitation was withdrawn can be invited again.
    assert_eq!(walk::<invitation::State>(), [""; 0]);
    assert_eq!(walk::<item::State>(), ["retired"]);
    assert_eq!(walk::<visit_state::State>(), ["done", "cancelled"]);
    assert_eq!(walk::<draw_state::State>(), ["published", "aborted"]);
    assert_eq!(walk::<replacement::State>(), ["rejected", "withdrawn", "redrawn", "lapsed"]);
    assert_eq!(walk::<rectification::State>(), ["fulfilled", "case_filed"]);
    assert_eq!(walk::<referral::State>(), ["closed"]);
    assert_eq!(walk::<case_filing::State>(), ["closed"]);
    assert_eq!(walk::<mailing::State>(), ["listed", "reached"]);
    assert_eq!(walk::<commission::State>(), ["reported", "cancelled"]);
    assert_eq!(walk::<voice::State>(), ["closed"]);
    assert_eq!(walk::<return_visit::State>(), ["drawn"]);
}

#[test]
fn names_are_those_stored() {
    let text = serde_json::to_string(&inspection::State::PoolFrozen).unwrap();
    assert_eq!(text, "\"pool_frozen\"");
    for state in inspection::State::ALL {
        let text = serde_json::to_string(state).unwrap();
        assert_eq!(text, format!("\"{state}\""));
        assert_eq!(serde_json::from_str::<inspection::State>(&text).unwrap(), *state);
    }
}

#[test]
fn a_draw_s_policy_narrows_its_table() {
    use draw_state::{Act, State, next_under};
    assert!(next_under(Policy::Ceremony, State::Revealed, Act::Result).is_ok());
    assert!(next_under(Policy::Embargo, State::Resulted, Act::Publish).is_ok());
    for (policy, state, act) in [
        (Policy::Ceremony, State::Revealed, Act::TakeBeacon),
        (Policy::Public, State::Revealed, Act::Result),
        (Policy::Embargo, State::Revealed, Act::Result),
        (Policy::Public, State::Resulted, Act::Publish),
        (Policy::Ceremony, State::Resulted, Act::Publish),
        (Policy::Public, State::Resulted, Act::Abort),
        (Policy::Public, State::Aborted, Act::Seal),
    ] {
        let refused = next_under(policy, state, act).unwrap_err();
        assert!(!refused.allowed.contains(&act.as_str()), "{refused:?}");
    }
}

proptest! {
    #[test]
    fn an_inspection_is_drawn_on_frozen_lists_and_seen_after_dispatch(acts in prop::collection::vec(0..inspection::Act::ALL.len(), 0..40)) {
        let mut state = inspection::State::Draft;
        let mut frozen = false;
        for act in acts.into_iter().map(|i| inspection::Act::ALL[i]) {
            if let Ok(to) = inspection::next(state, act) {
                if act == inspection::Act::FreezePool { frozen = true; }
                if matches!(act, inspection::Act::ReleasePool) { frozen = false; }
                if to == inspection::State::Drawn { prop_assert!(frozen); }
                prop_assert!(!to.is_dispatched() || frozen);
                state = to;
            }
        }
    }
}
