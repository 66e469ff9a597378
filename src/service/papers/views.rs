//! From rows to what stands on the papers of a visit.

use super::super::cx::Cx;
use super::super::results::{desks, outcomes};
use super::super::visits::{Whole, inspections_of};
use crate::documents::papers::dispatch_slip::DispatchSlip;
use crate::documents::papers::notice::{FrequencyLine, Notice};
use crate::documents::papers::sheet::Sheet;
use crate::documents::papers::visit_form::{FormItem, Section, Tick, VisitForm};
use crate::documents::papers::{ItemLine, MemberLine, SubjectLine, day};
use crate::domain::paper::{VisitPaper, points};
use crate::domain::planning_state::Post;
use crate::domain::registry::ItemDetails;
use crate::domain::result::{FollowUp, Method, Obstacle, Outcome, State as Stage};
use crate::domain::states::Word;
use crate::error::Result;
use crate::ids::Id;
use crate::store::caps::CapEntry;
use crate::store::inspectors::Inspector;
use crate::store::items::Item;
use crate::store::results::{CheckResult, Conduct, conducts, findings};
use crate::store::visits::{Seat, Visit};
use crate::store::{archive, county};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What surrounds the visits of one go.
struct Around {
    conducts: HashMap<Id, Conduct>,
    /// Number and name of each joint inspection.
    inspections: HashMap<Id, String>,
    draws: HashMap<Id, Vec<String>>,
    /// Newest result of each task.
    results: HashMap<Id, CheckResult>,
    caps: Vec<CapEntry>,
    /// Visits at which whoever asks has checked in.
    arrived: HashSet<Id>,
}

