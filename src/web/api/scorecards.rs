//! The scorecards of a year, their weights, and the evidence for them.

use super::statistics::{book, is_book, percentage};
use crate::domain::evidence::{MOST_BYTES, Media};
use crate::domain::scorecard::evidence::Act;
use crate::domain::scorecard::{ALL, Line, Score};
use crate::error::{Error, Result};
use crate::exchange::write::{Cell, Column, Table as Sheet};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::scorecard::{self as service, DepartmentScore, Kept, Scorecards};
use crate::store::oversight::ScoreEvidence;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Reply, versioned};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A figure that an indicator rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoreFigure {
    /// What it counts.
    pub name: String,
    /// How many.
    pub value: i64,
}

/// An indicator of a scorecard.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoreLine {
    /// Number, 1 to 14.
    pub indicator: usize,
    /// Group.
    pub group: String,
    /// What is asked.
    pub title: String,
    /// Judged by evidence that the coordination office confirms; otherwise by figures.
    pub by_evidence: bool,
    /// Weight.
    pub weight: u32,
    /// How far it is fulfilled, basis points; absent where there was nothing to judge.
    pub share_bp: Option<i64>,
    /// Points, times 100.
    pub points_hundredths: Option<i64>,
    /// What it rests on.
    pub figures: Vec<ScoreFigure>,
}

impl From<Line> for ScoreLine {
    fn from(l: Line) -> Self {
        Self {
            indicator: l.indicator.number,
            group: l.indicator.group.to_owned(),
            title: l.indicator.title.to_owned(),
            by_evidence: l.indicator.by_evidence,
            weight: l.weight,
            share_bp: l.share_bp,
            points_hundredths: l.points_hundredths,
            figures: l
                .figures
                .into_iter()
                .map(|(name, value)| ScoreFigure { name: name.to_owned(), value })
                .collect(),
        }
    }
}

/// A piece of evidence for a scorecard.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoreEvidenceView {
    /// Identifier.
    pub id: Id,
    /// Year.
    pub year: i32,
    /// Department.
    pub department_id: Id,
    /// Number of the indicator.
    pub indicator: i32,
    /// Name of the file.
    pub name: String,
    /// Media type, as its content says.
    pub media_type: String,
    /// Length.
    pub bytes: i64,
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// `handed_in`, `confirmed` or `rejected`.
    pub state: String,
    /// What the coordination office says to it.
    pub note: String,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Version, for `If-Match`.
    pub version: i64,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
}
versioned!(ScoreEvidenceView);

impl From<ScoreEvidence> for ScoreEvidenceView {
    fn from(e: ScoreEvidence) -> Self {
        Self {
            id: e.id,
            year: e.year,
            department_id: e.department_id,
            indicator: e.indicator,
            name: e.name,
            media_type: e.media_type,
            bytes: e.bytes,
            sha256: e.sha256,
            state: e.state,
            note: e.note,
            decided_at: e.decided_at.map(|t| t.0),
            version: e.version,
            created_at: e.created_at.0,
        }
    }
}

/// The scorecard of a department.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScorecardView {
    /// Year.
    pub year: i32,
    /// Department.
    pub department_id: Id,
    /// Its name.
    pub department: String,
    /// Points, times 100.
    pub points_hundredths: i64,
    /// Points that could be had where there was something to judge, times 100.
    pub possible_hundredths: i64,
    /// Their share, basis points.
    pub share_bp: Option<i64>,
    /// Indicator by indicator.
    pub lines: Vec<ScoreLine>,
    /// The evidence that was handed in.
    pub evidence: Vec<ScoreEvidenceView>,
}

fn view(year: i32, d: DepartmentScore) -> ScorecardView {
    let share_bp = d.score.share_bp();
    ScorecardView {
        year,
        department_id: d.id,
        department: d.name,
        points_hundredths: d.score.points_hundredths,
        possible_hundredths: d.score.possible_hundredths,
        share_bp,
        lines: d.score.lines.into_iter().map(ScoreLine::from).collect(),
        evidence: d.evidence.into_iter().map(ScoreEvidenceView::from).collect(),
    }
}

/// The scorecards of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScorecardsView {
    /// Year.
    pub year: i32,
    /// Weight of each of the 14 indicators.
    pub weights: Vec<u32>,
    /// Version of the weights, for `If-Match`; 0: those of the settings.
    pub version: i64,
    /// The best first.
    pub departments: Vec<ScorecardView>,
}

