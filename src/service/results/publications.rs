//! The countdown to publication: lists, reminders, yellow and red cards.

use crate::domain::access::{Action, Role, Scope};
use crate::domain::calendar::WorkdayTable;
use crate::domain::publication::{Card, Policy, Step, step};
use crate::domain::result::{Countdown, countdown, publication_due};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::common::far;
use crate::service::cx::{Cx, Event};
use crate::service::invitations::calendar;
use crate::store::accounts::{self, Account};
use crate::store::departments::Department;
use crate::store::outbox::Mail;
use crate::store::publications::{self, Filter, Publication};
use crate::store::types::At;
use crate::store::visits::{self, Visit};
use crate::store::{departments, scopes};
use chrono::{Days, NaiveDate};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A publication period as people see it.
#[derive(Debug, Clone)]
pub struct Period {
    /// The row.
    pub row: Publication,
    /// Code of the visit.
    pub visit: String,
    /// Name of the department.
    pub department: String,
    /// How near the last day is; none when complete.
    pub countdown: Option<Countdown>,
}

/// Counts the last days of all open periods anew, after the calendar was changed. Answers how many have moved.
///
/// # Errors
/// The database; somebody changed one meanwhile.
pub fn recount(cx: &mut Cx<'_>) -> Result<usize> {
    let (region, table) = (cx.region().to_owned(), calendar(cx)?);
    let mut moved = 0;
    for old in publications::open_until(cx.db, &region, far(1))? {
        let Some(due_day) = publication_due(&table, old.end_day, cx.rules.procedure.publish_days) else {
            continue;
        };
        if due_day == old.due_day {
            continue;
        }
        let seen = old.version;
        let row = Publication { due_day, version: seen + 1, updated_at: At(cx.now), ..old };
        if !publications::change(cx.db, &row, seen)? {
            return Err(Error::Again("a publication period changed meanwhile".to_owned()));
        }
        moved += 1;
    }
    Ok(moved)
}

/// Periods of one's department, or for the coordination office and the overseers of the county, the most urgent first.
///
/// # Errors
/// Not allowed.
pub fn list(
    cx: &mut Cx<'_>,
    department: Option<Id>,
    open: Option<bool>,
    late: bool,
    after: Option<(NaiveDate, Id, Id)>,
    limit: i64,
) -> Result<Vec<Period>> {
    let region = cx.region().to_owned();
    let mut filter = Filter { department, open, late_on: late.then(|| cx.today()) };
    if !cx.can(Action::ViewPublication, &Scope::county(&region)) {
        let own = cx.department()?;
        cx.may(Action::ViewPublication, &Scope::of(&region, own))?;
        if department.is_some_and(|d| d != own) {
            return Ok(Vec::new());
        }
        filter.department = Some(own);
    }
    let rows = publications::list(cx.db, &region, &filter, after, limit)?;
    let (visits, names) = named(cx, &rows)?;
    let (calendar, today) = (calendar(cx)?, cx.today());
    Ok(rows
        .into_iter()
        .map(|row| Period {
            visit: visits.get(&row.visit_id).map(|v| v.code.clone()).unwrap_or_default(),
            department: names.get(&row.department_id).map(|d| d.name.clone()).unwrap_or_default(),
            countdown: row.done_at.is_none().then(|| countdown(&calendar, today, row.due_day)),
            row,
        })
        .collect())
}

type Named = (HashMap<Id, Visit>, HashMap<Id, Department>);

fn named(cx: &mut Cx<'_>, rows: &[Publication]) -> Result<Named> {
    let region = cx.region().to_owned();
    let ids: BTreeSet<Id> = rows.iter().map(|r| r.visit_id).collect();
    let visits = visits::by_ids(cx.db, &ids.into_iter().collect::<Vec<_>>())?;
    let offices = departments::all(cx.db, &region)?;
    Ok((visits.into_iter().map(|v| (v.id, v)).collect(), offices.into_iter().map(|d| (d.id, d)).collect()))
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Periods whose departments were reminded.
    pub reminded: usize,
    /// Yellow cards.
    pub yellow: usize,
    /// Red cards.
    pub red: usize,
}

/// What goes into one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Reminder,
    Yellow,
    Red,
}

impl Word {
    const fn kind(self) -> &'static str {
        match self {
            Self::Reminder => "publication_reminder",
            Self::Yellow => "publication_yellow_card",
            Self::Red => "publication_red_card",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Reminder => "检查结果公示提醒",
            Self::Yellow => "黄牌:检查结果逾期未公示",
            Self::Red => "红牌:检查结果逾期未公示",
        }
    }
}

