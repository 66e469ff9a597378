//! Visits as a calendar: an inspector's own, or those of a department. Only what was sent out; an unannounced visit that
//! has not begun shows neither subject nor address, for calendars travel to telephones and are read over shoulders.

use super::super::cx::Cx;
use super::super::visits::{self as visit_service, Whole};
use super::named;
use crate::documents::ics::{Entry, When};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::visit_state::State;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::visits::{self, VisitFilter};
use crate::store::{departments, visits as visit_rows};
use chrono::{Days, NaiveTime, TimeDelta};

/// Days back and ahead that a calendar shows.
const BACK: u64 = 60;
/// Days ahead.
const AHEAD: u64 = 400;
/// Most entries of a calendar.
const MOST: i64 = 5_000;
/// Visits read at a time.
const PAGE: i64 = 500;

/// A calendar.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// Its entries, by time.
    pub entries: Vec<Entry>,
}

/// The calendar of a department, or without one that of whoever asks: an inspector's own visits, for others those of
/// their own department.
///
/// # Errors
/// Not allowed; the coordination office and overseers must name a department.
pub fn of(cx: &mut Cx<'_>, department: Option<Id>) -> Result<Calendar> {
    let region = cx.region().to_owned();
    let today = cx.today();
    let states: Vec<&'static str> =
        State::ALL.iter().filter(|s| s.is_visible_to_team()).map(|s| s.as_str()).collect();
    let mut filter = VisitFilter {
        states: Some(states),
        from: today.checked_sub_days(Days::new(BACK)),
        to: today.checked_add_days(Days::new(AHEAD)),
        ..VisitFilter::default()
    };
    let me = cx.actor.inspector.filter(|_| cx.actor.roles.has(Role::Inspector));
    let name = match (department, me) {
        (None, Some(me)) => {
            filter.inspector = Some(me);
            format!("{}的入企检查", cx.actor.name)
        }
        (given, _) => {
            let own = given.or(cx.actor.department).filter(|d| {
                cx.can(Action::ViewPaper, &Scope { participants: &[*d], ..Scope::county(&region) })
            });
            let Some(id) = own else {
                return match given {
                    Some(_) => Err(Error::NotFound("部门")),
                    None => Err(Error::field("department_id", "required", "请给出部门")),
                };
            };
            let row =
                departments::get(cx.db, id)?.filter(|d| d.region == region).ok_or(Error::NotFound("部门"))?;
            if row.kind == "coordination" || row.kind == "oversight" {
                return Err(Error::field("department_id", "required", "请给出参加检查的部门"));
            }
            filter.department = Some(id);
            format!("{}的入企检查", row.name)
        }
    };
    let mut entries = Vec::new();
    let mut after = None;
    while entries.len() < usize::try_from(MOST).unwrap_or(usize::MAX) {
        let rows = visits::list(cx.db, &region, &filter, after, PAGE)?;
        let Some(last) = rows.last().map(|v| v.id) else { break };
        after = Some(last);
        let token = cx.rules.region.token.clone();
        entries.extend(visit_service::whole(cx, rows)?.iter().filter_map(|w| entry(w, &token)));
    }
    entries.sort_by_key(|e| (e.0, e.1.uid.clone()));
    Ok(Calendar { name, entries: entries.into_iter().map(|e| e.1).collect() })
}

type Timed = (chrono::NaiveDateTime, Entry);

fn entry(whole: &Whole, token: &str) -> Option<Timed> {
    let visit: &visit_rows::Visit = &whole.visit;
    let on = visit.on_day?;
    let minute = visit.start_minute.unwrap_or(0);
    let from = on.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
    let when = match visit.start_minute {
        Some(_) => When::Hours { from, minutes: i64::from(visit.minutes) },
        None => When::Day(on),
    };
    let names: Vec<&str> = whole.departments.iter().map(|d| d.name.as_str()).collect();
    let mut description = format!("入企编号:{}\n参检部门:{}", visit.code, names.join("、"));
    let (summary, location) = if named(whole) {
        let items: Vec<&str> = whole.tasks.iter().map(|(_, i)| i.name.as_str()).collect();
        description.push_str(&format!("\n抽查事项:{}", items.join("、")));
        let s = &whole.subject;
        (format!("入企检查:{}", s.name), format!("{}{}", s.town, s.address))
    } else {
        description.push_str("\n突击检查,对象和地点请登录系统查看");
        (format!("入企检查(突击检查){}", visit.code), String::new())
    };
    let entry = Entry {
        uid: format!("{}@{}", visit.id, token.to_lowercase()),
        sequence: visit.version,
        changed: visit.updated_at.0,
        when,
        summary,
        location,
        description,
    };
    Some((from, entry))
}
