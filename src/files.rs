//! Evidence on disk: each file under its SHA-256, outside anything the web serves, never changed once it is there.

use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
        // Written even where it lies already: what a crash left behind is made whole, and what nobody needed for long is
        // young again before the sweep looks at it.
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

    /// The hashes of all files that were written before a moment, in no order.
    ///
    /// # Errors
    /// The disk.
    pub fn written_before(&self, moment: SystemTime) -> std::io::Result<Vec<String>> {
        let mut found = Vec::new();
        let folders = match std::fs::read_dir(&self.folder) {
            Ok(folders) => folders,
            // Nothing was ever kept.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            Err(e) => return Err(e),
        };
        for folder in folders {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(folder.path())? {
                let file = file?;
                let name = file.file_name().to_string_lossy().into_owned();
                if self.place(&name).is_some_and(|path| path == file.path()) && self.is_older(&name, moment) {
                    found.push(name);
                }
            }
        }
        Ok(found)
    }

    fn is_older(&self, sha256: &str, moment: SystemTime) -> bool {
        let written = self.place(sha256).and_then(|path| std::fs::metadata(path).ok()?.modified().ok());
        written.is_some_and(|at| at < moment)
    }

    /// Removes a file that no row names, unless it was written again meanwhile; `false` then.
    ///
    /// # Errors
    /// The disk.
    pub fn remove_old(&self, sha256: &str, moment: SystemTime) -> std::io::Result<bool> {
        let Some(path) = self.place(sha256).filter(|_| self.is_older(sha256, moment)) else {
            return Ok(false);
        };
        std::fs::remove_file(path)?;
        Ok(true)
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

    #[test]
    fn only_what_is_old_is_swept_and_what_is_written_again_is_young() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&dir.path().join("files"));
        assert!(vault.written_before(SystemTime::UNIX_EPOCH).unwrap().is_empty());
        let hash = vault.put(b"one").unwrap();
        std::fs::write(vault.folder.join("README"), b"x").unwrap();
        let path = vault.place(&hash).unwrap();
        let moment = std::fs::metadata(&path).unwrap().modified().unwrap();
        let day = std::time::Duration::from_secs(86_400);
        assert_eq!(vault.written_before(moment + day).unwrap(), [hash.clone()]);
        assert!(vault.written_before(moment - day).unwrap().is_empty());
        assert!(!vault.remove_old(&hash, moment - day).unwrap());
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(moment - 2 * day).unwrap();
        assert_eq!(vault.written_before(moment - day).unwrap(), [hash.clone()]);
        vault.put(b"one").unwrap();
        assert!(!vault.remove_old(&hash, moment - day).unwrap());
        assert!(vault.remove_old(&hash, moment + day).unwrap());
        assert_eq!(vault.get(&hash), None);
        assert!(!vault.remove_old("../README", moment + day).unwrap());
    }
}
