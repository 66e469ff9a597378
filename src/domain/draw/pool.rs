//! Snapshots of subjects and inspectors: canonical order, salted two-half leaves, Merkle root, disclosures
//! (VDR/1 section 2.3). A member's number is its place in that order, from 0.

mod inspectors;
mod salts;

pub use inspectors::{Inspector, InspectorPool};
pub use salts::{PoolKey, Salts, leaf_hash};

use super::bytes::{Hash, is_token};
use super::fault::{Fault, fault};
use super::merkle::{self, CHUNK, LANES, Message};
use super::record::{Group, PoolKind, PoolRecord};
use salts::Salter;
use std::collections::BTreeMap;

/// Most members of a pool: numbers fit 32 bits in memory, and a hostile record cannot ask for more.
pub const MEMBERS_MAX: u64 = 100_000_000;

/// Bytes of stratum and weight up to which a body is hashed side by side with others: the longest id and the longest
/// body, with their tags and salts, must fit into a [`Message`].
const PREFIX: usize = 96;
const _: () = assert!(12 + 15 + 16 + PREFIX + 64 <= Message::MOST && 12 + 13 + 16 + 128 <= Message::MOST);

/// What opens one member against a pool root. Before a draw each business gets its own; afterwards those of the drawn
/// are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Identifier token.
    pub id: String,
    /// Number in the pool.
    pub number: u64,
    /// Body line.
    pub body: String,
    /// Salts.
    pub salts: Salts,
    /// Inclusion path, from the sibling upwards.
    pub path: Vec<Hash>,
}

impl Disclosure {
    /// Checks that this member is in a pool under its number and that its body agrees with the number's group.
    ///
    /// # Errors
    /// Which of number, body or path does not fit.
    pub fn check(&self, pool: &PoolRecord) -> Result<(), Fault> {
        let Self { id, number, body, salts, path } = self;
        let group = pool
            .group_of(*number)
            .ok_or_else(|| fault!("opening_number", "编号{number}超出名录(共{})", pool.count))?;
        let mut words = body.split(' ');
        let (code, weight) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let fits = match pool.kind {
            PoolKind::Subjects => code == group.code && weight == group.weight.to_string(),
            PoolKind::Inspectors => code == group.code,
        };
        if !fits {
            return Err(fault!("opening_body", "编号{number}({id})的分层或权重与其编号所在分组不符"));
        }
        let leaf = leaf_hash(id, body.as_bytes(), salts);
        if merkle::root_from_path(leaf, *number, pool.count, path) != Some(pool.root) {
            return Err(fault!("opening_path", "编号{number}({id})与名录承诺(Merkle根)不符"));
        }
        Ok(())
    }
}

/// A subject as it enters a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Identifier token: credit code, `R:`registration number or `X:`internal number.
    pub id: String,
    /// Stratum code, a token.
    pub stratum: String,
    /// Weight, at least 1; 1 for simple random sampling.
    pub weight: u64,
    /// SHA-256 of the document with its other attributes.
    pub attrs: Hash,
}

/// A subject of a pool, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectRef<'a> {
    /// Identifier token.
    pub id: &'a str,
    /// Stratum code.
    pub stratum: &'a str,
    /// Weight.
    pub weight: u64,
    /// SHA-256 of the attributes.
    pub attrs: &'a Hash,
}

/// A snapshot of subjects in canonical order: by (stratum, weight, id). Held compactly, about 75 bytes per subject
/// with an 18-character id, so that ten million stay below one gibibyte.
#[derive(Debug, Clone)]
pub struct SubjectPool {
    ids: String,
    rows: Vec<Row>,
    attrs: Vec<Hash>,
    groups: Vec<Group>,
}

/// Where a subject's id lies in the arena, and which row its attributes are in.
#[derive(Debug, Clone, Copy)]
struct Row {
    start: u64,
    attrs: u32,
    group: u32,
    len: u8,
}

impl Row {
    fn id<'a>(&self, ids: &'a str) -> &'a str {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        ids.get(start..start + usize::from(self.len)).unwrap_or_default()
    }
}

