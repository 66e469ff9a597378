//! What a draw must keep secret, and the file it is kept in.

use crate::domain::draw::bundle::{Audit, seal_json};
use crate::domain::draw::bytes::{unhex, unhex_n};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::record::Opening;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroize;

/// What `form` says in a private file.
pub(super) const PRIVATE_FORM: &str = "onedoor-private/1";

/// Secrets and personal data of a draw: keys, the server secret before it is revealed, cards, the list itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Private {
    /// File form.
    pub form: String,
    /// Server secret of the current draw, hex.
    pub server: String,
    /// Signing key of the log, hex.
    pub log_key: String,
    /// Signing key of the machine's own cosigner, hex; absent where outsiders cosign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosign_key: Option<String>,
    /// The list of subjects and its key.
    pub audit: Audit,
    /// Documents behind the attributes, by id.
    #[serde(default)]
    pub documents: BTreeMap<String, String>,
    /// Cards the machine keeps until the reveal: (witness, salt hex, value hex).
    #[serde(default)]
    pub cards: Vec<(String, String, String)>,
    /// SHA-256 of the file with this field empty, hex.
    pub sum: String,
}

impl Drop for Private {
    fn drop(&mut self) {
        self.server.zeroize();
        self.log_key.zeroize();
        self.cosign_key.zeroize();
        self.audit.pool_key.zeroize();
        for (_, salt, value) in &mut self.cards {
            salt.zeroize();
            value.zeroize();
        }
    }
}

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Private(..)")
    }
}

impl Private {
    /// The file's bytes, with its sum.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal_json(self, false, |own, sum| own.sum = sum)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// No JSON of this form, or bytes that are not exactly what we write.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let private: Self = serde_json::from_slice(bytes)
            .map_err(|e| fault!("private_json", "私密文件不是合格的JSON:{e}"))?;
        if private.form != PRIVATE_FORM || private.to_bytes() != bytes {
            return Err(fault!("private_sum", "私密文件被改动:字节或校验和不一致"));
        }
        Ok(private)
    }

    /// The cards as values; a damaged one is left out and then misses at the reveal.
    #[must_use]
    pub fn openings(&self) -> Vec<Opening> {
        self.cards
            .iter()
            .filter_map(|(id, salt, value)| {
                Some(Opening { id: id.clone(), salt: unhex_n(salt)?, value: unhex(value)? })
            })
            .collect()
    }
}
