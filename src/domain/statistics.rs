//! The statistics tables that departments report (domain notes 1.9: 综合抽查结果统计, 抽查工作情况, 计划任务, 检查人员): columns, rows
//! with their rates, totals. Pure: counts in, tables out.

use super::closing::{Matters, Progress, progress};
use super::figures::rate_bp;
use super::result::{FollowUp, Outcome, State};
use super::states::words;

words! {
    /// The tables.
    Kind {
        /// 综合抽查结果统计: a row for each department.
        Results = "results", "综合抽查结果统计表";
        /// 综合抽查结果统计: a row for each town.
        Towns = "towns", "分乡镇街道抽查结果统计表";
        /// 抽查工作情况: a row for each joint inspection.
        Work = "work", "抽查工作情况统计表";
        /// 计划和任务: a row for each department.
        Plans = "plans", "年度计划和任务统计表";
        /// 检查人员: a row for each department and qualification.
        Inspectors = "inspectors", "检查人员统计表";
    }
}

/// What a column of figures holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// A count; totals add up.
    Count,
    /// Basis points: the share of one column in another, by their places among the figures.
    Share(usize, usize),
}

/// A column of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Stable name.
    pub name: &'static str,
    /// Title.
    pub title: &'static str,
    /// What it holds.
    pub figure: Figure,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub labels: Vec<String>,
    /// Its figures; none where there is none.
    pub values: Vec<Option<i64>>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which.
    pub kind: Kind,
    /// Titles of the labels.
    pub labels: &'static [&'static str],
    /// Columns of figures.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// All rows together.
    pub totals: Vec<Option<i64>>,
}

const fn count(name: &'static str, title: &'static str) -> Column {
    Column { name, title, figure: Figure::Count }
}

const fn share(name: &'static str, title: &'static str, part: usize, whole: usize) -> Column {
    Column { name, title, figure: Figure::Share(part, whole) }
}

impl Table {
    /// A table of rows whose counts are known: shares and totals are worked out here. Counts that are missing are noughts.
    #[must_use]
    pub fn new(
        kind: Kind,
        labels: &'static [&'static str],
        columns: Vec<Column>,
        rows: Vec<(Vec<String>, Vec<i64>)>,
    ) -> Self {
        let mut sums = vec![0_i64; columns.len()];
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(labels, counts)| {
                for (sum, (column, n)) in sums.iter_mut().zip(columns.iter().zip(&counts)) {
                    if column.figure == Figure::Count {
                        *sum += n;
                    }
                }
                Row { labels, values: filled(&columns, &counts) }
            })
            .collect();
        let totals = filled(&columns, &sums);
        Self { kind, labels, columns, rows, totals }
    }
}

fn filled(columns: &[Column], counts: &[i64]) -> Vec<Option<i64>> {
    let of = |i: usize| counts.get(i).copied().unwrap_or(0);
    (0..)
        .zip(columns)
        .map(|(i, column)| match column.figure {
            Figure::Count => Some(of(i)),
            Figure::Share(part, whole) => rate_bp(of(part), of(whole)),
        })
        .collect()
}

/// Results of a group, counted by what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Items to be checked.
    pub due: i64,
    /// Entered and not published.
    pub entering: i64,
    /// Published.
    pub published: i64,
    /// Published ones with each outcome; one with several counts at each.
    pub outcomes: Vec<i64>,
    /// Published ones of which something is still to be dealt with, each once.
    pub pending: i64,
    /// Published ones with each follow-up.
    pub follow_ups: Vec<i64>,
    /// Published ones that are dealt with: nothing has to follow, or whatever follows has ended.
    pub closed: i64,
    /// Published ones from which something should follow that was not set going.
    pub missing: i64,
    /// What follows from these results, by [`Track`]: all, and those that have ended.
    pub tracks: Vec<(i64, i64)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            due: 0,
            entering: 0,
            published: 0,
            outcomes: vec![0; Outcome::ALL.len()],
            pending: 0,
            follow_ups: vec![0; FollowUp::ALL.len()],
            closed: 0,
            missing: 0,
            tracks: vec![(0, 0); Track::ALL.len()],
        }
    }
}

words! {
    /// A kind of matter that follows from results.
    Track {
        /// 责令整改.
        Rectification = "rectifications", "责令整改";
        /// 线索移送.
        Referral = "referrals", "线索移送";
        /// 抄告.
        CopyNotice = "copy_notices", "抄告";
        /// 立案.
        Case = "cases", "立案";
        /// 列入经营异常名录, from the first letter on.
        Listing = "listings", "列异办理";
        /// 委托专业机构.
        Commission = "commissions", "委托专业机构";
    }
}

