//! What businesses say after a visit: the public page of a visit, ratings, complaints, and whom the oversight asks. Nothing
//! here is shown to a department that inspects: neither a rating nor its author, nor how many there are.

pub mod rounds;
pub mod secret;

use super::cx::{Cx, Event};
use super::follow_up::{go, state_of};
use super::results::on_site::CODE;
use super::visits::{self as visit_service, Whole};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::voice::{self as life, Act, State, masked};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::store::outbox::Mail;
use crate::store::results::{Conduct, check_ins};
use crate::store::types::{At, Doc};
use crate::store::voice::{Complaint, Rating, complaints, ratings};
use crate::store::{scopes, visits, voice};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeMap;

/// One of the team, as the public sees him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// Name, masked.
    pub name: String,
    /// His department.
    pub department: String,
    /// Whether he checked in.
    pub came: bool,
    /// An expert who accompanies and is no officer.
    pub expert: bool,
}

/// The public page of a visit.
#[derive(Debug, Clone)]
pub struct VisitPage {
    /// Code of the visit.
    pub code: String,
    /// Name of the business.
    pub subject: String,
    /// The day.
    pub day: Option<NaiveDate>,
    /// Whether the on-site part has ended.
    pub ended: bool,
    /// Whether whoever asks may rate it: the business, by its own secret.
    pub may_rate: bool,
    /// Departments, by rank.
    pub departments: Vec<String>,
    /// Items with their departments.
    pub items: Vec<(String, String)>,
    /// The team.
    pub team: Vec<Officer>,
}

/// A visit that somebody has the token of.
struct Begun {
    conduct: Conduct,
    whole: Whole,
    /// Whether the token is that of the business, which the team does not know.
    business: bool,
}

/// The visit of a token, once it has begun. Before, or with another token, there is nothing: an unannounced visit stays
/// unknown. The token is the code of the visit, and the secret of the business after it if that is who asks.
fn begun(cx: &mut Cx<'_>, token: &str) -> Result<Begun> {
    let missing = || Error::NotFound("入企检查");
    let token: String =
        token.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let (code, given) = token.split_at_checked(CODE).unwrap_or((token.as_str(), ""));
    let region = cx.region().to_owned();
    let conduct =
        voice::by_token(cx.db, &region, code)?.filter(|c| c.began_at.is_some()).ok_or_else(missing)?;
    let business = !given.is_empty();
    if business && !secret::is_of(&cx.keys.draw, conduct.visit_id, given) {
        return Err(missing());
    }
    let visit = visits::need(cx.db, conduct.visit_id)?;
    let whole = visit_service::whole(cx, vec![visit])?.pop().ok_or_else(missing)?;
    Ok(Begun { conduct, whole, business })
}

/// What the business sees that scans the code of its visit: who came, for whom, to check what.
///
/// # Errors
/// No visit has this token, or it has not begun.
pub fn page(cx: &mut Cx<'_>, token: &str) -> Result<VisitPage> {
    let Begun { conduct, whole, business } = begun(cx, token)?;
    let came: Vec<Id> = check_ins::of(cx.db, whole.visit.id)?.iter().map(|c| c.inspector_id).collect();
    let name =
        |id: Id| whole.departments.iter().find(|d| d.id == id).map(|d| d.name.clone()).unwrap_or_default();
    Ok(VisitPage {
        code: whole.visit.code.clone(),
        subject: whole.subject.name.clone(),
        day: whole.visit.on_day,
        ended: conduct.ended_at.is_some(),
        may_rate: business,
        departments: whole.departments.iter().map(|d| d.name.clone()).collect(),
        items: whole.tasks.iter().map(|(t, i)| (name(t.department_id), i.name.clone())).collect(),
        team: whole
            .team
            .iter()
            .map(|(seat, person)| Officer {
                name: masked(&person.name),
                department: name(seat.department_id),
                came: came.contains(&seat.inspector_id),
                expert: person.expert,
            })
            .collect(),
    })
}

/// Rates a visit, once. Only the business does: the team has the code of the visit as well, so the code is not enough.
///
/// # Errors
/// No visit has this token, or it has not begun; the token is not that of the business; rated already; every fault of the
/// fields.
pub fn rate(cx: &mut Cx<'_>, token: &str, scores: &BTreeMap<String, i32>, words: &str) -> Result<()> {
    let Begun { whole, business, .. } = begun(cx, token)?;
    if !business {
        return Err(Error::refused(
            "rating_card_needed",
            "评价须由企业本身进行:请扫描《企业评价卡》上的二维码,或输入卡上的评价码",
        ));
    }
    let mut faults = Faults::default();
    for (question, code, text) in life::faults(scores) {
        faults.add(format!("/scores/{question}"), code, text);
    }
    let words = faults.text("/text", words, false, 2_000);
    faults.done()?;
    let twice = || Error::refused("already_rated", "本次检查已经评价过;如非您本人评价,请提交投诉");
    if ratings::is_there(cx.db, whole.visit.id)? {
        return Err(twice());
    }
    let row = Rating {
        id: cx.id()?,
        region: whole.visit.region.clone(),
        visit_id: whole.visit.id,
        scores: Doc(scores.clone()),
        words: words.clone(),
        created_at: At(cx.now),
    };
    // Two at the same moment: the key lets one of them in.
    ratings::insert(cx.db, &row).map_err(|e| if matches!(e, Error::Duplicate(_)) { twice() } else { e })?;
    // Which visit it is stays among what can be erased: the journal keeps the rest for ever.
    let private = json!({ "visit": whole.visit.id.to_string(), "scores": scores, "text": words });
    cx.journal(Event::new("visit_rated", "rating", row.id, json!({})).private(private))
}

