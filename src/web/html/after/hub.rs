//! Everything that follows from visits, on one page, with how much of it waits.

use crate::domain::access::Action::{
    ViewCommon, ViewFollowUp, ViewPaper, ViewPublication, ViewReferral, ViewTask, ViewVoice,
};
use crate::domain::mailing;
use crate::domain::states::Cycle;
use crate::error::Result;
use crate::service::cx::Cx;
use crate::service::follow_up::{cases, commissions, mailings, rectifications, referrals};
use crate::service::papers::notices;
use crate::service::results::publications;
use crate::service::voice::{self, rounds};
use crate::store::follow_up::{
    case_filings::Filter as Cases, rectifications::Filter as Orders, referrals::Filter as Referrals,
};
use crate::store::mailings::{commissions::Filter as Commissions, letters::Filter as Letters};
use crate::web::html::Page;
use crate::web::html::ui::Ui;
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use askama::Template;

pub(super) fn pages(r: &mut Router) {
    r.page("/follow-up", Action(ViewFollowUp), show);
}

/// Of each kind at most so many are counted.
const MOST: i64 = 100;

/// A kind of things.
struct Card {
    href: &'static str,
    title: String,
    text: String,
    /// How many wait; empty: not counted.
    open: String,
    /// How many of them are late; empty: none.
    late: String,
}

impl Card {
    fn new(ui: &Ui, key: &str, href: &'static str, counts: Option<(usize, usize)>) -> Self {
        // A number, or that there are more than were counted.
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let count = |n: usize| if n >= most { format!("{most}+") } else { n.to_string() };
        Self {
            href,
            title: ui.word("fu-hub", key),
            text: ui.word("fu-hub-what", key),
            open: counts.map(|(open, _)| count(open)).unwrap_or_default(),
            late: counts.filter(|(_, late)| *late > 0).map(|(_, late)| count(late)).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "after/hub.html")]
struct HubPage<'a> {
    ui: &'a Ui,
    groups: Vec<(String, Vec<Card>)>,
}

fn orders(cx: &mut Cx<'_>) -> Result<(usize, usize)> {
    let mut open = 0;
    for state in ["ordered", "reported"] {
        let filter = Orders { state: Some(state.to_owned()), ..Orders::default() };
        open += rectifications::list(cx, &filter, false, None, MOST)?.len();
    }
    Ok((open, rectifications::list(cx, &Orders::default(), true, None, MOST)?.len()))
}

/// Those that wait for one's own department, or for any.
fn sent(cx: &mut Cx<'_>, ui: &Ui) -> Result<(usize, usize)> {
    let own = cx.actor.department.filter(|_| {
        let region = cx.region();
        !cx.can(ViewReferral, &crate::domain::access::Scope::county(region))
    });
    let (mut open, mut late) = (0, 0);
    for (state, received) in [("sent", true), ("received", true), ("answered", false), ("refused", false)] {
        let filter = Referrals {
            state: Some(state.to_owned()),
            to: own.filter(|_| received),
            from: own.filter(|_| !received),
            ..Referrals::default()
        };
        let rows = referrals::list(cx, &filter, None, MOST)?;
        open += rows.len();
        late += rows.iter().filter(|r| r.due_day.is_some_and(|d| d < ui.today)).count();
    }
    Ok((open, late))
}

fn letters(cx: &mut Cx<'_>, ui: &Ui) -> Result<(usize, usize)> {
    let mut open = 0;
    for state in mailing::State::ALL.iter().filter(|s| !s.is_final()) {
        let filter = Letters { state: Some(state.as_str().to_owned()), ..Letters::default() };
        open += mailings::list(cx, &filter, None, MOST)?.len();
    }
    let late = Letters { due_before: Some(ui.today), ..Letters::default() };
    Ok((open, mailings::list(cx, &late, None, MOST)?.len()))
}

fn hired(cx: &mut Cx<'_>, ui: &Ui) -> Result<(usize, usize)> {
    let open = Commissions { state: Some("ordered".to_owned()), ..Commissions::default() };
    let late = Commissions { due_before: Some(ui.today), ..Commissions::default() };
    let open = commissions::list(cx, &open, None, MOST)?.len();
    Ok((open, commissions::list(cx, &late, None, MOST)?.len()))
}

fn show(cx: &mut Cx<'_>, ui: &Ui, (): (), _: NoQuery) -> Result<Page> {
    let card = |key: &str, href, counts| Card::new(ui, key, href, counts);
    let mut before = Vec::new();
    if ui.may(ViewPaper) {
        let late = notices::overdue(cx, None, MOST)?.len();
        before.push(card("notices", "/notices/overdue", Some((late, late))));
    }
    if ui.may(ViewTask) {
        before.push(card("offers", "/recognition-offers", None));
        before.push(card("recognitions", "/recognitions", None));
    }
    let mut after = vec![card("orders", "/rectifications", Some(orders(cx)?))];
    if ui.may(ViewReferral) {
        after.push(card("referrals", "/referrals", Some(sent(cx, ui)?)));
    }
    after.push(card("mailings", "/mailings", Some(letters(cx, ui)?)));
    let filed = Cases { state: Some("filed".to_owned()), ..Cases::default() };
    let filed = cases::list(cx, &filed, None, MOST)?.len();
    after.push(card("cases", "/case-filings", Some((filed, 0))));
    after.push(card("commissions", "/commissions", Some(hired(cx, ui)?)));
    let mut told = Vec::new();
    if ui.may(ViewPublication) {
        let open = publications::list(cx, None, Some(true), false, None, MOST)?.len();
        let late = publications::list(cx, None, Some(true), true, None, MOST)?.len();
        told.push(card("publications", "/publications", Some((open, late))));
    }
    if ui.may(ViewCommon) {
        told.push(card("export", "/exports/publications", None));
    }
    let mut said = Vec::new();
    if ui.may(ViewVoice) {
        let mut open = 0;
        for state in ["lodged", "taken", "answered"] {
            open += voice::list_complaints(cx, Some(state.to_owned()), None, None, MOST)?.len();
        }
        said.push(card("complaints", "/complaints", Some((open, 0))));
        said.push(card("ratings", "/ratings", None));
        let waiting = rounds::waiting(cx)?;
        let asked: i64 = waiting.to_ask.iter().map(|(_, n)| n).sum();
        let open = waiting.announced.len() + usize::try_from(asked).unwrap_or(0);
        said.push(card("rounds", "/return-rounds", Some((open, 0))));
    }
    let groups = [("before", before), ("after", after), ("told", told), ("said", said)];
    let groups = groups.into_iter().filter(|(_, cards)| !cards.is_empty());
    let groups = groups.map(|(key, cards)| (ui.word("fu-hub-group", key), cards)).collect();
    hub_page(ui, groups)
}

fn hub_page(ui: &Ui, groups: Vec<(String, Vec<Card>)>) -> Result<Page> {
    Ok(Page::new(ui.t("follow-title"), &HubPage { ui, groups })?.lead(ui.t("fu-hub-lead")))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let card = |key: &str, counts| Card::new(ui, key, "/account", counts);
    let groups = ["before", "after", "told", "said"]
        .map(|g| {
            let cards = vec![
                card("orders", Some((3, 1))),
                card("export", None),
                card("cases", Some((100, 0))),
                card("rounds", Some((0, 0))),
            ];
            (ui.word("fu-hub-group", g), cards)
        })
        .into();
    vec![hub_page(ui, groups).unwrap()]
}
