//! Opening a draw: the first attempt, another one after an abort, a supplementary round.

use super::super::cx::Cx;
use super::super::inspections::{DrawRules, Loaded, doc, load_for as load_inspection};
use super::pool::Content;
use super::secrets::{Purpose, derive};
use super::{Ceremony, SUBJECTS, embargo, faults, load_for, not_inspecting, noted, seconds, served};
use crate::clock::china_date;
use crate::domain::access::{Action, Role};
use crate::domain::draw::bytes::is_token;
use crate::domain::draw::record::{BeaconKind, BeaconRef, Policy};
use crate::domain::draw::session::{Again, Draft, NextRound, RulesDoc, Secrets, Session, Times};
use crate::domain::draw_state::State;
use crate::domain::inspection;
use crate::error::{Error, Faults, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::service::pools;
use crate::store::draws::{self, Draw, Witness, draw_pools};
use crate::store::inspections;
use crate::store::outbox::Mail;
use crate::store::types::At;
use crate::store::{accounts, scopes};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Who watches a draw, which beacons it waits for, and when.
#[derive(Debug, Clone)]
pub struct Parties {
    /// (account, name in the records); without a name: W1, W2 …
    pub witnesses: Vec<(Id, Option<String>)>,
    /// (kind, reference).
    pub beacons: Vec<(String, String)>,
    /// No beacon may be known before.
    pub not_before: DateTime<Utc>,
    /// The result must stand before.
    pub deadline: DateTime<Utc>,
    /// Embargo: the secret must be shown before.
    pub publish_by: Option<DateTime<Utc>>,
}

/// An opening that was computed and waits to be written.
#[derive(Debug, Clone)]
pub struct Opened {
    row: Draw,
    witnesses: Vec<Witness>,
    /// Draws of the inspection when it was computed.
    known: usize,
    act: &'static str,
}

struct Named {
    witnesses: Vec<Witness>,
    beacons: Vec<BeaconRef>,
    times: Times,
}

impl Named {
    fn tokens(&self) -> Vec<String> {
        self.witnesses.iter().map(|w| w.token.clone()).collect()
    }
}

/// Checks who watches and when; witnesses must be strangers to the inspection.
fn named(cx: &mut Cx<'_>, loaded: &Loaded, draw: Id, rules: &DrawRules, parties: &Parties) -> Result<Named> {
    let mut faults = Faults::default();
    let departments = loaded.taking_part();
    let directory: BTreeSet<Id> =
        scopes::inspectors(cx.db, &departments)?.into_iter().map(|p| p.id).collect();
    let (mut users, mut tokens, mut witnesses) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (i, (user, token)) in parties.witnesses.iter().enumerate() {
        let at = format!("/witnesses/{i}/user_id");
        let account = accounts::get(cx.db, *user)?
            .filter(|a| a.region == loaded.inspection.region && a.state == "active");
        let roles = accounts::roles(cx.db, *user)?;
        match account {
            None => faults.add(at, "unknown", "没有这个账号,或已停用"),
            Some(a) if !roles.contains(&Role::Witness) => {
                faults.add(at, "not_witness", format!("“{}”不是见证人", a.name));
            }
            Some(a)
                if a.inspector_id.is_some_and(|p| directory.contains(&p))
                    || (a.department_id.is_some_and(|d| departments.contains(&d)) && roles.len() > 1) =>
            {
                faults.add(at, "takes_part", format!("“{}”属于参与部门的工作人员,不得见证本次抽取", a.name));
            }
            Some(_) if !users.insert(*user) => faults.add(at, "repeated", "同一见证人只能列一次"),
            Some(_) => {}
        }
        let token = token.clone().unwrap_or_else(|| format!("W{}", i + 1));
        if !is_token(&token) || token == "-" {
            faults.add(
                format!("/witnesses/{i}/token"),
                "invalid_token",
                "见证人代码须为1至128个可见ASCII字符",
            );
        } else if !tokens.insert(token.clone()) {
            faults.add(format!("/witnesses/{i}/token"), "repeated", "见证人代码不能重复");
        }
        witnesses.push(Witness {
            draw_id: draw,
            user_id: *user,
            token,
            commitment: String::new(),
            sealed: Vec::new(),
            committed_at: None,
            revealed_at: None,
            region: loaded.inspection.region.clone(),
        });
    }
    let fewest = usize::try_from(rules.witnesses).unwrap_or(0);
    if witnesses.len() < fewest {
        faults.add("/witnesses", "too_few", format!("须有至少{fewest}名见证人,现有{}名", witnesses.len()));
    }
    let mut beacons = Vec::new();
    for (i, (kind, reference)) in parties.beacons.iter().enumerate() {
        match BeaconKind::of(kind).map(|k| BeaconRef::new(k, reference)) {
            None => faults.add(
                format!("/beacons/{i}/kind"),
                "unknown_value",
                "信标只能是 drand-quicknet、nist2、lottery 或 text",
            ),
            Some(Err(f)) => faults.add(format!("/beacons/{i}/reference"), f.code, f.text),
            Some(Ok(beacon)) => beacons.push(beacon),
        }
    }
    if parties.not_before <= cx.now {
        faults.add("/not_before", "not_future", "not_before 须晚于现在");
    }
    if parties.deadline <= parties.not_before {
        faults.add("/deadline", "too_early", "deadline 须晚于 not_before");
    }
    let secret = rules.policy()? == Policy::Embargo;
    let surprise = embargo::is_surprise(cx, &loaded.inspection)?;
    let last = loaded.inspection.window_to;
    match parties.publish_by {
        None if secret => faults.add("/publish_by", "required", "保密(embargo)抽取须写明公布期限"),
        Some(_) if !secret => faults.add("/publish_by", "not_embargo", "只有保密(embargo)抽取有公布期限"),
        Some(t) if t < parties.deadline => {
            faults.add("/publish_by", "too_early", "publish_by 不得早于 deadline")
        }
        // Or the promise to publish would have to be broken, or would give the visits away.
        Some(t) if surprise && china_date(t) <= last => faults.add(
            "/publish_by",
            "before_visits",
            format!("突击检查的抽取须在检查时间结束之后公布,publish_by 须晚于 {last}"),
        ),
        _ => {}
    }
    faults.done()?;
    let times = Times {
        not_before: seconds(parties.not_before),
        deadline: seconds(parties.deadline),
        publish_by: parties.publish_by.map(seconds),
    };
    Ok(Named { witnesses, beacons, times })
}

/// The plan token of an inspection: `JI-` with the year and the serial of its number.
fn plan_token(number: &str) -> String {
    let digits: Vec<&str> = number.split(|c: char| !c.is_ascii_digit()).filter(|d| !d.is_empty()).collect();
    format!("JI-{}", digits.join("-"))
}

/// Computes the first attempt on a frozen pool.
///
/// # Errors
/// Not allowed; the state; every fault of parties, quotas and times.
pub fn open(cx: &mut Cx<'_>, key: &Key, inspection_id: Id, id: Id, parties: &Parties) -> Result<Opened> {
    let loaded = load_inspection(cx, inspection_id, Action::OperateDraw)?;
    inspection::next(loaded.state()?, inspection::Act::Draw).map_err(super::super::inspections::refused)?;
    not_inspecting(cx, &loaded)?;
    let pool = draw_pools::current(cx.db, inspection_id)?.ok_or(Error::NotFound("抽取名单"))?;
    let before: Vec<Draw> = draws::of(cx.db, inspection_id)?;
    if let Some(open) = before.iter().find(|d| d.pool_id == Some(pool.id)) {
        let text = if open.state == State::Aborted.as_str() {
            "本名单上的抽取已作废,请用“重新开启”(again)进行下一次"
        } else {
            "本名单上已有一次抽取,请先完成或作废"
        };
        return Err(Error::wrong_state(open.state.clone(), text));
    }
    let rules: DrawRules = doc(&loaded.inspection.draw_rules)?;
    let policy = rules.policy()?;
    let content = Content::of(&pool)?;
    let surprise = embargo::is_surprise(cx, &loaded.inspection)?;
    let named = named(cx, &loaded, id, &rules, parties)?;
    let ready = pool.as_of.0 + TimeDelta::hours(rules.pool_age_hours.into());
    if parties.not_before < ready {
        return Err(Error::field(
            "/not_before",
            "pool_young",
            format!(
                "名单须锁定满{}小时,not_before 不得早于 {}",
                rules.pool_age_hours,
                ready.format("%Y-%m-%dT%H:%M:%SZ")
            ),
        ));
    }
    let quota: crate::domain::scope::Quota = doc(&loaded.inspection.quota)?;
    let asked = quota.asked().map_err(|f| {
        Error::refused("invalid_quota", f.into_iter().map(|f| f.1).collect::<Vec<_>>().join(";"))
    })?;
    let quotas = pools::quotas_asked(&loaded.inspection.number, &asked, &content.sizes())
        .map_err(|text| Error::refused("invalid_quota", text))?;
    let (_, authority) =
        scopes::county(cx.db, &loaded.inspection.region)?.ok_or_else(|| Error::internal("region"))?;
    let plan = plan_token(&loaded.inspection.number);
    let seq = before.iter().map(|d| d.seq).max().unwrap_or(0) + 1;
    let now = seconds(cx.now);
    let draft = Draft {
        origin: format!("{authority}/vdr/{plan}/{}", pool.place),
        authority,
        plan: plan.clone(),
        list: plan.clone(),
        seq: u32::try_from(seq).unwrap_or(1),
        policy,
        // Under embargo the rules would tell whom the visits are for, and so they would of any surprise.
        rules: if policy == Policy::Embargo || surprise {
            RulesDoc::Digest(RulesDoc::from(content.rules.as_str()).digest())
        } else {
            RulesDoc::from(content.rules.as_str())
        },
        mode: quotas.mode,
        total: quotas.total,
        total_bp: 0,
        strata: quotas.strata.iter().map(pools::rule).collect(),
        teams: Vec::new(),
        excluded: content.excluded.clone(),
        witnesses: named.tokens(),
        beacons: named.beacons,
        times: named.times,
        as_of: seconds(pool.as_of.0),
        subjects: content.members()?,
        documents: Vec::new(),
        inspectors: content.people()?,
        cosigners: Vec::new(),
        quorum: 1,
    };
    let secrets = Secrets {
        server: derive(key, Purpose::Server, id),
        pool_key: derive(key, Purpose::Subjects, pool.id),
        inspector_key: derive(key, Purpose::Inspectors, pool.id),
        log_key: derive(key, Purpose::Log, pool.id),
        cosign_key: derive(key, Purpose::Clock, pool.id),
    };
    let session = Session::open(draft, &secrets, now).map_err(|f| faults(&f, ""))?;
    let row = new_row(cx, &loaded, id, &session, &named.times, &before)?;
    let row = Draw { pool_id: Some(pool.id), pool_size: pool.size, policy: policy.word().to_owned(), ..row };
    Ok(Opened { row, witnesses: named.witnesses, known: before.len(), act: "draw_opened" })
}

fn new_row(
    cx: &Cx<'_>,
    loaded: &Loaded,
    id: Id,
    session: &Session,
    times: &Times,
    before: &[Draw],
) -> Result<Draw> {
    let open = session.opening().map_err(|f| Error::internal(&f))?;
    let at =
        |s: u64| i64::try_from(s).ok().and_then(|s| DateTime::from_timestamp(s, 0)).map_or(At(cx.now), At);
    Ok(Draw {
        id,
        region: loaded.inspection.region.clone(),
        inspection_id: loaded.inspection.id,
        attempt: before.iter().filter(|d| d.purpose == SUBJECTS).map(|d| d.attempt).max().unwrap_or(0) + 1,
        seq: i32::try_from(open.seq).unwrap_or(i32::MAX),
        round: i32::try_from(open.round).unwrap_or(i32::MAX),
        pool_id: None,
        previous_id: None,
        purpose: SUBJECTS.to_owned(),
        state: State::Opened.as_str().to_owned(),
        list_token: open.list.clone(),
        draw_id: hex::encode(session.draw_id()),
        policy: open.policy.word().to_owned(),
        public: served(session),
        private: Vec::new(),
        pool_size: 0,
        drawn: 0,
        not_before: at(times.not_before),
        deadline: at(times.deadline),
        reason: String::new(),
        operator_id: cx.user()?,
        version: 1,
        created_at: At(cx.now),
        updated_at: At(cx.now),
    })
}

/// Computes another attempt on the same pool, after one was aborted; it stays in the same log and shows the abort.
///
/// # Errors
/// Not allowed; the state; every fault of the parties.
pub fn again(cx: &mut Cx<'_>, key: &Key, draw: Id, id: Id, parties: &Parties) -> Result<Opened> {
    let Ceremony { draw, loaded, pool, mut session, .. } = load_for(cx, key, draw, Action::OperateDraw)?;
    if draw.state != State::Aborted.as_str() {
        return Err(Error::wrong_state(draw.state, "只有作废的抽取才能重新开启"));
    }
    let before = latest(cx, &draw)?;
    if draw.round == 0 {
        inspection::next(loaded.state()?, inspection::Act::Draw)
            .map_err(super::super::inspections::refused)?;
    }
    if pool.released_at.is_some() {
        return Err(Error::wrong_state(draw.state, "该名单已解除锁定,请重新锁定名单后开启"));
    }
    let rules: DrawRules = doc(&loaded.inspection.draw_rules)?;
    let named = named(cx, &loaded, id, &rules, parties)?;
    let again = Again { witnesses: named.tokens(), beacons: named.beacons };
    session
        .again(again, named.times, derive(key, Purpose::Server, id), seconds(cx.now))
        .map_err(|f| faults(&f, &draw.state))?;
    let row = new_row(cx, &loaded, id, &session, &named.times, &before)?;
    let row = Draw { pool_id: Some(pool.id), previous_id: Some(draw.id), pool_size: pool.size, ..row };
    Ok(Opened { row, witnesses: named.witnesses, known: before.len(), act: "draw_opened_again" })
}

/// All draws of the inspection; refuses when this is not the last of its pool.
fn latest(cx: &mut Cx<'_>, draw: &Draw) -> Result<Vec<Draw>> {
    let before = draws::of(cx.db, draw.inspection_id)?;
    let last = before.iter().filter(|d| d.pool_id == draw.pool_id).max_by_key(|d| d.attempt);
    match last {
        Some(last) if last.id != draw.id => {
            Err(Error::wrong_state(last.state.clone(), "之后已有新的一次抽取,请在最近一次上继续"))
        }
        _ => Ok(before),
    }
}

/// Subjects that fell away after the draw, each with a reason code (`ZX` 注销, `QC` 迁出 …).
pub type Gone = Vec<(Id, String)>;

/// Computes a supplementary round: as many of the same strata are drawn with fresh entropy (VDR/1 section 2.9).
///
/// # Errors
/// Not allowed; the state; a subject that is not drawn; every fault of the parties.
pub fn round(cx: &mut Cx<'_>, key: &Key, draw: Id, id: Id, gone: &Gone, parties: &Parties) -> Result<Opened> {
    let Ceremony { draw, loaded, pool, content, mut session, .. } =
        load_for(cx, key, draw, Action::OperateDraw)?;
    let before = latest(cx, &draw)?;
    if !session.finished() || draw.state == State::Aborted.as_str() {
        return Err(Error::wrong_state(draw.state, "须先有公开的结果才能补抽"));
    }
    let stage = loaded.state()?;
    if !matches!(
        stage,
        inspection::State::Drawn
            | inspection::State::Merged
            | inspection::State::Staffed
            | inspection::State::Dispatched
            | inspection::State::Inspecting
    ) {
        return Err(Error::wrong_state(stage.as_str(), format!("联合抽查处于“{}”,不能补抽", stage.word())));
    }
    let drawn = draws::drawn_of(cx.db, loaded.inspection.id)?;
    let mut faults_ = Faults::default();
    let mut next = NextRound::default();
    let mut equal: BTreeMap<String, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (i, (subject, reason)) in gone.iter().enumerate() {
        let row = drawn.iter().find(|d| d.subject_id == *subject && d.state == "drawn");
        let member = content.subjects.iter().find(|m| m.subject == *subject);
        if !is_token(reason) || reason == "-" {
            faults_.add(
                format!("/gone/{i}/reason"),
                "invalid_token",
                "原因须为代码(ASCII记号),如 ZX 注销、QC 迁出",
            );
        }
        match (row, member) {
            _ if !seen.insert(*subject) => {
                faults_.add(format!("/gone/{i}/subject_id"), "repeated", "同一对象只能列一次")
            }
            (Some(row), Some(member)) => {
                *equal.entry(row.stratum.clone()).or_default() += 1;
                next.excluded.push((member.token.clone(), reason.clone()));
            }
            _ => faults_.add(format!("/gone/{i}/subject_id"), "not_drawn", "该对象不在抽中名单中,或已被替换"),
        }
    }
    if gone.is_empty() {
        faults_.add("/gone", "required", "请列出不能检查的对象");
    }
    faults_.done()?;
    let rules: DrawRules = doc(&loaded.inspection.draw_rules)?;
    let named = named(cx, &loaded, id, &rules, parties)?;
    next.replacements = equal.into_iter().collect();
    next.witnesses = named.tokens();
    next.beacons = named.beacons.clone();
    session
        .next_round(next, named.times, derive(key, Purpose::Server, id), seconds(cx.now))
        .map_err(|f| faults(&f, &draw.state))?;
    let row = new_row(cx, &loaded, id, &session, &named.times, &before)?;
    let row = Draw { pool_id: Some(pool.id), previous_id: Some(draw.id), pool_size: pool.size, ..row };
    Ok(Opened { row, witnesses: named.witnesses, known: before.len(), act: "draw_round_opened" })
}

/// Writes an opening, and tells the witnesses.
///
/// # Errors
/// Not allowed; somebody opened one meanwhile.
pub fn keep(cx: &mut Cx<'_>, opened: &Opened) -> Result<Draw> {
    let row = &opened.row;
    inspections::lock(cx.db, row.inspection_id)?;
    let loaded = load_inspection(cx, row.inspection_id, Action::OperateDraw)?;
    let now = draws::of(cx.db, row.inspection_id)?;
    if now.len() != opened.known {
        let state = now.last().map(|d| d.state.clone()).unwrap_or_default();
        return Err(Error::wrong_state(state, "已有人开启了抽取,请刷新后再看"));
    }
    if row.round == 0 {
        inspection::next(loaded.state()?, inspection::Act::Draw)
            .map_err(super::super::inspections::refused)?;
        let pool = draw_pools::current(cx.db, row.inspection_id)?;
        if pool.map(|p| p.id) != row.pool_id {
            return Err(Error::wrong_state(loaded.inspection.state.clone(), "抽取名单已变化,请刷新后再看"));
        }
    }
    draws::insert(cx.db, row)?;
    draws::add_witnesses(cx.db, &opened.witnesses)?;
    for w in &opened.witnesses {
        let Some(account) = accounts::get(cx.db, w.user_id)?.filter(|a| !a.email.is_empty()) else {
            continue;
        };
        cx.mail(Mail {
            kind: "witness_asked",
            recipient: account.email,
            user: Some(w.user_id),
            subject: "请见证抽取".to_owned(),
            body: format!(
                "请登录系统,为联合抽查 {} 的抽取(编号 {},见证人代码 {})提交封存值。\n\n{}",
                loaded.inspection.number, row.draw_id, w.token, cx.rules.mail.link
            ),
            object: Some(row.id),
            dedupe: format!("witness_asked:{}:{}", row.id, w.user_id),
        })?;
    }
    noted(
        cx,
        opened.act,
        row,
        json!({
            "policy": row.policy, "witnesses": opened.witnesses.len(), "pool": row.pool_id.map(|p| p.to_string()),
            "previous": row.previous_id.map(|p| p.to_string()),
        }),
    )?;
    Ok(row.clone())
}
