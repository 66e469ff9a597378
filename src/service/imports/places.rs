//! Departments and subjects out of import files.

use super::{Departments, Mode, Notes, Tally, Tell};
use crate::domain::access::Role;
use crate::domain::alias::{Resolved, fold};
use crate::domain::registry::{is_coordinating, kind_of};
use crate::domain::rows::{DepartmentRow, SubjectRow, Table};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::{departments as department_rules, subjects as subject_rules};
use crate::store::common;
use crate::store::departments::{self, Department};
use crate::store::subjects::{self, Subject, Supervision, Tag};
use crate::store::types::{At, Doc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// 部门.
pub(super) fn departments(
    cx: &mut Cx<'_>,
    table: &Table<DepartmentRow>,
    known: &Departments,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut names: HashMap<String, String> = HashMap::new();
    for d in known.rows.values().filter(|d| d.state == "active") {
        for name in std::iter::once(&d.name).chain([&d.code]).chain(&d.aliases.0) {
            names.insert(fold(name), d.code.clone());
        }
    }
    let (mut new, mut changed): (Vec<Department>, Vec<(Department, i64)>) = (Vec::new(), Vec::new());
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let base = &row.value.base;
        twice(&mut seen, &base.id, row.number, "部门编码", &mut notes);
        let old = known.codes.get(&base.id).and_then(|id| known.rows.get(id));
        let kind = kind_of(base.pool).as_str();
        let mut next = match old {
            Some(old) => old.clone(),
            None => Department {
                id: cx.id()?,
                region: cx.region().to_owned(),
                code: base.id.clone(),
                name: String::new(),
                search: String::new(),
                uscc: String::new(),
                level: String::new(),
                division: String::new(),
                kind: kind.to_owned(),
                rank: 50,
                aliases: Doc(Vec::new()),
                contact: String::new(),
                state: "active".to_owned(),
                version: 1,
                created_at: At(cx.now),
                updated_at: At(cx.now),
            },
        };
        next.name.clone_from(&base.name);
        if table.has("uscc") {
            next.uscc.clone_from(&base.uscc);
        }
        if table.has("level") {
            next.level.clone_from(&base.level);
        }
        if table.has("div") {
            next.division.clone_from(&base.division);
        }
        if table.has("rank") {
            next.rank = i32::try_from(base.rank).unwrap_or(i32::MAX);
        }
        if table.has("aliases") {
            next.aliases = Doc(row.value.aliases.clone());
        }
        if table.has("contact") {
            next.contact.clone_from(&row.value.contact);
        }
        next.search = department_rules::search_text(&next.name, &next.code, &next.aliases.0);
        if next.kind == "inspecting" && is_coordinating(&next.name) {
            notes.error(
                "部门名称",
                "coordination_body",
                &next.name,
                "议事协调机构不得实施行政检查",
                "请删除该行",
            );
        }
        if table.has("pool") && next.kind != kind {
            notes.error(
                "队伍类型",
                "kind_changed",
                kind,
                "与已登记的类别不同,类别不能更改",
                "请核对部门编码",
            );
        }
        lengths(
            &mut notes,
            &[
                ("部门编码", &next.code, 40),
                ("部门名称", &next.name, 100),
                ("层级", &next.level, 20),
                ("管辖区划代码", &next.division, 12),
                ("联系方式", &next.contact, 200),
            ],
        );
        for name in std::iter::once(&next.name).chain(&next.aliases.0) {
            let owner = names.entry(fold(name)).or_insert_with(|| next.code.clone());
            if *owner != next.code {
                let why = format!("已是部门 {owner} 的名称、编码或别名");
                notes.error("部门名称", "name_taken", name, why, "请改名或删去别名,否则清单中的部门无法识别");
            }
        }
        if tally.take(notes) {
            continue;
        }
        match old {
            None => {
                tally.new += 1;
                new.push(next);
            }
            Some(old) if same_department(old, &next) => tally.unchanged += 1,
            Some(old) => {
                tally.changed += 1;
                next.version += 1;
                next.updated_at = At(cx.now);
                changed.push((next, old.version));
            }
        }
    }
    if mode.writes(tally.refused) {
        departments::insert_all(cx.db, &new)?;
        for (row, seen) in &changed {
            departments::update(cx.db, row, *seen)?;
        }
    }
    Ok(tally)
}

fn same_department(a: &Department, b: &Department) -> bool {
    (&a.name, &a.uscc, &a.level, &a.division, a.rank, &a.aliases, &a.contact, &a.search)
        == (&b.name, &b.uscc, &b.level, &b.division, b.rank, &b.aliases, &b.contact, &b.search)
}

/// Tells a key that an earlier row has: of two rows that claim to be one, neither the first nor the last is right by
/// being first or last, but the first is taken when the good rows are.
pub(super) fn twice<'a>(
    seen: &mut HashMap<&'a str, u32>,
    key: &'a str,
    row: u32,
    column: &str,
    notes: &mut Notes,
) {
    if key.is_empty() {
        return;
    }
    let first = *seen.entry(key).or_insert(row);
    if first != row {
        notes.error(column, "duplicate", key, format!("与第 {first} 行重复"), "请核对两行,只保留正确的一行");
    }
}

