//! Files into the registers: the dry run with every fault in its row and column, choosing all or the good rows, applying;
//! and files out of them.

use super::{once, onward, window};
use crate::domain::access::Action::{Import, ViewCommon};
use crate::domain::rows::Kind;
use crate::error::{Error, Result};
use crate::exchange::headers::Layout;
use crate::exchange::table::{Row, Sheet};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::imports::{self, Cell};
use crate::service::jobs::{self, Work};
use crate::web::api::imports::{self as api, ApplyBody, ExportQuery, ImportQuery};
use crate::web::api::jobs::started;
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::jobs::goes_on;
use crate::web::html::list::Pager;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::Cursor;
use crate::web::reply::{Answer, Empty};
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    // Before the page of one file: the last word is no identifier.
    r.page("/imports/new", Action(Import), new);
    r.form_steps("/imports/new", Action(Import), check, new).with_files();
    r.page("/imports/{id}", Action(Import), show);
    r.form_steps("/imports/{id}/apply", Action(Import), apply, show);
    r.form_steps("/imports/{id}/cells", Action(Import), mend, show);
    r.form_steps("/imports/{id}/check", Action(Import), check_again, show);
    r.page_view("/imports/{id}/marked", Action(Import), api::marked);
    r.page_view("/exports", Action(ViewCommon), export);
}

/// Which register.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct KindQuery {
    /// Kind.
    kind: String,
}

#[derive(Template)]
#[template(path = "desk/import_new.html")]
struct NewPage<'a> {
    ui: &'a Ui,
    kinds: Vec<Choice>,
    lists: Vec<Choice>,
    year: i32,
    items: bool,
    plans: bool,
    export: String,
}

/// Where the list of a kind of things is.
const fn home(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Items => ("/items", "nav-items"),
        Kind::Subjects => ("/subjects", "nav-subjects"),
        Kind::Plans => ("/plans", "nav-plans"),
        _ => ("/inspectors", "nav-inspectors"),
    }
}

fn new(_: &mut Cx<'_>, ui: &Ui, (): (), query: KindQuery) -> Result<Page> {
    let kind = Kind::parse(&query.kind).unwrap_or(Kind::Subjects);
    let kinds = Kind::ALL
        .iter()
        .filter(|k| **k != Kind::Departments)
        .map(|k| Choice::new(k.as_str(), ui.word("im-kind", k.as_str())).chosen(*k == kind));
    let template = NewPage {
        ui,
        kinds: kinds.collect(),
        lists: vec![
            Choice::new("own", ui.word("it-level", "own")).chosen(true),
            Choice::new("upper", ui.word("it-level", "upper")),
        ],
        year: ui.today.year(),
        items: kind == Kind::Items,
        plans: kind == Kind::Plans,
        export: format!("/exports?kind={}", kind.as_str()),
    };
    let page = Page::new(ui.t("im-title"), &template)?.lead(ui.t("im-lead")).narrow();
    let (path, key) = home(kind);
    Ok(if ui.has(path) { page.under(path, ui.t(key)) } else { page })
}

/// What a file is, beside its bytes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckBody {
    /// Kind.
    kind: String,
    /// `own` or `upper`.
    #[serde(default)]
    list: Option<String>,
    /// Year of plans that name none.
    #[serde(default)]
    year: Option<i32>,
}

fn check(call: &Call, (): (), _: &KindQuery, body: CheckBody, form: &Form) -> Result<Answer> {
    let Some(file) = form.file("file").filter(|f| !f.bytes.is_empty()) else {
        return Err(Error::field("/file", "required", "请选择文件"));
    };
    let kind = Kind::parse(&body.kind);
    let query = ImportQuery {
        name: Some(file.name.chars().take(200).collect()),
        department: None,
        list: body.list.clone().filter(|_| kind == Some(Kind::Items)),
        year: body.year.filter(|_| kind == Some(Kind::Plans)),
        kind: body.kind.clone(),
    };
    let call = once(call, form, &(&body, &file.name, hex::encode(Sha256::digest(&file.bytes))));
    let bytes = file.bytes.clone();
    let answer = if api::is_large(&bytes) {
        api::check_later(&call, (), query, bytes)?
    } else {
        api::check(&call, (), query, bytes)?
    };
    onward(&call, answer, |place| goes_on(place, "im-checked"))
}

