//! Long work that is left and found again.

use super::plannings::NewPlanningBody;
use crate::documents::papers::{Format, html};
use crate::domain::job::{Kind, State};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::jobs::{self, Made, Work};
use crate::service::plannings::{self, Again, NewPlanning};
use crate::store::jobs::Job;
use crate::web::call::Call;
use crate::web::page::{Cursor, by_id};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Page, Reply, Stream};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::io::Read;
use utoipa::{IntoParams, ToSchema};

/// Bytes sent at a time.
const PART: u64 = 256 << 10;

/// A file that came of a piece of work.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JobFile {
    /// What it is called when it is saved.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

/// A piece of work.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JobView {
    /// Identifier.
    pub id: Id,
    /// `import_check`, `import_apply`, `planning`, `planning_rerun`, `papers` or `archive`.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// The file, run or joint inspection it is about.
    pub object_id: Option<Id>,
    /// Who started it.
    pub user_id: Id,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// `reading`, `checking`, `merging`, `staffing`, `explaining`, `printing`, `packing` or `writing`; empty before it begins.
    pub step: String,
    /// How much is done: rows of a file, visits of a paper, steps of a run, KiB of an archive.
    pub done: i64,
    /// Of how much; 0 while that is not known.
    pub total: i64,
    /// Whether somebody asked it to stop.
    pub stopping: bool,
    /// Why it could not be done; empty otherwise.
    pub error: String,
    /// Where to read what came of it, once it is done.
    pub result: Option<String>,
    /// The file it made, for as long as it is kept.
    pub file: Option<JobFile>,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// When a server first took it up.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Where to read what came of a piece of work, in the API.
#[must_use]
pub fn result_of(row: &Job) -> Option<String> {
    if row.state != State::Done.as_str() {
        return None;
    }
    match Kind::parse(&row.kind)? {
        Kind::ImportCheck | Kind::ImportApply => row.object_id.map(|id| format!("/api/v1/imports/{id}")),
        Kind::Planning | Kind::Rerun => jobs::planning_of(row).map(|id| format!("/api/v1/plannings/{id}")),
        Kind::Papers | Kind::Archive => Made::of(row).map(|_| format!("/api/v1/jobs/{}/file", row.id)),
    }
}

impl From<Job> for JobView {
    fn from(row: Job) -> Self {
        let file = Made::of(&row).map(|m| JobFile {
            name: m.name,
            media: m.media,
            bytes: m.bytes,
            sha256: m.sha256,
        });
        Self {
            result: result_of(&row),
            file,
            id: row.id,
            kind: row.kind,
            title: row.title,
            object_id: row.object_id,
            user_id: row.user_id,
            state: row.state,
            step: row.step,
            done: row.done,
            total: row.total,
            stopping: row.stop,
            error: row.error,
            created_at: row.created_at.0,
            started_at: row.started_at.map(|t| t.0),
            ended_at: row.ended_at.map(|t| t.0),
        }
    }
}

/// 202 with a piece of work that was begun, and its place.
///
/// # Errors
/// None; a function so that handlers can end with it.
pub fn begun(row: Job) -> Result<Reply<JobView>> {
    let place = format!("/api/v1/jobs/{}", row.id);
    Ok(Reply::accepted(row.into(), place))
}

/// Filters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct JobQuery {
    /// State.
    pub state: Option<String>,
    /// Cursor: `next` of the page before.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/jobs`: one's own, newest first.
///
/// # Errors
/// An unknown state.
pub fn list(cx: &mut Cx<'_>, (): (), query: JobQuery) -> Result<Reply<Page<JobView>>> {
    let state = match query.state.as_deref() {
        None => None,
        Some(text) => {
            let none = || Error::field("state", "unknown_value", "没有这种状态");
            Some([State::parse(text).ok_or_else(none)?])
        }
    };
    let states = state.as_ref().map(|one| &one[..]);
    let read = |after, most| jobs::list(cx, states, after, most);
    by_id(query.after.as_ref(), query.limit, read, |j: &Job| j.id)
}

/// `GET /api/v1/jobs/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<JobView>> {
    Ok(Reply::ok(jobs::get(cx, id)?.into()))
}

/// `POST /api/v1/jobs/{id}/cancel`
///
/// # Errors
/// Not visible; somebody else's; it is over.
pub fn cancel(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<JobView>> {
    Ok(Reply::ok(jobs::cancel(cx, id)?.into()))
}

/// What is to be done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJobBody {
    /// `import_check`, `import_apply`, `planning`, `planning_rerun`, `papers` or `archive`.
    pub kind: String,
    /// Imports: the file.
    #[serde(default)]
    pub import_id: Option<Id>,
    /// Applying a file: `all` or `good_rows`.
    #[serde(default)]
    pub mode: Option<String>,
    /// What is to be planned.
    #[serde(default)]
    pub planning: Option<NewPlanningBody>,
    /// Planning after a change: the run in force.
    #[serde(default)]
    pub planning_id: Option<Id>,
    /// Planning after a change: whether tasks that have become ready since enter as well; yes when absent.
    #[serde(default)]
    pub include_new: Option<bool>,
    /// Planning after a change: another last day.
    #[serde(default)]
    pub period_to: Option<NaiveDate>,
    /// Papers and archive: the joint inspection.
    #[serde(default)]
    pub inspection_id: Option<Id>,
    /// `dispatch-slip`, `notice` or `visit-form`.
    #[serde(default)]
    pub paper: Option<String>,
    /// `html` (a page for printing) or `docx`; absent: `html`.
    #[serde(default)]
    pub format: Option<String>,
}

