//! One table of the registries out of one file: the readers of the planning files, with the registries' further columns
//! and without giving up the good rows when others are bad.

use super::files::{Found, Part};
use super::{Loaded, Source, load, plans, tables};
use crate::domain::planning::input::Rules;
use crate::domain::ratio::Ratio;
use crate::domain::registry::{Category, ItemDetails, PlanDetails};
use crate::domain::rows::{
    DepartmentRow, InspectorRow, ItemRow, Kind, PlanRow, Row, Rows, SubjectRow, Table,
};
use crate::domain::scope::SubjectFilter;
use crate::exchange::cells::Repairs;
use crate::exchange::fault::{Fault, Faults, Report};
use crate::exchange::headers::{self, Layout};
use crate::exchange::lists::{self, ListKind};
use crate::exchange::table::{self, Limits, Mended, Sheet};
use crate::exchange::words;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// A file read for the registries.
#[derive(Debug)]
pub struct Read {
    /// Rows, good and bad.
    pub rows: Rows,
    /// Everything that is wrong or should be looked at.
    pub faults: Faults,
    /// Cells put right: column, what was done, how many.
    pub repairs: Vec<(String, &'static str, usize)>,
    /// How the file was encoded.
    pub encoding: &'static str,
}

const fn table_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Certificates => "qualifications",
        other => other.as_str(),
    }
}

