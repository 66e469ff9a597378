//! Every vector of the protocol: two whole draws, thirty quotas, thirty assignments.

use onedoor::domain::draw::bytes::{sha256, unhex_n};
use onedoor::domain::draw::entropy::{Entropy, opens_server, witness_commitment};
use onedoor::domain::draw::lots::{self, Key};
use onedoor::domain::draw::outcome;
use onedoor::domain::draw::pool::{Inspector, InspectorPool, PoolKey, Subject, SubjectPool};
use onedoor::domain::draw::quota::{Quota, quotas};
use onedoor::domain::draw::record::{
    Beacon, Mode, Open, PoolRecord, Reveal, Seal, Stratum, Team, parse_record,
};
use onedoor::domain::draw::team::{self, Fixed, Task};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The vectors beside the clone, or the project's own copy.
pub(crate) fn vectors() -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/design/vectors/draw.json");
    let own = root.join("tests/it/vectors/draw.json");
    let path: PathBuf = if shared.exists() { shared } else { own };
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text(v: &Value) -> &str {
    v.as_str().unwrap()
}

fn number(v: &Value) -> u64 {
    v.as_u64().unwrap()
}

fn texts(v: &Value) -> Vec<String> {
    v.as_array().unwrap().iter().map(|t| text(t).to_owned()).collect()
}

fn inspector(row: &Value) -> Inspector {
    Inspector {
        id: text(&row[0]).to_owned(),
        unit: text(&row[1]).to_owned(),
        lead: number(&row[2]) == 1,
        cap: number(&row[3]),
        quals: texts(&row[4]),
        recused: texts(&row[5]),
    }
}

fn whole_draw(bundle: &Value) {
    let derived = &bundle["derived"];
    let record = |name: &str| text(&bundle["records"][name]).as_bytes().to_vec();
    for name in bundle["records"].as_object().unwrap().keys() {
        let bytes = record(name);
        assert_eq!(parse_record(&bytes).unwrap().to_bytes(), bytes, "{name}");
    }
    let open_bytes = record("open");
    let open = Open::parse(&open_bytes).unwrap();
    let draw_id = sha256(&open_bytes);
    assert_eq!(hex::encode(draw_id), text(&derived["draw_id"]));

    let pool = PoolRecord::parse(&record("pool_subjects")).unwrap();
    let key = PoolKey::new(unhex_n(text(&bundle["audit"]["pool_key"])).unwrap());
    let subjects = bundle["audit"]["subjects"].as_array().unwrap().iter().map(|row| Subject {
        id: text(&row[0]).to_owned(),
        stratum: text(&row[1]).to_owned(),
        weight: number(&row[2]),
        attrs: unhex_n(text(&row[3])).unwrap(),
    });
    let snapshot = SubjectPool::new(subjects).unwrap();
    assert_eq!(snapshot.record(&pool.authority, pool.as_of, &key, None), pool);

    let people = InspectorPool::new(bundle["inspectors"].as_array().unwrap().iter().map(inspector)).unwrap();
    let people_key = PoolKey::new(unhex_n(text(&bundle["inspector_key"])).unwrap());
    let people_record = PoolRecord::parse(&record("pool_inspectors")).unwrap();
    assert_eq!(people.record(&open.authority, people_record.as_of, &people_key, None), people_record);

    let seal = Seal::parse(&record("seal")).unwrap();
    let reveal = Reveal::parse(&record("reveal")).unwrap();
    let server = reveal.server.unwrap();
    assert!(opens_server(&open, &server));
    for ((id, commitment), opening) in seal.witnesses.iter().zip(&reveal.witnesses) {
        assert_eq!(*id, opening.id);
        assert_eq!(*commitment, witness_commitment(&draw_id, opening));
    }
    let beacons = match bundle["records"].get("beacon") {
        None => Vec::new(),
        Some(_) => {
            let beacon = Beacon::parse(&record("beacon")).unwrap();
            let value = |b| onedoor::domain::draw::beacon::value(b).unwrap();
            beacon
                .beacons
                .iter()
                .map(|b| onedoor::domain::draw::entropy::BeaconValue {
                    beacon: b.beacon.clone(),
                    value: value(b),
                })
                .collect()
        }
    };
    let entropy = Entropy { server, witnesses: reveal.witnesses.clone(), beacons };
    let seed = entropy.seed(&draw_id, &sha256(&record("seal")));
    assert_eq!(hex::encode(seed), text(&derived["seed"]));
    let subject_key = lots::expand(&seed, "subject", &open.list, "");
    assert_eq!(hex::encode(subject_key.bytes()), text(&derived["key_subject"]));
    assert_eq!(
        hex::encode(lots::expand(&seed, "task-order", &open.list, "").bytes()),
        text(&derived["key_order"])
    );
    for (unit, key) in derived["key_assign"].as_object().unwrap() {
        assert_eq!(hex::encode(lots::expand(&seed, "assign", &open.list, unit).bytes()), text(key));
    }
    for (i, ticket) in (0..).zip(derived["tickets"].as_array().unwrap()) {
        assert_eq!(format!("{:032x}", lots::lot(&subject_key, 0, i)), text(ticket));
    }

    let excluded: Vec<u64> = bundle["excluded"].as_array().unwrap().iter().map(|e| number(&e[0])).collect();
    let selection = outcome::select(&open, &pool, seed, &excluded).unwrap();
    assert_eq!(serde_json::json!(selection.quotas), derived["quotas"]);
    let winners: Vec<Value> = selection
        .winners
        .iter()
        .map(|w| {
            serde_json::json!([
                open.strata[w.stratum].code,
                w.rank,
                w.number,
                format!("{:032x}", w.ticket),
                format!("{:032x}", w.key)
            ])
        })
        .collect();
    assert_eq!(Value::from(winners), derived["winners"]);
    let numbers = selection.numbers();
    let tasks: Vec<Task<'_>> =
        numbers.iter().map(|&number| Task { number, id: snapshot.get(number).unwrap().id }).collect();
    let seats = outcome::assign(&open, &seed, &people, &tasks, &Fixed::default()).unwrap();
    let team: Vec<Value> =
        seats.iter().map(|s| serde_json::json!([s.subject, s.unit, s.slot, s.inspector])).collect();
    assert_eq!(Value::from(team), derived["team"]);
    let root = outcome::assigned_root(&seats, &server, &draw_id);
    assert_eq!(hex::encode(root), text(&derived["assigned_root"]));
    let result = outcome::result_record(&open, &draw_id, &selection, (seats.len() as u64, root), &server);
    assert_eq!(String::from_utf8(result.to_bytes()).unwrap(), text(&bundle["records"]["result"]));

    let order: Vec<u64> = selection.winners.iter().map(|w| w.number).collect();
    for (opening, expected) in
        snapshot.disclose(&key, &order).iter().zip(bundle["winners"].as_array().unwrap())
    {
        opening.check(&pool).unwrap();
        assert_eq!(opening.id, text(&expected["id"]));
        assert_eq!(opening.body, text(&expected["body"]));
        assert_eq!(hex::encode(opening.salts.id), text(&expected["salt_id"]));
        assert_eq!(hex::encode(opening.salts.body), text(&expected["salt_body"]));
        assert_eq!(opening.path.iter().map(hex::encode).collect::<Vec<_>>(), texts(&expected["path"]));
    }
}

