//! The part of a form that says who watches a draw, which beacon it waits for, and when.

use crate::domain::access::Role;
use crate::error::Result;
use crate::service::cx::Cx;
use crate::service::inspections::DrawRules;
use crate::store::inspections::Inspection;
use crate::store::scopes;
use crate::web::html::field::Choice;
use crate::web::html::ui::{Ui, id_of};
use crate::web::html::words::in_china;
use askama::Template;
use askama::filters::HtmlSafe;
use chrono::TimeDelta;

/// Witnesses, beacon and times.
#[derive(Template)]
#[template(path = "draws/parties.html")]
pub(super) struct PartiesFields<'a> {
    ui: &'a Ui,
    /// What stands before each name.
    prefix: &'static str,
    policy: String,
    embargo: bool,
    least: u32,
    /// What is wrong with the witnesses.
    faults: Vec<String>,
    /// Account, name, whether he is chosen.
    witnesses: Vec<(String, String, bool)>,
    kinds: Vec<Choice>,
    before: String,
    deadline: String,
    publish_by: String,
}

impl HtmlSafe for PartiesFields<'_> {}

impl<'a> PartiesFields<'a> {
    /// For a draw of an inspection, with times that its rules allow.
    pub(super) fn of(
        cx: &mut Cx<'_>,
        ui: &'a Ui,
        i: &Inspection,
        rules: &DrawRules,
        prefix: &'static str,
    ) -> Result<Self> {
        let region = cx.region().to_owned();
        let people = scopes::with_role(cx.db, &region, Role::Witness.as_str())?;
        // A field knows no seconds.
        let wait =
            TimeDelta::hours(rules.pool_age_hours.into()).max(TimeDelta::minutes(10)) + TimeDelta::minutes(1);
        let moment = |after: TimeDelta| in_china(ui.now + after).format("%Y-%m-%dT%H:%M").to_string();
        // A surprise may not be told of before its last day is past.
        let late = in_china(ui.now + wait).date_naive() + TimeDelta::days(30);
        let mut kinds = vec![Choice::new("", ui.t("beacon-none"))];
        kinds.extend(
            ["drand-quicknet", "nist2", "lottery", "text"].map(|k| Choice::new(k, ui.word("beacon", k))),
        );
        // Whom the form that was refused named, by the place he has in the list.
        let chosen = |n: usize| ui.form.value(&format!("{prefix}witnesses/{n}/user_id")).is_some();
        Ok(Self {
            ui,
            prefix,
            embargo: rules.policy == "embargo",
            policy: rules.policy.clone(),
            least: rules.witnesses,
            faults: ui.form.faults_at(&format!("{prefix}witnesses")).map(|f| ui.fault(f)).collect(),
            witnesses: people
                .into_iter()
                .enumerate()
                .map(|(n, a)| (a.id.to_string(), a.name, chosen(n)))
                .collect(),
            kinds,
            before: moment(wait),
            deadline: moment(wait + TimeDelta::hours(2)),
            publish_by: format!("{}T18:00", late.max(i.window_to.succ_opt().unwrap_or(late))),
        })
    }

    fn at(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn anchor(&self) -> String {
        id_of(&self.at("witnesses"))
    }

    #[cfg(test)]
    pub(super) fn sample(ui: &'a Ui, prefix: &'static str, policy: &str) -> Self {
        Self {
            ui,
            prefix,
            policy: policy.to_owned(),
            embargo: policy == "embargo",
            least: 2,
            faults: Vec::new(),
            witnesses: vec![("1".to_owned(), "王代表".to_owned(), true)],
            kinds: vec![Choice::new("", ui.t("beacon-none")), Choice::new("text", ui.word("beacon", "text"))],
            before: "2026-05-08T10:00".to_owned(),
            deadline: "2026-05-08T12:00".to_owned(),
            publish_by: "2026-06-08T12:00".to_owned(),
        }
    }
}
