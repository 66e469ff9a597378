//! 两次邮寄 and the approval of the listing that follows.

use super::{go, past_day, settled, state_of, whose};
use crate::domain::access::{Action, Scope};
use crate::domain::mailing::{Act, Call, Case, Fate, Letter, Policy, Refusal, State};
use crate::domain::result::Outcome;
use crate::domain::states::Cycle;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::invitations::calendar;
use crate::service::results;
use crate::store::mailings::Mailing;
use crate::store::mailings::letters::{self as rows, Filter};
use crate::store::results::conducts;
use crate::store::types::{At, Doc};
use crate::store::{accounts, departments, subjects, visits};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeMap;

/// A letter that was posted.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Registered or EMS.
    pub kind: Letter,
    /// Its number.
    pub number: String,
    /// When.
    pub day: NaiveDate,
}

fn policy(cx: &Cx<'_>) -> Policy {
    let r = &cx.rules.follow_up;
    Policy { from: r.mailing_from, to: r.mailing_to, listing: r.listing_days }
}

fn refused(state: &str, refusal: Refusal) -> Error {
    let text = refusal.text();
    match refusal {
        Refusal::State(r) => Error::wrong_state(r.state, text),
        Refusal::Future => Error::field("/day", "in_future", text),
        Refusal::Before(_) => Error::field("/day", "too_early", text),
        Refusal::TooEarly { .. } => Error::refused("second_too_early", text),
        Refusal::TooLate { .. } => {
            Error::Refused { code: "second_too_late", text, state: Some(state.to_owned()) }
        }
        Refusal::StillTime { .. } => Error::refused("still_time", text),
    }
}

fn case(row: &Mailing) -> Result<Case> {
    Ok(Case {
        state: state_of(&row.state)?,
        first: row.first_day,
        first_end: row.first_end_day,
        second: row.second_day,
        verified: row.second_end_day,
        reminded: row.reminder_day,
        reached: row.reached_day,
    })
}

/// Writes the days of a case into its row.
fn put(cx: &mut Cx<'_>, row: &mut Mailing, case: &Case) -> Result<()> {
    let calendar = calendar(cx)?;
    let due = case.due(&policy(cx), &calendar);
    // Another step, or another day, is waited for anew.
    if due != row.due_day {
        (row.reminders, row.overdue) = (0, false);
    }
    row.due_day = due;
    row.state = case.state.as_str().to_owned();
    row.first_day = case.first;
    row.first_end_day = case.first_end;
    row.second_day = case.second;
    row.second_end_day = case.verified;
    row.reminder_day = case.reminded;
    row.reached_day = case.reached;
    Ok(())
}

