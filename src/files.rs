//! Evidence on disk: each file under its SHA-256, outside anything the web serves, never changed once it is there.

use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of evidence.
#[derive(Debug, Clone)]
pub struct Vault {
    folder: PathBuf,
}

impl Vault {
    /// The vault in this folder, which is made when the first file comes.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Where a file of this hash lies. None for what is no hash: it comes from the database, but a path must never be
    /// built of anything else.
    fn place(&self, sha256: &str) -> Option<PathBuf> {
        let hash = sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        hash.then(|| self.folder.join(&sha256[..2]).join(sha256))
    }

    /// Keeps a file, on disk before it returns; answers its hash. The same content is kept once.
    ///
    /// # Errors
    /// The disk.
    pub fn put(&self, bytes: &[u8]) -> std::io::Result<String> {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let Some(path) = self.place(&sha256) else { return Ok(sha256) };
        // What a crash or a failing disk left behind is written again.
        if std::fs::read(&path).is_ok_and(|kept| kept == bytes) {
            return Ok(sha256);
        }
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        #[cfg(unix)]
        std::fs::File::open(folder)?.sync_all()?;
        Ok(sha256)
    }

    /// The file with this hash, checked against it; none when it is missing or not what it was.
    #[must_use]
    pub fn get(&self, sha256: &str) -> Option<Vec<u8>> {
        let bytes = std::fs::read(self.place(sha256)?).ok()?;
        (hex::encode(Sha256::digest(&bytes)) == sha256).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back_and_what_was_changed_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&dir.path().join("files"));
        let hash = vault.put(b"one").unwrap();
        assert_eq!(vault.put(b"one").unwrap(), hash);
        assert_eq!(vault.get(&hash).as_deref(), Some(b"one".as_slice()));
        let path = vault.place(&hash).unwrap();
        std::fs::write(&path, b"two").unwrap();
        assert_eq!(vault.get(&hash), None);
        vault.put(b"one").unwrap();
        assert!(vault.get(&hash).is_some());
        assert_eq!(vault.get("../../etc/passwd"), None);
        assert_eq!(vault.get(&hash.to_uppercase()), None);
    }
}
