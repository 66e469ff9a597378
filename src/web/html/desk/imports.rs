//! Files into the registers: the dry run with every fault in its row and column, choosing all or the good rows, applying;
//! and files out of them.

use super::{once, onward, window};
use crate::domain::access::Action::{Import, ViewCommon};
use crate::domain::rows::Kind;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::imports;
use crate::web::api::imports::{self as api, ApplyBody, ExportQuery, ImportQuery};
use crate::web::call::Call;
use crate::web::html::field::Choice;
use crate::web::html::form::Form;
use crate::web::html::list::Pager;
use crate::web::html::ui::Ui;
use crate::web::html::{Done, Page};
use crate::web::page::Cursor;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

pub(super) fn pages(r: &mut Router) {
    // Before the page of one file: the last word is no identifier.
    r.page("/imports/new", Action(Import), new);
    r.form_steps("/imports/new", Action(Import), check, new).with_files();
    r.page("/imports/{id}", Action(Import), show);
    r.form_steps("/imports/{id}/apply", Action(Import), apply, show);
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
    let answer = api::check(&call, (), query, file.bytes.clone())?;
    onward(&call, answer, Done::to)
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

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, query: FaultQuery) -> Result<Page> {
    let row = imports::get(cx, id)?;
    let report = &row.report.0["check"];
    let n = |name: &str| report[name].as_u64().unwrap_or(0);
    let (rows, refused, errors) = (n("rows"), n("refused"), n("errors"));
    let good = n("new") + n("changed");
    let all = report["faults"].as_array().map_or(&[][..], Vec::as_slice);
    let (shown, next) = window(all, query.after.as_ref())?;
    let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("import kind"))?;
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
    let applied = row.state != "checked";
    let template = ShowPage {
        ui,
        id,
        version: row.version,
        kind: ui.word("im-kind", &row.kind),
        name: row.file_name.clone(),
        sha256: row.sha256.clone(),
        made: ui.time(&row.created_at.0),
        applied,
        tiles: vec![
            tile("rows", "im-rows", false),
            tile("new", "im-new", false),
            tile("changed", "im-changed", false),
            tile("unchanged", "im-unchanged", false),
            tile("refused", "im-refused", true),
            tile("errors", "im-errors", true),
            tile("warnings", "im-warnings", false),
        ],
        errors,
        good,
        choices,
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
    let answer = api::apply(&call, id, body)?;
    if answer.refusal.is_some() {
        return Ok(answer);
    }
    Done::to(format!("/imports/{id}")).say("im-applied").answer(&call)
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
    let show = |applied: bool, errors: u64, faults| ShowPage {
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
