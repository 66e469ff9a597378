//! 候补名单: the order in which those who could take a seat were drawn.

use super::change::Substitute;
use super::desk::Desk;
use super::rebuild::Work;
use super::visit_name;
use crate::domain::allocate::team;
use crate::domain::draw::lots;
use crate::domain::planning::token;

/// A seat that was drawn: the person, and the list.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub(super) person: u32,
    pub(super) list: Vec<Substitute>,
}

impl Work<'_> {
    /// The candidates for the seat of `leaving` on a visit in drawn order; see the module above for the key.
    pub(super) fn order(
        &self,
        desk: &Desk<'_, '_>,
        v: usize,
        leaving: &str,
        attempt: u8,
        people: &[u32],
    ) -> Vec<Substitute> {
        let leaving = if leaving.is_empty() { "-".to_owned() } else { token(leaving) };
        let unit = format!("{},{leaving},{attempt}", visit_name(self.number[v]));
        let key = lots::expand(self.seed, "replace", self.list, &unit);
        let minutes = desk.model.visits[v].minutes;
        let least = people.iter().map(|p| desk.loads.rate_in(*p, minutes)).min().unwrap_or(0);
        let mut list: Vec<Substitute> = people
            .iter()
            .map(|p| Substitute {
                person: *p,
                lot: lots::lot(&key, 0, self.person_number[*p as usize]),
                weight: desk.loads.weight(*p, minutes, least),
            })
            .collect();
        list.sort_unstable_by_key(|s| {
            (s.lot / u128::from(s.weight), s.lot, self.person_number[s.person as usize])
        });
        list
    }

    /// Draws the people who complete `kept` to `heads`, seat after seat; `leaving` names for whom they come, in
    /// order. Somebody without whom the rest could not be completed is passed over.
    #[expect(clippy::too_many_arguments, reason = "a draw is all of these")]
    pub(super) fn fill(
        &self,
        desk: &Desk<'_, '_>,
        r: usize,
        day: usize,
        kept: &[u32],
        heads: usize,
        free: &[u32],
        leaving: &[String],
        attempt: u8,
    ) -> Option<Vec<Drawn>> {
        let model = desk.model;
        let req = &model.reqs[r];
        let mut chosen = kept.to_vec();
        let mut drawn = Vec::new();
        while chosen.len() < heads {
            let field: Vec<u32> = free
                .iter()
                .copied()
                .filter(|p| !chosen.contains(p) && team::goes_with(model, req.pair, *p, &chosen))
                .collect();
            let leaves = leaving.get(drawn.len()).map_or("", String::as_str);
            let list = self.order(desk, req.visit as usize, leaves, attempt, &field);
            let pick = list.iter().map(|s| s.person).find(|p| {
                chosen.push(*p);
                let have = chosen.iter().fold(0, |h, q| h | model.certs[*q as usize * model.days + day]);
                let rest: Vec<(u32, u32)> =
                    free.iter().filter(|q| !chosen.contains(q)).map(|q| (0, *q)).collect();
                let mut team = chosen.clone();
                let fits =
                    team::complete(model, day, req.pair, &rest, req.need & !have, heads, &mut team).is_some();
                chosen.pop();
                fits
            })?;
            chosen.push(pick);
            drawn.push(Drawn { person: pick, list });
        }
        Some(drawn)
    }
}
