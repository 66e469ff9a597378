//! The archive of a joint inspection: whether it is complete, who must still act, and the file itself.

use crate::domain::access::Action::ViewArchive;
use crate::domain::archive::Gap;
use crate::error::Result;
use crate::ids::Id;
use crate::service::archive::{self, Shown};
use crate::web::api::archive as api;
use crate::web::call::Call;
use crate::web::html::ui::Ui;
use crate::web::html::{self, Page};
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page_view("/inspections/{id}/archive", Action(ViewArchive), api::bundle);
    r.page_view("/inspections/{id}/archive/check", Action(ViewArchive), check);
}

/// Something that is missing.
struct Missing {
    about: String,
    who: String,
    text: String,
}

#[derive(Template)]
#[template(path = "inspections/archive.html")]
struct ArchivePage<'a> {
    ui: &'a Ui,
    id: Id,
    missing: Vec<Missing>,
    files: Vec<String>,
    days: u32,
}

fn check(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let vault = call.server.files.clone();
    let days = call.server.rules.retention.journal_days;
    html::shown(call, move |cx, ui| {
        let found = archive::completeness(cx, id, &|sha256| vault.get(sha256))?;
        page(ui, id, &found, days)
    })
}

fn page(ui: &Ui, id: Id, found: &Shown, days: u32) -> Result<Page> {
    let missing = |g: &Gap| Missing {
        about: if g.about.is_empty() { ui.t("archive-whole") } else { g.about.clone() },
        who: ui.told(&found.who(g.who)),
        text: ui.told(&g.text),
    };
    let template = ArchivePage {
        ui,
        id,
        missing: found.checked.gaps.iter().map(missing).collect(),
        files: found.checked.files.clone(),
        days,
    };
    let i = &found.inspection;
    let page = Page::new(ui.t("archive-title"), &template)?.lead(i.number.clone());
    let page = page.under("/inspections", ui.t("nav-inspections"));
    Ok(page.under(format!("/inspections/{id}"), i.name.clone()))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let page = |missing| ArchivePage {
        ui,
        id: Id(uuid::Uuid::from_u128(3)),
        missing,
        files: vec![text("manifest.json"), text("draws/01-ab.json")],
        days: 3650,
    };
    let gap =
        Missing { about: text("V-1"), who: text("市场监管局"), text: text("检查结果未公示") };
    [page(vec![gap]), page(Vec::new())].iter().map(|p| Page::new(ui.t("archive-title"), p).unwrap()).collect()
}
