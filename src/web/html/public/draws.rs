//! Draws as the public sees them: what was fixed when, each step in words a shopkeeper understands, what the server can
//! check of it without the list, and why one business was or was not drawn.

use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::record::{Open, PoolRecord};
use crate::domain::draw::verify::check::Fate;
use crate::domain::draw::verify::{Status, Verdict, verify};
use crate::domain::draw_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::public;
use crate::service::results::public::announced_names;
use crate::store::draws::Summary;
use crate::web::html::list::{Pager, filled};
use crate::web::html::ui::Ui;
use crate::web::html::{Page, assets};
use crate::web::page::{After, cut};
use crate::web::router::Router;
use askama::Template;
use chrono::DateTime;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.shared_page("/public/draws", list);
    r.shared_page("/public/draws/{id}", show);
}

struct DrawRow {
    id: Id,
    list: String,
    attempt: i32,
    round: i32,
    state: String,
    policy: String,
    pool: i64,
    drawn: i64,
    opened: String,
}

impl DrawRow {
    /// `names`: of the joint inspections that were announced.
    fn of(ui: &Ui, d: Summary, names: &HashMap<Id, String>) -> Self {
        Self {
            id: d.id,
            list: names.get(&d.inspection_id).cloned().unwrap_or(d.list_token),
            attempt: d.attempt,
            round: d.round,
            policy: d.policy,
            pool: d.pool_size,
            drawn: d.drawn,
            opened: ui.time(&d.created_at.0),
            state: d.state,
        }
    }
}

#[derive(Template)]
#[template(path = "public/draws.html")]
struct DrawsPage<'a> {
    ui: &'a Ui,
    rows: Vec<DrawRow>,
    pager: Pager<'a>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: After) -> Result<Page> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let (rows, next) = cut(|most| public::list(cx, after, most), |d| d.id.to_string())?;
    let ids: Vec<Id> = rows.iter().map(|d| d.inspection_id).collect();
    let names = announced_names(cx, &ids)?;
    let template = DrawsPage {
        ui,
        rows: rows.into_iter().map(|d| DrawRow::of(ui, d, &names)).collect(),
        pager: Pager::new(ui, &[], query.after.is_some(), next.as_deref()),
    };
    let page = Page::new(ui.t("public-draws-title"), &template)?.under("/public", ui.t("nav-public"));
    Ok(page.lead(ui.t("public-draws-lead")))
}

/// What is asked of a draw.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct DrawQuery {
    /// Credit code or registration number.
    id: String,
    /// Number in the pool, from the paper a business got before the draw.
    #[serde(deserialize_with = "filled")]
    number: Option<u64>,
}

/// A step of a draw.
struct Step {
    title: String,
    text: String,
    /// `past`, `now`, `ended` or nothing.
    class: &'static str,
}

/// Something that was fixed, with its fingerprint.
struct Fixed {
    what: String,
    hash: String,
}

/// A statement of the check.
struct Checked {
    text: String,
    class: &'static str,
    word: String,
}

/// A share of the pool.
struct Part {
    code: String,
    count: u64,
}

/// A drawn business: its token in the records, and its number.
struct Winner {
    id: String,
    number: u64,
}

/// The answer to whoever asks about himself.
struct Answer {
    asked: String,
    text: String,
    class: &'static str,
    number: String,
    ticket: String,
    key: String,
    limit: String,
}

