//! Leaves of events: one spelling, strict reading, erasable personal data.

use chrono::{DateTime, TimeDelta, Utc};
use onedoor::domain::journal::{Actor, Leaf, Object, Private, canonical};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) fn sample(n: u64, private: Option<&Private>) -> Leaf {
    Leaf {
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)),
        at: DateTime::<Utc>::from_timestamp_millis(1_770_000_000_123 + i64::try_from(n).unwrap()).unwrap(),
        region: "330100".to_owned(),
        actor: Actor::User(Uuid::from_u128(7)),
        department: Some(Uuid::from_u128(9)),
        act: "invitation_accepted".to_owned(),
        object: Object { kind: "invitation".to_owned(), id: format!("i-{n}") },
        request_id: "req-1".to_owned(),
        data: json!({ "to": "accepted", "from": "pending" }).as_object().unwrap().clone(),
        private: private.map(Private::commitment),
    }
}

#[test]
fn a_leaf_is_written_as_documented() {
    let private = Private { salt: [1; 32], bytes: b"person".to_vec() };
    let mut leaf = sample(0, Some(&private));
    leaf.actor = Actor::System;
    leaf.department = None;
    // The hash is that of `printf '\1...\1person' | sha256sum`.
    assert_eq!(
        String::from_utf8(leaf.bytes().unwrap()).unwrap(),
        concat!(
            r#"{"act":"invitation_accepted","actor":"system","at":"2026-02-02T02:40:00.123Z","#,
            r#""data":{"from":"pending","to":"accepted"},"department":null,"#,
            r#""id":"01900000-0000-7000-8000-000000000000","object":{"id":"i-0","kind":"invitation"},"#,
            r#""private":"PRIVATE","region":"330100","request_id":"req-1","v":1}"#
        )
        .replace("PRIVATE", &hex::encode(private.commitment()))
    );
}

#[test]
fn leaves_are_read_in_their_own_spelling_only() {
    let leaf = sample(3, None);
    let bytes = leaf.bytes().unwrap();
    assert_eq!(Leaf::parse(&bytes).unwrap(), leaf);
    let text = String::from_utf8(bytes.clone()).unwrap();
    for (from, to) in [
        ("\"v\":1", "\"v\":2"),
        ("\"v\":1", "\"v\":1.0"),
        ("{\"act\"", "{ \"act\""),
        (".126Z", ".126000Z"),
        (".126Z", ".126+00:00"),
        ("\"v\":1", "\"v\":1,\"x\":0"),
        ("\"v\":1", "\"v\":1,\"v\":1"),
        ("01900000-", "01900000"),
        ("\"private\":null", "\"private\":\"00\""),
        ("\"private\":null,", ""),
        ("pending", "p\\u0065nding"),
        ("330100", "3301 00"),
        ("invitation_accepted", "InvitationAccepted"),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from}");
        assert!(Leaf::parse(other.as_bytes()).is_err(), "{other}");
    }
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 0x20;
        assert_ne!(Leaf::parse(&other).ok().as_ref(), Some(&leaf), "byte {at}");
    }
}

#[test]
fn what_has_no_single_spelling_is_refused() {
    let data =
        |value: Value| Leaf { data: json!({ "x": value }).as_object().unwrap().clone(), ..sample(0, None) };
    assert_eq!(data(json!(0.5)).bytes().unwrap_err().code, "canonical_number");
    assert_eq!(data(json!(1.0)).bytes().unwrap_err().code, "canonical_number");
    assert_eq!(data(json!(1_u64 << 53)).bytes().unwrap_err().code, "canonical_number");
    assert_eq!(data(json!(i64::MIN)).bytes().unwrap_err().code, "canonical_number");
    assert!(data(json!(-((1_i64 << 53) - 1))).bytes().is_ok());
    assert_eq!(data(json!({"键": 1})).bytes().unwrap_err().code, "canonical_key");
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(data(deep).bytes().unwrap_err().code, "canonical_depth");
    let fine = Leaf { at: sample(0, None).at + TimeDelta::microseconds(1), ..sample(0, None) };
    assert_eq!(fine.bytes().unwrap_err().code, "leaf_time");
    assert_eq!(data(json!("长".repeat(30_000))).bytes().unwrap_err().code, "leaf_long");
    for act in ["", "A", "a-b", "a__b", "a_", "1a", "动"] {
        assert_eq!(
            Leaf { act: act.to_owned(), ..sample(0, None) }.bytes().unwrap_err().code,
            "leaf_word",
            "{act}"
        );
    }
}

#[test]
fn erasing_leaves_the_leaf_and_a_new_salt_another_hash() {
    let one = Private { salt: [1; 32], bytes: b"same".to_vec() };
    let two = Private { salt: [2; 32], ..one.clone() };
    assert_ne!(one.commitment(), two.commitment());
    assert_ne!(sample(0, Some(&one)).hash().unwrap(), sample(0, None).hash().unwrap());
}

fn values() -> impl Strategy<Value = Value> {
    let simple = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1_i64 << 53).prop_map(Value::from),
        "\\PC*|[\u{0}-\u{2f}\u{7f}\"\\\\]{0,8}".prop_map(Value::from),
    ];
    simple.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ -~]{0,6}", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn canonical_bytes_say_the_same_and_are_one(value in values()) {
        let bytes = canonical::bytes(&value).unwrap();
        let again: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&again, &value);
        // Without preserved order serde_json itself writes sorted keys and no spaces.
        prop_assert_eq!(bytes, serde_json::to_vec(&value).unwrap());
    }
}
