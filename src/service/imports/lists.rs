//! Item lists and plans out of import files: drafts of the departments they name, or the upper list.

use super::places::{lengths, twice};
use super::{Departments, Mode, Notes, Options, Tally, Tell};
use crate::domain::access::{Action, Scope};
use crate::domain::alias::{Resolved, fold};
use crate::domain::item::State;
use crate::domain::registry::{ItemDetails, ListLevel, PlanDetails, plan_state};
use crate::domain::rows::{ItemRow, PlanRow, Table};
use crate::error::{Faults, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::{items as item_rules, plans as plan_rules};
use crate::store::items::{self, Item};
use crate::store::plans::{self, PlanEntry};
use crate::store::types::At;
use chrono::Datelike;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// A code for a row whose list gives none: the same for the same words, so that a list imported again finds its rows.
/// Rows of the same words are told apart by their order.
fn code_of(prefix: &str, words: &[&str], seen: &mut HashMap<String, u32>) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(fold(word).as_bytes());
        hash.update([0]);
    }
    let digest = hex::encode_upper(&hash.finalize()[..6]);
    let count = seen.entry(digest.clone()).or_default();
    *count += 1;
    if *count == 1 { format!("{prefix}-{digest}") } else { format!("{prefix}-{digest}-{count}") }
}

/// Whether the actor may draft for a department: the coordination office for all, a clerk for his own.
fn may_draft(cx: &Cx<'_>, action: Action, department: Id, notes: &mut Notes) -> bool {
    let region = cx.region().to_owned();
    cx.can(Action::DraftForAll, &Scope::county(&region)) || super::own(cx, action, department, notes)
}

/// Only a department that inspects has items and plans.
fn inspects(known: &Departments, department: Id, notes: &mut Notes) {
    if let Some(d) = known.rows.get(&department).filter(|d| d.kind != "inspecting") {
        notes.error(
            "部门",
            "not_inspecting",
            &d.name,
            "不是执法部门,没有自己的抽查事项和计划",
            "请指定执法部门",
        );
    }
}

/// 事项.
pub(super) fn items(
    cx: &mut Cx<'_>,
    table: &Table<ItemRow>,
    known: &Departments,
    options: &Options,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let region = cx.region().to_owned();
    let level = if options.upper { ListLevel::Upper } else { ListLevel::Own };
    let mut latest: HashMap<(Id, String), Item> = HashMap::new();
    for item in items::all(cx.db, &region, level.as_str())? {
        // Revisions come in ascending order, so the last one stays.
        latest.insert((item.department_id, item.code.clone()), item);
    }
    let mine = cx.actor.department;
    let mut tally = Tally::default();
    let (mut same_words, mut seen) = (HashMap::new(), HashSet::new());
    let (mut new, mut changed): (Vec<Item>, Vec<(Item, String, i64)>) = (Vec::new(), Vec::new());
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let r = &row.value;
        let department = if options.upper {
            mine
        } else {
            let by_key = (r.department.is_empty() && !r.details.dept_key.is_empty())
                .then(|| known.of_key(&r.details.dept_key))
                .flatten();
            by_key.or_else(|| known.first(&r.department, mine, &mut notes))
        };
        let code = if r.code.is_empty() {
            code_of("QD", &[&r.field, &r.name, &r.details.content, &r.object], &mut same_words)
        } else {
            r.code.clone()
        };
        let Some(department) = department else {
            notes.bad = true;
            tally.take(notes);
            continue;
        };
        if !options.upper {
            may_draft(cx, Action::EditItem, department, &mut notes);
            inspects(known, department, &mut notes);
        }
        lengths(&mut notes, &[("事项编码", &code, 60)]);
        let key = (department, code);
        if !notes.bad && !seen.insert(key.clone()) {
            notes.error(
                "事项编码",
                "duplicate",
                &key.1,
                "前面已有同一部门同一编码的一行",
                "请核对两行,只保留正确的一行",
            );
        }
        let before = latest.get(&key);
        let mut next = match before {
            Some(before) => before.clone(),
            None => item_rules::blank(cx, department, &key.1, level)?,
        };
        let mut text = item_rules::text_of(&next);
        merge(table, r, known.rows.get(&department).map(|d| d.code.as_str()), &mut text);
        let mut faults = Faults::default();
        text.write(&mut next, &mut faults);
        notes.fields(faults);
        let same = before == Some(&next);
        let state = before.and_then(|b| State::parse(&b.state));
        if !same && matches!(state, Some(State::InReview | State::Effective)) {
            let why = "该事项正在法制审核或等待公示,不能由导入更改";
            notes.error("事项编码", "under_way", &key.1, why, "请待公示后再导入,或先撤回");
        }
        for (code, text) in
            item_rules::warnings(&next).into_iter().filter(|(code, _)| *code != "ratio_not_understood")
        {
            notes.warn("抽查依据", code, "", text, "请在公示前补填");
        }
        if tally.take(notes) {
            continue;
        }
        match (before, state) {
            _ if same => tally.unchanged += 1,
            (Some(before), Some(State::Draft | State::Returned)) => {
                tally.changed += 1;
                next.version += 1;
                next.updated_at = At(cx.now);
                changed.push((next, before.state.clone(), before.version));
            }
            (Some(_), _) => {
                // Published words change only through legal review: a new revision.
                tally.changed += 1;
                new.push(item_rules::revision_of(cx, &next)?);
            }
            (None, _) => {
                tally.new += 1;
                new.push(next);
            }
        }
    }
    if mode.writes(tally.refused) {
        items::insert_all(cx.db, &new)?;
        for (row, from, seen) in &changed {
            items::transition(cx.db, row, from, *seen)?;
        }
    }
    Ok(tally)
}

