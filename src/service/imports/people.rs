//! Inspectors, experts, their certificates, leave and recusals out of import files.

use super::places::{lengths, twice};
use super::{Departments, Mode, Notes, Tally, Tell, own};
use crate::domain::access::Action;
use crate::domain::planning::input::{self, PoolKind};
use crate::domain::registry::recusal::{Source, State};
use crate::domain::rows::{InspectorRow, Table};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspectors as rules;
use crate::store::inspectors::{
    self, Certificate, Inspector, Leave, Recusal, RecusalFilter, certificates, leaves, recusals,
};
use crate::store::subjects;
use crate::store::types::At;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// 执法人员.
pub(super) fn inspectors(
    cx: &mut Cx<'_>,
    table: &Table<InspectorRow>,
    known: &Departments,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let region = cx.region().to_owned();
    let mut tally = Tally::default();
    let old: HashMap<String, Inspector> =
        inspectors::all(cx.db, &region)?.into_iter().map(|p| (p.code.clone(), p)).collect();
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let (mut new, mut changed): (Vec<Inspector>, Vec<(Inspector, i64)>) = (Vec::new(), Vec::new());
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let base = &row.value.base;
        twice(&mut seen, &base.id, row.number, "人员编号", &mut notes);
        let mine = cx.actor.department;
        let department = known.first(&base.dept_id, mine, &mut notes).and_then(|id| known.rows.get(&id));
        let before = old.get(&base.id);
        let next = match department {
            Some(department) => judged(cx, table, row.value.clone(), department, before, &mut notes)?,
            None => None,
        };
        notes.bad |= next.is_none();
        if tally.take(notes) {
            continue;
        }
        match (next, before) {
            (Some(next), None) => {
                tally.new += 1;
                new.push(next);
            }
            (Some(next), Some(before)) if next == *before => tally.unchanged += 1,
            (Some(mut next), Some(before)) => {
                tally.changed += 1;
                next.version += 1;
                next.updated_at = At(cx.now);
                changed.push((next, before.version));
            }
            (None, _) => {}
        }
    }
    if mode.writes(tally.refused) {
        inspectors::insert_all(cx.db, &new)?;
        for (row, seen) in &changed {
            inspectors::update(cx.db, row, *seen)?;
        }
    }
    Ok(tally)
}

/// The row as it would be, or none when it cannot be.
fn judged(
    cx: &Cx<'_>,
    table: &Table<InspectorRow>,
    row: InspectorRow,
    department: &crate::store::departments::Department,
    before: Option<&Inspector>,
    notes: &mut Notes,
) -> Result<Option<Inspector>> {
    let base = row.base;
    if !own(cx, Action::EditInspector, department.id, notes) {
        return Ok(None);
    }
    let mut next = match before {
        Some(before) if before.department_id != department.id => {
            let cure = "请先由原部门停用该人员,或改用新的人员编号";
            notes.error("人员编号", "code_of_other_department", &base.id, "这个编号属于其他部门的人员", cure);
            return Ok(None);
        }
        Some(before) => before.clone(),
        None => match rules::blank(cx, department, &base.id) {
            Ok(blank) => blank,
            Err(_) => {
                notes.error(
                    "部门编码",
                    "not_inspecting",
                    &base.dept_id,
                    "协调办、监督机构没有执法检查人员",
                    "请核对部门",
                );
                return Ok(None);
            }
        },
    };
    let expert = base.post == PoolKind::Experts;
    if table.has("post") && expert != next.expert {
        let (why, cure) = if expert {
            ("专家不在执法部门的名录中,不能计作执法人员", "请归入专家库")
        } else {
            ("专家库中只有专家", "请归入执法部门")
        };
        notes.error("岗位类别", "wrong_post", "", why, cure);
    }
    let set = |column: &str, to: &mut String, from: String| {
        if table.has(column) {
            *to = from;
        }
    };
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    set("name", &mut next.name, base.name);
    set("sex", &mut next.sex, base.sex);
    set("unit_type", &mut next.unit_type, base.unit_type);
    set("unit", &mut next.unit, base.unit);
    set("cert_no", &mut next.cert_no, base.cert_no);
    set("email", &mut next.email, row.email);
    if table.has("daily_minutes") {
        next.daily_minutes = number(base.daily_minutes);
    }
    if table.has("can_lead") {
        next.can_lead = base.can_lead;
    }
    if table.has("load0") {
        next.load0 = number(base.load0);
    }
    if table.has("reserve") {
        next.reserve = row.reserve;
    }
    next.search = rules::search_text(&next.name, &next.code);
    lengths(
        notes,
        &[
            ("人员编号", &next.code, 60),
            ("姓名", &next.name, 60),
            ("性别", &next.sex, 10),
            ("单位类型", &next.unit_type, 60),
            ("所属单位", &next.unit, 100),
            ("执法证号", &next.cert_no, 60),
            ("邮箱", &next.email, 200),
        ],
    );
    if next.daily_minutes > 1_440 {
        notes.error("每日可用分钟", "out_of_range", "", "每天最多1440分钟", "请核对");
    }
    if next.load0 > 1_000_000 {
        notes.error("本年已派工分钟", "out_of_range", "", "超过1000000分钟", "请核对");
    }
    if !next.email.is_empty() && !crate::mail::is_address(&next.email) {
        notes.error("邮箱", "invalid_address", &next.email, "不是有效的邮件地址", "请核对");
    }
    if !next.expert && next.cert_no.is_empty() {
        notes.warn("执法证号", "no_certificate", "", "没有执法证号", "没有有效执法证的人员不能抽取,请补填");
    }
    Ok(Some(next))
}

