//! C2SP signed notes: checkpoints of the log, witness cosignatures with their time, and `.tlog-proof` files.
//!
//! Formats: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (Ed25519), c2sp.org/tlog-proof.

use super::bytes::{Hash, decimal, sha256};
use super::fault::{Fault, fault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Signature type of a log: plain Ed25519.
const LOG: u8 = 0x01;
/// Signature type of a cosigner: Ed25519 with a timestamp.
const COSIGNER: u8 = 0x04;
/// Most signature lines read from a note.
const SIGNATURES_MAX: usize = 64;

/// Standard base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Strict standard base64: padding and unused bits must be canonical.
#[must_use]
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().filter(|b| STANDARD.encode(b) == text)
}

/// Whether a key speaks for a log or for a cosigner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Signs checkpoints.
    Log,
    /// Cosigns checkpoints, with a time.
    Cosigner,
}

impl Speaker {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => LOG,
            Self::Cosigner => COSIGNER,
        }
    }
}

/// A public key with its name: `NAME+HASH+BASE64` (a "vkey").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// Key name, without spaces or plus signs.
    pub name: String,
    /// For whom it speaks.
    pub speaker: Speaker,
    key: VerifyingKey,
}

fn good_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

impl VerifierKey {
    /// The public half of a secret.
    ///
    /// # Errors
    /// The name has spaces or plus signs, or is empty.
    pub fn of_secret(name: &str, speaker: Speaker, secret: &[u8; 32]) -> Result<Self, Fault> {
        if good_name(name) {
            Ok(Self { name: name.to_owned(), speaker, key: SigningKey::from_bytes(secret).verifying_key() })
        } else {
            Err(fault!("key_name", "密钥名“{name}”不能为空,不能含空白和加号"))
        }
    }

    /// `SHA-256(name ‖ 0x0A ‖ type ‖ key)[..4]`.
    fn id(&self) -> [u8; 4] {
        let mut bytes = self.name.as_bytes().to_vec();
        bytes.extend_from_slice(&[b'\n', self.speaker.byte()]);
        bytes.extend_from_slice(self.key.as_bytes());
        let hash = sha256(&bytes);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Parses a vkey strictly.
    ///
    /// # Errors
    /// Not three parts, an unknown type, a wrong hash, or no Ed25519 key.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bad = || fault!("key", "验证公钥“{text}”格式不对,应为 名称+8位哈希+base64");
        let mut parts = text.splitn(3, '+');
        let (name, hash, key) =
            (parts.next().ok_or_else(bad)?, parts.next().ok_or_else(bad)?, parts.next().ok_or_else(bad)?);
        let bytes = unbase64(key).ok_or_else(bad)?;
        let speaker = match bytes.first() {
            Some(&LOG) => Speaker::Log,
            Some(&COSIGNER) => Speaker::Cosigner,
            _ => return Err(bad()),
        };
        let point: [u8; 32] = bytes[1..].try_into().map_err(|_| bad())?;
        let key = VerifyingKey::from_bytes(&point).map_err(|_| bad())?;
        let found = Self { name: name.to_owned(), speaker, key };
        if good_name(name) && hex::encode(found.id()) == hash { Ok(found) } else { Err(bad()) }
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = vec![self.speaker.byte()];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), base64(&bytes))
    }
}

/// The head of a log: which log, how many entries, which root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Identity of the log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root.
    pub root: Hash,
}

impl Checkpoint {
    /// The note's text: three lines.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let bad = || fault!("checkpoint", "检查点正文应为三行:日志名、条数、根");
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|l| !l.is_empty()).ok_or_else(bad)?;
        let size = lines.next().and_then(decimal).ok_or_else(bad)?;
        let root = lines.next().and_then(unbase64).and_then(|r| r.try_into().ok()).ok_or_else(bad)?;
        if lines.next() == Some("") && lines.next().is_none() {
            Ok(Self { origin: origin.to_owned(), size, root })
        } else {
            Err(bad())
        }
    }
}

/// A checkpoint with its signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// The head.
    pub checkpoint: Checkpoint,
    /// Signature lines: (key name, key id and signature).
    pub signatures: Vec<(String, Vec<u8>)>,
}

