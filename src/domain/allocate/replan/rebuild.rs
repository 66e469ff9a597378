//! The previous answer seen with the eyes of the changed county: which visits there still are, and who of their
//! people can still come.

use super::Terms;
use super::change::{Came, Left, Why};
use super::desk::Desk;
use crate::domain::allocate::lottery::Seat;
use crate::domain::allocate::model::Model;
use crate::domain::allocate::staff::{Post, person_numbers};
use crate::domain::allocate::state::Place;
use crate::domain::allocate::unmerge::Split;
use crate::domain::draw::lots;
use crate::domain::planning::dayset::DaySet;
use crate::domain::planning::{Instance, Visit};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// When a visit was to be and who was to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    /// Day.
    pub date: NaiveDate,
    /// Start, in minutes since midnight.
    pub start: u32,
    /// People (人员编号) with their posts, in the order of the file.
    pub team: Vec<(String, Post)>,
}

/// A visit of the previous answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Its number: `V000001` is 0.
    pub number: u32,
    /// Key of its subject.
    pub subject: String,
    /// Its tasks (任务编号).
    pub tasks: Vec<String>,
    /// Its day, time and team; none when it was not staffed.
    pub spell: Option<Spell>,
}

/// The previous answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Previous {
    /// Visits, by number, each number once.
    pub visits: Vec<Before>,
    /// Tasks that were drawn from plans, off-site ones and those without a visit included: (任务编号, key of the
    /// subject). Empty when the tasks were given.
    pub drawn: Vec<(String, String)>,
}

/// What is to be remembered of a visit while planning.
#[derive(Debug, Clone, Default)]
pub(super) struct Note {
    /// Level at which its people were found.
    pub(super) level: Option<u8>,
    /// Seats hit: people who cannot come any more.
    pub(super) hit: usize,
    /// Why people left.
    pub(super) left: Vec<Left>,
    /// Who came, with lists of substitutes.
    pub(super) came: Vec<Came>,
    /// Visit it was split off from.
    pub(super) split_from: Option<u32>,
    /// People of the whole team are to be drawn again.
    pub(super) redraw: bool,
}

/// A place and people, apart from any model.
pub(super) type Kept = Option<(Place, Vec<u32>)>;

