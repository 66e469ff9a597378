//! What moves an inspection before its draw: inviting, confirming, revising, ending it.

use super::super::cx::{Cx, Event};
use super::super::invitations::{self as answers, tell};
use super::eligible::Universe;
use super::{Full, Loaded, Origins, doc, get, keep, load_for, step};
use crate::domain::access::Action;
use crate::domain::inspection::{Act, State};
use crate::domain::invitation::{self, Invited, Settled, settle};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::departments;
use crate::store::inspections::{self, Inspection, Invitation, invitations};
use crate::store::types::At;
use crate::store::{draws, scopes};
use serde_json::json;
use std::collections::BTreeSet;

/// A department to invite.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Which.
    pub department: Id,
    /// The inspection makes no sense without it.
    pub required: bool,
    /// Found as a related department, not named.
    pub wildcard: bool,
    /// What is written to it.
    pub message: String,
}

/// The related departments of an inspection (“相关部门”): those that supervise its subjects.
///
/// # Errors
/// Not allowed.
pub fn related(cx: &mut Cx<'_>, id: Id) -> Result<Vec<Id>> {
    let loaded = load_for(cx, id, Action::EditInspection)?;
    let universe = Universe::read(cx)?;
    let filter = doc(&loaded.inspection.filter)?;
    let own = loaded.inspection.department_id;
    Ok(universe.related(&filter).into_iter().map(|r| r.0).filter(|d| *d != own).collect())
}

/// Invites departments. Related ones that are invited already are passed over; named ones are a fault.
///
/// # Errors
/// Not allowed; the state; every fault of the list.
pub fn invite(cx: &mut Cx<'_>, id: Id, partners: &[Partner]) -> Result<Full> {
    inspections::lock(cx.db, id)?;
    let loaded = load_for(cx, id, Action::EditInspection)?;
    cx.unchanged(loaded.inspection.version)?;
    let state = loaded.state()?;
    if state != State::Inviting {
        // A refusal of the state comes before the faults of the list.
        let act = if state == State::Confirmed { Act::Reinvite } else { Act::Invite };
        crate::domain::inspection::next(state, act).map_err(super::refused)?;
    }
    let own = loaded.inspection.department_id;
    let mut faults = Faults::default();
    let mut chosen: BTreeSet<Id> = BTreeSet::new();
    let mut wanted = Vec::new();
    for (i, partner) in partners.iter().enumerate() {
        let at = format!("/partners/{i}/department_id");
        let known = loaded.invitations.iter().find(|v| v.department_id == partner.department);
        let open = known.is_some_and(|v| !matches!(v.state.as_str(), "declined" | "withdrawn"));
        if partner.wildcard
            && (open || known.is_some_and(|v| v.state == "declined") || chosen.contains(&partner.department))
        {
            continue;
        }
        if !chosen.insert(partner.department) {
            faults.add(at, "repeated", "同一部门只能邀请一次");
            continue;
        }
        let department = departments::get(cx.db, partner.department)?;
        match department.filter(|d| d.region == loaded.inspection.region) {
            None => faults.add(at, "unknown", "没有这个部门"),
            Some(d) if d.id == own => faults.add(at, "own_department", "发起部门不能邀请自己"),
            Some(d) if d.kind != "inspecting" => {
                faults.add(at, "not_inspecting", format!("“{}”不是执法部门,不得参加检查", d.name));
            }
            Some(d) if d.state != "active" => faults.add(at, "not_active", format!("“{}”已停用", d.name)),
            Some(d) if open => faults.add(at, "already_invited", format!("“{}”已在邀请之列", d.name)),
            Some(_) => wanted.push((partner.clone(), known.cloned())),
        }
        let message = partner.message.trim();
        if message.chars().count() > 1000 {
            faults.add(format!("/partners/{i}/message"), "too_long", "最多1000个字符");
        }
    }
    let items = inspections::items(cx.db, id)?;
    if !items.iter().any(|i| i.department_id == own) {
        faults.add("/partners", "no_own_items", "发起部门须先选定自己的抽查事项");
    }
    faults.done()?;
    if wanted.is_empty() {
        return Err(Error::field(
            "/partners",
            "required",
            "没有可邀请的部门;请指明部门,或核对检查对象的监管部门",
        ));
    }
    let inspection = match state {
        State::Inviting => loaded.inspection.clone(),
        State::Confirmed => step(cx, &loaded.inspection, Act::Reinvite)?,
        _ => step(cx, &loaded.inspection, Act::Invite)?,
    };
    for (partner, known) in wanted {
        send(cx, &inspection, &partner, known.as_ref())?;
    }
    get(cx, id)
}

