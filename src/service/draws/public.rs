//! What anybody may see of draws: the list of all attempts, the bundle as `onedoor verify` reads it, and why one
//! business was or was not drawn.

use super::super::cx::Cx;
use super::super::privacy;
use super::{SUBJECTS, embargo, load_for};
use crate::domain::access::Action;
use crate::domain::draw::bundle::Bundle;
use crate::domain::draw::verify::check::{Asked, Explanation, explain};
use crate::domain::planning::token;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::store::draws::{self, Draw, Summary};
use std::collections::BTreeSet;

/// The draws of the county, newest first, aborted ones among them.
///
/// # Errors
/// The database.
pub fn list(cx: &mut Cx<'_>, after: Option<Id>, limit: i64) -> Result<Vec<Summary>> {
    let region = cx.region().to_owned();
    let mut rows = draws::list(cx.db, &region, after, limit)?;
    for row in &mut rows {
        row.reason = privacy::remark(cx, &row.reason)?;
    }
    Ok(rows)
}

/// Which of these draws end at their seal for now, because unannounced visits wait.
///
/// # Errors
/// The database.
pub fn held_back(cx: &mut Cx<'_>, rows: &[Summary]) -> Result<BTreeSet<Id>> {
    let asked: Vec<_> =
        rows.iter().map(|d| (d.id, d.inspection_id, d.policy.as_str(), d.state.as_str(), d.round)).collect();
    embargo::held_draws(cx, &asked)
}

/// A draw whose public part is asked for: up to its seal while unannounced visits wait.
///
/// # Errors
/// There is none; a later round that is held back.
pub fn get(cx: &mut Cx<'_>, id: Id) -> Result<Draw> {
    let draw = draws::need(cx.db, id)?;
    if draw.region != cx.region() {
        return Err(Error::NotFound("抽取"));
    }
    embargo::covered(cx, draw)
}

/// Why a business was or was not drawn, from public data only; `number` is its place in the pool, which only it knows.
///
/// # Errors
/// There is no such draw; nothing can be said yet.
pub fn check(draw: &Draw, id: Option<&str>, number: Option<u64>) -> Result<Explanation> {
    let bundle = Bundle::parse(&draw.public).map_err(|f| Error::internal(&f))?;
    let asked = match (id.map(str::trim).filter(|id| !id.is_empty()), number) {
        (_, Some(number)) => Asked::Number(number),
        (Some(id), None) => {
            let upper = id.to_ascii_uppercase();
            let plain =
                crate::domain::uscc::check(&upper).is_ok() || id.starts_with("R:") || id.starts_with("X:");
            Asked::Id(if plain {
                token(if id.contains(':') { id } else { &upper })
            } else {
                token(&format!("R:{id}"))
            })
        }
        (None, None) => {
            return Err(Error::field("id", "required", "请给出统一社会信用代码、注册号,或名录编号(number)"));
        }
    };
    match explain(&bundle, None, &asked) {
        Ok((_, explanation)) => Ok(explanation),
        Err(f) if f.code == "number_beyond" => Err(Error::field("number", f.code, f.text)),
        Err(f) if f.code == "bundle_failed" => Err(Error::internal(&f)),
        Err(f) => Err(Error::Refused { code: "no_outcome", text: f.text, state: Some(draw.state.clone()) }),
    }
}

/// The bundle for auditors: with the list, its key and the inspectors. Only once the draw has ended.
///
/// # Errors
/// Not allowed; the draw goes on.
pub fn audit(cx: &mut Cx<'_>, key: &Key, id: Id) -> Result<Vec<u8>> {
    let c = load_for(cx, key, id, Action::AuditDraw)?;
    if !c.session.finished() {
        return Err(Error::wrong_state(c.draw.state, "抽取尚未结束,审计材料在结束后提供"));
    }
    debug_assert_eq!(c.draw.purpose, SUBJECTS);
    Ok(c.session.audit_bundle().to_bytes())
}
