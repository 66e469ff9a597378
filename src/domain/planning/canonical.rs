//! The canonical text of a planning input, whose digest a draw commits to (`rules-doc`).
//!
//! Every table in canonical order as lines of fields, UTF-8 in NFC, LF-ended; a field that contains a separator, a
//! quote or a line end is quoted as in RFC 4180. Whoever has the same tables, in whatever order, file or encoding,
//! gets the same bytes.

use super::input::{CheckMode, Input, Notice, PoolKind, Season, TeamMode, UnitKind};
use crate::domain::ratio::Ratio;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The canonical text; `input` must be sorted (see [`Input::sort`]).
#[must_use]
pub fn text(input: &Input) -> String {
    let mut out = Text(String::with_capacity(64 * (input.tasks.len() + input.subjects.len()) + 4096));
    out.table("onedoor/1/planning", &["departments"]);
    for d in &input.departments {
        out.row(&[&d.id, &d.uscc, &d.name, &d.level, &d.division, pool(d.pool), &d.rank.to_string()]);
    }
    out.table("items", &[]);
    for i in &input.items {
        let season = i.season.map_or(String::new(), season);
        out.row(&[
            &i.id,
            &i.dept_key,
            &i.name,
            &i.minutes.to_string(),
            mode(i.mode),
            notice(i.notice),
            &i.equiv,
            &i.equiv_name,
            &i.qual,
            &i.freq.to_string(),
            &season,
            &i.expert,
        ]);
    }
    out.table("subjects", &[]);
    for s in &input.subjects {
        let number = |n: Option<i32>| n.map_or(String::new(), |n| n.to_string());
        out.row(&[
            &s.token(),
            &s.name,
            &s.kind,
            &s.division,
            &s.town,
            &s.address,
            &s.industry,
            &s.industry_name,
            &s.credit,
            &s.founded.map_or(String::new(), |d| d.to_string()),
            &number(s.lon),
            &number(s.lat),
            &s.contact,
        ]);
    }
    out.table("inspectors", &[]);
    for p in &input.inspectors {
        out.row(&[
            &p.id,
            &p.name,
            &p.sex,
            &p.dept_id,
            &p.unit_type,
            unit_kind(p.unit_kind),
            &p.unit,
            pool(p.post),
            &p.cert_no,
            &p.daily_minutes.to_string(),
            yes(p.can_lead),
            &p.load0.to_string(),
        ]);
    }
    out.table("qualifications", &[]);
    for q in &input.qualifications {
        out.row(&[&q.person_id, &q.qual, &q.qual_name, &q.no, &q.from.to_string(), &q.to.to_string()]);
    }
    out.table("recusals", &[]);
    for r in &input.recusals {
        out.row(&[&r.person_id, &r.subject, &r.reason]);
    }
    out.table("leave", &[]);
    for l in &input.leave {
        out.row(&[&l.person_id, &l.from.to_string(), &l.to.to_string(), &l.kind]);
    }
    // Absent where nobody is taken, so that counties read from files keep the digest they always had.
    if !input.busy.is_empty() {
        out.table("busy", &[]);
        for b in &input.busy {
            let numbers = [b.span.0, b.span.1, b.minutes].map(|n| n.to_string());
            out.row(&[&b.person_id, &b.date.to_string(), &numbers[0], &numbers[1], &numbers[2]]);
        }
    }
    out.table("calendar", &[]);
    for d in &input.calendar {
        out.row(&[&d.date.to_string(), yes(d.workday), yes(d.quiet)]);
    }
    out.table("tasks", &[]);
    for t in &input.tasks {
        out.row(&[
            &t.id,
            &t.plan,
            &t.dept_id,
            &t.item_id,
            &t.subject,
            &t.earliest.to_string(),
            &t.latest.to_string(),
            &t.minutes.to_string(),
            mode(t.mode),
            notice(t.notice),
            &t.priority.to_string(),
        ]);
    }
    // Files do not say it, so that what they say has the digest it always had.
    if input.tasks.iter().any(|t| t.people > 0) {
        out.table("people", &[]);
        for t in input.tasks.iter().filter(|t| t.people > 0) {
            out.row(&[&t.id, &t.people.to_string()]);
        }
    }
    out.table("plans", &[]);
    for p in &input.plans {
        let ratios: Vec<String> = p.class_ratios.iter().map(|(c, r)| format!("{c}={}", ratio(r))).collect();
        out.row(&[
            &p.id,
            &p.name,
            &p.dept_id,
            &p.items.join(";"),
            &p.kinds.join(";"),
            &p.industries.join(";"),
            &p.towns.join(";"),
            &p.credits.join(";"),
            &ratio(&p.ratio),
            &ratios.join(";"),
            &p.earliest.to_string(),
            &p.latest.to_string(),
            &p.priority.to_string(),
        ]);
    }
    let r = &input.rules;
    out.table("rules", &[]);
    for (name, value) in [
        ("max_visit_minutes", r.max_visit_minutes),
        ("max_depts_per_visit", r.max_depts_per_visit),
        ("entry_overhead_minutes", r.entry_overhead_minutes),
        ("travel_minutes", r.travel_minutes),
        ("slot_minutes", r.slot_minutes),
        ("am_from", r.am.0),
        ("am_to", r.am.1),
        ("pm_from", r.pm.0),
        ("pm_to", r.pm.1),
        ("min_per_dept", r.min_per_dept),
        ("min_total_officers", r.min_total_officers),
        ("lead_required", u32::from(r.lead_required)),
        ("bundle_towns", u32::from(r.bundle_towns)),
    ] {
        out.row(&[name, &value.to_string()]);
    }
    out.row(&["base_qualification", &r.base_qualification]);
    out.row(&["team_mode", team_mode(r.team_mode)]);
    out.row(&["team_mode_fallback", r.team_mode_fallback.map_or("", team_mode)]);
    // Only where it is used: inputs from before it existed keep their digests.
    if r.packages > 0 {
        out.row(&["packages", &r.packages.to_string()]);
    }
    if r.max_people_per_visit > 0 {
        out.row(&["max_people_per_visit", &r.max_people_per_visit.to_string()]);
    }
    out.0
}

