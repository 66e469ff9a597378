//! A folder of results that is there completely or not at all.
//!
//! Files are written into a hidden folder beside the target and renamed to it at the end. A manifest in the folder
//! tells which files are ours, so that a later run replaces its own results and nothing else.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

/// Name of the manifest: one relative path a line.
const MANIFEST: &str = ".onedoor-files";

/// Folders being written, for [`clean_up_on_interrupt`].
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Why no results can be written to a place.
#[derive(Debug, thiserror::Error)]
pub enum OutDirError {
    /// The place is a file.
    #[error("{0} 是文件,不是文件夹;请换一个输出位置")]
    NotADirectory(PathBuf),
    /// The place holds files of somebody else.
    #[error(
        "{path} 中有不是本程序写出的文件(如 {example});请换一个输出位置,或加 --force(原文件夹会改名保留)"
    )]
    Foreign {
        /// Place.
        path: PathBuf,
        /// One of the files.
        example: String,
    },
    /// A name that leads out of the folder.
    #[error("文件名无效:{0}")]
    Name(String),
    /// The system refuses.
    #[error("无法写入 {path}:{source}")]
    Io {
        /// Place.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
}

/// A folder being written; removed when dropped before [`OutDir::commit`].
#[derive(Debug)]
pub struct OutDir {
    target: PathBuf,
    temp: PathBuf,
    files: BTreeSet<String>,
    force: bool,
    done: bool,
}

impl OutDir {
    /// Begins to write results for `target`. A target that is not there, is empty, or holds only what an earlier run
    /// wrote is taken; any other only with `force`, and then it is kept under a new name.
    ///
    /// # Errors
    /// See [`OutDirError`].
    pub fn create(target: &Path, force: bool) -> Result<Self, OutDirError> {
        let target = std::path::absolute(target).map_err(|e| at(target, e))?;
        judge(&target, force)?;
        let parent = target.parent().ok_or_else(|| OutDirError::NotADirectory(target.clone()))?.to_path_buf();
        fs::create_dir_all(&parent).map_err(|e| at(&parent, e))?;
        let name = target.file_name().map_or_else(|| "out".to_owned(), |n| n.to_string_lossy().into_owned());
        let prefix = format!(".{name}.partial-");
        // Registered before it exists, under the lock that the clean-up takes, so that none is ever missed.
        let mut open = lock();
        let temp =
            tempfile::Builder::new().prefix(&prefix).tempdir_in(&parent).map_err(|e| at(&parent, e))?.keep();
        open.push(temp.clone());
        drop(open);
        Ok(Self { target, temp, files: BTreeSet::new(), force, done: false })
    }

    /// A file of the results; `name` is relative and may contain `/`. Close it with [`OutFile::close`].
    ///
    /// # Errors
    /// A name that leads out of the folder or was used before, or what the system reports.
    pub fn file(&mut self, name: &str) -> Result<OutFile, OutDirError> {
        let plain = Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
        let hidden = name.split('/').any(|part| part.is_empty() || part.starts_with('.'));
        if name.is_empty()
            || !plain
            || hidden
            || name.contains(['\n', '\r', '\\'])
            || !self.files.insert(name.to_owned())
        {
            return Err(OutDirError::Name(name.to_owned()));
        }
        let path = self.temp.join(name);
        // The clean-up holds the lock until the process ends: nothing is made anew in a folder it has removed.
        let _open = lock();
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| at(parent, e))?;
        }
        let file = File::create(&path).map_err(|e| at(&path, e))?;
        Ok(OutFile { inner: BufWriter::with_capacity(256 << 10, file), path })
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// As [`OutDir::file`].
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), OutDirError> {
        let mut file = self.file(name)?;
        file.write_all(bytes).map_err(|e| at(&file.path, e))?;
        file.close()
    }

    /// Puts the results in place: everything is on the disk before the name changes. Returns where a folder that was
    /// in the way is kept now.
    ///
    /// # Errors
    /// What the system reports; the target is then as it was.
    pub fn commit(mut self) -> Result<Option<PathBuf>, OutDirError> {
        let list: String = self.files.iter().map(|f| format!("{f}\n")).collect();
        let manifest = self.temp.join(MANIFEST);
        let mut open = lock();
        let mut file = File::create(&manifest).map_err(|e| at(&manifest, e))?;
        file.write_all(list.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| at(&manifest, e))?;
        let folders: BTreeSet<PathBuf> =
            self.files.iter().filter_map(|f| self.temp.join(f).parent().map(Path::to_path_buf)).collect();
        for folder in folders.iter().chain([&self.temp]) {
            sync_folder(folder);
        }
        let foreign = judge(&self.target, self.force)?;
        let old = if self.target.exists() {
            let old = free_sibling(&self.target, foreign);
            fs::rename(&self.target, &old).map_err(|e| at(&self.target, e))?;
            Some(old)
        } else {
            None
        };
        if let Err(e) = fs::rename(&self.temp, &self.target) {
            if let Some(old) = &old {
                // Best effort: what was there comes back.
                let _ = fs::rename(old, &self.target);
            }
            return Err(at(&self.target, e));
        }
        open.retain(|p| *p != self.temp);
        self.done = true;
        drop(open);
        if let Some(parent) = self.target.parent() {
            sync_folder(parent);
        }
        match old {
            Some(old) if foreign => Ok(Some(old)),
            Some(old) => {
                // The results are in place; an old folder that cannot be removed is only untidy.
                let _ = fs::remove_dir_all(old);
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

impl Drop for OutDir {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.temp);
            lock().retain(|p| *p != self.temp);
        }
    }
}

