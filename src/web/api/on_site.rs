//! What happens at a visit: check-in, obstacles, statement, results as they are entered, the end.

use super::evidence::EvidenceView;
use super::results::ResultView;
use super::visits::word;
use crate::domain::result::{Finding, FollowUp, Method, Obstacle, Outcome};
use crate::domain::states::Word;
use crate::error::{Error, FieldError, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::results::entry::{self, Entry};
use crate::service::results::finish;
use crate::service::results::on_site::{self, Account, Arrival, Statement};
use crate::store::results::CheckResult;
use crate::web::parse::NoQuery;
use crate::web::reply::{Empty, Reply};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody who checked in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckInView {
    /// Inspector.
    pub inspector_id: Id,
    /// `qr` or `code`.
    pub method: String,
    /// Where, in words.
    pub place: String,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Who enters and who confirms the results of a department.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeskView {
    /// Department.
    pub department_id: Id,
    /// The A post.
    pub enters: Id,
    /// Whoever may confirm.
    pub confirms: Vec<Id>,
}

/// What happened at a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConductView {
    /// Visit.
    pub visit_id: Id,
    /// State of the visit.
    pub state: String,
    /// Code of the visit; hidden from inspectors who have not checked in: they read it from the paper on the spot.
    pub code: Option<String>,
    /// When the first of the team checked in.
    pub began_at: Option<DateTime<Utc>>,
    /// When the on-site part ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The day from which the publication period runs.
    pub end_day: Option<NaiveDate>,
    /// `refused`, `not_found` or empty.
    pub obstacle: String,
    /// What happened.
    pub obstacle_note: String,
    /// Statement of the business.
    pub statement: String,
    /// Who signed for it.
    pub signer: String,
    /// `signed`, `refused` or empty.
    pub signed: String,
    /// When.
    pub signed_at: Option<DateTime<Utc>>,
    /// Who was there.
    pub check_ins: Vec<CheckInView>,
    /// Who enters and who confirms.
    pub desks: Vec<DeskView>,
    /// Results, every version.
    pub results: Vec<ResultView>,
    /// Evidence.
    pub evidence: Vec<EvidenceView>,
    /// Version, also the ETag.
    pub version: i64,
}

impl From<Account> for ConductView {
    fn from(a: Account) -> Self {
        let c = a.conduct;
        Self {
            visit_id: c.visit_id,
            state: a.whole.visit.state,
            code: a.code_shown.then_some(c.code),
            began_at: c.began_at.map(|t| t.0),
            ended_at: c.ended_at.map(|t| t.0),
            end_day: c.end_day,
            obstacle: c.obstacle,
            obstacle_note: c.obstacle_note,
            statement: c.statement,
            signer: c.signer,
            signed: c.signed,
            signed_at: c.signed_at.map(|t| t.0),
            check_ins: a
                .check_ins
                .into_iter()
                .map(|i| CheckInView {
                    inspector_id: i.inspector_id,
                    method: i.method,
                    place: i.place,
                    lon: i.lon,
                    lat: i.lat,
                    at: i.created_at.0,
                })
                .collect(),
            desks: a
                .desks
                .into_iter()
                .map(|d| DeskView { department_id: d.department, enters: d.enters, confirms: d.confirms })
                .collect(),
            results: a.results.into_iter().map(ResultView::from).collect(),
            evidence: a.evidence.into_iter().map(EvidenceView::from).collect(),
            version: c.version,
        }
    }
}

fn shown(account: Account) -> Reply<ConductView> {
    let view = ConductView::from(account);
    let version = view.version;
    Reply::ok(view).version(version)
}

/// `GET /api/v1/visits/{id}/conduct`
///
/// # Errors
/// Not visible; never dispatched.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<ConductView>> {
    Ok(shown(on_site::get(cx, id)?))
}

/// That one is there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInBody {
    /// `qr` (scanned on the spot) or `code` (typed in).
    pub method: String,
    /// Code of the visit, from its papers; spaces and hyphens do not matter.
    #[schema(max_length = 100)]
    pub code: String,
    /// Where, in words.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub place: String,
    /// 经度, degrees.
    #[serde(default)]
    pub lon: Option<f64>,
    /// 纬度, degrees.
    #[serde(default)]
    pub lat: Option<f64>,
}

/// `POST /api/v1/visits/{id}/check-in`
///
/// # Errors
/// Not on the team; another code; too early; the visit has ended.
pub fn check_in(cx: &mut Cx<'_>, id: Id, body: &CheckInBody) -> Result<Reply<ConductView>> {
    let arrival = Arrival {
        method: body.method.clone(),
        code: body.code.clone(),
        place: body.place.clone(),
        lon: body.lon,
        lat: body.lat,
    };
    Ok(shown(on_site::check_in(cx, id, &arrival)?))
}

/// What kept the team from inspecting.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObstructBody {
    /// `refused` or `not_found`.
    pub obstacle: String,
    /// What happened.
    #[schema(max_length = 1000)]
    pub note: String,
}

/// `POST /api/v1/visits/{id}/obstruct`
///
/// # Errors
/// Not on the team; too early; the visit is not under way.
pub fn obstruct(cx: &mut Cx<'_>, id: Id, body: &ObstructBody) -> Result<Reply<ConductView>> {
    let obstacle = word::<Obstacle>(&body.obstacle, "/obstacle")?;
    Ok(shown(on_site::obstruct(cx, id, obstacle, &body.note)?))
}

