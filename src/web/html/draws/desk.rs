//! The operator's desk: freeze the lists, open the draw with its witnesses and times, and take it step by step to its
//! result.

use super::parties::PartiesFields;
use super::{Seat, Step, steps};
use crate::domain::access::Action::{AuditDraw, OperateDraw, ViewDraw};
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::record::Open;
use crate::domain::draw_state::State;
use crate::domain::inspection::State as Stage;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::opening;
use crate::service::draws::steps::{self as take, Proof, Stepped};
use crate::service::draws::{self, pool};
use crate::service::inspections::{self, DrawRules, doc};
use crate::web::api::draws::{BeaconsBody, DrawAbort, DrawOpening};
use crate::web::api::inspections::InspectionReason;
use crate::web::call::Call;
use crate::web::html::form::Form;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use std::collections::BTreeMap;

pub(super) fn pages(r: &mut Router) {
    r.page("/inspections/{id}/draw", Action(OperateDraw), prepare);
    r.form_steps("/inspections/{id}/draw/freeze", Action(OperateDraw), freeze, prepare);
    r.form("/inspections/{id}/draw/release", Action(OperateDraw), release, prepare);
    r.form_steps("/inspections/{id}/draw", Action(OperateDraw), open, prepare);
    r.page("/draws/{id}", Action(ViewDraw), show);
    r.form_steps("/draws/{id}/seal", Action(OperateDraw), seal, show);
    r.form_steps("/draws/{id}/reveal", Action(OperateDraw), reveal, show);
    r.form_steps("/draws/{id}/beacon", Action(OperateDraw), beacon, show);
    r.form_steps("/draws/{id}/result", Action(OperateDraw), result, show);
    r.form_steps("/draws/{id}/publish", Action(OperateDraw), publish, show);
    r.form_steps("/draws/{id}/abort", Action(OperateDraw), abort, show);
}

/// A frozen list in figures.
struct Frozen {
    root: String,
    subjects: usize,
    strata: Vec<(String, u64)>,
    excluded: Vec<(String, usize)>,
    inspectors: usize,
    left_out: Vec<String>,
    at: String,
}

#[derive(Template)]
#[template(path = "draws/prepare.html")]
struct PreparePage<'a> {
    ui: &'a Ui,
    id: Id,
    policy: String,
    frozen: Option<Frozen>,
    parties: PartiesFields<'a>,
}

fn prepare(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let loaded = inspections::load_for(cx, id, OperateDraw)?;
    let state = loaded.state()?;
    let i = &loaded.inspection;
    if !matches!(state, Stage::Confirmed | Stage::PoolFrozen) && !ui.form.sent {
        let text = format!("联合抽查处于“{}”，现在不能锁定名单或开启抽取", state.word());
        return Err(Error::wrong_state(state.as_str(), text));
    }
    let rules: DrawRules = doc(&i.draw_rules)?;
    let frozen = if state == Stage::PoolFrozen {
        let pool::Shown { pool, content } = pool::current(cx, id)?;
        let mut excluded: BTreeMap<String, usize> = BTreeMap::new();
        for (_, code) in &content.excluded {
            *excluded.entry(ui.word("excluded", &code.to_lowercase())).or_default() += 1;
        }
        Some(Frozen {
            root: pool.root,
            subjects: content.subjects.len(),
            strata: content.sizes().into_iter().collect(),
            excluded: excluded.into_iter().collect(),
            inspectors: content.inspectors.len(),
            left_out: content.left_out.iter().map(|l| ui.told(&l.text)).collect(),
            at: ui.time(&pool.created_at.0),
        })
    } else {
        None
    };
    let parties = PartiesFields::of(cx, ui, i, &rules, "")?;
    let template = PreparePage { ui, id, policy: rules.policy, frozen, parties };
    let page = Page::new(ui.t("draw-prepare"), &template)?;
    Ok(page
        .under("/inspections", ui.t("nav-inspections"))
        .under(format!("/inspections/{id}"), i.name.clone()))
}

fn freeze(call: &Call, id: Id, _: &NoQuery, _: Empty, _: &Form) -> Result<Answer> {
    let (new, frozen) = call.read(|cx| {
        let new = cx.id()?;
        Ok((new, pool::prepare(cx, &call.server.keys.draw, id, new)?))
    })?;
    call.write(move |cx| {
        pool::freeze(cx, new, &frozen)?;
        Ok(Done::to(format!("/inspections/{id}/draw")).say("pool-frozen").reply())
    })
}

