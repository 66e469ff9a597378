//! The ledger of planned checks.

use onedoor::domain::cap::{DEFAULT_CAP, Entry, Exemption, Level, item_allows, status};

fn entry(date: &str, visit: &str, exemption: Option<Exemption>) -> Entry {
    Entry { date: date.parse().unwrap(), visit: visit.to_owned(), exemption, cancelled: false }
}

#[test]
fn one_visit_is_one_check_and_exempt_ones_do_not_count() {
    let mut ledger = vec![
        entry("2025-12-31", "old", None),
        entry("2026-01-01", "v1", None),
        entry("2026-01-01", "v1", None),
        entry("2026-06-01", "v2", Some(Exemption::Complaint)),
        entry("2027-01-01", "next", None),
        Entry { cancelled: true, ..entry("2026-05-01", "gone", None) },
    ];
    let s = status(&ledger, 2026, DEFAULT_CAP);
    assert_eq!((s.counted, s.exempt, s.left(), s.level()), (1, 1, 1, Level::Last));
    assert!(s.allows(None));
    // A visit with one planned item among exempt ones is planned.
    ledger.push(entry("2026-06-01", "v2", None));
    let s = status(&ledger, 2026, DEFAULT_CAP);
    assert_eq!((s.counted, s.exempt, s.level()), (2, 0, Level::Reached));
    assert!(!s.allows(None) && s.allows(Some(Exemption::Urgent)));
    ledger.push(entry("2026-12-31", "v3", None));
    assert_eq!(status(&ledger, 2026, DEFAULT_CAP).level(), Level::Exceeded);
    assert_eq!(status(&[], 2026, DEFAULT_CAP).level(), Level::Free);
    assert_eq!(status(&[], 2026, 0).level(), Level::Reached);
}

#[test]
fn there_are_ten_exemptions() {
    assert_eq!(Exemption::ALL.len(), 10);
    assert!(Exemption::ALL.iter().all(|e| Exemption::parse(e.as_str()) == Some(*e)));
}

#[test]
fn an_item_has_a_cap_of_its_own() {
    for made in 0..5 {
        assert!(item_allows(made, None, None));
        assert_eq!(item_allows(made, Some(2), None), made < 2);
        for cause in Exemption::ALL {
            assert!(item_allows(made, Some(2), Some(*cause)));
        }
    }
}
