//! The desks of those who prepare, plan, watch and keep the registers.

pub(super) mod attention;
mod caps;
mod common;
mod departments;
mod imports;
mod inspectors;
mod items;
mod journal;
mod outbox;
mod overlap;
mod oversight;
mod planning_rules;
mod plannings;
mod plans;
mod preview;
mod recusals;
mod scorecards;
mod subjects;
mod tasks;
mod users;

use super::Done;
use super::field::Choice;
use super::form::Form;
use super::ui::Ui;
use crate::domain::access::Action::ViewSubject;
use crate::domain::access::Scope;
use crate::domain::registry::DepartmentKind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::store::departments::{self as office_rows, Department};
use crate::store::subjects as subject_rows;
use crate::web::call::Call;
use crate::web::page::{Cursor, cut};
use crate::web::reply::Answer;
use crate::web::router::Router;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

pub(super) fn pages(r: &mut Router) {
    plannings::pages(r);
    preview::pages(r);
    planning_rules::pages(r);
    overlap::pages(r);
    oversight::pages(r);
    scorecards::pages(r);
    items::pages(r);
    subjects::pages(r);
    recusals::pages(r);
    inspectors::pages(r);
    imports::pages(r);
    plans::pages(r);
    users::pages(r);
    tasks::pages(r);
    journal::pages(r);
    departments::pages(r);
    common::pages(r);
    caps::pages(r);
    outbox::pages(r);
}

/// The county's departments.
fn offices(cx: &mut Cx<'_>) -> Result<Vec<Department>> {
    let region = cx.region().to_owned();
    office_rows::all(cx.db, &region)
}

/// Names of the county's departments.
fn names(cx: &mut Cx<'_>) -> Result<HashMap<Id, String>> {
    Ok(offices(cx)?.into_iter().map(|d| (d.id, d.name)).collect())
}

/// The inspecting departments to choose from, after the one for all of them.
fn office_choices(cx: &mut Cx<'_>, ui: &Ui, chosen: Option<Id>) -> Result<Vec<Choice>> {
    let mut list = vec![Choice::new("", ui.t("filter-all"))];
    for d in offices(cx)? {
        if d.kind == DepartmentKind::Inspecting.as_str() {
            list.push(Choice::new(d.id.to_string(), d.name).chosen(chosen == Some(d.id)));
        }
    }
    Ok(list)
}

/// Codes to choose from, each with its word in a family of words; the empty one is all of them.
fn word_choices(ui: &Ui, family: &str, codes: &[&str], chosen: &str) -> Vec<Choice> {
    codes
        .iter()
        .map(|code| {
            let label = if code.is_empty() { ui.t("filter-all") } else { ui.word(family, code) };
            Choice::new(*code, label).chosen(*code == chosen)
        })
        .collect()
}

/// The subject people mean by a code or a name. Whoever may not see the directory must know it exactly.
fn meant_subject(cx: &mut Cx<'_>, pointer: &str, text: &str) -> Result<Id> {
    let text = text.trim();
    let region = cx.region().to_owned();
    let search = crate::domain::alias::fold(text);
    let filter = subject_rows::Filter { search: Some(search), ..subject_rows::Filter::default() };
    let found =
        if text.is_empty() { Vec::new() } else { subject_rows::list(cx.db, &region, &filter, None, 50)? };
    let exact =
        found.iter().find(|s| s.key == text || s.uscc == text || s.registration_no == text || s.name == text);
    let sees = cx.can(ViewSubject, &Scope::county(&region));
    match (exact, found.as_slice()) {
        (Some(s), _) => Ok(s.id),
        (None, [one]) if sees => Ok(one.id),
        (None, [_, _, ..]) if sees => {
            let names: Vec<&str> = found.iter().take(5).map(|s| s.name.as_str()).collect();
            let text = format!("有{}个检查对象符合，请填写完整的代码：{}", found.len(), names.join("、"));
            Err(Error::field(pointer, "ambiguous", text))
        }
        _ => Err(Error::field(pointer, "unknown", "没有这个检查对象，请核对代码或名称")),
    }
}

fn wrong_cursor() -> Error {
    Error::field("after", "invalid_cursor", "不是本列表的游标")
}

/// The identifier in the cursor of a list.
fn key(after: Option<&Cursor>) -> Result<Option<Id>> {
    after.map(|c| c.as_str().parse().map_err(|_| wrong_cursor())).transpose()
}

/// A page of a list that is in memory: the cursor says how many went before.
fn window<'a, T>(list: &'a [T], after: Option<&Cursor>) -> Result<(Vec<&'a T>, Option<String>)> {
    let skip: usize = after.map(|c| c.as_str().parse().map_err(|_| wrong_cursor())).transpose()?.unwrap_or(0);
    let (rows, next) = cut(
        |most| {
            let most = usize::try_from(most).unwrap_or(0);
            Ok(list.iter().enumerate().skip(skip).take(most).collect())
        },
        |(i, _): &(usize, &T)| (i + 1).to_string(),
    )?;
    Ok((rows.into_iter().map(|(_, row)| row).collect(), next))
}

/// The same request under the key of its form, so that what takes long is done once however often it is sent.
pub(super) fn once(call: &Call, form: &Form, body: &impl std::fmt::Debug) -> Call {
    let mut call = call.clone();
    if let (Some(once), Some(browser)) = (form.once(), call.browser.as_deref()) {
        let mut hash = Sha256::new();
        hash.update(browser.place().as_bytes());
        hash.update([0]);
        hash.update(format!("{body:?}").as_bytes());
        call.key = Some((once.to_owned(), hex::encode(hash.finalize())));
    }
    call
}

/// Goes on from what the API's handler made to the page of it.
pub(super) fn onward(call: &Call, answer: Answer, done: impl FnOnce(String) -> Done) -> Result<Answer> {
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    let place = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
    let place = place.map(|(_, p)| p.strip_prefix("/api/v1").unwrap_or(p).to_owned());
    done(place.ok_or_else(|| Error::internal("something was made that has no place"))?).answer(call)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<super::Page> {
    let all = [
        plannings::samples(ui),
        preview::samples(ui),
        planning_rules::samples(ui),
        overlap::samples(ui),
        oversight::samples(ui),
        scorecards::samples(ui),
        items::samples(ui),
        subjects::samples(ui),
        inspectors::samples(ui),
        imports::samples(ui),
        plans::samples(ui),
        users::samples(ui),
        tasks::samples(ui),
        journal::samples(ui),
        recusals::samples(ui),
        departments::samples(ui),
        common::samples(ui),
        caps::samples(ui),
        outbox::samples(ui),
    ];
    all.into_iter().flatten().collect()
}