impl Track {
    /// Column and title of those that have ended.
    const fn ended(self) -> (&'static str, &'static str) {
        match self {
            Self::Rectification => ("rectifications_ended", "整改完成(含转立案)"),
            Self::Referral => ("referrals_ended", "移送办结"),
            Self::CopyNotice => ("copy_notices_ended", "抄告办结"),
            Self::Case => ("cases_ended", "结案"),
            Self::Listing => ("listings_ended", "列异办结"),
            Self::Commission => ("commissions_ended", "委托完成"),
        }
    }
}

impl Tally {
    /// Adds `n` results that say the same and of which as much was made.
    pub fn add(
        &mut self,
        state: State,
        outcomes: &[Outcome],
        follow_ups: &[FollowUp],
        matters: Matters,
        n: i64,
    ) {
        if !state.is_public() {
            self.entering += n;
            return;
        }
        self.published += n;
        for (place, outcome) in Outcome::ALL.iter().enumerate() {
            if outcomes.contains(outcome) {
                self.outcomes[place] += n;
            }
        }
        let pending = |o: &Outcome| *o == Outcome::PendingFollowUp || o.parent().is_some();
        if outcomes.iter().any(pending) {
            self.pending += n;
        }
        for (place, follow_up) in FollowUp::ALL.iter().enumerate() {
            if follow_ups.contains(follow_up) {
                self.follow_ups[place] += n;
            }
        }
        match progress(outcomes, follow_ups, matters) {
            Progress::Closed => self.closed += n,
            Progress::Missing => self.missing += n,
            Progress::UnderWay => {}
        }
    }

    /// The figures in the order of [`result_columns`]; shares stay open.
    #[must_use]
    pub fn counts(&self) -> Vec<i64> {
        let waiting = (self.due - self.entering - self.published).max(0);
        let mut counts = vec![self.due, waiting, self.entering, self.published, 0];
        counts.extend(&self.outcomes);
        counts.push(self.pending);
        counts.extend(&self.follow_ups);
        for (all, ended) in &self.tracks {
            counts.extend([*all, *ended]);
        }
        counts.extend([self.missing, self.closed, 0]);
        counts
    }
}

/// The columns of results, after `before` other columns of figures.
#[must_use]
pub fn result_columns(before: usize) -> Vec<Column> {
    let mut columns = vec![
        count("due", "应检查数"),
        count("waiting", "待录入"),
        count("entering", "录入中"),
        count("published", "已公示"),
        share("published_bp", "抽查完成率", before + 3, before),
    ];
    columns.extend(Outcome::ALL.iter().map(|o| count(o.as_str(), o.word())));
    columns.push(count("pending_all", "发现问题待后续处理(含各子项)"));
    columns.extend(FollowUp::ALL.iter().map(|f| count(f.as_str(), f.word())));
    for track in Track::ALL {
        let (name, title) = track.ended();
        columns.extend([count(track.as_str(), track.word()), count(name, title)]);
    }
    columns.push(count("missing", "应处置而未处置"));
    let closed = before + columns.len();
    columns.extend([count("closed", "完结数"), share("closed_bp", "完结率", closed, before + 3)]);
    columns
}

/// 综合抽查结果统计, of (department, what its results say).
#[must_use]
pub fn results(rows: Vec<(String, Tally)>) -> Table {
    said(Kind::Results, &["部门"], rows)
}

/// 综合抽查结果统计 by area, of (town, what the results there say).
#[must_use]
pub fn towns(rows: Vec<(String, Tally)>) -> Table {
    said(Kind::Towns, &["乡镇街道"], rows)
}

fn said(kind: Kind, labels: &'static [&'static str], rows: Vec<(String, Tally)>) -> Table {
    let rows = rows.into_iter().map(|(name, tally)| (vec![name], tally.counts())).collect();
    Table::new(kind, labels, result_columns(0), rows)
}

/// A joint inspection in the work table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Number and name.
    pub name: String,
    /// The department that initiates.
    pub department: String,
    /// 抽查内容: the items.
    pub items: String,
    /// 抽查类型: 定向 or 不定向.
    pub aim: String,
    /// 抽查对象: who could be drawn, in words.
    pub object: String,
    /// 抽查基数: subjects in the pool of the draw.
    pub base: i64,
    /// 抽查户数: subjects drawn.
    pub drawn: i64,
    /// What the results say.
    pub tally: Tally,
}

