//! Rows to CSV and back are the same rows; and the seeded county comes back whole.

use onedoor::domain::planning::input::{Leave, Qualification, Subject};
use onedoor::domain::rows::{Kind, Row, Rows, SubjectRow, Table};
use onedoor::exchange::county::single;
use onedoor::exchange::export;
use onedoor::exchange::table::Limits;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Texts as people write them, also those that a spreadsheet would take for a formula.
fn text() -> impl Strategy<Value = String> {
    "[一-龥a-zA-Z0-9=+@,\"'!《》()]{0,12}".prop_map(|t| onedoor::exchange::text::clean(&t).into_owned())
}

fn date() -> impl Strategy<Value = chrono::NaiveDate> {
    (2000_i32..2060, 1_u32..366).prop_map(|(y, d)| chrono::NaiveDate::from_yo_opt(y, d).unwrap())
}

fn word() -> impl Strategy<Value = String> {
    "[一-龥]{1,6}"
}

fn subject() -> impl Strategy<Value = SubjectRow> {
    let names = (word(), text(), text(), text(), word());
    let numbers =
        (0_u64..1_000_000_000, prop::option::of(-180_000_000_i32..180_000_000), prop::option::of(date()));
    let more = (prop::collection::btree_set(word(), 0..4), any::<bool>(), any::<bool>(), "[0-9]{0,11}");
    (names, numbers, more).prop_map(
        |((name, town, address, contact, industry_name), (number, lon, founded), (tags, a, b, phone))| {
            SubjectRow {
                base: Subject {
                    key: format!("350403{number:09}"),
                    has_uscc: false,
                    name,
                    kind: "个体工商户".to_owned(),
                    division: "350403".to_owned(),
                    town,
                    address,
                    industry: "6210".to_owned(),
                    industry_name,
                    credit: "B".to_owned(),
                    founded,
                    lon,
                    lat: lon.map(|l| l / 2),
                    contact,
                },
                registration_no: String::new(),
                phone,
                tags: tags.into_iter().collect(),
                departments: Vec::new(),
                abnormal: a,
                serious: b,
            }
        },
    )
}

fn table<T>(values: Vec<T>) -> Table<T> {
    let rows = values.into_iter().zip(2..).map(|(value, number)| Row { number, sound: true, value });
    Table { rows: rows.collect(), columns: BTreeSet::new() }
}

fn again(rows: &Rows) -> Rows {
    let bytes = export::csv(rows);
    let read = single::read(rows.kind(), "x.csv", &bytes, 2026, &Limits::default());
    let read = read.unwrap_or_else(|f| panic!("{f}"));
    assert!(!read.faults.has_errors(), "{}", read.faults);
    read.rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn subjects(values in prop::collection::vec(subject(), 1..20)) {
        let rows = Rows::Subjects(table(values));
        let (Rows::Subjects(read), Rows::Subjects(written)) = (again(&rows), &rows) else { panic!("kind") };
        prop_assert_eq!(&read.rows, &written.rows);
    }

    #[test]
    fn certificates(values in prop::collection::vec((word(), date(), 0_u64..9000, "[A-Z0-9=+-]{0,12}"), 1..20)) {
        let values = values.into_iter().map(|(name, from, days, no)| Qualification {
            person_id: "P-1".to_owned(),
            qual: "Q-ZFZ".to_owned(),
            qual_name: name,
            no,
            from,
            to: from + chrono::Days::new(days),
        });
        let rows = Rows::Certificates(table(values.collect()));
        let (Rows::Certificates(read), Rows::Certificates(written)) = (again(&rows), &rows) else { panic!("kind") };
        prop_assert_eq!(&read.rows, &written.rows);
    }

    #[test]
    fn leave(values in prop::collection::vec((date(), 0_u64..300, text()), 1..20)) {
        let values = values.into_iter().map(|(from, days, kind)| Leave {
            person_id: "P-1".to_owned(), from, to: from + chrono::Days::new(days), kind,
        });
        let rows = Rows::Leave(table(values.collect()));
        let (Rows::Leave(read), Rows::Leave(written)) = (again(&rows), &rows) else { panic!("kind") };
        prop_assert_eq!(&read.rows, &written.rows);
    }
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = Kind::ALL.iter().map(|k| k.as_str()).collect();
    assert_eq!(names.len(), 8);
}
