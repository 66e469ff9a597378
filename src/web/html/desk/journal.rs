//! The journal for those who oversee and audit: what was done by whom to what, and for each event the proof that the log
//! holds it.

use super::{key, names, offices};
use crate::domain::access::Action::{self as Right, EraseJournalPrivate, ViewJournal};
use crate::domain::access::Scope;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::journal;
use crate::service::login::login_key;
use crate::store::accounts;
use crate::store::journal::{Filter, Stored};
use crate::store::types::At;
use crate::web::api::journal::EraseBody;
use crate::web::html::field::Choice;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::{FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/journal", Action(ViewJournal), list);
    r.page("/journal/{id}", Action(ViewJournal), show);
    r.form("/journal/{id}/erase", Action(EraseJournalPrivate), erase, show);
}

/// Filters of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// What was done.
    act: String,
    /// Login name of who did it.
    actor: String,
    /// His department then.
    #[serde(deserialize_with = "filled")]
    department_id: Option<Id>,
    /// About this thing.
    #[serde(deserialize_with = "filled")]
    object: Option<Id>,
    /// On this day in China.
    #[serde(deserialize_with = "filled")]
    day: Option<NaiveDate>,
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

struct Row {
    id: Id,
    at: String,
    who: String,
    office: String,
    act: String,
    code: String,
    kind: String,
    /// Its page, where there is one that whoever looks may open.
    href: String,
    seq: String,
}

#[derive(Template)]
#[template(path = "desk/journal.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    rows: Vec<Row>,
    act: String,
    actor: String,
    day: String,
    object: String,
    offices: Vec<Choice>,
    filtered: bool,
    pager: Pager<'a>,
}

/// Kinds of things with pages of their own.
const PAGES: [(&str, &str, Right); 19] = [
    ("inspection", "/inspections", Right::ViewInspection),
    ("invitation", "/invitations", Right::ViewInspection),
    ("draw", "/draws", Right::ViewDraw),
    ("planning", "/plannings", Right::ViewPlanning),
    ("task", "/tasks", Right::ViewTask),
    ("visit", "/visits", Right::ViewVisit),
    ("result", "/results", Right::ViewResult),
    ("replacement", "/replacements", Right::ViewReplacement),
    ("referral", "/referrals", Right::ViewReferral),
    ("rectification", "/rectifications", Right::ViewFollowUp),
    ("item", "/items", Right::ViewItem),
    ("subject", "/subjects", Right::ViewSubject),
    ("inspector", "/inspectors", Right::ViewInspector),
    ("recusal", "/recusals", Right::ViewRecusal),
    ("plan_entry", "/plans", Right::ViewPlan),
    ("card", "/cards", Right::ViewCard),
    ("department", "/departments", Right::ViewCommon),
    ("user", "/users", Right::ViewUsers),
    ("journal_event", "/journal", Right::ViewJournal),
];

fn href(ui: &Ui, row: &Stored) -> String {
    let found = PAGES.iter().find(|(kind, _, right)| *kind == row.object_kind && ui.may(*right));
    let path = found.zip(row.object_id).map(|((_, base, _), id)| format!("{base}/{id}"));
    path.filter(|p| ui.has(p)).unwrap_or_default()
}

/// Names of the accounts that acted.
fn people(cx: &mut Cx<'_>, rows: &[Stored]) -> Result<HashMap<Id, String>> {
    let ids: BTreeSet<Id> = rows.iter().filter_map(|r| r.actor_id).collect();
    ids.into_iter()
        .map(|id| {
            let account = accounts::get(cx.db, id)?;
            Ok((id, account.map(|a| format!("{} ({})", a.name, a.login)).unwrap_or_default()))
        })
        .collect()
}

fn described(ui: &Ui, people: &HashMap<Id, String>, offices: &HashMap<Id, String>, r: &Stored) -> Row {
    Row {
        id: r.id,
        at: ui.time(&r.at.0),
        who: match r.actor_id {
            Some(id) => people.get(&id).cloned().unwrap_or_default(),
            None => ui.t("journal-nobody"),
        },
        office: r.department_id.and_then(|d| offices.get(&d).cloned()).unwrap_or_default(),
        act: ui.word("act", &r.act),
        code: r.act.clone(),
        kind: ui.word("journal-kind", &r.object_kind),
        href: href(ui, r),
        seq: r.seq.map(|s| s.to_string()).unwrap_or_default(),
    }
}

