//! On site: the code of a visit, check-in, obstacles, the statement of the business.

use super::{Held, hold, officer};
use crate::domain::access::Action;
use crate::domain::desk::Desk;
use crate::domain::inspection;
use crate::domain::result::Obstacle;
use crate::domain::visit_state::{self, Act, State};
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::service::cx::{Cx, Event};
use crate::service::plannings::inspection_step;
use crate::service::visits::{self as visit_service, Whole, inspections_of};
use crate::store::inspections;
use crate::store::results::{
    CheckIn, CheckResult, Conduct, Evidence, check_ins, conducts, evidences, findings,
};
use crate::store::types::At;
use crate::store::visits::{self, Visit};
use serde_json::json;

/// Letters and digits of a code: no 0, 1, I, L, O, U, which are misread when a code is typed.
pub(in crate::service) const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code: 98 bits.
pub(in crate::service) const CODE: usize = 20;

/// Opens the account of what happens at a visit when its team is sent out; one that is sent out again keeps its code.
pub(in crate::service) fn open(cx: &mut Cx<'_>, visit: &Visit) -> Result<()> {
    let row = Conduct {
        visit_id: visit.id,
        region: visit.region.clone(),
        code: code(cx)?,
        began_at: None,
        ended_at: None,
        end_day: None,
        obstacle: String::new(),
        obstacle_note: String::new(),
        statement: String::new(),
        signer: String::new(),
        signed: String::new(),
        signed_at: None,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    };
    conducts::ensure(cx.db, &row)
}

fn code(cx: &Cx<'_>) -> Result<String> {
    let mut code = String::with_capacity(CODE);
    while code.len() < CODE {
        // Bytes above the last multiple are thrown away, so that every letter is equally likely.
        for byte in cx.random::<32>()? {
            let byte = usize::from(byte);
            if byte < 240 && code.len() < CODE {
                code.push(char::from(LETTERS[byte % LETTERS.len()]));
            }
        }
    }
    Ok(code)
}

/// What happened at a visit so far.
#[derive(Debug, Clone)]
pub struct Account {
    /// The visit.
    pub whole: Whole,
    /// What happened.
    pub conduct: Conduct,
    /// Whether the code is shown: an inspector reads it from the paper on the spot, and sees it here only afterwards.
    pub code_shown: bool,
    /// Who was there.
    pub check_ins: Vec<CheckIn>,
    /// Who enters and who confirms.
    pub desks: Vec<Desk>,
    /// Results, every version.
    pub results: Vec<CheckResult>,
    /// Evidence.
    pub evidence: Vec<Evidence>,
}

/// What happened at a visit.
///
/// # Errors
/// Not visible; it was never dispatched.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Account> {
    let whole = visit_service::get(cx, id)?;
    let conduct = conducts::get(cx.db, id)?.ok_or(Error::NotFound("检查过程"))?;
    account(cx, whole, conduct)
}

fn account(cx: &mut Cx<'_>, whole: Whole, conduct: Conduct) -> Result<Account> {
    let id = whole.visit.id;
    let check_ins = check_ins::of(cx.db, id)?;
    let me = cx.actor.inspector;
    let on_team = whole.team.iter().any(|(s, _)| Some(s.inspector_id) == me);
    let code_shown = !on_team || check_ins.iter().any(|c| Some(c.inspector_id) == me);
    Ok(Account {
        desks: super::desks(&whole),
        results: findings::of_visits(cx.db, &[id])?,
        evidence: evidences::of(cx.db, id)?,
        whole,
        conduct,
        code_shown,
        check_ins,
    })
}

/// How an inspector proves that he is there.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// `qr` or `code`.
    pub method: String,
    /// The code of the visit.
    pub code: String,
    /// Where, in words.
    pub place: String,
    /// 经度, degrees.
    pub lon: Option<f64>,
    /// 纬度, degrees.
    pub lat: Option<f64>,
}

