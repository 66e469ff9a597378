//! A department's part in a joint inspection: its items and people. Each department chooses for itself.

use super::super::cx::{Cx, Event};
use super::{Full, get, load_for};
use crate::domain::access::Action;
use crate::domain::inspection::State;
use crate::domain::item;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspections::{self, Inspection, Part, Participant};
use crate::store::types::At;
use crate::store::{accounts, draws, scopes};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// What a department chooses.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// Items of its own list.
    pub items: Vec<Id>,
    /// People of its own directory; empty: all who can go.
    pub inspectors: Vec<Id>,
    /// Officers at each visit; none: as the inspection asks.
    pub people: Option<u32>,
}

/// Notes what is wrong with a choice; `at` is the pointer to the object that holds it.
///
/// # Errors
/// The database.
pub fn check(cx: &mut Cx<'_>, department: Id, chosen: &Chosen, at: &str, faults: &mut Faults) -> Result<()> {
    let region = cx.region().to_owned();
    let found: HashMap<Id, _> =
        scopes::items(cx.db, &chosen.items)?.into_iter().map(|item| (item.id, item)).collect();
    let mut seen = BTreeSet::new();
    for (i, id) in chosen.items.iter().enumerate() {
        let pointer = format!("{at}/items/{i}");
        if !seen.insert(*id) {
            faults.add(pointer, "repeated", "同一事项只能列一次");
            continue;
        }
        match found.get(id).filter(|item| item.region == region) {
            None => faults.add(pointer, "unknown", "没有这个事项"),
            Some(item) if item.department_id != department => {
                faults.add(pointer, "other_department", format!("“{}”不是本部门的事项", item.name));
            }
            // 清单之外无检查 (国办发〔2024〕54号).
            Some(item)
                if !item::State::parse(&item.state).is_some_and(item::State::may_inspect)
                    || !item.current =>
            {
                faults.add(pointer, "not_published", format!("“{}”未公示或已有新版本,不得检查", item.name));
            }
            Some(_) => {}
        }
    }
    if chosen.people.is_some_and(|n| !(2..=12).contains(&n)) {
        faults.add(format!("{at}/people"), "out_of_range", "每部门须派2至12人");
    }
    if !chosen.inspectors.is_empty() {
        let own: HashMap<Id, _> =
            scopes::inspectors(cx.db, &[department])?.into_iter().map(|p| (p.id, p)).collect();
        let mut seen = BTreeSet::new();
        for (i, id) in chosen.inspectors.iter().enumerate() {
            let pointer = format!("{at}/inspectors/{i}");
            match own.get(id) {
                _ if !seen.insert(*id) => faults.add(pointer, "repeated", "同一人员只能列一次"),
                None => faults.add(pointer, "unknown", "本部门名录库中没有这名人员"),
                Some(p) if p.expert => faults.add(pointer, "expert", "专家不计入执法检查人员"),
                Some(p) if p.state != "active" => faults.add(pointer, "not_active", "该人员已停用"),
                Some(_) => {}
            }
        }
    }
    Ok(())
}

/// Writes a choice that was checked.
///
/// # Errors
/// The database.
pub fn set(
    cx: &mut Cx<'_>,
    inspection: &Inspection,
    department: Id,
    role: &str,
    chosen: &Chosen,
) -> Result<()> {
    let people =
        chosen.people.and_then(|n| i32::try_from(n).ok()).unwrap_or(inspection.people_per_department);
    inspections::set_part(
        cx.db,
        &Part {
            participant: Participant {
                inspection_id: inspection.id,
                department_id: department,
                region: inspection.region.clone(),
                role: role.to_owned(),
                people,
            },
            items: chosen.items.clone(),
            people: chosen.inspectors.clone(),
        },
    )
}

/// A department that takes part changes its own items and people, until the pool is frozen.
///
/// # Errors
/// Not allowed; too late; every fault; [`Error::Stale`].
pub fn change(cx: &mut Cx<'_>, id: Id, chosen: &Chosen) -> Result<Full> {
    inspections::lock(cx.db, id)?;
    let loaded = load_for(cx, id, Action::EditParticipation)?;
    cx.fresh(loaded.inspection.version)?;
    let department = cx.department()?;
    let state = loaded.state()?;
    if !matches!(state, State::Draft | State::Inviting | State::Confirmed) {
        return Err(Error::wrong_state(
            state.as_str(),
            format!("联合抽查处于“{}”,名单锁定后不能再改事项和人员", state.word()),
        ));
    }
    if !loaded.taking_part().contains(&department) {
        return Err(Error::refused("not_accepted", "本部门尚未接受邀请,请先接受"));
    }
    let mut faults = Faults::default();
    check(cx, department, chosen, "", &mut faults)?;
    if chosen.items.is_empty() && department != loaded.inspection.department_id {
        faults.add("/items", "required", "至少选一个事项;不再参加请撤销接受");
    } else if chosen.items.is_empty() && state != State::Draft {
        // Partners were asked, or have answered, for what the initiator checks.
        faults.add("/items", "required", "发起部门至少选一个自己的抽查事项");
    }
    faults.done()?;
    let role = if department == loaded.inspection.department_id { "initiator" } else { "partner" };
    let mut row = loaded.inspection;
    let seen = row.version;
    row.version += 1;
    row.updated_at = At(cx.now);
    inspections::update(cx.db, &row, seen)?;
    set(cx, &row, department, role, chosen)?;
    cx.journal(Event::new(
        "participation_changed",
        "inspection",
        id,
        json!({ "department": department.to_string(), "items": chosen.items.len(), "people": chosen.inspectors.len() }),
    ))?;
    get(cx, id)
}

/// The entries in the inspector directory of whoever operated a draw of an inspection: they may not inspect in it.
///
/// # Errors
/// The database.
pub fn operators(cx: &mut Cx<'_>, inspection: Id) -> Result<Vec<Id>> {
    let mut found = Vec::new();
    for user in draws::operators(cx.db, inspection)? {
        found.extend(accounts::get(cx.db, user)?.and_then(|a| a.inspector_id));
    }
    Ok(found)
}
