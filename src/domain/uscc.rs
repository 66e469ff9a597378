//! Unified social credit codes (统一社会信用代码, GB 32100-2015) and registration numbers (注册号).

/// The 31 characters of a credit code; no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of the first 17 places: 3^(i-1) mod 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Place of each byte in the alphabet; 255 = not in it.
const PLACE: [u8; 256] = {
    let mut table = [255u8; 256];
    let mut i = 0;
    while i < 31 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// Why a text is no credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccFault {
    /// Not 18 characters.
    #[error("统一社会信用代码应为 18 位,实为 {0} 位")]
    Length(usize),
    /// A character that no code contains (I, O, S, V, Z, lower case, others).
    #[error("第 {place} 位“{found}”不是统一社会信用代码可用的字符(不含 I、O、S、V、Z)")]
    Character {
        /// Place, from 1.
        place: usize,
        /// The character.
        found: char,
    },
    /// Wrong check character.
    #[error("校验码不符:按前 17 位应为“{expected}”,实为“{found}”")]
    Check {
        /// What it must be.
        expected: char,
        /// What it is.
        found: char,
    },
}

/// The check character of 17 leading characters, or none when one of them is not in the alphabet.
#[must_use]
pub fn check_character(first17: &[u8]) -> Option<u8> {
    if first17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in first17.iter().zip(WEIGHTS) {
        let value = PLACE[*byte as usize];
        if value == 255 {
            return None;
        }
        sum += u32::from(value) * weight;
    }
    Some(ALPHABET[((31 - sum % 31) % 31) as usize])
}

/// Checks a code in its normal form (upper case, no spaces).
///
/// # Errors
/// The first thing wrong, see [`UsccFault`].
pub fn check(code: &str) -> Result<(), UsccFault> {
    let bytes = code.as_bytes();
    if bytes.len() == 18 && check_character(&bytes[..17]) == Some(bytes[17]) {
        return Ok(());
    }
    let length = code.chars().count();
    if length != 18 {
        return Err(UsccFault::Length(length));
    }
    if let Some((at, found)) =
        code.chars().enumerate().find(|(_, c)| !c.is_ascii() || PLACE[*c as usize & 0xff] == 255)
    {
        return Err(UsccFault::Character { place: at + 1, found });
    }
    let expected = check_character(&bytes[..17]).map_or('?', char::from);
    Err(UsccFault::Check { expected, found: char::from(bytes[17]) })
}

/// Whether a text has the form of a registration number of the time before credit codes: 13 or 15 digits.
#[must_use]
pub fn is_registration_number(text: &str) -> bool {
    matches!(text.len(), 13 | 15) && text.bytes().all(|b| b.is_ascii_digit())
}
