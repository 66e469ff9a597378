//! Writes a demonstration county as the files an office would send: CSV or one workbook, `config.json`, and
//! `schema.json` with the English name of every column.

use crate::domain::planning::input::{
    CheckMode, Input, Notice, PlanEntry, PoolKind, Rules, Season, Subject, Task, TeamMode,
};
use crate::domain::ratio::Ratio;
use crate::exchange::write;
use chrono::NaiveDate;

/// The bytes in which CSV files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8 with a byte order mark, as Excel wants it.
    #[default]
    Utf8Bom,
    /// GB18030, as older office software writes.
    Gb18030,
}

/// A column: English and Chinese name.
pub type Column = (&'static str, &'static str);

/// A table as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// English name; the name of the file.
    pub name: &'static str,
    /// Chinese name; the name of the sheet.
    pub title: &'static str,
    /// Columns.
    pub columns: &'static [Column],
    /// Columns that hold numbers (places in `columns`); all others are text in a workbook.
    pub numbers: &'static [usize],
    /// Rows, each with one cell per column.
    pub rows: Vec<Vec<String>>,
}

const DEPARTMENTS: &[Column] = &[
    ("dept_id", "部门编码"),
    ("uscc", "统一社会信用代码"),
    ("name", "部门名称"),
    ("level", "层级"),
    ("div", "管辖区划代码"),
    ("pool", "队伍类型"),
    ("rank", "牵头顺位"),
];
const ITEMS: &[Column] = &[
    ("item_id", "事项编码"),
    ("dept_key", "部门类别"),
    ("name", "事项名称"),
    ("minutes", "预计时长(分钟)"),
    ("mode", "检查方式"),
    ("notice", "告知方式"),
    ("equiv", "等价组"),
    ("equiv_name", "等价组名称"),
    ("qual", "所需资格"),
    ("freq", "年度频次上限"),
    ("season", "季节限制"),
    ("expert", "所需专家"),
];
const SUBJECTS: &[Column] = &[
    ("uscc", "统一社会信用代码/注册号"),
    ("name", "市场主体名称"),
    ("kind", "主体类型"),
    ("div", "区划代码"),
    ("town", "乡镇街道"),
    ("address", "地址"),
    ("industry", "行业代码"),
    ("industry_name", "行业名称"),
    ("credit", "信用风险分类"),
    ("founded", "成立日期"),
    ("lon", "经度"),
    ("lat", "纬度"),
    ("contact", "联系人"),
];
const INSPECTORS: &[Column] = &[
    ("person_id", "人员编号"),
    ("name", "姓名"),
    ("sex", "性别"),
    ("dept_id", "部门编码"),
    ("unit_type", "单位类型"),
    ("unit", "所属单位"),
    ("post", "岗位类别"),
    ("cert_no", "执法证号"),
    ("daily_minutes", "每日可用分钟"),
    ("can_lead", "可任主办"),
    ("load0", "本年已派工分钟"),
];
const QUALIFICATIONS: &[Column] = &[
    ("person_id", "人员编号"),
    ("qual", "资格代码"),
    ("qual_name", "资格名称"),
    ("no", "证书编号"),
    ("from", "生效日期"),
    ("to", "失效日期"),
];
const RECUSALS: &[Column] =
    &[("person_id", "人员编号"), ("uscc", "统一社会信用代码/注册号"), ("reason", "回避事由")];
const LEAVE: &[Column] =
    &[("person_id", "人员编号"), ("from", "开始日期"), ("to", "结束日期"), ("kind", "类型")];
