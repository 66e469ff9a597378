//! One function per table: a sheet to typed rows. References between tables are the business of `check`.

use super::{Loaded, Source};
use crate::domain::planning::input::{
    CalendarDay, CheckMode, Department, Inspector, Item, Leave, Notice, PoolKind, Qualification, Recusal,
    Rules, Subject, Task,
};
use crate::exchange::cells::Cells;
use crate::exchange::fault::Fault;
use crate::exchange::headers::Place;
use crate::exchange::{value, words};
use chrono::NaiveDate;

const MODE_CURE: &str = "请填写:现场检查、书面检查、网络监测";
const NOTICE_CURE: &str = "请填写:突击、提前告知、均可";
const POOL_CURE: &str = "请填写:执法人员、专家";

/// 部门.
pub(super) fn departments(source: &Source<'_>, out: &mut Loaded<Department>) {
    let l = &source.layout;
    let (id, uscc, name) = (l.place("dept_id"), l.place("uscc"), l.place("name"));
    let (level, division, pool, rank) = (l.place("level"), l.place("div"), l.place("pool"), l.place("rank"));
    source.each(out, |c| {
        let kind = c.word(pool, words::pool, POOL_CURE).unwrap_or(PoolKind::Officers);
        let department = Department {
            id: c.needed_code(id),
            uscc: own_code(c, uscc),
            name: c.needed_text(name),
            level: c.text(level),
            division: c.division(division),
            pool: kind,
            rank: c.whole(rank, &[], 1_000_000, if kind == PoolKind::Experts { 99 } else { 50 }),
        };
        let told = format!("{}{}", department.name, department.level);
        if kind == PoolKind::Officers && COORDINATION.iter().any(|w| told.contains(w)) {
            c.fault(
                name,
                Fault::error(
                    "coordination_body",
                    "议事协调机构(协调办、联席会议、领导小组等)不得实施行政检查",
                    "请删除该行,由有执法权的成员单位作为检查部门",
                ),
            );
        }
        Some(department)
    });
}

/// Words in the name of a body that coordinates and may not inspect (国办发〔2024〕54号).
const COORDINATION: &[&str] = &[
    "协调办",
    "议事协调",
    "协调机构",
    "协调小组",
    "联席会议",
    "领导小组",
    "工作专班",
    "指挥部",
    "双随机办",
    "安委办",
    "食安办",
    "安全生产委员会",
    "食品安全委员会",
];

/// A department's own credit code: only warned about, for nothing hangs on it.
fn own_code(c: &mut Cells<'_>, place: Place<'_>) -> String {
    let raw = c.text(place);
    if raw.is_empty() {
        return raw;
    }
    let kind = place.at.map_or(crate::exchange::table::Kind::Text, |at| c.row.kind(at));
    match value::identity(&raw, kind) {
        Ok(identity) => identity.key,
        Err(refusal) => {
            c.fault(
                place,
                Fault::warning(refusal.code, format!("{},按没有代码处理", refusal.why), refusal.cure),
            );
            String::new()
        }
    }
}

/// 事项.
pub(super) fn items(source: &Source<'_>, out: &mut Loaded<Item>) {
    let l = &source.layout;
    let (id, key, name, minutes) =
        (l.place("item_id"), l.place("dept_key"), l.place("name"), l.place("minutes"));
    let (mode, notice, equiv) = (l.place("mode"), l.place("notice"), l.place("equiv"));
    let (equiv_name, qual, freq) = (l.place("equiv_name"), l.place("qual"), l.place("freq"));
    let (season, expert) = (l.place("season"), l.place("expert"));
    source.each(out, |c| {
        Some(Item {
            id: c.needed_code(id),
            dept_key: c.needed_code(key),
            name: c.needed_text(name),
            minutes: needed_minutes(c, minutes),
            mode: c.word(mode, words::mode, MODE_CURE).unwrap_or(CheckMode::OnSite),
            notice: c.word(notice, words::notice, NOTICE_CURE).unwrap_or(Notice::Either),
            equiv: c.code(equiv),
            equiv_name: c.text(equiv_name),
            qual: c.code(qual),
            freq: c.value(freq, frequency).unwrap_or(0),
            season: c.value(season, value::season).flatten(),
            expert: c.code(expert),
        })
    });
}