/// Writes what a row says into the text that is known; columns that are not there leave it as it is.
fn merge(table: &Table<ItemRow>, r: &ItemRow, owner: Option<&str>, text: &mut item_rules::Text) {
    // Of the two forms only the published list calls the name `item`.
    let listed = table.has("item");
    let has = |column: &str| listed || table.has(column);
    let d = &r.details;
    text.name.clone_from(&r.name);
    if has("field") {
        text.field.clone_from(&r.field);
    }
    if has("object") {
        text.object.clone_from(&r.object);
    }
    if has("mode")
        && let Some(mode) = r.mode
    {
        text.mode = mode;
    }
    if has("notice")
        && let Some(notice) = r.notice
    {
        text.notice = notice;
    }
    if let Some(minutes) = r.minutes {
        text.minutes = minutes;
    }
    if has("category") {
        text.category = r.category;
    }
    if has("ratio") {
        text.ratio = r.ratio.as_ref().map(|r| r.text.clone()).unwrap_or_default();
    }
    let to = &mut text.details;
    if has("basis") {
        to.basis.clone_from(&d.basis);
    }
    let set = |column: &str, to: &mut String, from: &str| {
        if has(column) {
            from.clone_into(to);
        }
    };
    set("content", &mut to.content, &d.content);
    set("method_text", &mut to.method, &d.method);
    set("executing_body", &mut to.executing_body, &d.executing_body);
    set("frequency_text", &mut to.frequency, &d.frequency);
    set("requirement", &mut to.requirement, &d.requirement);
    set("remark", &mut to.remark, &d.remark);
    if listed {
        let own = std::mem::take(to);
        *to = ItemDetails {
            list_no: d.list_no.clone(),
            initiators: d.initiators.clone(),
            partners: d.partners.clone(),
            any_partner: d.any_partner,
            ..own
        };
        return;
    }
    // An export names the department where there is no key of a kind.
    if owner != Some(d.dept_key.as_str()) {
        to.dept_key.clone_from(&d.dept_key);
    }
    set("equiv_name", &mut to.equivalence_name, &d.equivalence_name);
    set("expert", &mut to.expert, &d.expert);
    if has("season") {
        to.season = d.season;
    }
    set("equiv", &mut text.equivalence_group, &r.equivalence_group);
    set("qual", &mut text.qualification, &r.qualification);
    if has("freq") {
        text.cap = r.cap;
    }
}

