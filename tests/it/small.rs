//! Small counties for tests, and a checker of answers that shares nothing with the product but its types.

use chrono::{Datelike, NaiveDate, Weekday};
use onedoor::domain::allocate::{Options, Post, Staffing, staff};
use onedoor::domain::merge;
use onedoor::domain::planning::input::{
    CalendarDay, CheckMode, Department, Inspector, Item, Leave, Notice, PoolKind, Qualification, Recusal,
    Subject, Task, TeamMode, UnitKind,
};
use onedoor::domain::planning::{Input, Instance};
use std::collections::{BTreeMap, BTreeSet};

/// A number generator for making up counties.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n as u64)).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

pub(crate) fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(u64::from(day))
}

/// A county in the making; everybody's 执法证 is valid all the time.
pub(crate) struct County(pub(crate) Input);

impl County {
    pub(crate) fn new(days: u32) -> Self {
        let day = |d: u32| CalendarDay {
            date: date(d),
            workday: !matches!(date(d).weekday(), Weekday::Sat | Weekday::Sun),
            quiet: false,
        };
        Self(Input { calendar: (0..days).map(day).collect(), ..Input::default() })
    }

    pub(crate) fn dept(&mut self, id: &str, rank: u32, pool: PoolKind) {
        self.0.departments.push(Department {
            id: id.to_owned(),
            uscc: String::new(),
            name: format!("{id}局"),
            level: "县级".to_owned(),
            division: "369721".to_owned(),
            pool,
            rank,
        });
    }

    pub(crate) fn item(&mut self, id: &str, minutes: u32, equiv: &str, qual: &str, expert: &str) {
        self.0.items.push(Item {
            id: id.to_owned(),
            dept_key: "X".to_owned(),
            name: format!("{id}事项"),
            minutes,
            mode: CheckMode::OnSite,
            notice: Notice::Either,
            equiv: equiv.to_owned(),
            equiv_name: equiv.to_owned(),
            qual: qual.to_owned(),
            freq: 0,
            season: None,
            expert: expert.to_owned(),
        });
    }

    pub(crate) fn subject(&mut self, key: &str, town: &str) {
        self.0.subjects.push(Subject {
            key: key.to_owned(),
            has_uscc: false,
            name: format!("{key}店"),
            kind: "企业".to_owned(),
            division: "369721".to_owned(),
            town: town.to_owned(),
            address: String::new(),
            industry: String::new(),
            industry_name: String::new(),
            credit: "A".to_owned(),
            founded: None,
            lon: None,
            lat: None,
            contact: String::new(),
        });
    }

    pub(crate) fn person(&mut self, id: &str, dept: &str, kind: UnitKind, unit: &str) {
        let post = self.0.departments.iter().find(|d| d.id == dept).unwrap().pool;
        self.0.inspectors.push(Inspector {
            id: id.to_owned(),
            name: id.to_owned(),
            sex: String::new(),
            dept_id: dept.to_owned(),
            unit_type: String::new(),
            unit_kind: kind,
            unit: unit.to_owned(),
            post,
            cert_no: String::new(),
            daily_minutes: 450,
            can_lead: true,
            load0: 0,
        });
        if post == PoolKind::Officers {
            self.cert(id, "Q-ZFZ", (0, 400));
        }
    }

    pub(crate) fn cert(&mut self, person: &str, qual: &str, days: (u32, u32)) {
        self.0.qualifications.push(Qualification {
            person_id: person.to_owned(),
            qual: qual.to_owned(),
            qual_name: qual.to_owned(),
            no: String::new(),
            from: date(days.0),
            to: date(days.1),
        });
    }

    pub(crate) fn task(&mut self, dept: &str, item: &str, subject: &str, days: (u32, u32)) {
        let minutes = self.0.items.iter().find(|i| i.id == item).unwrap().minutes;
        let id = format!("T{:04}", self.0.tasks.len());
        self.0.tasks.push(Task {
            id,
            plan: String::new(),
            dept_id: dept.to_owned(),
            item_id: item.to_owned(),
            subject: subject.to_owned(),
            earliest: date(days.0),
            latest: date(days.1),
            minutes,
            mode: CheckMode::OnSite,
            notice: Notice::Either,
            priority: 1,
        });
    }

    pub(crate) fn instance(mut self) -> Instance {
        self.0.sort();
        Instance::new(self.0).unwrap()
    }
}

