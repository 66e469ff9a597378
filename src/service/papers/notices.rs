//! The notice to the business: recorded when it was delivered, refused late without a reason, and overdue where it was
//! not.

use super::super::cx::{Cx, Event};
use super::super::invitations::calendar;
use super::super::visits::{self as visit_service, Whole};
use super::state;
use crate::clock::china_date;
use crate::domain::access::{Action, Scope};
use crate::domain::notice::{Channel, Standing, in_time, last_day, standing};
use crate::domain::visit_state::State;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::papers::{self, Delivery, deliveries};
use crate::store::types::At;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::json;

/// Where the notice of a visit stands.
#[derive(Debug, Clone)]
pub struct Account {
    /// The visit.
    pub whole: Whole,
    /// Where it stands today.
    pub standing: Standing,
    /// The last day on which it can be delivered in time; none for an unannounced visit.
    pub last_day: Option<NaiveDate>,
    /// Deliveries; one for an earlier date of the visit does not count any more.
    pub deliveries: Vec<Delivery>,
}

/// What somebody says of a delivery.
#[derive(Debug, Clone)]
pub struct Draft {
    /// How.
    pub channel: String,
    /// When; none: now.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Who took it.
    pub receiver: String,
    /// Remark.
    pub note: String,
    /// Why it is late.
    pub reason: String,
}

fn visit_day(whole: &Whole) -> Result<NaiveDate> {
    whole.visit.on_day.ok_or_else(|| Error::wrong_state(whole.visit.state.clone(), "入企尚无日期"))
}

fn account(cx: &mut Cx<'_>, whole: Whole, rows: Vec<Delivery>) -> Result<Account> {
    let calendar = calendar(cx)?;
    let days = cx.rules.procedure.notice_days;
    let on = visit_day(&whole)?;
    let delivered = rows.iter().find(|d| d.for_day == on).map(|d| china_date(d.delivered_at.0));
    let announced = whole.visit.announced;
    // Once the team is there nothing can be overdue any more; that it was not delivered stays a gap of the archive.
    let today = if state(&whole)? == State::Dispatched { cx.today() } else { cx.today().min(on) };
    Ok(Account {
        standing: standing(&calendar, days, announced, on, delivered, today),
        last_day: announced.then(|| last_day(&calendar, on, days)).flatten(),
        deliveries: rows,
        whole,
    })
}

/// Where the notice of a dispatched visit stands.
///
/// # Errors
/// Not visible; not dispatched.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Account> {
    let whole = visit_service::load(cx, id, Action::ViewPaper)?;
    sent(&whole)?;
    let rows = deliveries::of_visits(cx.db, &[id])?;
    account(cx, whole, rows)
}

fn sent(whole: &Whole) -> Result<()> {
    if state(whole)?.is_visible_to_team() {
        return Ok(());
    }
    Err(Error::wrong_state(whole.visit.state.clone(), "入企派发后方可送达检查通知书"))
}