/// A file of the results.
#[derive(Debug)]
pub struct OutFile {
    inner: BufWriter<File>,
    path: PathBuf,
}

impl OutFile {
    /// Flushes and puts the file on the disk.
    ///
    /// # Errors
    /// What the system reports, such as a full disk.
    pub fn close(self) -> Result<(), OutDirError> {
        let Self { inner, path } = self;
        let file = inner.into_inner().map_err(|e| at(&path, e.into_error()))?;
        file.sync_all().map_err(|e| at(&path, e))
    }
}

impl Write for OutFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.inner.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Removes half-written folders when the program is interrupted (Ctrl-C, termination) and ends it with code 130.
/// To be called once, at the start of a command that writes.
///
/// # Errors
/// When a handler is already set.
pub fn clean_up_on_interrupt() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        let open = lock();
        for folder in open.iter() {
            // The other threads go on writing until the end of the process: what they add meanwhile goes as well.
            for _ in 0..50 {
                if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
                    break;
                }
            }
        }
        std::process::exit(130);
    })
}

fn lock() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn at(path: &Path, source: io::Error) -> OutDirError {
    OutDirError::Io { path: path.to_path_buf(), source }
}

/// Whether the target holds files that are not ours; an error when it may not be taken.
fn judge(target: &Path, force: bool) -> Result<bool, OutDirError> {
    match fs::symlink_metadata(target) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(at(target, e)),
        Ok(meta) if !meta.is_dir() => return Err(OutDirError::NotADirectory(target.to_path_buf())),
        Ok(_) => {}
    }
    let ours: BTreeSet<String> = fs::read_to_string(target.join(MANIFEST))
        .map(|list| list.lines().map(str::to_owned).chain([MANIFEST.to_owned()]).collect())
        .unwrap_or_default();
    let mut there = Vec::new();
    walk(target, "", &mut there).map_err(|e| at(target, e))?;
    match there.into_iter().find(|f| !ours.contains(f)) {
        None => Ok(false),
        Some(_) if force => Ok(true),
        Some(example) => Err(OutDirError::Foreign { path: target.to_path_buf(), example }),
    }
}

/// Relative paths of the files below a folder.
fn walk(folder: &Path, prefix: &str, into: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.push(name);
        }
    }
    Ok(())
}

/// A name beside the target that is not taken.
fn free_sibling(target: &Path, keep: bool) -> PathBuf {
    let name = target.file_name().map_or_else(|| "out".to_owned(), |n| n.to_string_lossy().into_owned());
    let wanted = |n: u32| if keep { format!("{name}.原有-{n}") } else { format!(".{name}.old-{n}") };
    (1u32..)
        .map(|n| target.with_file_name(wanted(n)))
        .find(|p| !p.exists())
        .unwrap_or_else(|| target.with_extension("old"))
}

/// Puts a folder's entries on the disk where the system can.
fn sync_folder(folder: &Path) {
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
}
