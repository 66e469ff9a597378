//! The secrets of draws and of businesses' ratings, derived from the server's key, so that none of them lies in the database.

use crate::domain::draw::bytes::put_lp;
use crate::ids::Id;
use crate::keys::Key;
use hkdf::Hkdf;
use sha2::Sha256;

/// What a derived secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The server secret S of one attempt or round.
    Server,
    /// Salts of the subjects of a pool.
    Subjects,
    /// Salts of the inspectors of a pool.
    Inspectors,
    /// Signing key of the log of a pool's draws.
    Log,
    /// Signing key of the machine's own clock in that log.
    Clock,
    /// What a business shows to rate its visit.
    Rating,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Subjects => "subjects",
            Self::Inspectors => "inspectors",
            Self::Log => "log",
            Self::Clock => "clock",
            Self::Rating => "rating",
        }
    }
}

/// 32 bytes for one purpose of one draw, pool or visit: HKDF-SHA-256 (RFC 5869) of the server's key, with the purpose and the
/// identifier as info. Showing one of them tells nothing of the key or of the others.
#[must_use]
pub fn derive(key: &Key, purpose: Purpose, id: Id) -> [u8; 32] {
    let mut info = Vec::with_capacity(64);
    put_lp(&mut info, purpose.word().as_bytes());
    put_lp(&mut info, id.0.as_bytes());
    let mut out = [0; 32];
    // RFC 5869 allows 255 hash lengths of output; one always fits.
    let _ = Hkdf::<Sha256>::new(Some(b"onedoor/1/draw"), key.as_slice()).expand(&info, &mut out);
    out
}
