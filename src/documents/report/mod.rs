//! The one-page report of a planning run for people who decide: a self-contained HTML page that prints on A4.
//!
//! It shows what it is given and computes nothing but percentages and pictures; [`ReportView`] is all it knows.

mod charts;
mod qr;
mod sample;
mod text;

use askama::Template;
use chrono::NaiveDate;
use serde::Serialize;

/// Everything the report shows. Numbers are counts or minutes, names are shown as given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportView {
    /// Whose report it is, e.g. 青澜县; department names lose this prefix in the charts.
    pub county: String,
    /// Title, e.g. 2026年秋季跨部门联合抽查排定结果.
    pub title: String,
    /// First day of the planning period.
    pub from: NaiveDate,
    /// Last day of the planning period.
    pub to: NaiveDate,
    /// Day on which the result was made.
    pub made_on: NaiveDate,
    /// The figures on top.
    pub headline: Headline,
    /// Inspecting departments in leading order, and expert pools.
    pub departments: Vec<DepartmentView>,
    /// Working days of the period, ascending.
    pub days: Vec<DayView>,
    /// Towns, those with most visits first.
    pub towns: Vec<TownView>,
    /// What could not be merged, dated or staffed, by kind; empty when all is done.
    pub issues: Vec<IssueView>,
    /// The draw behind the result.
    pub draw: DrawView,
    /// Remarks on the quality of the data, one sentence each.
    pub notes: Vec<String>,
    /// Files handed over with the report: name and what is in it.
    pub files: Vec<(String, String)>,
}

/// The figures on top of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Headline {
    /// Subjects with at least one on-site task.
    pub subjects: u32,
    /// On-site tasks.
    pub tasks: u32,
    /// On-site tasks in visits that have a date and a full team.
    pub tasks_done: u32,
    /// Tasks that need no visit (written, online).
    pub off_site_tasks: u32,
    /// Visits if every department went alone: one per department and subject.
    pub separate_visits: u32,
    /// Visits after the merge.
    pub visits: u32,
    /// Visits in which two or more departments have tasks.
    pub joint_visits: u32,
    /// Visits with a date and a full team.
    pub staffed_visits: u32,
    /// People on at least one team.
    pub people: u32,
    /// People in the directories.
    pub people_total: u32,
}

/// A department or expert pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DepartmentView {
    /// Name.
    pub name: String,
    /// Whether it is an expert pool, which has no visits of its own.
    pub experts: bool,
    /// Visits if it went alone.
    pub separate_visits: u32,
    /// Visits it attends together with others.
    pub joint_visits: u32,
    /// Visits it attends alone.
    pub own_visits: u32,
    /// Minutes on visits of each of its people, earlier rounds included, as if it were there for the whole period; in
    /// any order; people without any visit included.
    pub loads_minutes: Vec<u32>,
    /// Lower bound of the largest load: no distribution of the same work could have a smaller maximum.
    pub least_max_minutes: u32,
}

/// A working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DayView {
    /// Date.
    pub date: NaiveDate,
    /// 企业安静日.
    pub quiet: bool,
}

/// A town.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TownView {
    /// Name.
    pub name: String,
    /// Visits on each working day, as many as there are in [`ReportView::days`].
    pub visits: Vec<u32>,
}

/// One kind of thing that did not work out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueView {
    /// What, e.g. 未能派齐人员的上门检查.
    pub title: String,
    /// How many there are in all.
    pub total: u32,
    /// The most important ones; the page shows at most [`ISSUE_ROWS`] of them.
    pub rows: Vec<IssueRow>,
    /// File in which all of them are.
    pub file: String,
}

/// Rows of one kind of issue that the page shows; the rest is in the file.
pub const ISSUE_ROWS: usize = 5;

/// One thing that did not work out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueRow {
    /// Subject and town.
    pub subject: String,
    /// Departments and items concerned.
    pub what: String,
    /// Why, in a plain sentence.
    pub why: String,
    /// The smallest change that would cure it.
    pub cure: String,
}

/// Whether the result counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawMode {
    /// 正式.
    Formal,
    /// 演练: nobody may be inspected because of it.
    Rehearsal,
}

/// The draw behind the result, for whoever wants to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrawView {
    /// Formal or rehearsal.
    pub mode: DrawMode,
    /// How the seed came about, e.g. 现场抽取(封存卡片).
    pub policy: String,
    /// Draws, the main one first; the page shows at most [`DRAW_LINES`].
    pub lines: Vec<DrawLine>,
    /// Witnesses by name and role.
    pub witnesses: Vec<String>,
    /// Public sources of randomness; empty when there are none.
    pub beacons: Vec<String>,
    /// Signed checkpoint of the log: the text that was signed, lines separated by LF.
    pub checkpoint: String,
    /// The command line that checks everything.
    pub verify: String,
}

/// Draws that the page shows; the rest is in the transcript.
pub const DRAW_LINES: usize = 4;

/// One draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrawLine {
    /// What was drawn, e.g. 派定检查人员.
    pub purpose: String,
    /// `draw_id`, 64 hex digits.
    pub draw_id: String,
    /// Root of the subject pool, 64 hex digits; empty when there is none.
    pub subject_pool: String,
    /// Root of the inspector pool, 64 hex digits; empty when there is none.
    pub inspector_pool: String,
    /// Seed, 64 hex digits; empty while it is under embargo.
    pub seed: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    view: &'a ReportView,
    sentence: String,
    tiles: Vec<text::Tile>,
    visits_total: String,
    visits_finding: String,
    visits: Vec<charts::VisitsRow>,
    loads_finding: String,
    loads: Vec<charts::LoadCard>,
    loads_hidden: usize,
    department_count: usize,
    heat: charts::Heat,
    qr: String,
}

impl ReportView {
    /// The page: HTML with its styles and pictures inside, without scripts and without anything fetched.
    ///
    /// # Errors
    /// Only when the template cannot be filled, which does not happen with values of these types.
    pub fn render(&self) -> Result<String, askama::Error> {
        let officers: Vec<&DepartmentView> = self.departments.iter().filter(|d| !d.experts).collect();
        let loads = charts::loads(&self.county, &self.departments);
        Page {
            view: self,
            sentence: text::sentence(&self.headline),
            tiles: text::tiles(&self.headline),
            visits_total: charts::visits_total(&self.headline),
            visits_finding: text::visits_finding(&self.headline),
            visits: charts::visits(&self.county, &officers),
            loads_finding: text::loads_finding(&self.departments),
            loads_hidden: loads.iter().filter(|card| !card.shown).count(),
            department_count: officers.len(),
            loads,
            heat: charts::heat(&self.days, &self.towns),
            qr: qr::picture(&self.draw),
        }
        .render()
    }
}

impl Page<'_> {
    #[expect(clippy::unused_self, reason = "the template reaches functions by its own context")]
    fn date(&self, day: &NaiveDate) -> String {
        text::date(*day)
    }

    #[expect(clippy::unused_self, reason = "the template reaches functions by its own context")]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the template passes fields by reference")]
    fn count(&self, number: &u32) -> String {
        text::count(*number)
    }
}