/// The sheets of a file that hold anything.
fn sheets_of(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Box<Fault>> {
    let sheets = if table::is_archive(bytes) {
        table::read_xlsx(bytes, limits)
    } else {
        table::read_csv(bytes, limits).map(|s| vec![s])
    }?;
    Ok(sheets.into_iter().filter(|s| !s.is_empty()).collect())
}

fn fits(wanted: &'static headers::Table, sheet: &Sheet) -> bool {
    Layout::find(wanted, sheet).is_ok()
}

/// Which of the sheets holds the table.
fn best(wanted: &'static headers::Table, sheets: &[Sheet]) -> Option<usize> {
    let named = |sheet: &Sheet| {
        let table = sheet.name.as_deref().and_then(headers::table_named);
        table.is_some_and(|t| t.id == wanted.id)
    };
    (0..sheets.len()).max_by_key(|i| (fits(wanted, &sheets[*i]), named(&sheets[*i]), std::cmp::Reverse(*i)))
}

/// Whether the file is a list in one of the forms in which governments publish them.
fn is_published(kind: Kind, wanted: &'static headers::Table, best: &Sheet, sheets: &[Sheet]) -> bool {
    matches!(kind, Kind::Items | Kind::Plans)
        && !fits(wanted, best)
        && headers::table("item_list").is_some_and(|t| sheets.iter().any(|s| fits(t, s)))
}

/// A file as a page or a marked-up workbook shows it.
#[derive(Debug)]
pub struct Grid {
    /// Its sheets, mended.
    pub sheets: Vec<Sheet>,
    /// The sheet that was read and where its columns are; none where the file is a published list of several sheets, or
    /// has no header that is known.
    pub main: Option<(usize, Layout)>,
}

/// The sheets of a file, as a person mended them.
///
/// # Errors
/// A file that is no table at all.
pub fn grid(kind: Kind, bytes: &[u8], limits: &Limits, mended: &Mended) -> Result<Grid, Box<Fault>> {
    let mut sheets = sheets_of(bytes, limits)?;
    let mut main = None;
    if let Some(wanted) = headers::table(table_of(kind))
        && let Some(at) = best(wanted, &sheets)
        && !is_published(kind, wanted, &sheets[at], &sheets)
        && let Ok(layout) = Layout::find(wanted, &sheets[at])
    {
        sheets[at] = sheets[at].mended(mended, true);
        main = Some((at, layout));
    }
    Ok(Grid { sheets, main })
}

/// Reads a CSV or XLSX file called `name`. `year` helps with windows that name none (10月底前).
///
/// # Errors
/// A file that is no table at all, or has no header: all faults.
pub fn read(kind: Kind, name: &str, bytes: &[u8], year: i32, limits: &Limits) -> Result<Read, Faults> {
    read_mended(kind, name, bytes, year, limits, &Mended::default())
}

/// Reads a file as a person mended it.
///
/// # Errors
/// As [`read`].
pub fn read_mended(
    kind: Kind,
    name: &str,
    bytes: &[u8],
    year: i32,
    limits: &Limits,
    mended: &Mended,
) -> Result<Read, Faults> {
    let mut report = Report::default();
    let mut sheets = match sheets_of(bytes, limits) {
        Ok(sheets) => sheets,
        Err(fault) => {
            let sheet = fault.sheet.clone();
            report.push(fault.file(name, sheet.as_deref()));
            return Err(report.finish());
        }
    };
    let Some(wanted) = headers::table(table_of(kind)) else { return Err(report.finish()) };
    let Some(at) = best(wanted, &sheets) else {
        report.push(Fault::error("empty_table", "文件中没有数据", "请确认没有选错文件").file(name, None));
        return Err(report.finish());
    };
    if is_published(kind, wanted, &sheets[at], &sheets) {
        return published(kind, name, bytes, year, limits);
    }
    let sheet = sheets.swap_remove(at).mended(mended, false);
    let encoding = sheet.encoding;
    let part = Part { file: name.to_owned(), table: wanted, sheet };
    let found = Found { parts: vec![part], ..Found::default() };
    let (rows, repairs) =
        one(kind, &found, year, &mut report).map_err(|()| std::mem::take(&mut report).finish())?;
    if rows.is_empty() {
        report.push(Fault::error("empty_table", "只有表头,没有数据", "请确认没有选错文件").file(name, None));
    }
    Ok(Read { rows, faults: report.finish(), repairs, encoding })
}

type RepairList = Vec<(String, &'static str, usize)>;

/// Joins what was read of a table with its further columns; an unread table is an error.
fn joined<T, M, R>(
    main: Loaded<T>,
    more: Loaded<M>,
    columns: BTreeSet<&'static str>,
    report: &mut Report,
    repairs: &mut RepairList,
    join: impl Fn(T, M) -> R,
) -> Result<Table<R>, ()> {
    let mut put_right = Repairs::new();
    for (key, count) in main.repairs.into_iter().chain(more.repairs) {
        *put_right.entry(key).or_default() += count;
    }
    repairs.extend(put_right.into_iter().map(|((column, what), count)| (column, what, count)));
    report.join(main.report);
    report.join(more.report);
    if !main.read {
        return Err(());
    }
    let sound = main.sound.iter().zip(&more.sound).map(|(a, b)| *a && *b).collect::<Vec<_>>();
    let values = main.rows.into_iter().zip(more.rows).zip(main.numbers).zip(sound);
    let rows = values.map(|(((value, more), number), sound)| Row { number, sound, value: join(value, more) });
    Ok(Table { rows: rows.collect(), columns })
}

/// Reads a table and its further columns in two passes over the same rows.
fn both<T: Send, M>(
    found: &Found,
    id: &str,
    main: impl FnOnce(&Source<'_>, &mut Loaded<T>),
    further: impl FnOnce(&Source<'_>, &mut Loaded<M>),
) -> (Loaded<T>, Loaded<M>, BTreeSet<&'static str>) {
    let mut more = Loaded::new();
    let mut columns = BTreeSet::new();
    let first = load(found, id, |source, out| {
        columns = source.layout.present();
        main(source, out);
        further(source, &mut more);
    });
    (first, more, columns)
}

fn nothing(source: &Source<'_>, out: &mut Loaded<()>) {
    source.each_more(out, |_| Some(()));
}

fn parts(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for part in text.split([';', '\u{ff1b}', '、', '|']).map(str::trim).filter(|p| !p.is_empty()) {
        if !out.iter().any(|known| known == part) {
            out.push(part.to_owned());
        }
    }
    out
}

fn one(kind: Kind, found: &Found, year: i32, report: &mut Report) -> Result<(Rows, RepairList), ()> {
    let mut repairs = Vec::new();
    let r = &mut repairs;
    let rows = match kind {
        Kind::Departments => {
            let (main, more, columns) = both(found, "departments", tables::departments, |s, out| {
                let (aliases, contact) = (s.layout.place("aliases"), s.layout.place("contact"));
                s.each_more(out, |c| Some((parts(&c.text(aliases)), c.text(contact))));
            });
            Rows::Departments(joined(main, more, columns, report, r, |base, (aliases, contact)| {
                DepartmentRow { base, aliases, contact }
            })?)
        }
        Kind::Subjects => Rows::Subjects(subjects(found, report, r)?),
        Kind::Inspectors => {
            let rules = Rules::default();
            let read = |s: &Source<'_>, out: &mut Loaded<_>| tables::inspectors(s, out, &rules);
            let (main, more, columns) = both(found, "inspectors", read, |s, out| {
                let (reserve, email) = (s.layout.place("reserve"), s.layout.place("email"));
                s.each_more(out, |c| Some((c.yes_no(reserve, false), c.text(email))));
            });
            let join = |base, (reserve, email)| InspectorRow { base, reserve, email };
            Rows::Inspectors(joined(main, more, columns, report, r, join)?)
        }
        Kind::Certificates => {
            let (main, more, columns) = both(found, "qualifications", tables::qualifications, nothing);
            Rows::Certificates(joined(main, more, columns, report, r, |base, ()| base)?)
        }
        Kind::Leave => {
            let (main, more, columns) = both(found, "leave", tables::leave, nothing);
            Rows::Leave(joined(main, more, columns, report, r, |base, ()| base)?)
        }
        Kind::Recusals => {
            let (main, more, columns) = both(found, "recusals", tables::recusals, nothing);
            Rows::Recusals(joined(main, more, columns, report, r, |base, ()| base)?)
        }
        Kind::Items => Rows::Items(items(found, report, r)?),
        Kind::Plans => Rows::Plans(plan_rows(found, year, report, r)?),
    };
    Ok((rows, repairs))
}

fn subjects(found: &Found, report: &mut Report, repairs: &mut RepairList) -> Result<Table<SubjectRow>, ()> {
    let mut reg_nos = Vec::new();
    let (main, more, columns) = both(
        found,
        "subjects",
        |s, out| tables::subjects(s, out, &mut reg_nos),
        |s, out| {
            let l = &s.layout;
            let (phone, tags, departments) = (l.place("phone"), l.place("tags"), l.place("departments"));
            let (abnormal, serious) = (l.place("abnormal"), l.place("serious"));
            s.each_more(out, |c| {
                Some(SubjectRow {
                    base: blank_subject(),
                    registration_no: String::new(),
                    phone: c.code(phone),
                    tags: parts(&c.text(tags)),
                    departments: parts(&c.text(departments)),
                    abnormal: c.yes_no(abnormal, false),
                    serious: c.yes_no(serious, false),
                })
            });
        },
    );
    let mut table =
        joined(main, more, columns, report, repairs, |base, row: SubjectRow| SubjectRow { base, ..row })?;
    for (row, number) in table.rows.iter_mut().zip(reg_nos) {
        row.value.registration_no = number.unwrap_or_default();
    }
    Ok(table)
}

fn blank_subject() -> crate::domain::planning::input::Subject {
    crate::domain::planning::input::Subject {
        key: String::new(),
        has_uscc: false,
        name: String::new(),
        kind: String::new(),
        division: String::new(),
        town: String::new(),
        address: String::new(),
        industry: String::new(),
        industry_name: String::new(),
        credit: String::new(),
        founded: None,
        lon: None,
        lat: None,
        contact: String::new(),
    }
}

fn category(word: &str) -> Option<Category> {
    match word {
        "一般" | "一般检查事项" | "一般事项" | "general" => Some(Category::General),
        "重点" | "重点检查事项" | "重点事项" | "key" => Some(Category::Key),
        _ => None,
    }
}

fn items(found: &Found, report: &mut Report, repairs: &mut RepairList) -> Result<Table<ItemRow>, ()> {
    let (main, more, columns) = both(found, "items", tables::items, |s, out| {
        let l = &s.layout;
        let (dept, field, object) = (l.place("dept_id"), l.place("field"), l.place("object"));
        let (content, basis, class) = (l.place("content"), l.place("basis"), l.place("category"));
        let (ratio, frequency, method) =
            (l.place("ratio"), l.place("frequency_text"), l.place("method_text"));
        let (body, requirement, remark) =
            (l.place("executing_body"), l.place("requirement"), l.place("remark"));
        s.each_more(out, |c| {
            let ratio = c.text(ratio);
            Some(ItemRow {
                code: String::new(),
                department: c.text(dept),
                name: String::new(),
                field: c.text(field),
                object: c.text(object),
                mode: None,
                notice: None,
                minutes: None,
                qualification: String::new(),
                equivalence_group: String::new(),
                cap: None,
                category: c
                    .word(class, category, "请填写:一般检查事项、重点检查事项")
                    .unwrap_or(Category::None),
                ratio: (!ratio.is_empty()).then(|| Ratio::parse(&ratio)),
                details: ItemDetails {
                    content: c.text(content),
                    basis: c
                        .text(basis)
                        .split(['|', ';', '\u{ff1b}'])
                        .map(str::trim)
                        .filter(|p| !p.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    frequency: c.text(frequency),
                    method: c.text(method),
                    executing_body: c.text(body),
                    requirement: c.text(requirement),
                    remark: c.text(remark),
                    ..ItemDetails::default()
                },
            })
        });
    });
    joined(main, more, columns, report, repairs, |item, row: ItemRow| ItemRow {
        code: item.id,
        name: item.name,
        mode: Some(item.mode),
        notice: Some(item.notice),
        minutes: Some(item.minutes),
        qualification: item.qual,
        equivalence_group: item.equiv,
        cap: (item.freq > 0).then_some(item.freq),
        details: ItemDetails {
            dept_key: item.dept_key,
            equivalence_name: item.equiv_name,
            season: item.season,
            expert: item.expert,
            ..row.details
        },
        ..row
    })
}

fn told(date: NaiveDate) -> Option<NaiveDate> {
    (date != NaiveDate::default()).then_some(date)
}

fn plan_rows(
    found: &Found,
    year: i32,
    report: &mut Report,
    repairs: &mut RepairList,
) -> Result<Table<PlanRow>, ()> {
    let (main, more, columns) = both(
        found,
        "plans",
        |s, out| plans::plans(s, out, Some(year), false),
        |s, out| {
            let (tags, window, remark) =
                (s.layout.place("tags"), s.layout.place("window"), s.layout.place("remark"));
            s.each_more(out, |c| Some((plans::filter(&c.text(tags)), c.text(window), c.text(remark))));
        },
    );
    joined(main, more, columns, report, repairs, |plan, (tags, window, remark)| PlanRow {
        code: plan.id,
        department: plan.dept_id,
        name: plan.name,
        items: plan.items,
        filter: SubjectFilter {
            kinds: plan.kinds,
            industries: plan.industries,
            towns: plan.towns,
            credits: plan.credits,
            tags,
            ..SubjectFilter::default()
        },
        ratio: plan.ratio,
        class_ratios: plan.class_ratios,
        from: told(plan.earliest),
        to: told(plan.latest),
        window,
        priority: plan.priority,
        details: PlanDetails { remark, ..PlanDetails::default() },
    })
}

/// A list or plan as departments publish them.
fn published(kind: Kind, name: &str, bytes: &[u8], year: i32, limits: &Limits) -> Result<Read, Faults> {
    let list_kind = if kind == Kind::Plans { ListKind::Plans } else { ListKind::Items };
    let list = lists::read_rows(name, bytes, list_kind, limits);
    if list.entries.is_empty() && list.warnings.has_errors() {
        return Err(list.warnings);
    }
    let names = |parties: &[lists::Party]| -> Vec<String> {
        let shown = |p: &lists::Party| match &p.condition {
            Some(condition) => format!("{}({condition})", p.name),
            None => p.name.clone(),
        };
        parties.iter().map(shown).collect()
    };
    let owner = |e: &lists::Entry| {
        if e.department.is_empty() {
            e.initiators.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(";")
        } else {
            e.department.clone()
        }
    };
    let rows = if kind == Kind::Plans {
        let row = |e: lists::Entry| {
            let dates = e.window.as_ref().and_then(|w| {
                let own = w.spans.iter().find_map(|s| s.to.year.or(s.from.and_then(|f| f.year)));
                w.dates(own.unwrap_or(year))
            });
            // Several spans are several batches; which one is meant only a person knows.
            let span = dates.filter(|d| d.len() == 1).and_then(|d| d.first().copied());
            PlanRow {
                code: String::new(),
                department: owner(&e),
                name: if e.field.is_empty() { e.item.clone() } else { e.field.clone() },
                items: Vec::new(),
                filter: SubjectFilter::default(),
                ratio: e.ratio.clone().unwrap_or_else(|| Ratio::parse("")),
                class_ratios: Vec::new(),
                from: span.map(|s| s.0),
                to: span.map(|s| s.1),
                window: e.window.as_ref().map(|w| w.text.clone()).unwrap_or_default(),
                priority: 3,
                details: PlanDetails {
                    initiators: names(&e.initiators),
                    partners: names(&e.partners),
                    any_partner: e.any_partner,
                    item_names: [e.item, e.sub_item].into_iter().filter(|t| !t.is_empty()).collect(),
                    object: e.subject_type,
                    method: e.method,
                    credit_rule: e.credit_rule,
                    remark: e.remark,
                    ..PlanDetails::default()
                },
            }
        };
        Rows::Plans(of_list(list.entries, row))
    } else {
        let row = |e: lists::Entry| ItemRow {
            code: String::new(),
            department: owner(&e),
            name: e.item.clone(),
            field: e.field.clone(),
            object: e.subject_type.clone(),
            mode: mode(&e.methods),
            notice: None,
            minutes: None,
            qualification: String::new(),
            equivalence_group: String::new(),
            cap: None,
            category: match e.category {
                Some(lists::Category::General) => Category::General,
                Some(lists::Category::Key) => Category::Key,
                None => Category::None,
            },
            ratio: e.ratio.clone(),
            details: ItemDetails {
                initiators: names(&e.initiators),
                partners: names(&e.partners),
                any_partner: e.any_partner,
                basis: e.legal_basis,
                content: e.sub_item,
                method: e.method,
                executing_body: e.executing_body,
                frequency: e.frequency,
                requirement: e.inspector_requirement,
                remark: e.remark,
                list_no: e.no,
                ..ItemDetails::default()
            },
        };
        Rows::Items(of_list(list.entries, row))
    };
    Ok(Read { rows, faults: list.warnings, repairs: Vec::new(), encoding: "" })
}

fn of_list<T>(entries: Vec<lists::Entry>, make: impl Fn(lists::Entry) -> T) -> Table<T> {
    let columns = headers::table("item_list").map(|t| t.columns.iter().map(|c| c.id.as_str()).collect());
    let rows = entries.into_iter().map(|e| Row { number: e.row, sound: e.sound, value: make(e) });
    Table { rows: rows.collect(), columns: columns.unwrap_or_default() }
}

/// The way of checking that needs most: whoever may have to enter must be planned to enter.
fn mode(methods: &[lists::Method]) -> Option<crate::domain::planning::input::CheckMode> {
    use crate::domain::planning::input::CheckMode;
    use lists::Method;
    let has = |m| methods.contains(&m);
    if has(Method::OnSite) || has(Method::Sampling) || has(Method::Professional) {
        Some(CheckMode::OnSite)
    } else if has(Method::Written) {
        Some(CheckMode::Written)
    } else if has(Method::Online) {
        Some(CheckMode::Online)
    } else {
        None
    }
}

/// What the kind of unit means for team modes, as the reader of the planning files understands it.
#[must_use]
pub fn unit_kind(unit_type: &str, unit: &str) -> crate::domain::planning::input::UnitKind {
    words::unit_kind(unit_type, unit)
}
