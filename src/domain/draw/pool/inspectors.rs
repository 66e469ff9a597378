//! Snapshots of inspectors.

use super::{MEMBERS_MAX, PoolKey, Salter};
use crate::domain::draw::bytes::{Hash, is_token};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::merkle;
use crate::domain::draw::record::{Group, PoolKind, PoolRecord};
use std::collections::BTreeMap;

/// An inspector as it enters a pool. Availability, leave, certificates and caps are decided before the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inspector {
    /// Unit, a token.
    pub unit: String,
    /// Identifier token.
    pub id: String,
    /// May hold the A post.
    pub lead: bool,
    /// Most seats in this draw.
    pub cap: u64,
    /// Qualifications, tokens.
    pub quals: Vec<String>,
    /// Ids of subjects this inspector must not inspect.
    pub recused: Vec<String>,
}

impl Inspector {
    /// Body line: `UNIT LEAD CAP QUALS RECUSED`.
    #[must_use]
    pub fn body(&self) -> String {
        let list = |items: &[String]| if items.is_empty() { "-".to_owned() } else { items.join(",") };
        format!(
            "{} {} {} {} {}",
            self.unit,
            u8::from(self.lead),
            self.cap,
            list(&self.quals),
            list(&self.recused)
        )
    }
}

/// A snapshot of inspectors in canonical order: by (unit, id).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectorPool {
    members: Vec<Inspector>,
}

impl InspectorPool {
    /// Builds a snapshot; the order of `inspectors` and of their lists carries no meaning.
    ///
    /// # Errors
    /// Every fault found: a field that is no token or has a comma, an id twice, an entry twice in a list.
    pub fn new(inspectors: impl IntoIterator<Item = Inspector>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut members: Vec<Inspector> = inspectors.into_iter().collect();
        let mut seen = std::collections::HashSet::new();
        for m in &mut members {
            if !is_token(&m.id) || !is_token(&m.unit) {
                faults.push(fault!(
                    "inspector_id",
                    "人员“{}”或其单位“{}”不是记号,请用ASCII编号",
                    m.id,
                    m.unit
                ));
            }
            if !seen.insert(m.id.clone()) {
                faults.push(fault!("inspector_twice", "人员{}重复", m.id));
            }
            for list in [&mut m.quals, &mut m.recused] {
                list.sort_unstable();
                if list.windows(2).any(|w| w[0] == w[1]) {
                    faults.push(fault!("inspector_list", "人员{}的资格或回避名单有重复", m.id));
                }
                if let Some(bad) = list.iter().find(|t| !is_token(t) || t.contains(',') || *t == "-") {
                    faults.push(fault!(
                        "inspector_list",
                        "人员{}的资格或回避名单中“{bad}”不是记号或含逗号",
                        m.id
                    ));
                }
            }
        }
        if members.len() as u64 > MEMBERS_MAX {
            faults.push(fault!("pool_size", "人员库过大"));
        }
        members.sort_unstable();
        if faults.is_empty() { Ok(Self { members }) } else { Err(faults) }
    }

    /// A snapshot of nobody.
    #[must_use]
    pub const fn empty() -> Self {
        Self { members: Vec::new() }
    }

    /// The inspectors; a number is an index.
    #[must_use]
    pub fn members(&self) -> &[Inspector] {
        &self.members
    }

    /// The number of an id.
    #[must_use]
    pub fn number_of(&self, id: &str) -> Option<u64> {
        self.members.iter().position(|m| m.id == id).map(|at| at as u64)
    }

    /// The Merkle root under a pool key.
    #[must_use]
    pub fn root(&self, key: &PoolKey) -> Hash {
        let salter = Salter::new(key);
        merkle::root(self.members.iter().map(|m| salter.leaf(&m.id, m.body().as_bytes())).collect())
    }

    /// Groups: one per unit.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for m in &self.members {
            match groups.last_mut() {
                Some(g) if g.code == m.unit => g.count += 1,
                _ => groups.push(Group { code: m.unit.clone(), weight: 1, count: 1 }),
            }
        }
        groups
    }

    /// The pool record. `previous` is the snapshot before with the digest of its record.
    #[must_use]
    pub fn record(
        &self,
        authority: &str,
        as_of: u64,
        key: &PoolKey,
        previous: Option<(&Self, Hash)>,
    ) -> PoolRecord {
        let count = self.members.len() as u64;
        let delta = previous.as_ref().map_or((count, 0, 0), |(before, _)| {
            let old: BTreeMap<&str, &Inspector> = before.members.iter().map(|m| (m.id.as_str(), m)).collect();
            let kept = self.members.iter().filter(|m| old.contains_key(m.id.as_str())).count() as u64;
            let moved =
                self.members.iter().filter(|m| old.get(m.id.as_str()).is_some_and(|o| o.unit != m.unit));
            (count - kept, old.len() as u64 - kept, moved.count() as u64)
        });
        PoolRecord {
            authority: authority.to_owned(),
            kind: PoolKind::Inspectors,
            as_of,
            count,
            root: self.root(key),
            groups: self.groups(),
            prev: previous.map(|p| p.1),
            delta,
        }
    }
}
