//! Where repair loses too many tasks: wider searches, and at last a free one, of which only what was needed stays.

use super::desk::Desk;
use super::rebuild::Work;
use crate::domain::allocate::keyed::Stream;
use crate::domain::allocate::lns;
use crate::domain::allocate::model::Model;
use crate::domain::allocate::state::{Place, State};
use crate::domain::draw::lots;

/// One task in so many may be lost before the search goes further.
const TOLERATED: usize = 500;
/// How many times as far as at first the wider searches go.
const WIDER: [usize; 2] = [2, 4];
/// Free searches at most; each is kept only if it gains tasks.
const FREE: u64 = 3;
/// Rounds of a free search per open visit, in units of the effort, and at least.
const ROUNDS: (usize, usize) = (4, 12_000);

impl Work<'_> {
    /// Tasks of visits that the change left without people.
    fn tasks_lost(&self) -> usize {
        (0..self.visits.len()).filter(|v| self.open(*v)).map(|v| self.visits[v].tasks.len()).sum()
    }

    /// Goes further as long as too many tasks are lost.
    pub(super) fn widen(&mut self) {
        let all: usize = self.visits.iter().map(|v| v.tasks.len()).sum();
        let too_many = |work: &Self| work.tasks_lost() * TOLERATED > all;
        for reach in WIDER {
            if !too_many(self) {
                break;
            }
            self.reach = reach;
            self.search(100 * reach as u64);
            if self.terms.unmerge {
                self.split();
            }
        }
        for attempt in 0..FREE {
            if !too_many(self) || !self.free_search(attempt) {
                break;
            }
            if self.terms.unmerge {
                self.split();
            }
        }
        self.reach = 1;
    }

    /// A search in which every visit may move, for as many tasks as possible; then what moved without need is put
    /// back. False, and nothing changed, if it gains nothing.
    fn free_search(&mut self, attempt: u64) -> bool {
        let mut model = Model::new(self.county, &self.visits, &self.roster);
        for (v, visit) in model.visits.iter_mut().enumerate() {
            visit.days = visit.days.and(self.allowed(v));
        }
        let mut desk = Desk::new(self, &model);
        let before: Vec<(Option<Place>, Vec<u32>)> =
            (0..self.visits.len()).map(|v| (desk.state.place[v], seats(&model, &desk.state, v))).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a visit has few tasks")]
        let weight: Vec<u32> = self.visits.iter().map(|v| v.tasks.len() as u32).collect();
        let lack = |state: &State| -> u64 {
            state.place.iter().zip(&weight).filter(|(p, _)| p.is_none()).map(|(_, w)| u64::from(*w)).sum()
        };
        let open = (0..self.visits.len()).filter(|v| self.open(*v)).count();
        let rounds = (open * ROUNDS.0 * self.terms.effort).max(ROUNDS.1).min(self.terms.most_rounds);
        let key = lots::expand(self.seed, "replace", self.list, "free");
        let was = lack(&desk.state);
        lns::improve(
            &model,
            &mut desk.state,
            &weight,
            &mut Stream::new(&key, attempt),
            (0, rounds, rounds),
            0,
        );
        if lack(&desk.state) >= was {
            return false;
        }
        put_back(&model, &mut desk.state, &before);
        for (v, (place, team)) in before.iter().enumerate() {
            if desk.state.place[v].is_some()
                && (desk.state.place[v] != *place || seats(&model, &desk.state, v) != *team)
            {
                self.notes[v].redraw = true;
                self.notes[v].level = Some(4);
            }
        }
        self.kept = desk.kept();
        true
    }
}

fn seats(model: &Model<'_>, state: &State, v: usize) -> Vec<u32> {
    state.seats[state.seats_of(model, v)].to_vec()
}

/// Gives visits that moved their old time and people again where nobody else has them now, as long as that helps.
fn put_back(model: &Model<'_>, state: &mut State, before: &[(Option<Place>, Vec<u32>)]) {
    loop {
        let mut changed = false;
        for (v, (place, team)) in before.iter().enumerate() {
            let (Some(old), Some(now)) = (*place, state.place[v]) else { continue };
            let here = seats(model, state, v);
            if old == now && here == *team {
                continue;
            }
            state.take(model, v);
            let visit = &model.visits[v];
            let window = Model::window(visit.len, old.start);
            let people = || team.iter().filter(|p| **p != crate::domain::allocate::state::NOBODY);
            let free = people().all(|p| state.free(model, *p, old.day as usize, window, visit.minutes));
            if free {
                state.put(model, v, old, team);
                changed = true;
            } else {
                state.put(model, v, now, &here);
            }
        }
        if !changed {
            break;
        }
    }
}