/// 抽查工作情况.
#[must_use]
pub fn work(rows: Vec<Work>) -> Table {
    let mut columns =
        vec![count("base", "抽查基数"), count("drawn", "抽查户数"), share("drawn_bp", "抽查比例", 1, 0)];
    columns.extend(result_columns(3));
    let rows = rows
        .into_iter()
        .map(|w| {
            let mut counts = vec![w.base, w.drawn, 0];
            counts.extend(w.tally.counts());
            (vec![w.name, w.department, w.items, w.aim, w.object], counts)
        })
        .collect();
    Table::new(Kind::Work, &["任务", "发起部门", "抽查内容", "抽查类型", "抽查对象"], columns, rows)
}

/// A department in the table of plans and tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planned {
    /// Plan entries of the department alone.
    pub own: i64,
    /// Plan entries that became part of a joint inspection.
    pub joint: i64,
    /// Entries not begun.
    pub waiting: i64,
    /// Entries under way.
    pub running: i64,
    /// Entries done.
    pub done: i64,
    /// Joint inspections it initiated from the annual plan.
    pub led_planned: i64,
    /// Those without a plan entry (临时).
    pub led_ad_hoc: i64,
    /// Those that are closed.
    pub led_closed: i64,
    /// Single tasks (本部门).
    pub singles: i64,
    /// Items to be checked.
    pub due: i64,
    /// Items checked.
    pub checked: i64,
    /// Items published and dealt with.
    pub closed: i64,
}

/// 年度计划和任务.
#[must_use]
pub fn plans(rows: Vec<(String, Planned)>) -> Table {
    let columns = vec![
        count("plans_own", "年度计划(本部门)"),
        count("plans_joint", "年度计划(跨部门)"),
        count("plans_all", "年度计划合计"),
        count("plans_waiting", "待执行"),
        count("plans_running", "执行中"),
        count("plans_done", "已完成"),
        share("plans_done_bp", "计划完成率", 5, 2),
        count("led_planned", "跨部门任务(年度计划)"),
        count("led_ad_hoc", "跨部门任务(临时)"),
        count("led_all", "跨部门任务合计"),
        count("led_closed", "跨部门任务已完成"),
        share("led_closed_bp", "任务完成率", 10, 9),
        count("singles", "本部门单独任务"),
        count("due", "应检查数"),
        count("checked", "已检查数"),
        share("checked_bp", "检查完成率", 14, 13),
        count("closed", "完结数"),
    ];
    let rows = rows
        .into_iter()
        .map(|(name, p)| {
            let counts = vec![
                p.own,
                p.joint,
                p.own + p.joint,
                p.waiting,
                p.running,
                p.done,
                0,
                p.led_planned,
                p.led_ad_hoc,
                p.led_planned + p.led_ad_hoc,
                p.led_closed,
                0,
                p.singles,
                p.due,
                p.checked,
                0,
                p.closed,
            ];
            (vec![name], counts)
        })
        .collect();
    Table::new(Kind::Plans, &["部门"], columns, rows)
}

/// People of a department with a qualification. A person with several stands in several rows, so only rows of all people
/// of a department add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Department.
    pub department: String,
    /// Qualification; empty: all people of the department.
    pub specialty: String,
    /// 检查人员 in service.
    pub officers: i64,
    /// Those with a certificate that is valid today.
    pub valid: i64,
    /// 专家.
    pub experts: i64,
}

/// 检查人员.
#[must_use]
pub fn inspectors(rows: Vec<People>) -> Table {
    let columns = vec![
        count("officers", "检查人员"),
        count("valid", "证件有效"),
        share("valid_bp", "证件有效率", 1, 0),
        count("experts", "专家人员"),
    ];
    let people: Vec<(Vec<String>, Vec<i64>)> = rows
        .iter()
        .map(|p| {
            let specialty = if p.specialty.is_empty() { "全部" } else { &p.specialty };
            (vec![p.department.clone(), specialty.to_owned()], vec![p.officers, p.valid, 0, p.experts])
        })
        .collect();
    let whole: Vec<(Vec<String>, Vec<i64>)> = rows
        .iter()
        .zip(&people)
        .filter(|(p, _)| p.specialty.is_empty())
        .map(|(_, row)| row.clone())
        .collect();
    let labels = &["部门", "专业(证件类别)"];
    let totals = Table::new(Kind::Inspectors, labels, columns.clone(), whole).totals;
    Table { totals, ..Table::new(Kind::Inspectors, labels, columns, people) }
}

#[cfg(test)]
mod tests {
    use super::super::closing::Mark;
    use super::*;
    use proptest::prelude::*;

    fn value(table: &Table, row: usize, name: &str) -> Option<i64> {
        table.rows[row].values[place(table, name)]
    }