/// Merges and staffs.
pub(crate) fn plan(county: &Instance, seed: u8, options: &Options) -> Staffing {
    let merged = merge::into_visits(county);
    staff(county, &merged.visits, &[seed; 32], "TEAMS", options, &mut |_| {})
}

/// A random county of up to four departments of which the tasks press on few people.
pub(crate) fn random(seed: u64, tiny: bool) -> Input {
    let mut dice = Dice(seed);
    let days = if tiny { 2 } else { 5 + dice.below(16) as u32 };
    let mut c = County::new(days);
    let depts = if tiny { 1 + dice.below(2) } else { 1 + dice.below(4) };
    let towns = ["东关镇", "西岭乡", "南街道", ""];
    for d in 0..depts {
        c.dept(&format!("D{d}"), dice.below(3) as u32, PoolKind::Officers);
        for i in 0..1 + dice.below(3) {
            let minutes = [30, 60, 75, 120, 200][dice.below(5)];
            let equiv = if dice.one_in(4) { "E0" } else { "" };
            let qual = if dice.one_in(3) { format!("Q{d}") } else { String::new() };
            let expert = if !tiny && dice.one_in(8) { "X0" } else { "" };
            c.item(&format!("I{d}{i}"), minutes, equiv, &qual, expert);
        }
        let people = if tiny { 1 + dice.below(3) } else { 2 + dice.below(7) };
        for p in 0..people {
            let kinds = [
                (UnitKind::Section, "一股"),
                (UnitKind::Station, "东关所"),
                (UnitKind::Station, "西岭所"),
                (UnitKind::Brigade, "一中队"),
                (UnitKind::Other, ""),
            ];
            let (kind, unit) = kinds[dice.below(5)];
            let id = format!("P{d}{p}");
            c.person(&id, &format!("D{d}"), kind, unit);
            let last = c.0.inspectors.last_mut().unwrap();
            last.can_lead = !dice.one_in(3);
            last.daily_minutes = if dice.one_in(5) { 240 } else { 450 };
            last.load0 = if dice.one_in(4) { 300 } else { 0 };
            if dice.one_in(2) {
                let from = dice.below(3) as u32;
                c.cert(&id, &format!("Q{d}"), (from, from + 1 + dice.below(20) as u32));
            }
            if dice.one_in(6) {
                let from = dice.below(days as usize) as u32;
                let (from, to) = (date(from), date(from + dice.below(3) as u32));
                c.0.leave.push(Leave { person_id: id, from, to, kind: String::new() });
            }
        }
    }
    if !tiny && dice.one_in(2) {
        c.dept("ZX", 99, PoolKind::Experts);
        for p in 0..1 + dice.below(2) {
            c.person(&format!("X{p}"), "ZX", UnitKind::Other, "");
            c.cert(&format!("X{p}"), "X0", (0, 400));
        }
    }
    let subjects = if tiny { 2 + dice.below(2) } else { 3 + dice.below(20) };
    for s in 0..subjects {
        let key = format!("S{s:02}");
        c.subject(&key, towns[dice.below(4)]);
        let tasks = if tiny { 1 } else { 1 + dice.below(4) };
        for _ in 0..tasks {
            let i = dice.below(c.0.items.len());
            let item = c.0.items[i].id.clone();
            let dept = format!("D{}", &item[1..2]);
            let from = dice.below(days as usize) as u32;
            c.task(&dept, &item, &key, (from, from + dice.below(days as usize) as u32));
        }
        if dice.one_in(4) {
            let p = dice.below(c.0.inspectors.len());
            let person_id = c.0.inspectors[p].id.clone();
            c.0.recusals.push(Recusal { person_id, subject: key, reason: String::new() });
        }
    }
    c.0.rules.min_per_dept = 1 + dice.below(2) as u32;
    if tiny {
        // Two slots before noon and two after: few enough to try everything.
        (c.0.rules.slot_minutes, c.0.rules.am, c.0.rules.pm) = (120, (480, 720), (780, 1020));
    }
    let mode = |dice: &mut Dice| {
        [
            TeamMode::Bureau,
            TeamMode::SectionStation,
            TeamMode::StationBrigade,
            TeamMode::StationStation,
            TeamMode::SameStation,
        ][dice.below(5)]
    };
    if dice.one_in(2) {
        c.0.rules.team_mode = mode(&mut dice);
        c.0.rules.team_mode_fallback = dice.one_in(2).then(|| mode(&mut dice));
    }
    c.0.rules.bundle_towns = !tiny && dice.one_in(3);
    c.0
}

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
