//! What free text loses before the public reads it: names of the people the system knows, numbers of identity cards and
//! mobile telephones (个人信息保护法; 政府信息公开条例第十五条: 涉及个人隐私的政府信息不得公开).

use super::voice::masked;

/// Weights of the check digit of an identity card (GB 11643-1999).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Its check digits.
const CHECKS: &[u8; 11] = b"10X98765432";

/// Whether eighteen characters are the number of an identity card: a plausible birthday and the right check digit. Credit
/// codes of enterprises, which are as long, are none.
fn is_identity(text: &[u8]) -> bool {
    let digits: Option<Vec<u32>> = text.iter().take(17).map(|b| char::from(*b).to_digit(10)).collect();
    let Some(digits) = digits.filter(|d| d.len() == 17 && text.len() == 18) else { return false };
    let number = |from: usize, to: usize| digits[from..to].iter().fold(0, |n, d| n * 10 + d);
    let (year, month, day) = (number(6, 10), number(10, 12), number(12, 14));
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    (1850..2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && CHECKS[sum as usize % 11] == text[17].to_ascii_uppercase()
}

/// Whether eleven characters are the number of a mobile telephone.
fn is_mobile(text: &[u8]) -> bool {
    text.len() == 11
        && text[0] == b'1'
        && (b'3'..=b'9').contains(&text[1])
        && text.iter().all(u8::is_ascii_digit)
}

/// The text with identity cards and mobile telephones hidden but for their first three and last two characters. A number
/// inside a longer one is none.
#[must_use]
pub fn hide_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        if is_identity(run.as_bytes()) || is_mobile(run.as_bytes()) {
            let stars = run.len() - 5;
            out.push_str(&run[..3]);
            out.extend(std::iter::repeat_n('*', stars));
            out.push_str(&run[run.len() - 2..]);
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

/// The text with these names masked as fields with names are; of names that contain each other the longer first.
#[must_use]
pub fn hide_names(text: &str, names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(|n| n.trim()).filter(|n| n.chars().count() >= 2).collect();
    names.sort_by_key(|n| std::cmp::Reverse(n.chars().count()));
    names.iter().fold(text.to_owned(), |text, name| text.replace(name, &masked(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cards_and_telephones_are_hidden_and_credit_codes_are_not() {
        let card = "11010519491231002X";
        assert!(is_identity(card.as_bytes()));
        assert_eq!(hide_numbers(&format!("持{card}的当事人")), "持110*************2X的当事人");
        assert_eq!(hide_numbers("11010519491231002x。"), "110*************2x。");
        // The check digit is wrong, so it is another number.
        assert_eq!(hide_numbers("110105194912310021"), "110105194912310021");
        assert_eq!(hide_numbers("电话13800000000联系"), "电话138******00联系");
        for other in
            ["91350403MA2XXXXX0B", "35040360000001", "138000000001", "12345", "2026-03-12", "A13800000000"]
        {
            assert_eq!(hide_numbers(other), other);
        }
    }

    #[test]
    fn names_are_masked_longest_first() {
        let names = ["王小".to_owned(), "王小明".to_owned(), "李".to_owned(), " ".to_owned()];
        assert_eq!(hide_names("经王小明、王小核对,李某在场", &names), "经王**、王*核对,李某在场");
    }

    proptest! {
        #[test]
        fn nothing_personal_stays(before in "[甲乙 ,]{0,5}", name in "[丙丁戊]{2,4}", tail in "1[3-9][0-9]{9}") {
            let text = format!("{before}{name},{tail};");
            let shown = hide_numbers(&hide_names(&text, std::slice::from_ref(&name)));
            prop_assert!(!shown.contains(&name) && !shown.contains(&tail));
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            // Once is enough.
            prop_assert_eq!(hide_numbers(&shown), shown);
        }
    }
}
