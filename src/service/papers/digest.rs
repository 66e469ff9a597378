//! The daily digest: everybody whom visits concern hears of all that were sent out since the day before in one mail.
//! Only what would come too late that way is told at once.

use super::super::cx::{Cx, Event};
use super::super::visits::{self as visit_service, Whole, line};
use super::CHUNK;
use crate::clock::china_date;
use crate::domain::access::Role;
use crate::domain::digest::{at_once, due, moment};
use crate::error::Result;
use crate::ids::Id;
use crate::store::inspectors::Inspector;
use crate::store::outbox::Mail;
use crate::store::papers::{self, Digest};
use crate::store::types::At;
use crate::store::visits::Visit;
use crate::store::{accounts, county};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Visits it told of.
    pub visits: usize,
    /// Mails it wrote.
    pub mails: usize,
}

/// Whether people were told of a visit when it was sent out.
fn told(visit: &Visit, hour: u32) -> bool {
    match (visit.dispatched_at, visit.on_day) {
        (Some(sent), Some(on)) => at_once(sent.0, on, hour),
        _ => false,
    }
}

/// One mail.
#[derive(Default)]
struct Letter {
    user: Option<Id>,
    own: BTreeSet<(Option<NaiveDate>, Option<i32>, Id)>,
    department: BTreeSet<(Option<NaiveDate>, Option<i32>, Id)>,
}

/// Writes the digest that is due. Running it twice, or on two servers at once, does nothing more: the row of the day is
/// taken in the transaction that writes the mails.
///
/// # Errors
/// The database.
pub fn tick(cx: &mut Cx<'_>) -> Result<Round> {
    let region = cx.region().to_owned();
    let hour = cx.rules.papers.digest_hour;
    let last = papers::last_digest(cx.db, &region)?;
    let Some(day) = due(cx.now, hour, last.as_ref().map(|d| d.day)) else { return Ok(Round::default()) };
    let until = moment(day, hour);
    let row =
        Digest { region: region.clone(), day, until: At(until), visits: 0, mails: 0, created_at: At(cx.now) };
    if !papers::claim_digest(cx.db, &row)? {
        return Ok(Round::default());
    }
    let today = china_date(cx.now);
    let mut sent = papers::dispatched_between(cx.db, &region, last.map(|d| d.until.0), until)?;
    // What has passed, or was told at once, is no news.
    sent.retain(|v| v.on_day.is_some_and(|on| on >= today) && !told(v, hour));
    let mut letters: BTreeMap<String, Letter> = BTreeMap::new();
    let mut lines: BTreeMap<Id, String> = BTreeMap::new();
    for chunk in sent.chunks(CHUNK) {
        let list = visit_service::whole(cx, chunk.to_vec())?;
        address(cx, &list, &mut letters)?;
        lines.extend(list.iter().map(|w| (w.visit.id, line(w))));
    }
    let round = Round { visits: sent.len(), mails: letters.len() };
    let link = cx.rules.mail.link.clone();
    for (recipient, letter) in letters {
        let part = |title: &str, ids: &BTreeSet<(Option<NaiveDate>, Option<i32>, Id)>| {
            if ids.is_empty() {
                return String::new();
            }
            let texts: Vec<&str> =
                ids.iter().filter_map(|(_, _, id)| lines.get(id)).map(String::as_str).collect();
            format!("{title}({}次):\n\n{}\n\n", ids.len(), texts.join("\n"))
        };
        let n = letter.own.union(&letter.department).count();
        let body = format!(
            "{}{}详情请登录系统查看:{link}\n",
            part("您被派往以下入企检查", &letter.own),
            part("本部门参加的入企检查", &letter.department)
        );
        cx.mail(Mail {
            kind: "visits_dispatched",
            recipient: recipient.clone(),
            user: letter.user,
            subject: format!("入企检查派遣:{n}次入企({day})"),
            body,
            object: None,
            dedupe: format!("visits_digest:{region}:{day}:{recipient}"),
        })?;
    }
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    papers::settle_digest(cx.db, &region, day, count(round.visits), count(round.mails))?;
    if round.visits > 0 {
        let data = json!({ "day": day.to_string(), "visits": round.visits, "mails": round.mails });
        cx.journal(Event::general("dispatch_digest_sent", "county", data))?;
    }
    Ok(round)
}

/// Adds visits to the letters of those whom they concern: the teams, and the clerks and heads of the departments.
fn address(cx: &mut Cx<'_>, list: &[Whole], letters: &mut BTreeMap<String, Letter>) -> Result<()> {
    let place = |w: &Whole| (w.visit.on_day, w.visit.start_minute, w.visit.id);
    let mut people: BTreeMap<Id, Inspector> = BTreeMap::new();
    let mut offices: BTreeSet<Id> = BTreeSet::new();
    for whole in list {
        people.extend(whole.team.iter().map(|(_, p)| (p.id, p.clone())));
        offices.extend(whole.departments.iter().map(|d| d.id));
    }
    let people: Vec<Inspector> = people.into_values().collect();
    for (inspector, user, recipient) in county::addresses(cx.db, &people)? {
        let letter = letters.entry(recipient).or_default();
        letter.user = letter.user.or(user);
        let on_team = |w: &&Whole| w.team.iter().any(|(s, _)| s.inspector_id == inspector);
        letter.own.extend(list.iter().filter(on_team).map(place));
    }
    for office in offices {
        for account in accounts::addressees(cx.db, office, &[Role::DepartmentClerk, Role::DepartmentHead])? {
            if account.email.is_empty() {
                continue;
            }
            let letter = letters.entry(account.email.clone()).or_default();
            letter.user = letter.user.or(Some(account.id));
            let takes_part = |w: &&Whole| w.departments.iter().any(|d| d.id == office);
            letter.department.extend(list.iter().filter(takes_part).map(place));
        }
    }
    Ok(())
}