struct Fault {
    place: String,
    column: String,
    value: String,
    why: String,
    cure: String,
    error: bool,
}

struct Tile {
    figure: u64,
    key: &'static str,
    red: bool,
}

#[derive(Template)]
#[template(path = "desk/import.html")]
struct ShowPage<'a> {
    ui: &'a Ui,
    id: Id,
    version: i64,
    kind: String,
    name: String,
    sha256: String,
    made: String,
    applied: bool,
    tiles: Vec<Tile>,
    errors: u64,
    good: u64,
    choices: Vec<Choice>,
    grid: Option<Grid>,
    skipped: Vec<u32>,
    mended: usize,
    /// There is something to mark.
    marked: bool,
    /// The work on it that is not over.
    job: Option<(String, String)>,
    faults: Vec<Fault>,
    more: u64,
    repairs: Vec<(String, String)>,
    list: Option<(String, String)>,
    pager: Pager<'a>,
}

fn fault(ui: &Ui, f: &Value) -> Fault {
    let text = |name: &str| f[name].as_str().unwrap_or_default().to_owned();
    let row = f["row"].as_u64().unwrap_or(0);
    let place = if row == 0 { ui.t("im-whole") } else { ui.n("im-row", row) };
    let sheet = text("sheet");
    Fault {
        place: if sheet.is_empty() { place } else { format!("{sheet} · {place}") },
        column: text("column"),
        value: text("value"),
        why: ui.told(&text("why")),
        cure: ui.told(&text("cure")),
        error: f["severity"] == "error",
    }
}

/// Where in the list of faults.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct FaultQuery {
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A cell of the file, as the page shows it.
struct GridCell {
    /// Row and column.
    key: String,
    title: String,
    text: String,
    /// It can be put right here.
    open: bool,
    /// What is wrong with it and what to do.
    faults: Vec<String>,
    error: bool,
}

/// A row of the file with faults, or one beside it.
struct GridRow {
    number: u32,
    cells: Vec<GridCell>,
    /// What is wrong with the row as a whole.
    faults: Vec<String>,
    error: bool,
    /// There is something wrong with it.
    faulty: bool,
}

/// The part of the file that has faults.
struct Grid {
    titles: Vec<String>,
    rows: Vec<GridRow>,
}

/// Number of the row of titles.
fn header_of(sheet: &Sheet, layout: &Layout) -> u32 {
    sheet.row(layout.first - 1).number
}

