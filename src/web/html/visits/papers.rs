//! Papers for those who are logged in: the same files as the API's, under addresses that a browser opens; and which
//! papers a joint inspection has.

use crate::documents::papers::Format;
use crate::domain::access::Action::{
    PrintRatingCard, ViewArchive, ViewInspection, ViewPaper, ViewResult, ViewWholePaper,
};
use crate::domain::access::Role;
use crate::domain::job::LARGE;
use crate::domain::paper::{VisitPaper, WholePaper};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections;
use crate::service::jobs::{self, Work};
use crate::service::papers;
use crate::web::api::jobs::started;
use crate::web::api::{evidence, papers as api};
use crate::web::call::Call;
use crate::web::html::Page;
use crate::web::html::desk::{once, onward};
use crate::web::html::form::Form;
use crate::web::html::jobs::{Piece, goes_on};
use crate::web::html::ui::Ui;
use crate::web::parse::NoQuery;
use crate::web::reply::Answer;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn pages(r: &mut Router) {
    r.page_view("/papers/visits/{id}/{paper}", Action(ViewPaper), api::visit);
    r.page_view("/papers/inspections/{id}/{paper}", Action(ViewWholePaper), api::inspection);
    r.page_view("/papers/calendar.ics", Action(ViewPaper), api::ics);
    r.page_view("/evidence/{id}", Action(ViewResult), evidence::get);
    r.page("/inspections/{id}/papers", Action(ViewWholePaper), list);
    r.form_steps("/inspections/{id}/papers", Action(ViewWholePaper), make, list);
}

struct Paper {
    /// What the form sends.
    code: String,
    name: String,
    what: String,
    html: String,
    docx: String,
    /// So many visits that nobody should wait for the file.
    large: bool,
}

#[derive(Template)]
#[template(path = "visits/papers.html")]
struct PapersPage<'a> {
    ui: &'a Ui,
    papers: Vec<Paper>,
    calendar: bool,
    id: Id,
    /// May have the archive.
    archive: bool,
    /// What was made before or is being made.
    pieces: Vec<Piece>,
}

/// Pieces of work that are shown.
const PIECES: i64 = 10;

fn list(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let inspection = inspections::load_for(cx, id, ViewInspection)?.inspection;
    let mut list = Vec::new();
    let mut add = |name: &str, what: String, large: bool| {
        let html = format!("/papers/inspections/{id}/{name}");
        list.push(Paper {
            code: name.to_owned(),
            name: ui.word("paper", name),
            what,
            docx: format!("{html}?format=docx"),
            html,
            large,
        });
    };
    for paper in VisitPaper::ALL {
        // Those that cannot be printed yet, or not by whoever looks, are left out.
        if let Ok(run) = papers::run(cx, id, *paper) {
            let mut what = ui.n("paper-visits", run.visits.len());
            if run.withheld > 0 {
                what = format!("{what}{}{}", ui.t("comma"), ui.n("paper-withheld", run.withheld));
            }
            add(paper.as_str(), what, run.visits.len() >= LARGE);
        }
    }
    for paper in WholePaper::ALL {
        if papers::whole::of_inspection(cx, id, *paper).is_ok() {
            add(paper.as_str(), String::new(), false);
        }
    }
    if ui.may(PrintRatingCard)
        && let Ok(run) = papers::cards::run(cx, id)
    {
        let html = format!("/papers/rating-cards/inspections/{id}");
        list.push(Paper {
            code: "rating-cards".to_owned(),
            name: ui.word("paper", "rating-cards"),
            what: ui.n("paper-visits", run.visits.len()),
            docx: format!("{html}?format=docx"),
            html,
            large: false,
        });
    }
    let archive = ui.may(ViewArchive) && inspections::load_for(cx, id, ViewArchive).is_ok();
    let mine = jobs::about(cx, id, PIECES)?;
    // Those who go to no visit have no calendar of their own.
    let goes = !cx.actor.roles.has(Role::Coordinator) && !cx.actor.roles.has(Role::Overseer);
    let template = PapersPage {
        ui,
        papers: list,
        calendar: goes && ui.may(ViewPaper),
        id,
        archive,
        pieces: mine.iter().map(|j| Piece::of(ui, j)).collect::<Result<_>>()?,
    };
    let page = Page::new(ui.t("paper-all"), &template)?.under("/inspections", ui.t("nav-inspections"));
    Ok(page.under(format!("/inspections/{id}"), inspection.name).lead(inspection.number))
}

/// What is to be made in the background.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeBody {
    /// A paper of all visits, or `archive`.
    what: String,
    /// `html` or `docx`.
    #[serde(default)]
    format: Option<String>,
}

fn make(call: &Call, id: Id, _: &NoQuery, body: MakeBody, form: &Form) -> Result<Answer> {
    let call = once(call, form, &(id, &body));
    if let Some(answer) = call.replayed()? {
        return onward(&call, answer, |place| goes_on(place, ""));
    }
    let work = if body.what == "archive" {
        Work::Archive { inspection: id }
    } else {
        let format = body.format.unwrap_or_else(|| Format::Html.ending().to_owned());
        Work::Papers { inspection: id, paper: body.what, format }
    };
    let answer = started(&call, work)?;
    onward(&call, answer, |place| goes_on(place, ""))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let paper = |name: &str| Paper {
        code: name.to_owned(),
        large: name == "dispatch-slip",
        name: ui.word("paper", name),
        what: format!("{}{}", ui.n("paper-visits", 3_i64), ui.n("paper-withheld", 1_i64)),
        html: "/account".to_owned(),
        docx: "/account".to_owned(),
    };
    let id = Id(uuid::Uuid::from_u128(3));
    let piece = |open: bool| Piece {
        href: "/jobs/0199aaaa".to_owned(),
        kind: ui.word("job-kind", "papers"),
        title: "示抽查〔2026〕3号 派遣单".to_owned(),
        state: if open { "running" } else { "done" }.to_owned(),
        words: ui.t2("job-of-visits", "done", 100, "total", 1200),
        percent: Some(8),
        when: "2026年5月8日 10:30".to_owned(),
        error: String::new(),
        result: (!open).then(|| ("/jobs/0199aaaa/file".to_owned(), ui.word("job-result", "papers"))),
        expired: false,
        open,
        stopping: false,
    };
    let full = PapersPage {
        ui,
        papers: vec![paper("dispatch-slip"), paper("draw-record")],
        calendar: true,
        id,
        archive: true,
        pieces: vec![piece(true), piece(false)],
    };
    let empty =
        PapersPage { ui, papers: Vec::new(), calendar: false, id, archive: false, pieces: Vec::new() };
    [full, empty].iter().map(|p| Page::new(ui.t("paper-all"), p).unwrap()).collect()
}