/// Records the first letter to a business that one's own department did not find at its registered place.
///
/// # Errors
/// Not allowed; the result does not say so; a mailing runs already; a letter from before the visit; every fault of the
/// fields.
pub fn open(cx: &mut Cx<'_>, result: Id, letter: &Posted) -> Result<Mailing> {
    let of = settled(cx, result)?;
    if !results::outcomes(&of).contains(&Outcome::Unreachable) {
        let text = "只有结果为“通过登记的住所(经营场所)无法联系”的,才办理两次邮寄";
        return Err(Error::refused("not_unreachable", text));
    }
    for row in rows::of_result(cx.db, result)? {
        if !state_of::<State>(&row.state)?.is_final() {
            return Err(Error::refused("mailing_open", "该检查结果已在办理两次邮寄"));
        }
    }
    let mut faults = Faults::default();
    let number = faults.text("/number", &letter.number, true, 100);
    let today = cx.today();
    // A letter from before the visit would shorten the time that the business has.
    let end = conducts::get(cx.db, of.visit_id)?.and_then(|c| c.end_day);
    let found = end.unwrap_or_else(|| crate::clock::china_date(of.created_at.0));
    past_day(&mut faults, "/day", letter.day, found, today);
    faults.done()?;
    let case = Case::open(letter.day, today).map_err(|r| refused("", r))?;
    let mut row = Mailing {
        id: cx.id()?,
        region: of.region.clone(),
        result_id: of.id,
        visit_id: of.visit_id,
        subject_id: of.subject_id,
        department_id: of.department_id,
        round: 1,
        first_kind: letter.kind.as_str().to_owned(),
        first_number: number,
        first_day: letter.day,
        first_end: String::new(),
        first_end_day: None,
        second_kind: String::new(),
        second_number: String::new(),
        second_day: None,
        second_end: String::new(),
        second_end_day: None,
        reminder_kind: String::new(),
        reminder_day: None,
        reminder_note: String::new(),
        due_day: None,
        reminders: 0,
        overdue: false,
        reached_day: None,
        opinions: Doc(BTreeMap::new()),
        decided_by: None,
        state: State::FirstSent.as_str().to_owned(),
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    put(cx, &mut row, &case)?;
    rows::insert(cx.db, &row)?;
    let data = json!({
        "result": of.id.to_string(), "department": of.department_id.to_string(), "kind": row.first_kind,
        "number": row.first_number, "day": letter.day.to_string(),
    });
    cx.journal(Event::new("mailing_opened", "mailing", row.id, data))?;
    Ok(row)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Mailing> {
    let row = rows::get(cx.db, id)?.ok_or(Error::NotFound("两次邮寄"))?;
    cx.may(action, &Scope::of(&row.region, row.department_id))?;
    Ok(row)
}

/// One mailing.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Mailing> {
    load(cx, id, Action::ViewFollowUp)
}

/// Mailings of one's department, or for the coordination office and overseers of the county.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<Mailing>> {
    let Some(department) = whose(cx, Action::ViewFollowUp, filter.department)? else { return Ok(Vec::new()) };
    let region = cx.region().to_owned();
    rows::list(cx.db, &region, &Filter { department, ..filter.clone() }, after, limit)
}

/// One step: checked by the rule, written, told to the journal.
fn step(
    cx: &mut Cx<'_>,
    old: &Mailing,
    act: Act,
    day: NaiveDate,
    note: &str,
    change: impl FnOnce(&mut Mailing),
) -> Result<Mailing> {
    cx.unchanged(old.version)?;
    let before = case(old)?;
    let after = before.after(&policy(cx), act, day, cx.today()).map_err(|r| refused(&old.state, r))?;
    let mut row = old.clone();
    change(&mut row);
    put(cx, &mut row, &after)?;
    row.version += 1;
    row.updated_at = At(cx.now);
    rows::transition(cx.db, &row, &old.state, old.version)?;
    let data = json!({
        "act": act.as_str(), "from": old.state, "to": row.state, "day": day.to_string(), "round": row.round,
        "due": row.due_day.map(|d| d.to_string()),
    });
    let mut event = Event::new("mailing_moved", "mailing", row.id, data);
    if !note.is_empty() {
        event = event.private(json!({ "note": note }));
    }
    cx.journal(event)?;
    Ok(row)
}

/// Records what became of the letter that is under way: it came back, nobody answered, or somebody signed, which ends it.
///
/// # Errors
/// Not allowed; no letter is under way; a day that cannot be.
pub fn fate(cx: &mut Cx<'_>, id: Id, fate: Fate, day: NaiveDate) -> Result<Mailing> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let first = old.state == State::FirstSent.as_str();
    // Only what was posted can have a fate, whatever the way to “reached” is otherwise.
    if !first && old.state != State::SecondSent.as_str() {
        go(crate::domain::mailing::next(state_of(&old.state)?, Act::Fail))?;
    }
    let act = if fate == Fate::Signed { Act::Reach } else { Act::Fail };
    step(cx, &old, act, day, "", |row| {
        let end = if first { &mut row.first_end } else { &mut row.second_end };
        fate.as_str().clone_into(end);
    })
}

/// Records the second letter: 15 to 30 days after the first, unless the county has other numbers.
///
/// # Errors
/// Not allowed; the first letter has not failed; too early (says the first day); too late; every fault of the fields.
pub fn second(cx: &mut Cx<'_>, id: Id, letter: &Posted) -> Result<Mailing> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let number = number(letter)?;
    step(cx, &old, Act::Second, letter.day, "", |row| {
        letter.kind.as_str().clone_into(&mut row.second_kind);
        row.second_number.clone_from(&number);
    })
}

