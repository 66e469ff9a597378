//! The list of what needs attention now, for whoever asks.

use super::narrowed;
use crate::domain::access::Action;
use crate::domain::attention::{Kind, Severity, order, severity};
use crate::domain::publication::Card;
use crate::domain::result::{Countdown, countdown};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::invitations::calendar;
use crate::store::attention::{self, Days, MOST, Open};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::BTreeMap;

/// Something that needs attention.
#[derive(Debug, Clone)]
pub struct Attention {
    /// What it is about.
    pub kind: Kind,
    /// How urgent.
    pub severity: Severity,
    /// In a sentence.
    pub what: String,
    /// What it is called: of an inspection, a visit, a subject, a person, an item.
    pub name: String,
    /// What else its sentence says: a number, a department, a card.
    pub extra: String,
    /// Where to look.
    pub link: String,
    /// The departments that should do something; none: the coordination office.
    pub departments: Vec<Id>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when.
    pub due: Option<NaiveDate>,
    /// How near that is.
    pub countdown: Option<Countdown>,
}

/// What needs attention.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// The most urgent first.
    pub items: Vec<Attention>,
    /// Kinds of which there is more than was read.
    pub cut: Vec<Kind>,
}

/// What needs attention now: all of the county for the coordination office and the overseers, for a department what it
/// should do itself; of some kinds only, where they are named.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, department: Option<Id>, kinds: &[Kind]) -> Result<List> {
    let department = narrowed(cx, Action::ViewAttention, department)?;
    let (region, today) = (cx.region().to_owned(), cx.today());
    let calendar = calendar(cx)?;
    let p = &cx.rules.procedure;
    let red_after = p.publish_red;
    let near = p.publish_remind.iter().copied().max().unwrap_or(0);
    let certificate_days = u64::from(cx.rules.oversight.certificate_days);
    let days = Days {
        today,
        publications: calendar.after(today, near).unwrap_or(today),
        certificates: today.checked_add_days(chrono::Days::new(certificate_days)).unwrap_or(today),
        year: today.year(),
        cap: p.cap_per_year,
    };
    let mut list = List::default();
    for kind in Kind::ALL.iter().copied().filter(|k| kinds.is_empty() || kinds.contains(k)) {
        let rows = attention::open(cx.db, &region, kind, department, &days)?;
        if rows.len() >= MOST {
            list.cut.push(kind);
        }
        // A visit stands there once for each of its departments.
        let mut things: BTreeMap<(Id, String, String), Attention> = BTreeMap::new();
        for row in rows {
            let countdown = row.due.map(|due| countdown(&calendar, today, due));
            let known =
                things.entry((row.id, row.name.clone(), row.extra.clone())).or_insert_with(|| Attention {
                    kind,
                    severity: severity(kind, countdown, red_after),
                    what: what(kind, &row),
                    name: row.name.clone(),
                    extra: row.extra.clone(),
                    link: link(kind, &row, days.year),
                    departments: Vec::new(),
                    since: row.since.0,
                    due: row.due,
                    countdown,
                });
            known.departments.extend(row.department);
        }
        list.items.extend(things.into_values());
    }
    list.items.sort_by(|a, b| {
        order(a.severity, a.due, a.kind, &a.what).cmp(&order(b.severity, b.due, b.kind, &b.what))
    });
    Ok(list)
}

fn what(kind: Kind, row: &Open) -> String {
    let (name, extra) = (&row.name, &row.extra);
    match kind {
        Kind::LateAnswer => format!("联合抽查“{name}”({extra})的邀请逾期未答复"),
        Kind::DeclinedInvitation => format!("{extra}拒绝参加联合抽查“{name}”"),
        Kind::LatePublication => {
            let card = Card::parse(extra).map_or_else(String::new, |c| format!("({})", c.word()));
            format!("入企{name}的检查结果逾期未公示{card}")
        }
        Kind::PublicationDue => format!("入企{name}的检查结果即将到期公示"),
        Kind::UnstaffedVisit => format!("入企{name}还没有日期和检查组"),
        Kind::PlanningBlocked => format!("排期“{name}”有未能安排的检查,请查看原因"),
        Kind::UnheldVisit => format!("入企{name}的检查日期已过,尚未完成"),
        Kind::CapExceeded => format!("对“{name}”的检查本年已计{extra}次,超过频次上限"),
        Kind::CertificateExpiring => format!("{name}的{extra}即将到期或已过期"),
        Kind::AbortedDraw => format!("联合抽查“{name}”({extra})的抽取已作废,尚未重新抽取"),
        Kind::ReturnedItem => format!("事项“{name}”({extra})被审核退回"),
        Kind::ReturnedResult => format!("入企{name}“{extra}”的检查结果被退回"),
        Kind::PendingReplacement if extra == "exhausted" => format!("入企{name}更换检查人员无人可补"),
        Kind::PendingReplacement => format!("入企{name}更换检查人员待审批"),
        Kind::OpenCard => {
            format!("{}待签收:{name}", Card::parse(extra).map_or("红黄牌", Card::word))
        }
    }
}

fn link(kind: Kind, row: &Open, year: i32) -> String {
    let id = row.id;
    match kind {
        Kind::LateAnswer | Kind::DeclinedInvitation => format!("/api/v1/invitations/{id}"),
        Kind::LatePublication | Kind::PublicationDue => format!("/api/v1/visits/{id}/conduct"),
        Kind::UnstaffedVisit | Kind::UnheldVisit => format!("/api/v1/visits/{id}"),
        Kind::PlanningBlocked => format!("/api/v1/plannings/{id}"),
        Kind::CapExceeded => format!("/api/v1/caps?year={year}&subject_id={id}"),
        Kind::CertificateExpiring => format!("/api/v1/inspectors/{id}"),
        Kind::AbortedDraw => format!("/api/v1/draws/{id}"),
        Kind::ReturnedItem => format!("/api/v1/items/{id}"),
        Kind::ReturnedResult => format!("/api/v1/results/{id}"),
        Kind::PendingReplacement => format!("/api/v1/replacements/{id}"),
        Kind::OpenCard => format!("/api/v1/cards/{id}"),
    }
}