impl SubjectPool {
    /// Builds a snapshot; the order of `subjects` carries no meaning.
    ///
    /// # Errors
    /// Every fault found: an id or stratum that is no token, an id with a comma (it could not stand in a list of
    /// recusals), an id twice, weight 0, more than [`MEMBERS_MAX`].
    pub fn new(subjects: impl IntoIterator<Item = Subject>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let (mut ids, mut rows, mut attrs) = (String::new(), Vec::new(), Vec::new());
        let mut keys: BTreeMap<(String, u64), u32> = BTreeMap::new();
        for s in subjects {
            if !is_token(&s.id) || s.id.contains(',') || s.id == "-" {
                faults.push(fault!(
                    "subject_id",
                    "检查对象标识“{}”不是记号(1至128个可见ASCII字符,不含逗号)",
                    s.id
                ));
                continue;
            }
            if !is_token(&s.stratum) {
                faults.push(fault!("stratum", "{}的分层代码“{}”不是记号,请用ASCII代码", s.id, s.stratum));
                continue;
            }
            if s.weight == 0 {
                faults.push(fault!("weight", "{}的权重须至少为1", s.id));
                continue;
            }
            if rows.len() as u64 >= MEMBERS_MAX {
                faults.push(fault!("pool_size", "名录超过{MEMBERS_MAX}个检查对象"));
                break;
            }
            let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            let group = *keys.entry((s.stratum, s.weight)).or_insert(next);
            let len = u8::try_from(s.id.len()).unwrap_or(u8::MAX);
            rows.push(Row {
                start: ids.len() as u64,
                attrs: u32::try_from(rows.len()).unwrap_or(u32::MAX),
                group,
                len,
            });
            ids.push_str(&s.id);
            attrs.push(s.attrs);
        }
        // The map gave groups in order of appearance; the canonical place of each follows from its key.
        let mut place = vec![0_u32; keys.len()];
        let mut groups = Vec::with_capacity(keys.len());
        for ((code, weight), seen) in keys {
            place[seen as usize] = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            groups.push(Group { code, weight, count: 0 });
        }
        rows.sort_unstable_by(|a, b| a.id(&ids).cmp(b.id(&ids)));
        for pair in rows.windows(2) {
            if pair[0].id(&ids) == pair[1].id(&ids) {
                faults.push(fault!("subject_twice", "检查对象{}重复,请先合并", pair[0].id(&ids)));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        for row in &mut rows {
            row.group = place[row.group as usize];
            groups[row.group as usize].count += 1;
        }
        rows.sort_by_key(|r| r.group);
        Ok(Self { ids, rows, attrs, groups })
    }

    /// A snapshot of nobody.
    #[must_use]
    pub const fn empty() -> Self {
        Self { ids: String::new(), rows: Vec::new(), attrs: Vec::new(), groups: Vec::new() }
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no subject.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The groups, ascending; numbers of a group form a range.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The subject with a number.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<SubjectRef<'_>> {
        let row = self.rows.get(usize::try_from(number).ok()?)?;
        let group = &self.groups[row.group as usize];
        Some(SubjectRef {
            id: row.id(&self.ids),
            stratum: &group.code,
            weight: group.weight,
            attrs: &self.attrs[row.attrs as usize],
        })
    }

    /// The number of an id, by binary search in each group.
    #[must_use]
    pub fn number_of(&self, id: &str) -> Option<u64> {
        let mut first = 0;
        for group in &self.groups {
            let end = first + usize::try_from(group.count).ok()?;
            if let Ok(at) = self.rows[first..end].binary_search_by(|r| r.id(&self.ids).cmp(id)) {
                return Some((first + at) as u64);
            }
            first = end;
        }
        None
    }

    /// Body line of a subject: `STRATUM WEIGHT ATTRS_HEX`.
    #[must_use]
    pub fn body(subject: &SubjectRef<'_>) -> String {
        format!("{} {} {}", subject.stratum, subject.weight, hex::encode(subject.attrs))
    }

    fn prefixes(&self) -> Option<Vec<String>> {
        let all: Vec<String> = self.groups.iter().map(|g| format!("{} {} ", g.code, g.weight)).collect();
        all.iter().all(|p| p.len() <= PREFIX).then_some(all)
    }

    /// The leaf hash of each number in a range.
    fn leaves(
        &self,
        salter: &Salter,
        prefixes: Option<&[String]>,
        numbers: std::ops::Range<usize>,
    ) -> Vec<Hash> {
        let Some(prefixes) = prefixes else {
            return numbers.map(|n| self.slow_leaf(salter, n)).collect();
        };
        let mut out = Vec::with_capacity(numbers.len());
        let mut bodies = [[0_u8; PREFIX + 64]; LANES];
        for rows in self.rows[numbers].chunks(LANES) {
            let mut ids = [""; LANES];
            let mut lens = [0; LANES];
            for (i, row) in rows.iter().enumerate() {
                let prefix = prefixes[row.group as usize].as_bytes();
                ids[i] = row.id(&self.ids);
                lens[i] = prefix.len() + 64;
                bodies[i][..prefix.len()].copy_from_slice(prefix);
                // The slice has exactly twice the length of the hash, so encoding cannot fail.
                let _ = hex::encode_to_slice(
                    self.attrs[row.attrs as usize],
                    &mut bodies[i][prefix.len()..lens[i]],
                );
            }
            let mut texts: [&[u8]; LANES] = [&[]; LANES];
            for ((text, body), len) in texts.iter_mut().zip(&bodies).zip(lens) {
                *text = &body[..len];
            }
            salter.leaves(&ids[..rows.len()], &texts[..rows.len()], &mut out);
        }
        out
    }

    fn slow_leaf(&self, salter: &Salter, number: usize) -> Hash {
        self.get(number as u64).map_or([0; 32], |s| salter.leaf(s.id, Self::body(&s).as_bytes()))
    }

    fn chunk_roots(&self, salter: &Salter) -> Vec<Hash> {
        let prefixes = self.prefixes();
        merkle::chunk_roots(self.len(), |numbers| self.leaves(salter, prefixes.as_deref(), numbers))
    }

    /// The Merkle root under a pool key; uses all cores and a few megabytes.
    #[must_use]
    pub fn root(&self, key: &PoolKey) -> Hash {
        merkle::root(self.chunk_roots(&Salter::new(key)))
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
        PoolRecord {
            authority: authority.to_owned(),
            kind: PoolKind::Subjects,
            as_of,
            count: self.len() as u64,
            root: self.root(key),
            groups: self.groups.clone(),
            prev: previous.as_ref().map(|p| p.1),
            delta: previous.map_or((self.len() as u64, 0, 0), |p| self.delta(p.0)),
        }
    }

    /// Subjects (added, removed, reclassified) since another snapshot; reclassified = in both, with another stratum
    /// or weight. Changed attributes alone do not count.
    #[must_use]
    pub fn delta(&self, before: &Self) -> (u64, u64, u64) {
        let (mut added, mut reclassified) = (0, 0);
        for number in 0..self.len() as u64 {
            let Some(now) = self.get(number) else { continue };
            match before.number_of(now.id).and_then(|n| before.get(n)) {
                None => added += 1,
                Some(then) if (then.stratum, then.weight) != (now.stratum, now.weight) => reclassified += 1,
                Some(_) => {}
            }
        }
        let kept = self.len() as u64 - added;
        (added, before.len() as u64 - kept, reclassified)
    }

    /// Disclosures of some numbers, in the order asked; numbers beyond the pool are left out.
    #[must_use]
    pub fn disclose(&self, key: &PoolKey, numbers: &[u64]) -> Vec<Disclosure> {
        let salter = Salter::new(key);
        let tops = self.chunk_roots(&salter);
        let prefixes = self.prefixes();
        let mut by_chunk: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (order, number) in numbers.iter().enumerate() {
            if let Ok(n) = usize::try_from(*number)
                && n < self.len()
            {
                by_chunk.entry(n / CHUNK).or_default().push((n, order));
            }
        }
        let mut out: Vec<Option<Disclosure>> = vec![None; numbers.len()];
        for (chunk, members) in by_chunk {
            let from = chunk * CHUNK;
            let leaves = self.leaves(&salter, prefixes.as_deref(), from..self.len().min(from + CHUNK));
            let indices: Vec<usize> = members.iter().map(|m| m.0 - from).collect();
            let above = merkle::path(tops.clone(), chunk).unwrap_or_default();
            for ((number, order), mut path) in members.into_iter().zip(merkle::paths(leaves, &indices)) {
                path.extend_from_slice(&above);
                out[order] = self.get(number as u64).map(|s| Disclosure {
                    id: s.id.to_owned(),
                    number: number as u64,
                    body: Self::body(&s),
                    salts: salter.salts(s.id),
                    path,
                });
            }
        }
        out.into_iter().flatten().collect()
    }
}
