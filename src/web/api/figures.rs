//! Figures of oversight, and their pictures.

use crate::documents::charts::{self, Chart, Series, Unit};
use crate::domain::figures::{By, Counts};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::oversight::figures::{self, Asked, Row};
use crate::web::call::Call;
use crate::web::reply::{Answer, File, Reply};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Figures of a group. Rates are in basis points (1/100 percent) and absent where nothing was counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FigureRow {
    /// Month (`2026-03`), department (identifier), class or town; empty: all, or not known.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// On-site visits that ended.
    pub visits: i64,
    /// Those of two or more departments.
    pub joint_visits: i64,
    /// On-site checks outside the plans of this system.
    pub other_checks: i64,
    /// 联合检查实施率: joint visits in all on-site visits, those outside the plans too.
    pub joint_bp: Option<i64>,
    /// Visits spared: of a county one less than there were departments at each visit; of a department the joint visits that
    /// another one led.
    pub visits_avoided: i64,
    /// Publication periods that are complete or over.
    pub publications_due: i64,
    /// Those complete on or before the last day.
    pub publications_on_time: i64,
    /// 按时公示率.
    pub on_time_bp: Option<i64>,
    /// Results handed in.
    pub results: i64,
    /// Those in which something could be judged.
    pub results_judged: i64,
    /// Those with a problem.
    pub problems: i64,
    /// 问题发现率: problems in results in which something could be judged.
    pub hit_bp: Option<i64>,
}

fn row(key: String, label: String, c: Counts) -> FigureRow {
    FigureRow {
        key,
        label,
        visits: c.visits,
        joint_visits: c.joint,
        other_checks: c.others,
        joint_bp: c.joint_bp(),
        visits_avoided: c.avoided,
        publications_due: c.due,
        publications_on_time: c.on_time,
        on_time_bp: c.on_time_bp(),
        results: c.results,
        results_judged: c.judged,
        problems: c.problems,
        hit_bp: c.hit_bp(),
    }
}

/// How far a credit-risk class is covered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CoverageRow {
    /// Class; empty: not classified.
    pub class: String,
    /// Subjects that can be inspected now.
    pub base: i64,
    /// Those drawn in the period.
    pub drawn: i64,
    /// Those inspected in the period.
    pub inspected: i64,
    /// Share drawn.
    pub drawn_bp: Option<i64>,
    /// Share inspected.
    pub inspected_bp: Option<i64>,
}

/// How the visits of a department are spread over its officers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LoadRow {
    /// Department.
    pub department_id: Id,
    /// Its name.
    pub department: String,
    /// Officers in service, and those who went and left since.
    pub people: i64,
    /// Officers without a visit.
    pub idle: i64,
    /// Visits of all of them together.
    pub visits: i64,
    /// Visits of the busiest.
    pub most: i64,
    /// Visits of the one in the middle.
    pub median: i64,
    /// Visits per officer, times 100.
    pub mean_hundredths: Option<i64>,
}

/// The figures of a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FiguresView {
    /// First day on which an inspection ended.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// The department whose figures these are; none: the county's.
    pub department_id: Option<Id>,
    /// What a row stands for.
    pub by: String,
    /// All together, each visit once.
    pub total: FigureRow,
    /// By group.
    pub rows: Vec<FigureRow>,
    /// By credit-risk class.
    pub coverage: Vec<CoverageRow>,
    /// By department.
    pub loads: Vec<LoadRow>,
}

/// Which figures.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FiguresQuery {
    /// First day on which an inspection ended; absent: the first of the year.
    pub from: Option<NaiveDate>,
    /// Last day, included; absent: today.
    pub to: Option<NaiveDate>,
    /// Only this department.
    pub department_id: Option<Id>,
    /// `whole`, `month`, `department`, `class` or `town`; absent: `whole`.
    #[param(max_length = 20)]
    pub by: Option<String>,
}

/// A period from what was said of it.
pub(super) fn period(cx: &Cx<'_>, from: Option<NaiveDate>, to: Option<NaiveDate>) -> (NaiveDate, NaiveDate) {
    let to = to.unwrap_or_else(|| cx.today());
    (from.unwrap_or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1).unwrap_or(to)), to)
}

fn by(name: Option<&str>) -> Result<By> {
    name.map_or(Ok(By::Whole), |name| {
        By::parse(name).ok_or_else(|| {
            Error::field("by", "unknown_value", "只能是:whole、month、department、class、town")
        })
    })
}

