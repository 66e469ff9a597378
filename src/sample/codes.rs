//! Makes identifiers of invented businesses: credit codes and registration numbers with right check digits, on
//! divisions that GB/T 2260 has not allocated, so that none can be a real business.

use super::lots::Lots;

/// The 31 characters of GB 32100-2015.
const CODE_LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of GB 32100-2015: powers of 3 modulo 31.
const CODE_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Weights of GB 11714.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

#[expect(clippy::cast_possible_truncation, reason = "places in a list of 31")]
fn value(letter: u8) -> u32 {
    CODE_LETTERS.iter().position(|c| *c == letter).map_or(0, |at| at as u32)
}

/// The check character of the organisation code (GB 11714), whose letters count 10 (A) to 35 (Z).
fn organisation_check(body: &[u8]) -> u8 {
    let sum: u32 = body
        .iter()
        .zip(ORGANISATION_WEIGHTS)
        .map(|(letter, weight)| {
            let value = if letter.is_ascii_digit() { letter - b'0' } else { letter - b'A' + 10 };
            u32::from(value) * weight
        })
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b"0123456789"[digit as usize],
    }
}

/// Completes an 8-character organisation body to a credit code of 18 characters. `kind` is the registration
/// department and the class of body ("91" enterprise, "92" individual business, "93" co-operative, "12" public
/// institution, "52" private non-enterprise unit); `division` has 6 digits.
pub(super) fn credit_code(kind: &str, division: &str, body: &str) -> String {
    let mut code: Vec<u8> = [kind, division, body].concat().into_bytes();
    code.push(organisation_check(body.as_bytes()));
    let sum: u32 = code.iter().zip(CODE_WEIGHTS).map(|(letter, weight)| value(*letter) * weight).sum();
    code.push(CODE_LETTERS[((31 - sum % 31) % 31) as usize]);
    code.into_iter().map(char::from).collect()
}

/// A credit code with a drawn organisation body.
pub(super) fn drawn_credit_code(lots: &mut Lots, kind: &str, division: &str) -> String {
    let business = kind.starts_with('9');
    let mut body = String::from(if business { "MA" } else { "" });
    while body.len() < 8 {
        let range = if business { CODE_LETTERS.len() } else { 10 };
        body.push(char::from(CODE_LETTERS[lots.place(range)]));
    }
    credit_code(kind, division, &body)
}

/// A 15-digit registration number of an individual business as it was given out before the credit code:
/// division, sequence that begins with 6, check digit by ISO 7064 MOD 11,10.
pub(super) fn registration_number(division: &str, sequence: u32) -> String {
    let digits = format!("{division}6{:07}", sequence % 10_000_000);
    let mut product = 10;
    for digit in digits.bytes() {
        let sum = (product + u32::from(digit - b'0')) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    format!("{digits}{}", (11 - product) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completes_known_codes() {
        // The standard's own example and two codes that are printed on every product of their owners.
        assert_eq!(credit_code("91", "350100", "M000100Y"), "91350100M000100Y43");
        assert_eq!(credit_code("91", "440300", "71526726"), "9144030071526726XG");
        assert_eq!(credit_code("91", "440300", "19220382"), "914403001922038216");
        assert_eq!(registration_number("440301", 0), "440301600000004");
    }
}
