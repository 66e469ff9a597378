//! A draw as the overseer checks it: with the list behind the pool, its key and the inspectors.

use crate::domain::access::Action::AuditDraw;
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::verify::{Status, Verdict, verify};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::{self, pool, public};
use crate::store::draws::draw_pools;
use crate::web::api::draws as api;
use crate::web::html::Page;
use crate::web::html::ui::Ui;
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page("/draws/{id}/audit", Action(AuditDraw), show);
    r.page_view("/draws/{id}/audit/file", Action(AuditDraw), api::audit);
}

/// A statement of the check.
struct Checked {
    text: String,
    class: &'static str,
    word: String,
}

/// What there is once the draw has ended.
struct Material {
    verdict: &'static str,
    failed: Vec<Checked>,
    checks: Vec<Checked>,
    subjects: usize,
    inspectors: usize,
    excluded: Vec<(String, String)>,
    left_out: Vec<String>,
    file: String,
}

#[derive(Template)]
#[template(path = "draws/audit.html")]
struct AuditPage<'a> {
    ui: &'a Ui,
    id: Id,
    state: String,
    draw_id: String,
    material: Option<Material>,
}

/// Rows of a list that are shown; the rest is in the file.
const MOST: usize = 200;

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let (draw, loaded) = draws::find(cx, id)?;
    cx.may(AuditDraw, &loaded.scope())?;
    let keys = cx.keys;
    let material = match public::audit(cx, &keys.draw, id) {
        Ok(bytes) => Some(material(cx, ui, id, draw.pool_id, &bytes)?),
        Err(Error::Refused { .. }) => None,
        Err(error) => return Err(error),
    };
    let template = AuditPage { ui, id, state: draw.state.clone(), draw_id: draw.draw_id.clone(), material };
    let page = Page::new(ui.t("audit-title"), &template)?.lead(ui.t("audit-lead"));
    let i = &loaded.inspection;
    let page = page.under("/draws", ui.t("nav-draws"));
    let page = page.under(format!("/inspections/{}", i.id), i.name.clone());
    Ok(page.under(format!("/draws/{id}"), ui.n("draw-nth", draw.attempt)))
}

fn material(cx: &mut Cx<'_>, ui: &Ui, id: Id, pool: Option<Id>, bytes: &[u8]) -> Result<Material> {
    let bundle = Bundle::parse(bytes).map_err(|f| Error::internal(&f))?;
    let report = verify(&bundle, None);
    let content = match pool {
        Some(pool) => Some(pool::Content::of(&draw_pools::need(cx.db, pool)?)?),
        None => None,
    };
    let checked = |s: &crate::domain::draw::verify::Statement| {
        let (class, key) = match s.status {
            Status::Verified => ("passed", "check-verified"),
            Status::Failed => ("problem", "check-failed"),
            Status::Note => ("", "check-note"),
        };
        Checked { text: ui.told(&s.text), class, word: ui.t(key) }
    };
    let (excluded, left_out) = content.map(|c| (c.excluded, c.left_out)).unwrap_or_default();
    Ok(Material {
        verdict: match report.verdict() {
            Verdict::Verified => "verified",
            Verdict::Unfinished => "unfinished",
            Verdict::Failed => "failed",
        },
        failed: report.statements.iter().filter(|s| s.status == Status::Failed).map(checked).collect(),
        checks: report.statements.iter().map(checked).collect(),
        subjects: bundle.audit.as_ref().map_or(0, |a| a.subjects.len()),
        inspectors: bundle.inspectors.as_ref().map_or(0, Vec::len),
        excluded: excluded
            .into_iter()
            .take(MOST)
            .map(|(token, code)| (token, ui.word("excluded", &code.to_lowercase())))
            .collect(),
        left_out: left_out.iter().take(MOST).map(|l| ui.told(&l.text)).collect(),
        file: format!("draw-{id}-audit.json"),
    })
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let page = |material| AuditPage {
        ui,
        id: Id(uuid::Uuid::from_u128(7)),
        state: text("resulted"),
        draw_id: "cd".repeat(32),
        material,
    };
    let checked =
        |class| Checked { text: text("名录320户与承诺一致"), class, word: ui.t("check-verified") };
    let material = |verdict| Material {
        verdict,
        failed: if verdict == "failed" { vec![checked("problem")] } else { Vec::new() },
        checks: vec![checked("passed")],
        subjects: 320,
        inspectors: 24,
        excluded: vec![(text("R:350403000001"), ui.word("excluded", "cap"))],
        left_out: vec![text("李四：执法证件已过期")],
        file: text("draw-7-audit.json"),
    };
    [page(None), page(Some(material("verified"))), page(Some(material("failed")))]
        .iter()
        .map(|p| Page::new(ui.t("audit-title"), p).unwrap())
        .collect()
}
