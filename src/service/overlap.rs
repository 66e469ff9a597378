//! The overlap board (重叠看板) of the coordination office: which subjects several departments' plans hit, and the joint
//! inspections that would save visits. Accepting a proposal makes the inspection with its invitations.

use super::cx::{Cx, Event};
use super::draws::pool::entry as cap_of;
use super::inspections::eligible::{Universe, wanted};
use super::inspections::lifecycle::{Partner, send};
use super::inspections::parts::{self, Chosen};
use super::inspections::{self as use_case, Draft, DrawRules, Full, Origins, doc, step};
use super::memory::{self, Directory};
use super::pools;
use crate::domain::access::{Action, Scope};
use crate::domain::cap;
use crate::domain::draw::quota::{self, Quota as DrawQuota};
use crate::domain::inspection::{Act, State};
use crate::domain::overlap::{self, Board, CapUse, Entry, Index, Item as BoardItem, Options, Subject};
use crate::domain::planning::input::Notice;
use crate::domain::ratio::{Bound, Ratio, Rule};
use crate::domain::scope::{Quota, SubjectFilter};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::inspections;
use crate::store::items::Item;
use crate::store::plans::{self, PlanEntry};
use crate::store::scopes;
use chrono::{Datelike, NaiveDate};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// States of plan entries the board looks at.
const FILED: [&str; 2] = ["filed", "published"];

/// What an entry of the board is.
#[derive(Debug, Clone)]
pub struct Named {
    /// Identifier on the board: a plan entry, or an inspection and a department joined by `:`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department: Id,
    /// The plan entry, if it is one; only these can be accepted.
    pub plan: Option<Id>,
    /// The inspection, if it is one that is not drawn yet.
    pub inspection: Option<Id>,
}

/// The board with what its identifiers mean.
#[derive(Debug)]
pub struct Shown {
    /// The board; departments are codes, subjects places in `subjects`.
    pub board: Board,
    /// The directory, whose subjects the places are of.
    pub directory: Arc<Directory>,
    /// What the entries are.
    pub entries: Vec<Named>,
    /// Department code → (identifier, name).
    pub departments: BTreeMap<String, (Id, String)>,
}

fn notice_of(items: &[&Item]) -> Notice {
    let any = |word: &str| items.iter().any(|i| i.notice == word);
    if any("unannounced") {
        Notice::Unannounced
    } else if any("announced") {
        Notice::Announced
    } else {
        Notice::Either
    }
}

fn board_items(items: &[&Item]) -> Vec<BoardItem> {
    items
        .iter()
        .map(|i| BoardItem { id: i.id.to_string(), equivalence: i.equivalence_group.clone() })
        .collect()
}

/// The subjects as the board sees them.
fn subjects_of(universe: &Universe) -> Vec<Subject<'_>> {
    universe.subjects.iter().map(|s| Subject { group: &s.kind, facts: universe.facts(s) }).collect()
}

/// How many visits a plan entry asks for; a text without a number counts as the floor of the regulations.
fn visits(plan: &PlanEntry, by_class: &BTreeMap<String, u64>, floors: (u32, u32)) -> Result<u64> {
    let floor = if plan.targeted { floors.1 } else { floors.0 };
    let rule: Option<Rule> = doc(&plan.ratio)?;
    let fallback = Rule::Share { bp: floor, bound: Bound::AtLeast };
    let ratio = Ratio { text: plan.ratio_text.clone(), rule: Some(rule.unwrap_or(fallback)) };
    let own: Vec<(String, Ratio)> = doc(&plan.class_ratios)?;
    let own: Vec<(String, Ratio)> = own.into_iter().filter(|(_, r)| r.rule.is_some()).collect();
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for (class, n) in by_class {
        *sizes.entry(pools::stratum(class)).or_default() += n;
    }
    let Ok(quotas) = pools::quotas_of(&plan.code, &ratio, &own, &sizes) else { return Ok(0) };
    let draw = DrawQuota { mode: quotas.mode, total: quotas.total, total_bp: 0 };
    Ok(quota::quotas(draw, &quotas.strata).map_or(0, |k| k.iter().sum()))
}