/// `POST /api/v1/visits/{id}/resume`
///
/// # Errors
/// Not on the team; the visit is not obstructed.
pub fn resume(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ConductView>> {
    Ok(shown(on_site::resume(cx, id)?))
}

/// What the business says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementBody {
    /// Its words.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub text: String,
    /// Who signed; needed where somebody did.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub signer: String,
    /// `signed` or `refused`.
    pub signed: String,
}

/// `POST /api/v1/visits/{id}/statement`
///
/// # Errors
/// Not on the team; the visit is not under way.
pub fn statement(cx: &mut Cx<'_>, id: Id, body: &StatementBody) -> Result<Reply<ConductView>> {
    let statement =
        Statement { text: body.text.clone(), signer: body.signer.clone(), signed: body.signed.clone() };
    Ok(shown(on_site::state(cx, id, &statement)?))
}

/// `POST /api/v1/visits/{id}/finish`
///
/// # Errors
/// Not on the team; the visit is not under way; tasks without a result.
pub fn finish(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<ConductView>> {
    Ok(shown(finish::finish(cx, id)?))
}

/// What was found at one item.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    /// Task.
    pub task_id: Id,
    /// Results; what excludes all others stands alone.
    #[serde(default)]
    pub outcomes: Vec<String>,
    /// How it was checked.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Law that was broken.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub law: String,
    /// What was found, in words; needed where something was.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub other: String,
    /// What follows.
    #[serde(default)]
    pub follow_up: Vec<String>,
    /// Remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Results of one's department at a visit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultsBody {
    /// What was found.
    #[schema(max_items = 500)]
    pub results: Vec<EntryBody>,
    /// Whether they are handed in (`true`) or only kept as a draft.
    pub submit: bool,
}

/// Words of a list, each once; notes those that are none.
fn several<W: Word>(names: &[String], at: &str, faults: &mut Vec<FieldError>) -> Vec<W> {
    let mut words: Vec<W> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        match word::<W>(name, &format!("{at}/{i}")) {
            Ok(word) if words.contains(&word) => {}
            Ok(word) => words.push(word),
            Err(Error::Invalid(more)) => faults.extend(more),
            Err(_) => {}
        }
    }
    words
}

/// The results of a department at a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitResults {
    /// The newest version of each.
    pub results: Vec<ResultView>,
}

fn listed(rows: Vec<CheckResult>) -> Reply<VisitResults> {
    Reply::ok(VisitResults { results: rows.into_iter().map(ResultView::from).collect() })
}

/// `PUT /api/v1/visits/{id}/results`
///
/// # Errors
/// Not the A post of a department; the visit has not begun; every fault of every entry.
pub fn enter(cx: &mut Cx<'_>, id: Id, body: &ResultsBody) -> Result<Reply<VisitResults>> {
    let mut faults = Vec::new();
    let entries: Vec<Entry> = body
        .results
        .iter()
        .enumerate()
        .map(|(i, e)| {
            let at = |field: &str| format!("/results/{i}/{field}");
            Entry {
                task: e.task_id,
                finding: Finding {
                    outcomes: several::<Outcome>(&e.outcomes, &at("outcomes"), &mut faults),
                    methods: several::<Method>(&e.methods, &at("methods"), &mut faults),
                    law: e.law.clone(),
                    other: e.other.clone(),
                    follow_up: several::<FollowUp>(&e.follow_up, &at("follow_up"), &mut faults),
                },
                note: e.note.clone(),
            }
        })
        .collect();
    if !faults.is_empty() {
        // Who may not write at all learns that first, and the faults of the texts come with those of the words.
        return match entry::enter(cx, id, &entries, body.submit) {
            Err(Error::Invalid(more)) => {
                let known: Vec<String> = faults.iter().map(|f| f.pointer.clone()).collect();
                let new = more.into_iter().filter(|f| !known.iter().any(|k| k.starts_with(&f.pointer)));
                faults.extend(new);
                Err(Error::Invalid(faults))
            }
            Err(other) => Err(other),
            Ok(_) => Err(Error::Invalid(faults)),
        };
    }
    Ok(listed(entry::enter(cx, id, &entries, body.submit)?))
}

/// Which results to confirm.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// Tasks; all that wait when absent.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub tasks: Option<Vec<Id>>,
}

/// `POST /api/v1/visits/{id}/results/confirm`
///
/// # Errors
/// Not another officer of the department; nothing waits.
pub fn confirm(cx: &mut Cx<'_>, id: Id, body: &ConfirmBody) -> Result<Reply<VisitResults>> {
    Ok(listed(entry::confirm(cx, id, body.tasks.as_deref())?))
}

/// Which results go back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectBody {
    /// Tasks; all that wait when absent.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub tasks: Option<Vec<Id>>,
    /// Why.
    #[schema(max_length = 1000)]
    pub reason: String,
}

/// `POST /api/v1/visits/{id}/results/reject`
///
/// # Errors
/// Not another officer of the department; nothing waits; no reason.
pub fn reject(cx: &mut Cx<'_>, id: Id, body: &RejectBody) -> Result<Reply<VisitResults>> {
    Ok(listed(entry::reject(cx, id, body.tasks.as_deref(), &body.reason)?))
}