    fn place(table: &Table, name: &str) -> usize {
        table.columns.iter().position(|c| c.name == name).unwrap()
    }

    #[test]
    fn results_are_counted_by_what_they_say() {
        let mut tally = Tally { due: 10, ..Tally::default() };
        let none = Matters::default();
        tally.add(State::Published, &[Outcome::NoProblemFound], &[FollowUp::Nothing], none, 3);
        let found = [Outcome::NotDisclosed, Outcome::CorrectedOnOrder];
        let said = [FollowUp::Rectification, FollowUp::CopyNotice];
        tally.add(State::Published, &found, &said, none, 1);
        let done = Matters { rectification: Mark::Ended, copy: Mark::Ended, ..none };
        tally.add(State::Published, &found, &said, done, 1);
        tally.tracks[0] = (1, 1);
        tally.add(State::Reviewed, &[Outcome::Unreachable], &[], none, 1);
        let table = results(vec![("甲局".to_owned(), tally), ("乙局".to_owned(), Tally::default())]);
        let of = |name| value(&table, 0, name);
        assert_eq!(
            (of("due"), of("waiting"), of("entering"), of("published")),
            (Some(10), Some(4), Some(1), Some(5))
        );
        assert_eq!(of("published_bp"), Some(5000));
        assert_eq!(
            (of("no_problem_found"), of("not_disclosed"), of("corrected_on_order")),
            (Some(3), Some(2), Some(2))
        );
        // Not published: its outcome is not counted yet.
        assert_eq!((of("unreachable"), of("pending_all")), (Some(0), Some(2)));
        assert_eq!(
            (of("rectification"), of("copy_notice"), of("closed"), of("closed_bp")),
            (Some(2), Some(2), Some(4), Some(8000))
        );
        // One was ordered and copied in truth, the other on paper only.
        assert_eq!(
            (of("rectifications"), of("rectifications_ended"), of("copy_notices"), of("missing")),
            (Some(1), Some(1), Some(0), Some(1))
        );
        assert_eq!((value(&table, 1, "published_bp"), value(&table, 1, "due")), (None, Some(0)));
        assert_eq!(table.totals[place(&table, "published_bp")], Some(5000));
    }

    #[test]
    fn columns_of_results_keep_their_shares_behind_other_columns() {
        let mut tally = Tally { due: 4, ..Tally::default() };
        tally.add(State::Published, &[Outcome::NoProblemFound], &[], Matters::default(), 1);
        let table = work(vec![Work { base: 200, drawn: 7, tally, ..Work::default() }]);
        assert_eq!(value(&table, 0, "drawn_bp"), Some(350));
        assert_eq!(value(&table, 0, "published_bp"), Some(2500));
        assert_eq!(value(&table, 0, "closed_bp"), Some(10_000));
        assert!(table.rows.iter().all(|r| r.values.len() == table.columns.len()));
    }

    #[test]
    fn people_with_two_certificates_count_once_in_the_total() {
        let row = |specialty: &str, officers, valid| People {
            department: "甲局".to_owned(),
            specialty: specialty.to_owned(),
            officers,
            valid,
            experts: 1,
        };
        let table = inspectors(vec![row("", 3, 2), row("食品", 2, 2), row("特种设备", 2, 1)]);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.totals, [Some(3), Some(2), Some(6667), Some(1)]);
    }

    proptest! {
        #[test]
        fn totals_are_the_sums_and_shares_come_from_them(
            rows in proptest::collection::vec(proptest::collection::vec(0_i64..1000, 12), 0..8)
        ) {
            let planned: Vec<(String, Planned)> = rows
                .iter()
                .map(|n| ("局".to_owned(), Planned {
                    own: n[0], joint: n[1], waiting: n[2], running: n[3], done: n[4], led_planned: n[5],
                    led_ad_hoc: n[6], led_closed: n[7], singles: n[8], due: n[9], checked: n[10], closed: n[11],
                }))
                .collect();
            let table = plans(planned);
            for (i, column) in table.columns.iter().enumerate() {
                match column.figure {
                    Figure::Count => {
                        let sum: i64 = table.rows.iter().filter_map(|r| r.values[i]).sum();
                        prop_assert_eq!(table.totals[i], Some(sum));
                    }
                    Figure::Share(part, whole) => prop_assert_eq!(
                        table.totals[i],
                        rate_bp(table.totals[part].unwrap_or(0), table.totals[whole].unwrap_or(0))
                    ),
                }
            }
            let all: i64 = rows.iter().map(|n| n[0] + n[1]).sum();
            prop_assert_eq!(table.totals[place(&table, "plans_all")], Some(all));
        }
    }
}