/// Sends one invitation, or the one that was declined or withdrawn again.
pub(in crate::service) fn send(
    cx: &mut Cx<'_>,
    inspection: &Inspection,
    partner: &Partner,
    known: Option<&Invitation>,
) -> Result<Invitation> {
    let due = answers::due(cx)?;
    let fresh = Invitation {
        id: match known {
            Some(known) => known.id,
            None => cx.id()?,
        },
        region: inspection.region.clone(),
        inspection_id: inspection.id,
        department_id: partner.department,
        state: invitation::State::Pending.as_str().to_owned(),
        sent_at: At(cx.now),
        due_day: due.date,
        reminders: 0,
        escalated_at: None,
        answered_at: None,
        answered_by: None,
        reason: String::new(),
        proposed_from: None,
        proposed_to: None,
        people: inspection.people_per_department,
        required: partner.required,
        wildcard: partner.wildcard,
        message: partner.message.trim().to_owned(),
        version: known.map_or(1, |k| k.version + 1),
        created_at: known.map_or(At(cx.now), |k| k.created_at),
        updated_at: At(cx.now),
    };
    match known {
        Some(known) => invitations::transition(cx.db, &fresh, &known.state, known.version)?,
        None => invitations::insert(cx.db, &fresh)?,
    }
    cx.journal(Event::new(
        "invitation_sent",
        "invitation",
        fresh.id,
        json!({
            "inspection": inspection.id.to_string(), "department": partner.department.to_string(),
            "due": due.date.to_string(), "required": partner.required, "related": partner.wildcard,
        }),
    ))?;
    let sure = if due.certain { "" } else { "(节假日安排未公布,按周末推算)" };
    let text = format!(
        "贵部门被邀请参加联合抽查“{}”({})。检查时段:{}至{}。请于{}前答复{sure}:接受、拒绝(说明理由)或提议改期。\n{}",
        inspection.name,
        inspection.number,
        inspection.window_from,
        inspection.window_to,
        fresh.due_day,
        fresh.message
    );
    tell(cx, partner.department, "invitation_sent", "联合抽查邀请", &text, &fresh)?;
    Ok(fresh)
}

fn invited(cx: &mut Cx<'_>, loaded: &Loaded) -> Result<Vec<Invited>> {
    let mut list = Vec::new();
    for v in &loaded.invitations {
        let name = departments::get(cx.db, v.department_id)?.map(|d| d.name).unwrap_or_default();
        let state = invitation::State::parse(&v.state).ok_or_else(|| Error::internal("invitation state"))?;
        list.push(Invited { department: name, state, required: v.required });
    }
    Ok(list)
}

/// What the answers so far come to.
///
/// # Errors
/// The database.
pub fn settled(cx: &mut Cx<'_>, loaded: &Loaded) -> Result<Settled> {
    Ok(settle(&invited(cx, loaded)?))
}

/// Confirms an inspection whose partners have all answered, or that needs none.
///
/// # Errors
/// Not allowed; the state; answers that are missing, each named.
pub fn confirm(cx: &mut Cx<'_>, id: Id) -> Result<Full> {
    inspections::lock(cx.db, id)?;
    let loaded = load_for(cx, id, Action::EditInspection)?;
    cx.unchanged(loaded.inspection.version)?;
    crate::domain::inspection::next(loaded.state()?, Act::Confirm).map_err(super::refused)?;
    // An inspection of one department needs nobody's answer.
    let alone = loaded.state()? == State::Draft && loaded.invitations.iter().all(|v| v.state == "withdrawn");
    if !alone {
        let missing = |waiting: Vec<String>, mut why: Vec<String>| {
            if !waiting.is_empty() {
                why.push(format!("尚待答复:{}", waiting.join("、")));
            }
            Error::refused("not_settled", format!("还不能确认:{}", why.join(";")))
        };
        match settled(cx, &loaded)? {
            Settled::Confirmed { .. } => {}
            Settled::Inviting { waiting } => return Err(missing(waiting, Vec::new())),
            Settled::Blocked { blockers, waiting } => {
                return Err(missing(waiting, blockers.iter().map(invitation::Blocker::text).collect()));
            }
        }
    }
    let items = inspections::items(cx.db, id)?;
    if !items.iter().any(|i| i.department_id == loaded.inspection.department_id) {
        return Err(Error::refused("no_own_items", "发起部门须先选定自己的抽查事项"));
    }
    let partners = loaded.taking_part().len() - 1;
    step(cx, &loaded.inspection, Act::Confirm)?;
    cx.journal(Event::new("inspection_confirmed", "inspection", id, json!({ "partners": partners })))?;
    get(cx, id)
}

