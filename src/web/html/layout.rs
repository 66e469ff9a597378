//! What stands round every page: who and where one is, the ways on, what was said and what is wrong.

use super::assets;
use super::ui::Ui;
use super::{Look, Page};
use crate::domain::access::Action;
use crate::error::{Error, Result};
use crate::web::router::Allow;
use askama::Template;

/// The ways on for those who are logged in, each for whom it is; one whose page does not exist is left out.
const WAYS: [(&str, &str, Allow); 21] = [
    ("nav-home", "/", Allow::Public),
    ("nav-inspections", "/inspections", Allow::Action(Action::ViewInspection)),
    ("nav-draws", "/draws", Allow::Action(Action::ViewDraw)),
    ("nav-overlap", "/overlap", Allow::Action(Action::ViewOverlap)),
    ("nav-plannings", "/plannings", Allow::Action(Action::ViewPlanning)),
    ("nav-visits", "/visits", Allow::Action(Action::ViewVisit)),
    ("nav-results", "/results", Allow::Action(Action::ViewResult)),
    ("nav-referrals", "/referrals", Allow::Action(Action::ViewReferral)),
    ("follow-orders", "/rectifications", Allow::Action(Action::ViewFollowUp)),
    ("follow-title", "/follow-up", Allow::Action(Action::ViewFollowUp)),
    ("swap-title", "/replacements", Allow::Action(Action::ViewReplacement)),
    ("nav-items", "/items", Allow::Action(Action::ViewItem)),
    ("nav-subjects", "/subjects", Allow::Action(Action::ViewSubject)),
    ("nav-inspectors", "/inspectors", Allow::Action(Action::ViewInspector)),
    ("nav-plans", "/plans", Allow::Action(Action::ViewPlan)),
    ("nav-oversight", "/oversight", Allow::Action(Action::ViewFigures)),
    ("nav-users", "/users", Allow::Action(Action::ViewUsers)),
    ("tasks-title", "/tasks", Allow::Action(Action::ViewTask)),
    ("common-title", "/departments", Allow::Action(Action::EditDepartments)),
    ("journal-title", "/journal", Allow::Action(Action::ViewJournal)),
    ("outbox-title", "/outbox", Allow::Action(Action::ViewOutbox)),
];

/// The ways on for everybody.
const PUBLIC: [(&str, &str); 6] = [
    ("nav-public", "/public"),
    ("nav-public-results", "/public/results"),
    ("nav-public-draws", "/public/draws"),
    ("nav-public-announcements", "/public/announcements"),
    ("nav-public-plans", "/public/plans"),
    ("nav-public-items", "/public/items"),
];

struct Way {
    text: String,
    path: &'static str,
    here: bool,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    ui: &'a Ui,
    page: &'a Page,
    ways: Vec<Way>,
    /// Faults of the form: where, and what.
    faults: Vec<(String, String)>,
    prefix: String,
    other: &'static str,
    other_name: &'static str,
    next: String,
    css: &'static str,
    js: &'static str,
    icon: &'static str,
    version: &'static str,
}

fn is_here(ui: &Ui, path: &str) -> bool {
    let rest = ui.path.strip_prefix(path);
    if matches!(path, "/" | "/public") {
        ui.path == path
    } else {
        rest.is_some_and(|r| r.is_empty() || r.starts_with('/'))
    }
}

/// The whole page.
///
/// # Errors
/// The template cannot be filled (a defect).
pub(super) fn render(page: &Page, ui: &Ui) -> Result<String> {
    let way = |key: &str, path: &'static str| Way { text: ui.t(key), path, here: is_here(ui, path) };
    let ways = if ui.who.is_some() {
        let open = |allow: Allow| match allow {
            Allow::Public => true,
            Allow::Action(action) => ui.may(action),
        };
        WAYS.iter()
            .filter(|(_, path, allow)| open(*allow) && ui.has(path))
            .map(|(k, p, _)| way(k, p))
            .collect()
    } else {
        PUBLIC.iter().map(|(key, path)| way(key, path)).collect()
    };
    let (other, other_name) = match ui.lang {
        super::words::Lang::Zh => ("en", "English"),
        super::words::Lang::En => ("zh-CN", "中文"),
    };
    let faults = ui.summary();
    let wrong = ui.form.sent && (!faults.is_empty() || ui.form.message.is_some());
    let layout = Layout {
        ui,
        page,
        ways,
        faults,
        prefix: if wrong { ui.t("error-prefix") } else { String::new() },
        other,
        other_name,
        next: super::session::encoded(&ui.place),
        css: assets::href("css"),
        js: assets::href("js"),
        icon: assets::href("svg"),
        version: env!("CARGO_PKG_VERSION"),
    };
    layout.render().map_err(|e| Error::internal(&e))
}