/// An inspector of the team says that he is there. The first begins the visit. Said again it changes nothing.
///
/// # Errors
/// Not on the team; not dispatched; before its day; another code; the visit has ended.
pub fn check_in(cx: &mut Cx<'_>, id: Id, arrival: &Arrival) -> Result<Account> {
    let mut held = hold(cx, id, Action::WorkOnSite)?;
    let mut faults = Faults::default();
    if !matches!(arrival.method.as_str(), "qr" | "code") {
        faults.add("/method", "unknown_value", "只能是:qr、code");
    }
    let place = faults.text("/place", &arrival.place, false, 200);
    match (arrival.lon, arrival.lat) {
        (Some(lon), Some(lat)) if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) => {}
        (None, None) => {}
        (Some(_), Some(_)) => faults.add("/lon", "out_of_range", "经度须在-180至180之间,纬度须在-90至90之间"),
        _ => faults.add("/lon", "incomplete", "经度和纬度须一并给出"),
    }
    let code: String = arrival.code.chars().filter(char::is_ascii_alphanumeric).collect();
    if !code.eq_ignore_ascii_case(&held.conduct.code) {
        faults.add("/code", "wrong_code", "检查码与本次入企不符,请核对通知书上的检查码");
    }
    faults.done()?;
    let me = super::me(cx)?;
    if check_ins::of(cx.db, id)?.iter().any(|c| c.inspector_id == me) {
        cx.journal(Event::new("check_in_repeated", "visit", id, json!({ "inspector": me.to_string() })))?;
        return account(cx, held.whole, held.conduct);
    }
    let present = State::parse(&held.whole.visit.state).ok_or_else(|| Error::internal("visit state"))?;
    let today = cx.today();
    if let Some(day) = held.whole.visit.on_day.filter(|d| *d > today) {
        return Err(Error::refused("too_early", format!("本次入企定于{day},尚未到检查日期")));
    }
    match present {
        State::InProgress | State::Obstructed => {}
        _ => step(cx, &mut held, Act::Begin)?,
    }
    let row = CheckIn {
        id: cx.id()?,
        region: held.whole.visit.region.clone(),
        visit_id: id,
        inspector_id: me,
        user_id: cx.user()?,
        method: arrival.method.clone(),
        place,
        lon: arrival.lon,
        lat: arrival.lat,
        created_at: At(cx.now),
    };
    check_ins::insert(cx.db, &row)?;
    if held.conduct.began_at.is_none() {
        held.conduct.began_at = Some(At(cx.now));
        held.save(cx)?;
    }
    let place = json!({
        "place": row.place,
        "lon": row.lon.map(|d| d.to_string()),
        "lat": row.lat.map(|d| d.to_string()),
    });
    let data = json!({ "inspector": me.to_string(), "method": row.method });
    cx.journal(Event::new("checked_in", "visit", id, data).private(place))?;
    account(cx, held.whole, held.conduct)
}

/// One step of a visit, and of its joint inspections when it begins.
pub(super) fn step(cx: &mut Cx<'_>, held: &mut Held, act: Act) -> Result<()> {
    let old = &held.whole.visit;
    let present = State::parse(&old.state).ok_or_else(|| Error::internal("visit state"))?;
    let next = visit_state::next(present, act).map_err(|r| Error::wrong_state(r.state, r.text))?;
    let mut row = old.clone();
    row.state = next.as_str().to_owned();
    row.version += 1;
    row.updated_at = At(cx.now);
    visits::transition(cx.db, &row, &old.state, old.version)?;
    held.whole.visit = row;
    if present == State::Dispatched {
        for id in inspections_of(&held.whole) {
            let dispatched = inspection::State::Dispatched.as_str();
            if inspections::need(cx.db, id)?.state == dispatched {
                begin(cx, id)?;
            }
        }
    }
    Ok(())
}