fn window(plan: &PlanEntry) -> (NaiveDate, NaiveDate) {
    let day = |m, d| NaiveDate::from_ymd_opt(plan.year, m, d).unwrap_or_default();
    (plan.window_from.unwrap_or_else(|| day(1, 1)), plan.window_to.unwrap_or_else(|| day(12, 31)))
}

/// The board of a year: plan entries that departments have filed, and inspections that are not drawn yet.
///
/// # Errors
/// Not allowed.
pub fn board(cx: &mut Cx<'_>, year: i32) -> Result<Shown> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewOverlap, &Scope::county(&region))?;
    if !(2000..=2200).contains(&year) {
        return Err(Error::field("year", "out_of_range", "年份须在2000至2200之间"));
    }
    let directory = memory::directory(cx)?;
    let universe = &directory.universe;
    let subjects = subjects_of(universe);
    let index = Index::of(&subjects);
    let (entries, named) = entries(cx, universe, (&index, &subjects), year)?;
    let caps = caps(cx, universe, year)?;
    let board = overlap::board(&entries, (&index, &subjects), &caps, &Options::default());
    let departments = universe.departments.iter().map(|d| (d.code.clone(), (d.id, d.name.clone()))).collect();
    Ok(Shown { board, directory, entries: named, departments })
}

fn entries(
    cx: &mut Cx<'_>,
    universe: &Universe,
    (index, subjects): (&Index<'_>, &[Subject<'_>]),
    year: i32,
) -> Result<(Vec<Entry>, Vec<Named>)> {
    let region = cx.region().to_owned();
    let floors = (cx.rules.procedure.untargeted_floor_bp, cx.rules.procedure.targeted_floor_bp);
    let code = |id: Id| universe.departments.iter().find(|d| d.id == id).map_or("", |d| d.code.as_str());
    let (mut entries, mut named) = (Vec::new(), Vec::new());
    let plans = scopes::plans(cx.db, &region, year, &FILED)?;
    let ids: Vec<Id> = plans.iter().flat_map(|p| p.items.0.clone()).collect();
    let items: HashMap<Id, Item> = scopes::items(cx.db, &ids)?.into_iter().map(|i| (i.id, i)).collect();
    for plan in plans {
        let filter: SubjectFilter = doc(&plan.filter)?;
        let own: Vec<&Item> = plan.items.0.iter().filter_map(|id| items.get(id)).collect();
        let (earliest, latest) = window(&plan);
        entries.push(Entry {
            id: plan.id.to_string(),
            department: code(plan.department_id).to_owned(),
            visits: visits(&plan, &index.classes(&filter, subjects), floors)?,
            filter,
            items: board_items(&own),
            earliest,
            latest,
            notice: notice_of(&own),
            on_site: own.is_empty() || own.iter().any(|i| i.mode == "on_site"),
        });
        named.push(Named {
            id: plan.id.to_string(),
            name: plan.name,
            department: plan.department_id,
            plan: Some(plan.id),
            inspection: None,
        });
    }
    let open = [State::Draft, State::Inviting, State::Confirmed].map(State::as_str);
    for i in inspections::in_states(cx.db, &region, &open)? {
        if i.window_from.year() != year {
            continue;
        }
        let filter: SubjectFilter = doc(&i.filter)?;
        let quota: Quota = doc(&i.quota)?;
        let visits = wanted(&quota, &index.classes(&filter, subjects)).unwrap_or(0);
        let chosen = inspections::items(cx.db, i.id)?;
        let ids: Vec<Id> = chosen.iter().map(|c| c.item_id).collect();
        let items = scopes::items(cx.db, &ids)?;
        let departments: BTreeSet<Id> = chosen.iter().map(|c| c.department_id).collect();
        for department in departments {
            let own: Vec<&Item> = items.iter().filter(|x| x.department_id == department).collect();
            let id = format!("{}:{department}", i.id);
            entries.push(Entry {
                id: id.clone(),
                department: code(department).to_owned(),
                filter: filter.clone(),
                items: board_items(&own),
                visits,
                earliest: i.window_from,
                latest: i.window_to,
                notice: notice_of(&own),
                on_site: own.iter().any(|x| x.mode == "on_site"),
            });
            named.push(Named { id, name: i.name.clone(), department, plan: None, inspection: Some(i.id) });
        }
    }
    Ok((entries, named))
}

