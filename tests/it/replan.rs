//! Planning again after a change: everything holds, nothing unaffected moves, no change changes nothing.

use onedoor::domain::allocate::replan::{Before, Kind, Previous, Spell, Terms};
use onedoor::domain::allocate::{Options, Post};
use onedoor::domain::planning::input::{Input, Leave, Recusal};
use onedoor::sample::{self, Preset};
use onedoor::service::plan::{self, Planned, Source};
use onedoor::service::replan;
use std::collections::{BTreeMap, BTreeSet, HashSet};

fn source() -> Source {
    Source::Rehearsal("变动".to_owned())
}

fn first(input: &Input) -> Planned {
    let options = Options { effort: 50, most_rounds: 2000, unmerge: true };
    plan::plan(input.clone(), &source(), &options, &mut |_| ()).unwrap()
}

/// An answer as the next run reads it.
fn previous(planned: &Planned) -> Previous {
    let county = &planned.county;
    let minute = |slot: u32| {
        let clock = county.grid.clock(slot);
        clock[..2].parse::<u32>().unwrap() * 60 + clock[3..].parse::<u32>().unwrap()
    };
    let visits = planned.staffing.visits.iter().zip(&planned.staffing.staffed).zip(&planned.numbers);
    Previous {
        visits: visits
            .map(|((visit, staffed), number)| Before {
                number: *number,
                subject: county.input.subjects[visit.subject as usize].key.clone(),
                tasks: visit.tasks.iter().map(|t| county.input.tasks[*t as usize].id.clone()).collect(),
                spell: staffed.as_ref().map(|s| {
                    let mut team: Vec<(String, Post)> = s
                        .team
                        .iter()
                        .map(|m| (county.input.inspectors[m.person as usize].id.clone(), m.post))
                        .collect();
                    team.sort_by_key(|(_, post)| *post);
                    Spell { date: county.days[s.day], start: minute(s.start), team }
                }),
            })
            .collect(),
        drawn: Vec::new(),
    }
}

fn again(input: &Input, previous: &Previous, terms: &Terms) -> Planned {
    replan::replan(input.clone(), previous, &source(), terms, &mut |_| ()).unwrap()
}

/// Every rule of a staffing, checked against the tables.
pub(crate) fn valid(planned: &Planned) {
    let county = &planned.county;
    let mut seen = HashSet::new();
    let mut busy: HashSet<(u32, usize, u32)> = HashSet::new();
    let mut used: BTreeMap<(u32, usize), u32> = BTreeMap::new();
    for (visit, staffed) in planned.staffing.visits.iter().zip(&planned.staffing.staffed) {
        visit.tasks.iter().for_each(|t| assert!(seen.insert(*t), "a task twice"));
        let (fresh, faults) = onedoor::domain::planning::Visit::new(county, visit.tasks.clone());
        assert!(faults.is_empty() && fresh == *visit);
        let Some(s) = staffed else { continue };
        assert!(visit.days.contains(s.day));
        let len = county.grid.len(visit.occupation(county));
        assert!(county.grid.starts(len).any(|x| x == s.start));
        for m in &s.team {
            let person = &county.people[m.person as usize];
            assert!(person.available.contains(s.day), "away");
            assert!(!county.recused.contains(&(m.person, visit.subject)), "recused");
            assert!(visit.requirements.iter().any(|r| r.pool == person.dept), "not asked for");
            for slot in s.start..s.start + len {
                assert!(busy.insert((m.person, s.day, slot)), "booked twice");
            }
            let sum = used.entry((m.person, s.day)).or_default();
            *sum += visit.occupation(county);
            assert!(*sum <= person.daily_minutes, "too long a day");
        }
        for r in &visit.requirements {
            let team: Vec<_> = s
                .team
                .iter()
                .map(|m| &county.people[m.person as usize])
                .filter(|p| p.dept == r.pool)
                .collect();
            assert!(team.len() >= r.size as usize && team.len() <= r.quals.len().max(r.size as usize));
            for q in &r.quals {
                assert!(team.iter().any(|p| p.quals.iter().any(|(x, d)| x == q && d.contains(s.day))));
            }
        }
        for post in [Post::Lead, Post::Second] {
            assert_eq!(s.team.iter().filter(|m| m.post == post).count(), 1);
        }
    }
    let placeable = county.tasks.iter().filter(|t| t.on_site && !t.days.is_empty()).count();
    assert_eq!(seen.len(), placeable, "a task without a visit");
}

/// Visits not named in the changes are what they were.
fn untouched(before: &Previous, planned: &Planned) {
    let now = previous(planned);
    let moved: BTreeSet<u32> = planned.moved.as_ref().unwrap().changes.iter().map(|c| c.number).collect();
    let old: BTreeMap<u32, &Before> = before.visits.iter().map(|v| (v.number, v)).collect();
    let new: BTreeMap<u32, &Before> = now.visits.iter().map(|v| (v.number, v)).collect();
    for number in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let same = old.get(number) == new.get(number);
        assert_eq!(
            same,
            !moved.contains(number),
            "visit {number}: {:?} {:?}",
            old.get(number),
            new.get(number)
        );
    }
}