fn row_of(f: &Value) -> u32 {
    f["row"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

/// These rows of the file with the faults in their cells, each with the row before it.
fn grid(ui: &Ui, sheet: &Sheet, layout: &Layout, wanted: &[u32], faults: &[&Value]) -> Grid {
    let head = sheet.row(layout.first - 1);
    let titles: Vec<String> = head.texts().map(|t| t.trim().to_owned()).collect();
    let mut of_row: BTreeMap<u32, Vec<&Value>> = BTreeMap::new();
    for f in faults {
        of_row.entry(row_of(f)).or_default().push(f);
    }
    let mut rows = Vec::new();
    let mut before = None;
    for at in layout.first..sheet.len() {
        let row = sheet.row(at);
        if wanted.binary_search(&row.number).is_ok() {
            if let Some(near) = before.take() {
                rows.push(grid_row(ui, near, &titles, &[], layout));
            }
            let own = of_row.get(&row.number).map_or(&[][..], Vec::as_slice);
            rows.push(grid_row(ui, row, &titles, own, layout));
        } else {
            before = Some(row);
        }
    }
    Grid { titles, rows }
}

fn grid_row(ui: &Ui, row: Row<'_>, titles: &[String], faults: &[&Value], layout: &Layout) -> GridRow {
    let text = |f: &Value, name: &str| f[name].as_str().unwrap_or_default().to_owned();
    let told = |f: &Value| {
        let (why, cure) = (ui.told(&text(f, "why")), ui.told(&text(f, "cure")));
        if cure.is_empty() { why } else { format!("{why} {cure}") }
    };
    let column = |f: &Value| layout.find_column(&text(f, "column")).filter(|c| *c < titles.len());
    let is_error = |f: &Value| f["severity"] == "error";
    let whole: Vec<&&Value> = faults.iter().filter(|f| column(f).is_none()).collect();
    let cells = titles.iter().enumerate().map(|(at, title)| {
        let own: Vec<&&Value> = faults.iter().filter(|f| column(f) == Some(at)).collect();
        GridCell {
            key: format!("{}-{at}", row.number),
            title: title.clone(),
            text: row.text(at).to_owned(),
            // What is wrong with the row as a whole may be mended in any of its cells.
            open: !own.is_empty() || !whole.is_empty(),
            error: own.iter().any(|f| is_error(f)),
            faults: own.iter().map(|f| told(f)).collect(),
        }
    });
    let named = |f: &Value| {
        let name = text(f, "column");
        if name.is_empty() { told(f) } else { format!("{name}{}{}", ui.t("colon"), told(f)) }
    };
    GridRow {
        number: row.number,
        cells: cells.collect(),
        faults: whole.iter().map(|f| named(f)).collect(),
        error: faults.iter().any(|f| is_error(f)),
        faulty: !faults.is_empty(),
    }
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: FaultQuery) -> Result<Page> {
    let row = imports::get(cx, id)?;
    let report = &row.report.0["check"];
    let n = |name: &str| report[name].as_u64().unwrap_or(0);
    let (rows, refused, errors) = (n("rows"), n("refused"), n("errors"));
    let good = n("new") + n("changed");
    let (waits, applied) = (row.state == "received", row.state == "applied");
    let all = report["faults"].as_array().map_or(&[][..], Vec::as_slice);
    let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("import kind"))?;
    // A file that was applied is not mended any more.
    let file = if waits || applied { None } else { api::grid_of(&row)? };
    let table = file.as_ref().and_then(|f| f.main.as_ref().map(|(at, layout)| (&f.sheets[*at], layout)));
    let head = table.map(|(sheet, layout)| header_of(sheet, layout));
    let (inside, outside): (Vec<&Value>, Vec<&Value>) =
        all.iter().partition(|f| head.is_some_and(|head| row_of(f) > head));
    let mut numbers: Vec<u32> = inside.iter().map(|f| row_of(f)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (grid, shown, next) = match table.filter(|_| !numbers.is_empty()) {
        Some((sheet, layout)) => {
            let (here, next) = window(&numbers, query.after.as_ref())?;
            let here: Vec<u32> = here.into_iter().copied().collect();
            let shown: Vec<&Value> = outside.into_iter().take(50).collect();
            (Some(grid(ui, sheet, layout, &here, &inside)), shown, next)
        }
        None => {
            let (shown, next) = window(&outside, query.after.as_ref())?;
            (None, shown.into_iter().copied().collect(), next)
        }
    };
    let (path, key) = home(kind);
    let path = if kind == Kind::Items { "/items?state=draft" } else { path };
    let tile = |name: &'static str, key, red| Tile { figure: n(name), key, red: red && n(name) > 0 };
    let mut choices = Vec::new();
    if errors == 0 {
        choices.push(Choice::new("all", ui.n("im-mode-all", rows)).chosen(true));
    }
    if rows > refused {
        let label = ui.n("im-mode-good", rows - refused);
        choices.push(Choice::new("good_rows", label).hint(ui.t("im-mode-good-hint")).chosen(errors > 0));
    }
    let repairs = report["repairs"].as_array().map_or(&[][..], Vec::as_slice).iter().map(|r| {
        let text = |name: &str| r[name].as_str().unwrap_or_default();
        let cells = ui.n("im-cells", r["cells"].as_u64().unwrap_or(0));
        (text("column").to_owned(), format!("{} · {cells}", ui.told(text("what"))))
    });
    let mended = imports::mended(&row);
    let open = jobs::open_about(cx, id)?;
    let template = ShowPage {
        ui,
        id,
        version: row.version,
        kind: ui.word("im-kind", &row.kind),
        name: row.file_name.clone(),
        sha256: row.sha256.clone(),
        made: ui.time(&row.created_at.0),
        applied,
        tiles: if waits {
            Vec::new()
        } else {
            vec![
                tile("rows", "im-rows", false),
                tile("new", "im-new", false),
                tile("changed", "im-changed", false),
                tile("unchanged", "im-unchanged", false),
                tile("refused", "im-refused", true),
                tile("errors", "im-errors", true),
                tile("warnings", "im-warnings", false),
            ]
        },
        errors,
        good,
        choices,
        grid,
        skipped: mended.skipped.iter().copied().collect(),
        mended: mended.cells(),
        marked: !waits && !all.is_empty(),
        job: open.map(|j| (format!("/jobs/{}?then=result", j.id), ui.word("job-kind", &j.kind))),
        faults: shown.into_iter().map(|f| fault(ui, f)).collect(),
        more: n("more_faults"),
        repairs: repairs.collect(),
        list: ui.has(path).then(|| (path.to_owned(), ui.t(key))),
        pager: Pager::new(ui, &[], query.after.is_some(), next.as_deref()),
    };
    let title = ui.t(if applied { "im-applied-title" } else { "im-checked-title" });
    let page = Page::new(title, &template)?;
    let (path, key) = home(kind);
    Ok(if ui.has(path) { page.under(path, ui.t(key)) } else { page })
}

fn apply(call: &Call, id: Id, _: &FaultQuery, body: ApplyBody, form: &Form) -> Result<Answer> {
    let call = once(call, form, &(id, &body));
    let answer = api::apply_or_start(&call, id, body)?;
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    if answer.status == 202 {
        return onward(&call, answer, |place| goes_on(place, "im-applied"));
    }
    Done::to(format!("/imports/{id}")).say("im-applied").answer(&call)
}

/// Checks a file whose first check was cancelled or could not be done.
fn check_again(call: &Call, id: Id, _: &FaultQuery, body: Empty, form: &Form) -> Result<Answer> {
    let call = once(call, form, &(id, &body));
    let answer = match call.replayed()? {
        Some(answer) => answer,
        None => started(&call, Work::ImportCheck { import: id })?,
    };
    onward(&call, answer, |place| goes_on(place, "im-checked"))
}

/// Cells put right on the page, rows left out or taken back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct MendBody {
    /// The cells the page had, row and column: a browser sends an emptied one like any other, but a form takes it for none.
    shown: Vec<String>,
    /// What they say now.
    cells: BTreeMap<String, String>,
    /// Rows to leave out.
    skip: Vec<u32>,
    /// Rows to take back.
    back: Vec<u32>,
}

/// Which cells say something else than in the file as it is.
fn changed(sheet: &Sheet, layout: &Layout, body: &MendBody) -> Result<Vec<Cell>> {
    let unknown = || Error::refused("import_changed", "文件已变化,请刷新页面后再改");
    let (width, head) = (sheet.row(layout.first - 1).len(), header_of(sheet, layout));
    let rows: BTreeMap<u32, Row<'_>> = sheet.rows().map(|r| (r.number, r)).collect();
    let mut cells = Vec::new();
    for key in &body.shown {
        let place = key.split_once('-').and_then(|(r, c)| Some((r.parse().ok()?, c.parse().ok()?)));
        let (number, column): (u32, usize) = place.ok_or_else(unknown)?;
        let row = rows.get(&number).filter(|_| number > head && column < width).ok_or_else(unknown)?;
        let text = body.cells.get(key).map_or("", String::as_str).trim();
        if text != row.text(column).trim() {
            cells.push(Cell { row: number, column, text: text.to_owned() });
        }
    }
    if body.skip.iter().any(|row| *row <= head || !rows.contains_key(row)) {
        return Err(unknown());
    }
    Ok(cells)
}

fn mend(call: &Call, id: Id, _: &FaultQuery, body: MendBody, form: &Form) -> Result<Answer> {
    let call = once(call, form, &(id, &body));
    let to = |place: String| goes_on(place, "im-mended");
    if let Some(answer) = call.replayed()? {
        return onward(&call, answer, to);
    }
    let row = call.read(|cx| imports::get(cx, id))?;
    let file = api::grid_of(&row)?;
    let table = file.as_ref().and_then(|f| f.main.as_ref().map(|(at, layout)| (&f.sheets[*at], layout)));
    let (sheet, layout) =
        table.ok_or_else(|| Error::refused("import_not_a_table", "这个文件不能在页面上更正"))?;
    let cells = changed(sheet, layout, &body)?;
    if cells.is_empty() && body.skip.is_empty() && body.back.is_empty() {
        return Err(Error::refused("nothing_mended", "没有改动任何一格,也没有勾选不导入的行"));
    }
    let answer = api::mend(&call, id, cells, body.skip, body.back)?;
    onward(&call, answer, to)
}

fn export(call: &Call, (): (), query: ExportQuery) -> Result<Answer> {
    api::export(call, (), query)
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let new = |items, plans| NewPage {
        ui,
        kinds: vec![Choice::new("items", ui.word("im-kind", "items"))],
        lists: vec![Choice::new("own", ui.word("it-level", "own"))],
        year: 2026,
        items,
        plans,
        export: text("/exports?kind=items"),
    };
    let fault = |error| Fault {
        place: ui.n("im-row", 3_u64),
        column: text("统一社会信用代码"),
        value: text("9.146900E17"),
        why: text("被表格软件改成了浮点数"),
        cure: text("请把这一列设为文本后重新填写"),
        error,
    };
    let cell = |at: usize, open: bool, faults: Vec<String>| GridCell {
        key: format!("3-{at}"),
        title: text("统一社会信用代码"),
        text: text("9.146900E17"),
        open,
        error: !faults.is_empty(),
        faults,
    };
    let row = |number, faulty: bool| GridRow {
        number,
        cells: vec![
            cell(0, faulty, if faulty { vec![text("被表格软件改成了浮点数")] } else { Vec::new() }),
            cell(1, false, Vec::new()),
        ],
        faults: if faulty { vec![text("前面已有一行是同一个检查对象")] } else { Vec::new() },
        error: faulty,
        faulty,
    };
    let show = |applied: bool, errors: u64, faults: Vec<Fault>| ShowPage {
        ui,
        id: Id(uuid::Uuid::from_u128(3)),
        version: 1,
        kind: ui.word("im-kind", "subjects"),
        name: text("名录.xlsx"),
        sha256: text("ab12"),
        made: text("2026年5月8日 10:30"),
        applied,
        tiles: vec![
            Tile { figure: 12, key: "im-rows", red: false },
            Tile { figure: 2, key: "im-errors", red: true },
        ],
        errors,
        good: 10,
        choices: if applied {
            Vec::new()
        } else {
            vec![Choice::new("good_rows", ui.n("im-mode-good", 10_u64))]
        },
        grid: (errors > 0).then(|| Grid {
            titles: vec![text("统一社会信用代码"), text("市场主体名称")],
            rows: vec![row(2, false), row(3, true)],
        }),
        skipped: if applied { Vec::new() } else { vec![7, 9] },
        mended: 2,
        marked: !faults.is_empty(),
        job: (errors > 0).then(|| (text("/jobs/0199aaaa"), ui.word("job-kind", "import_apply"))),
        faults,
        more: 3,
        repairs: vec![(text("注册号"), text("由数字还原为文本"))],
        list: Some((text("/account"), ui.t("nav-subjects"))),
        pager: Pager::new(ui, &[], true, Some("x")),
    };
    vec![
        Page::new(ui.t("im-title"), &new(true, false)).unwrap(),
        Page::new(ui.t("im-title"), &new(false, true)).unwrap(),
        Page::new(ui.t("im-checked-title"), &show(false, 2, vec![fault(true), fault(false)])).unwrap(),
        Page::new(ui.t("im-checked-title"), &show(false, 0, Vec::new())).unwrap(),
        Page::new(ui.t("im-applied-title"), &show(true, 0, Vec::new())).unwrap(),
    ]
}