/// The people of the county by code.
fn people(cx: &mut Cx<'_>) -> Result<HashMap<String, Inspector>> {
    let region = cx.region().to_owned();
    Ok(inspectors::all(cx.db, &region)?.into_iter().map(|p| (p.code.clone(), p)).collect())
}

/// The person a row is about, if the actor may do `action` to him.
fn person(
    cx: &Cx<'_>,
    people: &HashMap<String, Inspector>,
    code: &str,
    action: Action,
    notes: &mut Notes,
) -> Option<Id> {
    let Some(person) = people.get(code) else {
        if !code.is_empty() {
            notes.error(
                "人员编号",
                "unknown_person",
                code,
                "名录中没有这个人员编号",
                "请先导入执法人员,或核对编号",
            );
        }
        notes.bad = true;
        return None;
    };
    own(cx, action, person.department_id, notes).then_some(person.id)
}

/// 资格.
pub(super) fn certificates(
    cx: &mut Cx<'_>,
    table: &Table<input::Qualification>,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    type Key = (Id, String, String, Option<NaiveDate>);
    let region = cx.region().to_owned();
    let (mut tally, people, today) = (Tally::default(), people(cx)?, cx.today());
    let key = |c: &Certificate| -> Key { (c.inspector_id, c.qual.clone(), c.no.clone(), c.valid_from) };
    let old: HashMap<Key, Certificate> =
        inspectors::certificates_of(cx.db, &region, None)?.into_iter().map(|c| (key(&c), c)).collect();
    let mut seen: HashSet<Key> = HashSet::new();
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let q = &row.value;
        let Some(inspector_id) = person(cx, &people, &q.person_id, Action::EditInspector, &mut notes) else {
            tally.take(notes);
            continue;
        };
        let next = Certificate {
            id: cx.id()?,
            region: region.clone(),
            inspector_id,
            qual: q.qual.clone(),
            qual_name: q.qual_name.clone(),
            no: q.no.clone(),
            valid_from: Some(q.from),
            valid_to: Some(q.to),
            created_at: At(cx.now),
        };
        lengths(
            &mut notes,
            &[("资格代码", &next.qual, 40), ("资格名称", &next.qual_name, 100), ("证书编号", &next.no, 80)],
        );
        if q.to < today {
            notes.warn(
                "失效日期",
                "expired",
                &q.to.to_string(),
                "证书已过期",
                "过期证书不能用于抽取,请办理换证",
            );
        }
        if !notes.bad && !seen.insert(key(&next)) {
            notes.error(
                "证书编号",
                "duplicate",
                &q.no,
                "前面已有同一人同一证书同一生效日期的一行",
                "请核对两行",
            );
        }
        if tally.take(notes) {
            continue;
        }
        match old.get(&key(&next)) {
            None => {
                tally.new += 1;
                new.push(next);
            }
            Some(before) => {
                let named = !table.has("qual_name") || before.qual_name == next.qual_name;
                if before.valid_to == next.valid_to && named {
                    tally.unchanged += 1;
                    continue;
                }
                tally.changed += 1;
                let qual_name = if named { before.qual_name.clone() } else { next.qual_name };
                changed.push(Certificate { qual_name, valid_to: next.valid_to, ..before.clone() });
            }
        }
    }
    if mode.writes(tally.refused) {
        certificates::insert_all(cx.db, &new)?;
        for row in &changed {
            inspectors::renew(cx.db, row)?;
        }
    }
    Ok(tally)
}

