//! Papers for those who are logged in: the same files as the API's, under addresses that a browser opens; and which
//! papers a joint inspection has.

use crate::domain::access::Action::{ViewInspection, ViewPaper, ViewResult, ViewWholePaper};
use crate::domain::access::Role;
use crate::domain::paper::{VisitPaper, WholePaper};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections;
use crate::service::papers;
use crate::web::api::{evidence, papers as api};
use crate::web::html::Page;
use crate::web::html::ui::Ui;
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page_view("/papers/visits/{id}/{paper}", Action(ViewPaper), api::visit);
    r.page_view("/papers/inspections/{id}/{paper}", Action(ViewWholePaper), api::inspection);
    r.page_view("/papers/calendar.ics", Action(ViewPaper), api::ics);
    r.page_view("/evidence/{id}", Action(ViewResult), evidence::get);
    r.page("/inspections/{id}/papers", Action(ViewWholePaper), list);
}

struct Paper {
    name: String,
    what: String,
    html: String,
    docx: String,
}

#[derive(Template)]
#[template(path = "visits/papers.html")]
struct PapersPage<'a> {
    ui: &'a Ui,
    papers: Vec<Paper>,
    calendar: bool,
}

fn list(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let inspection = inspections::load_for(cx, id, ViewInspection)?.inspection;
    let mut list = Vec::new();
    let mut add = |name: &str, what: String| {
        let html = format!("/papers/inspections/{id}/{name}");
        list.push(Paper { name: ui.word("paper", name), what, docx: format!("{html}?format=docx"), html });
    };
    for paper in VisitPaper::ALL {
        // Those that cannot be printed yet, or not by whoever looks, are left out.
        if let Ok(run) = papers::run(cx, id, *paper) {
            let mut what = ui.n("paper-visits", run.visits.len());
            if run.withheld > 0 {
                what = format!("{what}{}{}", ui.t("comma"), ui.n("paper-withheld", run.withheld));
            }
            add(paper.as_str(), what);
        }
    }
    for paper in WholePaper::ALL {
        if papers::whole::of_inspection(cx, id, *paper).is_ok() {
            add(paper.as_str(), String::new());
        }
    }
    // Those who go to no visit have no calendar of their own.
    let goes = !cx.actor.roles.has(Role::Coordinator) && !cx.actor.roles.has(Role::Overseer);
    let template = PapersPage { ui, papers: list, calendar: goes && ui.may(ViewPaper) };
    let page = Page::new(ui.t("paper-all"), &template)?.under("/inspections", ui.t("nav-inspections"));
    Ok(page.under(format!("/inspections/{id}"), inspection.name).lead(inspection.number))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let paper = |name: &str| Paper {
        name: ui.word("paper", name),
        what: format!("{}{}", ui.n("paper-visits", 3_i64), ui.n("paper-withheld", 1_i64)),
        html: "/account".to_owned(),
        docx: "/account".to_owned(),
    };
    let full = PapersPage { ui, papers: vec![paper("dispatch-slip"), paper("draw-record")], calendar: true };
    let empty = PapersPage { ui, papers: Vec::new(), calendar: false };
    [full, empty].iter().map(|p| Page::new(ui.t("paper-all"), p).unwrap()).collect()
}