/// Two visits of one inspection may begin at the same moment: one of them begins the inspection.
fn begin(cx: &mut Cx<'_>, id: Id) -> Result<()> {
    crate::store::county::lock(cx.db, &cx.actor.region, cx.now)?;
    if inspections::need(cx.db, id)?.state == inspection::State::Dispatched.as_str() {
        inspection_step(cx, id, inspection::Act::Begin)?;
    }
    Ok(())
}

/// Records that the team was not let in, or found nobody.
///
/// # Errors
/// Not on the team; before its day; the visit is not under way.
pub fn obstruct(cx: &mut Cx<'_>, id: Id, obstacle: Obstacle, note: &str) -> Result<Account> {
    let mut held = hold(cx, id, Action::WorkOnSite)?;
    officer(cx, &held.whole)?;
    let mut faults = Faults::default();
    let note = faults.text("/note", note, true, 1_000);
    faults.done()?;
    let today = cx.today();
    if let Some(day) = held.whole.visit.on_day.filter(|d| *d > today) {
        return Err(Error::refused("too_early", format!("本次入企定于{day},尚未到检查日期")));
    }
    step(cx, &mut held, Act::Obstruct)?;
    held.conduct.obstacle = obstacle.as_str().to_owned();
    held.conduct.obstacle_note = note.clone();
    held.save(cx)?;
    let data = json!({ "obstacle": obstacle.as_str() });
    cx.journal(Event::new("visit_obstructed", "visit", id, data).private(json!({ "note": note })))?;
    account(cx, held.whole, held.conduct)
}

/// Goes on after an obstacle; what it was stays in the journal.
///
/// # Errors
/// Not on the team; the visit is not obstructed.
pub fn resume(cx: &mut Cx<'_>, id: Id) -> Result<Account> {
    let mut held = hold(cx, id, Action::WorkOnSite)?;
    officer(cx, &held.whole)?;
    step(cx, &mut held, Act::Resume)?;
    let data = json!({ "obstacle": held.conduct.obstacle });
    held.conduct.obstacle = String::new();
    held.conduct.obstacle_note = String::new();
    held.conduct.began_at = held.conduct.began_at.or(Some(At(cx.now)));
    held.save(cx)?;
    cx.journal(Event::new("visit_resumed", "visit", id, data))?;
    account(cx, held.whole, held.conduct)
}

/// What the business says, and whether it signed.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// Its words; may be empty.
    pub text: String,
    /// Who signed, or refused to.
    pub signer: String,
    /// `signed` or `refused`.
    pub signed: String,
}

/// Records the statement of the business; a later one replaces it while the visit lasts.
///
/// # Errors
/// Not on the team; the visit is not under way; every fault of the fields.
pub fn state(cx: &mut Cx<'_>, id: Id, statement: &Statement) -> Result<Account> {
    let mut held = hold(cx, id, Action::WorkOnSite)?;
    officer(cx, &held.whole)?;
    let mut faults = Faults::default();
    let text = faults.text("/text", &statement.text, false, 4_000);
    if !matches!(statement.signed.as_str(), "signed" | "refused") {
        faults.add("/signed", "unknown_value", "只能是:signed、refused");
    }
    // Whoever refuses to sign often refuses his name too.
    let signer = faults.text("/signer", &statement.signer, statement.signed == "signed", 100);
    faults.done()?;
    let state = held.whole.visit.state.clone();
    if ![State::InProgress, State::Obstructed].map(State::as_str).contains(&state.as_str()) {
        return Err(Error::wrong_state(state, "只能在检查进行中记录陈述和签名"));
    }
    held.conduct.statement.clone_from(&text);
    held.conduct.signer.clone_from(&signer);
    held.conduct.signed.clone_from(&statement.signed);
    held.conduct.signed_at = Some(At(cx.now));
    held.save(cx)?;
    let data = json!({ "signed": statement.signed });
    cx.journal(
        Event::new("statement_recorded", "visit", id, data)
            .private(json!({ "text": text, "signer": signer })),
    )?;
    account(cx, held.whole, held.conduct)
}