fn caps(cx: &mut Cx<'_>, universe: &Universe, year: i32) -> Result<Vec<CapUse>> {
    let region = cx.region().to_owned();
    let place: HashMap<Id, usize> = universe.subjects.iter().enumerate().map(|(i, s)| (s.id, i)).collect();
    let code: HashMap<Id, &str> = universe.departments.iter().map(|d| (d.id, d.code.as_str())).collect();
    let mut entries: HashMap<(Id, usize), Vec<cap::Entry>> = HashMap::new();
    for row in scopes::caps(cx.db, &region, year)? {
        if let Some(subject) = place.get(&row.subject_id) {
            entries.entry((row.department_id, *subject)).or_default().push(cap_of(&row));
        }
    }
    let most = cx.rules.procedure.cap_per_year;
    Ok(entries
        .into_iter()
        .map(|((department, subject), list)| CapUse {
            department: code.get(&department).map_or_else(String::new, |c| (*c).to_owned()),
            subject,
            status: cap::status(&list, year, most),
        })
        .collect())
}

/// What the coordination office makes of a proposal.
#[derive(Debug, Clone)]
pub struct Accept {
    /// Plan entries to join.
    pub entries: Vec<Id>,
    /// Name of the inspection.
    pub name: String,
    /// Who leads; none: the department that comes first in the county's order.
    pub lead: Option<Id>,
    /// Scope; none: the subjects all entries are about.
    pub filter: Option<SubjectFilter>,
    /// How many; none: as many as the entry with the most visits.
    pub quota: Option<Quota>,
    /// How subjects are drawn.
    pub draw: DrawRules,
}

/// The subjects that both filters match, where one filter can say so.
fn common(a: &SubjectFilter, b: &SubjectFilter) -> Option<SubjectFilter> {
    let one = |x: &[String], y: &[String]| -> Option<Vec<String>> {
        if x.is_empty() || y.is_empty() {
            return Some([x, y].concat());
        }
        let both: Vec<String> = x.iter().filter(|v| y.contains(v)).cloned().collect();
        (!both.is_empty()).then_some(both)
    };
    // A subject has several of these, so two lists are the same as one only when they are equal.
    let several = |x: &[String], y: &[String]| -> Option<Vec<String>> {
        if x.is_empty() || y.is_empty() {
            return Some([x, y].concat());
        }
        let (p, q): (BTreeSet<_>, BTreeSet<_>) = (x.iter().collect(), y.iter().collect());
        (p == q).then(|| x.to_vec())
    };
    let prefixes = |x: &[String], y: &[String]| -> Option<Vec<String>> {
        if x.is_empty() || y.is_empty() {
            return Some([x, y].concat());
        }
        let mut both: BTreeSet<String> = BTreeSet::new();
        for p in x {
            for q in y {
                if p.starts_with(q.as_str()) {
                    both.insert(p.clone());
                } else if q.starts_with(p.as_str()) {
                    both.insert(q.clone());
                }
            }
        }
        (!both.is_empty()).then(|| both.into_iter().collect())
    };
    let listed = match (a.only_listed, b.only_listed) {
        (Some(x), Some(y)) if x != y => return None,
        (x, y) => x.or(y),
    };
    Some(SubjectFilter {
        kinds: one(&a.kinds, &b.kinds)?,
        industries: prefixes(&a.industries, &b.industries)?,
        towns: one(&a.towns, &b.towns)?,
        tags: several(&a.tags, &b.tags)?,
        credits: one(&a.credits, &b.credits)?,
        supervised_by: several(&a.supervised_by, &b.supervised_by)?,
        only_listed: listed,
    })
}