/// Records a new first letter, when the time for the second was missed.
///
/// # Errors
/// Not allowed; there is still time for the second letter; every fault of the fields.
pub fn restart(cx: &mut Cx<'_>, id: Id, letter: &Posted) -> Result<Mailing> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let number = number(letter)?;
    step(cx, &old, Act::Restart, letter.day, "", |row| {
        letter.kind.as_str().clone_into(&mut row.first_kind);
        row.first_number.clone_from(&number);
        row.first_end.clear();
        row.round += 1;
    })
}

fn number(letter: &Posted) -> Result<String> {
    let mut faults = Faults::default();
    let number = faults.text("/number", &letter.number, true, 100);
    faults.done()?;
    Ok(number)
}

/// Records the call or SMS before the listing (列异提醒): whom, and what was said.
///
/// # Errors
/// Not allowed; not both letters have failed; every fault of the fields.
pub fn remind(cx: &mut Cx<'_>, id: Id, call: Call, note: &str, day: NaiveDate) -> Result<Mailing> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let note = text(note, "/note", true)?;
    step(cx, &old, Act::Remind, day, &note, |row| {
        call.as_str().clone_into(&mut row.reminder_kind);
        row.reminder_note.clone_from(&note);
    })
}

fn text(value: &str, at: &str, required: bool) -> Result<String> {
    let mut faults = Faults::default();
    let value = faults.text(at, value, required, 2_000);
    faults.done()?;
    Ok(value)
}

/// Records that the business was reached after all: it is not listed.
///
/// # Errors
/// Not allowed; it has ended; every fault of the fields.
pub fn reach(cx: &mut Cx<'_>, id: Id, note: &str, day: NaiveDate) -> Result<Mailing> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    let note = text(note, "/note", true)?;
    step(cx, &old, Act::Reach, day, &note, |row| {
        row.opinions.0.insert("reached".to_owned(), note.clone());
    })
}

/// Hands the case over to the listing procedure.
///
/// # Errors
/// Not allowed; the business was not reminded yet.
pub fn hand_over(cx: &mut Cx<'_>, id: Id, opinion: &str) -> Result<Mailing> {
    let old = load(cx, id, Action::WorkFollowUp)?;
    decide(cx, &old, Act::HandOver, "handed_over", opinion)
}

fn decide(cx: &mut Cx<'_>, old: &Mailing, act: Act, key: &str, opinion: &str) -> Result<Mailing> {
    let opinion = text(opinion, "/opinion", true)?;
    let (today, user) = (cx.today(), cx.user()?);
    let name = accounts::get(cx.db, user)?.map(|a| a.name).unwrap_or_default();
    step(cx, old, act, today, &opinion, |row| {
        row.opinions.0.insert(key.to_owned(), opinion.clone());
        row.opinions.0.insert(format!("{key}_by"), name);
        row.opinions.0.insert(format!("{key}_on"), today.to_string());
        match act {
            Act::Station => row.decided_by = Some(user),
            // What was approved before must be approved again.
            Act::Return => {
                row.opinions.0.retain(|k, _| !k.starts_with("station"));
                row.decided_by = None;
            }
            _ => {}
        }
    })
}

/// The head of the station agrees to the listing.
///
/// # Errors
/// Not allowed; not handed over; no opinion.
pub fn station(cx: &mut Cx<'_>, id: Id, opinion: &str) -> Result<Mailing> {
    let old = load(cx, id, Action::ReviewListing)?;
    decide(cx, &old, Act::Station, "station", opinion)
}

/// The bureau agrees to the listing: somebody else than the head of the station.
///
/// # Errors
/// Not allowed; the station has not agreed; the same person; no opinion.
pub fn bureau(cx: &mut Cx<'_>, id: Id, opinion: &str) -> Result<Mailing> {
    let old = load(cx, id, Action::DecideFollowUp)?;
    if old.decided_by.is_some()
        && old.decided_by == cx.actor.user
        && old.state == State::StationApproved.as_str()
    {
        return Err(Error::Denied("所长审核与局领导审批不得为同一人".to_owned()));
    }
    decide(cx, &old, Act::Bureau, "bureau", opinion)
}