fn release(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Done> {
    pool::release(cx, id, &body.reason)?;
    Ok(Done::to(format!("/inspections/{id}")).say("pool-released"))
}

fn open(call: &Call, id: Id, _: &NoQuery, body: DrawOpening, _: &Form) -> Result<Answer> {
    let (parties, key) = (body.parties(), &call.server.keys.draw);
    let opened = call.read(|cx| {
        let new = cx.id()?;
        // After an abort the next attempt stays in the same log.
        let list = pool::current(cx, id).ok().map(|shown| shown.pool.id);
        let attempts = draws::of(cx, id)?.into_iter().map(|d| d.draw);
        let last = attempts.filter(|d| list.is_some() && d.pool_id == list).max_by_key(|d| d.attempt);
        match last {
            Some(d) if d.state == State::Aborted.as_str() => opening::again(cx, key, d.id, new, &parties),
            _ => opening::open(cx, key, id, new, &parties),
        }
    })?;
    call.write(move |cx| {
        let row = opening::keep(cx, &opened)?;
        Ok(Done::to(format!("/draws/{}", row.id)).say("draw-opened").reply())
    })
}

/// A beacon whose value is asked for.
struct Ask {
    kind: String,
    reference: String,
    /// Name of the field.
    name: String,
    label: String,
}

#[derive(Template)]
#[template(path = "draws/desk.html")]
struct DeskPage<'a> {
    ui: &'a Ui,
    id: Id,
    inspection: Id,
    state: String,
    version: i64,
    steps: Vec<Step>,
    /// The operator's next step; empty where there is none.
    next: &'static str,
    /// Why it cannot be taken yet.
    waits: String,
    pool: i64,
    drawn: i64,
    draw_id: String,
    policy: String,
    opened: String,
    before: String,
    deadline: String,
    reason: String,
    seats: Vec<Seat>,
    beacons: Vec<Ask>,
    may_abort: bool,
    /// Where the operator takes up a draw that was aborted, or replaces drawn subjects that fell away; empty: nowhere.
    later: String,
    may_audit: bool,
    live: bool,
}

impl DeskPage<'_> {
    fn does(&self) -> String {
        self.ui.t(&format!("desk-{}", self.next))
    }

    fn what(&self) -> String {
        self.ui.t(&format!("desk-{}-what", self.next))
    }

    fn sure(&self) -> String {
        self.ui.t(&format!("desk-{}-sure", self.next))
    }
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let draws::Shown { draw, witnesses, .. } = draws::get(cx, id)?;
    let (_, loaded) = draws::find(cx, id)?;
    let operates = cx.can(OperateDraw, &loaded.scope());
    let state = State::parse(&draw.state).ok_or_else(|| Error::internal("draw state"))?;
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let open = Open::parse(bundle.records.open.as_bytes()).map_err(|f| Error::internal(&f))?;
    let embargo = open.publish_by.is_some();
    let missing = |done: fn(&crate::store::draws::Witness) -> bool| -> Vec<String> {
        witnesses.iter().filter(|w| !done(w)).map(|w| w.token.clone()).collect()
    };
    let until = ui.time(&draw.not_before.0);
    let (next, waits) = match state {
        State::Opened => {
            let open = missing(|w| !w.commitment.is_empty());
            let why = if open.is_empty() {
                String::new()
            } else {
                ui.t1("draw-waits-commitments", "names", open.join(&ui.t("comma")))
            };
            ("seal", why)
        }
        State::Sealed => {
            let closed = missing(|w| !w.sealed.is_empty());
            let why = if closed.is_empty() {
                String::new()
            } else {
                ui.t1("draw-waits-cards", "names", closed.join(&ui.t("comma")))
            };
            ("reveal", why)
        }
        State::Revealed if !open.beacons.is_empty() => (
            "beacon",
            if ui.now < draw.not_before.0 { ui.t1("draw-waits-time", "time", &until) } else { String::new() },
        ),
        State::Revealed | State::Beaconed => ("result", String::new()),
        State::Resulted if embargo => ("publish", String::new()),
        _ => ("", String::new()),
    };
    let i = &loaded.inspection;
    let may_audit = cx.can(AuditDraw, &loaded.scope());
    let later = if operates { super::later::way(cx, &draw, &loaded)? } else { "" };
    let template = DeskPage {
        ui,
        id,
        inspection: i.id,
        version: draw.version,
        steps: steps(ui, state, !open.beacons.is_empty(), embargo),
        next: if operates { next } else { "" },
        waits,
        pool: draw.pool_size,
        drawn: draw.drawn,
        draw_id: draw.draw_id.clone(),
        policy: ui.word("draw-policy", &draw.policy),
        opened: ui.time(&draw.created_at.0),
        before: until,
        deadline: ui.time(&draw.deadline.0),
        reason: ui.told(&draw.reason),
        seats: witnesses.iter().map(|w| Seat::of(w, state)).collect(),
        beacons: open
            .beacons
            .iter()
            .enumerate()
            .map(|(i, b)| Ask {
                kind: b.kind.word().to_owned(),
                reference: b.reference.clone(),
                name: format!("beacons/{i}/value"),
                label: format!("{} {}", ui.word("beacon", b.kind.word()), b.reference),
            })
            .collect(),
        may_abort: operates && !matches!(state, State::Resulted | State::Published | State::Aborted),
        later: later.to_owned(),
        may_audit,
        live: matches!(state, State::Opened | State::Sealed),
        state: draw.state,
    };
    let page = Page::new(ui.n("draw-nth", draw.attempt), &template)?;
    let page = if template.live { page.again(5) } else { page };
    let page = page.under("/inspections", ui.t("nav-inspections"));
    let page = page.under(format!("/inspections/{}", i.id), i.name.clone());
    Ok(page.under(format!("/draws?inspection_id={}", i.id), ui.t("nav-draws")))
}

