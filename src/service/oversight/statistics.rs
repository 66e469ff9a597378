//! The statistics tables of a period.

use super::{inspecting, narrowed, period};
use crate::domain::access::Action;
use crate::domain::closing::{Mark, Matters};
use crate::domain::registry::PlanDetails;
use crate::domain::result::{FollowUp, Outcome, State};
use crate::domain::scope::SubjectFilter;
use crate::domain::statistics::{self as tables, Kind, People, Planned, Table, Tally, Work};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::plans::targeted;
use crate::store::figures::Span;
use crate::store::inspections;
use crate::store::statistics::{self, Group, Per, Said, group};
use crate::store::{departments, publications, scopes};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A table of a period: of the county for the coordination office and the overseers, for a department of its own work.
///
/// # Errors
/// Not allowed; a period that makes no sense.
pub fn table(
    cx: &mut Cx<'_>,
    kind: Kind,
    from: NaiveDate,
    to: NaiveDate,
    department: Option<Id>,
) -> Result<Table> {
    period(from, to)?;
    let department = narrowed(cx, Action::ViewFigures, department)?;
    let region = cx.region().to_owned();
    let span = Span { region: &region, from, to, department };
    match kind {
        Kind::Results => results(cx, &span),
        Kind::Towns => towns(cx, &span),
        Kind::Work => work(cx, &span),
        Kind::Plans => plans(cx, &span),
        Kind::Inspectors => inspectors(cx, &span),
    }
}

fn words<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let names: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    names.iter().filter_map(|n| parse(n)).collect()
}

/// What results say, and how far what follows from them is.
pub(super) struct Read {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) follow_ups: Vec<FollowUp>,
    pub(super) matters: Matters,
}

/// Reads what the database holds.
pub(super) fn read(said: &Said) -> Read {
    let mut marks = said.marks.chars().map(|c| Mark::of(c.to_digit(10).map_or(0, i64::from)));
    let mut next = || marks.next().unwrap_or_default();
    Read {
        outcomes: words(&said.outcomes, Outcome::parse),
        follow_ups: words(&said.follow_up, FollowUp::parse),
        matters: Matters {
            rectification: next(),
            referral: next(),
            copy: next(),
            case: next(),
            mailing: next(),
            commission: next(),
            other: next(),
        },
    }
}

fn tally(due: i64, said: &[Said], tracks: Option<&[(i64, i64)]>) -> Tally {
    let mut tally = Tally { due, ..Tally::default() };
    for s in said {
        if let Some(state) = State::parse(&s.state) {
            let Read { outcomes, follow_ups, matters } = read(s);
            tally.add(state, &outcomes, &follow_ups, matters, s.n);
        }
    }
    if let Some(tracks) = tracks {
        tally.tracks = tracks.to_vec();
    }
    tally
}

fn tallies(cx: &mut Cx<'_>, span: &Span<'_>, per: Per) -> Result<BTreeMap<Group, Tally>> {
    let due = statistics::due(cx.db, span, per)?;
    let said = statistics::said(cx.db, span, per)?;
    let tracks = statistics::tracks(cx.db, span, per)?;
    let keys: BTreeSet<Group> = due.keys().chain(said.keys()).chain(tracks.keys()).cloned().collect();
    Ok(keys
        .into_iter()
        .map(|key| {
            let said = said.get(&key).map_or(&[][..], Vec::as_slice);
            let tracks = tracks.get(&key).map(<[_; 6]>::as_slice);
            let tally = tally(due.get(&key).map_or(0, |(due, _)| *due), said, tracks);
            (key, tally)
        })
        .collect())
}

fn results(cx: &mut Cx<'_>, span: &Span<'_>) -> Result<Table> {
    let mut tallies = tallies(cx, span, Per::Department)?;
    let rows = inspecting(cx, span.department)?
        .into_iter()
        .map(|d| (d.name, tallies.remove(&group(d.id)).unwrap_or_default()))
        .collect();
    Ok(tables::results(rows))
}

fn towns(cx: &mut Cx<'_>, span: &Span<'_>) -> Result<Table> {
    let (unknown, mut rows): (Vec<_>, Vec<_>) =
        tallies(cx, span, Per::Town)?.into_iter().partition(|(town, _)| town.is_empty());
    rows.extend(unknown.into_iter().map(|(_, tally)| ("未登记乡镇街道".to_owned(), tally)));
    Ok(tables::towns(rows))
}

