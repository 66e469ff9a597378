//! The part of `onedoor plan` that plans again (`--keep`): the previous answer and what may be moved.

use super::plan::PlanArgs;
use crate::domain::allocate::replan::{Previous, Terms, visit_name};
use crate::exchange::previous;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Reads the previous answer and the options that go with it.
///
/// # Errors
/// All faults, as text (as JSON when the command's output is JSON).
pub(super) fn terms(args: &PlanArgs, dir: &Path) -> Result<(Previous, Terms), String> {
    let previous = previous::read(dir)
        .map_err(|faults| if args.json { format!("{:#}", faults.to_json()) } else { faults.to_string() })?;
    let numbers: BTreeMap<String, u32> =
        previous.visits.iter().map(|v| (visit_name(v.number), v.number)).collect();
    let mut notified = BTreeSet::new();
    let mut unknown = Vec::new();
    for name in args.notified.iter().map(|n| n.trim()).filter(|n| !n.is_empty()) {
        match numbers.get(name) {
            Some(number) => {
                notified.insert(*number);
            }
            None => unknown.push(name),
        }
    }
    if !unknown.is_empty() {
        return Err(format!("--notified 中的入企编号不在上次结果中:{}", unknown.join("、")));
    }
    let terms = Terms {
        notified,
        notified_before: args.notified_before,
        from: args.from,
        effort: args.effort * 2,
        most_rounds: args.most_rounds.min(Terms::default().most_rounds),
        unmerge: !args.no_unmerge,
    };
    Ok((previous, terms))
}