/// In which form.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ScorecardQuery {
    /// `json` or `xlsx`; absent: `json`.
    #[param(max_length = 10)]
    pub format: Option<String>,
}

fn year_of(text: &str) -> Result<i32> {
    text.parse().map_err(|_| Error::NotFound("考评年度"))
}

fn id_of(text: &str) -> Result<Id> {
    text.parse().map_err(|_| Error::NotFound("部门"))
}

/// Hundredths as a number for a workbook.
#[expect(clippy::cast_precision_loss, reason = "points have few digits")]
fn points(hundredths: Option<i64>) -> Cell {
    hundredths.map_or(Cell::Empty, |n| Cell::Float(n as f64 / 100.0))
}

fn overview(cards: &Scorecards) -> Sheet<std::vec::IntoIter<Vec<Cell>>> {
    let mut columns = vec![
        Column::text("部门"),
        Column::number("得分"),
        Column::number("可得分"),
        Column::number("得分率(%)"),
    ];
    columns.extend(ALL.iter().map(|i| Column::number(&format!("{} {}", i.number, i.group))));
    let rows: Vec<Vec<Cell>> = cards
        .departments
        .iter()
        .map(|d| {
            let s: &Score = &d.score;
            let mut row = vec![
                Cell::Text(d.name.clone()),
                points(Some(s.points_hundredths)),
                points(Some(s.possible_hundredths)),
                percentage(s.share_bp()),
            ];
            row.extend(s.lines.iter().map(|l| points(l.points_hundredths)));
            row
        })
        .collect();
    Sheet::new(&format!("{}年考评", cards.year), columns, rows)
}

fn details(d: &DepartmentScore) -> Sheet<std::vec::IntoIter<Vec<Cell>>> {
    let columns = vec![
        Column::number("序号"),
        Column::text("类别"),
        Column::text("指标").wide(44),
        Column::text("评分依据"),
        Column::number("权重"),
        Column::number("完成率(%)"),
        Column::number("得分"),
        Column::text("数据").wide(50),
    ];
    let rows: Vec<Vec<Cell>> = d
        .score
        .lines
        .iter()
        .map(|l| {
            let figures: Vec<String> = l.figures.iter().map(|(name, n)| format!("{name}{n}")).collect();
            vec![
                Cell::from(l.indicator.number),
                Cell::from(l.indicator.group),
                Cell::from(l.indicator.title),
                Cell::from(if l.indicator.by_evidence { "佐证材料" } else { "系统数据" }),
                Cell::from(l.weight),
                percentage(l.share_bp),
                points(l.points_hundredths),
                Cell::from(figures.join(";")),
            ]
        })
        .collect();
    Sheet::new(&d.name, columns, rows)
}

/// `GET /api/v1/scorecards/{year}`: the best first; a department sees its own.
///
/// # Errors
/// Not allowed; no such year.
pub fn list(call: &Call, year: String, query: ScorecardQuery) -> Result<Answer> {
    let (as_book, cards, today) = call.read(|cx| {
        let as_book = is_book(query.format.as_deref())?;
        Ok((as_book, service::list(cx, year_of(&year)?, None)?, cx.today()))
    })?;
    if as_book {
        let mut sheets = vec![overview(&cards)];
        sheets.extend(cards.departments.iter().map(details));
        return book(today, sheets, &format!("scorecards-{}", cards.year));
    }
    let version = cards.version;
    let view = ScorecardsView {
        year: cards.year,
        weights: cards.weights,
        version,
        departments: cards.departments.into_iter().map(|d| view(cards.year, d)).collect(),
    };
    Reply::ok(view).version(version).into_answer()
}

/// `GET /api/v1/scorecards/{year}/{department}`
///
/// # Errors
/// Not visible; no such year; not a department that inspects.
pub fn get(call: &Call, (year, department): (String, String), query: ScorecardQuery) -> Result<Answer> {
    let (as_book, cards, own, today) = call.read(|cx| {
        let as_book = is_book(query.format.as_deref())?;
        let (cards, own) = service::get(cx, year_of(&year)?, id_of(&department)?)?;
        Ok((as_book, cards, own, cx.today()))
    })?;
    if as_book {
        return book(today, vec![details(&own)], &format!("scorecard-{}-{}", cards.year, own.id));
    }
    Reply::ok(view(cards.year, own)).into_answer()
}