/// Tells texts longer than the registry holds.
pub(super) fn lengths(notes: &mut Notes, texts: &[(&str, &str, usize)]) {
    for (column, text, most) in texts {
        // Bytes are at least characters, and nearly all texts are short: counting is for the few others.
        if text.len() > *most && text.chars().count() > *most {
            notes.error(column, "too_long", text, format!("超过 {most} 个字符"), "请缩短");
        }
    }
}

/// 检查对象.
pub(super) fn subjects(
    cx: &mut Cx<'_>,
    table: &Table<SubjectRow>,
    known: &Departments,
    mode: Mode,
    tell: &Tell<'_>,
) -> Result<Tally> {
    let region = cx.region().to_owned();
    let mut tally = Tally::default();
    let old: HashMap<String, Subject> =
        subjects::all(cx.db, &region)?.into_iter().map(|s| (s.key.clone(), s)).collect();
    // A business that has received its credit code since is the one known by its registration number.
    let by_number: HashMap<&str, &Subject> = old
        .values()
        .filter(|s| !s.registration_no.is_empty())
        .map(|s| (s.registration_no.as_str(), s))
        .collect();
    let mut supervised: HashMap<Id, BTreeSet<Id>> = HashMap::new();
    if table.has("departments") || !cx.actor.roles.has(Role::Coordinator) {
        for s in subjects::supervisions(cx.db, &region)? {
            supervised.entry(s.subject_id).or_default().insert(s.department_id);
        }
    }
    let words: BTreeMap<String, String> = common::aliases(cx.db, &region, "subject_type")?
        .into_iter()
        .map(|a| (a.word_key, a.target))
        .collect();
    let mut seen: HashMap<&str, u32> = HashMap::with_capacity(table.rows.len());
    let mut matched: BTreeSet<Id> = BTreeSet::new();
    let mut work = Work::default();
    for row in &table.rows {
        tell(tally.rows)?;
        let mut notes = Notes::new(row.number, row.sound);
        let base = &row.value.base;
        twice(&mut seen, &base.key, row.number, "统一社会信用代码", &mut notes);
        let number = if base.has_uscc { row.value.registration_no.as_str() } else { base.key.as_str() };
        let before = old.get(&base.key).or_else(|| by_number.get(number).copied());
        if before.is_some_and(|b| !matched.insert(b.id)) && !notes.bad {
            notes.error(
                "注册号",
                "duplicate",
                number,
                "前面已有一行是同一个检查对象",
                "请核对两行,只保留正确的一行",
            );
        }
        let mut next = match before {
            Some(before) => before.clone(),
            None => subject_rules::blank(cx)?,
        };
        write(table, &row.value, &words, &mut next);
        if next.name.is_empty() && before.is_none() {
            notes.error("市场主体名称", "empty_cell", "", "没有名称", "请补填");
        }
        checks(&mut notes, &next);
        let departments = supervisors(&row.value.departments, known, &mut notes);
        let old_departments = before.and_then(|b| supervised.get(&b.id)).cloned().unwrap_or_default();
        let foreign = before.is_some_and(|b| {
            let others =
                table.has("departments") && !subject_rules::same_others(cx, &old_departments, &departments);
            !subject_rules::keeps(cx, &old_departments) && (others || !subject_rules::same_basics(b, &next))
        });
        if foreign && !notes.bad {
            let key = base.key.as_str();
            notes.error("监管部门", "not_own_department", key, subject_rules::KEPT_BY_OTHERS, "请去掉该行");
        }
        if tally.take(notes) {
            continue;
        }
        let moved = table.has("departments") && old_departments != departments;
        match before {
            None => {
                tally.new += 1;
                work.supervise(&region, next.id, &departments);
                work.tag(&region, &next);
                work.new.push(next);
            }
            Some(before) if *before == next && !moved => tally.unchanged += 1,
            Some(before) => {
                tally.changed += 1;
                next.version += 1;
                next.updated_at = At(cx.now);
                if moved {
                    work.moved.push((next.id, departments.into_iter().collect()));
                }
                if before.tags != next.tags {
                    work.tagged.push((next.id, next.tags.0.clone()));
                }
                work.changed.push((next, before.version));
            }
        }
    }
    if mode.writes(tally.refused) {
        work.write(cx, &region)?;
    }
    Ok(tally)
}

/// What is to be written of subjects.
#[derive(Default)]
struct Work {
    new: Vec<Subject>,
    changed: Vec<(Subject, i64)>,
    supervisions: Vec<Supervision>,
    tags: Vec<Tag>,
    moved: Vec<(Id, Vec<Id>)>,
    tagged: Vec<(Id, Vec<String>)>,
}

impl Work {
    fn supervise(&mut self, region: &str, subject_id: Id, departments: &BTreeSet<Id>) {
        let row = |d: &Id| Supervision { subject_id, department_id: *d, region: region.to_owned() };
        self.supervisions.extend(departments.iter().map(row));
    }