#[test]
fn the_public_draw_is_reproduced_byte_for_byte() {
    whole_draw(&vectors()["public"]);
}

#[test]
fn the_ceremony_draw_is_reproduced_byte_for_byte() {
    whole_draw(&vectors()["ceremony"]);
}

#[test]
fn all_quotas_are_reproduced() {
    for (i, case) in vectors()["small"]["quotas"].as_array().unwrap().iter().enumerate() {
        let strata: Vec<Stratum> = case["strata"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| Stratum {
                code: text(&s[0]).to_owned(),
                eligible: number(&s[1]),
                bp: number(&s[2]),
                lo: number(&s[3]),
                hi: number(&s[4]),
                alloc: number(&s[5]),
            })
            .collect();
        let quota = Quota {
            mode: Mode::of(text(&case["mode"])).unwrap(),
            total: number(&case["total"]),
            total_bp: number(&case["total_bp"]),
        };
        assert_eq!(serde_json::json!(quotas(quota, &strata).unwrap()), case["out"], "case {i}");
    }
}

#[test]
fn all_assignments_are_reproduced() {
    for (i, case) in vectors()["small"]["assign"].as_array().unwrap().iter().enumerate() {
        let seed: [u8; 32] = unhex_n(text(&case["prk"])).unwrap();
        // Numbers are places in the list as given, which these vectors keep in an order of their own.
        let given: Vec<Inspector> = case["inspectors"].as_array().unwrap().iter().map(inspector).collect();
        let pool = InspectorPool::new(given.clone()).unwrap();
        let subjects: Vec<(u64, String)> = case["subjects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (number(&s[0]), text(&s[1]).to_owned()))
            .collect();
        let tasks: Vec<Task<'_>> = subjects.iter().map(|(number, id)| Task { number: *number, id }).collect();
        let qual = text(&case["qual"]);
        let line = Team {
            unit: text(&case["unit"]).to_owned(),
            size: u32::try_from(number(&case["size"])).unwrap(),
            leads: u32::try_from(number(&case["leads"])).unwrap(),
            qual: (qual != "-").then(|| qual.to_owned()),
            min_load: text(&case["balance"]) == "min-load",
        };
        let seats = team::assign(&seed, text(&case["list"]), &[line], &pool, &tasks, &Fixed::default());
        let out: Vec<Value> =
            seats.iter().map(|s| serde_json::json!([s.subject, s.slot, s.inspector])).collect();
        assert_eq!(Value::from(out), case["out"], "case {i}");
    }
}

#[test]
fn a_key_from_bytes_gives_the_same_lots() {
    let bundle = &vectors()["public"]["derived"];
    let key = Key::from_bytes(unhex_n(text(&bundle["key_subject"])).unwrap());
    assert_eq!(format!("{:032x}", lots::lot(&key, 0, 3)), text(&bundle["tickets"][3]));
}
