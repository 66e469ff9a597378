//! Long work: what one has started, how far a piece has come, what came of it.

use super::list::Pager;
use super::ui::Ui;
use super::{Done, Page, shown};
use crate::clock::Stopwatch;
use crate::domain::access::Action::ViewJob;
use crate::domain::job::{FILE_DAYS, Kind, State, percent, remaining};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::jobs::{self, Made};
use crate::store::jobs::{self as rows, Job};
use crate::web::api::jobs as api;
use crate::web::call::Call;
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Stream};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use utoipa::IntoParams;

/// Rest between two looks for whoever listens.
const LISTEN_EVERY: Duration = Duration::from_secs(1);
/// How long one listens without asking again.
const LISTEN: Duration = Duration::from_secs(60);
/// Pieces that are not over yet are shown all together; nobody may have more.
const OPEN: i64 = 50;

pub(super) fn pages(r: &mut Router) {
    r.page("/jobs", Action(ViewJob), list);
    r.page_view("/jobs/{id}", Action(ViewJob), show);
    r.form("/jobs/{id}/cancel", Action(ViewJob), cancel, page);
    r.page_view("/jobs/{id}/events", Action(ViewJob), events);
    r.page_view("/jobs/{id}/file", Action(ViewJob), api::file);
}

/// Goes on from what a form began or did: to the work that was begun, and from there to what comes of it; or to what was
/// done at once, saying so.
pub(super) fn goes_on(place: String, said: &str) -> Done {
    if place.starts_with("/jobs/") {
        Done::to(format!("{place}?then=result"))
    } else {
        Done::to(place).say(said)
    }
}

/// The page of what came of a piece of work; a file counts only as long as it is kept.
fn result(row: &Job) -> Option<String> {
    api::result_of(row).map(|place| place.trim_start_matches("/api/v1").to_owned())
}

/// A piece of work in a list or on its page.
pub(super) struct Piece {
    pub(super) href: String,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) state: String,
    /// How far it has come, in words; empty when that is not known.
    pub(super) words: String,
    pub(super) percent: Option<i64>,
    pub(super) when: String,
    pub(super) error: String,
    /// Where to go on, and what stands there.
    pub(super) result: Option<(String, String)>,
    /// It had a file, whose time is over.
    pub(super) expired: bool,
    /// It is not over.
    pub(super) open: bool,
    pub(super) stopping: bool,
}

impl Piece {
    pub(super) fn of(ui: &Ui, row: &Job) -> Result<Self> {
        let state = jobs::state_of(row)?;
        let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("job kind"))?;
        let files = matches!(kind, Kind::Papers | Kind::Archive);
        let name = result(row).map(|href| (href, ui.word("job-result", kind.as_str())));
        Ok(Self {
            href: format!("/jobs/{}", row.id),
            kind: ui.word("job-kind", kind.as_str()),
            title: row.title.clone(),
            state: row.state.clone(),
            words: words(ui, kind, row),
            percent: if state == State::Done { Some(100) } else { percent(row.done, row.total) },
            when: ui.time(&row.ended_at.or(row.started_at).unwrap_or(row.created_at).0),
            error: ui.told(&row.error),
            expired: files && state == State::Done && Made::of(row).is_none(),
            result: name,
            open: !state.is_over(),
            stopping: row.stop && !state.is_over(),
        })
    }
}

/// What is being done, and how much of it is done.
fn words(ui: &Ui, kind: Kind, row: &Job) -> String {
    if row.step.is_empty() || row.state == State::Waiting.as_str() {
        return String::new();
    }
    let step = ui.word("job-step", &row.step);
    if row.total == 0 {
        return if row.done > 0 { format!("{step} · {}", ui.n("job-kib", row.done)) } else { step };
    }
    let key = match kind {
        Kind::ImportCheck | Kind::ImportApply => "job-of-rows",
        Kind::Planning | Kind::Rerun => "job-of-steps",
        Kind::Papers => "job-of-visits",
        Kind::Archive => return step,
    };
    format!("{step} · {}", ui.t2(key, "done", row.done, "total", row.total))
}

/// Where in the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

