//! 作业: long work that is started here, done by the worker in the name of whoever started it, left and found again.
//!
//! The row is the claim: one server at a time works on it, under a lease it renews; the number of the attempt fences off
//! a server that was thought dead. What the work changes is committed in the same transaction that marks the row as
//! done, so it happens once or not at all.

use super::cx::{Cx, Event};
use super::{imports, inspections, papers, plannings};
use crate::documents::papers::Format;
use crate::domain::access::Action;
use crate::domain::job::{Kind, OPEN_MOST, State};
use crate::domain::paper::VisitPaper;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::jobs::{self as store, Job};
use crate::store::types::{At, Doc};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// Check a file that was kept.
    ImportCheck {
        /// The file.
        import: Id,
    },
    /// Apply a file that was checked.
    ImportApply {
        /// The file.
        import: Id,
        /// `all` or `good_rows`.
        mode: String,
    },
    /// Compute a planning run.
    Planning {
        /// Name; empty: made from the period.
        name: String,
        /// First day.
        from: NaiveDate,
        /// Last day, included.
        to: NaiveDate,
        /// Joint inspections.
        inspections: Vec<Id>,
        /// Whether single tasks are taken.
        singles: bool,
    },
    /// Compute a run after a change.
    Rerun {
        /// The run in force.
        planning: Id,
        /// Whether tasks that have become ready since enter as well.
        include_new: bool,
        /// Another last day.
        to: Option<NaiveDate>,
    },
    /// Make one paper of all visits of a joint inspection.
    Papers {
        /// The inspection.
        inspection: Id,
        /// Which paper.
        paper: String,
        /// `html` or `docx`.
        format: String,
    },
    /// Make the archive of a joint inspection.
    Archive {
        /// The inspection.
        inspection: Id,
    },
}

impl Work {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ImportCheck { .. } => Kind::ImportCheck,
            Self::ImportApply { .. } => Kind::ImportApply,
            Self::Planning { .. } => Kind::Planning,
            Self::Rerun { .. } => Kind::Rerun,
            Self::Papers { .. } => Kind::Papers,
            Self::Archive { .. } => Kind::Archive,
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn object(&self) -> Option<Id> {
        match self {
            Self::ImportCheck { import } | Self::ImportApply { import, .. } => Some(*import),
            Self::Planning { .. } => None,
            Self::Rerun { planning, .. } => Some(*planning),
            Self::Papers { inspection, .. } | Self::Archive { inspection } => Some(*inspection),
        }
    }

    /// What a row asks for.
    ///
    /// # Errors
    /// A row that cannot be read (a defect).
    pub fn of(row: &Job) -> Result<Self> {
        serde_json::from_value(row.input.0.clone()).map_err(|e| Error::internal(&e))
    }
}

/// A file that came of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Where it lies.
    pub file: String,
    /// What it is called when it is saved.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

impl Made {
    /// The file of a row, while it is kept.
    #[must_use]
    pub fn of(row: &Job) -> Option<Self> {
        serde_json::from_value(row.output.0.get("file")?.clone()).ok()
    }
}

/// The state of a row.
///
/// # Errors
/// A row that cannot be read (a defect).
pub fn state_of(row: &Job) -> Result<State> {
    State::parse(&row.state).ok_or_else(|| Error::internal("job state"))
}

/// What a paper of all visits is.
///
/// # Errors
/// No such paper, or no such form of it.
pub fn paper_of(paper: &str, format: &str) -> Result<(VisitPaper, Format)> {
    let paper = VisitPaper::parse(paper).ok_or(Error::NotFound("文书"))?;
    let format =
        Format::parse(format).ok_or_else(|| Error::field("/format", "unknown_value", "只能是:html、docx"))?;
    Ok((paper, format))
}

/// Refuses whoever may not have this done; answers what it is called.
fn allowed(cx: &mut Cx<'_>, work: &Work) -> Result<String> {
    Ok(match work {
        Work::ImportCheck { import } => {
            let row = imports::get(cx, *import)?;
            if row.state == "applied" {
                return Err(Error::wrong_state(row.state, "这个文件已经导入过"));
            }
            row.file_name
        }
        Work::ImportApply { import, .. } => {
            let row = imports::get(cx, *import)?;
            if row.state != "checked" {
                let text = if row.state == "applied" {
                    "这个文件已经导入过"
                } else {
                    "这个文件还没有检查完"
                };
                return Err(Error::wrong_state(row.state, text));
            }
            row.file_name
        }
        Work::Planning { name, from, to, .. } => {
            plannings::planner(cx)?;
            if name.trim().is_empty() { format!("{from}至{to}排期") } else { name.trim().to_owned() }
        }
        Work::Rerun { planning, .. } => {
            plannings::planner(cx)?;
            plannings::get(cx, *planning)?.name
        }
        Work::Papers { inspection, paper, format } => {
            let (paper, _) = paper_of(paper, format)?;
            let run = papers::run(cx, *inspection, paper)?;
            format!("{} {}", run.inspection.number, paper.word())
        }
        Work::Archive { inspection } => {
            inspections::load_for(cx, *inspection, Action::ViewArchive)?.inspection.number
        }
    })
}

/// Refuses whoever may not see what a piece of work is about.
fn sees(cx: &mut Cx<'_>, work: &Work) -> Result<()> {
    match work {
        Work::ImportCheck { import } | Work::ImportApply { import, .. } => {
            imports::get(cx, *import)?;
        }
        Work::Planning { .. } | Work::Rerun { .. } => {
            let region = cx.region().to_owned();
            cx.may(Action::ViewPlanning, &crate::domain::access::Scope::county(&region))?;
        }
        Work::Papers { inspection, .. } => {
            inspections::load_for(cx, *inspection, Action::ViewWholePaper)?;
        }
        Work::Archive { inspection } => {
            inspections::load_for(cx, *inspection, Action::ViewArchive)?;
        }
    }
    Ok(())
}

