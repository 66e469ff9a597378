//! Numbers, dates and findings of the report as people write them.

use super::{DepartmentView, Headline};
use chrono::{Datelike, NaiveDate, Weekday};

/// A figure with its caption.
pub(super) struct Tile {
    pub(super) value: String,
    pub(super) unit: &'static str,
    pub(super) caption: &'static str,
    pub(super) remark: String,
    /// The figures one looks at first.
    pub(super) strong: bool,
}

/// 12345 as `12,345`.
pub(super) fn count(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share with one decimal, rounded half up, but never up to 100 % nor down to 0 % when that would be untrue.
pub(super) fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let (part, whole) = (u64::from(part), u64::from(whole));
    let mut permille = (part * 2000 + whole) / (2 * whole);
    if part < whole {
        permille = permille.min(999);
    }
    if part > 0 {
        permille = permille.max(1);
    }
    if permille.is_multiple_of(10) {
        format!("{}%", permille / 10)
    } else {
        format!("{}.{}%", permille / 10, permille % 10)
    }
}

/// Minutes as hours with one decimal.
pub(super) fn hours(minutes: u32) -> String {
    let tenths = (minutes + 3) / 6;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A ratio of two figures with two decimals.
pub(super) fn times(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let hundredths = (u64::from(part) * 200 + u64::from(whole)) / (2 * u64::from(whole));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Whether the largest load is more than a fifth above the least possible, as the two decimals shown say it.
pub(super) fn is_high(most: u32, least: u32) -> bool {
    u64::from(most) * 200 >= u64::from(least) * 241
}

/// 2026年9月1日.
pub(super) fn date(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// 9月1日（周二）.
pub(super) fn weekday_date(day: NaiveDate) -> String {
    let weekday = match day.weekday() {
        Weekday::Mon => "一",
        Weekday::Tue => "二",
        Weekday::Wed => "三",
        Weekday::Thu => "四",
        Weekday::Fri => "五",
        Weekday::Sat => "六",
        Weekday::Sun => "日",
    };
    format!("{}月{}日（周{weekday}）", day.month(), day.day())
}

/// The result in two sentences.
pub(super) fn sentence(h: &Headline) -> String {
    let mut text = format!(
        "共 {} 项现场检查任务，涉及 {} 家检查对象。如各部门分头上门，共需 {} 次；事项合并后为 {} 次",
        count(h.tasks),
        count(h.subjects),
        count(h.separate_visits),
        count(h.visits),
    );
    if let Some(saved) = h.separate_visits.checked_sub(h.visits).filter(|s| *s > 0) {
        text += &format!("，少上门 {} 次（{}）", count(saved), percent(saved, h.separate_visits));
    }
    text += "。";
    if h.staffed_visits == h.visits && h.tasks_done == h.tasks {
        text += "全部上门检查均已排定日期并派齐人员。";
    } else {
        text += &format!(
            "已为 {} 次上门检查排定日期并派齐人员，可完成任务 {}；余下 {} 项任务的原因和办法见第四部分。",
            count(h.staffed_visits),
            percent(h.tasks_done, h.tasks),
            count(h.tasks.saturating_sub(h.tasks_done)),
        );
    }
    if h.off_site_tasks > 0 {
        text += &format!("另有 {} 项书面检查和网络监测不需上门。", count(h.off_site_tasks));
    }
    text
}

/// The tiles below the sentence.
pub(super) fn tiles(h: &Headline) -> Vec<Tile> {
    let tile = |value, unit, caption, remark, strong| Tile { value, unit, caption, remark, strong };
    let saved = h.separate_visits.saturating_sub(h.visits);
    vec![
        tile(count(h.tasks), "项", "现场检查任务", format!("{} 家检查对象", count(h.subjects)), false),
        tile(count(h.separate_visits), "次", "合并前上门", "各部门分头上门".to_owned(), false),
        tile(count(h.visits), "次", "合并后上门", format!("其中联合 {} 次", count(h.joint_visits)), true),
        tile(percent(saved, h.separate_visits), "", "减少上门", format!("少 {} 次", count(saved)), true),
        tile(
            percent(h.tasks_done, h.tasks),
            "",
            "任务可完成",
            format!("{} / {} 项", count(h.tasks_done), count(h.tasks)),
            true,
        ),
        tile(
            count(h.staffed_visits),
            "次",
            "已排期派齐",
            format!("占 {}", percent(h.staffed_visits, h.visits)),
            false,
        ),
        tile(count(h.people), "人", "参加检查人员", format!("名录共 {} 人", count(h.people_total)), false),
    ]
}

/// What the chart of visits shows.
pub(super) fn visits_finding(h: &Headline) -> String {
    if h.visits == 0 {
        return "没有需要上门的检查".to_owned();
    }
    format!(
        "上门由 {} 次减为 {} 次，{} 的上门由两个以上部门一起完成",
        count(h.separate_visits),
        count(h.visits),
        percent(h.joint_visits, h.visits)
    )
}

/// What the charts of load show: in how many departments the busiest person is near the least possible.
pub(super) fn loads_finding(departments: &[DepartmentView]) -> String {
    let busy: Vec<(u32, u32)> = departments
        .iter()
        .filter_map(|d| d.loads_minutes.iter().max().map(|m| (*m, d.least_max_minutes)))
        .filter(|(most, least)| *most > 0 && *least > 0)
        .collect();
    let near = busy.iter().filter(|(most, least)| !is_high(*most, *least)).count();
    if busy.is_empty() {
        return "本期没有派出人员".to_owned();
    }
    format!("{} 支队伍中，{near} 支最忙的人不超过公平下限的 1.2 倍", busy.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([count(0), count(999), count(1000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([percent(1, 3), percent(1, 2), percent(0, 9), percent(3, 0)], ["33.3%", "50%", "0%", "—"]);
        // Nearly all is not all, and a little is not nothing.
        assert_eq!([percent(146_577, 146_578), percent(1, 146_578)], ["99.9%", "0.1%"]);
        assert_eq!([hours(0), hours(90), hours(100), hours(59)], ["0.0", "1.5", "1.7", "1.0"]);
        assert_eq!([times(113, 100), times(1, 0)], ["1.13", "—"]);
        let day = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        assert_eq!([date(day), weekday_date(day)], ["2026年9月1日", "9月1日（周二）"]);
    }
}