/// Message a cosigner signs: its time, then the checkpoint.
fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl SignedCheckpoint {
    /// Signs a head as a log named like its origin.
    ///
    /// # Errors
    /// The origin cannot be a key name.
    pub fn sign(checkpoint: Checkpoint, secret: &[u8; 32]) -> Result<Self, Fault> {
        let key = VerifierKey::of_secret(&checkpoint.origin, Speaker::Log, secret)?;
        let mut bytes = key.id().to_vec();
        bytes
            .extend_from_slice(&SigningKey::from_bytes(secret).sign(checkpoint.text().as_bytes()).to_bytes());
        Ok(Self { checkpoint, signatures: vec![(key.name, bytes)] })
    }

    /// Adds a cosignature of a given time.
    ///
    /// # Errors
    /// The name cannot be a key name.
    pub fn cosign(&mut self, name: &str, secret: &[u8; 32], time: u64) -> Result<(), Fault> {
        let key = VerifierKey::of_secret(name, Speaker::Cosigner, secret)?;
        let mut bytes = key.id().to_vec();
        bytes.extend_from_slice(&time.to_be_bytes());
        let message = cosigned(time, &self.checkpoint.text());
        bytes.extend_from_slice(&SigningKey::from_bytes(secret).sign(message.as_bytes()).to_bytes());
        self.signatures.push((key.name, bytes));
        Ok(())
    }

    /// The note as text.
    #[must_use]
    pub fn text(&self) -> String {
        use std::fmt::Write;
        let mut out = self.checkpoint.text() + "\n";
        for (name, bytes) in &self.signatures {
            let _ = writeln!(out, "— {name} {}", base64(bytes));
        }
        out
    }

    /// Parses a note strictly.
    ///
    /// # Errors
    /// Not a checkpoint with at least one signature line, or more than 64.
    pub fn parse(note: &str) -> Result<Self, Fault> {
        let bad = || fault!("checkpoint", "不是签名检查点(正文、空行、签名行)");
        let (text, lines) = note.split_once("\n\n").ok_or_else(bad)?;
        let checkpoint = Checkpoint::parse(&format!("{text}\n"))?;
        let mut signatures = Vec::new();
        for line in lines.strip_suffix('\n').ok_or_else(bad)?.split('\n') {
            let (name, bytes) = line.strip_prefix("— ").and_then(|l| l.split_once(' ')).ok_or_else(bad)?;
            let bytes = unbase64(bytes).filter(|b| b.len() > 4).ok_or_else(bad)?;
            if !good_name(name) || signatures.len() == SIGNATURES_MAX {
                return Err(bad());
            }
            signatures.push((name.to_owned(), bytes));
        }
        let parsed = Self { checkpoint, signatures };
        if parsed.text() == note { Ok(parsed) } else { Err(bad()) }
    }

    /// The signature lines of a key, without name and id.
    fn lines_of(&self, key: &VerifierKey) -> impl Iterator<Item = &[u8]> {
        let id = key.id();
        self.signatures
            .iter()
            .filter(move |(name, bytes)| *name == key.name && bytes[..4] == id)
            .map(|(_, bytes)| &bytes[4..])
    }

    /// Whether the log's key signed this head, and no line of that key is false.
    #[must_use]
    pub fn signed_by(&self, key: &VerifierKey) -> bool {
        let text = self.checkpoint.text();
        let mut any = false;
        for bytes in self.lines_of(key) {
            let Ok(signature) = Signature::from_slice(bytes) else { return false };
            if key.speaker != Speaker::Log || key.key.verify_strict(text.as_bytes(), &signature).is_err() {
                return false;
            }
            any = true;
        }
        any
    }

    /// The time at which a cosigner signed this head; `None` without a line of it, or when a line is false.
    #[must_use]
    pub fn cosigned_at(&self, key: &VerifierKey) -> Option<u64> {
        let mut first = None;
        for bytes in self.lines_of(key) {
            let (time, signature) = bytes.split_first_chunk::<8>()?;
            let time = u64::from_be_bytes(*time);
            let signature = Signature::from_slice(signature).ok()?;
            let message = cosigned(time, &self.checkpoint.text());
            if key.speaker != Speaker::Cosigner
                || key.key.verify_strict(message.as_bytes(), &signature).is_err()
            {
                return None;
            }
            first = Some(first.map_or(time, |t: u64| t.min(time)));
        }
        first
    }

    /// Whether every signature line belongs to one of the keys.
    #[must_use]
    pub fn only_by(&self, keys: &[&VerifierKey]) -> bool {
        self.signatures
            .iter()
            .all(|(name, bytes)| keys.iter().any(|k| *name == k.name && bytes[..4] == k.id()))
    }
}

