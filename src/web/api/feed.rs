//! The Atom feed, and why a business was or was not drawn.

use super::draws::{DrawCheck, shown};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::draws::public;
use crate::service::oversight::feed as service;
use crate::web::call::Call;
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, File, Reply};
use serde::Deserialize;
use utoipa::IntoParams;

/// An Atom document.
#[derive(Debug, Clone)]
pub struct AtomBytes {}

crate::describe_files!(AtomBytes: "application/atom+xml; charset=utf-8");

/// `GET /api/v1/public/feed.atom`: the newest publications, announcements and draws (RFC 4287).
///
/// # Errors
/// The database.
pub fn feed(call: &Call, (): (), _: NoQuery) -> Result<Answer> {
    let most = call.server.rules.oversight.feed_entries;
    let feed = call.read(service::feed)?;
    let bytes = feed.xml(usize::try_from(most).unwrap_or(usize::MAX)).into_bytes();
    let file = File { bytes, content_type: "application/atom+xml; charset=utf-8", name: None };
    Ok(Reply::ok(file).into_file().shared())
}

/// Who asks.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct WhyQuery {
    /// Credit code or registration number.
    #[param(max_length = 128)]
    pub number: String,
}

/// `GET /api/v1/public/draws/{id}/why`: why the business with this credit code or registration number was or was not
/// drawn, from what is public about the draw and nothing else: of an embargo nothing before it ends, of a business that
/// was not drawn not even whether it was in the pool. With its number in the pool, from the paper it got before the draw,
/// a business learns the rest at `check`.
///
/// # Errors
/// There is no such draw; nothing can be said yet.
pub fn why(call: &Call, id: Id, query: WhyQuery) -> Result<Answer> {
    if query.number.trim().is_empty() {
        return Err(Error::field("number", "required", "请给出统一社会信用代码或注册号"));
    }
    let draw = call.read(|cx| public::get(cx, id))?;
    let explanation = public::check(&draw, Some(&query.number), None)?;
    Ok(Reply::<DrawCheck>::ok(shown(explanation)).into_answer()?.shared())
}