fn needed_minutes(c: &mut Cells<'_>, place: Place<'_>) -> u32 {
    let before = c.report.errors();
    let minutes = c.minutes(place);
    if c.report.errors() > before {
        return 1;
    }
    match minutes {
        None => {
            c.fault(place, Fault::error("empty_cell", "必填项为空", "请补填检查所需的分钟数"));
            1
        }
        Some(0) => {
            c.fault(place, Fault::error("zero_minutes", "时长不能为 0", "请填写检查所需的分钟数"));
            1
        }
        Some(minutes) => minutes,
    }
}

/// A cap per year: a number, perhaps with 次; a word for none is 0.
fn frequency(raw: &str) -> Result<u32, value::Refusal> {
    if words::meaning("unlimited", raw).is_some() {
        return Ok(0);
    }
    value::whole(raw, &["次/年", "次每年", "次"], 1_000)
}

/// 检查对象.
pub(super) fn subjects(source: &Source<'_>, out: &mut Loaded<Subject>, reg_nos: &mut Vec<Option<String>>) {
    let l = &source.layout;
    let (uscc, reg_no, name, kind) = (l.place("uscc"), l.place("reg_no"), l.place("name"), l.place("kind"));
    let (division, town, address) = (l.place("div"), l.place("town"), l.place("address"));
    let (industry, industry_name, credit) =
        (l.place("industry"), l.place("industry_name"), l.place("credit"));
    let (founded, lon, lat, contact) =
        (l.place("founded"), l.place("lon"), l.place("lat"), l.place("contact"));
    if uscc.at.is_none() && reg_no.at.is_none() {
        let fault = Fault::error(
            "missing_column",
            "既没有“统一社会信用代码”列,也没有“注册号”列",
            "请至少增加其中一列,作为检查对象的身份",
        );
        out.report.push(fault.file(source.file, source.sheet_name()));
        return;
    }
    source.each(out, |c| {
        let before = c.report.errors();
        let code = c.identity(uscc);
        let number = c.registration(reg_no);
        let (key, has_uscc, other) = match (code, number) {
            (Some(code), Some(number)) if code.is_uscc => (code.key, true, Some(number.key)),
            (Some(code), Some(number)) if code.key != number.key => {
                c.fault(
                    reg_no,
                    Fault::error(
                        "two_identities",
                        format!("与代码列中的号码“{}”不同", code.key),
                        "请核对,一个检查对象只有一个注册号",
                    ),
                );
                (code.key, false, None)
            }
            (Some(one), _) | (None, Some(one)) => (one.key, one.is_uscc, None),
            (None, None) => {
                if c.report.errors() == before {
                    let fault = Fault::error(
                        "no_identity",
                        "既没有统一社会信用代码,也没有注册号",
                        "请补填其中一项;没有身份的对象不能抽取",
                    );
                    c.fault(if uscc.at.is_some() { uscc } else { reg_no }, fault);
                }
                (String::new(), false, None)
            }
        };
        let subject = Subject {
            key,
            has_uscc,
            name: c.text(name),
            kind: c.text(kind),
            division: c.division(division),
            town: c.text(town),
            address: c.text(address),
            industry: c.code(industry).to_uppercase(),
            industry_name: c.text(industry_name),
            credit: credit_class(&c.code(credit)),
            founded: c.date(founded),
            lon: c.degrees(lon),
            lat: c.degrees(lat),
            contact: c.text(contact),
        };
        if subject.name.is_empty() {
            c.fault(name, Fault::warning("no_name", "没有名称", "请补填,派遣单和通知书要用"));
        }
        reg_nos.push(other);
        Some(subject)
    });
}

