//! The only place that asks the operating system for randomness. Everything else receives it as a value.

use std::sync::Arc;

/// 32 fresh bytes from the operating system.
///
/// # Errors
/// The operating system has no randomness to give (practically only very early at boot, or in a broken sandbox).
pub fn secret32() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0_u8; 32];
    Entropy::system().fill(&mut bytes)?;
    Ok(bytes)
}

type Fill = dyn Fn(&mut [u8]) -> Result<(), getrandom::Error> + Send + Sync;

/// A source of random bytes that is handed to whoever needs one.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy")
    }
}

impl Entropy {
    /// The operating system's.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|bytes| {
            #[expect(
                clippy::disallowed_methods,
                reason = "this module is the one door to the operating system's entropy"
            )]
            getrandom::fill(bytes)
        }))
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), getrandom::Error> {
        (self.0)(bytes)
    }

    /// `N` fresh bytes.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], getrandom::Error> {
        let mut bytes = [0_u8; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}