/// Takes a complaint about a visit.
///
/// # Errors
/// No visit has this token, or it has not begun; too many; no text.
pub fn complain(cx: &mut Cx<'_>, token: &str, words: &str, contact: &str) -> Result<Complaint> {
    let Begun { whole, .. } = begun(cx, token)?;
    let mut faults = Faults::default();
    let words = faults.text("/text", words, true, 4_000);
    let contact = faults.text("/contact", contact, false, 200);
    faults.done()?;
    if complaints::count(cx.db, whole.visit.id)? >= i64::from(cx.rules.follow_up.complaints) {
        return Err(Error::refused("too_many_complaints", "对本次检查的投诉已达上限,请直接联系监督部门"));
    }
    let row = Complaint {
        id: cx.id()?,
        region: whole.visit.region.clone(),
        visit_id: whole.visit.id,
        words: words.clone(),
        contact: contact.clone(),
        answer: String::new(),
        closing: String::new(),
        taken_by: None,
        taken_at: None,
        answered_at: None,
        closed_at: None,
        state: State::Lodged.as_str().to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    complaints::insert(cx.db, &row)?;
    let private = json!({ "visit": row.visit_id.to_string(), "text": words, "contact": contact });
    cx.journal(Event::new("complaint_lodged", "complaint", row.id, json!({})).private(private))?;
    // Only those who may see it are told, and only that it is there.
    let link = cx.rules.mail.link.clone();
    let region = row.region.clone();
    for account in scopes::with_role(cx.db, &region, Role::Overseer.as_str())? {
        if account.email.is_empty() {
            continue;
        }
        cx.mail(Mail {
            kind: "complaint_lodged",
            recipient: account.email,
            user: Some(account.id),
            subject: "收到一件对入企检查的投诉".to_owned(),
            body: format!("收到一件对入企检查的投诉,请登录系统受理:{link}\n"),
            object: Some(row.id),
            dedupe: format!("complaint_lodged:{}:{}", row.id, account.id),
        })?;
    }
    Ok(row)
}

/// Ratings of the county.
///
/// # Errors
/// Not allowed.
pub fn list_ratings(
    cx: &mut Cx<'_>,
    visit: Option<Id>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Rating>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewVoice, &Scope::county(&region))?;
    ratings::list(cx.db, &region, visit, after, limit)
}

/// Complaints of the county.
///
/// # Errors
/// Not allowed.
pub fn list_complaints(
    cx: &mut Cx<'_>,
    state: Option<String>,
    visit: Option<Id>,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Complaint>> {
    let region = cx.region().to_owned();
    cx.may(Action::ViewVoice, &Scope::county(&region))?;
    complaints::list(cx.db, &region, state, visit, after, limit)
}

/// One complaint.
///
/// # Errors
/// Not allowed; there is none.
pub fn complaint(cx: &mut Cx<'_>, id: Id) -> Result<Complaint> {
    let row = complaints::get(cx.db, id)?.ok_or(Error::NotFound("投诉"))?;
    cx.may(Action::ViewVoice, &Scope::county(&row.region))?;
    Ok(row)
}

/// Takes, answers or closes a complaint.
///
/// # Errors
/// Not allowed; the state does not allow it; no text where one is needed.
pub fn handle(cx: &mut Cx<'_>, id: Id, act: Act, text: &str) -> Result<Complaint> {
    let old = complaint(cx, id)?;
    cx.may(Action::HandleComplaint, &Scope::county(&old.region))?;
    cx.unchanged(old.version)?;
    let mut faults = Faults::default();
    let text = faults.text("/text", text, act != Act::Take, 4_000);
    faults.done()?;
    let mut row = old.clone();
    row.state = go(life::next(state_of(&old.state)?, act))?.as_str().to_owned();
    let now = Some(At(cx.now));
    match act {
        Act::Take => (row.taken_by, row.taken_at) = (Some(cx.user()?), now),
        Act::Answer => {
            row.answer.clone_from(&text);
            row.answered_at = now;
        }
        Act::Close => {
            row.closing.clone_from(&text);
            row.closed_at = now;
        }
    }
    row.version += 1;
    row.updated_at = At(cx.now);
    complaints::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({ "act": act.as_str(), "from": old.state, "to": row.state });
    cx.journal(Event::new("complaint_handled", "complaint", id, data).private(json!({ "text": text })))?;
    Ok(row)
}
