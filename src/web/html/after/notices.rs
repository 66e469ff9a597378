//! The notice of a visit: whether it was delivered, how, when and to whom; recording that; those that are overdue.

use super::parts::{Cell, Deed, ListPage, Part, ThingPage, plain, with_small, word_choices};
use super::{Names, key};
use crate::domain::access::Action::{DeliverNotice, ViewPaper};
use crate::domain::notice::{Channel, Standing};
use crate::domain::paper::may_be_named;
use crate::domain::visit_state::State;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::papers::notices;
use crate::store::accounts;
use crate::store::papers::Delivery;
use crate::web::api::papers::{self as api, DeliveryBody};
use crate::web::html::list::Pager;
use crate::web::html::ui::{Html, Ui, escaped};
use crate::web::html::{Done, Page};
use crate::web::page::{Cursor, cut};
use crate::web::parse::NoQuery;
use crate::web::router::Allow::Action;
use crate::web::router::Router;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::IntoParams;

pub(super) fn pages(r: &mut Router) {
    r.page("/notices/overdue", Action(ViewPaper), overdue);
    r.page("/visits/{id}/notice", Action(ViewPaper), show);
    r.form("/visits/{id}/notice/delivery", Action(DeliverNotice), deliver, show);
}

/// Where the list goes on.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// Cursor.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A notice that should have been delivered.
struct Overdue {
    visit: Id,
    code: String,
    subject: String,
    day: Option<NaiveDate>,
    last: Option<NaiveDate>,
    lead: String,
}

fn overdue(cx: &mut Cx<'_>, ui: &Ui, (): (), query: ListQuery) -> Result<Page> {
    let after = key(query.after.as_ref())?;
    let (found, next) = cut(|most| notices::overdue(cx, after, most), |a| a.whole.visit.id.to_string())?;
    let names = Names::read(cx, [])?;
    let rows: Vec<Overdue> = found
        .into_iter()
        .map(|a| Overdue {
            visit: a.whole.visit.id,
            lead: a.whole.visit.lead_department_id.map(|d| names.office(d).to_owned()).unwrap_or_default(),
            code: a.whole.visit.code,
            subject: a.whole.subject.name,
            day: a.whole.visit.on_day,
            last: a.last_day,
        })
        .collect();
    list_page(ui, &names, &rows, query.after.is_some(), next.as_deref())
}

fn list_page(ui: &Ui, names: &Names, rows: &[Overdue], after: bool, next: Option<&str>) -> Result<Page> {
    let heads = vec![ui.t("col-subject"), ui.t("door-lead"), ui.t("visit-day"), ui.t("fu-notice-last")];
    let cells = rows
        .iter()
        .map(|r| {
            vec![
                Cell::link(ui, &format!("/visits/{}/notice", r.visit), &r.subject).small(&r.code),
                Cell::text(&r.lead),
                Cell::text(&ui.day_or(&r.day)),
                Cell::text(&names.until(ui, r.last)).late(true),
            ]
        })
        .collect();
    let mut list = ListPage::new(ui, ui.t("fu-notice-overdue"), heads, cells)
        .none(ui.t("fu-notice-none"), ui.t("fu-notice-none-then"));
    list.pager = Pager::new(ui, &[], after, next);
    list.page()
}

/// A notice as its page shows it.
struct Shown {
    visit: Id,
    code: String,
    subject: String,
    contact: String,
    lead: String,
    day: Option<NaiveDate>,
    standing: Standing,
    last: Option<NaiveDate>,
    /// The business may know of the visit.
    open: bool,
    deliveries: Vec<Delivery>,
    /// Names of those who recorded them.
    people: HashMap<Id, String>,
    may: bool,
}

fn show(cx: &mut Cx<'_>, ui: &Ui, id: Id, _: NoQuery) -> Result<Page> {
    let account = notices::get(cx, id)?;
    let names = Names::read(cx, [])?;
    let mut people = HashMap::new();
    for d in &account.deliveries {
        if let Some(user) = accounts::get(cx.db, d.user_id)? {
            people.insert(d.user_id, user.name);
        }
    }
    let whole = &account.whole;
    let shown = Shown {
        visit: id,
        code: whole.visit.code.clone(),
        subject: whole.subject.name.clone(),
        contact: format!("{} {}", whole.subject.contact, whole.subject.phone).trim().to_owned(),
        lead: whole.visit.lead_department_id.map(|d| names.office(d).to_owned()).unwrap_or_default(),
        day: whole.visit.on_day,
        standing: account.standing,
        last: account.last_day,
        open: State::parse(&whole.visit.state).is_some_and(|s| may_be_named(s, whole.visit.announced)),
        may: whole.may(cx, DeliverNotice).is_ok(),
        people,
        deliveries: account.deliveries,
    };
    page(ui, &names, &shown)
}

fn delivery(ui: &Ui, people: &HashMap<Id, String>, d: &Delivery) -> (Html, Html) {
    let by = people.get(&d.user_id).map_or("", String::as_str);
    let mut small = vec![
        format!("{}{}{}", ui.t("fu-notice-receiver"), ui.t("colon"), d.receiver),
        ui.t2("fu-notice-recorded", "name", by, "time", ui.time(&d.created_at.0)),
    ];
    small.extend([&d.note].into_iter().filter(|t| !t.is_empty()).cloned());
    if !d.reason.is_empty() {
        small.push(format!("{}{}{}", ui.t("fu-notice-reason"), ui.t("colon"), d.reason));
    }
    let what = format!(
        "{} <b>{}</b>",
        escaped(&ui.word("fu-notice-channel", &d.channel)),
        escaped(&ui.time(&d.delivered_at.0))
    );
    let word = if d.in_time { "delivered" } else { "delivered_late" };
    (with_small(&Html::made(what), &small.join(" · ")), ui.chip("fu-notice-standing", word))
}

