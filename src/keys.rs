//! The server's keys: made at the first start, kept in files that only the owner can read, or given in the settings.

use crate::config;
use crate::entropy::Entropy;
use std::path::Path;
use zeroize::Zeroizing;

/// 32 secret bytes.
pub type Key = Zeroizing<[u8; 32]>;

/// All keys of a server.
#[derive(Clone)]
pub struct Keys {
    /// Signs access tokens.
    pub token: Key,
    /// Signs the journal's checkpoints (Ed25519 seed).
    pub journal: Key,
    /// Signs the logs of draws and hides their pools; every draw derives its own from it.
    pub draw: Key,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Takes the keys from the settings, or from the folder, where missing ones are made.
    ///
    /// # Errors
    /// A key that is not 64 hexadecimal digits; a folder that cannot be read or written; in words.
    pub fn load(settings: &config::Keys, entropy: &Entropy) -> Result<Self, String> {
        let one = |name: &str, given: &str| -> Result<Key, String> {
            if given.is_empty() {
                from_file(&settings.folder, name, entropy)
            } else {
                parse(given).ok_or_else(|| format!("keys.{name} 须为64个十六进制字符"))
            }
        };
        Ok(Self {
            token: one("token", settings.token.reveal())?,
            journal: one("journal", settings.journal.reveal())?,
            draw: one("draw", settings.draw.reveal())?,
        })
    }

    /// Fresh keys that are kept nowhere, for tests and one-off runs.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn fresh(entropy: &Entropy) -> Result<Self, getrandom::Error> {
        let key = || entropy.bytes::<32>().map(Zeroizing::new);
        Ok(Self { token: key()?, journal: key()?, draw: key()? })
    }
}

fn parse(text: &str) -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), &mut *key).ok()?;
    Some(key)
}

fn from_file(folder: &Path, name: &str, entropy: &Entropy) -> Result<Key, String> {
    let path = folder.join(format!("{name}.key"));
    let wrong = |e: &dyn std::fmt::Display| format!("密钥文件 {}:{e}", path.display());
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text).ok_or_else(|| wrong(&"须为64个十六进制字符")),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder).map_err(|e| wrong(&e))?;
            let key = Zeroizing::new(entropy.bytes::<32>().map_err(|e| wrong(&e))?);
            match write_private(&path, &Zeroizing::new(hex::encode(*key))) {
                Ok(()) => Ok(key),
                // Another server made it at the same moment.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                    let text = std::fs::read_to_string(&path).map_err(|e| wrong(&e))?;
                    parse(&text).ok_or_else(|| wrong(&"须为64个十六进制字符"))
                }
                Err(e) => Err(wrong(&e)),
            }
        }
        Err(e) => Err(wrong(&e)),
    }
}

/// Writes a new file that only its owner can read, on disk before it returns.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