/// What a body asks for.
fn work(b: NewJobBody) -> Result<Work> {
    let kind = Kind::parse(&b.kind).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|k| k.as_str()).collect();
        Error::field("/kind", "unknown_value", format!("只能是:{}", words.join("、")))
    })?;
    let missing = |field: &str| Error::field(format!("/{field}"), "required", "不能为空");
    let import = b.import_id.ok_or_else(|| missing("import_id"));
    let inspection = b.inspection_id.ok_or_else(|| missing("inspection_id"));
    Ok(match kind {
        Kind::ImportCheck => Work::ImportCheck { import: import? },
        Kind::ImportApply => {
            let mode = b.mode.ok_or_else(|| missing("mode"))?;
            super::imports::mode(&mode)?;
            Work::ImportApply { import: import?, mode }
        }
        Kind::Planning => planned(b.planning.ok_or_else(|| missing("planning"))?),
        Kind::Rerun => Work::Rerun {
            planning: b.planning_id.ok_or_else(|| missing("planning_id"))?,
            include_new: b.include_new.unwrap_or(true),
            to: b.period_to,
        },
        Kind::Papers => Work::Papers {
            inspection: inspection?,
            paper: b.paper.ok_or_else(|| missing("paper"))?,
            format: b.format.unwrap_or_else(|| Format::Html.ending().to_owned()),
        },
        Kind::Archive => Work::Archive { inspection: inspection? },
    })
}

/// A planning run as work.
#[must_use]
pub fn planned(b: NewPlanningBody) -> Work {
    Work::Planning {
        name: b.name,
        from: b.period_from,
        to: b.period_to,
        inspections: b.inspections,
        singles: b.singles,
    }
}

/// `POST /api/v1/jobs`: what is wrong with a planning run is told at once, so that nobody waits for it.
///
/// # Errors
/// Not allowed; every fault of the fields; its thing is in the wrong state; too much of one's own waits already.
pub fn create(call: &Call, (): (), body: NewJobBody) -> Result<Answer> {
    let work = work(body)?;
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    match &work {
        Work::Planning { name, from, to, inspections, singles } => {
            let new = NewPlanning {
                name: name.clone(),
                from: *from,
                to: *to,
                inspections: inspections.clone(),
                singles: *singles,
            };
            call.read(|cx| plannings::gather(cx, &new)).map_err(below_planning)?;
        }
        Work::Rerun { planning, include_new, to } => {
            let again = Again { include_new: *include_new, to: *to };
            call.read(|cx| plannings::gather_again(cx, *planning, again))?;
        }
        _ => {}
    }
    started(call, work)
}

/// The faults of a planning run under the field it stands in.
fn below_planning(error: Error) -> Error {
    let Error::Invalid(list) = error else { return error };
    let mut faults = Faults::default();
    for f in list {
        faults.add(format!("/planning{}", f.pointer), f.code, f.message);
    }
    match faults.done() {
        Err(error) => error,
        Ok(()) => Error::internal("no fault"),
    }
}

/// Begins a piece of work.
///
/// # Errors
/// Not allowed; its thing is in the wrong state; too much of one's own waits already.
pub fn started(call: &Call, work: Work) -> Result<Answer> {
    call.write(move |cx| begun(jobs::start(cx, &work)?))
}

/// The bytes of a file that came of a piece of work.
#[derive(Debug, Clone)]
pub struct JobFileBytes {}

crate::describe_files!(JobFileBytes: Format::Html.media(), Format::Docx.media(), "application/zip");

/// `GET /api/v1/jobs/{id}/file`: for whoever had it made.
///
/// # Errors
/// Not visible; not done yet; its time is over.
pub fn file(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let made = call.read(|cx| jobs::file(cx, id))?;
    let mut file = call
        .server
        .made
        .open(&made.file)
        .ok_or_else(|| Error::refused("file_expired", "文件已过保存期,请重新生成"))?;
    let disk = |e: std::io::Error| Error::unavailable(&e);
    let pump = move || {
        let mut part = Vec::new();
        let n = (&mut file).take(PART).read_to_end(&mut part).map_err(disk)?;
        Ok((n > 0).then_some(part))
    };
    let mut answer = Answer::streamed(Stream::new(pump), &made.media, &made.name);
    if made.media == Format::Html.media() {
        // A page for printing is shown, under a policy that lets it do nothing.
        answer.headers.retain(|(header, _)| header != "Content-Disposition");
        let how = format!("inline; filename=\"{}\"", made.name);
        answer.headers.push(("Content-Disposition".to_owned(), how));
        answer.headers.push(("Content-Security-Policy".to_owned(), html::policy()));
    }
    Ok(answer)
}