const CALENDAR: &[Column] = &[("date", "日期"), ("workday", "是否工作日"), ("quiet", "企业安静日")];
const TASKS: &[Column] = &[
    ("task_id", "任务编号"),
    ("plan", "计划名称"),
    ("dept_id", "部门编码"),
    ("item_id", "事项编码"),
    ("uscc", "统一社会信用代码/注册号"),
    ("earliest", "最早日期"),
    ("latest", "最晚日期"),
    ("minutes", "预计分钟"),
    ("mode", "检查方式"),
    ("notice", "告知方式"),
    ("priority", "优先级"),
];
const PLANS: &[Column] = &[
    ("plan_id", "计划编号"),
    ("name", "计划名称"),
    ("dept_id", "部门编码"),
    ("items", "事项编码"),
    ("kinds", "主体类型"),
    ("industries", "行业代码"),
    ("towns", "乡镇街道"),
    ("credits", "信用风险分类"),
    ("ratio", "抽查比例"),
    ("class_ratios", "分类比例"),
    ("earliest", "最早日期"),
    ("latest", "最晚日期"),
    ("priority", "优先级"),
];

fn date(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

fn yes(value: bool) -> String {
    if value { "是" } else { "否" }.to_owned()
}

fn pool(kind: PoolKind) -> String {
    match kind {
        PoolKind::Officers => "执法人员",
        PoolKind::Experts => "专家",
    }
    .to_owned()
}

fn mode(mode: CheckMode) -> String {
    match mode {
        CheckMode::OnSite => "现场检查",
        CheckMode::Written => "书面检查",
        CheckMode::Online => "网络监测",
    }
    .to_owned()
}

fn notice(notice: Notice) -> String {
    match notice {
        Notice::Unannounced => "突击",
        Notice::Announced => "提前告知",
        Notice::Either => "均可",
    }
    .to_owned()
}

fn season(season: Season) -> String {
    let ((m1, d1), (m2, d2)) = (season.from, season.to);
    format!("{m1:02}-{d1:02}~{m2:02}-{d2:02}")
}

/// Millionths of a degree as a decimal number with three places, the precision of the sample.
fn degrees(value: Option<i32>) -> String {
    value.map_or_else(String::new, |v| format!("{}.{:03}", v / 1_000_000, v % 1_000_000 / 1000))
}

/// `A:5%;B:10%`: the way class ratios stand in one cell.
fn class_ratios(list: &[(String, Ratio)]) -> String {
    list.iter().map(|(class, ratio)| format!("{class}:{}", ratio.text)).collect::<Vec<_>>().join(";")
}

fn subject_row(s: &Subject) -> Vec<String> {
    vec![
        s.key.clone(),
        s.name.clone(),
        s.kind.clone(),
        s.division.clone(),
        s.town.clone(),
        s.address.clone(),
        s.industry.clone(),
        s.industry_name.clone(),
        s.credit.clone(),
        s.founded.map_or_else(String::new, date),
        degrees(s.lon),
        degrees(s.lat),
        s.contact.clone(),
    ]
}

fn task_row(t: &Task) -> Vec<String> {
    vec![
        t.id.clone(),
        t.plan.clone(),
        t.dept_id.clone(),
        t.item_id.clone(),
        t.subject.clone(),
        date(t.earliest),
        date(t.latest),
        t.minutes.to_string(),
        mode(t.mode),
        notice(t.notice),
        t.priority.to_string(),
    ]
}

fn plan_row(p: &PlanEntry) -> Vec<String> {
    vec![
        p.id.clone(),
        p.name.clone(),
        p.dept_id.clone(),
        p.items.join(";"),
        p.kinds.join(";"),
        p.industries.join(";"),
        p.towns.join(";"),
        p.credits.join(";"),
        p.ratio.text.clone(),
        class_ratios(&p.class_ratios),
        date(p.earliest),
        date(p.latest),
        p.priority.to_string(),
    ]
}

/// The tables of an input as text: eight tables of the county, then `tasks`, or `plans` when subjects are still to
/// be drawn.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one table after the other, column by column")]
pub fn tables(input: &Input) -> Vec<Table> {
    let mut list = vec![
        Table {
            name: "departments",
            title: "部门",
            columns: DEPARTMENTS,
            numbers: &[6],
            rows: input
                .departments
                .iter()
                .map(|d| {
                    vec![
                        d.id.clone(),
                        d.uscc.clone(),
                        d.name.clone(),
                        d.level.clone(),
                        d.division.clone(),
                        pool(d.pool),
                        d.rank.to_string(),
                    ]
                })
                .collect(),
        },
        Table {
            name: "items",
            title: "事项",
            columns: ITEMS,
            numbers: &[3, 9],
            rows: input
                .items
                .iter()
                .map(|i| {
                    vec![
                        i.id.clone(),
                        i.dept_key.clone(),
                        i.name.clone(),
                        i.minutes.to_string(),
                        mode(i.mode),
                        notice(i.notice),
                        i.equiv.clone(),
                        i.equiv_name.clone(),
                        i.qual.clone(),
                        i.freq.to_string(),
                        i.season.map_or_else(String::new, season),
                        i.expert.clone(),
                    ]
                })
                .collect(),
        },
        Table {
            name: "subjects",
            title: "检查对象",
            columns: SUBJECTS,
            numbers: &[10, 11],
            rows: input.subjects.iter().map(subject_row).collect(),
        },
        Table {
            name: "inspectors",
            title: "执法人员",
            columns: INSPECTORS,
            numbers: &[8, 10],
            rows: input
                .inspectors
                .iter()
                .map(|p| {
                    vec![
                        p.id.clone(),
                        p.name.clone(),
                        p.sex.clone(),
                        p.dept_id.clone(),
                        p.unit_type.clone(),
                        p.unit.clone(),
                        pool(p.post),
                        p.cert_no.clone(),
                        p.daily_minutes.to_string(),
                        yes(p.can_lead),
                        p.load0.to_string(),
                    ]
                })
                .collect(),
        },
        Table {
            name: "qualifications",
            title: "资格",
            columns: QUALIFICATIONS,
            numbers: &[],
            rows: input
                .qualifications
                .iter()
                .map(|q| {
                    vec![
                        q.person_id.clone(),
                        q.qual.clone(),
                        q.qual_name.clone(),
                        q.no.clone(),
                        date(q.from),
                        date(q.to),
                    ]
                })
                .collect(),
        },
        Table {
            name: "recusals",
            title: "回避",
            columns: RECUSALS,
            numbers: &[],
            rows: input
                .recusals
                .iter()
                .map(|r| vec![r.person_id.clone(), r.subject.clone(), r.reason.clone()])
                .collect(),
        },
        Table {
            name: "leave",
            title: "请假",
            columns: LEAVE,
            numbers: &[],
            rows: input
                .leave
                .iter()
                .map(|l| vec![l.person_id.clone(), date(l.from), date(l.to), l.kind.clone()])
                .collect(),
        },
        Table {
            name: "calendar",
            title: "日历",
            columns: CALENDAR,
            numbers: &[],
            rows: input.calendar.iter().map(|d| vec![date(d.date), yes(d.workday), yes(d.quiet)]).collect(),
        },
    ];
    list.push(if input.plans.is_empty() {
        Table {
            name: "tasks",
            title: "任务",
            columns: TASKS,
            numbers: &[7, 10],
            rows: input.tasks.iter().map(task_row).collect(),
        }
    } else {
        Table {
            name: "plans",
            title: "计划",
            columns: PLANS,
            numbers: &[12],
            rows: input.plans.iter().map(plan_row).collect(),
        }
    });
    list
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `config.json`: the rules under which the county plans, and the period.
fn config(rules: &Rules, input: &Input) -> serde_json::Value {
    let word = |mode: TeamMode| match mode {
        TeamMode::Bureau => "全局随机",
        TeamMode::SectionStation => "股所",
        TeamMode::StationBrigade => "所队",
        TeamMode::StationStation => "所所",
        TeamMode::SameStation => "本所",
    };
    let mut config = serde_json::json!({
        "start": input.calendar.first().map(|d| date(d.date)),
        "end": input.calendar.last().map(|d| date(d.date)),
        "max_visit_minutes": rules.max_visit_minutes,
        "max_depts_per_visit": rules.max_depts_per_visit,
        "entry_overhead_minutes": rules.entry_overhead_minutes,
        "travel_minutes": rules.travel_minutes,
        "slot_minutes": rules.slot_minutes,
        "am": [clock(rules.am.0), clock(rules.am.1)],
        "pm": [clock(rules.pm.0), clock(rules.pm.1)],
        "min_per_dept": rules.min_per_dept,
        "min_total_officers": rules.min_total_officers,
        "base_qualification": rules.base_qualification,
        "team_mode": word(rules.team_mode),
        "lead_required": rules.lead_required,
        "bundle_towns": rules.bundle_towns,
    });
    if rules.max_people_per_visit > 0 {
        config["max_people_per_visit"] = rules.max_people_per_visit.into();
    }
    if rules.packages > 0 {
        config["packages"] = rules.packages.into();
    }
    if let Some(other) = rules.team_mode_fallback {
        config["team_mode_fallback"] = word(other).into();
    }
    config
}

/// `schema.json`: English and Chinese name of every column of every table.
fn schema(tables: &[Table]) -> serde_json::Value {
    tables
        .iter()
        .map(|t| (t.name.to_owned(), serde_json::json!(t.columns)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn csv(table: &Table, encoding: Encoding) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|c| c.1))?;
    for row in &table.rows {
        writer.write_record(row)?;
    }
    let text = writer.into_inner().map_err(|fault| std::io::Error::other(fault.to_string()))?;
    Ok(match encoding {
        Encoding::Utf8Bom => [b"\xEF\xBB\xBF".as_slice(), &text].concat(),
        // Every character of the sample's vocabulary is in GB18030, which covers all of Unicode.
        Encoding::Gb18030 => encoding_rs::GB18030.encode(&String::from_utf8_lossy(&text)).0.into_owned(),
    })
}

/// The tables as sheets of one workbook. Only columns of numbers hold numbers, so that an identifier keeps its digits.
fn book(tables: &[Table]) -> Result<Vec<u8>, write::BookError> {
    // The writer would put the time of writing here, and the same county would not give the same bytes.
    let mut book = write::Book::new(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default())?;
    for table in tables {
        let column = |(at, (_, title)): (usize, &Column)| {
            if table.numbers.contains(&at) {
                write::Column::number(title)
            } else {
                write::Column::text(title)
            }
        };
        let columns = table.columns.iter().enumerate().map(column).collect();
        let cell = |(at, text): (usize, &String)| match text.parse::<f64>() {
            Ok(number) if table.numbers.contains(&at) => write::Cell::Float(number),
            _ => write::Cell::Text(text.clone()),
        };
        let rows = table.rows.iter().map(|row| row.iter().enumerate().map(cell).collect());
        book.add(write::Table::new(table.title, columns, rows))?;
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    book.finish(&mut bytes)?;
    Ok(bytes.into_inner())
}

/// The files of a county by name, in a fixed order; the same input gives the same bytes. With `workbook` the tables
/// are sheets of one `county.xlsx` instead of CSV files.
///
/// # Errors
/// A table that a workbook cannot hold (more than 1,048,575 rows).
pub fn files(input: &Input, encoding: Encoding, workbook: bool) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let tables = tables(input);
    let mut files = Vec::new();
    if workbook {
        files.push(("county.xlsx".to_owned(), book(&tables).map_err(std::io::Error::other)?));
    } else {
        for table in &tables {
            files.push((format!("{}.csv", table.name), csv(table, encoding)?));
        }
    }
    for (name, value) in [("config.json", config(&input.rules, input)), ("schema.json", schema(&tables))] {
        let mut text = serde_json::to_string_pretty(&value)?;
        text.push('\n');
        files.push((name.to_owned(), text.into_bytes()));
    }
    Ok(files)
}