/// A `.tlog-proof`: an entry is in the log under this checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Index of the entry.
    pub index: u64,
    /// Inclusion path, from the sibling upwards.
    pub path: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        use std::fmt::Write;
        let mut out = format!("c2sp.org/tlog-proof@v1\nindex {}\n", self.index);
        for hash in &self.path {
            let _ = writeln!(out, "{}", base64(hash));
        }
        out.push('\n');
        out + &self.checkpoint.text()
    }

    /// Parses a proof; `extra` lines are accepted and ignored, as the format demands.
    ///
    /// # Errors
    /// Not a tlog-proof.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bad = || fault!("tlog_proof", "不是 c2sp.org/tlog-proof@v1 证明");
        let rest = text.strip_prefix("c2sp.org/tlog-proof@v1\n").ok_or_else(bad)?;
        let (head, note) = rest.split_once("\n\n").ok_or_else(bad)?;
        let mut lines = head.split('\n').peekable();
        if let Some(extra) = lines.next_if(|l| l.starts_with("extra ")) {
            unbase64(&extra[6..]).ok_or_else(bad)?;
        }
        let index = lines.next().and_then(|l| l.strip_prefix("index ")).and_then(decimal).ok_or_else(bad)?;
        let path = lines
            .map(|l| unbase64(l).and_then(|h| h.try_into().ok()))
            .collect::<Option<Vec<Hash>>>()
            .filter(|p| p.len() <= 64)
            .ok_or_else(bad)?;
        Ok(Self { index, path, checkpoint: SignedCheckpoint::parse(note)? })
    }

    /// Whether an entry with these bytes is where the proof says, under its checkpoint's root.
    #[must_use]
    pub fn proves(&self, entry: &[u8]) -> bool {
        let head = &self.checkpoint.checkpoint;
        let leaf = super::merkle::leaf_hash(entry);
        super::merkle::root_from_path(leaf, self.index, head.size, &self.path) == Some(head.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_s_own_checkpoint_parses() {
        // The example of c2sp.org/tlog-cosignature, which carries one cosignature.
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        let parsed = SignedCheckpoint::parse(note).unwrap();
        assert_eq!(parsed.text(), note);
        assert_eq!(parsed.checkpoint.size, 20_852_163);
        // The timestamp the specification gives for this line.
        assert_eq!(parsed.signatures[1].1[4..12], 1_679_315_147_u64.to_be_bytes());
    }

    #[test]
    fn signatures_hold_for_their_key_their_text_and_their_time_only() {
        let head = Checkpoint { origin: "county.example/log".to_owned(), size: 3, root: [7; 32] };
        let mut note = SignedCheckpoint::sign(head, &[1; 32]).unwrap();
        note.cosign("notary.example", &[2; 32], 1_700_000_000).unwrap();
        let log = VerifierKey::of_secret("county.example/log", Speaker::Log, &[1; 32]).unwrap();
        let notary = VerifierKey::of_secret("notary.example", Speaker::Cosigner, &[2; 32]).unwrap();
        assert_eq!(VerifierKey::parse(&log.to_string()).unwrap(), log);
        let again = SignedCheckpoint::parse(&note.text()).unwrap();
        assert!(again.signed_by(&log) && again.only_by(&[&log, &notary]) && !again.only_by(&[&log]));
        assert_eq!(again.cosigned_at(&notary), Some(1_700_000_000));
        let text = note.text();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let Ok(other) = SignedCheckpoint::parse(&text) else { continue };
            let holds = other.signed_by(&log)
                && other.cosigned_at(&notary).is_some()
                && other.only_by(&[&log, &notary]);
            assert!(!holds, "byte {at}");
        }
    }

    #[test]
    fn vkeys_are_strict() {
        let key = VerifierKey::of_secret("a.example", Speaker::Cosigner, &[3; 32]).unwrap().to_string();
        for at in 0..key.len() {
            let mut bytes = key.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(String::from_utf8(bytes).is_ok_and(|t| VerifierKey::parse(&t).is_err()), "byte {at}");
        }
        assert!(VerifierKey::of_secret("a b", Speaker::Log, &[3; 32]).is_err());
    }
}
