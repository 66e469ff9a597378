//! An act as a use case tells it to the journal, and where it came from.

use crate::ids::Id;
use serde_json::Value;

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Identifier of the request, in the log, the journal and the answer.
    pub request_id: String,
    /// Network address of the client.
    pub address: String,
    /// What the client says it is.
    pub agent: String,
    /// The version of `If-Match`.
    pub if_match: Option<i64>,
}

/// An act for the journal.
#[derive(Debug, Clone)]
pub struct Event {
    /// What was done, snake_case in the glossary's words (`item_published`).
    pub act: &'static str,
    /// The kind of thing it was done to, snake_case.
    pub kind: &'static str,
    /// Which one.
    pub object: Option<Id>,
    /// Facts without personal data: they stay for ever.
    pub data: Value,
    /// Personal data (names, addresses of people): only a salted hash enters the log, so they can be erased.
    pub private: Option<Value>,
}

impl Event {
    /// An act on an object.
    #[must_use]
    pub const fn new(act: &'static str, kind: &'static str, id: Id, data: Value) -> Self {
        Self { act, kind, object: Some(id), data, private: None }
    }

    /// An act that concerns no single object, or one without an identifier.
    #[must_use]
    pub const fn general(act: &'static str, kind: &'static str, data: Value) -> Self {
        Self { act, kind, object: None, data, private: None }
    }

    /// Adds personal data.
    #[must_use]
    pub fn private(mut self, private: Value) -> Self {
        self.private = Some(private);
        self
    }
}