/// Takes an inspection back to the draft: what partners accepted was another inspection, so all are asked anew. Their
/// items are kept as a proposal.
///
/// # Errors
/// Not allowed; the state.
pub fn revise(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Full> {
    inspections::lock(cx.db, id)?;
    let loaded = load_for(cx, id, Action::EditInspection)?;
    cx.unchanged(loaded.inspection.version)?;
    crate::domain::inspection::next(loaded.state()?, Act::Revise).map_err(super::refused)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    let mut origins: Origins = doc(&loaded.inspection.overlap)?;
    for item in inspections::items(cx.db, id)? {
        if item.department_id != loaded.inspection.department_id {
            let list = origins.items.entry(item.department_id).or_default();
            if !list.contains(&item.item_id) {
                list.push(item.item_id);
            }
        }
    }
    let mut changed = loaded.inspection.clone();
    changed.overlap = keep(&origins)?;
    step(cx, &changed, Act::Revise)?;
    withdraw_all(cx, &loaded, &reason, true)?;
    cx.journal(
        Event::new("inspection_revised", "inspection", id, json!({})).private(json!({ "reason": reason })),
    )?;
    get(cx, id)
}

/// Takes all invitations back, with the items and people that belong to them; unless `all`, answers that were given
/// stand.
fn withdraw_all(cx: &mut Cx<'_>, loaded: &Loaded, reason: &str, all: bool) -> Result<()> {
    for v in loaded.invitations.iter().filter(|v| v.state != "withdrawn") {
        if !all && (v.state == "accepted" || v.state == "declined") {
            continue;
        }
        inspections::clear_part(cx.db, loaded.inspection.id, v.department_id)?;
        let mut row = v.clone();
        row.state = invitation::State::Withdrawn.as_str().to_owned();
        row.reason = reason.to_owned();
        row.version += 1;
        row.updated_at = At(cx.now);
        invitations::transition(cx.db, &row, &v.state, v.version)?;
        let text = format!(
            "联合抽查“{}”({})的邀请已撤回:{reason}",
            loaded.inspection.name, loaded.inspection.number
        );
        tell(cx, v.department_id, "invitation_withdrawn", "联合抽查邀请已撤回", &text, &row)?;
    }
    Ok(())
}

/// Ends an inspection before its time. A draw that is open must be aborted first: Rule A wants its secrets shown.
///
/// # Errors
/// Not allowed; the state; no reason.
pub fn abort(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Full> {
    inspections::lock(cx.db, id)?;
    let loaded = load_for(cx, id, Action::AbortInspection)?;
    cx.unchanged(loaded.inspection.version)?;
    crate::domain::inspection::next(loaded.state()?, Act::Abort).map_err(super::refused)?;
    let mut faults = Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    let open = draws::of(cx.db, id)?.into_iter().any(|d| {
        matches!(d.state.as_str(), "opened" | "sealed" | "revealed" | "beaconed")
            || (d.policy == "embargo" && d.state == "resulted")
    });
    if open {
        return Err(Error::refused(
            "draw_open",
            "抽取正在进行或尚未公布,请先作废或公布该次抽取(规则A),再终止联合抽查",
        ));
    }
    let mut row = loaded.inspection.clone();
    row.abort_reason.clone_from(&reason);
    step(cx, &row, Act::Abort)?;
    let cancelled = scopes::cancel_tasks(cx.db, id, None, cx.now)?;
    let freed = scopes::free_plans(cx.db, id, cx.now)?;
    withdraw_all(cx, &loaded, &reason, false)?;
    for department in loaded.taking_part() {
        let text = format!("联合抽查“{}”({})已终止:{reason}", row.name, row.number);
        answers::tell_department(cx, department, "inspection_aborted", "联合抽查已终止", &text, id)?;
    }
    cx.journal(
        Event::new(
            "inspection_aborted",
            "inspection",
            id,
            json!({ "tasks_cancelled": cancelled, "plans_freed": freed }),
        )
        .private(json!({ "reason": reason })),
    )?;
    get(cx, id)
}