#[derive(Template)]
#[template(path = "public/draw.html")]
struct DrawPage<'a> {
    ui: &'a Ui,
    id: Id,
    state: String,
    policy: String,
    round: i32,
    pool: u64,
    drawn: i64,
    opened: String,
    before: String,
    deadline: String,
    reason: String,
    previous: Option<Id>,
    witnesses: Vec<String>,
    beacons: Vec<String>,
    parts: Vec<Part>,
    steps: Vec<Step>,
    fixed: Vec<Fixed>,
    checks: Vec<Checked>,
    verdict: &'static str,
    winners: Vec<Winner>,
    q: String,
    place: String,
    answer: Option<Answer>,
    fault: String,
    file: String,
    draw_id: String,
    /// Address of the script that computes the draw again in the browser.
    script: &'static str,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: DrawQuery) -> Result<Page> {
    let draw = public::get(cx, id)?;
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let r = &bundle.records;
    let open = Open::parse(r.open.as_bytes()).map_err(|f| Error::internal(&f))?;
    let pool = PoolRecord::parse(r.pool_subjects.as_bytes()).map_err(|f| Error::internal(&f))?;
    let report = verify(&bundle, None);
    let state = State::parse(&draw.state).ok_or_else(|| Error::internal("draw state"))?;
    let moment = |s: u64| {
        let at = i64::try_from(s).ok().and_then(|s| DateTime::from_timestamp(s, 0));
        at.map_or_else(String::new, |at| ui.time(&at))
    };
    let asked = Some(query.id.trim()).filter(|t| !t.is_empty());
    let (answer, fault) = match (asked, query.number) {
        (None, None) => (None, String::new()),
        (id, number) => match public::check(&draw, id, number) {
            Ok(e) => {
                let class = match e.fate {
                    Fate::Drawn | Fate::DrawnBefore => "drawn",
                    _ => "not-drawn",
                };
                let asked = number
                    .map_or_else(|| id.unwrap_or_default().to_owned(), |n| ui.t1("draw-number", "n", n));
                let answer = Answer {
                    asked,
                    text: ui.told(&e.text),
                    class,
                    number: e.number.map(|n| n.to_string()).unwrap_or_default(),
                    ticket: e.ticket.unwrap_or_default(),
                    key: e.key.unwrap_or_default(),
                    limit: e.limit.unwrap_or_default(),
                };
                (Some(answer), String::new())
            }
            Err(Error::Internal(cause)) => return Err(Error::Internal(cause)),
            Err(Error::Invalid(faults)) => (None, faults.iter().map(|f| ui.told(&f.message)).collect()),
            Err(error) => (None, ui.told(&error.to_string())),
        },
    };
    let verdict = match report.verdict() {
        Verdict::Verified => "verified",
        Verdict::Unfinished => "unfinished",
        Verdict::Failed => "failed",
    };
    let checks = report
        .statements
        .iter()
        .map(|s| {
            let (class, key) = match s.status {
                Status::Verified => ("passed", "check-verified"),
                Status::Failed => ("problem", "check-failed"),
                Status::Note => ("", "check-note"),
            };
            Checked { text: ui.told(&s.text), class, word: ui.t(key) }
        })
        .collect();
    let mut fixed = vec![
        Fixed { what: ui.t("fixed-pool"), hash: hex::encode(pool.root) },
        Fixed { what: ui.t("fixed-rules"), hash: hex::encode(open.rules_doc) },
        Fixed { what: ui.t("fixed-server"), hash: hex::encode(open.server) },
        Fixed { what: ui.t("fixed-draw"), hash: draw.draw_id.clone() },
    ];
    if let Some(seed) = bundle.derived.as_ref().and_then(|d| d.seed.clone()) {
        fixed.push(Fixed { what: ui.t("fixed-seed"), hash: seed });
    }
    let template = DrawPage {
        ui,
        id,
        policy: draw.policy.clone(),
        round: draw.round,
        pool: pool.count,
        drawn: draw.drawn,
        opened: ui.time(&draw.created_at.0),
        before: moment(open.not_before),
        deadline: moment(open.deadline),
        reason: ui.told(&draw.reason),
        previous: draw.previous_id,
        steps: steps(ui, &bundle, &open, state, pool.count),
        witnesses: open.witnesses.clone(),
        beacons: open
            .beacons
            .iter()
            .map(|b| format!("{} {}", ui.word("beacon", b.kind.word()), b.reference))
            .collect(),
        parts: pool.groups.iter().map(|g| Part { code: g.code.clone(), count: g.count }).collect(),
        fixed,
        checks,
        verdict,
        winners: bundle.winners.iter().map(|w| Winner { id: w.id.clone(), number: w.number }).collect(),
        q: query.id.trim().to_owned(),
        place: query.number.map(|n| n.to_string()).unwrap_or_default(),
        answer,
        fault,
        file: format!("draw-{}.json", &draw.draw_id[..draw.draw_id.len().min(12)]),
        draw_id: draw.draw_id.clone(),
        script: assets::named("draw"),
        state: draw.state,
    };
    let names = announced_names(cx, &[draw.inspection_id])?;
    let name = names.get(&draw.inspection_id).unwrap_or(&draw.list_token);
    let title = ui.t2("draw-title", "list", name, "n", draw.attempt);
    let page = Page::new(title, &template)?;
    Ok(page.under("/public", ui.t("nav-public")).under("/public/draws", ui.t("nav-public-draws")))
}

