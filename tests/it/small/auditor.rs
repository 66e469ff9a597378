//! A checker of answers that shares nothing with the product but its types.

use chrono::NaiveDate;
use onedoor::domain::allocate::{Post, Staffing};
use onedoor::domain::planning::input::{Department, Inspector, Item, PoolKind, Task, TeamMode, UnitKind};
use onedoor::domain::planning::{Input, Instance};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody reads in the rules a visit needs: (department, people at least, certificates).
pub(crate) type Need = (String, usize, BTreeSet<String>);

/// The tables of a county, asked as an outsider would.
pub(crate) struct Auditor<'a>(pub(crate) &'a Input);

impl Auditor<'_> {
    fn task(&self, id: u32) -> (&Task, &Item) {
        let task = &self.0.tasks[id as usize];
        (task, self.0.items.iter().find(|i| i.id == task.item_id).unwrap())
    }

    fn dept(&self, id: &str) -> &Department {
        self.0.departments.iter().find(|d| d.id == id).unwrap()
    }

    pub(crate) fn minutes(&self, tasks: &[u32]) -> u32 {
        let mut longest: BTreeMap<String, u32> = BTreeMap::new();
        for t in tasks {
            let (task, item) = self.task(*t);
            let group =
                if item.equiv.is_empty() { format!("i {}", item.id) } else { format!("g {}", item.equiv) };
            let minutes = longest.entry(group).or_default();
            *minutes = (*minutes).max(task.minutes);
        }
        self.0.rules.entry_overhead_minutes + longest.values().sum::<u32>() + self.0.rules.travel_minutes
    }

    pub(crate) fn needs(&self, tasks: &[u32]) -> Vec<Need> {
        let group =
            |i: &Item| if i.equiv.is_empty() { format!("i {}", i.id) } else { format!("g {}", i.equiv) };
        let pairs: BTreeSet<(String, String)> =
            tasks.iter().map(|t| (group(self.task(*t).1), self.task(*t).0.dept_id.clone())).collect();
        let alone = |g: &String| pairs.iter().filter(|(x, _)| x == g).count() == 1;
        let has_own: BTreeSet<&String> = pairs.iter().filter(|(g, _)| alone(g)).map(|(_, d)| d).collect();
        let owner = |g: &String| {
            let members = pairs.iter().filter(|(x, _)| x == g).map(|(_, d)| d);
            members.min_by_key(|d| (!has_own.contains(d), self.dept(d).rank, (*d).clone())).unwrap().clone()
        };
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut experts = BTreeSet::new();
        for t in tasks {
            let (task, item) = self.task(*t);
            if owner(&group(item)) == task.dept_id {
                let quals = needs.entry(task.dept_id.clone()).or_default();
                quals.extend((!item.qual.is_empty()).then(|| item.qual.clone()));
                experts.extend((!item.expert.is_empty()).then(|| item.expert.clone()));
            }
        }
        let least = self.0.rules.min_per_dept as usize;
        let alone = needs.len() == 1;
        let total = self.0.rules.min_total_officers as usize;
        let size = if alone { least.max(total) } else { least };
        let mut list: Vec<Need> = needs.into_iter().map(|(d, q)| (d, size, q)).collect();
        if !experts.is_empty() {
            let pool = self.0.departments.iter().find(|d| d.pool == PoolKind::Experts);
            list.push((pool.map_or(String::new(), |d| d.id.clone()), 1, experts));
        }
        list
    }

    pub(crate) fn holds(&self, person: &str, qual: &str, day: NaiveDate) -> bool {
        self.0
            .qualifications
            .iter()
            .any(|q| q.person_id == person && q.qual == qual && q.from <= day && day <= q.to)
    }

    /// Whether a person may go to a subject on a day, other visits apart.
    pub(crate) fn may_go(
        &self,
        person: &Inspector,
        subject: &str,
        day: NaiveDate,
    ) -> Result<(), &'static str> {
        if self.0.recusals.iter().any(|r| r.person_id == person.id && r.subject == subject) {
            return Err("recused");
        }
        if self.0.leave.iter().any(|l| l.person_id == person.id && l.from <= day && day <= l.to) {
            return Err("on leave");
        }
        if person.post == PoolKind::Officers && !self.holds(&person.id, "Q-ZFZ", day) {
            return Err("not certified");
        }
        Ok(())
    }

    /// Whether the officers of one department satisfy a team mode.
    pub(crate) fn mode_holds(&self, mode: TeamMode, team: &[&Inspector], subject: &str) -> bool {
        let kinds: Vec<UnitKind> = team.iter().map(|p| p.unit_kind).collect();
        let units: BTreeSet<&str> = team.iter().map(|p| p.unit.as_str()).collect();
        let stations = team.iter().all(|p| p.unit_kind == UnitKind::Station && !p.unit.is_empty());
        let town = &self.0.subjects.iter().find(|s| s.key == subject).unwrap().town;
        let own = match town.as_str() {
            "东关镇" => "东关所",
            "西岭乡" => "西岭所",
            "南街道" => "南所",
            _ => "none",
        };
        match mode {
            TeamMode::Bureau => true,
            TeamMode::SectionStation => {
                kinds.contains(&UnitKind::Section) && kinds.contains(&UnitKind::Station)
            }
            TeamMode::StationBrigade => {
                kinds.contains(&UnitKind::Station) && kinds.contains(&UnitKind::Brigade)
            }
            TeamMode::StationStation => stations && units.len() == team.len() && !units.contains(own),
            TeamMode::SameStation => stations && units.len() == 1,
        }
    }

    /// All teams of a department for a need on a day, other visits apart, by trying every set of people.
    pub(crate) fn teams(
        &self,
        need: &Need,
        mode: TeamMode,
        minutes: u32,
        subject: &str,
        day: NaiveDate,
    ) -> Vec<Vec<&Inspector>> {
        let able: Vec<&Inspector> = self
            .0
            .inspectors
            .iter()
            .filter(|p| p.dept_id == need.0 && p.daily_minutes >= minutes)
            .filter(|p| self.may_go(p, subject, day).is_ok())
            .collect();
        let most = need.1.max(need.2.len());
        let binds =
            need.1 >= 2 && self.0.departments.iter().any(|d| d.id == need.0 && d.pool == PoolKind::Officers);
        (0_u32..1 << able.len())
            .filter(|set| (need.1..=most).contains(&(set.count_ones() as usize)))
            .map(|set| able.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, p)| *p).collect())
            .filter(|team: &Vec<&Inspector>| {
                need.2.iter().all(|q| team.iter().any(|p| self.holds(&p.id, q, day)))
                    && (!binds || self.mode_holds(mode, team, subject))
            })
            .collect()
    }

    /// Working days on which all tasks may be done.
    pub(crate) fn days(&self, tasks: &[u32]) -> Vec<NaiveDate> {
        let open = self.0.calendar.iter().filter(|d| d.workday && !d.quiet).map(|d| d.date);
        open.filter(|d| tasks.iter().all(|t| self.task(*t).0.earliest <= *d && *d <= self.task(*t).0.latest))
            .collect()
    }

    /// The mode that must hold for a need, by trying every team of the county's own.
    pub(crate) fn mode(&self, need: &Need, tasks: &[u32], subject: &str) -> (TeamMode, bool) {
        let rules = &self.0.rules;
        let minutes = self.minutes(tasks);
        let any =
            |mode| self.days(tasks).iter().any(|d| !self.teams(need, mode, minutes, subject, *d).is_empty());
        match rules.team_mode_fallback {
            Some(other) if !any(rules.team_mode) && any(other) => (other, true),
            _ => (rules.team_mode, false),
        }
    }

    /// Everything that is wrong with an answer.
    pub(crate) fn faults(&self, county: &Instance, answer: &Staffing) -> Vec<String> {
        let mut faults = Vec::new();
        let rules = &self.0.rules;
        let mut seen = vec![0; self.0.tasks.len()];
        let mut busy: BTreeMap<(u32, usize), (u64, u32)> = BTreeMap::new();
        for (v, (visit, staffed)) in answer.visits.iter().zip(&answer.staffed).enumerate() {
            let mut bad = |what: &str| faults.push(format!("visit {v} {:?}: {what}", visit.tasks));
            visit.tasks.iter().for_each(|t| seen[*t as usize] += 1);
            let subject = &self.0.subjects[visit.subject as usize].key;
            if visit.tasks.iter().any(|t| self.task(*t).0.subject != *subject) || !visit.stops.is_empty() {
                bad("tasks of another subject");
            }
            let days = self.days(&visit.tasks);
            if days.is_empty() {
                bad("no common day");
            }
            let Some(staffed) = staffed else { continue };
            let day = county.days[staffed.day];
            if !days.contains(&day) {
                bad("outside the windows");
            }
            let minutes = self.minutes(&visit.tasks);
            let len = minutes.div_ceil(rules.slot_minutes);
            let noon = (rules.am.1 - rules.am.0) / rules.slot_minutes;
            let night = noon + (rules.pm.1 - rules.pm.0) / rules.slot_minutes;
            let end = staffed.start + len;
            if !(end <= noon || (staffed.start >= noon && end <= night)) {
                bad("does not fit into a half-day");
            }
            let people: BTreeSet<u32> = staffed.team.iter().map(|m| m.person).collect();
            if people.len() != staffed.team.len() {
                bad("a person twice");
            }
            let needs = self.needs(&visit.tasks);
            let row = |p: u32| &self.0.inspectors[p as usize];
            for m in &staffed.team {
                let person = row(m.person);
                if let Err(why) = self.may_go(person, subject, day) {
                    bad(&format!("{} {why}", person.id));
                }
                if !needs.iter().any(|n| n.0 == person.dept_id) {
                    bad(&format!("{} not asked for", person.id));
                }
                if (m.post == Post::Expert) != (person.post == PoolKind::Experts) {
                    bad("wrong post");
                }
                let mask = ((1_u64 << len) - 1) << staffed.start;
                let taken = busy.entry((m.person, staffed.day)).or_default();
                if taken.0 & mask != 0 {
                    bad(&format!("{} is elsewhere", person.id));
                }
                taken.0 |= mask;
                taken.1 += minutes;
                if taken.1 > person.daily_minutes {
                    bad(&format!("{} works too long", person.id));
                }
            }
            for need in &needs {
                let team: Vec<&Inspector> =
                    staffed.team.iter().map(|m| row(m.person)).filter(|p| p.dept_id == need.0).collect();
                if team.len() < need.1 || team.len() > need.1.max(need.2.len()) {
                    bad(&format!("{} people of {}", team.len(), need.0));
                }
                if !need.2.iter().all(|q| team.iter().any(|p| self.holds(&p.id, q, day))) {
                    bad("a certificate is missing");
                }
                let officers = team.first().is_some_and(|p| p.post == PoolKind::Officers);
                if officers && need.1 >= 2 {
                    let (mode, _) = self.mode(need, &visit.tasks, subject);
                    if !self.mode_holds(mode, &team, subject) {
                        bad(&format!("{} is not put together as {mode:?} demands", need.0));
                    }
                }
            }
            let count = |post| staffed.team.iter().filter(|m| m.post == post).count();
            if count(Post::Lead) != 1 || count(Post::Second) != 1 {
                bad("posts");
            }
            let lead = staffed.team.iter().find(|m| m.post == Post::Lead);
            let able = staffed.team.iter().any(|m| m.post != Post::Expert && row(m.person).can_lead);
            if able && lead.is_some_and(|m| !row(m.person).can_lead) {
                bad("the lead may not lead");
            }
        }
        for (t, times) in seen.into_iter().enumerate() {
            let placeable = !self.days(&[t as u32]).is_empty();
            if times != usize::from(placeable) {
                faults.push(format!("task {t} is in {times} visits"));
            }
        }
        faults
    }
}
