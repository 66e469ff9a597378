//! The leaf of an event: who did what to what, when, in one spelling, with personal data only as a salted hash.

use super::canonical;
use crate::domain::draw::bytes::{Hash, is_token, unhex_n};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::merkle;
use chrono::{DateTime, SecondsFormat, Timelike, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Longest leaf in bytes: entry bundles of c2sp.org/tlog-tiles give each entry a 16-bit length.
pub const LEAF_MAX: usize = 65_535;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in user.
    User(Uuid),
    /// The program itself (a deadline that passed, the sequencer).
    System,
    /// Nobody known (a failed login, a public page).
    Anonymous,
}

impl Actor {
    fn text(self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::System => "system".to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }
}

/// What was acted on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Kind, snake_case (`inspection`, `invitation`).
    pub kind: String,
    /// Its identifier, a token of 1 to 128 printable ASCII characters.
    pub id: String,
}

/// One event as the log holds it for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Identifier of the event.
    pub id: Uuid,
    /// When, to the millisecond.
    pub at: DateTime<Utc>,
    /// Region (区划代码) it belongs to, a token.
    pub region: String,
    /// Who.
    pub actor: Actor,
    /// For which department; none for persons without one.
    pub department: Option<Uuid>,
    /// What was done, snake_case.
    pub act: String,
    /// To what.
    pub object: Object,
    /// The request that caused it, a token.
    pub request_id: String,
    /// Facts of the act that name no person.
    pub data: Map<String, Value>,
    /// [`Private::commitment`] of what may be erased later; none when there is nothing personal.
    pub private: Option<Hash>,
}

/// Personal data of an event with the salt that hides them in the leaf. Erasing both leaves the log whole and the
/// data unguessable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// 32 bytes from the operating system, new for each event.
    pub salt: [u8; 32],
    /// The data, in any form.
    pub bytes: Vec<u8>,
}

impl Private {
    /// SHA-256 of salt ‖ bytes.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(&self.bytes);
        hash.finalize().into()
    }
}

/// What the columns of a stored row say of an event besides its leaf: they are searched and shown, so they must say the
/// same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// Region.
    pub region: &'a str,
    /// The signed-in user; none for the program itself and for the public.
    pub actor: Option<Uuid>,
    /// Department.
    pub department: Option<Uuid>,
    /// Act.
    pub act: &'a str,
    /// Kind of the object.
    pub kind: &'a str,
    /// The object, when it is one thing.
    pub object: Option<Uuid>,
    /// Request; empty: none.
    pub request_id: &'a str,
}

/// Whether a word is of lower-case letters, digits and single underscores, and begins with a letter.
fn is_snake(word: &str) -> bool {
    word.len() <= 64
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && !word.ends_with('_')
        && !word.contains("__")
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

impl Leaf {
    /// The canonical bytes, version 1.
    ///
    /// # Errors
    /// A time finer than a millisecond or outside the years 0 to 9999; an act or kind that is not snake_case; a region,
    /// request or object identifier that is no token; data that has no canonical form; more than [`LEAF_MAX`] bytes.
    pub fn bytes(&self) -> Result<Vec<u8>, Fault> {
        let nanos = self.at.nanosecond();
        let text = self.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        if !nanos.is_multiple_of(1_000_000)
            || nanos >= 1_000_000_000
            || text.len() != 24
            || !text.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(fault!("leaf_time", "事件时间{}须为0至9999年间的整毫秒", self.at));
        }
        for (what, word) in [("act", &self.act), ("object.kind", &self.object.kind)] {
            if !is_snake(word) {
                return Err(fault!("leaf_word", "事件的 {what}“{word}”须为 snake_case"));
            }
        }
        for (what, token) in
            [("region", &self.region), ("request_id", &self.request_id), ("object.id", &self.object.id)]
        {
            if !is_token(token) {
                return Err(fault!("leaf_token", "事件的 {what}“{token}”须为1至128个可见 ASCII 字符"));
            }
        }
        let value = json!({
            "v": 1,
            "id": self.id.to_string(),
            "at": text,
            "region": self.region,
            "actor": self.actor.text(),
            "department": self.department.map(|d| d.to_string()),
            "act": self.act,
            "object": { "kind": self.object.kind, "id": self.object.id },
            "request_id": self.request_id,
            "data": self.data,
            "private": self.private.map(hex::encode),
        });
        let bytes = canonical::bytes(&value)?;
        if bytes.len() > LEAF_MAX {
            return Err(fault!("leaf_long", "事件有{}字节,超过{LEAF_MAX}", bytes.len()));
        }
        Ok(bytes)
    }

    /// Reads canonical bytes and nothing else: a leaf that would be written differently is refused.
    ///
    /// # Errors
    /// Not a leaf of version 1 in its canonical spelling.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let bad = || fault!("leaf", "不是规范的日志事件(第1版)");
        if bytes.len() > LEAF_MAX {
            return Err(bad());
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|_| bad())?;
        let text = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(bad)
        };
        let uuid = |text: &str| Uuid::parse_str(text).map_err(|_| bad());
        let optional = |key: &str| match value.get(key) {
            Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            _ => Err(bad()),
        };
        let object = value.get("object").ok_or_else(bad)?;
        let actor = text(&value, "actor")?;
        let leaf = Self {
            id: uuid(&text(&value, "id")?)?,
            at: DateTime::parse_from_rfc3339(&text(&value, "at")?).map_err(|_| bad())?.with_timezone(&Utc),
            region: text(&value, "region")?,
            actor: match actor.as_str() {
                "system" => Actor::System,
                "anonymous" => Actor::Anonymous,
                id => Actor::User(uuid(id)?),
            },
            department: optional("department")?.map(|d| uuid(&d)).transpose()?,
            act: text(&value, "act")?,
            object: Object { kind: text(object, "kind")?, id: text(object, "id")? },
            request_id: text(&value, "request_id")?,
            data: value.get("data").and_then(Value::as_object).cloned().ok_or_else(bad)?,
            private: optional("private")?.map(|h| unhex_n::<32>(&h).ok_or_else(bad)).transpose()?,
        };
        // Equality of bytes also refuses unknown and double keys, other spellings of times and identifiers.
        if leaf.bytes()? == bytes { Ok(leaf) } else { Err(bad()) }
    }

    /// The first column of its row that says something else.
    #[must_use]
    pub fn differs(&self, columns: &Columns<'_>) -> Option<&'static str> {
        let token = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        let actor = match self.actor {
            Actor::User(id) => Some(id),
            Actor::System | Actor::Anonymous => None,
        };
        let object = columns.object.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let pairs = [
            ("at", self.at == columns.at),
            ("region", self.region == token(columns.region)),
            ("actor_id", actor == columns.actor),
            ("department_id", self.department == columns.department),
            ("act", self.act == columns.act),
            ("object_kind", self.object.kind == columns.kind),
            ("object_id", self.object.id == object),
            ("request_id", self.request_id == token(columns.request_id)),
        ];
        pairs.into_iter().find(|(_, same)| !same).map(|(column, _)| column)
    }

    /// The leaf hash under which the log knows it.
    ///
    /// # Errors
    /// As [`Leaf::bytes`].
    pub fn hash(&self) -> Result<Hash, Fault> {
        Ok(merkle::leaf_hash(&self.bytes()?))
    }
}
