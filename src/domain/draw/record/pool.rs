//! `vdr/1/pool`: the public face of a snapshot of subjects or inspectors.

use super::line::{Reader, Writer, hex_or_none};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::fault::{Fault, fault};

/// Whom a pool lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolKind {
    /// 检查对象.
    Subjects,
    /// 执法检查人员.
    Inspectors,
}

impl PoolKind {
    /// The word in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Subjects => "subjects",
            Self::Inspectors => "inspectors",
        }
    }
}

/// Members with the same stratum and weight; their numbers form one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Stratum code; the unit in a pool of inspectors.
    pub code: String,
    /// Weight, at least 1; always 1 in a pool of inspectors.
    pub weight: u64,
    /// Members, at least 1.
    pub count: u64,
}

/// A pool record. Groups ascend by (code, weight) and add up to `count`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolRecord {
    /// The authority that keeps the directory.
    pub authority: String,
    /// Whom it lists.
    pub kind: PoolKind,
    /// Time of the snapshot, seconds since 1970 UTC.
    pub as_of: u64,
    /// Members.
    pub count: u64,
    /// Merkle root over the members' salted leaves, in order of number.
    pub root: Hash,
    /// Groups.
    pub groups: Vec<Group>,
    /// Digest of the previous snapshot's record.
    pub prev: Option<Hash>,
    /// Members (added, removed, reclassified) since the previous snapshot; (count, 0, 0) for the first.
    pub delta: (u64, u64, u64),
}

impl PoolRecord {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/pool");
        w.line("authority", &[&self.authority]);
        w.line("kind", &[&self.kind.word()]);
        w.line("as-of", &[&self.as_of]);
        w.line("count", &[&self.count]);
        w.line("root", &[&hex::encode(self.root)]);
        for g in &self.groups {
            w.line("group", &[&g.code, &g.weight, &g.count]);
        }
        w.line("prev", &[&hex_or_none(self.prev.as_ref())]);
        w.line("delta", &[&self.delta.0, &self.delta.1, &self.delta.2]);
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; groups out of order, empty, with weight 0, or not adding up to `count`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/pool")?;
        let authority = r.token("authority")?;
        let kind = match r.one("kind")? {
            "subjects" => PoolKind::Subjects,
            "inspectors" => PoolKind::Inspectors,
            _ => return Err(r.refuse("kind 只能是 subjects 或 inspectors")),
        };
        let (as_of, count, root) = (r.number("as-of")?, r.number("count")?, r.hash("root")?);
        let mut groups: Vec<Group> = Vec::new();
        let mut total = 0_u64;
        while r.at("group") {
            let [code, weight, members] = r.fields("group")?;
            let group =
                Group { code: r.as_token(code)?, weight: r.as_number(weight)?, count: r.as_number(members)? };
            if group.weight == 0 || group.count == 0 {
                return Err(r.refuse("分组的权重和数量须至少为1"));
            }
            if kind == PoolKind::Inspectors && group.weight != 1 {
                return Err(r.refuse("人员库分组的权重须为1"));
            }
            if groups.last().is_some_and(|g| (&g.code, g.weight) >= (&group.code, group.weight)) {
                return Err(r.refuse("分组须按(层代码、权重)严格递增"));
            }
            total = total.checked_add(group.count).ok_or_else(|| r.refuse("分组数量之和溢出"))?;
            groups.push(group);
        }
        if total != count {
            return Err(fault!("pool_count", "分组数量之和为{total},与 count {count} 不符"));
        }
        let prev = r.hash_or_none("prev")?;
        let [a, b, c] = r.fields("delta")?;
        let delta = (r.as_number(a)?, r.as_number(b)?, r.as_number(c)?);
        r.end()?;
        Ok(Self { authority, kind, as_of, count, root, groups, prev, delta })
    }

    /// The group of a number and the first number of that group; `None` beyond the pool.
    #[must_use]
    pub fn group_of(&self, number: u64) -> Option<&Group> {
        let mut first = 0_u64;
        for g in &self.groups {
            if number - first < g.count {
                return Some(g);
            }
            first += g.count;
        }
        None
    }

    /// Members of a stratum, all weights together.
    #[must_use]
    pub fn stratum_count(&self, code: &str) -> u64 {
        self.groups.iter().filter(|g| g.code == code).map(|g| g.count).sum()
    }
}
