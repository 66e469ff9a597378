//! Commitments, opened entropy and the seed (VDR/1 section 2.4).

use super::bytes::{Hash, put_lp, tagged};
use super::record::{BeaconRef, Open, Opening};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// Commitment to the server secret: `TH("vdr/1/server", authority, plan, u32 seq, u32 round, S)`.
#[must_use]
pub fn server_commitment(authority: &str, plan: &str, seq: u32, round: u32, secret: &[u8; 32]) -> Hash {
    tagged(
        "vdr/1/server",
        &[authority.as_bytes(), plan.as_bytes(), &seq.to_be_bytes(), &round.to_be_bytes(), secret],
    )
}

/// Whether a server secret opens the commitment of an opening.
#[must_use]
pub fn opens_server(open: &Open, secret: &[u8; 32]) -> bool {
    server_commitment(&open.authority, &open.plan, open.seq, open.round, secret) == open.server
}

/// Commitment of a witness: `TH("vdr/1/witness", draw_id, id, salt, value)`.
#[must_use]
pub fn witness_commitment(draw_id: &Hash, opening: &Opening) -> Hash {
    tagged("vdr/1/witness", &[draw_id, opening.id.as_bytes(), &opening.salt, &opening.value])
}

/// A beacon's value, already derived from its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconValue {
    /// Which beacon.
    pub beacon: BeaconRef,
    /// Its value.
    pub value: Vec<u8>,
}

/// Everything that was unknown when a draw was opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Entropy {
    /// The server secret.
    pub server: [u8; 32],
    /// Opened witness cards in the order of the opening.
    pub witnesses: Vec<Opening>,
    /// Beacon values in the order of the opening.
    pub beacons: Vec<BeaconValue>,
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.server.zeroize();
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(..)")
    }
}

impl Entropy {
    /// `IKM = lp("vdr/1/entropy") ‖ lp(SHA-256(seal)) ‖ lp(S) ‖ u32(m) ‖ Σ(lp(id) ‖ lp(salt) ‖ lp(value)) ‖ u32(b) ‖
    /// Σ(lp(kind) ‖ lp(ref) ‖ lp(value))`.
    #[must_use]
    pub fn keying_material(&self, seal: &Hash) -> Vec<u8> {
        let mut ikm = Vec::with_capacity(256);
        put_lp(&mut ikm, b"vdr/1/entropy");
        put_lp(&mut ikm, seal);
        put_lp(&mut ikm, &self.server);
        ikm.extend_from_slice(&u32::try_from(self.witnesses.len()).unwrap_or(u32::MAX).to_be_bytes());
        for w in &self.witnesses {
            put_lp(&mut ikm, w.id.as_bytes());
            put_lp(&mut ikm, &w.salt);
            put_lp(&mut ikm, &w.value);
        }
        ikm.extend_from_slice(&u32::try_from(self.beacons.len()).unwrap_or(u32::MAX).to_be_bytes());
        for b in &self.beacons {
            put_lp(&mut ikm, b.beacon.kind.word().as_bytes());
            put_lp(&mut ikm, b.beacon.reference.as_bytes());
            put_lp(&mut ikm, &b.value);
        }
        ikm
    }

    /// `seed = HKDF-Extract(salt = draw_id, IKM)`, 32 bytes; `seal` is the digest of the seal record.
    #[must_use]
    pub fn seed(&self, draw_id: &Hash, seal: &Hash) -> [u8; 32] {
        extract(draw_id, &self.keying_material(seal))
    }
}

/// HKDF-Extract of RFC 5869 with SHA-256: `HMAC(salt, ikm)`.
#[must_use]
pub fn extract(salt: &[u8], ikm: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so the error arm is dead.
    Hmac::<Sha256>::new_from_slice(salt).map_or([0; 32], |mut mac| {
        mac.update(ikm);
        mac.finalize().into_bytes().into()
    })
}

/// What an embargo result shows instead of the seed: `TH("vdr/1/seed", draw_id, seed)`. The protocol names the line
/// and leaves its bytes open; the seed has 256 bits of entropy while the server secret is hidden, so it needs no salt.
#[must_use]
pub fn seed_commitment(draw_id: &Hash, seed: &[u8; 32]) -> Hash {
    tagged("vdr/1/seed", &[draw_id, seed])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extract_is_rfc_5869_case_1() {
        let prk = extract(&(0..=0x0c).collect::<Vec<u8>>(), &[0x0b; 22]);
        assert_eq!(hex::encode(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
        let mut okm = [0; 42];
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        hkdf::Hkdf::<Sha256>::from_prk(&prk).unwrap().expand(&info, &mut okm).unwrap();
        assert!(
            hex::encode(okm).starts_with("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
        );
    }
}