/// A proposal worked out, that waits to be written.
#[derive(Debug, Clone)]
pub struct Joined {
    lead: Id,
    draft: Draft,
    partners: Vec<(Id, Vec<Id>)>,
    plans: Vec<(Id, i64)>,
    visits: (u64, u64),
}

/// Works out the inspection of a proposal, outside any transaction.
///
/// # Errors
/// Not allowed; entries that cannot be joined, with all reasons.
pub fn prepare(cx: &mut Cx<'_>, accept: &Accept) -> Result<Joined> {
    let region = cx.region().to_owned();
    cx.may(Action::AcceptOverlap, &Scope::county(&region))?;
    let mut faults = Faults::default();
    let name = faults.text("/name", &accept.name, true, 120);
    let mut seen = BTreeSet::new();
    let mut rows: Vec<PlanEntry> = Vec::new();
    for (i, id) in accept.entries.iter().enumerate() {
        let at = format!("/entries/{i}");
        match plans::get(cx.db, *id)?.filter(|p| p.region == region) {
            _ if !seen.insert(*id) => faults.add(at, "repeated", "同一计划只能列一次"),
            None => faults.add(at, "unknown", "没有这条计划"),
            Some(p) if p.inspection_id.is_some() => {
                faults.add(at, "joined", format!("“{}”已并入联合抽查", p.name))
            }
            Some(p) if !FILED.contains(&p.state.as_str()) => {
                faults.add(at, "not_filed", format!("“{}”尚未备案或已撤销", p.name));
            }
            Some(p) => rows.push(p),
        }
    }
    let departments: BTreeSet<Id> = rows.iter().map(|p| p.department_id).collect();
    if departments.len() < 2 {
        faults.add("/entries", "one_department", "联合抽查须有两个以上部门的计划");
    }
    faults.done()?;
    let universe = Universe::read(cx)?;
    let mut filter = match &accept.filter {
        Some(filter) => Some(filter.clone()),
        None => Some(doc::<SubjectFilter>(&rows[0].filter)?),
    };
    if accept.filter.is_none() {
        for row in &rows[1..] {
            let other: SubjectFilter = doc(&row.filter)?;
            filter = filter.and_then(|f| common(&f, &other));
        }
    }
    let Some(filter) = filter else {
        return Err(Error::refused(
            "scope_unclear",
            "各计划的对象范围没有可用一个条件表达的交集,请在 filter 中写明联合抽查的范围",
        ));
    };
    let (from, to) =
        rows.iter().map(window).fold((NaiveDate::MIN, NaiveDate::MAX), |(a, b), (x, y)| (a.max(x), b.min(y)));
    if from > to {
        return Err(Error::refused("windows", overlap::Obstacle::Windows.text()));
    }
    let ids: Vec<Id> = rows.iter().flat_map(|p| p.items.0.clone()).collect();
    let items = scopes::items(cx.db, &ids)?;
    let notices: BTreeSet<&str> =
        items.iter().map(|i| i.notice.as_str()).filter(|n| *n != "either").collect();
    if notices.len() > 1 {
        return Err(Error::refused("notice", overlap::Obstacle::Notice.text()));
    }
    let subjects = subjects_of(&universe);
    let index = Index::of(&subjects);
    let by_class = index.classes(&filter, &subjects);
    let shared: u64 = by_class.values().sum();
    if shared == 0 {
        return Err(Error::refused("nobody", "没有各计划共同涉及的检查对象"));
    }
    let floors = (cx.rules.procedure.untargeted_floor_bp, cx.rules.procedure.targeted_floor_bp);
    let mut parts_ = Vec::new();
    for row in &rows {
        let own: SubjectFilter = doc(&row.filter)?;
        let own = index.classes(&own, &subjects);
        let size: u64 = own.values().sum::<u64>().max(1);
        let asked = visits(row, &own, floors)?;
        parts_.push((asked.min(size) * shared).div_ceil(size));
    }
    let (separate, joint) = (parts_.iter().sum::<u64>(), parts_.iter().copied().max().unwrap_or(0));
    let quota = accept
        .quota
        .clone()
        .unwrap_or_else(|| Quota::Total(u32::try_from(joint.clamp(1, shared)).unwrap_or(u32::MAX)));
    let rank = |id: &Id| universe.departments.iter().find(|d| d.id == *id).map_or(i32::MAX, |d| d.rank);
    let lead = match accept.lead {
        Some(lead) if !departments.contains(&lead) => {
            return Err(Error::field("/lead_department_id", "not_joined", "牵头部门须是所选计划的部门之一"));
        }
        Some(lead) => lead,
        None => departments
            .iter()
            .copied()
            .min_by_key(|id| (rank(id), *id))
            .ok_or_else(|| Error::internal("no department"))?,
    };
    let items_of = |department: Id| -> Vec<Id> {
        let mut own: Vec<Id> =
            rows.iter().filter(|p| p.department_id == department).flat_map(|p| p.items.0.clone()).collect();
        own.sort_unstable();
        own.dedup();
        own
    };
    let from = from.max(cx.today());
    if from > to {
        return Err(Error::refused("window_past", "各计划共同的检查时段已经过去"));
    }
    let notice = match notices.first().copied() {
        Some("unannounced") => Notice::Unannounced,
        Some("announced") => Notice::Announced,
        _ => Notice::Either,
    };
    let field = items.first().map(|i| i.field.clone()).unwrap_or_default();
    Ok(Joined {
        lead,
        draft: Draft {
            name,
            field,
            filter,
            quota,
            from,
            to,
            people: None,
            notice,
            draw: accept.draw.clone(),
            own: Chosen { items: items_of(lead), inspectors: Vec::new(), people: None },
        },
        partners: departments.iter().filter(|d| **d != lead).map(|d| (*d, items_of(*d))).collect(),
        plans: rows.iter().map(|p| (p.id, p.version)).collect(),
        visits: (separate, joint),
    })
}

