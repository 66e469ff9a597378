//! Joint inspections: who starts one, what it is about, who takes part. Partners answer in `invitations`, subjects are
//! drawn in `draws`.

pub mod eligible;
pub mod history;
pub mod lifecycle;
pub mod parts;

use super::cx::{Cx, Event};
use crate::domain::access::{Action, Scope};
use crate::domain::draw::record::Policy;
use crate::domain::inspection::{Act, State, next};
use crate::domain::planning::input::Notice;
use crate::domain::scope::{Quota, SubjectFilter};
use crate::domain::states::Refused;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspections::{
    self, Inspection, InspectionItem, Invitation, Participant, ParticipantPerson, Wanted, invitations,
};
use crate::store::types::{At, Doc};
use crate::store::{draws, numbering, scopes};
use chrono::{Datelike, NaiveDate};
use parts::Chosen;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the subjects of an inspection are to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DrawRules {
    /// `public`, `embargo` or `ceremony` (VDR/1 section 2.10).
    pub policy: String,
    /// Fewest witnesses.
    pub witnesses: u32,
    /// Hours that the pool must have been frozen before a beacon may be known (VDR/1 section 2.14 advises 24).
    pub pool_age_hours: u32,
}

impl Default for DrawRules {
    fn default() -> Self {
        Self { policy: "ceremony".to_owned(), witnesses: 2, pool_age_hours: 0 }
    }
}

impl DrawRules {
    /// The policy.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn policy(&self) -> Result<Policy> {
        Policy::of(&self.policy).ok_or_else(|| Error::internal("draw policy"))
    }
}

/// Where an inspection comes from, when it comes from the overlap board or was revised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origins {
    /// Plan entries it stands for.
    pub entries: Vec<Id>,
    /// Items each partner had planned, or had chosen before a revision.
    pub items: BTreeMap<Id, Vec<Id>>,
    /// Visits if everybody went alone, and together.
    pub visits: Option<(u64, u64)>,
}

/// What the initiating department says about its inspection.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Name.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// Which subjects.
    pub filter: SubjectFilter,
    /// How many.
    pub quota: Quota,
    /// First day of the visits.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Officers of each department at a visit; none: as the county sets.
    pub people: Option<u32>,
    /// Whether businesses are told.
    pub notice: Notice,
    /// How subjects are drawn.
    pub draw: DrawRules,
    /// The initiator's items and people.
    pub own: Chosen,
}

/// An inspection with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Full {
    /// The inspection.
    pub inspection: Inspection,
    /// Departments that take part.
    pub participants: Vec<Participant>,
    /// Their items.
    pub items: Vec<InspectionItem>,
    /// The people they named.
    pub people: Vec<ParticipantPerson>,
    /// The invitations.
    pub invitations: Vec<Invitation>,
}

/// An inspection with what rights depend on.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The inspection.
    pub inspection: Inspection,
    /// The invitations.
    pub invitations: Vec<Invitation>,
    partners: Vec<Id>,
    witnesses: Vec<Id>,
}

impl Loaded {
    /// What rights depend on.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        Scope {
            region: &self.inspection.region,
            owner: Some(self.inspection.department_id),
            participants: &self.partners,
            assigned: &self.witnesses,
        }
    }

    /// The state.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn state(&self) -> Result<State> {
        State::parse(&self.inspection.state).ok_or_else(|| Error::internal("inspection state"))
    }

    /// The departments that take part for good: the initiator and those that accepted.
    #[must_use]
    pub fn taking_part(&self) -> Vec<Id> {
        let accepted = self.invitations.iter().filter(|i| i.state == "accepted").map(|i| i.department_id);
        std::iter::once(self.inspection.department_id).chain(accepted).collect()
    }
}

/// A refusal of a life cycle as an error.
#[must_use]
pub fn refused(refused: Refused) -> Error {
    Error::wrong_state(refused.state, refused.text)
}

/// A value kept as JSON, read back.
///
/// # Errors
/// The row has been damaged.
pub fn doc<T: DeserializeOwned>(doc: &Doc<Value>) -> Result<T> {
    serde_json::from_value(doc.0.clone()).map_err(|e| Error::internal(&e))
}

/// A value to keep as JSON.
///
/// # Errors
/// It has no JSON form (a defect).
pub fn keep<T: Serialize>(value: &T) -> Result<Doc<Value>> {
    serde_json::to_value(value).map(Doc).map_err(|e| Error::internal(&e))
}

/// The stable name of a value whose serialisation is a word.
///
/// # Errors
/// It has no JSON form (a defect).
pub fn word_of<T: Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        _ => Err(Error::internal("a word")),
    }
}