/// Reminds, and shows cards. Running it twice, or on two servers at once, does nothing more. Whoever is concerned by
/// several periods gets one mail for all of them.
///
/// # Errors
/// The database.
pub fn tick(cx: &mut Cx<'_>) -> Result<Round> {
    let region = cx.region().to_owned();
    let today = cx.today();
    let p = &cx.rules.procedure;
    let policy = Policy { remind_before: p.publish_remind.clone(), red_after: p.publish_red };
    // Holidays included, so many working days never take longer.
    let farthest = policy.remind_before.iter().copied().max().unwrap_or(0);
    let until = today + Days::new(u64::from(farthest) * 3 + 30);
    let open = publications::open_until(cx.db, &region, until)?;
    let mut round = Round::default();
    if open.is_empty() {
        return Ok(round);
    }
    let calendar = calendar(cx)?;
    let mut told: BTreeMap<(Word, Id), Vec<Publication>> = BTreeMap::new();
    for old in open {
        let reminded = u32::try_from(old.reminders).unwrap_or(0);
        let mut row = old.clone();
        let word = match step(&calendar, &policy, reminded, Card::parse(&old.card), today, old.due_day) {
            Step::Wait => continue,
            Step::Remind { number } => {
                row.reminders = i32::try_from(number).unwrap_or(i32::MAX);
                Word::Reminder
            }
            Step::Show(card) => {
                card.as_str().clone_into(&mut row.card);
                if card == Card::Red { Word::Red } else { Word::Yellow }
            }
        };
        row.version += 1;
        row.updated_at = At(cx.now);
        if !publications::change(cx.db, &row, old.version)? {
            continue;
        }
        match word {
            Word::Reminder => round.reminded += 1,
            Word::Yellow => round.yellow += 1,
            Word::Red => round.red += 1,
        }
        let data = json!({
            "department": row.department_id.to_string(), "due": row.due_day.to_string(),
            "reminders": row.reminders, "card": row.card,
        });
        let act = if word == Word::Reminder { "publication_reminded" } else { "publication_card_shown" };
        cx.journal(Event::new(act, "visit", row.visit_id, data))?;
        told.entry((word, row.department_id)).or_default().push(row);
    }
    tell(cx, &calendar, &told)?;
    Ok(round)
}

fn tell(
    cx: &mut Cx<'_>,
    calendar: &WorkdayTable,
    told: &BTreeMap<(Word, Id), Vec<Publication>>,
) -> Result<()> {
    let all: Vec<Publication> = told.values().flatten().cloned().collect();
    if all.is_empty() {
        return Ok(());
    }
    let (visits, names) = named(cx, &all)?;
    let today = cx.today();
    let line = |row: &Publication| {
        let visit = visits.get(&row.visit_id).map(|v| v.code.as_str()).unwrap_or_default();
        let office = names.get(&row.department_id).map(|d| d.name.as_str()).unwrap_or_default();
        let words = countdown(calendar, today, row.due_day).words();
        format!("{office} 入企{visit}:应于{}前公示,{words}", row.due_day)
    };
    let region = cx.region().to_owned();
    let office: Vec<Account> = scopes::with_role(cx.db, &region, Role::Coordinator.as_str())?;
    let mut office_rows: BTreeMap<Word, Vec<&Publication>> = BTreeMap::new();
    for ((word, department), rows) in told {
        let to = accounts::addressees(cx.db, *department, &[Role::DepartmentClerk, Role::DepartmentHead])?;
        let rows: Vec<&Publication> = rows.iter().collect();
        send(cx, *word, &to, &rows, &line)?;
        office_rows.entry(*word).or_default().extend(rows);
    }
    for (word, rows) in office_rows {
        send(cx, word, &office, &rows, &line)?;
    }
    Ok(())
}

fn send(
    cx: &mut Cx<'_>,
    word: Word,
    to: &[Account],
    rows: &[&Publication],
    line: &impl Fn(&Publication) -> String,
) -> Result<()> {
    let lines: Vec<String> = rows.iter().map(|r| line(r)).collect();
    // The versions make the key: a row is told once.
    let keys: Vec<String> =
        rows.iter().map(|r| format!("{}.{}.{}", r.visit_id, r.department_id, r.version)).collect();
    let stamp = hex::encode(&Sha256::digest(keys.join(","))[..16]);
    let link = cx.rules.mail.link.clone();
    for account in to.iter().filter(|a| !a.email.is_empty()) {
        cx.mail(Mail {
            kind: word.kind(),
            recipient: account.email.clone(),
            user: Some(account.id),
            subject: format!("{}:{}项", word.title(), rows.len()),
            body: format!("{}\n\n请登录系统办理:{link}\n", lines.join("\n")),
            object: None,
            dedupe: format!("{}:{}:{stamp}", word.kind(), account.id),
        })?;
    }
    Ok(())
}
