//! The records between opening and result: `seal`, `reveal`, `beacon`, `publish`, `abort`.

use super::line::{Reader, Writer, hex_or_none};
use super::open::{BeaconKind, BeaconRef};
use crate::domain::draw::bytes::Hash;
use crate::domain::draw::fault::Fault;
use std::collections::HashSet;

/// Longest witness value in bytes (section 2.2).
pub const VALUE_MAX: usize = 256;
/// Longest beacon proof in bytes; drand's is 48, NIST's 64, a lottery text far below.
pub const PROOF_MAX: usize = 256;

/// `vdr/1/seal`: what each witness committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The draw.
    pub draw: Hash,
    /// (witness, commitment) in the order of the opening.
    pub witnesses: Vec<(String, Hash)>,
}

impl Seal {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/seal");
        w.line("draw", &[&hex::encode(self.draw)]);
        for (id, commitment) in &self.witnesses {
            w.line("witness", &[id, &hex::encode(commitment)]);
        }
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; a witness twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/seal")?;
        let draw = r.hash("draw")?;
        let (mut witnesses, mut seen) = (Vec::new(), HashSet::new());
        while r.at("witness") {
            let [id, commitment] = r.fields("witness")?;
            if !seen.insert(id) {
                return Err(r.refuse("见证人重复"));
            }
            witnesses.push((r.as_token(id)?, r.as_hash(commitment)?));
        }
        r.end()?;
        Ok(Self { draw, witnesses })
    }
}

/// A witness's opened card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Witness.
    pub id: String,
    /// Salt from the form.
    pub salt: [u8; 16],
    /// What was written, 1 to 256 bytes of UTF-8 or anything else.
    pub value: Vec<u8>,
}

impl Opening {
    fn write(&self, w: &mut Writer) {
        w.line("witness", &[&self.id, &hex::encode(self.salt), &hex::encode(&self.value)]);
    }

    fn parse_all(r: &mut Reader<'_>) -> Result<Vec<Self>, Fault> {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        while r.at("witness") {
            let [id, salt, value] = r.fields("witness")?;
            if !seen.insert(id) {
                return Err(r.refuse("见证人重复"));
            }
            let salt = r.as_bytes(salt, 16)?;
            let salt = salt.try_into().map_err(|_| r.refuse("盐须为16字节(32位十六进制)"))?;
            all.push(Self { id: r.as_token(id)?, salt, value: r.as_bytes(value, VALUE_MAX)? });
        }
        Ok(all)
    }
}

/// `vdr/1/reveal`: the opened commitments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reveal {
    /// The draw.
    pub draw: Hash,
    /// Digest of the seal record.
    pub seal: Hash,
    /// The server secret; `None` exactly in embargo draws.
    pub server: Option<[u8; 32]>,
    /// Opened cards in the order of the opening.
    pub witnesses: Vec<Opening>,
}

impl Reveal {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/reveal");
        w.line("draw", &[&hex::encode(self.draw)]);
        w.line("seal", &[&hex::encode(self.seal)]);
        w.line("server", &[&hex_or_none(self.server.as_ref())]);
        for opening in &self.witnesses {
            opening.write(&mut w);
        }
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; a witness twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/reveal")?;
        let (draw, seal) = (r.hash("draw")?, r.hash("seal")?);
        let server = r.hash_or_none("server")?;
        let witnesses = Opening::parse_all(&mut r)?;
        r.end()?;
        Ok(Self { draw, seal, server, witnesses })
    }
}

/// One beacon with its proof: the bytes from which its value follows (section 2.4). They are hex in the record for
/// every kind: the signature for drand, `outputValue` for NIST, the canonical text for a lottery, the text for `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconProof {
    /// Which beacon.
    pub beacon: BeaconRef,
    /// Proof bytes, 1 to 256.
    pub proof: Vec<u8>,
}

/// `vdr/1/beacon`: the values of all beacons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    /// The draw.
    pub draw: Hash,
    /// Beacons in the order of the opening.
    pub beacons: Vec<BeaconProof>,
}

impl Beacon {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/beacon");
        w.line("draw", &[&hex::encode(self.draw)]);
        for b in &self.beacons {
            w.line("beacon", &[&b.beacon.kind.word(), &b.beacon.reference, &hex::encode(&b.proof)]);
        }
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; a beacon twice; no beacon at all.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/beacon")?;
        let draw = r.hash("draw")?;
        let (mut beacons, mut seen) = (Vec::new(), HashSet::new());
        while r.at("beacon") {
            let [kind, reference, proof] = r.fields("beacon")?;
            if !seen.insert((kind, reference)) {
                return Err(r.refuse("信标重复"));
            }
            let kind = BeaconKind::of(kind).ok_or_else(|| r.refuse("信标种类不认识"))?;
            beacons.push(BeaconProof {
                beacon: BeaconRef::new(kind, reference)?,
                proof: r.as_bytes(proof, PROOF_MAX)?,
            });
        }
        if beacons.is_empty() {
            return Err(r.refuse("信标记录至少要有一个 beacon 行"));
        }
        r.end()?;
        Ok(Self { draw, beacons })
    }
}

/// `vdr/1/publish`: the server secret of an embargo draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The draw.
    pub draw: Hash,
    /// Digest of the result record.
    pub result: Hash,
    /// The server secret.
    pub server: [u8; 32],
}

impl Publish {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/publish");
        w.line("draw", &[&hex::encode(self.draw)]);
        w.line("result", &[&hex::encode(self.result)]);
        w.line("server", &[&hex::encode(self.server)]);
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/publish")?;
        let (draw, result, server) = (r.hash("draw")?, r.hash("result")?, r.hash("server")?);
        r.end()?;
        Ok(Self { draw, result, server })
    }
}

/// `vdr/1/abort`: the end of a draw without a result (Rule A).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abort {
    /// The draw.
    pub draw: Hash,
    /// Reason code.
    pub reason: String,
    /// The server secret.
    pub server: [u8; 32],
    /// The witness values at hand, in the order of the opening.
    pub witnesses: Vec<Opening>,
    /// Digest of the result record that would have been; must be given when all entropy is known.
    pub would_be: Option<Hash>,
}

impl Abort {
    /// The exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new("vdr/1/abort");
        w.line("draw", &[&hex::encode(self.draw)]);
        w.line("reason", &[&self.reason]);
        w.line("server", &[&hex::encode(self.server)]);
        for opening in &self.witnesses {
            opening.write(&mut w);
        }
        w.line("would-be", &[&hex_or_none(self.would_be.as_ref())]);
        w.bytes()
    }

    /// Parses strictly.
    ///
    /// # Errors
    /// Anything the grammar does not allow; a witness twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut r = Reader::new(bytes, "vdr/1/abort")?;
        let (draw, reason, server) = (r.hash("draw")?, r.token("reason")?, r.hash("server")?);
        let witnesses = Opening::parse_all(&mut r)?;
        let would_be = r.hash_or_none("would-be")?;
        r.end()?;
        Ok(Self { draw, reason, server, witnesses, would_be })
    }
}