/// Makes the joint inspection of a proposal, invites the other departments, and marks the plan entries.
///
/// # Errors
/// Not allowed; a plan changed meanwhile; faults of items.
pub fn accept(cx: &mut Cx<'_>, joined: &Joined) -> Result<Full> {
    let region = cx.region().to_owned();
    cx.may(Action::AcceptOverlap, &Scope::county(&region))?;
    let mut faults = Faults::default();
    parts::check(cx, joined.lead, &joined.draft.own, "", &mut faults)?;
    use_case::check_draft(cx, &joined.draft, &mut faults);
    faults.done()?;
    let origins = Origins {
        entries: joined.plans.iter().map(|p| p.0).collect(),
        items: joined.partners.iter().cloned().collect(),
        visits: Some(joined.visits),
    };
    let d = &joined.draft;
    let row = use_case::new_row(cx, joined.lead, d.name.clone(), d.field.clone(), d, &origins)?;
    inspections::insert(cx.db, &row)?;
    parts::set(cx, &row, joined.lead, "initiator", &d.own)?;
    for (plan, seen) in &joined.plans {
        if !scopes::join_plan(cx.db, *plan, *seen, row.id, cx.now)? {
            return Err(Error::refused("plan_changed", "所选计划已被修改或并入另一联合抽查,请刷新看板"));
        }
    }
    let row = step(cx, &row, Act::Invite)?;
    cx.journal(Event::new(
        "overlap_accepted",
        "inspection",
        row.id,
        json!({
            "number": row.number, "lead": joined.lead.to_string(), "visits_separate": joined.visits.0,
            "visits_joint": joined.visits.1,
            "entries": joined.plans.iter().map(|p| p.0.to_string()).collect::<Vec<_>>(),
        }),
    ))?;
    for (department, _) in &joined.partners {
        let partner =
            Partner { department: *department, required: false, wildcard: false, message: String::new() };
        send(cx, &row, &partner, None)?;
    }
    use_case::get(cx, row.id)
}
