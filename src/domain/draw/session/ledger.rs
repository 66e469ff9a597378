//! The log of a draw in progress: entries, signed checkpoints, cosignatures, proofs.

use super::{Session, Step, refuse};
use crate::domain::draw::bundle::entries;
use crate::domain::draw::bytes::unhex_n;
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::merkle;
use crate::domain::draw::note::{Checkpoint, SignedCheckpoint, TlogProof, VerifierKey, base64};
use crate::domain::draw::record::parse_record;

impl Session {
    /// Appends a record to the log, signs the new checkpoint and takes the time.
    pub(super) fn append(&mut self, name: &str, bytes: &[u8], now: u64) -> Step {
        let last = self.public.log.witnessed.last().map_or(0, |w| w.1);
        if now < last {
            return refuse("clock", format!("时钟倒退:现在{now},上一步{last};请校准时钟"));
        }
        let text = String::from_utf8(bytes.to_vec()).unwrap_or_default();
        parse_record(bytes).map_err(|f| vec![f])?;
        let note = self.checkpoint_with(bytes, now)?;
        let records = &mut self.public.records;
        match name {
            "pool_subjects" => records.pool_subjects = text,
            "pool_inspectors" => records.pool_inspectors = text,
            "open" => records.open = text,
            "seal" => records.seal = Some(text),
            "reveal" => records.reveal = Some(text),
            "beacon" => records.beacon = Some(text),
            "result" => records.result = Some(text),
            "publish" => records.publish = Some(text),
            _ => records.abort = Some(text),
        }
        self.public.log.entries.push(base64(bytes));
        self.public.log.root = hex::encode(note.checkpoint.root);
        self.public.log.checkpoints.push(note.text());
        if self.private.cosign_key.is_some() {
            // Our own cosigner stands alone, so its time is the quorum's.
            self.public.log.witnessed.push((note.checkpoint.size, now));
        }
        Ok(())
    }

    /// The signed checkpoint after one more entry.
    pub(super) fn checkpoint_with(&self, entry: &[u8], now: u64) -> Result<SignedCheckpoint, Vec<Fault>> {
        let mut entries = entries(&self.public.log).map_err(|f| vec![f])?;
        entries.push(entry.to_vec());
        let broken = || vec![fault!("private", "私密文件中的日志密钥损坏")];
        let key = self.public.log.key.as_deref().map(VerifierKey::parse);
        let origin = key.and_then(Result::ok).ok_or_else(broken)?.name;
        let secret = unhex_n(&self.private.log_key).ok_or_else(broken)?;
        let head = Checkpoint {
            origin: origin.clone(),
            size: entries.len() as u64,
            root: merkle::root_of(&entries),
        };
        let mut note = SignedCheckpoint::sign(head, &secret).map_err(|f| vec![f])?;
        if let Some(own) = self.private.cosign_key.as_deref() {
            let secret = unhex_n(own).ok_or_else(broken)?;
            note.cosign(&own_cosigner(&origin), &secret, now).map_err(|f| vec![f])?;
        }
        Ok(note)
    }

    /// Derives the witnessed times from the cosignatures.
    pub(super) fn rewitness(&mut self) {
        let keys: Vec<VerifierKey> =
            self.public.log.cosigners.iter().filter_map(|k| VerifierKey::parse(k).ok()).collect();
        let quorum = self.public.log.quorum.and_then(|q| usize::try_from(q).ok()).unwrap_or(1).max(1);
        self.public.log.witnessed = self
            .public
            .log
            .checkpoints
            .iter()
            .filter_map(|text| SignedCheckpoint::parse(text).ok())
            .filter_map(|note| {
                let mut times: Vec<u64> = keys.iter().filter_map(|k| note.cosigned_at(k)).collect();
                times.sort_unstable();
                times.get(quorum - 1).map(|t| (note.checkpoint.size, *t))
            })
            .collect();
    }

    /// Takes over the cosignatures of a checkpoint that outside cosigners have signed.
    ///
    /// # Errors
    /// Not one of our checkpoints, or no line by a known cosigner that verifies.
    pub fn add_cosignatures(&mut self, note: &str) -> Result<usize, Vec<Fault>> {
        let note = SignedCheckpoint::parse(note).map_err(|f| vec![f])?;
        let keys: Vec<VerifierKey> =
            self.public.log.cosigners.iter().filter_map(|k| VerifierKey::parse(k).ok()).collect();
        for text in &mut self.public.log.checkpoints {
            let Ok(mut own) = SignedCheckpoint::parse(text) else { continue };
            if own.checkpoint != note.checkpoint {
                continue;
            }
            let mut added = 0;
            for key in &keys {
                let line = SignedCheckpoint {
                    checkpoint: note.checkpoint.clone(),
                    signatures: note.signatures.iter().filter(|s| s.0 == key.name).cloned().collect(),
                };
                if own.cosigned_at(key).is_none() && line.cosigned_at(key).is_some() && line.only_by(&[key]) {
                    own.signatures.extend(line.signatures);
                    added += 1;
                }
            }
            if added == 0 {
                return Err(vec![fault!(
                    "cosign",
                    "检查点上没有新的、有效的联署(须由开启时登记的联署人签署)"
                )]);
            }
            *text = own.text();
            self.rewitness();
            return Ok(added);
        }
        Err(vec![fault!("cosign", "这个检查点不是本日志的检查点")])
    }

    /// The proof that a record is in the log, under the newest checkpoint.
    #[must_use]
    pub fn proof(&self, record: &str) -> Option<TlogProof> {
        let entries = entries(&self.public.log).ok()?;
        let index = entries.iter().rposition(|e| e == record.as_bytes())?;
        let checkpoint = SignedCheckpoint::parse(self.public.log.checkpoints.last()?).ok()?;
        let leaves = entries.iter().map(|e| merkle::leaf_hash(e)).collect();
        Some(TlogProof { index: index as u64, path: merkle::path(leaves, index)?, checkpoint })
    }
}

/// Name of the machine's own cosigner.
pub(super) fn own_cosigner(origin: &str) -> String {
    format!("{origin}/clock")
}
