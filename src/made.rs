//! Files that came of long work (papers of a whole inspection, archives): outside anything the web serves, each for one
//! attempt at one piece of work, for some days.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// The folder they lie in.
#[derive(Debug, Clone)]
pub struct MadeFiles {
    folder: PathBuf,
}

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the folder.
    pub file: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

impl MadeFiles {
    /// The files below this folder; theirs is made when the first one comes.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.join("jobs") }
    }

    /// Begins a file; it is gone again unless it is kept.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(&self) -> io::Result<NamedTempFile> {
        std::fs::create_dir_all(&self.folder)?;
        NamedTempFile::new_in(&self.folder)
    }

    /// Keeps a file under a name, on disk before it returns.
    ///
    /// # Errors
    /// The disk; a name that is none.
    pub fn keep(&self, mut file: NamedTempFile, name: &str) -> io::Result<Kept> {
        let path = self.place(name).ok_or_else(|| io::Error::other("no name for a file"))?;
        file.as_file_mut().seek(SeekFrom::Start(0))?;
        let (mut hash, mut bytes, mut part) = (Sha256::new(), 0_u64, vec![0; 256 << 10]);
        loop {
            let n = file.as_file_mut().read(&mut part)?;
            if n == 0 {
                break;
            }
            hash.update(&part[..n]);
            bytes += n as u64;
        }
        file.as_file().sync_all()?;
        file.persist(&path)?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(Kept { file: name.to_owned(), bytes, sha256: hex::encode(hash.finalize()) })
    }

    /// Opens a file; none when it is gone.
    #[must_use]
    pub fn open(&self, name: &str) -> Option<File> {
        File::open(self.place(name)?).ok()
    }

    /// Removes a file, if it is still there.
    pub fn remove(&self, name: &str) {
        if let Some(path) = self.place(name) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Names of everything that was written before a moment, also of what a server left unfinished when it died.
    ///
    /// # Errors
    /// The disk.
    pub fn written_before(&self, moment: SystemTime) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            // Nothing was ever made.
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let old = entry.metadata().and_then(|m| m.modified()).is_ok_and(|at| at < moment);
            let name = entry.file_name().to_string_lossy().into_owned();
            if old && self.place(&name).is_some() {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Where a file lies. None for what is no name of ours: a path must never be built of anything else.
    fn place(&self, name: &str) -> Option<PathBuf> {
        let sound = (1..=80).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
            && !name.contains("..");
        sound.then(|| self.folder.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_is_there_once_it_is_kept_and_gone_once_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let made = MadeFiles::new(dir.path());
        assert!(made.written_before(SystemTime::UNIX_EPOCH).unwrap().is_empty());
        let mut file = made.begin().unwrap();
        file.write_all(b"one").unwrap();
        let kept = made.keep(file, "0199aaaa-1.zip").unwrap();
        assert_eq!((kept.bytes, kept.sha256), (3, hex::encode(Sha256::digest(b"one"))));
        let mut text = String::new();
        made.open("0199aaaa-1.zip").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one");
        drop(made.begin().unwrap());
        let path = dir.path().join("jobs/0199aaaa-1.zip");
        let at = std::fs::metadata(path).unwrap().modified().unwrap();
        let later = at + std::time::Duration::from_secs(1);
        assert_eq!(made.written_before(later).unwrap(), ["0199aaaa-1.zip"]);
        made.remove("0199aaaa-1.zip");
        assert!(made.open("0199aaaa-1.zip").is_none());
        for foreign in ["../x", "a/b", "", "a..b"] {
            assert!(made.place(foreign).is_none(), "{foreign}");
        }
    }
}
