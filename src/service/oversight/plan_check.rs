//! Plan entries over their frozen base: frozen when the head approves, checked against the floors, compared with what
//! was done.

use crate::domain::plan_check::{self as rules, Bounds, Done, Finding, Floors, Standing};
use crate::domain::ratio::Rule;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::inspections::eligible::Universe;
use crate::service::memory;
use crate::service::plans::{self, class_ratios_of, filter_of};
use crate::store::oversight::{self, PlanBase};
use crate::store::plans::PlanEntry;
use crate::store::statistics;
use crate::store::types::{At, Doc};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Who an entry is about now.
fn present(cx: &Cx<'_>, row: &PlanEntry, universe: &Universe) -> PlanBase {
    let filter = filter_of(row);
    let (mut classes, mut hash, mut subjects) = (BTreeMap::<String, u64>::new(), Sha256::new(), 0);
    for subject in universe.matching(&filter) {
        *classes.entry(subject.credit.clone()).or_default() += 1;
        hash.update(subject.key.as_bytes());
        hash.update(b"\n");
        subjects += 1;
    }
    PlanBase {
        plan_id: row.id,
        region: row.region.clone(),
        on_day: cx.today(),
        subjects,
        classes: Doc(classes),
        sha256: hex::encode(hash.finalize()),
        created_at: At(cx.now),
    }
}

/// Freezes the base of an entry that is being approved: the day, how many, of which class, and a hash of who. The number
/// of checks is a share of this base whatever becomes of the directory (泉州市丰泽区 2024: 3.5 % of the enterprises at the
/// end of last year).
///
/// # Errors
/// The database; it was frozen already.
pub fn freeze(cx: &mut Cx<'_>, row: &PlanEntry) -> Result<PlanBase> {
    let universe = Universe::read(cx)?;
    let base = present(cx, row, &universe);
    oversight::freeze(cx.db, &base)?;
    let data = json!({
        "on": base.on_day.to_string(), "subjects": base.subjects, "sha256": base.sha256, "classes": base.classes.0,
    });
    cx.journal(Event::new("plan_base_frozen", "plan_entry", row.id, data))?;
    Ok(base)
}

/// An entry with its base and what it asks for.
#[derive(Debug, Clone)]
pub struct Based {
    /// The entry.
    pub row: PlanEntry,
    /// Its base.
    pub base: PlanBase,
    /// Whether the base is the frozen one; otherwise it is that of today.
    pub frozen: bool,
    /// What it asks for; none where its texts say no number.
    pub asked: Option<Bounds>,
}

fn ratios(row: &PlanEntry) -> (Option<Rule>, Vec<(String, Option<Rule>)>) {
    let general: Option<Rule> = serde_json::from_value(row.ratio.0.clone()).unwrap_or_default();
    (general, class_ratios_of(row).into_iter().map(|(class, ratio)| (class, ratio.rule)).collect())
}

fn based(cx: &mut Cx<'_>, row: PlanEntry) -> Result<Based> {
    let (base, frozen) = match oversight::base(cx.db, row.id)? {
        Some(base) => (base, true),
        None => {
            let known = memory::directory(cx)?;
            (present(cx, &row, &known.universe), false)
        }
    };
    let (general, own) = ratios(&row);
    let asked = rules::planned(general, &own, &base.classes.0);
    Ok(Based { row, base, frozen, asked })
}

/// What a check of an entry found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The entry with its base.
    pub based: Based,
    /// What should be looked at.
    pub findings: Vec<(Finding, String)>,
}

/// Checks an entry against the floors of the county and the rise with the risk.
///
/// # Errors
/// Not visible.
pub fn check(cx: &mut Cx<'_>, id: Id) -> Result<Checked> {
    let row = plans::get(cx, id)?;
    let based = based(cx, row)?;
    let p = &cx.rules.procedure;
    let floors = Floors { untargeted_bp: p.untargeted_floor_bp, targeted_bp: p.targeted_floor_bp };
    let (general, own) = ratios(&based.row);
    let group = filter_of(&based.row).only_listed.is_some();
    let findings = rules::check(general, &own, &based.base.classes.0, based.row.targeted, group, floors);
    Ok(Checked { based, findings })
}

/// An entry and what was done of it.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The entry with its base.
    pub based: Based,
    /// What was done.
    pub done: Done,
    /// How that stands to the plan.
    pub standing: Standing,
}

/// Compares an entry with what was done in the joint inspection it became part of.
///
/// # Errors
/// Not visible.
pub fn execution(cx: &mut Cx<'_>, id: Id) -> Result<Executed> {
    let row = plans::get(cx, id)?;
    executed(cx, row)
}

/// The same of a row that may be seen.
///
/// # Errors
/// The database.
pub(super) fn executed(cx: &mut Cx<'_>, row: PlanEntry) -> Result<Executed> {
    let based = based(cx, row)?;
    let done = match based.row.inspection_id {
        None => Done::default(),
        Some(inspection) => {
            let (drawn, inspected, open) = statistics::done_of(
                cx.db,
                &based.row.region,
                inspection,
                based.row.department_id,
                &based.row.items.0,
            )?;
            let whole = |n: i64| u64::try_from(n).unwrap_or(0);
            Done { drawn: whole(drawn), inspected: whole(inspected), open: whole(open) }
        }
    };
    let today = cx.today();
    let over = based.row.window_to.is_some_and(|last| last < today)
        || chrono::Datelike::year(&today) > based.row.year;
    let standing = rules::standing(based.asked, done, over);
    Ok(Executed { based, done, standing })
}