#[derive(Template)]
#[template(path = "jobs/list.html")]
struct ListPage<'a> {
    ui: &'a Ui,
    open: Vec<Piece>,
    over: Vec<Piece>,
    pager: Pager<'a>,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    const OVER: [State; 3] = [State::Done, State::Failed, State::Cancelled];
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    let after: Option<Id> = query.after.as_ref().map(|c| c.as_str().parse().map_err(wrong)).transpose()?;
    let open = jobs::list(cx, Some(&[State::Waiting, State::Running]), None, OPEN)?;
    let (over, next) = cut(|most| jobs::list(cx, Some(&OVER), after, most), |j| j.id.to_string())?;
    let pieces = |list: &[Job]| list.iter().map(|j| Piece::of(ui, j)).collect::<Result<Vec<_>>>();
    let mut open = pieces(&open)?;
    // What runs before what waits.
    open.sort_by_key(|p| p.state != State::Running.as_str());
    let live = !open.is_empty();
    let template = ListPage {
        ui,
        open,
        over: pieces(&over)?,
        pager: Pager::new(ui, &[], after.is_some(), next.as_deref()),
    };
    let page = Page::new(ui.t("nav-jobs"), &template)?.lead(ui.n("job-lead", FILE_DAYS));
    Ok(if live { page.again(3) } else { page })
}

/// Where to go once it is done.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ShowQuery {
    /// `result`: to what came of it.
    then: String,
}

#[derive(Template)]
#[template(path = "jobs/show.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    piece: Piece,
    events: String,
    cancel: String,
    started: String,
    remaining: String,
    mine: bool,
    /// Days for which its file is kept; 0: it has none.
    kept: i64,
}

fn show(call: &Call, id: Id, query: ShowQuery) -> Result<Answer> {
    let row = call.read(|cx| jobs::get(cx, id))?;
    // A file is offered; a page is gone to.
    let leads = !matches!(Kind::parse(&row.kind), Some(Kind::Papers | Kind::Archive) | None);
    if query.then == "result"
        && leads
        && let Some(to) = result(&row)
    {
        return Done::to(to).say("job-done").answer(call);
    }
    shown(call, |cx, ui| page(cx, ui, id, query))
}

fn page(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: ShowQuery) -> Result<Page> {
    let row = jobs::get(cx, id)?;
    let piece = Piece::of(ui, &row)?;
    let elapsed = row.started_at.map(|t| ui.now - t.0);
    let left = elapsed.filter(|_| piece.open).and_then(|e| remaining(row.done, row.total, e));
    let live = piece.open;
    let title = piece.kind.clone();
    let template = ShowPage {
        ui,
        events: format!("/jobs/{id}/events"),
        cancel: format!("/jobs/{id}/cancel"),
        started: ui.time(&row.created_at.0),
        remaining: left.map(|t| words_of(ui, t.num_seconds())).unwrap_or_default(),
        mine: cx.actor.user == Some(row.user_id),
        kept: if Made::of(&row).is_some() { FILE_DAYS } else { 0 },
        piece,
    };
    let page = Page::new(title, &template)?.under("/jobs", ui.t("nav-jobs")).narrow();
    Ok(if live { page.again(3) } else { page })
}

/// A time that is left, as people say it.
fn words_of(ui: &Ui, seconds: i64) -> String {
    match seconds {
        ..60 => ui.t("job-left-soon"),
        s => ui.n("job-left-minutes", s.saturating_add(59) / 60),
    }
}

