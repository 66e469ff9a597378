//! What a verifier knows from elsewhere - a printed number, a checkpoint kept from before, keys it trusts - held
//! against a bundle. Without it a bundle can only be consistent with itself.

use super::Report;
use crate::domain::draw::bundle::{Bundle, entries};
use crate::domain::draw::bytes::{Hash, sha256};
use crate::domain::draw::merkle;
use crate::domain::draw::note::{SignedCheckpoint, VerifierKey};

/// Anchors of trust; what is absent is not checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// The `draw_id` printed or published elsewhere.
    pub draw_id: Option<Hash>,
    /// vkey of the log.
    pub log_key: Option<String>,
    /// vkeys of trusted cosigners.
    pub cosigners: Vec<String>,
    /// How many trusted cosigners a time needs; 0 = as the bundle says.
    pub quorum: u64,
    /// A checkpoint of the log kept from before.
    pub checkpoint: Option<String>,
}

/// Adds the statements that follow from anchors of trust.
pub fn hold(report: &mut Report, bundle: &Bundle, trust: &Trust) {
    if let Some(id) = trust.draw_id {
        report.check(
            sha256(bundle.records.open.as_bytes()) == id,
            "trust_draw",
            "抽取编号(draw_id)与所给编号一致".to_owned(),
            "抽取编号(draw_id)与所给编号不同:这是另一次抽取".to_owned(),
        );
    }
    if let Some(key) = &trust.log_key {
        report.check(
            bundle.log.key.as_ref() == Some(key),
            "trust_log",
            "日志公钥就是所信任的公钥".to_owned(),
            "日志公钥不是所信任的公钥".to_owned(),
        );
    }
    if !trust.cosigners.is_empty() {
        let strangers: Vec<&String> =
            bundle.log.cosigners.iter().filter(|k| !trust.cosigners.contains(k)).collect();
        report.check(
            strangers.is_empty() && !bundle.log.cosigners.is_empty(),
            "trust_cosigners",
            "联署人都在信任名单内".to_owned(),
            format!("联署人不在信任名单内({}个),见证时间不可信", strangers.len()),
        );
    }
    if trust.quorum > 0 {
        report.check(
            bundle.log.quorum.is_some_and(|q| q >= trust.quorum),
            "trust_quorum",
            format!("见证时间由至少{}人联署得出", trust.quorum),
            format!("见证时间的联署人数少于要求的{}人", trust.quorum),
        );
    }
    if let Some(note) = &trust.checkpoint {
        checkpoint(report, bundle, note);
    }
}

/// A log only grows: an older checkpoint must be its beginning.
fn checkpoint(report: &mut Report, bundle: &Bundle, note: &str) {
    let (Ok(note), Ok(entries)) = (SignedCheckpoint::parse(note), entries(&bundle.log)) else {
        report.fail("trust_checkpoint", "所给检查点或日志读不懂");
        return;
    };
    let head = &note.checkpoint;
    let key = bundle.log.key.as_deref().and_then(|k| VerifierKey::parse(k).ok());
    let same_log = key.as_ref().is_none_or(|k| k.name == head.origin && note.signed_by(k));
    let size = usize::try_from(head.size).unwrap_or(usize::MAX);
    let root = entries.get(..size).map(merkle::root_of);
    report.check(
        same_log && root == Some(head.root),
        "trust_checkpoint",
        format!("日志是所给检查点(前{}条)的延续,没有改写", head.size),
        format!("日志与所给检查点(前{}条)不一致:日志被改写、截短,或是另一本日志", head.size),
    );
}
