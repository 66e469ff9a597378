//! Planning again after a disturbance, against a full run on the changed county.
//!
//! `cargo bench --bench replan` measures the sample county; `-- DIR...` counties from files. The disturbance: 20 people
//! ill for five working days each, ten new recusals of people who were to go, five tasks declined. One line each.

use onedoor::clock::Stopwatch;
use onedoor::domain::allocate::replan::{Before, Previous, Spell, Terms};
use onedoor::domain::allocate::{Options, Post};
use onedoor::domain::planning::Input;
use onedoor::domain::planning::input::{Leave, Recusal};
use onedoor::exchange::county;
use onedoor::sample::{self, Preset};
use onedoor::service::plan::{self, Planned, Source};
use onedoor::service::replan;
use std::path::Path;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap_or(0)
    }
}

/// An answer as the next run reads it.
fn previous(planned: &Planned) -> Previous {
    let county = &planned.county;
    let visits = planned.staffing.visits.iter().zip(&planned.staffing.staffed).zip(&planned.numbers);
    let before = visits.map(|((visit, staffed), number)| Before {
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
            Spell { date: county.days[s.day], start: county.grid.minute(s.start), team }
        }),
    });
    Previous { visits: before.collect(), drawn: Vec::new() }
}

fn disturb(input: &mut Input, before: &Previous, dice: &mut Dice) {
    let workdays: Vec<_> = input.calendar.iter().filter(|d| d.workday).map(|d| d.date).collect();
    for _ in 0..20 {
        let person_id = input.inspectors[dice.below(input.inspectors.len())].id.clone();
        let at = dice.below(workdays.len().saturating_sub(4));
        let to = workdays[(at + 4).min(workdays.len() - 1)];
        input.leave.push(Leave { person_id, from: workdays[at], to, kind: "病假".to_owned() });
    }
    let staffed: Vec<&Before> = before.visits.iter().filter(|v| v.spell.is_some()).collect();
    for _ in 0..10 {
        let visit = staffed[dice.below(staffed.len())];
        if let Some((person_id, _)) = visit.spell.as_ref().and_then(|s| s.team.get(dice.below(s.team.len())))
        {
            input.recusals.push(Recusal {
                person_id: person_id.clone(),
                subject: visit.subject.clone(),
                reason: "新增".to_owned(),
            });
        }
    }
    for _ in 0..5 {
        let at = dice.below(input.tasks.len());
        input.tasks.remove(at);
    }
}

fn measure(name: &str, mut input: Input) {
    let source = Source::Rehearsal("再次规划".to_owned());
    let first = match plan::plan(input.clone(), &source, &Options::default(), &mut |_| ()) {
        Ok(first) => first,
        Err(e) => {
            println!("{name}: {e}");
            return;
        }
    };
    input.sort();
    let before = previous(&first);
    disturb(&mut input, &before, &mut Dice(1));
    let watch = Stopwatch::start();
    let again = replan::replan(input.clone(), &before, &source, &Terms::default(), &mut |_| ());
    let seconds = watch.elapsed().as_secs_f64();
    let full = plan::plan(input, &source, &Options::default(), &mut |_| ());
    let (Ok(again), Ok(full)) = (again, full) else {
        println!("{name}: cannot be planned again");
        return;
    };
    let tally = again.moved.as_ref().map(|m| m.tally).unwrap_or_default();
    let (a, f) = (again.staffing.end, full.staffing.end);
    println!(
        "{name}: tasks {}/{} -> again {}/{}, full run {}/{} ({:+.2} %); visits {} (full run {}); seats hit {} \
         (levels {:?}, open {}), visits touched {} ({:.2} per seat), people {}; {seconds:.2} s",
        first.staffing.end.tasks_staffed,
        first.staffing.end.tasks,
        a.tasks_staffed,
        a.tasks,
        f.tasks_staffed,
        f.tasks,
        (a.tasks_staffed as f64 / f.tasks_staffed as f64 - 1.0) * 100.0,
        a.visits,
        f.visits,
        tally.seats_hit,
        tally.by_level,
        tally.open,
        tally.touched,
        tally.touched as f64 / tally.seats_hit.max(1) as f64,
        tally.people,
    );
}

fn main() {
    // Cargo itself passes --bench.
    let dirs: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if dirs.is_empty() {
        measure("sample county", sample::county(Preset::County, 1));
    }
    for dir in dirs {
        match county::read(Path::new(&dir)) {
            Ok((input, _)) => measure(&dir, input),
            Err(faults) => println!("{dir}: {faults}"),
        }
    }
}
