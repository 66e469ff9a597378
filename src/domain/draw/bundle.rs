//! The JSON bundle in which a draw is published, archived and verified.
//!
//! The layout of the protocol's vectors, with optional sections of ours:
//!
//! * `form` and `sum`: a bundle written by this program says `"form":"onedoor/1"`; its bytes must then be exactly what
//!   [`Bundle::to_bytes`] writes, and `sum` is the SHA-256 of those bytes with `sum` empty, so any changed byte shows;
//! * `history`: earlier rounds and aborted attempts in the order of the log, each with its own records and lists;
//! * `would_be`: the result record an aborted draw would have had, base64;
//! * `log.key`, `log.cosigners`, `log.quorum`, `log.checkpoints`: public keys (vkeys), how many cosigners make a time,
//!   and the signed checkpoints from which `log.witnessed` follows;
//! * `rules`: the document behind `rules-doc`, base64.
//!
//! Unknown and repeated keys are refused everywhere.

use super::bytes::{Hash, sha256, unhex_n};
use super::fault::{Fault, fault};
use super::note::unbase64;
use super::pool::{Disclosure, Inspector, Salts, Subject};
use super::record::{Excluded, Refill};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// Largest bundle read, in bytes.
pub const BUNDLE_MAX: usize = 1 << 30;
/// What `form` says in our own bundles.
pub const FORM: &str = "onedoor/1";
/// Records after the seal, by name.
const LATER: [&str; 5] = ["reveal", "beacon", "result", "publish", "abort"];

/// `NUMBER REASON`.
pub type ExcludedRow = (u64, String);
/// `NUMBER UNIT SLOT INSPECTOR REASON`.
pub type RefillRow = (u64, String, u32, u64, String);
/// `id, unit, lead (0 or 1), cap, quals, recused`.
pub type InspectorRow = (String, String, u8, u64, Vec<String>, Vec<String>);
/// `id, stratum, weight, attrs (hex)`.
pub type SubjectRow = (String, String, u64, String);
/// `stratum, rank, number, ticket (hex), key (hex)`.
pub type WinnerRow = (String, u32, u64, String, String);
/// `subject, unit, slot, inspector or null`.
pub type SeatRow = (u64, String, u32, Option<u64>);

/// The records of one draw, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// `vdr/1/pool` of the subjects.
    pub pool_subjects: String,
    /// `vdr/1/pool` of the inspectors.
    pub pool_inspectors: String,
    /// `vdr/1/open`.
    pub open: String,
    /// `vdr/1/seal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// `vdr/1/reveal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<String>,
    /// `vdr/1/beacon`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beacon: Option<String>,
    /// `vdr/1/result`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// `vdr/1/publish`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<String>,
    /// `vdr/1/abort`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort: Option<String>,
}

impl Records {
    /// The records present, with their names, in the order of the log.
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, &str)> {
        let later = [
            ("seal", &self.seal),
            ("reveal", &self.reveal),
            ("beacon", &self.beacon),
            ("result", &self.result),
            ("publish", &self.publish),
            ("abort", &self.abort),
        ];
        let mut all = vec![
            ("pool_subjects", self.pool_subjects.as_str()),
            ("pool_inspectors", self.pool_inspectors.as_str()),
            ("open", self.open.as_str()),
        ];
        all.extend(later.into_iter().filter_map(|(name, r)| r.as_deref().map(|r| (name, r))));
        all
    }
}

/// The log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPart {
    /// Records in order, base64.
    pub entries: Vec<String>,
    /// RFC 6962 root over the records, hex.
    pub root: String,
    /// (size, time): when a quorum had cosigned the checkpoint of that size.
    pub witnessed: Vec<(u64, u64)>,
    /// vkey of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// vkeys of the cosigners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosigners: Vec<String>,
    /// How many cosigners make a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u64>,
    /// Signed checkpoints, ascending by size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<String>,
}

/// A drawn subject opened against the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinnerOpening {
    /// Identifier.
    pub id: String,
    /// Number.
    pub number: u64,
    /// Body line.
    pub body: String,
    /// Salt of the id half, hex.
    pub salt_id: String,
    /// Salt of the body half, hex.
    pub salt_body: String,
    /// Inclusion path, hex.
    pub path: Vec<String>,
}

impl WinnerOpening {
    /// As JSON text values.
    #[must_use]
    pub fn of(d: &Disclosure) -> Self {
        Self {
            id: d.id.clone(),
            number: d.number,
            body: d.body.clone(),
            salt_id: hex::encode(d.salts.id),
            salt_body: hex::encode(d.salts.body),
            path: d.path.iter().map(hex::encode).collect(),
        }
    }

