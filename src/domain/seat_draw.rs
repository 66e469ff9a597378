//! 补抽: one vacant seat of a team is drawn again, and nothing else. Everybody of the pool is in the record, with a
//! ticket or with what keeps him away, so that whoever has the record and the planning's seed can draw it again.
//!
//! `ticket = SHA-256(lp("onedoor/1/replacement") ‖ lp(seed) ‖ lp(seat id) ‖ lp(round) ‖ lp(inspector code))`, `lp` as in
//! VDR/1 section 1, the round in decimal; the smallest ticket has the seat. Seed and seat stood before anybody asked for a
//! replacement, so nobody can choose who comes, and asking twice gives the same answer.

use super::planning::input::{TeamMode, UnitKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What keeps a person from the seat; the first in this order is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// Leaves the seat.
    Leaving,
    /// Is on the team.
    OnTeam,
    /// Held a seat of this visit and was replaced.
    Replaced,
    /// Not put forward by the department for this inspection.
    NotListed,
    /// In the reserve pool, which has not been opened for this seat.
    Reserve,
    /// 回避.
    Recused,
    /// 请假.
    OnLeave,
    /// 执法证 not valid that day.
    NotCertified,
    /// Lacks a certificate that the team would be without.
    LacksQualification,
    /// The minutes of the day do not suffice.
    Minutes,
    /// Taken by another visit.
    Busy,
    /// Was at the subject the last time, and others can go.
    LastTime,
    /// The team mode does not allow it.
    TeamMode,
}

impl Bar {
    /// The reason in Chinese.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Leaving => "本人退出",
            Self::OnTeam => "已在检查组内",
            Self::Replaced => "已从本次入企退出",
            Self::NotListed => "未列入本次联合抽查的人员",
            Self::Reserve => "属后备库,尚未启用",
            Self::Recused => "应回避",
            Self::OnLeave => "当日请假",
            Self::NotCertified => "当日执法证无效",
            Self::LacksQualification => "缺少本组所需资格",
            Self::Minutes => "当日可用时间不足",
            Self::Busy => "同一时间另有入企",
            Self::LastTime => "上次检查过该对象,本次轮换",
            Self::TeamMode => "不合组队方式",
        }
    }
}

/// A person of the pool as the draw of a seat sees him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// 人员编号.
    pub code: String,
    /// What is known to keep him away, but for the team mode.
    pub bar: Option<Bar>,
    /// Kind of his unit.
    pub kind: UnitKind,
    /// His unit.
    pub unit: String,
}

/// Which seat is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat<'a> {
    /// Seed of the planning run.
    pub seed: [u8; 32],
    /// Identifier of the vacant seat.
    pub seat: String,
    /// 1 for the first draw of this seat.
    pub round: u32,
    /// How teams of the department are put together.
    pub mode: TeamMode,
    /// The town of the subject: under 跨所 its own station stays away.
    pub town: &'a str,
    /// Kind of unit and unit of those of the department who stay on the team.
    pub stays: &'a [(UnitKind, String)],
}

/// Somebody who could take the seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// 人员编号.
    pub inspector: String,
    /// His ticket, hex.
    pub ticket: String,
}

/// Somebody who could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// 人员编号.
    pub inspector: String,
    /// Why.
    pub reason: Bar,
}

/// All there is to know about the draw of a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `onedoor/1/replacement`.
    pub rule: String,
    /// Seed of the planning run, hex.
    pub seed: String,
    /// The seat.
    pub seat: String,
    /// Which draw of this seat it is.
    pub round: u32,
    /// Those who could take it, smallest ticket first.
    pub candidates: Vec<Candidate>,
    /// Those who could not, by code.
    pub excluded: Vec<Excluded>,
    /// Who has it; none: nobody could.
    pub winner: Option<String>,
}

/// What the tickets are for.
pub const RULE: &str = "onedoor/1/replacement";

/// The ticket of a person for a seat.
#[must_use]
pub fn ticket(seed: &[u8; 32], seat: &str, round: u32, inspector: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    let round = round.to_string();
    for part in [RULE.as_bytes(), seed, seat.as_bytes(), round.as_bytes(), inspector.as_bytes()] {
        hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Draws the seat among the pool, whose order does not matter.
#[must_use]
pub fn draw(seat: &Seat<'_>, pool: &[Person]) -> Record {
    let mut candidates = Vec::new();
    let mut excluded = Vec::new();
    for person in pool {
        let bar = person.bar.or_else(|| (!suits(seat, person)).then_some(Bar::TeamMode));
        match bar {
            Some(reason) => excluded.push(Excluded { inspector: person.code.clone(), reason }),
            None => candidates.push(Candidate {
                ticket: hex::encode(ticket(&seat.seed, &seat.seat, seat.round, &person.code)),
                inspector: person.code.clone(),
            }),
        }
    }
    candidates.sort_by(|a, b| (&a.ticket, &a.inspector).cmp(&(&b.ticket, &b.inspector)));
    excluded.sort_by(|a, b| a.inspector.cmp(&b.inspector));
    Record {
        rule: RULE.to_owned(),
        seed: hex::encode(seat.seed),
        seat: seat.seat.clone(),
        round: seat.round,
        winner: candidates.first().map(|c| c.inspector.clone()),
        candidates,
        excluded,
    }
}

/// Whether the person and those who stay make a team under the mode.
fn suits(seat: &Seat<'_>, person: &Person) -> bool {
    let mut kinds: Vec<UnitKind> = seat.stays.iter().map(|(kind, _)| *kind).collect();
    kinds.push(person.kind);
    let station = |unit: &str| person.kind == UnitKind::Station && !unit.is_empty();
    match seat.mode {
        TeamMode::Bureau => true,
        TeamMode::SectionStation => kinds.contains(&UnitKind::Section) && kinds.contains(&UnitKind::Station),
        TeamMode::StationBrigade => kinds.contains(&UnitKind::Station) && kinds.contains(&UnitKind::Brigade),
        TeamMode::StationStation => {
            station(&person.unit)
                && seat.stays.iter().all(|(_, unit)| *unit != person.unit)
                && !super::allocate::modes::serves(&person.unit, seat.town)
        }
        TeamMode::SameStation => {
            station(&person.unit) && seat.stays.iter().all(|(_, unit)| *unit == person.unit)
        }
    }
}

/// Draws again what a record tells: every ticket, their order, the winner.
#[must_use]
pub fn verifies(record: &Record) -> bool {
    let Ok(seed) = hex::decode(&record.seed) else { return false };
    let Ok(seed) = <[u8; 32]>::try_from(seed) else { return false };
    let right =
        |c: &Candidate| hex::encode(ticket(&seed, &record.seat, record.round, &c.inspector)) == c.ticket;
    record.rule == RULE
        && record.candidates.iter().all(right)
        && record.candidates.is_sorted_by(|a, b| (&a.ticket, &a.inspector) < (&b.ticket, &b.inspector))
        && record.winner == record.candidates.first().map(|c| c.inspector.clone())
        && record.excluded.iter().all(|e| record.candidates.iter().all(|c| c.inspector != e.inspector))
}
