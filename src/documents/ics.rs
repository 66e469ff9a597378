//! Calendars as RFC 5545 has them: lines of at most 75 octets ended by CRLF, texts escaped, times in Asia/Shanghai.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use std::fmt::Write as _;

/// When something takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On a whole day.
    Day(NaiveDate),
    /// From a minute of the day in China, for so many minutes.
    Hours {
        /// Begin, local time.
        from: NaiveDateTime,
        /// Length.
        minutes: i64,
    },
}

/// An entry of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is known by in every calendar, for ever.
    pub uid: String,
    /// Raised by every change.
    pub sequence: i64,
    /// Last change.
    pub changed: DateTime<Utc>,
    /// When it takes place.
    pub when: When,
    /// Title.
    pub summary: String,
    /// Where; may be empty.
    pub location: String,
    /// More; may be empty.
    pub description: String,
}

/// China has had one time since 1991, eight hours before UTC.
const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19910915T000000\r\n\
                    TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// A calendar of these entries.
#[must_use]
pub fn calendar(name: &str, entries: &[Entry]) -> String {
    let mut out = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    line(&mut out, "PRODID", "-//onedoor//onedoor//ZH");
    line(&mut out, "CALSCALE", "GREGORIAN");
    line(&mut out, "METHOD", "PUBLISH");
    line(&mut out, "X-WR-CALNAME", &escaped(name));
    line(&mut out, "X-WR-TIMEZONE", "Asia/Shanghai");
    out.push_str(ZONE);
    for entry in entries {
        event(&mut out, entry);
    }
    out.push_str("END:VCALENDAR\r\n");
    out
}

fn event(out: &mut String, entry: &Entry) {
    out.push_str("BEGIN:VEVENT\r\n");
    line(out, "UID", &escaped(&entry.uid));
    let stamp = entry.changed.format("%Y%m%dT%H%M%SZ").to_string();
    line(out, "DTSTAMP", &stamp);
    line(out, "LAST-MODIFIED", &stamp);
    line(out, "SEQUENCE", &entry.sequence.to_string());
    match entry.when {
        When::Day(day) => {
            line(out, "DTSTART;VALUE=DATE", &day.format("%Y%m%d").to_string());
            // The end does not belong to it.
            let end = day.checked_add_days(Days::new(1)).unwrap_or(day);
            line(out, "DTEND;VALUE=DATE", &end.format("%Y%m%d").to_string());
        }
        When::Hours { from, minutes } => {
            let end = from + chrono::TimeDelta::minutes(minutes.max(1));
            line(out, "DTSTART;TZID=Asia/Shanghai", &from.format("%Y%m%dT%H%M%S").to_string());
            line(out, "DTEND;TZID=Asia/Shanghai", &end.format("%Y%m%dT%H%M%S").to_string());
        }
    }
    for (name, text) in
        [("SUMMARY", &entry.summary), ("LOCATION", &entry.location), ("DESCRIPTION", &entry.description)]
    {
        if !text.is_empty() {
            line(out, name, &escaped(text));
        }
    }
    line(out, "STATUS", "CONFIRMED");
    line(out, "TRANSP", "OPAQUE");
    out.push_str("END:VEVENT\r\n");
}

/// A text as a value: backslash, semicolon, comma and line ends escaped, other control characters left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Octets of a line without its end.
const WIDTH: usize = 75;

/// Writes one content line, folded between characters and never inside one.
fn line(out: &mut String, name: &str, value: &str) {
    let mut text = String::with_capacity(name.len() + value.len() + 1);
    let _ = write!(text, "{name}:{value}");
    let mut used = 0;
    for c in text.chars() {
        let n = c.len_utf8();
        if used + n > WIDTH {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += n;
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(summary: &str) -> Entry {
        Entry {
            uid: "a@b".to_owned(),
            sequence: 3,
            changed: "2026-03-02T01:00:00Z".parse().unwrap(),
            when: When::Hours { from: "2026-03-12T09:30:00".parse().unwrap(), minutes: 90 },
            summary: summary.to_owned(),
            location: String::new(),
            description: "一,二;三\\四\n五".to_owned(),
        }
    }

    /// Puts folded lines together again, as a reader does.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_entry_has_its_time_in_china_and_its_texts_escaped() {
        let lines = unfolded(&calendar("我的检查", &[entry("检查")]));
        for wanted in [
            "DTSTART;TZID=Asia/Shanghai:20260312T093000",
            "DTEND;TZID=Asia/Shanghai:20260312T110000",
            "DTSTAMP:20260302T010000Z",
            "SEQUENCE:3",
            "SUMMARY:检查",
            "DESCRIPTION:一\\,二\\;三\\\\四\\n五",
        ] {
            assert!(lines.iter().any(|l| l == wanted), "{wanted} not in {lines:#?}");
        }
        let day = Entry { when: When::Day("2026-12-31".parse().unwrap()), ..entry("") };
        let lines = unfolded(&calendar("", &[day]));
        assert!(lines.contains(&"DTSTART;VALUE=DATE:20261231".to_owned()));
        assert!(lines.contains(&"DTEND;VALUE=DATE:20270101".to_owned()));
        assert!(!lines.iter().any(|l| l.starts_with("SUMMARY")));
    }

    proptest! {
        // Whatever a name holds, no line is too long, none begins what is not there, and the text comes back.
        #[test]
        fn lines_are_short_and_lose_nothing(text in "\\PC{0,200}") {
            let made = calendar(&text, &[entry(&text)]);
            for line in made.split("\r\n") {
                prop_assert!(line.len() <= WIDTH, "{} octets", line.len());
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let lines = unfolded(&made);
            let summary = lines.iter().find_map(|l| l.strip_prefix("SUMMARY:")).unwrap_or_default();
            let mut back = String::new();
            let mut chars = summary.chars();
            while let Some(c) = chars.next() {
                back.push(if c == '\\' { chars.next().unwrap() } else { c });
            }
            prop_assert_eq!(back, text);
            prop_assert_eq!(lines.iter().filter(|l| *l == "BEGIN:VEVENT").count(), 1);
        }

        #[test]
        fn a_name_cannot_add_a_line(text in "[a\\r\\n:;,\\\\]{0,40}") {
            let lines = unfolded(&calendar(&text, &[entry(&text)]));
            prop_assert_eq!(lines.len(), unfolded(&calendar("x", &[entry("x")])).len() - usize::from(text.is_empty()));
        }
    }
}