/// The steps this draw takes, and how far it is.
fn steps(ui: &Ui, bundle: &Bundle, open: &Open, state: State, pool: u64) -> Vec<Step> {
    let r = &bundle.records;
    let mut list = vec![
        ("pool", true, ui.n("draw-step-pool-text", pool)),
        ("open", true, ui.t("draw-step-open-text")),
        ("seal", r.seal.is_some(), ui.n("draw-step-seal-text", open.witnesses.len())),
        ("reveal", r.reveal.is_some(), ui.t("draw-step-reveal-text")),
    ];
    if !open.beacons.is_empty() {
        list.push(("beacon", r.beacon.is_some(), ui.t("draw-step-beacon-text")));
    }
    list.push(("result", r.result.is_some(), ui.t("draw-step-result-text")));
    if open.publish_by.is_some() {
        list.push(("publish", r.publish.is_some(), ui.t("draw-step-publish-text")));
    }
    let aborted = state == State::Aborted;
    let mut now = !aborted;
    let mut steps: Vec<Step> = list
        .into_iter()
        .map(|(name, done, text)| {
            let class = match (done, now) {
                (true, _) => "past",
                (false, true) => {
                    now = false;
                    "now"
                }
                _ => "",
            };
            Step { title: ui.t(&format!("draw-step-{name}")), text, class }
        })
        .collect();
    if aborted {
        steps.retain(|s| !s.class.is_empty());
        steps.push(Step {
            title: ui.t("draw-step-abort"),
            text: ui.t("draw-step-abort-text"),
            class: "ended",
        });
    }
    steps
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(7));
    let row = DrawRow {
        id,
        list: text("CN-350403-2026-3"),
        attempt: 1,
        round: 0,
        state: text("resulted"),
        policy: text("ceremony"),
        pool: 320,
        drawn: 32,
        opened: text("2026年5月8日 09:00"),
    };
    let list = |rows| DrawsPage { ui, rows, pager: Pager::new(ui, &[], false, None) };
    let page = |answer, fault: &str, previous| DrawPage {
        ui,
        id,
        state: text("resulted"),
        policy: text("ceremony"),
        round: 1,
        pool: 320,
        drawn: 32,
        opened: text("2026年5月8日 09:00"),
        before: text("2026年5月8日 09:30"),
        deadline: text("2026年5月9日 09:00"),
        reason: text("见证人未到齐"),
        previous,
        witnesses: vec![text("W1"), text("W2")],
        beacons: vec![text("drand 12345")],
        parts: vec![Part { code: text("A"), count: 320 }],
        steps: vec![
            Step { title: ui.t("draw-step-pool"), text: ui.n("draw-step-pool-text", 320_i64), class: "past" },
            Step { title: ui.t("draw-step-open"), text: ui.t("draw-step-open-text"), class: "now" },
        ],
        fixed: vec![Fixed { what: ui.t("fixed-pool"), hash: "ab".repeat(32) }],
        checks: vec![
            Checked {
                text: text("文件逐字节与校验和一致"), class: "passed", word: ui.t("check-verified")
            },
            Checked { text: text("名录不公开"), class: "", word: ui.t("check-note") },
        ],
        verdict: "verified",
        winners: vec![Winner { id: text("91350403MA00000000"), number: 7 }],
        q: text("91350403MA00000000"),
        place: String::new(),
        answer,
        fault: text(fault),
        file: text("draw-abc.json"),
        draw_id: "cd".repeat(32),
        script: assets::named("draw"),
    };
    let answer = Answer {
        asked: text("91350403MA00000000"),
        text: text("被抽中"),
        class: "drawn",
        number: text("7"),
        ticket: "0a".repeat(16),
        key: "0a".repeat(16),
        limit: "0b".repeat(16),
    };
    vec![
        Page::new(ui.t("public-draws-title"), &list(vec![row])).unwrap(),
        Page::new(ui.t("public-draws-title"), &list(Vec::new())).unwrap(),
        Page::new("x", &page(Some(answer), "", Some(id))).unwrap(),
        Page::new("x", &page(None, "抽取尚未结束", None)).unwrap(),
    ]
}
