//! The folder a draw is worked through in: what lies in it, written so that a crash loses at most the last step.
//!
//! `draw.json` is the public bundle and the authority; `private.json` (mode 0600) holds what must stay secret;
//! `records/` and `checkpoint.txt` repeat parts of the bundle for people and other tools, and are written anew from
//! it. Each file is written aside, synced and renamed; `draw.json` last but for the copies, so a step either happened
//! or did not.

use super::Failure;
use crate::domain::draw::bundle::{Bundle, entries};
use crate::domain::draw::fault::fault;
use crate::domain::draw::record::parse_record;
use crate::domain::draw::session::{Private, Session};
use crate::domain::draw::verify::{Report, Statement, Status, verify};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

const PUBLIC: &str = "draw.json";
const PRIVATE: &str = "private.json";
const CHECKPOINT: &str = "checkpoint.txt";
const RECORDS: &str = "records";
const LOCK: &str = ".lock";

/// A draw's folder, locked for this process.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    _lock: File,
}

fn io(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::Io(format!("{what}{}失败:{error}", path.display()))
}

/// Reads a text file.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| io("读取", path, &e))
}

/// Writes a file aside, syncs it and renames it into place; `secret` files are for the owner only.
///
/// # Errors
/// The file or its folder cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8], secret: bool) -> Result<(), Failure> {
    let fail = |e: std::io::Error| io("写入", path, &e);
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(fail)?;
    // The temporary file is born with mode 0600, so a secret is never readable by others, not even for a moment.
    let mut temp = tempfile::NamedTempFile::new_in(parent).map_err(fail)?;
    temp.write_all(bytes).map_err(fail)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if secret { 0o600 } else { 0o644 };
        temp.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(fail)?;
    }
    #[cfg(not(unix))]
    let _ = secret;
    temp.as_file().sync_all().map_err(fail)?;
    temp.persist(path).map_err(|e| fail(e.error))?;
    #[cfg(unix)]
    File::open(parent).and_then(|d| d.sync_all()).map_err(fail)?;
    Ok(())
}

/// The copies a bundle has in its folder: name to bytes.
fn copies(bundle: &Bundle) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (i, bytes) in entries(&bundle.log).unwrap_or_default().into_iter().enumerate() {
        let kind = parse_record(&bytes).map_or("unknown", |r| r.kind());
        files.insert(format!("{RECORDS}/{i:03}-{kind}.txt"), bytes);
    }
    if let Some(note) = bundle.log.checkpoints.last() {
        files.insert(CHECKPOINT.to_owned(), note.clone().into_bytes());
    }
    files
}

fn lock(dir: &Path) -> Result<File, Failure> {
    let path = dir.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| io("打开", &path, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(fault!("locked", "另一个程序正在处理{},请稍后再试", dir.display()).into()),
    }
}

impl Folder {
    /// A folder for a new draw; it is made if it is not there.
    ///
    /// # Errors
    /// It already holds a draw (a re-draw must be visible), or cannot be written.
    pub fn create(dir: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir).map_err(|e| io("创建", dir, &e))?;
        let folder = Self { dir: dir.to_owned(), _lock: lock(dir)? };
        if folder.dir.join(PUBLIC).exists() {
            return Err(fault!(
                "exists",
                "{}里已有一次抽取;重抽须留痕:请先作废(abort)再以下一次序重新开启(again)",
                dir.display()
            )
            .into());
        }
        Ok(folder)
    }

    /// A folder with a draw.
    ///
    /// # Errors
    /// There is none, or another program works on it.
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        if !dir.join(PUBLIC).exists() {
            return Err(fault!("absent", "{}里没有抽取,请先开启(open)", dir.display()).into());
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock(dir)? })
    }

    /// Loads the draw and mends copies that a crash left behind.
    ///
    /// # Errors
    /// A file was changed, or does not belong to the others.
    pub fn load(&self) -> Result<Session, Failure> {
        let read = |name: &str| {
            let path = self.dir.join(name);
            std::fs::read(&path).map_err(|e| io("读取", &path, &e))
        };
        let public = Bundle::parse(&read(PUBLIC)?)?;
        if public.form.is_none() {
            return Err(fault!("bundle_form", "{PUBLIC}不是本程序写出的抽取").into());
        }
        let session = Session { public, private: Private::parse(&read(PRIVATE)?)? };
        let report = verify(&session.public, None);
        if let Some(s) = report.statements.iter().find(|s| s.status == Status::Failed) {
            // Steps already late are judged by whoever verifies; anything else means the file is not ours any more.
            if !s.code.starts_with("rule_t") {
                return Err(fault!("damaged", "{PUBLIC}验证不通过:{}", s.text).into());
            }
        }
        for (name, bytes) in copies(&session.public) {
            let path = self.dir.join(&name);
            match std::fs::read(&path) {
                Ok(found) if found == bytes => {}
                Ok(_) if name != CHECKPOINT => {
                    return Err(fault!("damaged", "{name}与{PUBLIC}不一致:被改动").into());
                }
                _ => write(&path, &bytes, false)?,
            }
        }
        Ok(session)
    }

    /// Saves the draw: secrets first, then the bundle, then the copies.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn save(&self, session: &Session) -> Result<(), Failure> {
        write(&self.dir.join(PRIVATE), &session.private.to_bytes(), true)?;
        write(&self.dir.join(PUBLIC), &session.public.to_bytes(), false)?;
        for (name, bytes) in copies(&session.public) {
            let path = self.dir.join(name);
            if std::fs::read(&path).ok().as_deref() != Some(&bytes) {
                write(&path, &bytes, false)?;
            }
        }
        Ok(())
    }
}