    /// As bytes.
    ///
    /// # Errors
    /// A salt or hash that is not lower-case hex of its length.
    pub fn disclosure(&self) -> Result<Disclosure, Fault> {
        let bad = || fault!("opening_hex", "编号{}的公开材料中有不合格的十六进制", self.number);
        if self.path.len() > 64 {
            return Err(bad());
        }
        Ok(Disclosure {
            id: self.id.clone(),
            number: self.number,
            body: self.body.clone(),
            salts: Salts {
                id: unhex_n(&self.salt_id).ok_or_else(bad)?,
                body: unhex_n(&self.salt_body).ok_or_else(bad)?,
            },
            path: self.path.iter().map(|h| unhex_n(h)).collect::<Option<Vec<Hash>>>().ok_or_else(bad)?,
        })
    }
}

/// What only auditors get: the list behind the subjects' pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The subjects.
    pub subjects: Vec<SubjectRow>,
    /// Pool key, hex.
    pub pool_key: String,
}

impl Audit {
    /// The subjects as values.
    ///
    /// # Errors
    /// Attributes that are not 64 lower-case hex digits.
    pub fn subjects(&self) -> Result<Vec<Subject>, Fault> {
        self.subjects
            .iter()
            .map(|(id, stratum, weight, attrs)| {
                let attrs = unhex_n(attrs)
                    .ok_or_else(|| fault!("audit_attrs", "{id}的属性摘要不是64位小写十六进制"))?;
                Ok(Subject { id: id.clone(), stratum: stratum.clone(), weight: *weight, attrs })
            })
            .collect()
    }
}

/// Values that follow from the rest; stated for the convenience of other implementations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Derived {
    /// `draw_id`, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw_id: Option<String>,
    /// Seed, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Key of the subjects' lots, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_subject: Option<String>,
    /// Key of the task order, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_order: Option<String>,
    /// Key of the pair lots per unit, hex.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unique_keys")]
    pub key_assign: Option<BTreeMap<String, String>>,
    /// The lot of every number, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets: Option<Vec<String>>,
    /// Drawn per stratum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotas: Option<Vec<u64>>,
    /// Limit per stratum, hex; null where nothing is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Vec<Option<String>>>,
    /// The drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winners: Option<Vec<WinnerRow>>,
    /// The seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Vec<SeatRow>>,
    /// Root over the drawn, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_root: Option<String>,
    /// Root over the seats, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_root: Option<String>,
}

/// A map in which a key may stand once only.
fn unique_keys<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = BTreeMap<String, String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map of text to text")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = from.next_entry::<String, String>()? {
                if map.insert(key, value).is_some() {
                    return Err(serde::de::Error::custom("duplicate key"));
                }
            }
            Ok(map)
        }
    }
    from.deserialize_map(Visitor).map(Some)
}

/// One draw: its records, lists and openings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Records.
    pub records: Records,
    /// The list behind `excluded`.
    #[serde(default)]
    pub excluded: Vec<ExcludedRow>,
    /// The list behind `refill`.
    #[serde(default)]
    pub refill: Vec<RefillRow>,
    /// Openings of the drawn.
    #[serde(default)]
    pub winners: Vec<WinnerOpening>,
    /// The inspectors behind their pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspectors: Option<Vec<InspectorRow>>,
    /// Pool key of the inspectors, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspector_key: Option<String>,
    /// The result record an aborted draw would have had, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_be: Option<String>,
}

/// A whole bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`FORM`] in our own bundles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// `VDR/1`.
    pub spec: String,
    /// Records of the draw.
    pub records: Records,
    /// The log.
    pub log: LogPart,
    /// The list behind `excluded`.
    #[serde(default)]
    pub excluded: Vec<ExcludedRow>,
    /// The list behind `refill`.
    #[serde(default)]
    pub refill: Vec<RefillRow>,
    /// Openings of the drawn.
    #[serde(default)]
    pub winners: Vec<WinnerOpening>,
    /// The inspectors behind their pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspectors: Option<Vec<InspectorRow>>,
    /// Pool key of the inspectors, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspector_key: Option<String>,
    /// The result record an aborted draw would have had, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_be: Option<String>,
    /// The document behind `rules-doc`, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Earlier rounds and aborted attempts, in the order of the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Part>,
    /// For auditors only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// Derived values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
    /// SHA-256 of our own bundle's bytes with this field empty, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
}

impl Bundle {
    /// The draw of this bundle as a part.
    #[must_use]
    pub fn part(&self) -> Part {
        Part {
            records: self.records.clone(),
            excluded: self.excluded.clone(),
            refill: self.refill.clone(),
            winners: self.winners.clone(),
            inspectors: self.inspectors.clone(),
            inspector_key: self.inspector_key.clone(),
            would_be: self.would_be.clone(),
        }
    }

