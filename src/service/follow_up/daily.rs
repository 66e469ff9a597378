//! The round of the clock: whoever has something to do is reminded before its last day, and told once when it has passed.

use super::state_of;
use crate::domain::access::Role;
use crate::domain::calendar::WorkdayTable;
use crate::domain::referral::{Kind, Side, State};
use crate::domain::reminder::{Step, step};
use crate::domain::result::countdown;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::invitations::calendar;
use crate::store::accounts::{self, Account};
use crate::store::conn::Conn;
use crate::store::follow_up::{Rectification, Referral, rectifications, referrals};
use crate::store::mailings::{Commission, Mailing, commissions, letters};
use crate::store::outbox::Mail;
use crate::store::types::At;
use crate::store::{scopes, visits};
use chrono::{Days, NaiveDate};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Reminders.
    pub reminded: usize,
    /// Steps of which it was said that their last day has passed.
    pub overdue: usize,
}

/// Something that waits for a department until a day.
trait Waiting: Clone {
    /// Its name in the journal.
    const KIND: &'static str;
    /// Its name for people.
    fn word(&self) -> Result<&'static str>;
    /// Whom it waits for.
    fn department(&self) -> Result<Id>;
    /// Identifier, visit, last day, reminders, whether it was said to be late, version, state.
    fn facts(&self) -> (Id, Id, Option<NaiveDate>, i32, bool, i64, String);
    /// Reminders and lateness as they are now, with the version raised.
    fn mark(&mut self, reminders: i32, overdue: bool, now: At);
    /// Writes it, unless somebody was faster.
    fn write(&self, db: &mut Conn, from: &str, seen: i64) -> Result<()>;
}

macro_rules! waiting {
    ($row:ty, $rows:ident, $kind:literal, $r:ident, $word:expr, $department:expr) => {
        impl Waiting for $row {
            const KIND: &'static str = $kind;

            fn word(&self) -> Result<&'static str> {
                let $r: &Self = self;
                let _ = $r;
                $word
            }

            fn department(&self) -> Result<Id> {
                let $r = self;
                $department
            }

            fn facts(&self) -> (Id, Id, Option<NaiveDate>, i32, bool, i64, String) {
                let state = self.state.clone();
                (self.id, self.visit_id, self.due_day, self.reminders, self.overdue, self.version, state)
            }

            fn mark(&mut self, reminders: i32, overdue: bool, now: At) {
                self.reminders = reminders;
                self.overdue = overdue;
                self.version += 1;
                self.updated_at = now;
            }

            fn write(&self, db: &mut Conn, from: &str, seen: i64) -> Result<()> {
                $rows::transition(db, self, from, seen)
            }
        }
    };
}

waiting!(Rectification, rectifications, "rectification", r, Ok("整改"), Ok(r.department_id));
waiting!(Referral, referrals, "referral", r, state_of::<Kind>(&r.kind).map(Kind::word), {
    let side = state_of::<State>(&r.state)?.waits_for();
    Ok(if side == Some(Side::Sender) { r.from_id } else { r.to_id })
});
waiting!(Mailing, letters, "mailing", r, Ok("两次邮寄、列异"), Ok(r.department_id));
waiting!(Commission, commissions, "commission", r, Ok("委托报告"), Ok(r.department_id));

/// One thing to say to a department.
struct Line {
    late: bool,
    department: Id,
    visit: Id,
    word: &'static str,
    due: NaiveDate,
    key: String,
}

/// Reminds, and says what is late. Running it twice, or on two servers at once, does nothing more. Whoever is concerned by
/// several things gets one mail for all of them; the coordination office gets one with all that is late.
///
/// # Errors
/// The database.
pub fn tick(cx: &mut Cx<'_>) -> Result<Round> {
    let region = cx.region().to_owned();
    let farthest = cx.rules.follow_up.remind.iter().copied().max().unwrap_or(0);
    // Holidays included, so many working days never take longer.
    let until = cx.today() + Days::new(u64::from(farthest) * 3 + 30);
    let rectified = rectifications::waiting(cx.db, &region, until)?;
    let referred = referrals::waiting(cx.db, &region, until)?;
    let mailed = letters::waiting(cx.db, &region, until)?;
    let commissioned = commissions::waiting(cx.db, &region, until)?;
    if rectified.is_empty() && referred.is_empty() && mailed.is_empty() && commissioned.is_empty() {
        return Ok(Round::default());
    }
    let calendar = calendar(cx)?;
    let mut lines = Vec::new();
    pass(cx, &calendar, rectified, &mut lines)?;
    pass(cx, &calendar, referred, &mut lines)?;
    pass(cx, &calendar, mailed, &mut lines)?;
    pass(cx, &calendar, commissioned, &mut lines)?;
    send(cx, &calendar, &lines)?;
    let overdue = lines.iter().filter(|l| l.late).count();
    Ok(Round { reminded: lines.len() - overdue, overdue })
}

