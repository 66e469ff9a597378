//! 突击检查的保密: until when the outcome of a draw for unannounced visits is nobody else's business.
//!
//! An unannounced visit that its subject can foresee is none, so the list is told to nobody before the visits have begun
//! (VDR/1 section 2.14: the hash is public, the list is not). What commits the county stays public from the first moment:
//! that there is a draw, its `draw_id`, its rules by their digest, its sealed commitments. What would let anybody compute
//! the drawn (the secret, the cards, the beacon, the seed, the openings) comes out when there is nothing left to foresee.

use super::draw_state;
use super::inspection;

/// What the embargo of one joint inspection depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether its visits, or some of them, are unannounced: by its own rule, or by that of an item chosen in it.
    pub surprise: bool,
    /// Where it stands.
    pub stage: inspection::State,
    /// Whether an unannounced on-site task still waits: it is neither cancelled nor done, and no team has been there.
    pub waiting: bool,
}

impl Facts {
    /// Whether there is nothing to foresee any more: 办结, or called off.
    const fn over(self) -> bool {
        matches!(self.stage, inspection::State::Closed | inspection::State::Aborted)
    }
}

/// Whether those outside the inspection are told nothing about whom and when: its announcement, its drawn.
#[must_use]
pub const fn is_held(facts: Facts) -> bool {
    !facts.over() && facts.waiting
}

/// Whether the records of one of its draws after the sealed commitments are kept back. `later` says that it is no first
/// round, so that its bundle tells of the rounds before it.
///
/// Before its result nobody has tasks yet, but under a public beacon everything revealed lets the whole world compute the
/// drawn the moment the beacon is out. An attempt that was aborted drew nobody, and Rule A asks that it be opened.
#[must_use]
pub const fn is_draw_held(facts: Facts, state: draw_state::State, later: bool) -> bool {
    if facts.over() {
        return false;
    }
    match state {
        draw_state::State::Aborted => later && facts.waiting,
        draw_state::State::Resulted | draw_state::State::Published => facts.waiting,
        _ => facts.surprise || facts.waiting,
    }
}

/// Whether an embargo draw may be published: nobody waits to be surprised, or the last day of the visits is past, so
/// that the promise `publish-by` of the opening can be kept whatever happens.
#[must_use]
pub const fn may_publish(facts: Facts, past_window: bool) -> bool {
    !is_held(facts) || past_window
}

#[cfg(test)]
mod tests {
    use super::*;
    use draw_state::State as Draw;
    use inspection::State as Stage;

    fn all() -> impl Iterator<Item = Facts> {
        Stage::ALL.iter().flat_map(|stage| {
            [(true, true), (true, false), (false, true), (false, false)].map(|(surprise, waiting)| Facts {
                surprise,
                stage: *stage,
                waiting,
            })
        })
    }

    #[test]
    fn whoever_waits_is_told_of_nowhere() {
        for facts in all() {
            let over = matches!(facts.stage, Stage::Closed | Stage::Aborted);
            assert_eq!(is_held(facts), facts.waiting && !over, "{facts:?}");
            for state in Draw::ALL {
                let held = is_draw_held(facts, *state, false);
                // A result is held exactly as long as the drawn wait; an aborted first round never.
                match state {
                    Draw::Resulted | Draw::Published => assert_eq!(held, is_held(facts)),
                    Draw::Aborted => assert!(!held),
                    _ => assert_eq!(held, !over && (facts.surprise || facts.waiting)),
                }
                // A later round never tells more than the first.
                assert!(!held || is_draw_held(facts, *state, true));
                assert!(!over || !held);
            }
        }
    }

    #[test]
    fn a_later_attempt_that_was_aborted_tells_nothing_of_the_round_before() {
        let facts = Facts { surprise: true, stage: Stage::Dispatched, waiting: true };
        assert!(is_draw_held(facts, Draw::Aborted, true));
        assert!(!is_draw_held(Facts { waiting: false, ..facts }, Draw::Aborted, true));
    }

    #[test]
    fn an_announced_inspection_hides_nothing() {
        for facts in all().filter(|f| !f.surprise && !f.waiting) {
            assert!(!is_held(facts));
            assert!(Draw::ALL.iter().all(|state| !is_draw_held(facts, *state, true)));
            assert!(may_publish(facts, false));
        }
    }

    #[test]
    fn the_promised_day_can_always_be_kept() {
        assert!(all().all(|facts| may_publish(facts, true)));
        assert!(!may_publish(Facts { surprise: true, stage: Stage::Drawn, waiting: true }, false));
    }
}