    /// The bundle as it stood when its commitments were sealed: nothing after the seal from which anybody could compute
    /// the drawn. The log is cut at the same place, under the checkpoint that was signed then; as long as nothing is
    /// sealed, it is the bundle itself.
    ///
    /// # Errors
    /// The log holds no such record (a defect).
    pub fn sealed(&self) -> Result<Self, Fault> {
        let all = self.records.all();
        let kept = all.iter().filter(|(name, _)| !LATER.contains(name)).count();
        let dropped = all.len() - kept;
        if dropped == 0 {
            return Ok(self.clone());
        }
        let size = self.log.entries.len().checked_sub(dropped);
        let size = size.filter(|n| *n > 0).ok_or_else(|| fault!("log_short", "日志短于记录"))?;
        let mut cut = self.clone();
        let records = &mut cut.records;
        (records.reveal, records.beacon, records.result) = (None, None, None);
        (records.publish, records.abort) = (None, None);
        cut.winners = Vec::new();
        (cut.would_be, cut.derived, cut.audit) = (None, None, None);
        cut.log.entries.truncate(size);
        cut.log.root = hex::encode(super::merkle::root_of(&entries(&cut.log)?));
        let until = u64::try_from(size).unwrap_or(u64::MAX);
        cut.log.witnessed.retain(|(n, _)| *n <= until);
        cut.log.checkpoints.retain(|text| {
            super::note::SignedCheckpoint::parse(text).is_ok_and(|note| note.checkpoint.size <= until)
        });
        Ok(cut)
    }

    /// Our own form of this bundle, with its sum.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut own = self.clone();
        own.form = Some(FORM.to_owned());
        seal_json(&own, true, |own, sum| own.sum = Some(sum))
    }

    /// Reads a bundle, ours or another's.
    ///
    /// # Errors
    /// Too large, no JSON, an unknown or repeated key, another `spec`; for our own form: bytes that are not exactly
    /// what we write, or a wrong sum.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() > BUNDLE_MAX {
            return Err(fault!("bundle_size", "文件超过{BUNDLE_MAX}字节"));
        }
        let bundle: Self = serde_json::from_slice(bytes)
            .map_err(|e| fault!("bundle_json", "不是合格的抽取包JSON(未知或重复的键也不接受):{e}"))?;
        if bundle.spec != "VDR/1" {
            return Err(fault!("bundle_spec", "spec 须为“VDR/1”,实为“{}”", bundle.spec));
        }
        match bundle.form.as_deref() {
            None if bundle.sum.is_none() => Ok(bundle),
            Some(FORM) if bundle.to_bytes() == bytes => Ok(bundle),
            Some(FORM) => Err(fault!("bundle_sum", "文件被改动:字节或校验和与本程序写出的不一致")),
            _ => Err(fault!("bundle_form", "form 须为“{FORM}”(有 sum 时必须写明)")),
        }
    }
}

/// Serialises a value as JSON with a final LF, with the SHA-256 of the bytes it has while the sum is empty. What people
/// read is indented; a list of a million rows is not.
pub(super) fn seal_json<T: Serialize + Clone>(
    value: &T,
    indent: bool,
    set: impl Fn(&mut T, String),
) -> Vec<u8> {
    let write = |value: &T| {
        let json = if indent { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
        // Serialising plain structs to memory cannot fail; an empty answer would never verify.
        let mut bytes = json.unwrap_or_default();
        bytes.push(b'\n');
        bytes
    };
    let mut value = value.clone();
    set(&mut value, String::new());
    let sum = hex::encode(sha256(&write(&value)));
    set(&mut value, sum);
    write(&value)
}

/// Rows of excluded numbers as list entries.
#[must_use]
pub fn excluded_list(rows: &[ExcludedRow]) -> Vec<Excluded> {
    rows.iter().map(|(number, reason)| Excluded { number: *number, reason: reason.clone() }).collect()
}

/// Rows of seats as list entries.
#[must_use]
pub fn refill_list(rows: &[RefillRow]) -> Vec<Refill> {
    rows.iter()
        .map(|(number, unit, slot, inspector, reason)| Refill {
            number: *number,
            unit: unit.clone(),
            slot: *slot,
            inspector: *inspector,
            reason: reason.clone(),
        })
        .collect()
}

/// Rows of inspectors as values.
///
/// # Errors
/// `lead` is neither 0 nor 1.
pub fn inspector_list(rows: &[InspectorRow]) -> Result<Vec<Inspector>, Fault> {
    rows.iter()
        .map(|(id, unit, lead, cap, quals, recused)| {
            if *lead > 1 {
                return Err(fault!("inspector_lead", "人员{id}的 lead 须为0或1"));
            }
            Ok(Inspector {
                unit: unit.clone(),
                id: id.clone(),
                lead: *lead == 1,
                cap: *cap,
                quals: quals.clone(),
                recused: recused.clone(),
            })
        })
        .collect()
}

/// Inspectors as rows.
#[must_use]
pub fn inspector_rows(inspectors: &[Inspector]) -> Vec<InspectorRow> {
    inspectors
        .iter()
        .map(|m| (m.id.clone(), m.unit.clone(), u8::from(m.lead), m.cap, m.quals.clone(), m.recused.clone()))
        .collect()
}

/// Log entries as bytes.
///
/// # Errors
/// An entry is not canonical base64.
pub fn entries(log: &LogPart) -> Result<Vec<Vec<u8>>, Fault> {
    log.entries
        .iter()
        .enumerate()
        .map(|(i, e)| unbase64(e).ok_or_else(|| fault!("log_base64", "日志第{i}条不是规范的base64")))
        .collect()
}
