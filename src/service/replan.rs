//! Planning again after a change, as a use case: the changed tables and the previous answer give a whole new answer
//! and what moved.

use super::plan::{self, PlanError, Planned, Source, Step};
use crate::domain::allocate::replan::{self, Previous, Terms};
use crate::domain::allocate::{Figures, Progress};
use crate::domain::merge::{self, Merged};
use crate::domain::planning::input::{Input, PlanEntry, Task};
use crate::domain::planning::{Instance, canonical};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Plans again. When the tables hold plans instead of tasks, the tasks are those of the previous answer (nothing is
/// drawn a second time).
///
/// # Errors
/// See [`PlanError`]; also when the previous answer is not one of this county.
pub fn replan(
    mut input: Input,
    previous: &Previous,
    source: &Source,
    terms: &Terms,
    step: &mut dyn FnMut(Step),
) -> Result<Planned, PlanError> {
    input.sort();
    if input.tasks.is_empty() && !input.plans.is_empty() {
        input.tasks = drawn_tasks(&input, previous).map_err(PlanError::Draw)?;
        input.sort();
    }
    belongs(&input, previous).map_err(PlanError::Draw)?;
    let input_digest = canonical::digest(&input);
    let teams = plan::staffing_draw(&input, input_digest, source)?;
    let seed = teams.held.seed;
    let county = Instance::new(input)?;
    let rehearsal = matches!(source, Source::Rehearsal(_));
    Ok(again(county, previous, &seed, terms, vec![teams], (rehearsal, input_digest), step))
}

/// Plans again with a seed that is known.
pub(super) fn again(
    county: Instance,
    previous: &Previous,
    seed: &[u8; 32],
    terms: &Terms,
    draws: Vec<plan::DrawDone>,
    (rehearsal, input_digest): (bool, [u8; 32]),
    step: &mut dyn FnMut(Step),
) -> Planned {
    let merged = merge::into_visits(&county);
    step(Step::Merged(merged.visits.len()));
    let figures = Figures {
        visits: previous.visits.len(),
        staffed: previous.visits.iter().filter(|v| v.spell.is_some()).count(),
        tasks: previous.visits.iter().map(|v| v.tasks.len()).sum(),
        tasks_staffed: previous.visits.iter().filter(|v| v.spell.is_some()).map(|v| v.tasks.len()).sum(),
    };
    let mut again = replan::replan(&county, previous, seed, plan::TEAMS, terms, figures);
    again.staffing.origin = origins(&merged, &again.staffing.visits, county.tasks.len());
    step(Step::Staffing(Progress::Drawn(again.staffing.end)));
    let replan::Replanned { staffing, numbers, changes, tally } = again;
    let mut planned = plan::explained(county, merged, staffing, draws, rehearsal, input_digest, step);
    planned.numbers = numbers;
    planned.moved = Some(plan::Moved { changes, tally });
    planned
}

/// For each visit, the merged visit that holds its first task.
#[expect(clippy::cast_possible_truncation, reason = "visits are far fewer than 2^32")]
fn origins(merged: &Merged, visits: &[crate::domain::planning::Visit], tasks: usize) -> Vec<u32> {
    let mut door = vec![0_u32; tasks];
    for (v, visit) in merged.visits.iter().enumerate() {
        visit.tasks.iter().for_each(|t| door[*t as usize] = v as u32);
    }
    visits.iter().map(|v| v.tasks.first().map_or(0, |t| door[*t as usize])).collect()
}

/// Whether the previous answer is one of this county; every contradiction.
fn belongs(input: &Input, previous: &Previous) -> Result<(), Vec<String>> {
    let tasks: HashMap<&str, &Task> = input.tasks.iter().map(|t| (t.id.as_str(), t)).collect();
    let mut faults = Vec::new();
    let (mut known, mut all) = (0, 0);
    for visit in &previous.visits {
        for id in &visit.tasks {
            all += 1;
            let Some(task) = tasks.get(id.as_str()) else { continue };
            if task.subject == visit.subject {
                known += 1;
            } else {
                faults.push(format!(
                    "上次结果 {} 的任务 {id} 属于 {},而现在的任务表中属于 {}:请核对任务编号是否被重新使用",
                    replan::visit_name(visit.number),
                    visit.subject,
                    task.subject
                ));
            }
        }
    }
    let people: HashSet<&str> = input.inspectors.iter().map(|p| p.id.as_str()).collect();
    let named: BTreeSet<&str> = previous
        .visits
        .iter()
        .filter_map(|v| v.spell.as_ref())
        .flat_map(|s| s.team.iter().map(|(p, _)| p.as_str()))
        .collect();
    if known == 0 && all > 0 {
        faults.push(
            "上次结果与现在的数据没有一个相同的任务:请核对 --keep 给出的是否为本县本期的结果".to_owned(),
        );
    }
    if !named.is_empty() && !named.iter().any(|p| people.contains(p)) {
        faults
            .push("上次结果中的人员没有一个在现在的名录库中:请核对 --keep 给出的是否为本县的结果".to_owned());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The tasks of the previous answer, made again from the plans they were drawn from: those it lists, and those in its
/// visits (all there is to go by in an answer without a list).
fn drawn_tasks(input: &Input, previous: &Previous) -> Result<Vec<Task>, Vec<String>> {
    let mut tasks = Vec::new();
    let mut faults = Vec::new();
    let visited = previous.visits.iter().flat_map(|v| v.tasks.iter().map(|t| (t, &v.subject)));
    let listed = previous.drawn.iter().map(|(task, subject)| (task, subject));
    let mut known: HashMap<&str, &str> = HashMap::new();
    for (id, subject) in visited.chain(listed) {
        if let Some(before) = known.insert(id, subject) {
            if before != subject {
                faults.push(format!(
                    "上次结果的任务 {id} 在 visits.csv 中属于 {before},在 tasks.csv 中属于 {subject}:请用原样的结果文件"
                ));
            }
            continue;
        }
        let found = input.plans.iter().find_map(|plan| {
            let (number, item) = id.strip_prefix(plan.id.as_str())?.strip_prefix('-')?.split_once('-')?;
            let counted = number.len() >= 5 && number.bytes().all(|b| b.is_ascii_digit());
            let place = input.items.binary_search_by(|i| i.id.as_str().cmp(item)).ok()?;
            (counted && plan.items.iter().any(|i| i == item)).then(|| (plan, &input.items[place]))
        });
        let there = input.subjects.binary_search_by(|s| s.key.as_str().cmp(subject)).is_ok();
        match found {
            // A plan entry that was taken back takes its tasks along; so does a subject.
            None => {
                let of = |p: &PlanEntry| id.strip_prefix(p.id.as_str()).is_some_and(|r| r.starts_with('-'));
                if input.plans.iter().any(of) {
                    faults.push(format!("上次结果的任务 {id} 与现在的抽查计划不符:计划或事项编码有改动"));
                }
            }
            Some(_) if !there => {}
            Some((plan, item)) => tasks.push(Task {
                id: id.clone(),
                plan: plan.name.clone(),
                dept_id: plan.dept_id.clone(),
                item_id: item.id.clone(),
                subject: subject.clone(),
                earliest: plan.earliest,
                latest: plan.latest,
                minutes: item.minutes,
                mode: item.mode,
                notice: item.notice,
                priority: plan.priority,
                people: 0,
            }),
        }
    }
    if faults.is_empty() { Ok(tasks) } else { Err(faults) }
}