fn pass<W: Waiting>(
    cx: &mut Cx<'_>,
    calendar: &WorkdayTable,
    list: Vec<W>,
    lines: &mut Vec<Line>,
) -> Result<()> {
    let today = cx.today();
    let before = cx.rules.follow_up.remind.clone();
    for old in list {
        let (id, visit, due, reminders, told, version, state) = old.facts();
        let Some(due) = due else { continue };
        let reminded = u32::try_from(reminders).unwrap_or(0);
        let (number, late) = match step(calendar, &before, reminded, told, today, due) {
            Step::Wait => continue,
            Step::Remind { number } => (i32::try_from(number).unwrap_or(i32::MAX), false),
            Step::Overdue => (reminders, true),
        };
        let mut row = old.clone();
        row.mark(number, late, At(cx.now));
        match row.write(cx.db, &state, version) {
            Ok(()) => {}
            // Somebody dealt with it meanwhile, or another server was faster.
            Err(Error::Refused { .. } | Error::NotFound(_)) => continue,
            Err(other) => return Err(other),
        }
        let department = row.department()?;
        let data = json!({
            "department": department.to_string(), "due": due.to_string(), "state": state, "reminders": number,
        });
        let act = if late { "follow_up_overdue" } else { "follow_up_reminded" };
        cx.journal(Event::new(act, W::KIND, id, data))?;
        let key = format!("{id}.{}", version + 1);
        lines.push(Line { late, department, visit, word: row.word()?, due, key });
    }
    Ok(())
}

fn send(cx: &mut Cx<'_>, calendar: &WorkdayTable, lines: &[Line]) -> Result<()> {
    let ids: BTreeSet<Id> = lines.iter().map(|l| l.visit).collect();
    let codes: HashMap<Id, String> = visits::by_ids(cx.db, &ids.into_iter().collect::<Vec<_>>())?
        .into_iter()
        .map(|v| (v.id, v.code))
        .collect();
    let mut groups: BTreeMap<(bool, Id), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        groups.entry((line.late, line.department)).or_default().push(line);
    }
    for ((late, department), lines) in &groups {
        let to = accounts::addressees(cx.db, *department, &[Role::DepartmentClerk, Role::DepartmentHead])?;
        mail(cx, calendar, *late, &to, lines, &codes)?;
    }
    let late: Vec<&Line> = lines.iter().filter(|l| l.late).collect();
    if !late.is_empty() {
        let region = cx.region().to_owned();
        let office = scopes::with_role(cx.db, &region, Role::Coordinator.as_str())?;
        mail(cx, calendar, true, &office, &late, &codes)?;
    }
    Ok(())
}

fn mail(
    cx: &mut Cx<'_>,
    calendar: &WorkdayTable,
    late: bool,
    to: &[Account],
    lines: &[&Line],
    codes: &HashMap<Id, String>,
) -> Result<()> {
    let today = cx.today();
    let (kind, title) = if late {
        ("follow_up_overdue", "后续处置逾期")
    } else {
        ("follow_up_reminder", "后续处置提醒")
    };
    let texts: Vec<String> = lines
        .iter()
        .map(|l| {
            let visit = codes.get(&l.visit).map(String::as_str).unwrap_or_default();
            let left = countdown(calendar, today, l.due).words();
            format!("{} 入企{visit}:应于{}前办理,{left}", l.word, l.due)
        })
        .collect();
    let keys: Vec<&str> = lines.iter().map(|l| l.key.as_str()).collect();
    let stamp = hex::encode(&Sha256::digest(keys.join(","))[..16]);
    let link = cx.rules.mail.link.clone();
    for account in to.iter().filter(|a| !a.email.is_empty()) {
        cx.mail(Mail {
            kind,
            recipient: account.email.clone(),
            user: Some(account.id),
            subject: format!("{title}:{}项", lines.len()),
            body: format!("{}\n\n请登录系统办理:{link}\n", texts.join("\n")),
            object: None,
            dedupe: format!("{kind}:{}:{stamp}", account.id),
        })?;
    }
    Ok(())
}