/// 请假.
pub(super) fn leave(
    cx: &mut Cx<'_>,
    table: &Table<input::Leave>,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let region = cx.region().to_owned();
    let (mut tally, people) = (Tally::default(), people(cx)?);
    // One absence begins once: a row with the same first day is the same leave with another end.
    let old: HashMap<(Id, NaiveDate), Leave> = inspectors::leave_of(cx.db, &region, None)?
        .into_iter()
        .map(|l| ((l.inspector_id, l.from_day), l))
        .collect();
    let mut seen: HashSet<(Id, NaiveDate)> = HashSet::new();
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let l = &row.value;
        let Some(inspector_id) = person(cx, &people, &l.person_id, Action::EditInspector, &mut notes) else {
            tally.take(notes);
            continue;
        };
        lengths(&mut notes, &[("类型", &l.kind, 40)]);
        if (l.to - l.from).num_days() > 1_100 {
            notes.error("结束日期", "out_of_range", &l.to.to_string(), "一次请假最长三年", "请核对");
        }
        if !notes.bad && !seen.insert((inspector_id, l.from)) {
            notes.error(
                "开始日期",
                "duplicate",
                &l.from.to_string(),
                "前面已有同一人同一天开始的请假",
                "请核对两行",
            );
        }
        if tally.take(notes) {
            continue;
        }
        let before = old.get(&(inspector_id, l.from));
        let kind = match before {
            Some(before) if !table.has("kind") => before.kind.clone(),
            _ => l.kind.clone(),
        };
        match before {
            Some(before) if before.to_day == l.to && before.kind == kind => {
                tally.unchanged += 1;
                continue;
            }
            Some(before) => {
                tally.changed += 1;
                replaced.push(before.id);
            }
            None => tally.new += 1,
        }
        new.push(Leave {
            id: cx.id()?,
            region: region.clone(),
            inspector_id,
            from_day: l.from,
            to_day: l.to,
            kind,
            created_at: At(cx.now),
        });
    }
    if mode.writes(tally.refused) {
        for id in replaced {
            leaves::delete(cx.db, id)?;
        }
        leaves::insert_all(cx.db, &new)?;
    }
    Ok(tally)
}

/// 回避: new ones wait for the decision of the head of the inspector's department.
pub(super) fn recusals(
    cx: &mut Cx<'_>,
    table: &Table<input::Recusal>,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let region = cx.region().to_owned();
    let (mut tally, people) = (Tally::default(), people(cx)?);
    let mut places: HashMap<String, Id> = HashMap::new();
    for s in subjects::all(cx.db, &region)? {
        if !s.registration_no.is_empty() {
            places.insert(s.registration_no, s.id);
        }
        places.insert(s.key, s.id);
    }
    let old: HashMap<(Id, Id), Recusal> =
        inspectors::recusals_of(cx.db, &region, &RecusalFilter::default(), None, i64::MAX)?
            .into_iter()
            .map(|r| ((r.inspector_id, r.subject_id), r))
            .collect();
    let mut seen: HashSet<(Id, Id)> = HashSet::new();
    let (mut new, mut changed): (Vec<Recusal>, Vec<(Recusal, i64)>) = (Vec::new(), Vec::new());
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let r = &row.value;
        let inspector = person(cx, &people, &r.person_id, Action::DeclareRecusal, &mut notes);
        let subject = places.get(&r.subject).copied();
        if subject.is_none() && !r.subject.is_empty() {
            notes.error(
                "统一社会信用代码",
                "unknown_subject",
                &r.subject,
                "名录中没有这个检查对象",
                "请先导入检查对象,或核对代码",
            );
        }
        lengths(&mut notes, &[("回避事由", &r.reason, 500)]);
        let pair = inspector.zip(subject);
        if let Some(pair) = pair.filter(|_| !notes.bad)
            && !seen.insert(pair)
        {
            notes.error(
                "人员编号",
                "duplicate",
                &r.person_id,
                "前面已有同一人对同一检查对象的回避",
                "请核对两行",
            );
        }
        notes.bad |= pair.is_none();
        let before = pair.and_then(|pair| old.get(&pair));
        let ended =
            [State::Rejected, State::Ended].iter().any(|s| before.is_some_and(|b| b.state == s.as_str()));
        if ended {
            notes.warn(
                "回避事由",
                "recusal_ended",
                &r.reason,
                "该回避已被驳回或解除,不因再次导入而恢复",
                "如有新的事由,请在系统中重新申请",
            );
        }
        if tally.take(notes) {
            continue;
        }
        match (pair, before) {
            (Some((inspector_id, subject_id)), None) => {
                tally.new += 1;
                new.push(Recusal {
                    id: cx.id()?,
                    region: region.clone(),
                    inspector_id,
                    subject_id,
                    reason: r.reason.clone(),
                    source: Source::List.as_str().to_owned(),
                    state: State::Pending.as_str().to_owned(),
                    decided_by: None,
                    decision_note: String::new(),
                    version: 1,
                    created_at: At(cx.now),
                    updated_at: At(cx.now),
                });
            }
            (_, Some(before))
                if table.has("reason") && before.reason != r.reason && before.state == "pending" =>
            {
                tally.changed += 1;
                let mut next = before.clone();
                next.reason.clone_from(&r.reason);
                next.version += 1;
                next.updated_at = At(cx.now);
                changed.push((next, before.version));
            }
            _ => tally.unchanged += 1,
        }
    }
    if mode.writes(tally.refused) {
        recusals::insert_all(cx.db, &new)?;
        for (row, seen) in &changed {
            recusals::transition(cx.db, row, State::Pending.as_str(), *seen)?;
        }
    }
    Ok(tally)
}