/// Starts a piece of work: puts it where the next free server takes it up.
///
/// # Errors
/// Not allowed; its thing is in the wrong state; too much of one's own waits already.
pub fn start(cx: &mut Cx<'_>, work: &Work) -> Result<Job> {
    let user = cx.user()?;
    let title = allowed(cx, work)?;
    if store::open_of(cx.db, user)? >= OPEN_MOST {
        let text = format!("您已有{OPEN_MOST}项作业在等待或进行,请等其中一项结束,或取消不再需要的");
        return Err(Error::refused("too_many_jobs", text));
    }
    let now = At(cx.now);
    let row = Job {
        id: cx.id()?,
        region: cx.region().to_owned(),
        kind: work.kind().as_str().to_owned(),
        user_id: user,
        object_id: work.object(),
        title: title.chars().take(200).collect(),
        state: State::Waiting.as_str().to_owned(),
        done: 0,
        total: 0,
        step: String::new(),
        input: Doc(serde_json::to_value(work).map_err(|e| Error::internal(&e))?),
        output: Doc(json!({})),
        error: String::new(),
        stop: false,
        holder: String::new(),
        attempts: 0,
        run_at: now,
        started_at: None,
        ended_at: None,
        created_at: now,
        updated_at: now,
    };
    store::insert(cx.db, &row)?;
    let object = row.object_id.map(|id| id.to_string());
    cx.journal(Event::new("job_started", "job", row.id, json!({ "kind": row.kind, "object": object })))?;
    Ok(row)
}

/// A piece of work: one's own, or one about something one may see.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Job> {
    const GONE: Error = Error::NotFound("作业");
    let row = store::get(cx.db, id)?.filter(|r| r.region == cx.actor.region).ok_or(GONE)?;
    if cx.actor.user == Some(row.user_id) {
        return Ok(row);
    }
    let work = Work::of(&row)?;
    sees(cx, &work).map_err(|_| GONE)?;
    Ok(row)
}

/// One's own work, newest first: all of it, or what is in these states.
///
/// # Errors
/// The database.
pub fn list(cx: &mut Cx<'_>, states: Option<&[State]>, before: Option<Id>, limit: i64) -> Result<Vec<Job>> {
    let user = cx.user()?;
    let states = states.map(|list| list.iter().map(|s| s.as_str()).collect());
    store::of_user(cx.db, user, states, before, limit)
}

/// One's own work about one thing, newest first.
///
/// # Errors
/// The database.
pub fn about(cx: &mut Cx<'_>, object: Id, limit: i64) -> Result<Vec<Job>> {
    let user = cx.user()?;
    store::about(cx.db, user, object, limit)
}

/// One's own work about one thing that is not over.
///
/// # Errors
/// The database.
pub fn open_about(cx: &mut Cx<'_>, object: Id) -> Result<Option<Job>> {
    let user = cx.user()?;
    store::open_about(cx.db, user, object)
}

/// Takes back a piece of work of one's own: at once where nobody has begun it; else the server that works on it stops at
/// the next point at which nothing is half done. What has taken effect stays.
///
/// # Errors
/// Not visible; somebody else's; it is over.
pub fn cancel(cx: &mut Cx<'_>, id: Id) -> Result<Job> {
    let row = get(cx, id)?;
    if cx.actor.user != Some(row.user_id) {
        return Err(Error::Denied("只有发起人可以取消作业".to_owned()));
    }
    if state_of(&row)?.is_over() {
        return Err(Error::wrong_state(row.state, "作业已经结束,不能取消"));
    }
    let act = if store::withdraw(cx.db, id, cx.now)? {
        "job_cancelled"
    } else if store::ask_to_stop(cx.db, id, cx.now)? {
        "job_stop_asked"
    } else {
        let now = store::need(cx.db, id)?;
        return Err(Error::wrong_state(now.state, "作业已经结束,不能取消"));
    };
    cx.journal(Event::new(act, "job", id, json!({ "kind": row.kind })))?;
    store::need(cx.db, id)
}

/// The file that came of a piece of work: for whoever had it made, as long as he may have it. Others make their own: what
/// is in it depends on what one may see.
///
/// # Errors
/// Not visible; not done; its time is over.
pub fn file(cx: &mut Cx<'_>, id: Id) -> Result<Made> {
    let row = get(cx, id)?;
    if cx.actor.user != Some(row.user_id) {
        return Err(Error::NotFound("文件"));
    }
    let work = Work::of(&row)?;
    if row.state != State::Done.as_str() {
        return Err(Error::wrong_state(row.state, "作业还没有完成"));
    }
    match &work {
        // As a run prints them: an inspector has those of his own visits without seeing the inspection.
        Work::Papers { inspection, paper, format } => {
            papers::run(cx, *inspection, paper_of(paper, format)?.0)?;
        }
        _ => sees(cx, &work)?,
    }
    Made::of(&row).ok_or_else(|| Error::refused("file_expired", "文件已过保存期,请重新生成"))
}

/// What is told in the outcome of a piece of work that failed.
#[must_use]
pub fn reason(error: &Error) -> String {
    match error {
        Error::Invalid(faults) => {
            let texts: Vec<&str> = faults.iter().map(|f| f.message.as_str()).collect();
            texts.join(";")
        }
        other => other.to_string(),
    }
}

/// The outcome of a planning run.
#[must_use]
pub fn planning_of(row: &Job) -> Option<Id> {
    row.output.0.get("planning").and_then(Value::as_str)?.parse().ok()
}