/// 计划.
pub(super) fn plans(
    cx: &mut Cx<'_>,
    table: &Table<PlanRow>,
    known: &Departments,
    options: &Options,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let region = cx.region().to_owned();
    let this_year = options.year.unwrap_or_else(|| cx.today().year());
    let rows = plans::list(cx.db, &region, &plans::Filter::default(), None, i64::MAX)?;
    let old: HashMap<(Id, i32, String), PlanEntry> =
        rows.into_iter().map(|p| ((p.department_id, p.year, p.code.clone()), p)).collect();
    let mut by_code: HashMap<(Id, String), Id> = HashMap::new();
    let mut by_name: HashMap<(Id, String), Id> = HashMap::new();
    for item in items::all(cx.db, &region, ListLevel::Own.as_str())? {
        if item.current {
            by_name.insert((item.department_id, fold(&item.name)), item.id);
            by_code.insert((item.department_id, item.code), item.id);
        }
    }
    let mine = cx.actor.department.filter(|d| known.rows.get(d).is_some_and(|d| d.kind == "inspecting"));
    let mut tally = Tally::default();
    let (mut same_words, mut seen) = (HashMap::new(), HashMap::new());
    let (mut new, mut changed): (Vec<PlanEntry>, Vec<(PlanEntry, i64)>) = (Vec::new(), Vec::new());
    let codes: Vec<String> = table
        .rows
        .iter()
        .map(|row| {
            let d = &row.value.details;
            let mut words = vec![row.value.name.as_str(), d.object.as_str()];
            words.extend(d.item_names.iter().map(String::as_str));
            if row.value.code.is_empty() {
                code_of("JH", &words, &mut same_words)
            } else {
                row.value.code.clone()
            }
        })
        .collect();
    for (row, code) in table.rows.iter().zip(&codes) {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let r = &row.value;
        let Some(department) = known.first(&r.department, mine, &mut notes) else {
            notes.bad = true;
            tally.take(notes);
            continue;
        };
        may_draft(cx, Action::EditPlan, department, &mut notes);
        inspects(known, department, &mut notes);
        twice(&mut seen, code, row.number, "计划编号", &mut notes);
        lengths(&mut notes, &[("计划编号", code, 128)]);
        let year = r.from.map_or(this_year, |d| d.year());
        let before = old.get(&(department, year, code.clone()));
        let mut next = match before {
            Some(before) => before.clone(),
            None => plan_rules::blank(cx, department, year, code)?,
        };
        let mut text = plan_rules::text_of(&next);
        merge_plan(table, r, known, &mut text, &mut notes);
        let lookup = |code: &String| by_code.get(&(department, code.clone())).copied();
        let items: Vec<Id> = if r.items.is_empty() {
            let named = r.details.item_names.iter();
            named.filter_map(|n| by_name.get(&(department, fold(n))).copied()).collect()
        } else {
            for code in r.items.iter().filter(|code| lookup(code).is_none()) {
                notes.error(
                    "事项编码",
                    "unknown_item",
                    code,
                    "该部门清单中没有这个事项编码",
                    "请先导入事项,或核对编码",
                );
            }
            r.items.iter().filter_map(lookup).collect()
        };
        // Words that name no item take none away that somebody has chosen.
        if !items.is_empty() || table.has("items") {
            text.items = items;
        }
        let mut faults = Faults::default();
        text.write(&mut next, &mut faults);
        notes.fields(faults);
        let same = before == Some(&next);
        if before.is_some_and(|b| !same && b.state != plan_state::State::Draft.as_str()) {
            notes.error("计划编号", "under_way", code, "该计划已备案或公示,不能由导入更改", "请先退回修改");
        }
        for (code, text) in plan_rules::warnings(&next) {
            // The reader has told of the words themselves, at their place.
            if !matches!(
                code,
                "ratio_not_understood" | "window_not_understood" | "any_partner" | "several_initiators"
            ) {
                notes.warn("", code, "", text, "请在备案前补填");
            }
        }
        if tally.take(notes) {
            continue;
        }
        match before {
            _ if same => tally.unchanged += 1,
            None => {
                tally.new += 1;
                new.push(next);
            }
            Some(before) => {
                tally.changed += 1;
                next.version += 1;
                next.updated_at = At(cx.now);
                changed.push((next, before.version));
            }
        }
    }
    if mode.writes(tally.refused) {
        plans::insert_all(cx.db, &new)?;
        for (row, seen) in &changed {
            plans::transition(cx.db, row, plan_state::State::Draft.as_str(), *seen)?;
        }
    }
    Ok(tally)
}

fn merge_plan(
    table: &Table<PlanRow>,
    r: &PlanRow,
    known: &Departments,
    text: &mut plan_rules::Text,
    notes: &mut Notes,
) {
    let listed = table.has("item");
    if listed || table.has("name") || text.name.is_empty() {
        text.name = if r.name.is_empty() { r.code.clone() } else { r.name.clone() };
    }
    if table.has("ratio") {
        text.ratio.clone_from(&r.ratio.text);
    }
    if listed || ["earliest", "latest", "window"].iter().any(|c| table.has(c)) {
        (text.from, text.to) = (r.from, r.to);
        text.window.clone_from(&r.window);
    }
    if listed {
        let mut partner_codes = Vec::new();
        for name in &r.details.partners {
            match known.names.resolve_list(name).first().map(|p| &p.resolved) {
                Some(Resolved::One(code)) => partner_codes.push(code.clone()),
                _ => notes.warn(
                    "配合部门",
                    "unknown_department",
                    name,
                    "没有登记名称、编码或别名为此的部门",
                    "请登记部门别名",
                ),
            }
        }
        text.details = PlanDetails { partner_codes, ..r.details.clone() };
        return;
    }
    let columns = [
        ("kinds", &mut text.filter.kinds, &r.filter.kinds),
        ("industries", &mut text.filter.industries, &r.filter.industries),
        ("towns", &mut text.filter.towns, &r.filter.towns),
        ("credits", &mut text.filter.credits, &r.filter.credits),
        ("tags", &mut text.filter.tags, &r.filter.tags),
    ];
    for (column, to, from) in columns {
        if table.has(column) {
            to.clone_from(from);
        }
    }
    if table.has("class_ratios") {
        text.class_ratios =
            r.class_ratios.iter().map(|(class, ratio)| (class.clone(), ratio.text.clone())).collect();
    }
    if table.has("priority") {
        text.priority = i32::try_from(r.priority).unwrap_or(i32::MAX);
    }
    if table.has("remark") {
        text.details.remark.clone_from(&r.details.remark);
    }
}