/// Reads an inspection and what rights depend on, without asking for any.
///
/// # Errors
/// There is none in this county.
pub fn load(cx: &mut Cx<'_>, id: Id) -> Result<Loaded> {
    let inspection = inspections::need(cx.db, id)?;
    if inspection.region != cx.region() {
        return Err(Error::NotFound("联合抽查"));
    }
    let invitations = invitations::of(cx.db, id)?;
    let partners = invitations.iter().filter(|i| i.state != "withdrawn").map(|i| i.department_id).collect();
    let witnesses = draws::witnesses_of(cx.db, id)?;
    Ok(Loaded { inspection, invitations, partners, witnesses })
}

/// Reads an inspection for an act; in a write it stays locked until the end.
///
/// # Errors
/// Not visible, not allowed.
pub fn load_for(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Loaded> {
    let loaded = load(cx, id)?;
    cx.may(action, &loaded.scope())?;
    Ok(loaded)
}

/// Everything of an inspection.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Full> {
    let loaded = load_for(cx, id, Action::ViewInspection)?;
    full(cx, loaded)
}

/// Completes an inspection that was loaded.
///
/// # Errors
/// The database.
pub fn full(cx: &mut Cx<'_>, loaded: Loaded) -> Result<Full> {
    let id = loaded.inspection.id;
    Ok(Full {
        participants: inspections::participants(cx.db, id)?,
        items: inspections::items(cx.db, id)?,
        people: inspections::people(cx.db, id)?,
        invitations: loaded.invitations,
        inspection: loaded.inspection,
    })
}

/// The inspections one may see, newest first.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, mut wanted: Wanted, limit: i64) -> Result<Vec<Inspection>> {
    let region = cx.region().to_owned();
    if let Some(state) = &wanted.state
        && State::parse(state).is_none()
    {
        return Err(Error::field("state", "unknown_value", "没有这种状态"));
    }
    if !cx.can(Action::ViewInspection, &Scope::county(&region)) {
        if let Some(own) = cx.actor.department
            && cx.can(Action::ViewInspection, &Scope::of(&region, own))
        {
            wanted.department = Some(own);
        } else {
            wanted.witness = Some(cx.user()?);
        }
    }
    inspections::list(cx.db, &region, &wanted, limit)
}

/// The checks of a draft that need nothing but its own words and the day.
fn check(cx: &Cx<'_>, draft: &Draft, faults: &mut Faults) -> (String, String) {
    let name = faults.text("/name", &draft.name, true, 120);
    let field = faults.text("/field", &draft.field, false, 120);
    for (at, text) in draft.filter.faults() {
        faults.add(format!("/filter/{at}"), "invalid_filter", text);
    }
    if let Err(list) = draft.quota.asked() {
        for (at, text) in list {
            faults.add(format!("/quota/{}", at.replace('.', "/")), "invalid_quota", text);
        }
    }
    if draft.from > draft.to {
        faults.add("/window_to", "window", "截止日期不得早于开始日期");
    }
    if draft.to < cx.today() {
        faults.add("/window_to", "window_past", "检查时段已经过去");
    }
    if (draft.to - draft.from).num_days() > 366 {
        faults.add("/window_to", "window", "检查时段不得超过一年");
    }
    if draft.people.is_some_and(|n| !(2..=12).contains(&n)) {
        // 行政处罚法第四十二条: no fewer than two officers; the ceiling is the visit's.
        faults.add("/people_per_department", "out_of_range", "每部门须派2至12人");
    }
    if Policy::of(&draft.draw.policy).is_none() {
        faults.add("/draw/policy", "unknown_value", "抽取方式只能是 public、embargo 或 ceremony");
    }
    if draft.draw.witnesses > 20 || (draft.draw.policy == "ceremony" && draft.draw.witnesses == 0) {
        faults.add("/draw/witnesses", "out_of_range", "现场抽取至少一名见证人,最多二十名");
    }
    (name, field)
}

/// The draft with the county's ratios by class where it says none.
fn complete(cx: &Cx<'_>, draft: &Draft) -> Draft {
    let mut draft = draft.clone();
    if let Quota::ByClass(classes) = &mut draft.quota
        && classes.is_empty()
    {
        *classes = cx.rules.procedure.class_ratios.iter().cloned().collect();
    }
    draft
}

/// Notes what is wrong with the words of a draft that others made.
pub(super) fn check_draft(cx: &Cx<'_>, draft: &Draft, faults: &mut Faults) {
    check(cx, draft, faults);
}