/// `a`, `Ａ级`, `A类` are `A`; other words stay as they are.
pub(super) fn credit_class(word: &str) -> String {
    let bare = word.trim_end_matches(['级', '类', '等']);
    if bare.len() == 1 { bare.to_uppercase() } else { word.to_owned() }
}

/// 执法人员.
pub(super) fn inspectors(source: &Source<'_>, out: &mut Loaded<Inspector>, rules: &Rules) {
    let l = &source.layout;
    let (id, name, sex, dept) = (l.place("person_id"), l.place("name"), l.place("sex"), l.place("dept_id"));
    let (unit_type, unit, post) = (l.place("unit_type"), l.place("unit"), l.place("post"));
    let (cert, daily, lead, load) =
        (l.place("cert_no"), l.place("daily_minutes"), l.place("can_lead"), l.place("load0"));
    let full_day = (rules.am.1 - rules.am.0) + (rules.pm.1 - rules.pm.0);
    source.each(out, |c| {
        let raw_post = c.text(post);
        let kind = if words::meaning("forbidden_post", &raw_post).is_some() {
            c.fault(
                post,
                Fault::error(
                    "forbidden_post",
                    "辅助人员、网格员、临时人员和第三方人员不得实施行政检查",
                    "请从执法检查人员名录中删除该行",
                ),
            );
            PoolKind::Officers
        } else {
            c.word(post, words::pool, POOL_CURE).unwrap_or(PoolKind::Officers)
        };
        let (unit_type, unit) = (c.text(unit_type), c.text(unit));
        Some(Inspector {
            id: c.needed_code(id),
            name: c.needed_text(name),
            sex: c.text(sex),
            dept_id: c.needed_code(dept),
            unit_kind: words::unit_kind(&unit_type, &unit),
            unit_type,
            unit,
            post: kind,
            cert_no: c.code(cert),
            daily_minutes: c.minutes(daily).unwrap_or(full_day),
            can_lead: c.yes_no(lead, lead.at.is_none() && kind == PoolKind::Officers),
            load0: c.minutes(load).unwrap_or(0),
        })
    });
}

/// 资格.
pub(super) fn qualifications(source: &Source<'_>, out: &mut Loaded<Qualification>) {
    let l = &source.layout;
    let (person, qual, name, no) =
        (l.place("person_id"), l.place("qual"), l.place("qual_name"), l.place("no"));
    let (from, to) = (l.place("from"), l.place("to"));
    source.each(out, |c| {
        let row = Qualification {
            person_id: c.needed_code(person),
            qual: c.needed_code(qual),
            qual_name: c.text(name),
            no: c.code(no),
            from: c.needed_date(from),
            to: c.needed_end(to),
        };
        ordered(c, (from, row.from), (to, row.to), "失效日期早于生效日期");
        Some(row)
    });
}

