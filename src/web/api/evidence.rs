//! Evidence: photographs and papers of a visit.

use crate::domain::evidence::{MOST_BYTES, Media};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::results::evidence::{self, Looked};
use crate::store::results::Evidence;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A piece of evidence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Identifier.
    pub id: Id,
    /// Visit.
    pub visit_id: Id,
    /// Task; none: of the visit as a whole.
    pub task_id: Option<Id>,
    /// Department whose evidence it is.
    pub department_id: Id,
    /// Name of the file.
    pub name: String,
    /// Media type, as its content says.
    pub media_type: String,
    /// Length.
    pub bytes: i64,
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// Who handed it in.
    pub user_id: Id,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl From<Evidence> for EvidenceView {
    fn from(e: Evidence) -> Self {
        Self {
            id: e.id,
            visit_id: e.visit_id,
            task_id: e.task_id,
            department_id: e.department_id,
            name: e.name,
            media_type: e.media_type,
            bytes: e.bytes,
            sha256: e.sha256,
            user_id: e.user_id,
            created_at: e.created_at.0,
        }
    }
}

/// What the file is.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EvidenceQuery {
    /// Task; absent: of the visit as a whole.
    pub task_id: Option<Id>,
    /// Name of the file.
    #[param(max_length = 200)]
    pub name: String,
}

/// `POST /api/v1/visits/{id}/evidence`: JPEG, PNG or PDF, at most 10 MiB.
///
/// # Errors
/// Not an officer of the team; the visit has not begun; another kind of file; too large.
pub fn add(call: &Call, id: Id, query: EvidenceQuery, bytes: Vec<u8>) -> Result<Answer> {
    call.read(|cx| evidence::may_add(cx, id))?;
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge(MOST_BYTES));
    }
    let media = Media::of(&bytes)
        .ok_or_else(|| Error::Unsupported("只能提交 JPEG、PNG 图片或 PDF 文件(以文件内容为准)".to_owned()))?;
    // Kept before it is in the database: a row never stands for a file that is not there.
    let sha256 = call.server.files.put(&bytes).map_err(|e| Error::unavailable(&e))?;
    let file = Looked { media, bytes: bytes.len(), sha256 };
    call.write(move |cx| {
        let row = evidence::add(cx, id, query.task_id, &query.name, &file)?;
        let place = format!("/api/v1/evidence/{}", row.id);
        Ok(Reply::created(EvidenceView::from(row), place))
    })
}

/// The bytes of a piece of evidence.
#[derive(Debug, Clone)]
pub struct EvidenceBytes {}

crate::describe_files!(EvidenceBytes: "image/jpeg", "image/png", "application/pdf");

/// `GET /api/v1/evidence/{id}`
///
/// # Errors
/// Not visible; the file is gone from the disk or is not what it was.
pub fn get(call: &Call, id: Id, _: NoQuery) -> Result<Answer> {
    let row = call.read(|cx| evidence::get(cx, id))?;
    let media = Media::parse(&row.media_type).ok_or_else(|| Error::internal("media type"))?;
    let bytes = call
        .server
        .files
        .get(&row.sha256)
        .ok_or_else(|| Error::internal(&format!("evidence {} is missing or was changed", row.sha256)))?;
    let name = Some(format!("{}.{}", &row.sha256[..16], media.ending()));
    Ok(Reply::ok(File { bytes, content_type: media.as_str(), name }).into_file())
}
