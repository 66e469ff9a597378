//! Explanations and bounds of visits that cannot be staffed, against what the tables themselves say and
//! against exhaustive staffing.

use crate::counties::{Dice, Shape, TINY, county, date, shuffled};
use onedoor::domain::allocate::bounds::{self, Bounds};
use onedoor::domain::allocate::explain::{self, Diary, EmptyDiary, Explanation, Remedy, Status, words};
use onedoor::domain::merge;
use onedoor::domain::planning::input::{Department, Input, Inspector, PoolKind, Qualification};
use onedoor::domain::planning::{Instance, Visit};
use proptest::prelude::*;

/// People taken at random.
struct RandomDiary {
    seed: u64,
    /// Of 10 hours how many are taken.
    load: u64,
}

impl Diary for RandomDiary {
    fn busy(&self, person: u32, day: usize) -> u64 {
        let dice = &mut Dice(self.seed ^ (u64::from(person) << 20) ^ day as u64);
        (0..15).filter(|_| dice.below(10) < self.load).fold(0, |mask, s| mask | 1 << s)
    }

    fn used_minutes(&self, person: u32, day: usize) -> u32 {
        self.busy(person, day).count_ones() * 30
    }
}

/// Whether a person of the tables, by the tables, could be on a visit of `minutes` (travel included) on a
/// day.
fn may(input: &Input, person: &Inspector, subject: &str, date: chrono::NaiveDate, minutes: u32) -> bool {
    let experts = input.departments.iter().any(|d| d.id == person.dept_id && d.pool == PoolKind::Experts);
    let away = input.leave.iter().any(|l| l.person_id == person.id && l.from <= date && date <= l.to);
    let recused = input.recusals.iter().any(|r| r.person_id == person.id && r.subject == subject);
    !away
        && !recused
        && person.daily_minutes >= minutes
        && (experts || holds(input, &person.id, &input.rules.base_qualification, date))
}

fn holds(input: &Input, person: &str, qual: &str, date: chrono::NaiveDate) -> bool {
    input
        .qualifications
        .iter()
        .any(|q| q.person_id == person && q.qual == qual && q.from <= date && date <= q.to)
}

/// By the tables: whether the visit could have a full team on a day if nobody had anything else to do.
fn staffable(county: &Instance, visit: &Visit, day: usize) -> bool {
    let input = &county.input;
    let date = county.days[day];
    let minutes = visit.minutes + input.rules.travel_minutes;
    let half = (input.rules.am.1 - input.rules.am.0).max(input.rules.pm.1 - input.rules.pm.0);
    if minutes.div_ceil(input.rules.slot_minutes) * input.rules.slot_minutes > half || visit.lacks_expert_pool
    {
        return false;
    }
    visit.requirements.iter().all(|need| {
        let subject = &input.subjects[visit.subject as usize].key;
        let dept = &input.departments[need.pool as usize].id;
        let come: Vec<&Inspector> = input
            .inspectors
            .iter()
            .filter(|p| p.dept_id == *dept && may(input, p, subject, date, minutes))
            .collect();
        come.len() >= need.size as usize
            && need
                .quals
                .iter()
                .all(|q| come.iter().any(|p| holds(input, &p.id, &county.quals[*q as usize], date)))
    })
}