/// The moment a day begins in China.
fn begin(day: NaiveDate) -> Option<At> {
    let zone = FixedOffset::east_opt(8 * 3600)?;
    let at = zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).single()?;
    Some(At(at.with_timezone(&Utc)))
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), q: ListQuery) -> Result<Page> {
    let region = cx.region().to_owned();
    cx.may(ViewJournal, &Scope::county(&region))?;
    let before = key(q.after.as_ref())?;
    let actor = match q.actor.trim() {
        "" => None,
        login => {
            let account = accounts::by_login(cx.db, &login_key(login))?.filter(|a| a.region == region);
            // Nobody of that name has done anything.
            Some(account.map_or(Id(uuid::Uuid::nil()), |a| a.id))
        }
    };
    let filter = Filter {
        act: Some(q.act.trim().to_owned()).filter(|a| !a.is_empty()),
        object: q.object,
        actor,
        department: q.department_id,
        from: q.day.and_then(begin),
        until: q.day.and_then(|d| d.succ_opt()).and_then(begin),
        before,
    };
    let (found, next) = cut(|most| journal::list(cx, &filter, most), |r| r.id.to_string())?;
    let (people, all) = (people(cx, &found)?, offices(cx)?);
    let names: HashMap<Id, String> = all.iter().map(|d| (d.id, d.name.clone())).collect();
    let (department, object) =
        (q.department_id.map(|d| d.to_string()), q.object.map(|o| o.to_string()).unwrap_or_default());
    let day = q.day.map(|d| d.to_string()).unwrap_or_default();
    let filters = [
        ("act", Some(q.act.as_str())),
        ("actor", Some(q.actor.as_str())),
        ("department_id", department.as_deref()),
        ("object", Some(object.as_str())),
        ("day", Some(day.as_str())),
    ];
    let mut offices = vec![Choice::new("", ui.t("filter-all"))];
    offices.extend(
        all.into_iter().map(|d| Choice::new(d.id.to_string(), d.name).chosen(q.department_id == Some(d.id))),
    );
    let template = ListPage {
        ui,
        filtered: filters.iter().any(|(_, v)| v.is_some_and(|v| !v.is_empty())),
        pager: Pager::new(ui, &filters, q.after.is_some(), next.as_deref()),
        rows: found.iter().map(|r| described(ui, &people, &names, r)).collect(),
        offices,
        act: q.act.clone(),
        actor: q.actor.clone(),
        day,
        object,
    };
    Ok(Page::new(ui.t("journal-title"), &template)?.lead(ui.t("journal-lead")))
}

/// That the log holds the event.
struct Proof {
    index: u64,
    size: u64,
    leaf: String,
    path: Vec<String>,
    checkpoint: String,
    file: String,
}

#[derive(Template)]
#[template(path = "desk/journal_event.html")]
struct EventPage<'a> {
    ui: &'a Ui,
    row: Row,
    object: String,
    request: String,
    address: String,
    /// What the log holds, byte for byte.
    leaf: String,
    /// The same for the eye.
    pretty: String,
    private: String,
    proof: Option<Proof>,
    may_erase: bool,
}

fn pretty(bytes: &[u8]) -> String {
    let value = serde_json::from_slice::<serde_json::Value>(bytes);
    value.and_then(|v| serde_json::to_string_pretty(&v)).unwrap_or_default()
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let stored = journal::get(cx, id)?;
    let proof = match journal::inclusion(cx, id) {
        Ok((leaf, proof)) => Some(Proof {
            index: proof.index,
            size: proof.checkpoint.checkpoint.size,
            leaf: hex::encode(leaf),
            path: proof.path.iter().map(hex::encode).collect(),
            checkpoint: proof.checkpoint.text(),
            file: proof.text(),
        }),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let (people, offices) = (people(cx, std::slice::from_ref(&stored))?, names(cx)?);
    let private = journal::personal(&stored);
    let template = EventPage {
        ui,
        row: described(ui, &people, &offices, &stored),
        object: stored.object_id.map(|o| o.to_string()).unwrap_or_default(),
        request: stored.request_id.clone(),
        address: stored.address.clone(),
        leaf: String::from_utf8_lossy(&stored.leaf).into_owned(),
        pretty: pretty(&stored.leaf),
        private: private.and_then(|v| serde_json::to_string_pretty(&v).ok()).unwrap_or_default(),
        proof,
        may_erase: stored.private_body.is_some() && ui.may(EraseJournalPrivate),
    };
    Ok(Page::new(template.row.act.clone(), &template)?.under("/journal", ui.t("journal-title")))
}

fn erase(cx: &mut Cx<'_>, id: Id, body: &EraseBody) -> Result<Done> {
    journal::erase(cx, id, &body.reason)?;
    Ok(Done::to(format!("/journal/{id}")).say("journal-erased"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let row = |seq: &str, href: &str| Row {
        id: Id(uuid::Uuid::from_u128(3)),
        at: text("2026年5月8日 09:00"),
        who: text("张三 (zhangsan)"),
        office: text("市场监管局"),
        act: ui.word("act", "draw_opened"),
        code: text("draw_opened"),
        kind: ui.word("journal-kind", "draw"),
        href: text(href),
        seq: text(seq),
    };
    let list = |rows, filtered| ListPage {
        ui,
        rows,
        act: text("draw_opened"),
        actor: String::new(),
        day: text("2026-05-08"),
        object: text("1"),
        offices: vec![Choice::new("", ui.t("filter-all"))],
        filtered,
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    let event = |proof: bool| EventPage {
        ui,
        row: row(if proof { "7" } else { "" }, if proof { "/account" } else { "" }),
        object: text("0199"),
        request: text("0199aaaa"),
        address: if proof { text("192.0.2.1") } else { String::new() },
        leaf: text("{\"act\":\"draw_opened\"}"),
        pretty: pretty(b"{\"act\":\"draw_opened\"}"),
        private: if proof { text("{\n  \"address\": \"192.0.2.1\"\n}") } else { String::new() },
        proof: proof.then(|| Proof {
            index: 7,
            size: 9,
            leaf: "ab".repeat(32),
            path: vec!["cd".repeat(32)],
            checkpoint: text("CN-350403/journal\n9\nabc=\n"),
            file: text("c2sp.org/tlog-proof@v1\n"),
        }),
        may_erase: proof,
    };
    vec![
        Page::new(ui.t("journal-title"), &list(vec![row("7", "/account"), row("", "")], true)).unwrap(),
        Page::new(ui.t("journal-title"), &list(Vec::new(), true)).unwrap(),
        Page::new("x", &event(true)).unwrap(),
        Page::new("x", &event(false)).unwrap(),
    ]
}
