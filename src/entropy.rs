//! The only place that asks the operating system for randomness. Everything else receives it as a value.

/// 32 fresh bytes from the operating system.
///
/// # Errors
/// The operating system has no randomness to give (practically only very early at boot, or in a broken sandbox).
pub fn secret32() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0_u8; 32];
    #[expect(
        clippy::disallowed_methods,
        reason = "this module is the one door to the operating system's entropy"
    )]
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