/// Carries out a change; true if it can be carried out in a test.
fn apply(input: &mut Input, county: &Instance, visit: &Visit, remedy: &Remedy) -> bool {
    let id = |p: u32| county.input.inspectors[p as usize].id.clone();
    let certificate = |person: &str, qual: &str| Qualification {
        person_id: person.into(),
        qual: qual.into(),
        qual_name: String::new(),
        no: "new".into(),
        from: date(0),
        to: date(500),
    };
    let base = input.rules.base_qualification.clone();
    let hire = |input: &mut Input, dept: &str, quals: &[u16], n: usize| {
        let id = format!("ZZ{}{n}", input.inspectors.len());
        let mut person = input.inspectors[0].clone();
        (person.id, person.dept_id, person.daily_minutes) = (id.clone(), dept.into(), 450);
        input.inspectors.push(person);
        input.qualifications.push(certificate(&id, &base));
        for q in quals {
            input.qualifications.push(certificate(&id, &county.quals[*q as usize]));
        }
    };
    match remedy {
        Remedy::Extend { day, tasks, .. } => {
            for t in tasks {
                let row = &mut input.tasks[*t as usize];
                row.earliest = row.earliest.min(county.days[*day as usize]);
                row.latest = row.latest.max(county.days[*day as usize]);
            }
        }
        Remedy::CancelLeave { person, .. } => input.leave.retain(|l| l.person_id != id(*person)),
        Remedy::Certify { person, qual: None, .. } => {
            input.qualifications.push(certificate(&id(*person), &base))
        }
        Remedy::Certify { person, qual: Some(q), .. } => {
            input.qualifications.push(certificate(&id(*person), &county.quals[*q as usize]));
        }
        Remedy::LongerDay { person, minutes, .. } => {
            input.inspectors[*person as usize].daily_minutes = *minutes
        }
        Remedy::AddPeople { lacks, .. } => {
            for lack in lacks {
                for n in 0..lack.heads {
                    hire(input, &county.input.departments[lack.pool as usize].id, &lack.quals, n as usize);
                }
            }
        }
        Remedy::LiftRecusal { person, .. } => {
            let subject = &county.input.subjects[visit.subject as usize].key;
            input.recusals.retain(|r| r.person_id != id(*person) || r.subject != *subject);
        }
        Remedy::ExpertPool { quals } => {
            let pool = Department {
                id: "ZZ".into(),
                uscc: String::new(),
                name: "新专家库".into(),
                level: String::new(),
                division: "339901".into(),
                pool: PoolKind::Experts,
                rank: 99,
            };
            input.departments.push(pool);
            hire(input, "ZZ", quals, 0);
        }
        Remedy::Shorten { .. } | Remedy::OtherMode { .. } => return false,
    }
    true
}