fn page(ui: &Ui, names: &Names, shown: &Shown) -> Result<Page> {
    let id = shown.visit;
    let standing = shown.standing.as_str();
    let late = matches!(shown.standing, Standing::Overdue(_));
    let mut thing = ThingPage::new(ui, ui.chip("fu-notice-standing", standing), shown.code.clone());
    thing.turn = ui.word("fu-notice-turn", standing);
    thing.late = late;
    if late || matches!(shown.standing, Standing::Open(_)) {
        thing.due = names.until(ui, shown.last);
    }
    thing.fact(ui.t("col-subject"), &shown.subject);
    thing.fact(ui.t("visit-day"), &ui.day_or(&shown.day));
    thing.fact(ui.t("door-lead"), &shown.lead);
    thing.fact(ui.t("fu-notice-last"), &shown.last.map(|d| ui.day(&d)).unwrap_or_default());
    thing.fact(ui.t("door-contact"), &shown.contact);
    // One for an earlier date of the visit does not count any more.
    let (valid, old): (Vec<&Delivery>, Vec<&Delivery>) =
        shown.deliveries.iter().partition(|d| Some(d.for_day) == shown.day);
    thing.parts.push(Part {
        title: ui.t("fu-notice-deliveries"),
        lines: valid.iter().map(|d| delivery(ui, &shown.people, d)).collect(),
        none: ui.t("fu-notice-not-yet"),
    });
    if !old.is_empty() {
        let lines = old.iter().map(|d| {
            let (text, _) = delivery(ui, &shown.people, d);
            (text, plain(&ui.t1("fu-notice-for-day", "day", ui.day(&d.for_day))))
        });
        let lines = lines.collect();
        thing.parts.push(Part { title: ui.t("fu-notice-earlier"), lines, none: String::new() });
    }
    if shown.open {
        thing.paper(ui.word("paper", "notice"), format!("/papers/visits/{id}/notice"));
    } else {
        thing.notes.push(ui.t("paper-embargoed"));
    }
    if shown.may && shown.open && valid.is_empty() {
        let channels: Vec<&str> = Channel::ALL.iter().map(|c| c.as_str()).collect();
        let channels = word_choices(ui, "fu-notice-channel", &channels, "");
        let field = |name: &str, label: &str| ui.field(name, label).of_form("delivery");
        let reason = field("reason", "fu-notice-reason").most(500);
        let fields = vec![
            field("channel", "fu-notice-channel").radios(&channels),
            field("delivered_at", "fu-notice-at").moment().optional().hint("fu-notice-at-hint"),
            field("receiver", "fu-notice-receiver").most(100).hint("fu-notice-receiver-hint"),
            field("note", "fu-notice-note").most(500).optional(),
            if late { reason.hint("fu-notice-reason-hint") } else { reason.optional() },
        ];
        let title = ui.t("fu-notice-do");
        let deed = Deed::new(ui, format!("/visits/{id}/notice/delivery"), title, fields);
        thing.deeds.push(deed.go(ui.t("fu-notice-go")).then(ui.t("fu-notice-then")));
    }
    let page = Page::new(ui.t1("fu-notice-of", "name", &shown.subject), &thing)?;
    let page = page.under("/visits", ui.t("nav-visits"));
    Ok(page.under(format!("/visits/{id}"), shown.subject.clone()))
}

fn deliver(cx: &mut Cx<'_>, id: Id, body: &DeliveryBody) -> Result<Done> {
    api::deliver(cx, id, body)?;
    Ok(Done::to(format!("/visits/{id}/notice")).say("fu-notice-said"))
}

#[cfg(test)]
pub(super) fn samples(ui: &Ui) -> Vec<Page> {
    let id = Id(uuid::Uuid::from_u128(8));
    let text = |t: &str| t.to_owned();
    let day = NaiveDate::from_ymd_opt(2026, 5, 12);
    let names = Names::sample();
    let overdue = || Overdue {
        visit: id,
        code: text("V0001"),
        subject: text("某某餐厅"),
        day,
        last: day,
        lead: text("市监局"),
    };
    let delivery = |for_day: NaiveDate, in_time: bool| Delivery {
        id,
        region: text("350403"),
        visit_id: id,
        for_day,
        channel: text("left_behind"),
        delivered_at: crate::store::types::At(ui.now),
        receiver: text("王小明"),
        note: text("店主本人"),
        reason: if in_time { String::new() } else { text("首次邮寄退回") },
        in_time,
        user_id: id,
        created_at: crate::store::types::At(ui.now),
    };
    let (on, before) = (day.unwrap(), ui.today);
    let shown = |standing: Standing, deliveries: Vec<Delivery>| Shown {
        visit: id,
        code: text("V0001"),
        subject: text("某某餐厅"),
        contact: text("李四 0598-1234567"),
        lead: text("市场监管局"),
        day,
        open: standing != Standing::NotNeeded,
        standing,
        last: Some(before),
        deliveries,
        people: [(id, text("张三"))].into(),
        may: true,
    };
    vec![
        list_page(ui, &names, &[overdue()], true, Some("x")).unwrap(),
        list_page(ui, &names, &[], false, None).unwrap(),
        page(ui, &names, &shown(Standing::NotNeeded, Vec::new())).unwrap(),
        page(ui, &names, &shown(Standing::Open(before), vec![delivery(before, true)])).unwrap(),
        page(ui, &names, &shown(Standing::Overdue(before), Vec::new())).unwrap(),
        page(ui, &names, &shown(Standing::Delivered(true), vec![delivery(on, true)])).unwrap(),
        page(ui, &names, &shown(Standing::Delivered(false), vec![delivery(on, false)])).unwrap(),
    ]
}
