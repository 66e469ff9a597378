//! The screen for a projector: what is frozen and its fingerprint, the witnesses as they enter, the lots as they come
//! out, and where everybody can check it.

use super::{Seat, Step, steps};
use crate::documents::papers::picture;
use crate::domain::access::Action::ViewDraw;
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::record::{Open, PoolRecord};
use crate::domain::draw_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::{self, embargo, outcome};
use crate::web::html::Page;
use crate::web::html::ui::{Html, Ui};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use std::collections::HashMap;

pub(super) fn pages(r: &mut Router) {
    r.page("/draws/{id}/screen", Action(ViewDraw), show);
}

/// A drawn subject with its lot.
struct Lot {
    number: i64,
    name: String,
    town: String,
    ticket: String,
}

#[derive(Template)]
#[template(path = "draws/screen.html")]
struct ScreenPage<'a> {
    ui: &'a Ui,
    id: Id,
    number: String,
    state: String,
    steps: Vec<Step>,
    pool: u64,
    root: String,
    seats: Vec<Seat>,
    beacons: Vec<String>,
    seed: String,
    lots: Vec<Lot>,
    drawn: usize,
    reason: String,
    address: String,
    qr: Html,
    /// There is a result, and it is not told yet.
    held: bool,
    live: bool,
}

/// A fingerprint in groups that an eye can compare.
fn grouped(hash: &str) -> String {
    let letters: Vec<char> = hash.chars().collect();
    letters.chunks(8).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let draws::Shown { draw, witnesses, .. } = draws::get(cx, id)?;
    let (_, loaded) = draws::find(cx, id)?;
    let state = State::parse(&draw.state).ok_or_else(|| Error::internal("draw state"))?;
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let open = Open::parse(bundle.records.open.as_bytes()).map_err(|f| Error::internal(&f))?;
    let pool = PoolRecord::parse(bundle.records.pool_subjects.as_bytes()).map_err(|f| Error::internal(&f))?;
    let later = open.publish_by.is_some();
    // Under embargo, or before a surprise, nobody in the room may see who was drawn.
    let asked = [(draw.id, draw.inspection_id, draw.policy.as_str(), draw.state.as_str(), draw.round)];
    let covered = !embargo::held_draws(cx, &asked)?.is_empty();
    let open_result = match state {
        State::Resulted => !later && !covered,
        State::Published => !covered,
        _ => false,
    };
    let mut lots = Vec::new();
    if open_result {
        let derived = bundle.derived.as_ref().and_then(|d| d.winners.as_ref());
        let tickets: HashMap<u64, &String> =
            derived.into_iter().flatten().map(|(_, _, number, ticket, _)| (*number, ticket)).collect();
        for d in outcome::drawn(cx, loaded.inspection.id)?.into_iter().filter(|d| d.row.draw_id == id) {
            let ticket = u64::try_from(d.row.place).ok().and_then(|n| tickets.get(&n));
            lots.push(Lot {
                number: d.row.place,
                name: d.subject.name,
                town: d.subject.town,
                ticket: ticket.map(|t| t.chars().take(12).collect()).unwrap_or_default(),
            });
        }
        lots.sort_by(|a, b| a.ticket.cmp(&b.ticket).then(a.number.cmp(&b.number)));
    }
    let address = format!("{}/public/draws/{id}", cx.rules.mail.link.trim_end_matches('/'));
    let template = ScreenPage {
        ui,
        id,
        number: format!("{} · {}", loaded.inspection.number, ui.n("draw-nth", draw.attempt)),
        steps: steps(ui, state, !open.beacons.is_empty(), later),
        pool: pool.count,
        root: grouped(&hex::encode(pool.root)),
        seats: witnesses.iter().map(|w| Seat::of(w, state)).collect(),
        beacons: open
            .beacons
            .iter()
            .map(|b| format!("{} {}", ui.word("beacon", b.kind.word()), b.reference))
            .collect(),
        seed: bundle
            .derived
            .as_ref()
            .filter(|_| open_result)
            .and_then(|d| d.seed.as_deref())
            .map(grouped)
            .unwrap_or_default(),
        drawn: lots.len(),
        lots,
        reason: ui.told(&draw.reason),
        qr: Html::made(picture::svg(&address)),
        address,
        held: matches!(state, State::Resulted | State::Published) && !open_result,
        live: !matches!(state, State::Resulted | State::Published | State::Aborted),
        state: draw.state,
    };
    let page = Page::new(loaded.inspection.name, &template)?.bare();
    Ok(if template.live { page.again(3) } else { page })
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let page = |state: State, lots: Vec<Lot>| ScreenPage {
        ui,
        id: Id(uuid::Uuid::from_u128(7)),
        number: text("示抽查〔2026〕3号 · 第 1 次抽取"),
        state: state.as_str().to_owned(),
        steps: steps(ui, state, true, false),
        pool: 320,
        root: grouped(&"ab".repeat(32)),
        seats: vec![
            Seat { token: text("W1"), commitment: "ef".repeat(32), opened: true },
            Seat { token: text("W2"), commitment: "ef".repeat(32), opened: false },
            Seat { token: text("W3"), commitment: String::new(), opened: false },
        ],
        beacons: vec![text("drand 123")],
        seed: if lots.is_empty() { String::new() } else { grouped(&"cd".repeat(32)) },
        drawn: lots.len(),
        lots,
        reason: text("见证人未到齐"),
        address: text("http://127.0.0.1/public/draws/7"),
        qr: Html::made(picture::svg("http://127.0.0.1/public/draws/7")),
        held: state == State::Published,
        live: true,
    };
    let lot =
        |n| Lot {
            number: n, name: text("某某餐饮店"), town: text("城关镇"), ticket: text("0a1b2c3d4e5f")
        };
    vec![
        Page::new("餐饮业联合抽查", &page(State::Opened, Vec::new())).unwrap().bare(),
        Page::new("餐饮业联合抽查", &page(State::Resulted, vec![lot(7), lot(9)])).unwrap().bare(),
        Page::new("餐饮业联合抽查", &page(State::Published, Vec::new())).unwrap().bare(),
        Page::new("餐饮业联合抽查", &page(State::Aborted, Vec::new())).unwrap().bare(),
    ]
}