/// The work: visits of the new answer in the making.
pub(super) struct Work<'a> {
    pub(super) county: &'a Instance,
    pub(super) previous: &'a Previous,
    pub(super) seed: &'a [u8; 32],
    pub(super) list: &'a str,
    pub(super) terms: &'a Terms,
    pub(super) roster: lots::Key,
    pub(super) person_number: Vec<u64>,
    pub(super) person_ix: HashMap<&'a str, u32>,
    /// Visits, with their numbers, the place of their earlier self in `previous`, and notes.
    pub(super) visits: Vec<Visit>,
    pub(super) number: Vec<u32>,
    pub(super) before: Vec<Option<usize>>,
    /// Whose people each visit would like to keep: itself, or what it was split off from.
    pub(super) kin: Vec<Option<usize>>,
    pub(super) notes: Vec<Note>,
    /// Where each visit stands.
    pub(super) kept: Vec<Kept>,
    /// Tasks in no visit yet.
    pub(super) loose: Vec<u32>,
    /// Next free number.
    pub(super) next: u32,
    /// Seats drawn by the final draw, by visit.
    pub(super) drawn: BTreeMap<usize, Vec<(Seat, u16)>>,
    /// Days on which something may be put.
    pub(super) open_days: DaySet,
    /// How far level 4 may go: 1, and more where that was not enough (see `widen`).
    pub(super) reach: usize,
    /// Splits made.
    pub(super) splits: Vec<Split>,
    /// Whether something had to change.
    pub(super) stirred: bool,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        county: &'a Instance,
        previous: &'a Previous,
        seed: &'a [u8; 32],
        list: &'a str,
        terms: &'a Terms,
    ) -> Self {
        let task_ix: HashMap<&str, u32> =
            (0_u32..).zip(&county.input.tasks).map(|(i, t)| (t.id.as_str(), i)).collect();
        let person_ix = (0_u32..).zip(&county.input.inspectors).map(|(i, p)| (p.id.as_str(), i)).collect();
        let mut housed = vec![false; county.tasks.len()];
        let (mut visits, mut number, mut before) = (Vec::new(), Vec::new(), Vec::new());
        let mut stirred = false;
        for (b, old) in previous.visits.iter().enumerate() {
            let day = old.spell.as_ref().and_then(|s| county.days.binary_search(&s.date).ok());
            let mut tasks: Vec<u32> = old
                .tasks
                .iter()
                .filter_map(|id| task_ix.get(id.as_str()).copied())
                .filter(|t| {
                    let task = &county.tasks[*t as usize];
                    task.on_site
                        && !task.days.is_empty()
                        && !housed[*t as usize]
                        && county.input.subjects[task.subject as usize].key == old.subject
                })
                .collect();
            tasks.sort_unstable();
            stirred |= tasks.len() != old.tasks.len();
            if tasks.is_empty() {
                continue;
            }
            // Whole if it may be; else as many tasks as may stay together, those that can be done on its day first.
            let (mut visit, faults) = Visit::new(county, tasks.clone());
            if !faults.is_empty() {
                stirred = true;
                let on_day = |t: &u32| day.is_some_and(|d| county.tasks[*t as usize].days.contains(d));
                tasks.sort_by_key(|t| (!on_day(t), *t));
                let mut stay: Vec<u32> = Vec::new();
                for t in tasks {
                    stay.push(t);
                    if !Visit::new(county, stay.clone()).1.is_empty() {
                        stay.pop();
                    }
                }
                if stay.is_empty() {
                    continue;
                }
                visit = Visit::new(county, stay).0;
            }
            visit.tasks.iter().for_each(|t| housed[*t as usize] = true);
            visits.push(visit);
            number.push(old.number);
            before.push(Some(b));
        }
        let loose: Vec<u32> = (0_u32..)
            .zip(&county.tasks)
            .filter(|(t, task)| task.on_site && !task.days.is_empty() && !housed[*t as usize])
            .map(|(t, _)| t)
            .collect();
        let from = terms.from.map_or(0, |date| county.days.partition_point(|d| *d < date));
        Self {
            county,
            previous,
            seed,
            list,
            terms,
            roster: lots::expand(seed, "roster", list, ""),
            person_number: person_numbers(county),
            person_ix,
            notes: vec![Note::default(); visits.len()],
            kept: vec![None; visits.len()],
            next: previous.visits.iter().map(|v| v.number + 1).max().unwrap_or(0),
            stirred: stirred || !loose.is_empty(),
            visits,
            number,
            kin: before.clone(),
            before,
            loose,
            drawn: BTreeMap::new(),
            reach: 1,
            splits: Vec::new(),
            open_days: (from..county.days.len()).collect(),
        }
    }

    /// The earlier day, start and people of a visit.
    pub(super) fn spell(&self, v: usize) -> Option<&'a Spell> {
        self.before[v].and_then(|b| self.previous.visits[b].spell.as_ref())
    }

    /// The day, start and people whom a visit would like to keep.
    pub(super) fn wish(&self, v: usize) -> Option<&'a Spell> {
        self.kin[v].and_then(|b| self.previous.visits[b].spell.as_ref())
    }

    /// The starting slot of a time of day.
    pub(super) fn slot(&self, minute: u32) -> Option<u32> {
        let grid = self.county.grid;
        let am = minute.checked_sub(grid.am_start).filter(|m| m % grid.slot_minutes == 0);
        let pm = minute.checked_sub(grid.pm_start).filter(|m| m % grid.slot_minutes == 0);
        pm.map(|m| grid.am + m / grid.slot_minutes)
            .or_else(|| am.map(|m| m / grid.slot_minutes).filter(|s| *s < grid.am))
            .filter(|s| *s < grid.slots())
    }

    /// Where a visit was to be, when that is still possible for what it is now.
    fn old_place(&self, model: &Model<'_>, v: usize) -> Option<Place> {
        let spell = self.spell(v)?;
        let day = self.county.days.binary_search(&spell.date).ok()?;
        let start = self.slot(spell.start)?;
        let fits = self.visits[v].days.contains(day)
            && model.startable[model.visits[v].len as usize] >> start & 1 == 1
            && !self.visits[v].lacks_expert_pool;
        #[expect(clippy::cast_possible_truncation, reason = "at most 256 days")]
        fits.then_some(Place { day: day as u32, start })
    }

    /// Days a visit may be put on: those told keep theirs.
    pub(super) fn allowed(&self, v: usize) -> DaySet {
        let all = self.visits[v].days;
        let Some(spell) = self.spell(v) else { return all.and(self.open_days) };
        let fixed = self.terms.notified.contains(&self.number[v])
            || self.terms.notified_before.is_some_and(|d| spell.date < d)
            || self.terms.from.is_some_and(|d| spell.date < d);
        match self.county.days.binary_search(&spell.date) {
            // A day on which it cannot be any more is no promise that could be kept.
            Ok(day) if fixed && all.contains(day) => all.and(std::iter::once(day).collect()),
            _ => all.and(self.open_days),
        }
    }

    /// Puts every visit back where it was with everybody who can still come; repairs the rest at levels 0 to 3.
    pub(super) fn settle(&mut self) {
        let model = Model::new(self.county, &self.visits, &self.roster);
        let mut desk = Desk::new(self, &model);
        let mut hit = Vec::new();
        for v in 0..model.visits.len() {
            let Some(spell) = self.spell(v) else { continue };
            match self.old_place(&model, v) {
                Some(place) => {
                    let (team, left) = self.remaining(&model, &desk, v, place);
                    if !left.is_empty() {
                        self.stirred = true;
                    }
                    self.notes[v].hit = left.iter().filter(|l| l.why != Why::NotNeeded).count();
                    self.notes[v].left = left;
                    desk.sit(v, place, &team);
                    if !desk.complete(v) {
                        hit.push(v);
                    }
                }
                None => {
                    // Its time is not possible any more: everybody's seat is hit.
                    self.notes[v].hit = spell.team.len();
                    hit.push(v);
                }
            }
        }
        self.stirred |= !hit.is_empty();
        desk.load_all();
        self.repair(&mut desk, hit);
        self.kept = desk.kept();
    }

    /// Puts visits that stand nowhere where they keep most of their people (level 3), the others staying as they are.
    pub(super) fn fill_open(&mut self) {
        let model = Model::new(self.county, &self.visits, &self.roster);
        let mut desk = Desk::new(self, &model);
        desk.load_all();
        let open = (0..self.visits.len()).filter(|v| self.kept[*v].is_none()).collect();
        self.repair(&mut desk, open);
        self.kept = desk.kept();
    }

    /// Who of the earlier team can still come at the visit's old place, and why the others cannot.
    fn remaining(
        &self,
        model: &Model<'_>,
        desk: &Desk<'_, '_>,
        v: usize,
        place: Place,
    ) -> (Vec<u32>, Vec<Left>) {
        let visit = &model.visits[v];
        let (day, window) = (place.day as usize, Model::window(visit.len, place.start));
        let mut stay: Vec<u32> = Vec::new();
        let mut left = Vec::new();
        for (id, _) in self.spell(v).iter().flat_map(|s| &s.team) {
            let why = match self.person_ix.get(id.as_str()) {
                None => Some(Why::Gone),
                Some(&p) => {
                    let person = &self.county.people[p as usize];
                    if stay.contains(&p)
                        || model.reqs_of(v).all(|r| model.reqs[r].pool != u32::from(person.dept))
                    {
                        Some(Why::OtherDepartment)
                    } else if model.recused[visit.subject as usize].binary_search(&p).is_ok() {
                        Some(Why::Recused)
                    } else if person.leave.contains(day) {
                        Some(Why::OnLeave)
                    } else if !person.available.contains(day) {
                        Some(Why::NotCertified)
                    } else if desk.state.busy[p as usize * model.days + day] & window != 0 {
                        Some(Why::Overlap)
                    } else if !desk.state.free(model, p, day, window, visit.minutes) {
                        Some(Why::Minutes)
                    } else {
                        stay.push(p);
                        None
                    }
                }
            };
            left.extend(why.map(|why| Left { person: id.clone(), why }));
        }
        // People the visit no longer needs, the last named first.
        let changed =
            self.before[v].is_some_and(|b| self.previous.visits[b].tasks.len() != self.visits[v].tasks.len());
        for r in model.reqs_of(v) {
            let req = &model.reqs[r];
            let certs = |p: u32| model.certs[p as usize * model.days + day];
            loop {
                let team: Vec<u32> = stay.iter().copied().filter(|p| self.pool_of(*p) == req.pool).collect();
                let covers = |without: u32| {
                    let have = team.iter().filter(|p| **p != without).fold(0, |h, p| h | certs(*p));
                    team.iter().fold(0, |h, p| h | certs(*p)) & req.need == have & req.need
                };
                let too_many = team.len() > req.most as usize;
                let may_shrink = changed && team.len() > req.size as usize;
                if !too_many && !may_shrink {
                    break;
                }
                let spare = team.iter().rev().copied().find(|p| covers(*p));
                let Some(p) = spare.or_else(|| too_many.then(|| team.last().copied()).flatten()) else {
                    break;
                };
                stay.retain(|q| *q != p);
                left.push(Left {
                    person: self.county.input.inspectors[p as usize].id.clone(),
                    why: Why::NotNeeded,
                });
            }
        }
        (stay, left)
    }

    /// Pool of a person.
    pub(super) fn pool_of(&self, p: u32) -> u32 {
        u32::from(self.county.people[p as usize].dept)
    }

    /// Whether anything has to change at all.
    pub(super) fn disturbed(&self) -> bool {
        self.stirred
    }
}