fn consistent(county: &Instance, visit: &Visit, diary: &impl Diary, why: &Explanation) {
    for seat in &why.seats {
        let people = county.pool[seat.pool as usize].len() as u32;
        assert_eq!(seat.days.len(), visit.days.len());
        for (_, c) in &seat.days {
            let sum = c.recused
                + c.on_leave
                + c.base_certificate
                + c.certificate
                + c.daily_minutes
                + c.busy
                + c.free;
            assert_eq!(sum, people, "everybody is counted once");
        }
        assert!(!words::seat(county, seat).is_empty());
    }
    assert!(!words::status(county, why).is_empty());
    let possible: Vec<usize> = visit.days.iter().filter(|d| staffable(county, visit, *d)).collect();
    assert_eq!(why.possible.iter().collect::<Vec<_>>(), possible);
    assert_eq!(why.status == Status::Impossible, possible.is_empty());
    if let Status::Free { day, slot } = why.status {
        let len = county.grid.len(visit.occupation(county));
        for need in &visit.requirements {
            let free = county.pool[need.pool as usize].iter().filter(|p| {
                diary.busy(**p, day as usize) >> slot & ((1 << len) - 1) == 0
                    && county.people[**p as usize].available.contains(day as usize)
            });
            assert!(free.count() >= need.size as usize);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_and_verdicts_agree_with_the_tables(seed: u64, load in 0_u64..10) {
        let county = Instance::new(county(seed, &TINY)).unwrap();
        let merged = merge::into_visits(&county);
        for visit in &merged.visits {
            let diary = RandomDiary { seed, load };
            consistent(&county, visit, &diary, &explain::explain(&county, visit, &diary));
            consistent(&county, visit, &EmptyDiary, &explain::explain(&county, visit, &EmptyDiary));
        }
    }

    #[test]
    fn every_remedy_is_enough(seed: u64, load in 5_u64..10) {
        let input = county(seed, &TINY);
        let before = Instance::new(input.clone()).unwrap();
        let merged = merge::into_visits(&before);
        let diary = RandomDiary { seed, load };
        for visit in &merged.visits {
            let why = explain::explain(&before, visit, &diary);
            for remedy in &why.remedies {
                prop_assert!(!words::remedy(&before, remedy).is_empty());
                let mut changed = before.input.clone();
                if !apply(&mut changed, &before, visit, remedy) {
                    continue;
                }
                let after = Instance::new(changed).unwrap();
                let (visit, faults) = Visit::new(&after, visit.tasks.clone());
                prop_assert!(faults.is_empty());
                let now = explain::explain(&after, &visit, &diary);
                let enough = match why.status {
                    Status::Impossible => now.status != Status::Impossible || before.grid.starts(why.slots.0).next().is_none(),
                    _ => matches!(now.status, Status::Free { .. }),
                };
                // A new person has an empty diary only if the diary says so; those hired here may be taken.
                let hired = matches!(remedy, Remedy::AddPeople { .. });
                prop_assert!(enough || hired, "{remedy:?} did not help: {why:?} -> {now:?}");
            }
        }
    }
}

#[test]
fn what_is_impossible_names_department_certificate_and_day() {
    let mut input =
        county(3, &Shape { subjects: 1, tasks: 1, depts: 1, items: 1, people: 6, days: 5, window: 1 });
    input.items[0].season = None;
    (input.items[0].qual, input.items[0].expert) = ("Q9".into(), String::new());
    (input.tasks[0].earliest, input.tasks[0].latest) = (date(0), date(0));
    (input.tasks[0].minutes, input.tasks[0].dept_id) = (60, "D0".into());
    input.tasks[0].mode = onedoor::domain::planning::input::CheckMode::OnSite;
    input.calendar.iter_mut().for_each(|d| d.quiet = false);
    (input.leave, input.recusals) = (Vec::new(), Vec::new());
    input.inspectors.iter_mut().for_each(|p| p.daily_minutes = 450);
    input.qualifications.iter_mut().for_each(|q| q.to = date(400));
    let county = Instance::new(input).unwrap();
    let visit = &merge::into_visits(&county).visits[0];
    let why = explain::explain(&county, visit, &EmptyDiary);
    assert_eq!(why.status, Status::Impossible);
    let said = words::status(&county, &why);
    assert!(said.contains("部门0") && said.contains("Q9") && said.contains("2026-03-02"), "{said}");
    // Nobody has it, so somebody must get it: the first person of the department, or somebody from elsewhere.
    let helps: Vec<String> = why.remedies.iter().map(|r| words::remedy(&county, r)).collect();
    assert!(helps[0].contains("办理Q9资格"), "{helps:?}");
    assert!(helps[1].contains("邻近部门或后备库"), "{helps:?}");
}

/// The most visits that can be staffed, by trying everything.
fn most_staffed(county: &Instance, visits: &[Visit]) -> usize {
    fn teams(
        county: &Instance,
        visit: &Visit,
        need: usize,
        day: usize,
        mask: u64,
        busy: &[Vec<u64>],
        used: &[Vec<u32>],
    ) -> Vec<Vec<u32>> {
        let need = &visit.requirements[need];
        let minutes = visit.occupation(county);
        let pool: Vec<u32> = county.pool[need.pool as usize]
            .iter()
            .copied()
            .filter(|p| {
                let person = &county.people[*p as usize];
                person.available.contains(day)
                    && !county.recused.contains(&(*p, visit.subject))
                    && busy[*p as usize][day] & mask == 0
                    && used[*p as usize][day] + minutes <= person.daily_minutes
            })
            .collect();
        let held = |p: u32, q: u16| {
            county.people[p as usize].quals.iter().any(|(k, days)| *k == q && days.contains(day))
        };
        (0_u32..1 << pool.len())
            .map(|set| {
                pool.iter()
                    .enumerate()
                    .filter(|(i, _)| set >> i & 1 == 1)
                    .map(|(_, p)| *p)
                    .collect::<Vec<u32>>()
            })
            .filter(|t| {
                t.len() >= need.size as usize && t.len() <= (need.size as usize).max(need.quals.len())
            })
            .filter(|t| need.quals.iter().all(|q| t.iter().any(|p| held(*p, *q))))
            .collect()
    }
    struct Try<'a> {
        county: &'a Instance,
        visits: &'a [Visit],
        busy: Vec<Vec<u64>>,
        used: Vec<Vec<u32>>,
        best: usize,
    }
    impl Try<'_> {
        fn visit(&mut self, at: usize, done: usize) {
            self.best = self.best.max(done);
            if at == self.visits.len() || done + self.visits.len() - at <= self.best {
                return;
            }
            let visit = &self.visits[at];
            let len = self.county.grid.len(visit.occupation(self.county));
            if !visit.lacks_expert_pool {
                for day in visit.days.iter() {
                    for start in self.county.grid.starts(len) {
                        self.need(at, 0, done, day, ((1 << len) - 1) << start);
                    }
                }
            }
            self.visit(at + 1, done);
        }

        fn need(&mut self, at: usize, need: usize, done: usize, day: usize, mask: u64) {
            let visit = &self.visits[at];
            if need == visit.requirements.len() {
                return self.visit(at + 1, done + 1);
            }
            let minutes = visit.occupation(self.county);
            for team in teams(self.county, visit, need, day, mask, &self.busy, &self.used) {
                for p in &team {
                    self.busy[*p as usize][day] |= mask;
                    self.used[*p as usize][day] += minutes;
                }
                self.need(at, need + 1, done, day, mask);
                for p in &team {
                    self.busy[*p as usize][day] &= !mask;
                    self.used[*p as usize][day] -= minutes;
                }
                if done + self.visits.len() - at <= self.best {
                    return;
                }
            }
        }
    }
    let (people, days) = (county.people.len(), county.days.len());
    let mut search =
        Try { county, visits, busy: vec![vec![0; days]; people], used: vec![vec![0; days]; people], best: 0 };
    search.visit(0, 0);
    search.best
}

