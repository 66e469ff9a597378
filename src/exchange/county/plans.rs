//! 计划: what is to be drawn, as officials write it.

use super::tables::{credit_class, ordered};
use super::{Loaded, Source};
use crate::domain::planning::input::PlanEntry;
use crate::domain::ratio::Ratio;
use crate::domain::window::WindowText;
use crate::exchange::cells::Cells;
use crate::exchange::fault::Fault;
use crate::exchange::headers::Place;
use crate::exchange::value;
use chrono::NaiveDate;

/// 计划. Unless `strict`, a ratio or time that says nothing is only a warning and the dates are those of the epoch: a
/// registry keeps the words, a planning run cannot go by them.
pub(super) fn plans(source: &Source<'_>, out: &mut Loaded<PlanEntry>, year: Option<i32>, strict: bool) {
    let l = &source.layout;
    let (id, name, dept, items) = (l.place("plan_id"), l.place("name"), l.place("dept_id"), l.place("items"));
    let (kinds, industries, towns, credits) =
        (l.place("kinds"), l.place("industries"), l.place("towns"), l.place("credits"));
    let (ratio, classes) = (l.place("ratio"), l.place("class_ratios"));
    let (earliest, latest, priority) = (l.place("earliest"), l.place("latest"), l.place("priority"));
    let window = l.place("window");
    source.each(out, |c| {
        let id_text = c.needed_code(id);
        let (from, to) = plan_window(c, (earliest, latest), window, year, strict);
        if !id_text.bytes().all(|b| b.is_ascii_graphic()) || id_text.len() > 128 {
            c.fault(
                id,
                Fault::error(
                    "bad_plan_id",
                    "计划编号要写进抽取记录,只能用英文字母、数字和符号,最长 128 位",
                    "请改为如 PLAN-2026-01 的编号",
                ),
            );
        }
        let row = PlanEntry {
            id: id_text,
            name: c.text(name),
            dept_id: c.needed_code(dept),
            items: list(&if strict { c.needed_text(items) } else { c.text(items) })
                .map(value::code)
                .collect(),
            kinds: filter(&c.text(kinds)),
            industries: filter(&c.text(industries)).iter().map(|w| value::code(w).to_uppercase()).collect(),
            towns: filter(&c.text(towns)),
            credits: filter(&c.text(credits)).iter().map(|w| credit_class(&value::code(w))).collect(),
            ratio: Ratio::parse(&c.text(ratio)),
            class_ratios: Vec::new(),
            earliest: from,
            latest: to,
            priority: c.value(priority, super::tables::urgency).unwrap_or(3),
        };
        let class_ratios = class_ratios(c, classes);
        let row = PlanEntry { class_ratios, ..row };
        if row.ratio.rule.is_none() && row.class_ratios.is_empty() {
            c.fault(
                ratio,
                graded(
                    strict,
                    "ratio_not_understood",
                    "从文字看不出抽多少",
                    "请写成如 5%、3‰、20户、10-20%、不少于3%、全部,或在“分类比例”中按信用类别写明",
                ),
            );
        }
        ordered(c, (earliest, row.earliest), (latest, row.latest), "最晚日期早于最早日期");
        Some(row)
    });
}

/// The days of a plan: the two dates, or else the text of 检查时间 in the year of the planning period.
fn plan_window(
    c: &mut Cells<'_>,
    (earliest, latest): (Place<'_>, Place<'_>),
    window: Place<'_>,
    year: Option<i32>,
    strict: bool,
) -> (NaiveDate, NaiveDate) {
    let text = c.text(window);
    let given = [earliest, latest].iter().any(|p| p.at.is_some_and(|at| !c.row.text(at).trim().is_empty()));
    if !given && text.is_empty() && !strict {
        c.fault(window, graded(false, "no_window", "没有检查时间", "请填写最早日期和最晚日期"));
        return (NaiveDate::default(), NaiveDate::default());
    }
    if given || text.is_empty() {
        return (c.needed_date(earliest), c.needed_date(latest));
    }
    let parsed = WindowText::parse(&text);
    let year = parsed.spans.iter().find_map(|s| s.to.year.or(s.from.and_then(|f| f.year))).or(year);
    match year.and_then(|y| parsed.dates(y)).as_deref() {
        Some([one]) => return *one,
        Some(several) => {
            let why = format!("写了 {} 段时间", several.len());
            c.fault(window, graded(strict, "several_windows", why, "请每批写一行,各用一个计划编号"));
        }
        None if !parsed.spans.is_empty() && year.is_none() => {
            let cure = "请写明年份,或在 config.json 中写明 start,或填写最早日期和最晚日期";
            c.fault(window, graded(strict, "no_year", "看不出是哪一年", cure));
        }
        None => {
            let cure = "请填写“最早日期”和“最晚日期”两列";
            c.fault(window, graded(strict, "window_not_understood", "从文字看不出起止日期", cure));
        }
    }
    (NaiveDate::default(), NaiveDate::default())
}

/// An error for a planning run, a warning for a registry.
fn graded(strict: bool, code: &'static str, why: impl Into<String>, cure: &str) -> Fault {
    if strict { Fault::error(code, why, cure) } else { Fault::warning(code, why, cure) }
}

/// The parts of a cell that lists several things.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '\u{ff1b}', '、', ',', '\u{ff0c}', '|', ' ']).map(str::trim).filter(|p| !p.is_empty())
}

/// The parts of a filter; a word for “all” is no filter.
pub(super) fn filter(text: &str) -> Vec<String> {
    let parts: Vec<String> = list(text).map(str::to_owned).collect();
    if parts.iter().any(|p| matches!(p.as_str(), "全部" | "不限" | "所有" | "全县" | "全市" | "all"))
    {
        Vec::new()
    } else {
        parts
    }
}

/// `A:1%;B:2%`, in the order written.
fn class_ratios(c: &mut Cells<'_>, place: Place<'_>) -> Vec<(String, Ratio)> {
    let text = c.text(place);
    let mut out: Vec<(String, Ratio)> = Vec::new();
    for part in text.split([';', '\u{ff1b}', '、', ',', '\u{ff0c}']).map(str::trim).filter(|p| !p.is_empty())
    {
        let at = part
            .find([':', '\u{ff1a}', '='])
            .or_else(|| part.find(' '))
            .or_else(|| part.find(|ch: char| ch.is_ascii_digit()));
        let (class, ratio) = at.map_or((part, ""), |at| part.split_at(at));
        let class = credit_class(&value::code(class));
        let ratio = Ratio::parse(ratio.trim_start_matches([':', '\u{ff1a}', '=', ' ']));
        let twice = out.iter().any(|(known, _)| *known == class);
        if class.is_empty() || ratio.rule.is_none() || twice {
            let why = if twice { "同一类别写了两次" } else { "看不出类别或比例" };
            c.fault(
                place,
                Fault::error("bad_class_ratio", format!("{why}:“{part}”"), "请写成 A:1%;B:2%;C:10%;D:30%"),
            );
        } else {
            out.push((class, ratio));
        }
    }
    out
}
