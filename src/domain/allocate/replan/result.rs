//! The new answer and what differs from the previous one.

use super::change::{Change, Kind, Left, Spot, Why};
use super::rebuild::{Spell, Work};
use crate::domain::allocate::lottery;
use crate::domain::allocate::staff::{Figures, Member, Post, Staffed, Staffing};
use crate::domain::draw::lots;
use std::collections::HashMap;

/// How much had to be moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Seats of the previous answer whose people cannot come any more (recusal, leave, certificate ...).
    pub seats_hit: usize,
    /// Of those, by the level at which their visit was repaired.
    pub by_level: [usize; 5],
    /// Of those, on visits that have no team now.
    pub open: usize,
    /// Visits of the previous answer that changed in any way, those that vanished included.
    pub touched: usize,
    /// People who now go on a visit on which they did not go.
    pub people: usize,
}

/// The answer after a change.
#[derive(Debug, Clone)]
pub struct Replanned {
    /// The whole answer, visits by number. Members who stay have no lot of this draw: `candidates` is 0.
    pub staffing: Staffing,
    /// Number of each visit.
    pub numbers: Vec<u32>,
    /// What moved, by number.
    pub changes: Vec<Change>,
    /// How much.
    pub tally: Tally,
}

impl Work<'_> {
    /// The answer, with visits by number.
    pub(super) fn finish(mut self, merged: Figures) -> Replanned {
        let mut order: Vec<usize> = (0..self.visits.len()).collect();
        order.sort_by_key(|v| self.number[*v]);
        let post_key = lots::expand(self.seed, "post", self.list, "");
        let staffed: Vec<Option<Staffed>> = order.iter().map(|v| self.staffed(*v, &post_key)).collect();
        let changes = self.changes(&order, &staffed);
        let mut tally = Tally::default();
        for (v, now) in order.iter().zip(&staffed) {
            let note = &self.notes[*v];
            tally.seats_hit += note.hit;
            match note.level.filter(|_| now.is_some()) {
                Some(level) => tally.by_level[usize::from(level.min(4))] += note.hit,
                None if now.is_some() => tally.by_level[0] += note.hit,
                None => tally.open += note.hit,
            }
        }
        for change in &changes {
            let had = self.previous.visits.binary_search_by_key(&change.number, |b| b.number).is_ok();
            tally.touched += usize::from(had);
            tally.people += change.came.len();
        }
        let county = self.county;
        let mut loads: Vec<u64> = county.people.iter().map(|p| u64::from(p.load0)).collect();
        for (v, now) in order.iter().zip(&staffed) {
            for m in now.iter().flat_map(|s| &s.team) {
                loads[m.person as usize] += u64::from(self.visits[*v].occupation(county));
            }
        }
        let visits: Vec<_> = order.iter().map(|v| self.visits[*v].clone()).collect();
        let done = || visits.iter().zip(&staffed).filter(|(_, s)| s.is_some());
        let end = Figures {
            visits: visits.len(),
            staffed: done().count(),
            tasks: visits.iter().map(|v| v.tasks.len()).sum(),
            tasks_staffed: done().map(|(v, _)| v.tasks.len()).sum(),
        };
        Replanned {
            numbers: order.iter().map(|v| self.number[*v]).collect(),
            staffing: Staffing {
                origin: vec![0; visits.len()],
                visits,
                staffed,
                merged,
                end,
                splits: std::mem::take(&mut self.splits),
                loads,
                person_number: std::mem::take(&mut self.person_number),
            },
            changes,
            tally,
        }
    }

    /// The team of a visit with its posts.
    fn staffed(&self, v: usize, post_key: &lots::Key) -> Option<Staffed> {
        let county = self.county;
        let (place, people) = self.kept[v].as_ref()?;
        let drawn = self.drawn.get(&v);
        let mut team: Vec<Member> = Vec::with_capacity(people.len());
        for &p in people {
            let pool = county.people[p as usize].dept;
            let mut member = Member {
                person: p,
                pool,
                post: if county.is_expert_pool[usize::from(pool)] { Post::Expert } else { Post::Member },
                lot: 0,
                weight: 0,
                candidates: 0,
                odds: (0, 0),
                rejected: Vec::new(),
                only_feasible: false,
            };
            let id = &county.input.inspectors[p as usize].id;
            if let Some((seat, _)) = drawn.into_iter().flatten().find(|(s, _)| s.person == p) {
                member.lot = seat.lot;
                member.weight = seat.weight;
                member.candidates = seat.candidates;
                member.odds = seat.odds;
                member.rejected.clone_from(&seat.rejected);
                member.only_feasible = seat.only_feasible;
            } else if let Some(came) = self.notes[v].came.iter().rev().find(|c| c.person == *id)
                && let Some(s) = came.substitutes.iter().find(|s| s.person == p)
            {
                member.lot = s.lot;
                member.weight = s.weight;
                member.candidates = u32::try_from(came.substitutes.len()).unwrap_or(u32::MAX);
                let weights = || came.substitutes.iter().map(|s| s.weight);
                member.odds = (weights().max().unwrap_or(0), weights().sum());
            }
            team.push(member);
        }
        self.posts(v, post_key, &mut team);
        Some(Staffed { day: place.day as usize, start: place.start, team })
    }

    /// Gives posts: those who stay keep theirs; a post without a holder goes by lot, to newcomers and members before
    /// the holder of the other post. The A post needs somebody who may lead if the team has one.
    fn posts(&self, v: usize, key: &lots::Key, team: &mut [Member]) {
        let county = self.county;
        let lead = |p: u32| county.people[p as usize].can_lead && county.input.rules.lead_required;
        let stays: HashMap<&str, Post> = if self.notes[v].redraw {
            HashMap::new()
        } else {
            self.wish(v).iter().flat_map(|s| &s.team).map(|(id, post)| (id.as_str(), *post)).collect()
        };
        let officers: Vec<(u32, u64, bool)> = team
            .iter()
            .filter(|m| m.post != Post::Expert)
            .map(|m| (m.person, self.person_number[m.person as usize], lead(m.person)))
            .collect();
        let old = |p: u32| stays.get(county.input.inspectors[p as usize].id.as_str()).copied();
        let order = lottery::posts(key, u64::from(self.number[v]), &officers);
        let some_lead = officers.iter().any(|(_, _, may)| *may);
        let holder = |post: Post| order.iter().copied().find(|p| old(*p) == Some(post));
        let fit = |p: &u32| !some_lead || lead(*p);
        let second = holder(Post::Second);
        let a = holder(Post::Lead)
            .filter(fit)
            .or_else(|| order.iter().copied().find(|p| fit(p) && Some(*p) != second))
            .or(second.filter(fit));
        let b = second.filter(|p| Some(*p) != a).or_else(|| order.iter().copied().find(|p| Some(*p) != a));
        for m in team.iter_mut().filter(|m| m.post != Post::Expert) {
            if Some(m.person) == a {
                m.post = Post::Lead;
            } else if Some(m.person) == b {
                m.post = Post::Second;
            }
        }
    }

    fn spot(&self, staffed: &Staffed) -> Spot {
        let grid = self.county.grid;
        let start = if staffed.start < grid.am {
            grid.am_start + staffed.start * grid.slot_minutes
        } else {
            grid.pm_start + (staffed.start - grid.am) * grid.slot_minutes
        };
        Spot { date: self.county.days[staffed.day], start }
    }

    /// What moved, by number.
    fn changes(&self, order: &[usize], staffed: &[Option<Staffed>]) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for (v, now) in order.iter().zip(staffed) {
            changes.extend(self.change(*v, now.as_ref()));
        }
        for old in &self.previous.visits {
            if order.binary_search_by_key(&old.number, |v| self.number[*v]).is_ok() {
                continue;
            }
            let team = old.spell.iter().flat_map(|s| &s.team);
            changes.push(Change {
                number: old.number,
                subject: old.subject.clone(),
                kinds: vec![Kind::Vanished],
                level: None,
                split_from: None,
                tasks_out: old.tasks.clone(),
                tasks_in: Vec::new(),
                before: old.spell.as_ref().map(|s| Spot { date: s.date, start: s.start }),
                after: None,
                left: team.map(|(id, _)| Left { person: id.clone(), why: Why::NoVisit }).collect(),
                came: Vec::new(),
                posts: Vec::new(),
            });
        }
        changes.sort_by_key(|c| c.number);
        changes
    }

    fn change(&self, v: usize, now: Option<&Staffed>) -> Option<Change> {
        let county = self.county;
        let id = |p: u32| county.input.inspectors[p as usize].id.as_str();
        let old = self.before[v].map(|b| &self.previous.visits[b]);
        let note = &self.notes[v];
        let tasks: Vec<&str> =
            self.visits[v].tasks.iter().map(|t| county.input.tasks[*t as usize].id.as_str()).collect();
        let had = |t: &str| old.is_some_and(|o| o.tasks.iter().any(|x| x == t));
        let tasks_out: Vec<String> =
            old.iter().flat_map(|o| &o.tasks).filter(|t| !tasks.contains(&t.as_str())).cloned().collect();
        let tasks_in: Vec<String> = tasks.iter().filter(|t| !had(t)).map(|t| (*t).to_owned()).collect();
        let spell: Option<&Spell> = self.spell(v);
        let before = spell.map(|s| Spot { date: s.date, start: s.start });
        let after = now.map(|s| self.spot(s));
        let was = |p: &str| spell.is_some_and(|s| s.team.iter().any(|(x, _)| x == p));
        let team: Vec<(&str, Post)> =
            now.iter().flat_map(|s| &s.team).map(|m| (id(m.person), m.post)).collect();
        let reason = |person: &str| {
            let told = note.left.iter().rev().find(|l| l.person == person).map(|l| l.why);
            match (now, told) {
                (_, Some(why)) => why,
                (None, None) => Why::NoVisit,
                _ if note.redraw => Why::DrawnAgain,
                _ if before != after => Why::NewTime,
                _ => Why::NotNeeded,
            }
        };
        let left: Vec<Left> = spell
            .iter()
            .flat_map(|s| &s.team)
            .filter(|(p, _)| !team.iter().any(|(x, _)| x == p))
            .map(|(p, _)| Left { person: p.clone(), why: reason(p) })
            .collect();
        let came: Vec<super::Came> = team
            .iter()
            .filter(|(p, _)| !was(p))
            .map(|(p, _)| {
                let told = note.came.iter().rev().find(|c| c.person == *p && !note.redraw);
                told.cloned().unwrap_or_else(|| super::Came {
                    person: (*p).to_owned(),
                    instead_of: String::new(),
                    substitutes: Vec::new(),
                })
            })
            .collect();
        let posts: Vec<(String, Post)> = spell
            .iter()
            .flat_map(|s| &s.team)
            .filter_map(|(p, post)| {
                let (_, new) = team.iter().find(|(x, _)| x == p)?;
                (new != post).then(|| (p.clone(), *new))
            })
            .collect();
        let mut kinds = Vec::new();
        let mut say = |is: bool, kind: Kind| {
            if is {
                kinds.push(kind);
            }
        };
        let moved = before.zip(after);
        say(before.is_some() && now.is_some() && (!left.is_empty() || !came.is_empty()), Kind::Replaced);
        say(!posts.is_empty(), Kind::Posts);
        say(moved.is_some_and(|(b, a)| b.date == a.date && b.start != a.start), Kind::MovedTime);
        say(moved.is_some_and(|(b, a)| b.date != a.date), Kind::MovedDay);
        say(!tasks_out.is_empty(), Kind::Shrunk);
        say(old.is_some() && !tasks_in.is_empty(), Kind::Grown);
        say(old.is_none() && note.split_from.is_none(), Kind::New);
        say(old.is_none() && note.split_from.is_some(), Kind::SplitOff);
        say(before.is_some() && after.is_none(), Kind::BecameUnstaffed);
        say(old.is_some() && before.is_none() && after.is_some(), Kind::BecameStaffed);
        if kinds.is_empty() {
            return None;
        }
        Some(Change {
            number: self.number[v],
            subject: county.input.subjects[self.visits[v].subject as usize].key.clone(),
            kinds,
            level: note.level.filter(|_| now.is_some()),
            split_from: note.split_from,
            tasks_out,
            tasks_in,
            before,
            after,
            left,
            came,
            posts,
        })
    }
}