fn stepped(
    call: &Call,
    id: Id,
    said: &'static str,
    compute: impl FnOnce(&mut Cx<'_>) -> Result<Stepped>,
) -> Result<Answer> {
    let seen = call.origin.if_match;
    let stepped = call.read(|cx| {
        // The page that was read may be another state's.
        if let Some(seen) = seen {
            let now = draws::get(cx, id)?.draw.version;
            if now != seen {
                return Err(Error::Stale(now));
            }
        }
        compute(cx)
    })?;
    call.write(move |cx| {
        take::keep(cx, &stepped)?;
        Ok(Done::to(format!("/draws/{id}")).say(said).reply())
    })
}

fn seal(call: &Call, id: Id, _: &NoQuery, _: Empty, _: &Form) -> Result<Answer> {
    stepped(call, id, "draw-sealed", |cx| take::seal(cx, &call.server.keys.draw, id))
}

fn reveal(call: &Call, id: Id, _: &NoQuery, _: Empty, _: &Form) -> Result<Answer> {
    stepped(call, id, "draw-revealed", |cx| take::reveal(cx, &call.server.keys.draw, id))
}

fn beacon(call: &Call, id: Id, _: &NoQuery, body: BeaconsBody, _: &Form) -> Result<Answer> {
    let given: Vec<Proof> = body
        .beacons
        .into_iter()
        .map(|p| Proof { kind: p.kind, reference: p.reference, value: p.value })
        .collect();
    stepped(call, id, "draw-beaconed", |cx| take::beacon(cx, &call.server.keys.draw, id, &given))
}

fn result(call: &Call, id: Id, _: &NoQuery, _: Empty, _: &Form) -> Result<Answer> {
    stepped(call, id, "draw-resulted", |cx| take::result(cx, &call.server.keys.draw, id))
}

fn publish(call: &Call, id: Id, _: &NoQuery, _: Empty, _: &Form) -> Result<Answer> {
    stepped(call, id, "draw-published", |cx| take::publish(cx, &call.server.keys.draw, id))
}

fn abort(call: &Call, id: Id, _: &NoQuery, body: DrawAbort, _: &Form) -> Result<Answer> {
    stepped(call, id, "draw-was-aborted", |cx| {
        take::abort(cx, &call.server.keys.draw, id, &body.code, &body.reason)
    })
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let id = Id(uuid::Uuid::from_u128(7));
    let frozen = || Frozen {
        root: "ab".repeat(32),
        subjects: 320,
        strata: vec![(text("A"), 300), (text("B"), 20)],
        excluded: vec![(ui.word("excluded", "cap"), 3)],
        inspectors: 24,
        left_out: vec![text("李四：执法证件已过期")],
        at: text("2026年5月8日 09:00"),
    };
    let prepare = |frozen, policy: &str| PreparePage {
        ui,
        id,
        policy: text("ceremony"),
        frozen,
        parties: PartiesFields::sample(ui, "", policy),
    };
    let desk = |state: State, next: &'static str, waits: &str| DeskPage {
        ui,
        id,
        inspection: id,
        state: state.as_str().to_owned(),
        version: 2,
        steps: steps(ui, state, true, true),
        next,
        waits: text(waits),
        pool: 320,
        drawn: 32,
        draw_id: "cd".repeat(32),
        policy: ui.word("draw-policy", "ceremony"),
        opened: text("2026年5月8日 09:00"),
        before: text("2026年5月8日 09:30"),
        deadline: text("2026年5月8日 12:00"),
        reason: text("见证人未到齐"),
        seats: vec![
            Seat { token: text("W1"), commitment: "ef".repeat(32), opened: true },
            Seat { token: text("W2"), commitment: String::new(), opened: false },
        ],
        beacons: vec![Ask {
            kind: text("text"),
            reference: text("R1"),
            name: text("beacons/0/value"),
            label: text("约定的公开文本 R1"),
        }],
        may_abort: true,
        later: text(if state == State::Aborted { "again" } else { "round" }),
        may_audit: true,
        live: true,
    };
    let mut pages = vec![
        Page::new(ui.t("draw-prepare"), &prepare(None, "ceremony")).unwrap(),
        Page::new(ui.t("draw-prepare"), &prepare(Some(frozen()), "embargo")).unwrap(),
    ];
    for (state, next, waits) in [
        (State::Opened, "seal", "等"),
        (State::Sealed, "reveal", ""),
        (State::Revealed, "beacon", ""),
        (State::Beaconed, "result", ""),
        (State::Resulted, "publish", ""),
        (State::Aborted, "", ""),
    ] {
        pages.push(Page::new(ui.n("draw-nth", 1_i64), &desk(state, next, waits)).unwrap());
    }
    pages
}
