//! Signed heads of the journal (c2sp.org/tlog-checkpoint) and proofs under them (c2sp.org/tlog-proof).

use super::tiles::TileSource;
use super::tree::{Head, inclusion};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::merkle;
use crate::domain::draw::note::{Checkpoint, SignedCheckpoint, Speaker, TlogProof, VerifierKey};

/// Signs a head with the journal's key; the key's name is the journal's origin.
///
/// # Errors
/// The origin is empty or has spaces or plus signs.
pub fn sign(origin: &str, head: &Head, secret: &[u8; 32]) -> Result<SignedCheckpoint, Fault> {
    SignedCheckpoint::sign(Checkpoint { origin: origin.to_owned(), size: head.size, root: head.root }, secret)
}

/// The public key of a journal, to be published as text.
///
/// # Errors
/// As [`sign`].
pub fn verifier(origin: &str, secret: &[u8; 32]) -> Result<VerifierKey, Fault> {
    VerifierKey::of_secret(origin, Speaker::Log, secret)
}

/// The head a note states, after its signature has been checked.
///
/// # Errors
/// The key did not sign it, or it is a checkpoint of another log.
pub fn open(note: &SignedCheckpoint, key: &VerifierKey) -> Result<Head, Fault> {
    if note.checkpoint.origin != key.name {
        return Err(fault!(
            "checkpoint_origin",
            "检查点属于日志“{}”,不是“{}”",
            note.checkpoint.origin,
            key.name
        ));
    }
    if !note.signed_by(key) {
        return Err(fault!(
            "checkpoint_signature",
            "检查点(条数{})没有“{}”的有效签名",
            note.checkpoint.size,
            key.name
        ));
    }
    Ok(Head { size: note.checkpoint.size, root: note.checkpoint.root })
}

/// The proof that leaf `index` is in the log of a checkpoint.
///
/// # Errors
/// As [`inclusion`]; or the tiles do not lead to the checkpoint's root.
pub fn inclusion_proof<T: TileSource>(
    index: u64,
    leaf: &Hash,
    note: &SignedCheckpoint,
    tiles: &mut T,
) -> Result<TlogProof, T::Error> {
    let head = &note.checkpoint;
    let path = inclusion(index, head.size, tiles)?;
    // A wrong proof handed out would look like a falsified log to whoever checks it.
    if merkle::root_from_path(*leaf, index, head.size, &path) != Some(head.root) {
        return Err(fault!("tiles_disagree", "第{index}条的路径与检查点的根不符;请运行日志核验").into());
    }
    Ok(TlogProof { index, path, checkpoint: note.clone() })
}

/// Whether a consistency proof shows that `new` continues `old`.
#[must_use]
pub fn continues(old: &Head, new: &Head, proof: &[Hash]) -> bool {
    merkle::consistent(old.size, &old.root, new.size, &new.root, proof)
}
