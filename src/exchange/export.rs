//! The registries' tables out again, in the columns in which they are read: what is exported can be imported.

use super::headers;
use super::write::{Cell, Column, Table, write_csv};
use crate::domain::planning::input::{CheckMode, Notice, PoolKind, Season};
use crate::domain::registry::Category;
use crate::domain::rows::{Kind, PlanRow, Rows, SubjectRow};
use chrono::{Datelike, NaiveDate};

/// A table as CSV: UTF-8 with mark, no cell a formula.
#[must_use]
pub fn csv(rows: &Rows) -> Vec<u8> {
    let (columns, cells) = table(rows);
    let id = match rows.kind() {
        Kind::Certificates => "qualifications",
        kind => kind.as_str(),
    };
    let known = headers::table(id).map(|t| t.columns.as_slice()).unwrap_or_default();
    let title = |id: &str| known.iter().find(|c| c.id == id).map_or(id, |c| c.zh.as_str()).to_owned();
    let columns = columns.iter().map(|id| Column::id(&title(id))).collect();
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let _ = write_csv(Table::new(rows.kind().word(), columns, cells), &mut out);
    out
}

fn yes(flag: bool) -> Cell {
    Cell::from(if flag { "是" } else { "否" })
}

fn list(parts: &[String]) -> Cell {
    Cell::from(parts.join(";"))
}

fn text(text: &str) -> Cell {
    Cell::from(text)
}

fn day(date: NaiveDate) -> Cell {
    if date.year() == 9999 { Cell::from("长期") } else { Cell::from(date) }
}

fn degrees(millionths: Option<i32>) -> Cell {
    millionths.map_or(Cell::Empty, |m| {
        let sign = if m < 0 { "-" } else { "" };
        let m = m.unsigned_abs();
        Cell::from(format!("{sign}{}.{:06}", m / 1_000_000, m % 1_000_000))
    })
}

fn season(season: Option<Season>) -> Cell {
    season.map_or(Cell::Empty, |s| {
        Cell::from(format!("{:02}-{:02}~{:02}-{:02}", s.from.0, s.from.1, s.to.0, s.to.1))
    })
}

fn post(post: PoolKind) -> Cell {
    Cell::from(if post == PoolKind::Experts { "专家" } else { "执法人员" })
}

fn mode(mode: Option<CheckMode>) -> Cell {
    Cell::from(match mode {
        Some(CheckMode::OnSite) | None => "现场检查",
        Some(CheckMode::Written) => "书面检查",
        Some(CheckMode::Online) => "网络监测",
    })
}

fn notice(notice: Option<Notice>) -> Cell {
    Cell::from(match notice {
        Some(Notice::Unannounced) => "突击",
        Some(Notice::Announced) => "提前告知",
        Some(Notice::Either) | None => "均可",
    })
}

type Columns = &'static [&'static str];

fn table(rows: &Rows) -> (Columns, Vec<Vec<Cell>>) {
    match rows {
        Rows::Departments(t) => (
            &["dept_id", "uscc", "name", "level", "div", "pool", "rank", "aliases", "contact"],
            t.rows
                .iter()
                .map(|r| {
                    let d = &r.value.base;
                    vec![
                        text(&d.id),
                        text(&d.uscc),
                        text(&d.name),
                        text(&d.level),
                        text(&d.division),
                        post(d.pool),
                        d.rank.into(),
                        list(&r.value.aliases),
                        text(&r.value.contact),
                    ]
                })
                .collect(),
        ),
        Rows::Items(_) => items(rows),
        Rows::Subjects(t) => (
            &[
                "uscc",
                "reg_no",
                "name",
                "kind",
                "div",
                "town",
                "address",
                "industry",
                "industry_name",
                "credit",
                "founded",
                "lon",
                "lat",
                "contact",
                "phone",
                "tags",
                "departments",
                "abnormal",
                "serious",
            ],
            t.rows.iter().map(|r| subject(&r.value)).collect(),
        ),
        Rows::Inspectors(t) => (
            &[
                "person_id",
                "name",
                "sex",
                "dept_id",
                "unit_type",
                "unit",
                "post",
                "cert_no",
                "daily_minutes",
                "can_lead",
                "load0",
                "reserve",
                "email",
            ],
            t.rows
                .iter()
                .map(|r| {
                    let p = &r.value.base;
                    vec![
                        text(&p.id),
                        text(&p.name),
                        text(&p.sex),
                        text(&p.dept_id),
                        text(&p.unit_type),
                        text(&p.unit),
                        post(p.post),
                        text(&p.cert_no),
                        p.daily_minutes.into(),
                        yes(p.can_lead),
                        p.load0.into(),
                        yes(r.value.reserve),
                        text(&r.value.email),
                    ]
                })
                .collect(),
        ),
        Rows::Certificates(t) => (
            &["person_id", "qual", "qual_name", "no", "from", "to"],
            t.rows
                .iter()
                .map(|r| {
                    let q = &r.value;
                    vec![
                        text(&q.person_id),
                        text(&q.qual),
                        text(&q.qual_name),
                        text(&q.no),
                        day(q.from),
                        day(q.to),
                    ]
                })
                .collect(),
        ),
        Rows::Leave(t) => (
            &["person_id", "from", "to", "kind"],
            t.rows
                .iter()
                .map(|r| {
                    let l = &r.value;
                    vec![text(&l.person_id), day(l.from), day(l.to), text(&l.kind)]
                })
                .collect(),
        ),
        Rows::Recusals(t) => (
            &["person_id", "uscc", "reason"],
            t.rows
                .iter()
                .map(|r| vec![text(&r.value.person_id), text(&r.value.subject), text(&r.value.reason)])
                .collect(),
        ),
        Rows::Plans(t) => (
            &[
                "plan_id",
                "name",
                "dept_id",
                "items",
                "kinds",
                "industries",
                "towns",
                "credits",
                "ratio",
                "class_ratios",
                "earliest",
                "latest",
                "window",
                "priority",
                "tags",
                "remark",
            ],
            t.rows.iter().map(|r| plan(&r.value)).collect(),
        ),
    }
}

