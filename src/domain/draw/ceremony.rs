//! A whole draw of the ceremony policy in one call, for callers that need the outcome and its transcript at once:
//! planning, demonstrations, tests.

use super::fault::Fault;
use super::record::Opening;
use super::replay::Replayed;
use super::session::{Card, Draft, Secrets, Session};

/// When the steps happen, seconds since 1970 UTC, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timetable {
    /// Opening; before the draft's `not_before`.
    pub open: u64,
    /// Sealing.
    pub seal: u64,
    /// Reveal.
    pub reveal: u64,
    /// Result; before the draft's `deadline`.
    pub result: u64,
}

/// A finished ceremony.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// The draw, whose `public` bundle is the transcript.
    pub session: Session,
    /// The outcome: seed, who is drawn, teams.
    pub outcome: Replayed,
}

/// Runs open, seal, reveal and result. `cards` are the witnesses' values, one per witness of the draft.
///
/// # Errors
/// Whatever any of the steps refuses; see [`Session`].
pub fn run(
    draft: Draft,
    secrets: &Secrets,
    cards: Vec<Opening>,
    at: Timetable,
) -> Result<Ceremony, Vec<Fault>> {
    let mut session = Session::open(draft, secrets, at.open)?;
    session.seal(cards.into_iter().map(Card::Content).collect(), at.seal)?;
    session.reveal(Vec::new(), at.reveal)?;
    session.result(at.result)?;
    let outcome = session.outcome()?;
    Ok(Ceremony { session, outcome })
}