/// Records that the notice of a visit was delivered. Said again for the same date of the visit it changes nothing.
///
/// # Errors
/// Not allowed; not dispatched; an unannounced visit that has not begun; before the dispatch or in the future; late
/// without a reason.
pub fn deliver(cx: &mut Cx<'_>, id: Id, draft: &Draft) -> Result<Account> {
    let whole = visit_service::load(cx, id, Action::DeliverNotice)?;
    sent(&whole)?;
    // Two who record at once: the second waits and finds the first.
    crate::store::results::conducts::hold(cx.db, id, cx.now)?;
    let on = visit_day(&whole)?;
    if !super::named(&whole) {
        return Err(Error::refused("embargoed", "本次为突击检查,检查开始后方可送达检查通知书"));
    }
    if deliveries::of(cx.db, id, on)?.is_some() {
        cx.journal(Event::new("notice_delivery_repeated", "visit", id, json!({ "day": on.to_string() })))?;
        let rows = deliveries::of_visits(cx.db, &[id])?;
        return account(cx, whole, rows);
    }
    let at = draft.delivered_at.unwrap_or(cx.now);
    let days = cx.rules.procedure.notice_days;
    let calendar = calendar(cx)?;
    let delivered = china_date(at);
    let timely = !whole.visit.announced || in_time(&calendar, delivered, on, days);
    let mut faults = Faults::default();
    if Channel::parse(&draft.channel).is_none() {
        let list: Vec<&str> = Channel::ALL.iter().map(|c| c.as_str()).collect();
        faults.add("/channel", "unknown_value", format!("只能是:{}", list.join("、")));
    }
    if !(1970..=9998).contains(&at.year()) {
        faults.add("/delivered_at", "out_of_range", "时间须在1970年至9998年之间");
    } else if at > cx.now {
        faults.add("/delivered_at", "in_the_future", "送达时间不能晚于现在");
    } else if whole.visit.dispatched_at.is_some_and(|d| at < d.0) {
        faults.add("/delivered_at", "before_dispatch", "送达时间不能早于派发时间");
    }
    let receiver = faults.text("/receiver", &draft.receiver, true, 100);
    let note = faults.text("/note", &draft.note, false, 500);
    let reason = faults.text("/reason", &draft.reason, false, 500);
    if !timely && reason.is_empty() {
        let last = last_day(&calendar, on, days).map(|d| d.to_string()).unwrap_or_default();
        faults.add(
            "/reason",
            "late_without_reason",
            format!("检查通知书须提前{days}个工作日送达(最迟{last}),逾期送达须说明理由"),
        );
    }
    faults.done()?;
    let row = Delivery {
        id: cx.id()?,
        region: whole.visit.region.clone(),
        visit_id: id,
        for_day: on,
        channel: draft.channel.clone(),
        delivered_at: At(at),
        receiver: receiver.clone(),
        note: note.clone(),
        reason: if timely { String::new() } else { reason.clone() },
        in_time: timely,
        user_id: cx.user()?,
        created_at: At(cx.now),
    };
    deliveries::insert(cx.db, &row)?;
    let data = json!({
        "channel": row.channel, "day": on.to_string(), "delivered": delivered.to_string(), "in_time": timely,
    });
    let private = json!({ "receiver": receiver, "note": note, "reason": row.reason });
    cx.journal(Event::new("notice_delivered", "visit", id, data).private(private))?;
    let rows = deliveries::of_visits(cx.db, &[id])?;
    account(cx, whole, rows)
}

/// Visits whose notices are overdue today: of the county for the coordination office and overseers, else of one's own
/// department. For the list of what needs attention.
///
/// # Errors
/// Not allowed.
pub fn overdue(cx: &mut Cx<'_>, after: Option<Id>, limit: i64) -> Result<Vec<Account>> {
    let region = cx.region().to_owned();
    let everywhere = cx.can(Action::ViewPaper, &Scope::county(&region));
    if !everywhere && !cx.actor.department.is_some_and(|d| cx.can(Action::ViewPaper, &Scope::of(&region, d)))
    {
        return Ok(Vec::new());
    }
    // A visit before this day should have been told of by yesterday at the latest.
    let before = calendar(cx)?
        .after(cx.today(), cx.rules.procedure.notice_days)
        .ok_or_else(|| Error::internal("calendar"))?;
    let wanted = usize::try_from(limit).unwrap_or(0);
    let (mut list, mut after) = (Vec::new(), after);
    while list.len() < wanted {
        let rows = papers::undelivered(cx.db, &region, before, after, limit.max(1))?;
        let Some(last) = rows.last().map(|v| v.id) else { break };
        after = Some(last);
        for whole in visit_service::whole(cx, rows)? {
            if whole.may(cx, Action::ViewPaper).is_ok() && list.len() < wanted {
                list.push(account(cx, whole, Vec::new())?);
            }
        }
    }
    Ok(list)
}