/// Tells reversed dates of a row that is sound so far.
pub(super) fn ordered(
    c: &mut Cells<'_>,
    from: (Place<'_>, NaiveDate),
    to: (Place<'_>, NaiveDate),
    why: &str,
) {
    if c.sound && to.1 < from.1 {
        let cure = format!("请核对两个日期(“{}”为 {})", from.0.title, from.1);
        c.fault(to.0, Fault::error("reversed_dates", why, cure));
    }
}

/// 回避.
pub(super) fn recusals(source: &Source<'_>, out: &mut Loaded<Recusal>) {
    let l = &source.layout;
    let (person, uscc, reason) = (l.place("person_id"), l.place("uscc"), l.place("reason"));
    source.each(out, |c| {
        Some(Recusal {
            person_id: c.needed_code(person),
            subject: needed_subject(c, uscc),
            reason: c.text(reason),
        })
    });
}

/// A reference to a subject; empty after a fault.
fn needed_subject(c: &mut Cells<'_>, place: Place<'_>) -> String {
    let before = c.report.errors();
    match c.identity_or_registration(place) {
        Some(identity) => identity.key,
        None => {
            if c.report.errors() == before {
                c.fault(place, Fault::error("empty_cell", "必填项为空", "请填写检查对象的代码或注册号"));
            }
            String::new()
        }
    }
}

/// 请假.
pub(super) fn leave(source: &Source<'_>, out: &mut Loaded<Leave>) {
    let l = &source.layout;
    let (person, from, to, kind) = (l.place("person_id"), l.place("from"), l.place("to"), l.place("kind"));
    source.each(out, |c| {
        let row = Leave {
            person_id: c.needed_code(person),
            from: c.needed_date(from),
            to: c.needed_date(to),
            kind: c.text(kind),
        };
        ordered(c, (from, row.from), (to, row.to), "结束日期早于开始日期");
        Some(row)
    });
}

/// 日历.
pub(super) fn calendar(source: &Source<'_>, out: &mut Loaded<CalendarDay>) {
    let l = &source.layout;
    let (date, workday, quiet) = (l.place("date"), l.place("workday"), l.place("quiet"));
    source.each(out, |c| {
        let before = c.report.errors();
        let is_workday = c.word(workday, words::yes_no, "请填写“是”或“否”");
        if is_workday.is_none() && c.report.errors() == before {
            c.fault(workday, Fault::error("empty_cell", "必填项为空", "请填写“是”或“否”"));
        }
        Some(CalendarDay {
            date: c.needed_date(date),
            workday: is_workday.unwrap_or(false),
            quiet: c.yes_no(quiet, false),
        })
    });
}

/// 任务. Minutes, mode and notice left empty are 0, none: `check` takes them from the item.
pub(super) fn tasks(source: &Source<'_>, out: &mut Loaded<Task>, gaps: &mut Vec<Gaps>) {
    let l = &source.layout;
    let (id, plan, dept, item) =
        (l.place("task_id"), l.place("plan"), l.place("dept_id"), l.place("item_id"));
    let (uscc, earliest, latest) = (l.place("uscc"), l.place("earliest"), l.place("latest"));
    let (minutes, mode, notice, priority) =
        (l.place("minutes"), l.place("mode"), l.place("notice"), l.place("priority"));
    source.each(out, |c| {
        let own = c.minutes(minutes);
        if own == Some(0) {
            c.fault(
                minutes,
                Fault::error("zero_minutes", "时长不能为 0", "请填写检查所需的分钟数,或留空以采用事项的时长"),
            );
        }
        let own_mode = c.word(mode, words::mode, MODE_CURE);
        let own_notice = c.word(notice, words::notice, NOTICE_CURE);
        let row = Task {
            id: c.needed_code(id),
            plan: c.text(plan),
            dept_id: c.needed_code(dept),
            item_id: c.needed_code(item),
            subject: needed_subject(c, uscc),
            earliest: c.needed_date(earliest),
            latest: c.needed_date(latest),
            minutes: own.unwrap_or(1).max(1),
            mode: own_mode.unwrap_or(CheckMode::OnSite),
            notice: own_notice.unwrap_or(Notice::Either),
            priority: c.value(priority, urgency).unwrap_or(3),
            people: 0,
        };
        ordered(c, (earliest, row.earliest), (latest, row.latest), "最晚日期早于最早日期");
        gaps.push(Gaps { minutes: own.is_none(), mode: own_mode.is_none(), notice: own_notice.is_none() });
        Some(row)
    });
}

/// 优先级: a number from 1, or a word.
pub(super) fn urgency(raw: &str) -> Result<u32, value::Refusal> {
    value::whole(raw, &["级"], 1_000)
        .or_else(|refusal| words::meaning("priority", raw).and_then(|n| n.parse().ok()).ok_or(refusal))
}

/// What a task leaves to its item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gaps {
    /// 预计分钟.
    pub(super) minutes: bool,
    /// 检查方式.
    pub(super) mode: bool,
    /// 告知方式.
    pub(super) notice: bool,
}