/// The weights of a year.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreWeights {
    /// Weight of each of the 14 indicators in their order, 0 to 1000; not all nought.
    pub weights: Vec<u32>,
}

/// `PUT /api/v1/scorecards/{year}`: sets the weights.
///
/// # Errors
/// Not allowed; no such year; not 14 weights; another version.
pub fn set_weights(cx: &mut Cx<'_>, year: String, b: &ScoreWeights) -> Result<Reply<ScoreWeights>> {
    let (weights, version) = service::set_weights(cx, year_of(&year)?, &b.weights)?;
    Ok(Reply::ok(ScoreWeights { weights }).version(version))
}

/// What the file is.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ScoreEvidenceQuery {
    /// Number of the indicator: 1, 2, 3, 4 or 9.
    #[param(minimum = 1, maximum = 14)]
    pub indicator: i32,
    /// Name of the file.
    #[param(max_length = 200)]
    pub name: String,
}

/// `POST /api/v1/scorecards/{year}/{department}/evidence`: JPEG, PNG or PDF, at most 10 MiB.
///
/// # Errors
/// Not one's own department; an indicator judged by figures; another kind of file; too large.
pub fn hand_in(
    call: &Call,
    (year, department): (String, String),
    query: ScoreEvidenceQuery,
    bytes: Vec<u8>,
) -> Result<Answer> {
    let (year, department) = call.read(|cx| {
        let (year, department) = (year_of(&year)?, id_of(&department)?);
        service::may_hand_in(cx, year, department, query.indicator)?;
        Ok((year, department))
    })?;
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge(MOST_BYTES));
    }
    let media = Media::of(&bytes)
        .ok_or_else(|| Error::Unsupported("只能提交 JPEG、PNG 图片或 PDF 文件(以文件内容为准)".to_owned()))?;
    // Kept before it is in the database: a row never stands for a file that is not there.
    let sha256 = call.server.files.put(&bytes).map_err(|e| Error::unavailable(&e))?;
    let file = Kept { media, bytes: bytes.len(), sha256 };
    call.write(move |cx| {
        let row = service::hand_in(cx, year, department, query.indicator, &query.name, &file)?;
        let place = format!("/api/v1/score-evidence/{}", row.id);
        Ok(Reply::created(ScoreEvidenceView::from(row), place))
    })
}

/// The bytes of a piece of evidence for a scorecard.
#[derive(Debug, Clone)]
pub struct ScoreEvidenceBytes {}

crate::describe_files!(ScoreEvidenceBytes: "image/jpeg", "image/png", "application/pdf");

/// `GET /api/v1/score-evidence/{id}`
///
/// # Errors
/// Not visible; the file is gone from the disk or is not what it was.
pub fn evidence(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let row = call.read(|cx| service::evidence(cx, id))?;
    let media = Media::parse(&row.media_type).ok_or_else(|| Error::internal("media type"))?;
    let bytes = call
        .server
        .files
        .get(&row.sha256)
        .ok_or_else(|| Error::internal(&format!("evidence {} is missing or was changed", row.sha256)))?;
    let name = Some(format!("{}.{}", &row.sha256[..16], media.ending()));
    Ok(Reply::ok(File { bytes, content_type: media.as_str(), name }).into_file())
}

/// What the coordination office says to a piece of evidence.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreDecision {
    /// Why; needed when it is not confirmed.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: String,
}

/// `POST /api/v1/score-evidence/{id}/confirm`
///
/// # Errors
/// Not allowed; confirmed already.
pub fn confirm(cx: &mut Cx<'_>, id: Id, b: &ScoreDecision) -> Result<Reply<ScoreEvidenceView>> {
    Reply::of(service::decide(cx, id, Act::Confirm, &b.note)?)
}

/// `POST /api/v1/score-evidence/{id}/reject`
///
/// # Errors
/// Not allowed; rejected already; no word why.
pub fn reject(cx: &mut Cx<'_>, id: Id, b: &ScoreDecision) -> Result<Reply<ScoreEvidenceView>> {
    Reply::of(service::decide(cx, id, Act::Reject, &b.note)?)
}
