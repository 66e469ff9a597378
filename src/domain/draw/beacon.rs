//! Public beacons: what their proofs must look like and which values follow (VDR/1 section 2.4).

use super::bytes::{decimal, sha256, unhex_n};
use super::fault::{Fault, fault};
use super::record::{BeaconKind, BeaconProof, BeaconRef};
use blst::BLST_ERROR;
use blst::min_sig::{PublicKey, Signature};
use sha2::{Digest, Sha256};

/// Public key of drand quicknet (chain 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971), pinned by
/// the protocol.
const QUICKNET_KEY: &str = "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a";
/// Time of quicknet's round 1, seconds since 1970 UTC.
const QUICKNET_GENESIS: u64 = 1_692_803_367;
/// Seconds between rounds of quicknet.
const QUICKNET_PERIOD: u64 = 3;
/// Domain separation of quicknet's scheme (`bls-unchained-g1-rfc9380`).
const QUICKNET_DST: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/// Longest lottery text in bytes.
const LOTTERY_MAX: usize = 128;

/// When a beacon's value becomes known, seconds since 1970 UTC; `None` where the reference does not tell (a lottery,
/// a text, NIST) or the round lies beyond all time.
#[must_use]
pub fn time_of(beacon: &BeaconRef) -> Option<u64> {
    if beacon.kind != BeaconKind::DrandQuicknet {
        return None;
    }
    let round = decimal(&beacon.reference)?;
    QUICKNET_GENESIS.checked_add(QUICKNET_PERIOD.checked_mul(round.checked_sub(1)?)?)
}

/// The first quicknet round at or after a time; round 1 before its genesis.
#[must_use]
pub fn quicknet_round_at(time: u64) -> u64 {
    time.saturating_sub(QUICKNET_GENESIS).div_ceil(QUICKNET_PERIOD) + 1
}

/// Whether anybody can check the value without trusting the operator who typed it. Only such beacons make a `public`
/// draw (section 2.14): drand proves itself, NIST and lotteries are published elsewhere; a text is neither.
#[must_use]
pub const fn is_public(kind: BeaconKind) -> bool {
    !matches!(kind, BeaconKind::Text)
}

/// The value of a beacon from its proof, after checking the proof.
///
/// # Errors
/// The signature does not verify, or the proof has not the form of its kind.
pub fn value(proof: &BeaconProof) -> Result<Vec<u8>, Fault> {
    let BeaconProof { beacon, proof } = proof;
    match beacon.kind {
        BeaconKind::DrandQuicknet => {
            let round = decimal(&beacon.reference)
                .ok_or_else(|| fault!("beacon_ref", "drand 轮次“{}”不是数", beacon.reference))?;
            quicknet_verify(round, proof)?;
            Ok(sha256(proof).to_vec())
        }
        BeaconKind::Nist2 if proof.len() == 64 => Ok(proof.clone()),
        BeaconKind::Nist2 => Err(fault!("beacon_proof", "nist2 的 outputValue 须为64字节")),
        BeaconKind::Lottery => {
            let text = std::str::from_utf8(proof).unwrap_or_default();
            check_lottery(text)?;
            Ok(proof.clone())
        }
        BeaconKind::Text => {
            if std::str::from_utf8(proof).is_ok_and(|t| !t.is_empty()) {
                Ok(proof.clone())
            } else {
                Err(fault!("beacon_proof", "text 信标的内容须为非空UTF-8文本"))
            }
        }
    }
}

/// Checks a quicknet signature (48 bytes, on G1) over SHA-256 of the round as a big-endian u64.
///
/// # Errors
/// The bytes are no point of the group, or the signature is not the network's.
pub fn quicknet_verify(round: u64, signature: &[u8]) -> Result<(), Fault> {
    let bad = || fault!("beacon_signature", "drand quicknet 第{round}轮的签名验证不通过,请核对轮次和签名");
    if signature.len() != 48 {
        return Err(fault!("beacon_signature", "drand quicknet 的签名须为48字节"));
    }
    let key = unhex_n::<96>(QUICKNET_KEY).ok_or_else(bad)?;
    let key = PublicKey::key_validate(&key).map_err(|_| bad())?;
    let point = Signature::sig_validate(signature, true).map_err(|_| bad())?;
    let message = Sha256::digest(round.to_be_bytes());
    match point.verify(false, &message, QUICKNET_DST, &[], &key, false) {
        BLST_ERROR::BLST_SUCCESS => Ok(()),
        _ => Err(bad()),
    }
}

/// Checks the canonical text of a lottery: numbers in drawn order, two digits each, separated by `.`; special balls
/// after one `+`. Example: `07.12.03.29.18.33+09`.
///
/// # Errors
/// The text has another form.
pub fn check_lottery(text: &str) -> Result<(), Fault> {
    let numbers = |part: &str| part.split('.').all(|n| n.len() == 2 && n.bytes().all(|b| b.is_ascii_digit()));
    let (main, special) = text.split_once('+').map_or((text, None), |(m, s)| (m, Some(s)));
    if text.len() <= LOTTERY_MAX && numbers(main) && special.is_none_or(numbers) {
        Ok(())
    } else {
        Err(fault!(
            "beacon_lottery",
            "彩票号码须按开出顺序、每个两位数、以“.”分隔,特别号在“+”之后,如 07.12.03.29.18.33+09"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIG_123: &str =
        "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";

    fn drand(round: &str, proof: &str) -> BeaconProof {
        BeaconProof {
            beacon: BeaconRef::new(BeaconKind::DrandQuicknet, round).unwrap(),
            proof: hex::decode(proof).unwrap(),
        }
    }

    #[test]
    fn quicknet_round_123_verifies_and_no_other_does() {
        let value = value(&drand("123", SIG_123)).unwrap();
        assert_eq!(hex::encode(value), "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc");
        assert!(super::value(&drand("124", SIG_123)).is_err());
        for at in 0..48 {
            let mut bytes = hex::decode(SIG_123).unwrap();
            bytes[at] ^= 1;
            assert!(quicknet_verify(123, &bytes).is_err(), "byte {at}");
        }
        // The point at infinity is a valid encoding but never a signature.
        let mut infinity = [0; 48];
        infinity[0] = 0xc0;
        assert!(quicknet_verify(123, &infinity).is_err());
    }

    #[test]
    fn rounds_have_times() {
        let at = |round: &str| time_of(&BeaconRef::new(BeaconKind::DrandQuicknet, round).unwrap());
        assert_eq!(at("123"), Some(1_692_803_733));
        // 2026-04-20T00:00:00Z
        assert_eq!(at("27946612"), Some(1_776_643_200));
        assert_eq!(at("18446744073709551615"), None);
        for time in [0, 1_692_803_367, 1_692_803_368, 1_692_803_370, 1_776_643_200] {
            let round = quicknet_round_at(time);
            assert!(at(&round.to_string()).unwrap() >= time);
            assert!(round == 1 || at(&(round - 1).to_string()).unwrap() < time);
        }
    }

    #[test]
    fn lottery_texts_are_canonical() {
        for good in ["07", "01.02.03", "07.12.03.29.18.33+09", "01+02.03"] {
            assert!(check_lottery(good).is_ok(), "{good}");
        }
        for bad in ["", "7", "007", "01,02", "01.02+", "+01", "01..02", "01.02+03+04", "01.02 ", "０１"] {
            assert!(check_lottery(bad).is_err(), "{bad}");
        }
    }
}
