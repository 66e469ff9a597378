//! What follows from a visit and its results: notices, the two letters, rectifications, case filings, commissions, referrals,
//! recognition, publication; what businesses say of it, and whom the oversight asks.

mod cases;
mod commissions;
mod complaints;
mod completions;
mod held;
mod hub;
mod mailings;
mod notices;
mod orders;
mod parts;
mod periods;
mod recognitions;
mod referrals;
mod rounds;

#[cfg(test)]
use super::Page;
use super::ui::Ui;
use crate::domain::access::Action::{PrintRatingCard, ViewFollowUp, WorkFollowUp};
use crate::domain::access::Scope;
use crate::domain::calendar::WorkdayTable;
use crate::domain::mailing;
use crate::domain::result::{FollowUp, Outcome, countdown};
use crate::domain::states::Cycle;
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::follow_up::cases as case_service;
use crate::service::invitations::calendar;
use crate::service::results;
use crate::service::visits::Whole;
use crate::store::county;
use crate::store::follow_up::case_filings;
use crate::store::mailings::{completions as completed, letters};
use crate::store::results::CheckResult;
use crate::web::page::Cursor;
use crate::web::router::Router;
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};

pub(super) fn pages(r: &mut Router) {
    orders::pages(r);
    referrals::pages(r);
    notices::pages(r);
    mailings::pages(r);
    cases::pages(r);
    commissions::pages(r);
    completions::pages(r);
    recognitions::pages(r);
    complaints::pages(r);
    rounds::pages(r);
    held::pages(r);
    periods::pages(r);
    hub::pages(r);
}

/// The identifier in the cursor of a list.
fn key(after: Option<&Cursor>) -> Result<Option<Id>> {
    let wrong = |_| Error::field("after", "invalid_cursor", "不是本列表的游标");
    after.map(|c| c.as_str().parse().map_err(wrong)).transpose()
}

/// What rows refer to, by name.
struct Names {
    offices: HashMap<Id, String>,
    subjects: HashMap<Id, String>,
    calendar: WorkdayTable,
}

impl Names {
    fn read(cx: &mut Cx<'_>, subjects: impl IntoIterator<Item = Id>) -> Result<Self> {
        let ids: Vec<Id> = subjects.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        Ok(Self {
            offices: super::visits::offices(cx)?,
            subjects: county::subjects(cx.db, &ids)?.into_iter().map(|s| (s.id, s.name)).collect(),
            calendar: calendar(cx)?,
        })
    }

    fn office(&self, id: Id) -> &str {
        self.offices.get(&id).map_or("", String::as_str)
    }

    fn subject(&self, id: Id) -> &str {
        self.subjects.get(&id).map_or("", String::as_str)
    }

    /// A last day with how near it is; empty: none.
    fn until(&self, ui: &Ui, day: Option<NaiveDate>) -> String {
        day.map(|d| {
            let left = ui.countdown(&countdown(&self.calendar, ui.today, d));
            format!("{}{}{left}", ui.day(&d), ui.t("comma"))
        })
        .unwrap_or_default()
    }

    #[cfg(test)]
    fn sample() -> Self {
        let id = Id(uuid::Uuid::from_u128(8));
        Self {
            offices: [(id, "市场监管局".to_owned())].into(),
            subjects: [(id, "某某餐饮有限公司".to_owned())].into(),
            calendar: WorkdayTable::of_days([]),
        }
    }
}

/// Where a result leads: what may be done because of it (address and text), and what was done (address, text, family and
/// code of the state).
type Leads = (Vec<(String, String)>, Vec<(String, String, &'static str, String)>);

/// The letters and cases that follow from a settled result, beside orders and referrals.
pub(super) fn of_result(cx: &mut Cx<'_>, ui: &Ui, row: &CheckResult) -> Result<Leads> {
    let own = Scope::of(&row.region, row.department_id);
    let (mut deeds, mut done) = (Vec::new(), Vec::new());
    if !cx.can(ViewFollowUp, &own) {
        return Ok((deeds, done));
    }
    let sent = letters::of_result(cx.db, row.id)?;
    let filter = case_filings::Filter { visit: Some(row.visit_id), ..case_filings::Filter::default() };
    let filed = case_service::list(cx, &filter, None, 50)?;
    let completion = completed::of_task(cx.db, row.task_id)?;
    if matches!(row.state.as_str(), "approved" | "published") && cx.can(WorkFollowUp, &own) {
        if completion.is_none() && results::finding(row).follow_up.contains(&FollowUp::Other) {
            deeds.push((format!("/results/{}/completion", row.id), ui.t("fu-done-do")));
        }
        let open = sent.iter().any(|m| mailing::State::parse(&m.state).is_some_and(|s| !s.is_final()));
        if !open && results::outcomes(row).contains(&Outcome::Unreachable) {
            deeds.push((format!("/results/{}/mailing", row.id), ui.t("fu-mail-open")));
        }
        deeds.push((format!("/case-filings/new?result_id={}", row.id), ui.t("fu-case-new")));
    }
    for m in sent {
        done.push((format!("/mailings/{}", m.id), ui.t("fu-mail-title"), "fu-mail-state", m.state));
    }
    for c in filed.into_iter().filter(|c| c.result_id == row.id) {
        done.push((format!("/case-filings/{}", c.id), ui.t("fu-case-title"), "fu-case-state", c.state));
    }
    if completion.is_some() {
        done.push((
            format!("/results/{}/completion", row.id),
            ui.t("fu-done-title"),
            "fu-done-state",
            "done".to_owned(),
        ));
    }
    Ok((deeds, done))
}

/// What belongs to a visit besides its own page: addresses and texts.
pub(super) fn of_visit(cx: &Cx<'_>, ui: &Ui, whole: &Whole) -> Vec<(String, String)> {
    let id = whole.visit.id;
    let Some(state) = State::parse(&whole.visit.state).filter(|s| s.is_visible_to_team()) else {
        return Vec::new();
    };
    let mut list = vec![
        (format!("/visits/{id}/notice"), ui.t("fu-notice-title")),
        (format!("/visits/{id}/conduct"), ui.t("fu-conduct-title")),
    ];
    if state == State::Done {
        list.push((format!("/visits/{id}/conclusion"), ui.t("fu-joint-title")));
    }
    if ui.may(ViewFollowUp) {
        list.push((format!("/visits/{id}/commissions"), ui.t("fu-hire-title")));
    }
    if whole.may(cx, PrintRatingCard).is_ok() {
        list.push((format!("/papers/rating-cards/visits/{id}"), ui.t("fu-card-title")));
    }
    list
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let all = [
        orders::samples(ui),
        referrals::samples(ui),
        notices::samples(ui),
        mailings::samples(ui),
        cases::samples(ui),
        commissions::samples(ui),
        completions::samples(ui),
        recognitions::samples(ui),
        complaints::samples(ui),
        rounds::samples(ui),
        held::samples(ui),
        periods::samples(ui),
        hub::samples(ui),
    ];
    all.into_iter().flatten().collect()
}