fn work(cx: &mut Cx<'_>, span: &Span<'_>) -> Result<Table> {
    let tallies = tallies(cx, span, Per::Inspection)?;
    let ids: Vec<Id> =
        tallies.keys().filter(|k| !k.is_empty()).map(|k| statistics::id_of(k)).collect::<Result<_>>()?;
    let mut found = inspections::by_ids(cx.db, &ids)?;
    found.sort_by(|a, b| (&a.number, a.id).cmp(&(&b.number, b.id)));
    let draws = statistics::draws(cx.db, span.region)?;
    let names: HashMap<Id, String> =
        departments::all(cx.db, span.region)?.into_iter().map(|d| (d.id, d.name)).collect();
    let mut plans: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for plan in publications::plans_of(cx.db, &ids)? {
        if let Some(inspection) = plan.inspection_id {
            plans.entry(inspection).or_default().push(PlanDetails::of(&plan.details.0).object);
        }
    }
    let mut rows = Vec::with_capacity(found.len());
    for i in found {
        let chosen: Vec<Id> = inspections::items(cx.db, i.id)?
            .into_iter()
            .filter(|x| span.department.is_none_or(|d| d == x.department_id))
            .map(|x| x.item_id)
            .collect();
        let mut items: Vec<String> = scopes::items(cx.db, &chosen)?.into_iter().map(|x| x.name).collect();
        items.sort();
        items.dedup();
        let (base, drawn) = draws.get(&i.id).copied().unwrap_or_default();
        let object = plans
            .get(&i.id)
            .map(|list| list.iter().filter(|o| !o.is_empty()).cloned().collect::<BTreeSet<_>>());
        let object = object
            .filter(|o| !o.is_empty())
            .map_or_else(|| scope_words(&i.filter.0), |o| o.into_iter().collect::<Vec<_>>().join("、"));
        rows.push(Work {
            name: format!("{} {}", i.number, i.name),
            department: names.get(&i.department_id).cloned().unwrap_or_default(),
            items: items.join("、"),
            aim: if targeted(&i.filter.0) { "定向" } else { "不定向" }.to_owned(),
            object,
            base,
            drawn,
            tally: tallies.get(&group(i.id)).cloned().unwrap_or_default(),
        });
    }
    if let Some(tally) = tallies.get("") {
        rows.push(Work { name: "单独检查任务".to_owned(), tally: tally.clone(), ..Work::default() });
    }
    Ok(tables::work(rows))
}

/// Who could be drawn, in words; a filter that asks nothing is everybody.
fn scope_words(filter: &serde_json::Value) -> String {
    let filter: SubjectFilter = serde_json::from_value(filter.clone()).unwrap_or_default();
    let parts: Vec<String> = [
        ("类型", &filter.kinds),
        ("行业", &filter.industries),
        ("乡镇", &filter.towns),
        ("标签", &filter.tags),
        ("信用分类", &filter.credits),
    ]
    .into_iter()
    .filter(|(_, values)| !values.is_empty())
    .map(|(word, values)| format!("{word}:{}", values.join("、")))
    .collect();
    if parts.is_empty() { "全部检查对象".to_owned() } else { parts.join(";") }
}

fn plans(cx: &mut Cx<'_>, span: &Span<'_>) -> Result<Table> {
    let years = (span.from.year(), span.to.year());
    let plans = statistics::plans(cx.db, span.region, years, span.department)?;
    let led = statistics::led(cx.db, span)?;
    let singles = statistics::singles(cx.db, span)?;
    let due = statistics::due(cx.db, span, Per::Department)?;
    let tallies = tallies(cx, span, Per::Department)?;
    let rows = inspecting(cx, span.department)?
        .into_iter()
        .map(|d| {
            let p = plans.get(&d.id).copied().unwrap_or_default();
            let (led_planned, led_ad_hoc, led_closed) = led.get(&d.id).copied().unwrap_or_default();
            let (due, checked) = due.get(&group(d.id)).copied().unwrap_or_default();
            let planned = Planned {
                own: p.own,
                joint: p.joint,
                waiting: p.own + p.joint - p.running - p.done,
                running: p.running,
                done: p.done,
                led_planned,
                led_ad_hoc,
                led_closed,
                singles: singles.get(&d.id).copied().unwrap_or(0),
                due,
                checked,
                closed: tallies.get(&group(d.id)).map_or(0, |t| t.closed),
            };
            (d.name, planned)
        })
        .collect();
    Ok(tables::plans(rows))
}

/// People as they are today: the directory keeps no past.
fn inspectors(cx: &mut Cx<'_>, span: &Span<'_>) -> Result<Table> {
    let people = statistics::people(cx.db, span.region, cx.today(), span.department)?;
    let mut places = departments::all(cx.db, span.region)?;
    places.sort_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
    let rows = places
        .iter()
        .flat_map(|d| {
            people.iter().filter(|p| p.department == d.id).map(|p| People {
                department: d.name.clone(),
                specialty: p.specialty.clone(),
                officers: p.officers,
                valid: p.valid,
                experts: p.experts,
            })
        })
        .collect();
    Ok(tables::inspectors(rows))
}
