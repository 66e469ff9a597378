//! What happens at a visit and what comes of it: check-in, results, evidence, review, publication, and what the public
//! sees. Every department enters and publishes its own; the coordination office edits none.

pub mod entry;
pub mod evidence;
pub mod export;
pub mod finish;
pub mod on_site;
pub mod public;
pub mod publications;
pub mod review;

use super::cx::Cx;
use super::visits::{self as visit_service, Whole};
use crate::domain::access::{Action, Role, Scope};
use crate::domain::desk::{Desk, Member, desk};
use crate::domain::planning_state::Post;
use crate::domain::result::{Finding, FollowUp, Method, Outcome, State};
use crate::domain::states::Word;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::store::results::{CheckResult, Conduct, Filter, conducts, findings};
use crate::store::types::{At, Doc};
use crate::store::visits;

/// A visit on which this transaction works alone, with what happened at it.
struct Held {
    whole: Whole,
    conduct: Conduct,
}

/// A dispatched visit for an act, held so that nobody else works on it until the transaction ends.
fn hold(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<Held> {
    let mut whole = visit_service::load(cx, id, action)?;
    let conduct = conducts::hold(cx.db, id, cx.now)?;
    // Whoever came before may have moved it.
    whole.visit = visits::need(cx.db, id)?;
    Ok(Held { whole, conduct })
}

impl Held {
    fn save(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        self.conduct.updated_at = At(cx.now);
        conducts::put(cx.db, &self.conduct)
    }
}

/// The directory entry of whoever asks, which the policy has found on the team.
fn me(cx: &Cx<'_>) -> Result<Id> {
    cx.actor.inspector.ok_or_else(super::cx::denied)
}

fn members(whole: &Whole) -> Vec<Member> {
    let member = |(seat, person): &(visits::Seat, crate::store::inspectors::Inspector)| {
        Post::parse(&seat.role).map(|post| Member {
            inspector: seat.inspector_id,
            department: seat.department_id,
            post: if person.expert { Post::Expert } else { post },
        })
    };
    whole.team.iter().filter_map(member).collect()
}

/// Who enters and who confirms, for each department of a visit, in their order.
#[must_use]
pub fn desks(whole: &Whole) -> Vec<Desk> {
    let team = members(whole);
    whole.departments.iter().filter_map(|d| desk(&team, d.id)).collect()
}

/// The officer of the team who asks, and his department. Experts accompany and write nothing.
fn officer(cx: &Cx<'_>, whole: &Whole) -> Result<(Id, Id)> {
    let me = me(cx)?;
    members(whole)
        .iter()
        .find(|m| m.inspector == me && m.post != Post::Expert)
        .map(|m| (me, m.department))
        .ok_or_else(|| Error::Denied("随行专家不录入检查情况".to_owned()))
}

fn words_of<W: Word>(names: &[String]) -> Vec<W> {
    names.iter().filter_map(|n| W::parse(n)).collect()
}

fn names_of<W: Word>(words: &[W]) -> Doc<Vec<String>> {
    Doc(words.iter().map(|w| w.as_str().to_owned()).collect())
}

/// What a row says.
#[must_use]
pub fn finding(row: &CheckResult) -> Finding {
    Finding {
        outcomes: outcomes(row),
        methods: words_of::<Method>(&row.methods.0),
        law: row.law.clone(),
        other: row.other.clone(),
        follow_up: words_of::<FollowUp>(&row.follow_up.0),
    }
}

/// What a row says was found.
#[must_use]
pub fn outcomes(row: &CheckResult) -> Vec<Outcome> {
    words_of::<Outcome>(&row.outcomes.0)
}

fn state(row: &CheckResult) -> Result<State> {
    State::parse(&row.state).ok_or_else(|| Error::internal("result state"))
}

/// The newest version of the result of each task among these rows, which are ordered by task and version.
fn newest(rows: &[CheckResult]) -> std::collections::BTreeMap<Id, &CheckResult> {
    rows.iter().map(|row| (row.task_id, row)).collect()
}

/// One result, if whoever asks may see it.
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<(CheckResult, Whole)> {
    load(cx, id, Action::ViewResult)
}

fn load(cx: &mut Cx<'_>, id: Id, action: Action) -> Result<(CheckResult, Whole)> {
    let missing = || Error::NotFound("检查结果");
    let row = findings::get(cx.db, id)?.filter(|r| r.region == cx.actor.region).ok_or_else(missing)?;
    let visit = visits::need(cx.db, row.visit_id)?;
    let whole = visit_service::whole(cx, vec![visit])?.pop().ok_or_else(missing)?;
    whole.may_of(cx, action, Some(row.department_id))?;
    Ok((row, whole))
}

/// All versions of a result that whoever asks may see, the oldest first.
///
/// # Errors
/// Not visible.
pub fn revisions(cx: &mut Cx<'_>, id: Id) -> Result<Vec<CheckResult>> {
    let (row, _) = get(cx, id)?;
    findings::revisions(cx.db, row.task_id)
}

/// Results: of the county for the coordination office and overseers; of the visits in which one's department takes part;
/// of the visits to which one is assigned.
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<CheckResult>> {
    let region = cx.region().to_owned();
    let mut filter = filter.clone();
    if !cx.can(Action::ViewResult, &Scope::county(&region)) {
        let own = cx.actor.department.filter(|d| cx.can(Action::ViewResult, &Scope::of(&region, *d)));
        match (own, cx.actor.inspector.filter(|_| cx.actor.roles.has(Role::Inspector))) {
            (Some(own), _) => filter.taking_part = Some(own),
            (None, Some(me)) => filter.inspector = Some(me),
            (None, None) => return Ok(Vec::new()),
        }
    }
    let today = cx.today();
    findings::list(cx.db, &region, &filter, today, after, limit)
}
