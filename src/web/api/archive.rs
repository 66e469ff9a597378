//! The archive of a joint inspection: one ZIP, and whether it is complete.

use crate::documents::bundle::Bundle;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::archive;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Reply, Stream};
use serde::Serialize;
use std::io::{BufWriter, Read, Seek, SeekFrom};
use utoipa::ToSchema;

/// Bytes sent at a time.
const PART: usize = 256 << 10;

/// The bytes of an archive.
#[derive(Debug, Clone)]
pub struct ArchiveBytes {}

crate::describe_files!(ArchiveBytes: "application/zip");

/// `GET /api/v1/inspections/{id}/archive`: written to a temporary file in one snapshot of the database, then sent.
///
/// # Errors
/// Not visible; not allowed; the disk is full.
pub fn bundle(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let disk = |e: std::io::Error| Error::unavailable(&e);
    let vault = call.server.files.clone();
    let mut file = call.read(|cx| {
        let fetch = |sha256: &str| vault.get(sha256);
        let mut bundle = Bundle::new(BufWriter::new(tempfile::tempfile().map_err(disk)?));
        let facts = archive::write(cx, id, &mut bundle, &fetch)?;
        bundle.finish(facts).map_err(disk)?.into_inner().map_err(|e| Error::unavailable(&e))
    })?;
    file.seek(SeekFrom::Start(0)).map_err(disk)?;
    let pump = move || {
        let mut part = Vec::with_capacity(PART);
        let n = (&mut file).take(PART as u64).read_to_end(&mut part).map_err(disk)?;
        Ok((n > 0).then_some(part))
    };
    Ok(Answer::streamed(Stream::new(pump), "application/zip", &format!("archive-{id}.zip")))
}

/// Something that is missing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArchiveGap {
    /// Stable snake_case code.
    pub code: String,
    /// What it is about: code of a visit; empty: the whole.
    pub about: String,
    /// Who has to act.
    pub who: String,
    /// What to do, in Chinese.
    pub text: String,
}

/// How complete an archive is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArchiveCheck {
    /// Joint inspection.
    pub inspection_id: Id,
    /// Its state.
    pub state: String,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Files that are in it as things stand, without the manifest.
    pub files: Vec<String>,
    /// What is missing.
    pub missing: Vec<ArchiveGap>,
    /// Days that archived data are kept at least.
    pub retention_days: u32,
}

/// `GET /api/v1/inspections/{id}/archive/check`
///
/// # Errors
/// Not visible; not allowed.
pub fn check(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let vault = call.server.files.clone();
    let shown = call.read(|cx| archive::completeness(cx, id, &|sha256| vault.get(sha256)))?;
    let gap = |g: &crate::domain::archive::Gap| ArchiveGap {
        code: g.code.to_owned(),
        about: g.about.clone(),
        who: shown.who(g.who),
        text: g.text.clone(),
    };
    Reply::ok(ArchiveCheck {
        inspection_id: id,
        state: shown.inspection.state.clone(),
        complete: shown.checked.gaps.is_empty(),
        files: shown.checked.files.clone(),
        missing: shown.checked.gaps.iter().map(gap).collect(),
        retention_days: call.server.rules.retention.journal_days,
    })
    .into_answer()
}