fn subject(row: &SubjectRow) -> Vec<Cell> {
    let s = &row.base;
    let (uscc, number) =
        if s.has_uscc { (s.key.as_str(), row.registration_no.as_str()) } else { ("", s.key.as_str()) };
    vec![
        text(uscc),
        text(number),
        text(&s.name),
        text(&s.kind),
        text(&s.division),
        text(&s.town),
        text(&s.address),
        text(&s.industry),
        text(&s.industry_name),
        text(&s.credit),
        s.founded.into(),
        degrees(s.lon),
        degrees(s.lat),
        text(&s.contact),
        text(&row.phone),
        list(&row.tags),
        list(&row.departments),
        yes(row.abnormal),
        yes(row.serious),
    ]
}

fn plan(row: &PlanRow) -> Vec<Cell> {
    let classes: Vec<String> =
        row.class_ratios.iter().map(|(class, ratio)| format!("{class}:{}", ratio.text)).collect();
    vec![
        text(&row.code),
        text(&row.name),
        text(&row.department),
        list(&row.items),
        list(&row.filter.kinds),
        list(&row.filter.industries),
        list(&row.filter.towns),
        list(&row.filter.credits),
        text(&row.ratio.text),
        list(&classes),
        row.from.into(),
        row.to.into(),
        text(&row.window),
        row.priority.into(),
        list(&row.filter.tags),
        text(&row.details.remark),
    ]
}

fn items(rows: &Rows) -> (Columns, Vec<Vec<Cell>>) {
    const COLUMNS: Columns = &[
        "item_id",
        "dept_key",
        "dept_id",
        "name",
        "minutes",
        "mode",
        "notice",
        "equiv",
        "equiv_name",
        "qual",
        "freq",
        "season",
        "expert",
        "field",
        "object",
        "content",
        "basis",
        "category",
        "ratio",
        "frequency_text",
        "method_text",
        "executing_body",
        "requirement",
        "remark",
    ];
    let Rows::Items(table) = rows else { return (COLUMNS, Vec::new()) };
    let cells = table.rows.iter().map(|row| {
        let (i, d) = (&row.value, &row.value.details);
        let key = if d.dept_key.is_empty() { &i.department } else { &d.dept_key };
        vec![
            text(&i.code),
            text(key),
            text(&i.department),
            text(&i.name),
            i.minutes.into(),
            mode(i.mode),
            notice(i.notice),
            text(&i.equivalence_group),
            text(&d.equivalence_name),
            text(&i.qualification),
            i.cap.into(),
            season(d.season),
            text(&d.expert),
            text(&i.field),
            text(&i.object),
            text(&d.content),
            Cell::from(d.basis.join("|")),
            text(match i.category {
                Category::General => "一般检查事项",
                Category::Key => "重点检查事项",
                Category::None => "",
            }),
            text(i.ratio.as_ref().map_or("", |r| r.text.as_str())),
            text(&d.frequency),
            text(&d.method),
            text(&d.executing_body),
            text(&d.requirement),
            text(&d.remark),
        ]
    });
    (COLUMNS, cells.collect())
}