    fn tag(&mut self, region: &str, subject: &Subject) {
        let row = |t: &String| Tag { subject_id: subject.id, tag: t.clone(), region: region.to_owned() };
        self.tags.extend(subject.tags.0.iter().map(row));
    }

    fn write(&self, cx: &mut Cx<'_>, region: &str) -> Result<()> {
        subjects::insert_all(cx.db, &self.new)?;
        subjects::supervise(cx.db, &self.supervisions)?;
        subjects::tag(cx.db, &self.tags)?;
        for (row, seen) in &self.changed {
            subjects::update(cx.db, row, *seen)?;
        }
        for (id, departments) in &self.moved {
            subjects::set_supervisors(cx.db, region, *id, departments)?;
        }
        for (id, tags) in &self.tagged {
            subjects::set_tags(cx.db, region, *id, tags)?;
        }
        Ok(())
    }
}

fn write(table: &Table<SubjectRow>, row: &SubjectRow, words: &BTreeMap<String, String>, next: &mut Subject) {
    let base = &row.base;
    let set = |column: &str, to: &mut String, from: &str| {
        if table.has(column) {
            from.clone_into(to);
        }
    };
    next.key.clone_from(&base.key);
    if base.has_uscc {
        next.uscc.clone_from(&base.key);
        if !row.registration_no.is_empty() {
            next.registration_no.clone_from(&row.registration_no);
        }
    } else {
        next.registration_no.clone_from(&base.key);
        // A list that does not know the credit code yet does not take it away.
        if !next.uscc.is_empty() {
            next.key.clone_from(&next.uscc);
        }
    }
    if !base.name.is_empty() {
        next.name.clone_from(&base.name);
    }
    let kind = words.get(&fold(&base.kind)).unwrap_or(&base.kind);
    set("kind", &mut next.kind, kind);
    set("div", &mut next.division, &base.division);
    set("town", &mut next.town, &base.town);
    set("address", &mut next.address, &base.address);
    set("industry", &mut next.industry, &base.industry);
    set("industry_name", &mut next.industry_name, &base.industry_name);
    set("credit", &mut next.credit, &base.credit);
    set("contact", &mut next.contact, &base.contact);
    set("phone", &mut next.phone, &row.phone);
    if table.has("founded") {
        next.founded = base.founded;
    }
    if table.has("lon") && table.has("lat") {
        next.lon = base.lon.map(|m| f64::from(m) / 1e6);
        next.lat = base.lat.map(|m| f64::from(m) / 1e6);
    }
    if table.has("tags") {
        let tags: BTreeSet<String> = row.tags.iter().cloned().collect();
        next.tags = Doc(tags.into_iter().collect());
    }
    if table.has("abnormal") {
        next.abnormal = row.abnormal;
    }
    if table.has("serious") {
        next.serious = row.serious;
    }
    next.search = subject_rules::search_text(next);
}

/// What the reader of planning files lets pass and the registry does not.
fn checks(notes: &mut Notes, next: &Subject) {
    lengths(
        notes,
        &[
            ("市场主体名称", &next.name, 200),
            ("主体类型", &next.kind, 60),
            ("区划代码", &next.division, 12),
            ("乡镇街道", &next.town, 60),
            ("地址", &next.address, 300),
            ("行业代码", &next.industry, 10),
            ("行业名称", &next.industry_name, 100),
            ("信用风险分类", &next.credit, 20),
            ("联系人", &next.contact, 60),
            ("联系电话", &next.phone, 40),
        ],
    );
    if !next.division.bytes().all(|b| b.is_ascii_digit()) {
        notes.error("区划代码", "not_digits", &next.division, "区划代码只能是数字", "请核对");
    }
    if !next.industry.bytes().all(|b| b.is_ascii_alphanumeric()) {
        notes.error("行业代码", "invalid", &next.industry, "行业代码只能是字母和数字(GB/T 4754)", "请核对");
    }
    if next.tags.0.len() > 50 || next.tags.0.iter().any(|t| t.chars().count() > 40) {
        notes.error("标签", "too_long", "", "标签最多50个,每个最多40个字符", "请精简");
    }
    if next.town.is_empty() {
        notes.warn("乡镇街道", "no_town", "", "没有乡镇街道", "补填后才能按乡镇筛选和合并行程");
    }
}

fn supervisors(written: &[String], known: &Departments, notes: &mut Notes) -> BTreeSet<Id> {
    let mut departments = BTreeSet::new();
    for name in written {
        match known.names.resolve(name) {
            Resolved::One(code) => match known.codes.get(&code).and_then(|id| known.rows.get(id)) {
                Some(d) if d.kind == "inspecting" => {
                    departments.insert(d.id);
                }
                _ => notes.error("监管部门", "not_inspecting", name, "不是执法部门", "请核对"),
            },
            _ => notes.error(
                "监管部门",
                "unknown_department",
                name,
                "没有登记名称、编码或别名为此的部门",
                "请登记部门别名或核对名称",
            ),
        }
    }
    departments
}