/// Sends the case back to the clerk with a reason: the station, or the bureau.
///
/// # Errors
/// Not allowed; not handed over; no reason.
pub fn send_back(cx: &mut Cx<'_>, id: Id, reason: &str) -> Result<Mailing> {
    let old = load(cx, id, Action::ReviewListing)?;
    if old.state == State::StationApproved.as_str() {
        cx.may(Action::DecideFollowUp, &Scope::of(&old.region, old.department_id))?;
    }
    decide(cx, &old, Act::Return, "returned", reason)
}

/// A letter, on the paper of the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingLetter {
    /// 挂号信 or EMS.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// When it was posted.
    pub posted: NaiveDate,
    /// 退回 or 无人签收; empty: not known.
    pub fate: String,
    /// When that was known.
    pub ended: Option<NaiveDate>,
}

/// What one of the signatories said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opinion {
    /// His words; empty: not yet.
    pub words: String,
    /// His name.
    pub name: String,
    /// When, `YYYY-MM-DD`.
    pub day: String,
}

/// Everything 《经营异常名录审批表》 says, for the paper and for the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The mailing.
    pub id: Id,
    /// Credit code or registration number.
    pub subject_key: String,
    /// Name of the business.
    pub subject: String,
    /// Registered place.
    pub address: String,
    /// The department.
    pub department: String,
    /// Code of the visit.
    pub visit: String,
    /// Why it is to be listed.
    pub reason: &'static str,
    /// The letters, the first one first.
    pub letters: Vec<ListingLetter>,
    /// 电话 or 短信; empty: not reminded yet.
    pub reminder: String,
    /// When it was reminded.
    pub reminder_day: Option<NaiveDate>,
    /// Day of verification: the second letter failed.
    pub verified: Option<NaiveDate>,
    /// Last day to list.
    pub due: Option<NaiveDate>,
    /// Who handed it over.
    pub handed_over: Opinion,
    /// The head of the station.
    pub station: Opinion,
    /// The bureau.
    pub bureau: Opinion,
    /// Where it stands, in Chinese.
    pub state: &'static str,
}

/// The data of the approval form of a listing.
///
/// # Errors
/// Not visible.
pub fn listing(cx: &mut Cx<'_>, id: Id) -> Result<Listing> {
    let row = get(cx, id)?;
    let subject = subjects::get(cx.db, row.subject_id)?.ok_or(Error::NotFound("检查对象"))?;
    let department = departments::get(cx.db, row.department_id)?.map(|d| d.name).unwrap_or_default();
    let visit = visits::need(cx.db, row.visit_id)?.code;
    let letter = |kind: &str, number: &str, posted, fate: &str, ended| ListingLetter {
        kind: Letter::parse(kind).map_or("", Letter::word).to_owned(),
        number: number.to_owned(),
        posted,
        fate: Fate::parse(fate).map_or("", Fate::word).to_owned(),
        ended,
    };
    let mut letters =
        vec![letter(&row.first_kind, &row.first_number, row.first_day, &row.first_end, row.first_end_day)];
    if let Some(day) = row.second_day {
        letters.push(letter(&row.second_kind, &row.second_number, day, &row.second_end, row.second_end_day));
    }
    let of = |key: &str| row.opinions.0.get(key).cloned().unwrap_or_default();
    let opinion =
        |key: &str| Opinion { words: of(key), name: of(&format!("{key}_by")), day: of(&format!("{key}_on")) };
    let state: State = state_of(&row.state)?;
    Ok(Listing {
        id,
        subject_key: subject.key,
        subject: subject.name,
        address: format!("{}{}", subject.town, subject.address),
        department,
        visit,
        reason: Outcome::Unreachable.word(),
        letters,
        reminder: Call::parse(&row.reminder_kind).map_or("", Call::word).to_owned(),
        reminder_day: row.reminder_day,
        verified: row.second_end_day,
        due: row.second_end_day.and(row.due_day),
        handed_over: opinion("handed_over"),
        station: opinion("station"),
        bureau: opinion("bureau"),
        state: state.word(),
    })
}