/// SHA-256 of [`text`].
#[must_use]
pub fn digest(input: &Input) -> [u8; 32] {
    Sha256::digest(text(input).as_bytes()).into()
}

struct Text(String);

impl Text {
    /// A line that starts a table; it cannot be mistaken for a row because it starts with `#`, which rows quote.
    fn table(&mut self, name: &str, more: &[&str]) {
        let _ = write!(self.0, "#{name}");
        for word in more {
            let _ = write!(self.0, " {word}");
        }
        self.0.push('\n');
    }

    fn row(&mut self, fields: &[&str]) {
        for (i, field) in fields.iter().enumerate() {
            if i > 0 {
                self.0.push(',');
            }
            if is_nfc_quick(field.chars()) == IsNormalized::Yes {
                self.field(field);
            } else {
                let composed: String = field.nfc().collect();
                self.field(&composed);
            }
        }
        self.0.push('\n');
    }

    fn field(&mut self, field: &str) {
        if field.contains([',', '"', '\n', '\r']) || field.starts_with('#') {
            self.0.push('"');
            self.0.push_str(&field.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(field);
        }
    }
}

fn pool(kind: PoolKind) -> &'static str {
    match kind {
        PoolKind::Officers => "officers",
        PoolKind::Experts => "experts",
    }
}

fn unit_kind(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Section => "section",
        UnitKind::Station => "station",
        UnitKind::Brigade => "brigade",
        UnitKind::Other => "",
    }
}

fn team_mode(mode: TeamMode) -> &'static str {
    match mode {
        TeamMode::Bureau => "bureau",
        TeamMode::SectionStation => "section_station",
        TeamMode::StationBrigade => "station_brigade",
        TeamMode::StationStation => "station_station",
        TeamMode::SameStation => "same_station",
    }
}

fn mode(mode: CheckMode) -> &'static str {
    match mode {
        CheckMode::OnSite => "on_site",
        CheckMode::Written => "written",
        CheckMode::Online => "online",
    }
}

fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::Unannounced => "unannounced",
        Notice::Announced => "announced",
        Notice::Either => "either",
    }
}

fn yes(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

fn season(s: Season) -> String {
    format!("{:02}-{:02}~{:02}-{:02}", s.from.0, s.from.1, s.to.0, s.to.1)
}

/// The text as written decides; how it was understood follows from it.
fn ratio(ratio: &Ratio) -> String {
    ratio.text.clone()
}