/// `GET /api/v1/figures`
///
/// # Errors
/// Not allowed; a period that makes no sense; an unknown group.
pub fn get(cx: &mut Cx<'_>, (): (), query: FiguresQuery) -> Result<Reply<FiguresView>> {
    let by = by(query.by.as_deref())?;
    let (from, to) = period(cx, query.from, query.to);
    let f = figures::figures(cx, Asked { from, to, department: query.department_id, by })?;
    Ok(Reply::ok(FiguresView {
        from,
        to,
        department_id: f.asked.department,
        by: by.as_str().to_owned(),
        total: row(String::new(), By::Whole.word().to_owned(), f.total),
        rows: f.rows.into_iter().map(|r| row(r.key, r.label, r.counts)).collect(),
        coverage: f
            .coverage
            .into_iter()
            .map(|c| CoverageRow {
                drawn_bp: c.drawn_bp(),
                inspected_bp: c.inspected_bp(),
                class: c.class,
                base: c.base,
                drawn: c.drawn,
                inspected: c.inspected,
            })
            .collect(),
        loads: f
            .loads
            .into_iter()
            .map(|l| LoadRow {
                department_id: l.id,
                department: l.name,
                people: l.load.people,
                idle: l.load.idle,
                visits: l.load.visits,
                most: l.load.most,
                median: l.load.median,
                mean_hundredths: l.load.mean_hundredths,
            })
            .collect(),
    }))
}

/// Which chart.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ChartQuery {
    /// First day on which an inspection ended; absent: the first of the year.
    pub from: Option<NaiveDate>,
    /// Last day, included; absent: today.
    pub to: Option<NaiveDate>,
    /// Only this department.
    pub department_id: Option<Id>,
    /// `month`, `department`, `class` or `town`; absent: `month`. Months are drawn as a line, all else as bars.
    #[param(max_length = 20)]
    pub by: Option<String>,
    /// `joint_rate`, `on_time`, `hit_rate`, `visits` (all and joint), `avoided` or `problems`; absent: `joint_rate`.
    #[param(max_length = 20)]
    pub figure: Option<String>,
}

/// A picture.
#[derive(Debug, Clone)]
pub struct ChartBytes {}

crate::describe_files!(ChartBytes: "image/svg+xml");

type Value = fn(&Counts) -> Option<i64>;
/// Title, unit, and each line or bar with its name.
type Drawn = (&'static str, Unit, Vec<(&'static str, Value)>);

/// What a chart of a figure draws.
fn drawn(figure: &str) -> Option<Drawn> {
    Some(match figure {
        "joint_rate" => ("联合检查实施率", Unit::Rate, vec![("联合检查实施率", Counts::joint_bp as Value)]),
        "on_time" => ("按时公示率", Unit::Rate, vec![("按时公示率", Counts::on_time_bp as Value)]),
        "hit_rate" => ("问题发现率", Unit::Rate, vec![("问题发现率", Counts::hit_bp as Value)]),
        "visits" => (
            "入企检查次数",
            Unit::Count,
            vec![("全部", (|c| Some(c.visits)) as Value), ("联合", (|c| Some(c.joint)) as Value)],
        ),
        "avoided" => ("减少入企次数", Unit::Count, vec![("减少入企次数", (|c| Some(c.avoided)) as Value)]),
        "problems" => ("发现问题数", Unit::Count, vec![("发现问题数", (|c| Some(c.problems)) as Value)]),
        _ => return None,
    })
}

/// `GET /api/v1/figures/chart.svg`
///
/// # Errors
/// Not allowed; a period that makes no sense; an unknown group or figure.
pub fn chart(call: &Call, (): (), query: ChartQuery) -> Result<Answer> {
    let figure = query.figure.as_deref().unwrap_or("joint_rate");
    let ((title, unit, values), by, rows, subtitle) = call.read(|cx| {
        let drawn = drawn(figure).ok_or_else(|| {
            let known = "只能是:joint_rate、on_time、hit_rate、visits、avoided、problems";
            Error::field("figure", "unknown_value", known)
        })?;
        let by = by(Some(query.by.as_deref().unwrap_or(By::Month.as_str())))?;
        let (from, to) = period(cx, query.from, query.to);
        let mut asked = Asked { from, to, department: query.department_id, by };
        let rows: Vec<Row> = figures::rows(cx, &mut asked)?;
        let whose = match asked.department {
            Some(id) => crate::store::departments::get(cx.db, id)?.map(|d| d.name),
            None => Some(cx.rules.region.name.clone()),
        };
        let subtitle = format!("{} {from}至{to},按{}", whose.unwrap_or_default(), by.word());
        Ok((drawn, by, rows, subtitle))
    })?;
    let chart = Chart {
        title: title.to_owned(),
        subtitle,
        unit,
        series: values
            .into_iter()
            .map(|(name, value)| Series {
                name: name.to_owned(),
                values: rows.iter().map(|r| value(&r.counts)).collect(),
            })
            .collect(),
        labels: rows.into_iter().map(|r| r.label).collect(),
    };
    let svg = if by == By::Month { charts::lines(&chart) } else { charts::bars(&chart) };
    Ok(Reply::ok(File { bytes: svg.into_bytes(), content_type: "image/svg+xml", name: None }).into_file())
}
