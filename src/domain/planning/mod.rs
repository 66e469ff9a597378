//! What planning works on: the tables of a county as values ([`input`]) and the same, indexed and in canonical
//! order, for the computations ([`instance`]).

pub mod canonical;
pub mod dayset;
pub mod input;
pub mod instance;
pub mod visit;

pub use input::Input;
pub use instance::Instance;
pub use visit::{Requirement, Visit, VisitFault};

/// A VDR/1 token for an identifier of a table: itself when it is one (visible ASCII, at most 128 bytes, no comma),
/// else `X:` and the first 32 hex digits of its SHA-256, so that Chinese text never is a token (VDR/1 section 2.1).
#[must_use]
pub fn token(id: &str) -> String {
    use sha2::{Digest, Sha256};
    let plain = !id.is_empty() && id != "-" && id.len() <= 128;
    if plain && id.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b',') {
        return id.to_owned();
    }
    format!("X:{}", &hex::encode(Sha256::digest(id.as_bytes()))[..32])
}
