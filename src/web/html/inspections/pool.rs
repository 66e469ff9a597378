//! The frozen list of a joint inspection in figures: who can be drawn, who cannot and why, who could not be sent.

use crate::domain::access::Action::{OperateDraw, ViewDraw};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::pool;
use crate::service::inspections;
use crate::web::html::Page;
use crate::web::html::ui::Ui;
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use std::collections::BTreeMap;

pub(super) fn pages(r: &mut Router) {
    r.page("/inspections/{id}/pool", Action(ViewDraw), show);
}

/// Rows that are shown of each list.
const MOST: usize = 200;

struct Frozen {
    root: String,
    at: String,
    subjects: usize,
    inspectors: usize,
    strata: Vec<(String, u64)>,
    reasons: Vec<(String, usize)>,
    excluded: Vec<(String, String)>,
    /// More are excluded than are shown.
    more: usize,
    left_out: Vec<String>,
}

#[derive(Template)]
#[template(path = "inspections/pool.html")]
struct PoolPage<'a> {
    ui: &'a Ui,
    id: Id,
    frozen: Option<Frozen>,
    operates: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let loaded = inspections::load_for(cx, id, ViewDraw)?;
    let operates = cx.can(OperateDraw, &loaded.scope());
    let frozen = match pool::current(cx, id) {
        Ok(pool::Shown { pool, content }) => {
            let strata = content.sizes().into_iter().collect();
            let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
            for (_, code) in &content.excluded {
                *reasons.entry(ui.word("excluded", &code.to_lowercase())).or_default() += 1;
            }
            Some(Frozen {
                root: pool.root,
                at: ui.time(&pool.created_at.0),
                subjects: content.subjects.len(),
                inspectors: content.inspectors.len(),
                strata,
                reasons: reasons.into_iter().collect(),
                more: content.excluded.len().saturating_sub(MOST),
                excluded: content
                    .excluded
                    .into_iter()
                    .take(MOST)
                    .map(|(token, code)| (token, ui.word("excluded", &code.to_lowercase())))
                    .collect(),
                left_out: content.left_out.iter().map(|l| ui.told(&l.text)).collect(),
            })
        }
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let i = &loaded.inspection;
    let template = PoolPage { ui, id, frozen, operates };
    let page = Page::new(ui.t("pool-title"), &template)?.lead(i.number.clone());
    let page = page.under("/inspections", ui.t("nav-inspections"));
    Ok(page.under(format!("/inspections/{id}"), i.name.clone()))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let text = |t: &str| t.to_owned();
    let frozen = Frozen {
        root: "ab".repeat(32),
        at: text("2026年5月8日 09:00"),
        subjects: 320,
        inspectors: 24,
        strata: vec![(text("A"), 300), (text("B"), 20)],
        reasons: vec![(ui.word("excluded", "cap"), 3)],
        excluded: vec![(text("R:350403000001"), ui.word("excluded", "cap"))],
        more: 2,
        left_out: vec![text("李四：执法证件已过期")],
    };
    let page = |frozen| PoolPage { ui, id: Id(uuid::Uuid::from_u128(3)), frozen, operates: true };
    [page(Some(frozen)), page(None)].iter().map(|p| Page::new(ui.t("pool-title"), p).unwrap()).collect()
}
