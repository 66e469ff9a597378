//! Hashing passwords: Argon2id (RFC 9106), only so many at a time, because each takes much memory.

use crate::domain::password::normalized;
use crate::error::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::{Condvar, Mutex, PoisonError};

/// Hashes and checks passwords, a bounded number at a time.
#[derive(Debug)]
pub struct Hasher {
    params: Params,
    free: Mutex<usize>,
    freed: Condvar,
    /// A hash of nothing anybody knows: checked when there is no such account, so that the answer takes as long.
    decoy: String,
}

impl Hasher {
    /// A hasher for `most` passwords at a time with `memory_kib` of memory each (19,456 and two passes: OWASP's
    /// recommendation, and the crate's default).
    ///
    /// # Errors
    /// Parameters that Argon2 does not know.
    pub fn new(most: usize, memory_kib: u32, salt: &[u8; 16]) -> Result<Self> {
        let params = Params::new(memory_kib, 2, 1, None).map_err(|e| Error::internal(&e))?;
        let mut hasher =
            Self { params, free: Mutex::new(most.max(1)), freed: Condvar::new(), decoy: String::new() };
        hasher.decoy = hasher.hash("decoy", salt)?;
        Ok(hasher)
    }

    fn argon(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    fn bounded<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        drop(free);
        let done = work();
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
        done
    }

    /// The hash of a password, as a PHC string.
    ///
    /// # Errors
    /// Argon2 fails.
    pub fn hash(&self, password: &str, salt: &[u8; 16]) -> Result<String> {
        self.bounded(|| {
            let hash: PasswordHash = self
                .argon()
                .hash_password_with_salt(normalized(password).as_bytes(), salt)
                .map_err(|e| Error::internal(&e))?;
            Ok(hash.to_string())
        })
    }

    /// Whether a password belongs to a hash; without a hash it takes as long and answers `false`.
    #[must_use]
    pub fn matches(&self, password: &str, hash: Option<&str>) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy);
        let good = self.bounded(|| {
            PasswordHash::new(hash).is_ok_and(|hash| {
                self.argon().verify_password(normalized(password).as_bytes(), &hash).is_ok()
            })
        });
        known && good
    }
}