fn distinct(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

impl Around {
    fn read(cx: &mut Cx<'_>, list: &[Whole], paper: VisitPaper) -> Result<Self> {
        let ids: Vec<Id> = list.iter().map(|w| w.visit.id).collect();
        let joint = distinct(list.iter().flat_map(inspections_of));
        let mut draws: HashMap<Id, Vec<String>> = HashMap::new();
        for (inspection, draw) in archive::held_draws(cx.db, &joint)? {
            draws.entry(inspection).or_default().push(draw);
        }
        let results = if paper == VisitPaper::VisitForm {
            findings::of_visits(cx.db, &ids)?.into_iter().map(|r| (r.task_id, r)).collect()
        } else {
            HashMap::new()
        };
        let caps = if paper == VisitPaper::Notice {
            county::caps_of(cx.db, &distinct(list.iter().map(|w| w.visit.subject_id)))?
        } else {
            Vec::new()
        };
        let me = cx.actor.inspector;
        let arrivals = archive::check_ins_of(cx.db, &ids)?;
        Ok(Self {
            conducts: conducts::of_visits(cx.db, &ids)?.into_iter().map(|c| (c.visit_id, c)).collect(),
            inspections: county::inspections(cx.db, &joint)?
                .into_iter()
                .map(|i| (i.id, format!("{} {}", i.number, i.name)))
                .collect(),
            draws,
            results,
            caps,
            arrived: arrivals.into_iter().filter(|a| Some(a.1) == me).map(|a| a.0).collect(),
        })
    }

    fn inspections(&self, whole: &Whole) -> Vec<String> {
        inspections_of(whole).iter().filter_map(|id| self.inspections.get(id).cloned()).collect()
    }

    fn draws(&self, whole: &Whole) -> Vec<String> {
        inspections_of(whole).iter().filter_map(|id| self.draws.get(id)).flatten().cloned().collect()
    }
}

/// The sheets of a paper for these visits, in their order.
pub(super) fn sheets(cx: &mut Cx<'_>, list: &[Whole], paper: VisitPaper) -> Result<Vec<Sheet>> {
    let around = Around::read(cx, list, paper)?;
    Ok(list
        .iter()
        .flat_map(|whole| match paper {
            VisitPaper::DispatchSlip => slip(cx, whole, &around).sheets(),
            VisitPaper::Notice => notice(cx, whole, &around).sheets(),
            VisitPaper::VisitForm => form(cx, whole, &around).sheets(),
        })
        .collect())
}

fn slip(cx: &Cx<'_>, whole: &Whole, around: &Around) -> DispatchSlip {
    DispatchSlip {
        county: cx.rules.region.name.clone(),
        number: whole.visit.code.clone(),
        inspections: around.inspections(whole),
        lead: lead(whole),
        subject: subject(whole),
        when: when(&whole.visit),
        dispatched_on: dispatched(&whole.visit),
        announced: whole.visit.announced,
        team: team(whole),
        items: items(whole),
        draws: around.draws(whole),
    }
}

/// Where the business, and whoever has the code of its visit, sees the visit.
#[must_use]
pub(super) fn public_page(cx: &Cx<'_>, code: &str) -> String {
    format!("{}{}{code}", cx.rules.mail.link.trim_end_matches('/'), cx.rules.papers.visit_page)
}

fn notice(cx: &Cx<'_>, whole: &Whole, around: &Around) -> Notice {
    let me = cx.actor.inspector;
    let on_team = whole.team.iter().any(|(s, _)| Some(s.inspector_id) == me);
    // An inspector proves by the code that he came: he reads it from the paper on the spot, not from here.
    let shown = !on_team || around.arrived.contains(&whole.visit.id);
    let code = around.conducts.get(&whole.visit.id).map(|c| c.code.clone()).filter(|_| shown);
    Notice {
        county: cx.rules.region.name.clone(),
        number: whole.visit.code.clone(),
        inspections: around.inspections(whole),
        lead: lead(whole),
        departments: whole.departments.iter().map(|d| d.name.clone()).collect(),
        subject: subject(whole),
        when: when(&whole.visit),
        dispatched_on: dispatched(&whole.visit),
        announced: whole.visit.announced,
        days_before: cx.rules.procedure.notice_days,
        team: team(whole),
        items: items(whole),
        frequencies: frequencies(cx, whole, &around.caps),
        link: code.as_ref().map(|code| public_page(cx, code)),
        code,
    }
}

fn frequencies(cx: &Cx<'_>, whole: &Whole, caps: &[CapEntry]) -> Vec<FrequencyLine> {
    let Some(on) = whole.visit.on_day else { return Vec::new() };
    let of = |department: Id| {
        let own = || {
            caps.iter().filter(move |c| {
                c.department_id == department && c.subject_id == whole.visit.subject_id && c.year == on.year()
            })
        };
        let exempt = own().any(|c| c.visit_id == Some(whole.visit.id) && !c.counted);
        if exempt { 0 } else { own().filter(|c| c.counted && c.on_day <= on).count() }
    };
    whole
        .departments
        .iter()
        .map(|d| FrequencyLine {
            department: d.name.clone(),
            nth: of(d.id),
            cap: cx.rules.procedure.cap_per_year,
        })
        .collect()
}

fn form(cx: &Cx<'_>, whole: &Whole, around: &Around) -> VisitForm {
    let conduct = around.conducts.get(&whole.visit.id);
    let names: HashMap<Id, &str> =
        whole.team.iter().map(|(s, p)| (s.inspector_id, p.name.as_str())).collect();
    let name = |id: &Id| names.get(id).map(|n| (*n).to_owned()).unwrap_or_default();
    let desks = desks(whole);
    let sections = whole
        .departments
        .iter()
        .map(|d| {
            let desk = desks.iter().find(|k| k.department == d.id);
            let own = whole.tasks.iter().filter(|(t, _)| t.department_id == d.id);
            Section {
                department: d.name.clone(),
                enters: desk.map(|k| name(&k.enters)).unwrap_or_default(),
                confirms: desk.and_then(|k| k.confirms.first()).map(name).unwrap_or_default(),
                items: own.map(|(t, item)| form_item(item, around.results.get(&t.id))).collect(),
            }
        })
        .collect();
    let held = conduct.map_or_else(String::new, |c| {
        let moment = |at: Option<crate::store::types::At>| at.map(|a| clock(a.0)).unwrap_or_default();
        match (c.began_at, c.ended_at) {
            (None, None) => String::new(),
            (from, to) => format!("{} 至 {}", moment(from), moment(to)),
        }
    });
    let obstacle = conduct.map_or_else(String::new, |c| match Obstacle::parse(&c.obstacle) {
        Some(word) => format!("{}:{}", word.word(), c.obstacle_note),
        None => String::new(),
    });
    let signed = conduct.map_or_else(String::new, |c| match c.signed.as_str() {
        "signed" => c.signer.clone(),
        "refused" => format!("拒绝签名 {}", c.signer).trim().to_owned(),
        _ => String::new(),
    });
    VisitForm {
        county: cx.rules.region.name.clone(),
        number: whole.visit.code.clone(),
        inspections: around.inspections(whole),
        subject: subject(whole),
        when: when(&whole.visit),
        held,
        team: team(whole),
        sections,
        obstacle,
        statement: conduct.map(|c| c.statement.clone()).unwrap_or_default(),
        signed,
    }
}

fn form_item(item: &Item, row: Option<&CheckResult>) -> FormItem {
    let details = ItemDetails::of(&item.details.0);
    // What was not handed in yet is a note of whoever writes it.
    let row = row.filter(|r| Stage::parse(&r.state).is_some_and(|s| !s.is_editable()));
    let found: Vec<Outcome> = row.map(outcomes).unwrap_or_default();
    let used = row.map(|r| r.methods.0.clone()).unwrap_or_default();
    let mut guidance: Vec<String> = Vec::new();
    if !details.method.is_empty() {
        guidance.push(format!("检查方式：{}", details.method));
    }
    guidance.extend(details.basis.iter().map(|b| format!("依据：{b}")));
    if !details.requirement.is_empty() {
        guidance.push(format!("人员要求：{}", details.requirement));
    }
    let words = row.map_or_else(String::new, |r| {
        [r.law.as_str(), r.other.as_str(), r.note.as_str()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    });
    let follow_up = row.map(|r| r.follow_up.0.clone()).unwrap_or_default();
    FormItem {
        name: item.name.clone(),
        points: points(&details.content),
        guidance: guidance.join("\n"),
        outcomes: Outcome::ALL
            .iter()
            .map(|o| Tick { text: o.word().to_owned(), on: found.contains(o) })
            .collect(),
        methods: Method::ALL
            .iter()
            .map(|m| Tick { text: m.word().to_owned(), on: used.iter().any(|u| u == m.as_str()) })
            .collect(),
        found: words,
        follow_up: words_of::<FollowUp>(&follow_up),
    }
}

fn words_of<W: Word>(names: &[String]) -> String {
    names.iter().filter_map(|n| W::parse(n)).map(Word::word).collect::<Vec<_>>().join("、")
}

/// A moment as people in China write it.
pub(super) fn clock(at: DateTime<Utc>) -> String {
    (at + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M").to_string()
}

fn dispatched(visit: &Visit) -> String {
    visit.dispatched_at.map(|at| day(crate::clock::china_date(at.0))).unwrap_or_default()
}

/// Day and hour of a visit.
pub(super) fn when(visit: &Visit) -> String {
    match (visit.on_day, visit.start_minute) {
        (Some(on), Some(m)) => format!("{}{:02}:{:02}", day(on), m / 60, m % 60),
        (Some(on), None) => day(on),
        _ => "待定".to_owned(),
    }
}

fn lead(whole: &Whole) -> String {
    whole
        .departments
        .iter()
        .find(|d| Some(d.id) == whole.visit.lead_department_id)
        .or_else(|| whole.departments.first())
        .map(|d| d.name.clone())
        .unwrap_or_default()
}

pub(super) fn subject(whole: &Whole) -> SubjectLine {
    let s = &whole.subject;
    SubjectLine {
        name: s.name.clone(),
        key: s.key.clone(),
        kind: s.kind.clone(),
        industry: s.industry_name.clone(),
        address: format!("{}{}", s.town, s.address),
        contact: s.contact.clone(),
        phone: s.phone.clone(),
    }
}

fn team(whole: &Whole) -> Vec<MemberLine> {
    let member = |(seat, person): &(Seat, Inspector)| {
        let post = match Post::parse(&seat.role) {
            _ if person.expert => "随行专家",
            Some(Post::Lead) => "A岗",
            Some(Post::Second) => "B岗",
            Some(Post::Expert) => "随行专家",
            Some(Post::Member) | None => "检查人员",
        };
        let department = whole.departments.iter().find(|d| d.id == seat.department_id);
        MemberLine {
            post: post.to_owned(),
            name: person.name.clone(),
            department: department.map(|d| d.name.clone()).unwrap_or_default(),
            unit: person.unit.clone(),
            certificate: person.cert_no.clone(),
        }
    };
    whole.team.iter().map(member).collect()
}

fn items(whole: &Whole) -> Vec<ItemLine> {
    let mut list = Vec::with_capacity(whole.tasks.len());
    for department in &whole.departments {
        for (_, item) in
            whole.tasks.iter().filter(|(t, _)| t.department_id == department.id && t.state != "cancelled")
        {
            let details = ItemDetails::of(&item.details.0);
            list.push(ItemLine {
                department: department.name.clone(),
                name: item.name.clone(),
                basis: details.basis,
                points: points(&details.content),
                method: details.method,
                frequency: details.frequency,
                materials: details.materials,
            });
        }
    }
    list
}