fn cancel(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Done> {
    let row = jobs::cancel(cx, id)?;
    let said = if row.state == State::Cancelled.as_str() { "job-cancelled" } else { "job-stopping" };
    Ok(Done::to(format!("/jobs/{id}")).say(said))
}

/// Tells whoever listens when a piece of work has come further; for a minute, then the browser asks again. What is over
/// is answered with 204, after which no browser asks again.
fn events(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let row = call.read(|cx| jobs::get(cx, id))?;
    let mut answer = Answer {
        status: 204,
        content_type: "text/event-stream".to_owned(),
        headers: vec![("Cache-Control".to_owned(), "no-store".to_owned())],
        body: Vec::new(),
        refusal: None,
        stream: None,
    };
    if jobs::state_of(&row)?.is_over() {
        return Ok(answer);
    }
    answer.status = 200;
    // Compressed, events would wait for each other.
    answer.headers.push(("Content-Encoding".to_owned(), "identity".to_owned()));
    answer.headers.push(("X-Accel-Buffering".to_owned(), "no".to_owned()));
    let (server, began) = (Arc::clone(&call.server), Stopwatch::start());
    let (mut last, mut over) = (None, false);
    answer.stream = Some(Stream::paced(LISTEN_EVERY, move || {
        if over || began.elapsed() > LISTEN || server.draining.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let seen = server.store.read(|db| rows::get(db, id))?;
        over = match &seen {
            Some(row) => jobs::state_of(row)?.is_over(),
            None => true,
        };
        let now = seen.map(|r| (r.state, r.step, r.done, r.total));
        let text = match (&last, &now) {
            (None, _) => "retry: 2000\ndata: begin\n\n".to_owned(),
            (Some(before), now) if before == now => ":\n\n".to_owned(),
            (_, Some((state, _, done, total))) => format!("data: {state} {done}/{total}\n\n"),
            (_, None) => "data: gone\n\n".to_owned(),
        };
        last = Some(now);
        Ok(Some(text.into_bytes()))
    }));
    Ok(answer)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let piece = |state: State, result: bool, expired| Piece {
        href: text("/jobs/0199aaaa"),
        kind: ui.word("job-kind", "import_check"),
        title: text("名录.xlsx"),
        state: text(state.as_str()),
        words: format!(
            "{} · {}",
            ui.word("job-step", "checking"),
            ui.t2("job-of-rows", "done", 1200, "total", 20_000)
        ),
        percent: percent(1200, 20_000),
        when: text("2026年5月8日 10:30"),
        error: if state == State::Failed { text("这个文件已经导入过") } else { String::new() },
        result: result.then(|| (text("/imports/0199aaaa"), ui.word("job-result", "import_check"))),
        expired,
        open: !state.is_over(),
        stopping: state == State::Running && expired,
    };
    let show = |piece: Piece, mine, kept| ShowPage {
        ui,
        piece,
        events: text("/jobs/0199aaaa/events"),
        cancel: text("/jobs/0199aaaa/cancel"),
        started: text("2026年5月8日 10:30"),
        remaining: words_of(ui, if mine { 200 } else { 30 }),
        mine,
        kept,
    };
    let list = |open, over| ListPage { ui, open, over, pager: Pager::new(ui, &[], true, Some("x")) };
    for kind in Kind::ALL {
        assert!(!ui.word("job-kind", kind.as_str()).contains('_'), "{kind} has no word");
        assert!(!ui.word("job-result", kind.as_str()).contains('_'), "{kind} leads nowhere");
    }
    let title = || ui.word("job-kind", "import_check");
    let unknown = Piece { percent: None, ..piece(State::Running, false, false) };
    vec![
        Page::new(
            ui.t("nav-jobs"),
            &list(
                vec![piece(State::Running, false, false), piece(State::Waiting, false, false)],
                vec![piece(State::Done, true, false), piece(State::Failed, false, false)],
            ),
        )
        .unwrap(),
        Page::new(ui.t("nav-jobs"), &list(Vec::new(), Vec::new())).unwrap(),
        Page::new(title(), &show(piece(State::Waiting, false, false), true, 0)).unwrap().again(3),
        Page::new(title(), &show(piece(State::Running, false, false), true, 0)).unwrap(),
        Page::new(title(), &show(unknown, false, 0)).unwrap(),
        Page::new(title(), &show(piece(State::Running, false, true), true, 0)).unwrap(),
        Page::new(title(), &show(piece(State::Done, true, false), true, 7)).unwrap(),
        Page::new(title(), &show(piece(State::Done, false, true), true, 0)).unwrap(),
        Page::new(title(), &show(piece(State::Failed, false, false), true, 0)).unwrap(),
        Page::new(title(), &show(piece(State::Cancelled, false, false), false, 0)).unwrap(),
    ]
}
