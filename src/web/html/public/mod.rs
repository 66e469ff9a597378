//! What anybody may see without login, on the use cases of the public API: the same fields, the same masks, the same
//! caching.

mod draws;
mod lists;
mod visit;

use super::Page;
use super::list::address;
use super::ui::Ui;
use crate::error::Result;
use crate::service::cx::Cx;
use crate::service::results::public::{self, Published};
use crate::web::parse::NoQuery;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.shared_page("/public", show);
    lists::pages(r);
    draws::pages(r);
    visit::pages(r);
}

/// Results on the first page.
const NEWEST: i64 = 8;

/// A published result as a list shows it.
struct ResultRow {
    subject: String,
    subject_key: String,
    department: String,
    item: String,
    inspection: String,
    outcomes: String,
    conclusion: &'static str,
    inspected: String,
    published: String,
    corrected: bool,
    href: String,
}

impl ResultRow {
    fn of(ui: &Ui, p: Published) -> Self {
        let outcomes: Vec<String> =
            p.outcomes.iter().map(|o| ui.told(&ui.word("outcome", o.as_str()))).collect();
        let joint =
            if p.number.is_empty() { String::new() } else { format!("{} {}", p.number, p.inspection) };
        Self {
            href: address("/public/results", &[("q", Some(&p.subject_key))]),
            subject: p.subject,
            subject_key: p.subject_key,
            department: p.department,
            item: p.item,
            inspection: joint,
            outcomes: outcomes.join(&ui.t("comma")),
            conclusion: p.conclusion.as_str(),
            inspected: ui.day_or(&p.end_day),
            published: ui.day(&crate::clock::china_date(p.published_at)),
            corrected: p.state == "corrected",
        }
    }

    #[cfg(test)]
    fn sample() -> Self {
        Self {
            subject: "某某餐饮有限公司".to_owned(),
            subject_key: "91350403MA00000000".to_owned(),
            department: "市场监管局".to_owned(),
            item: "食品经营许可检查".to_owned(),
            inspection: "示抽查〔2026〕3号 餐饮业联合抽查".to_owned(),
            outcomes: "未发现问题".to_owned(),
            conclusion: "passed",
            inspected: "2026年5月8日（周五）".to_owned(),
            published: "2026年5月12日（周二）".to_owned(),
            corrected: true,
            href: "/public/results?q=91350403MA00000000".to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "public/home.html")]
struct PortalPage<'a> {
    ui: &'a Ui,
    newest: Vec<ResultRow>,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let newest = public::results_of(cx, None, None, None, NEWEST)?;
    let template = PortalPage { ui, newest: newest.into_iter().map(|p| ResultRow::of(ui, p)).collect() };
    Ok(Page::new(ui.t("public-title"), &template)?.lead(ui.t("public-lead")))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let home = PortalPage { ui, newest: vec![ResultRow::sample()] };
    let mut pages = vec![Page::new(ui.t("public-title"), &home).unwrap()];
    pages.extend(lists::samples(ui));
    pages.extend(draws::samples(ui));
    pages.extend(visit::samples(ui));
    pages
}