fn crowded(seed: u64) -> Instance {
    let shape = Shape { subjects: 7, tasks: 2, depts: 2, items: 4, people: 5, days: 3, window: 3 };
    let mut input = county(seed, &shape);
    // Two slots before noon, three after: everything can be tried.
    (input.rules.slot_minutes, input.rules.am, input.rules.pm) = (60, (600, 720), (780, 960));
    input.rules.min_per_dept = 1;
    input.rules.min_total_officers = 1;
    for person in &mut input.inspectors {
        person.daily_minutes = if person.daily_minutes < 450 { 150 } else { 450 };
    }
    for task in &mut input.tasks {
        task.minutes = 20 + task.minutes % 90;
        task.earliest = task.earliest.min(date(1));
        task.latest = task.latest.max(task.earliest);
    }
    Instance::new(input).unwrap()
}

#[test]
fn no_bound_exceeds_what_exhaustive_staffing_leaves_out() {
    let (mut proved, mut left_out, mut certified) = (0, 0, 0);
    for seed in 0..150 {
        let county = crowded(seed);
        let visits: Vec<Visit> = merge::into_visits(&county).visits.into_iter().take(6).collect();
        let all: Vec<usize> = (0..visits.len()).collect();
        let bounds = bounds::certify(&county, &visits, &all);
        let missing = visits.len() - most_staffed(&county, &visits);
        assert!(bounds.at_least() <= missing, "seed {seed}: {bounds:?}, but {missing} suffice");
        let impossible = |i: &usize| !visits[*i].days.iter().any(|d| staffable(&county, &visits[*i], d));
        assert_eq!(bounds.impossible, all.iter().copied().filter(impossible).collect::<Vec<_>>());
        disjoint(&county, &visits, &bounds);
        proved += bounds.at_least();
        left_out += missing;
        certified += bounds.certificates.len();
    }
    assert!(certified >= 10, "the test must see certificates: {certified}");
    assert!(proved * 10 >= left_out * 8, "proved only {proved} of {left_out}");
}

/// What a certificate says of itself must be so.
fn disjoint(county: &Instance, visits: &[Visit], bounds: &Bounds) {
    let mut used = Vec::new();
    for c in &bounds.certificates {
        assert!(c.excess > 0 && c.demand > c.supply && c.visits.len() >= c.excess && c.from_day <= c.to_day);
        for v in &c.visits {
            let days = explain::possible_days(county, &visits[*v]);
            assert!(days.min() >= Some(c.from_day as usize) && days.max() <= Some(c.to_day as usize));
            let need = visits[*v].requirements.iter().find(|n| n.pool == c.pool).unwrap();
            assert!(c.qual.is_none_or(|q| need.quals.contains(&q)));
            assert_eq!(bounds.of(*v).unwrap(), c);
        }
        used.extend(c.visits.iter().copied());
    }
    used.extend(&bounds.impossible);
    let n = used.len();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), n, "a visit counts once");
}

#[test]
fn bounds_do_not_depend_on_the_order_of_rows() {
    let shape = Shape { subjects: 60, tasks: 4, depts: 3, items: 9, people: 9, days: 10, window: 6 };
    let input = county(5, &shape);
    let answer = |input: Input| {
        let county = Instance::new(input).unwrap();
        let visits = merge::into_visits(&county).visits;
        let all: Vec<usize> = (0..visits.len()).collect();
        bounds::certify(&county, &visits, &all)
    };
    let one = answer(input.clone());
    assert!(one.at_least() > 0);
    assert_eq!(one, answer(shuffled(input, 9)));
}