fn word(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
}

/// Random changes of every kind.
fn disturb(input: &mut Input, before: &Previous, seed: u64) {
    let mut state = seed;
    let mut below = |n: usize| usize::try_from(word(&mut state) % n.max(1) as u64).unwrap();
    let workdays: Vec<_> = input.calendar.iter().filter(|d| d.workday).map(|d| d.date).collect();
    for _ in 0..below(4) + 1 {
        let person_id = input.inspectors[below(input.inspectors.len())].id.clone();
        let at = below(workdays.len() - 5);
        let (from, to) = (workdays[at], workdays[at + 4]);
        input.leave.push(Leave { person_id, from, to, kind: "病假".to_owned() });
    }
    let staffed: Vec<&Before> = before.visits.iter().filter(|v| v.spell.is_some()).collect();
    for _ in 0..below(4) {
        let visit = staffed[below(staffed.len())];
        let person_id = visit.spell.as_ref().unwrap().team[0].0.clone();
        let subject = visit.subject.clone();
        input.recusals.push(Recusal { person_id, subject, reason: "新增".to_owned() });
    }
    for _ in 0..below(4) {
        let at = below(input.tasks.len());
        input.tasks.remove(at);
    }
    for n in 0..below(3) {
        let mut task = input.tasks[below(input.tasks.len())].clone();
        task.id = format!("{}-补{n}", task.id);
        input.tasks.push(task);
    }
    let q = below(input.qualifications.len());
    input.qualifications.remove(q);
}

#[test]
fn any_change_leaves_a_valid_answer_and_moves_nothing_else() {
    for seed in 0..24 {
        let mut input = sample::county(Preset::Tiny, seed % 4);
        let before = previous(&first(&input));
        disturb(&mut input, &before, seed);
        let planned = again(&input, &before, &Terms::default());
        valid(&planned);
        untouched(&before, &planned);
        // Planned again without a further change: nothing moves.
        let settled = previous(&planned);
        let same = again(&input, &settled, &Terms::default());
        assert!(same.moved.as_ref().unwrap().changes.is_empty(), "seed {seed}");
        assert_eq!(previous(&same), settled);
        // The order of rows carries no meaning.
        let mut turned = input.clone();
        turned.inspectors.reverse();
        turned.tasks.reverse();
        turned.leave.reverse();
        turned.recusals.reverse();
        assert_eq!(previous(&again(&turned, &before, &Terms::default())), settled, "seed {seed}");
    }
}

#[test]
fn no_change_changes_nothing() {
    let input = sample::county(Preset::Tiny, 1);
    let before = previous(&first(&input));
    let planned = again(&input, &before, &Terms::default());
    assert_eq!(previous(&planned), before);
    assert!(planned.moved.unwrap().changes.is_empty());
}

#[test]
fn a_person_who_falls_ill_is_replaced_by_the_first_who_can() {
    let mut input = sample::county(Preset::County, 1);
    let before = previous(&first(&input));
    let visit = before.visits.iter().find(|v| v.spell.is_some()).unwrap();
    let spell = visit.spell.as_ref().unwrap();
    let person_id = spell.team[0].0.clone();
    input.leave.push(Leave {
        person_id: person_id.clone(),
        from: spell.date,
        to: spell.date,
        kind: "病假".to_owned(),
    });
    let planned = again(&input, &before, &Terms::default());
    valid(&planned);
    untouched(&before, &planned);
    let moved = planned.moved.as_ref().unwrap();
    let change = moved.changes.iter().find(|c| c.number == visit.number).unwrap();
    assert!(change.kinds.contains(&Kind::Replaced) && change.left[0].person == person_id);
    assert!(moved.tally.touched * 5 <= moved.tally.seats_hit * 6);
    // The list holds whoever came, and is in drawn order.
    let came = &change.came[0];
    let keys: Vec<_> = came.substitutes.iter().map(|s| (s.lot / u128::from(s.weight), s.lot)).collect();
    assert!(keys.is_sorted() && !keys.is_empty());
}

#[test]
fn who_was_told_keeps_the_day() {
    for seed in 0..12 {
        let mut input = sample::county(Preset::Tiny, seed % 3);
        let before = previous(&first(&input));
        disturb(&mut input, &before, seed + 100);
        let notified = before.visits.iter().map(|v| v.number).collect();
        let planned = again(&input, &before, &Terms { notified, ..Terms::default() });
        valid(&planned);
        let moved = planned.moved.unwrap();
        assert!(moved.changes.iter().all(|c| !c.kinds.contains(&Kind::MovedDay)), "seed {seed}");
    }
}

#[test]
fn another_countys_answer_is_refused() {
    let before = previous(&first(&sample::county(Preset::Tiny, 1)));
    let mut other = sample::county(Preset::Tiny, 1);
    for task in &mut other.tasks {
        task.id = format!("别-{}", task.id);
    }
    let fault = replan::replan(other, &before, &source(), &Terms::default(), &mut |_| ()).unwrap_err();
    assert!(fault.to_string().contains("没有一个相同的任务"), "{fault}");
}