/// Starts an inspection as a draft of one's own department. Its number follows the last of the year, without a gap.
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, draft: &Draft) -> Result<Full> {
    let department = cx.department()?;
    let region = cx.region().to_owned();
    cx.may(Action::EditInspection, &Scope::of(&region, department))?;
    let mut faults = Faults::default();
    let draft = &complete(cx, draft);
    let (name, field) = check(cx, draft, &mut faults);
    parts::check(cx, department, &draft.own, "", &mut faults)?;
    faults.done()?;
    let inspection = new_row(cx, department, name, field, draft, &Origins::default())?;
    inspections::insert(cx.db, &inspection)?;
    parts::set(cx, &inspection, department, "initiator", &draft.own)?;
    cx.journal(Event::new(
        "inspection_created",
        "inspection",
        inspection.id,
        json!({ "number": inspection.number, "items": draft.own.items.len() }),
    ))?;
    get(cx, inspection.id)
}

/// A new row, with the next number of the year.
pub(super) fn new_row(
    cx: &mut Cx<'_>,
    department: Id,
    name: String,
    field: String,
    draft: &Draft,
    origins: &Origins,
) -> Result<Inspection> {
    let region = cx.region().to_owned();
    let year = cx.today().year();
    let county = scopes::county(cx.db, &region)?.map(|c| c.0).unwrap_or_default();
    let serial = numbering::take(cx.db, &region, &format!("inspection/{year}"), 1)?;
    let short = county.chars().next().map_or_else(String::new, |c| c.to_string());
    let people = draft.people.unwrap_or(cx.rules.procedure.people_per_department);
    Ok(Inspection {
        id: cx.id()?,
        region,
        department_id: department,
        number: format!("{short}抽查〔{year}〕{serial}号"),
        name,
        field,
        state: State::Draft.as_str().to_owned(),
        filter: keep(&draft.filter)?,
        quota: keep(&draft.quota)?,
        window_from: draft.from,
        window_to: draft.to,
        people_per_department: i32::try_from(people).unwrap_or(2),
        notice: word_of(&draft.notice)?,
        draw_rules: keep(&draft.draw)?,
        overlap: keep(origins)?,
        abort_reason: String::new(),
        created_by: cx.user()?,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// Changes a draft.
///
/// # Errors
/// Not allowed; not a draft any more; every fault of the fields; [`Error::Stale`].
pub fn change(cx: &mut Cx<'_>, id: Id, draft: &Draft) -> Result<Full> {
    inspections::lock(cx.db, id)?;
    let loaded = load_for(cx, id, Action::EditInspection)?;
    cx.fresh(loaded.inspection.version)?;
    let state = loaded.state()?;
    if !state.is_editable() {
        return Err(Error::wrong_state(
            state.as_str(),
            format!("联合抽查处于“{}”,只有草稿可以修改;可先退回修改", state.word()),
        ));
    }
    let mut faults = Faults::default();
    let draft = &complete(cx, draft);
    let (name, field) = check(cx, draft, &mut faults);
    let department = loaded.inspection.department_id;
    parts::check(cx, department, &draft.own, "", &mut faults)?;
    faults.done()?;
    let mut row = loaded.inspection;
    let seen = row.version;
    let people = draft.people.unwrap_or(cx.rules.procedure.people_per_department);
    row.name = name;
    row.field = field;
    row.filter = keep(&draft.filter)?;
    row.quota = keep(&draft.quota)?;
    row.window_from = draft.from;
    row.window_to = draft.to;
    row.people_per_department = i32::try_from(people).unwrap_or(2);
    row.notice = word_of(&draft.notice)?;
    row.draw_rules = keep(&draft.draw)?;
    row.version += 1;
    row.updated_at = At(cx.now);
    inspections::update(cx.db, &row, seen)?;
    parts::set(cx, &row, department, "initiator", &draft.own)?;
    cx.journal(Event::new("inspection_changed", "inspection", id, json!({ "version": row.version })))?;
    get(cx, id)
}

/// Moves an inspection by an act of its life cycle: one `UPDATE` that asks for the state and version it saw.
///
/// # Errors
/// The state does not allow it; somebody was faster.
pub fn step(cx: &mut Cx<'_>, inspection: &Inspection, act: Act) -> Result<Inspection> {
    let state = State::parse(&inspection.state).ok_or_else(|| Error::internal("inspection state"))?;
    let to = next(state, act).map_err(refused)?;
    let mut row = inspection.clone();
    row.state = to.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    inspections::transition(cx.db, &row, state.as_str(), inspection.version)?;
    Ok(row)
}
