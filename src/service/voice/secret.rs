//! What a business shows to rate its visit. It is derived from the server's key, so it lies in no table, and it is printed
//! for the coordination office and the oversight only: no answer to an officer holds it.

use crate::ids::Id;
use crate::keys::Key;
use crate::service::draws::secrets::{Purpose, derive};
use crate::service::results::on_site::LETTERS;

/// Letters of a secret: 78 bits.
const LENGTH: usize = 16;

/// The secret of the business of a visit.
#[must_use]
pub fn of(key: &Key, visit: Id) -> String {
    let bytes = derive(key, Purpose::Rating, visit);
    // Some letters are an eighth likelier than others: of no use to whoever guesses among 30^16.
    bytes.iter().take(LENGTH).map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect()
}

/// Whether this is the secret of the business of a visit; how long the answer takes tells nothing of where it differs.
#[must_use]
pub fn is_of(key: &Key, visit: Id, given: &str) -> bool {
    let own = of(key, visit);
    let differ = own.bytes().zip(given.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    own.len() == given.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    proptest! {
        #[test]
        fn only_the_secret_of_this_visit_under_this_key_opens(key: [u8; 32], other: [u8; 32], a: u128, b: u128) {
            prop_assume!(key != other && a != b);
            let id = |n| Id(uuid::Uuid::from_u128(n));
            let (key, other) = (Zeroizing::new(key), Zeroizing::new(other));
            let own = of(&key, id(a));
            prop_assert_eq!(own.len(), LENGTH);
            prop_assert!(own.bytes().all(|c| LETTERS.contains(&c)));
            prop_assert!(is_of(&key, id(a), &own));
            prop_assert!(!is_of(&key, id(b), &own) && !is_of(&other, id(a), &own));
            let longer = format!("{own}2");
            prop_assert!(!is_of(&key, id(a), &own[1..]) && !is_of(&key, id(a), &longer));
            prop_assert!(!is_of(&key, id(a), ""));
        }
    }
}
