//! Draws behind the login: the operator's desk, the screen for a projector, the witness's page.

mod audit;
mod desk;
mod later;
mod list;
mod parties;
mod screen;
mod witness;

#[cfg(test)]
use super::Page;
use super::ui::Ui;
use crate::domain::draw_state::State;
use crate::store::draws::Witness;
use crate::web::router::Router;

pub(super) fn pages(r: &mut Router) {
    list::pages(r);
    desk::pages(r);
    later::pages(r);
    audit::pages(r);
    screen::pages(r);
    witness::pages(r);
}

/// A witness as the desk and the screen show him.
pub(super) struct Seat {
    pub(super) token: String,
    pub(super) commitment: String,
    pub(super) opened: bool,
}

impl Seat {
    /// A card that the server keeps is opened when everything is revealed.
    fn of(w: &Witness, state: State) -> Self {
        let revealed =
            matches!(state, State::Revealed | State::Beaconed | State::Resulted | State::Published);
        Self {
            token: w.token.clone(),
            commitment: w.commitment.clone(),
            opened: revealed || w.revealed_at.is_some(),
        }
    }
}

/// A step of the ceremony, and how far it is.
pub(super) struct Step {
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// The steps of a draw under its policy.
pub(super) fn steps(ui: &Ui, state: State, beacons: bool, embargo: bool) -> Vec<Step> {
    let mut road = vec![
        ("pool", None),
        ("open", Some(State::Opened)),
        ("seal", Some(State::Sealed)),
        ("reveal", Some(State::Revealed)),
    ];
    if beacons {
        road.push(("beacon", Some(State::Beaconed)));
    }
    road.push(("result", Some(State::Resulted)));
    if embargo {
        road.push(("publish", Some(State::Published)));
    }
    let aborted = state == State::Aborted;
    // A draw without embargo ends with its result.
    let reached = road.iter().rposition(|(_, s)| *s == Some(state)).unwrap_or(0);
    let mut list: Vec<Step> = road
        .iter()
        .enumerate()
        .map(|(i, (name, _))| Step {
            text: ui.t(&format!("draw-step-{name}")),
            class: if aborted {
                ""
            } else if i <= reached {
                "past"
            } else if i == reached + 1 {
                "now"
            } else {
                ""
            },
        })
        .collect();
    if aborted {
        list.push(Step { text: ui.t("draw-step-abort"), class: "now ended" });
    }
    list
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let parts = [
        list::samples(ui),
        desk::samples(ui),
        later::samples(ui),
        audit::samples(ui),
        screen::samples(ui),
        witness::samples(ui),
    ];
    parts.into_iter().flatten().collect()
}
