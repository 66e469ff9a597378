//! Byte notation of VDR/1 section 2.1: length-prefixed fields, the tagged hash, hex and tokens.

use sha2::{Digest, Sha256};

/// A SHA-256 value, 32 bytes.
pub type Hash = [u8; 32];

/// Longest token in bytes (section 2.1).
pub const TOKEN_MAX: usize = 128;

/// Appends `u32(len x) ‖ x` (big-endian). Fields longer than 4 GiB do not occur: every caller bounds its input.
pub fn put_lp(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(field);
}

/// `lp(x) = u32(len x) ‖ x` on its own.
#[must_use]
pub fn lp(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + field.len());
    put_lp(&mut out, field);
    out
}

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// `TH(tag, f1..fn) = SHA-256(lp(tag) ‖ lp(f1) ‖ … ‖ lp(fn))`: injective in its fields.
#[must_use]
pub fn tagged(tag: &str, fields: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    let mut feed = |field: &[u8]| {
        hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(field);
    };
    feed(tag.as_bytes());
    for field in fields {
        feed(field);
    }
    hash.finalize().into()
}

/// Whether `text` is a token: 1 to 128 bytes of 0x21–0x7E.
#[must_use]
pub fn is_token(text: &str) -> bool {
    (1..=TOKEN_MAX).contains(&text.len()) && text.bytes().all(|b| (0x21..=0x7e).contains(&b))
}

/// Bytes of lower-case hex; `None` for upper case, odd length or anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    hex::decode(text).ok()
}

/// Exactly `N` bytes of lower-case hex.
#[must_use]
pub fn unhex_n<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    unhex(text)?.try_into().ok()
}

/// A decimal number without sign or leading zero that fits `u64`.
#[must_use]
pub fn decimal(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits[0] == b'0' && digits.len() > 1 {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_strict() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "1e3", "１", "1_0"] {
            assert_eq!(decimal(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn hex_is_lower_case_and_even() {
        assert_eq!(unhex("00ff"), Some(vec![0, 255]));
        for bad in ["0F", "0", "0x", "0 ", "ｆf"] {
            assert_eq!(unhex(bad), None, "{bad:?}");
        }
        assert_eq!(unhex_n::<2>("00ff00"), None);
    }

    #[test]
    fn tokens_are_short_printable_ascii() {
        assert!(is_token("R:4600001") && is_token(&"x".repeat(128)));
        for bad in ["", "a b", "甲", "a\n", "\u{7f}", &"x".repeat(129)] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_tagged_hash_separates_its_fields() {
        assert_ne!(tagged("t", &[b"ab", b"c"]), tagged("t", &[b"a", b"bc"]));
        assert_ne!(tagged("t", &[b"ab"]), tagged("ta", &[b"b"]));
        assert_eq!(tagged("t", &[b"a"]), sha256(&[lp(b"t"), lp(b"a")].concat()));
    }
}
