//! The lists behind the digests of an opening (`excluded`, `refill`) and the yearly `plan` record.

use super::line::{Reader, Writer};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::fault::Fault;

/// A number that cannot be drawn, with its reason code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// Number in the pool.
    pub number: u64,
    /// Reason code.
    pub reason: String,
}

/// Bytes of a list of excluded numbers; the digest in `open` is their SHA-256.
#[must_use]
pub fn excluded_bytes(list: &[Excluded]) -> Vec<u8> {
    let mut w = Writer::new("vdr/1/excluded");
    for e in list {
        w.bare(&e.number, &[&e.reason]);
    }
    w.bytes()
}

/// Parses a list of excluded numbers strictly.
///
/// # Errors
/// Anything the grammar does not allow; numbers not strictly ascending; an empty list (it has no digest).
pub fn parse_excluded(bytes: &[u8]) -> Result<Vec<Excluded>, Fault> {
    let mut r = Reader::new(bytes, "vdr/1/excluded")?;
    let mut list: Vec<Excluded> = Vec::new();
    while let Some([number, reason]) = r.bare()? {
        let entry = Excluded { number: r.as_number(number)?, reason: r.as_token(reason)? };
        if list.last().is_some_and(|e| e.number >= entry.number) {
            return Err(r.refuse("编号须严格递增"));
        }
        list.push(entry);
    }
    r.end()?;
    if list.is_empty() { Err(r.refuse("空名单不写文件,摘要为“-”")) } else { Ok(list) }
}

/// A seat of an earlier round that is drawn again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refill {
    /// Number of the subject.
    pub number: u64,
    /// Unit of the seat.
    pub unit: String,
    /// Slot of the seat.
    pub slot: u32,
    /// Number of the inspector who leaves, in the pool of the round before.
    pub inspector: u64,
    /// Reason code.
    pub reason: String,
}

/// Bytes of a list of seats to be drawn again; the digest in `open` is their SHA-256.
#[must_use]
pub fn refill_bytes(list: &[Refill]) -> Vec<u8> {
    let mut w = Writer::new("vdr/1/refill");
    for e in list {
        w.bare(&e.number, &[&e.unit, &e.slot, &e.inspector, &e.reason]);
    }
    w.bytes()
}

/// Parses a list of seats strictly.
///
/// # Errors
/// Anything the grammar does not allow; (number, unit, slot) not strictly ascending; an empty list.
pub fn parse_refill(bytes: &[u8]) -> Result<Vec<Refill>, Fault> {
    let mut r = Reader::new(bytes, "vdr/1/refill")?;
    let mut list: Vec<Refill> = Vec::new();
    while let Some([number, unit, slot, inspector, reason]) = r.bare()? {
        let entry = Refill {
            number: r.as_number(number)?,
            unit: r.as_token(unit)?,
            slot: r.as_u32(slot)?,
            inspector: r.as_number(inspector)?,
            reason: r.as_token(reason)?,
        };
        let place = |e: &Refill| (e.number, e.unit.clone(), e.slot);
        if list.last().is_some_and(|e| place(e) >= place(&entry)) {
            return Err(r.refuse("席位须按(编号、单位、席次)严格递增"));
        }
        list.push(entry);
    }
    r.end()?;
    if list.is_empty() { Err(r.refuse("空名单不写文件,摘要为“-”")) } else { Ok(list) }
}

/// A planned draw of a year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// Plan.
    pub plan: String,
    /// List.
    pub list: String,
}

/// `vdr/1/plan`: which draws an authority planned for a year, so that an unplanned one stands out. The protocol names
/// the entry but not its lines; these are ours: `authority A | year N | plan-doc HEX | draw PLAN LIST …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearPlan {
    /// The authority.
    pub authority: String,
    /// Calendar year.
    pub year: u32,
    /// SHA-256 of the published plan.
    pub document: Hash,
    /// Planned draws, ascending.
    pub draws: Vec<Planned>,
}

impl YearPlan {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/plan");
        w.line("authority", &[&self.authority]);
        w.line("year", &[&self.year]);
        w.line("plan-doc", &[&hex::encode(self.document)]);
        for d in &self.draws {
            w.line("draw", &[&d.plan, &d.list]);
        }
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; draws not strictly ascending.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/plan")?;
        let authority = r.token("authority")?;
        let year = r.one("year")?;
        let year = r.as_u32(year)?;
        let document = r.hash("plan-doc")?;
        let mut draws: Vec<Planned> = Vec::new();
        while r.at("draw") {
            let [plan, list] = r.fields("draw")?;
            let draw = Planned { plan: r.as_token(plan)?, list: r.as_token(list)? };
            if draws.last().is_some_and(|d| *d >= draw) {
                return Err(r.refuse("计划中的抽取须严格递增"));
            }
            draws.push(draw);
        }
        r.end()?;
        Ok(Self { authority, year, document, draws })
    }
}