/// Verifies a folder: the bundle, every copy of its parts, and the private file when it is there. Files that do not
/// belong to a draw are named.
///
/// # Errors
/// A file cannot be read.
pub fn verify_folder(
    dir: &Path,
    audit: Option<&crate::domain::draw::bundle::Audit>,
) -> Result<Report, Failure> {
    let mut files = BTreeMap::new();
    collect(dir, "", &mut files)?;
    Ok(judge_files(&files, audit))
}

/// The same on files in memory: name relative to the folder, to bytes.
#[must_use]
pub fn judge_files(
    files: &BTreeMap<String, Vec<u8>>,
    audit: Option<&crate::domain::draw::bundle::Audit>,
) -> Report {
    let mut report = Report::default();
    let fail = |code, text: String| Statement { status: Status::Failed, code, text };
    let Some(bytes) = files.get(PUBLIC) else {
        report.statements.push(fail("absent", format!("缺少{PUBLIC}")));
        return report;
    };
    let bundle = match Bundle::parse(bytes) {
        Ok(bundle) if bundle.form.is_some() => bundle,
        Ok(_) => {
            report.statements.push(fail("bundle_form", format!("{PUBLIC}不是本程序写出的抽取")));
            return report;
        }
        Err(f) => {
            report.statements.push(fail(f.code, format!("{PUBLIC}:{}", f.text)));
            return report;
        }
    };
    report = verify(&bundle, audit);
    let copies = copies(&bundle);
    for (name, bytes) in &copies {
        match files.get(name) {
            Some(found) if found == bytes => {}
            Some(_) => report.statements.push(fail("copy", format!("{name}与{PUBLIC}不一致:被改动"))),
            None => report.statements.push(fail("copy_missing", format!("缺少{name}"))),
        }
    }
    if let Some(bytes) = files.get(PRIVATE) {
        let faults = match Private::parse(bytes) {
            Ok(private) => Session { public: bundle, private }.private_faults(),
            Err(f) => vec![f],
        };
        if faults.is_empty() {
            let text = format!("{PRIVATE}与公开承诺一致(不得公开)");
            report.statements.push(Statement { status: Status::Verified, code: "private", text });
        }
        for f in faults {
            let text = format!("{PRIVATE}:{}(若上一步曾中断,请重新执行该步骤)", f.text);
            report.statements.push(fail(f.code, text));
        }
    }
    for name in files.keys() {
        if ![PUBLIC, PRIVATE, LOCK].contains(&name.as_str()) && !copies.contains_key(name) {
            let text = format!("{name}不属于抽取文件夹,未作核验");
            report.statements.push(Statement { status: Status::Note, code: "other_file", text });
        }
    }
    report
}

fn collect(dir: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(dir).map_err(|e| io("读取", dir, &e))? {
        let path = entry.map_err(|e| io("读取", dir, &e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if prefix.is_empty() {
                collect(&path, &format!("{name}/"), into)?;
            }
        } else {
            let bytes = std::fs::read(&path).map_err(|e| io("读取", &path, &e))?;
            into.insert(format!("{prefix}{name}"), bytes);
        }
    }
    Ok(())
}
