//! Every falsification of a stored journal is found and named.

use super::leaf::sample;
use onedoor::domain::draw::fault::Fault;
use onedoor::domain::draw::note::{SignedCheckpoint, Speaker, VerifierKey};
use onedoor::domain::journal::diff::Change;
use onedoor::domain::journal::{Finding, Head, Leaf, Private, Report, Row, TileMap, append, sign, verify};
use onedoor::domain::journal::{inclusion_proof, tree};
use proptest::prelude::*;

const SECRET: [u8; 32] = [5; 32];
const ORIGIN: &str = "journal.county.example";

#[derive(Clone)]
struct Journal {
    rows: Vec<Row>,
    tiles: TileMap,
    notes: Vec<SignedCheckpoint>,
}

fn row(seq: u64) -> Row {
    let private = seq
        .is_multiple_of(3)
        .then(|| Private { salt: [u8::try_from(seq % 251).unwrap(); 32], bytes: vec![1, 2] });
    let leaf = sample(seq, private.as_ref());
    Row { seq, id: leaf.id, leaf: leaf.bytes().unwrap(), private }
}

/// A journal with a checkpoint at each of the sizes.
fn journal(sizes: &[u64]) -> Journal {
    let mut journal = Journal { rows: Vec::new(), tiles: TileMap::default(), notes: Vec::new() };
    let mut head = Head::empty();
    for size in sizes {
        let rows: Vec<Row> = (head.size..*size).map(row).collect();
        let leaves: Vec<_> = rows.iter().map(|r| Leaf::parse(&r.leaf).unwrap().hash().unwrap()).collect();
        let next = append(&head, &leaves, &mut journal.tiles).unwrap();
        journal.tiles.put(next.tiles);
        journal.rows.extend(rows);
        head = next.head;
        journal.notes.push(sign(ORIGIN, &head, &SECRET).unwrap());
    }
    journal
}

fn key() -> VerifierKey {
    VerifierKey::of_secret(ORIGIN, Speaker::Log, &SECRET).unwrap()
}

fn check(journal: &Journal) -> Report {
    let (newest, older) = journal.notes.split_last().unwrap();
    let mut tiles = journal.tiles.clone();
    verify(journal.rows.iter().cloned().map(Ok::<_, Fault>), &mut tiles, older, newest, &key()).unwrap()
}

fn changed(seq: u64) -> Finding {
    Finding::Row(Change::Changed { seq })
}

/// Rewrites tiles and signs a new head for the rows as they stand, as one who holds the key can.
fn resign(journal: &mut Journal) {
    let leaves: Vec<_> =
        journal.rows.iter().map(|r| onedoor::domain::draw::merkle::leaf_hash(&r.leaf)).collect();
    let all = append(&Head::empty(), &leaves, &mut TileMap::default()).unwrap();
    journal.tiles = TileMap::default();
    journal.tiles.put(all.tiles);
    journal.notes.pop();
    journal.notes.push(sign(ORIGIN, &all.head, &SECRET).unwrap());
}

fn renumber(journal: &mut Journal) {
    for (seq, row) in (0..).zip(&mut journal.rows) {
        row.seq = seq;
    }
}

/// Another leaf for a row, itself well formed.
fn falsify(row: &mut Row) {
    let mut leaf = Leaf::parse(&row.leaf).unwrap();
    leaf.object.id = "other".to_owned();
    row.leaf = leaf.bytes().unwrap();
}

#[test]
fn a_whole_journal_is_whole() {
    for sizes in [vec![0], vec![1], vec![0, 256], vec![5, 300], vec![255, 256, 257], vec![700, 1500]] {
        let mut j = journal(&sizes);
        let report = check(&j);
        assert!(report.is_whole(), "{sizes:?} {:?}", report.findings);
        assert_eq!(report.confirmed, sizes);
        j.rows.iter_mut().for_each(|r| r.private = None);
        let report = check(&j);
        assert!(report.is_whole());
        assert_eq!(report.erased, sizes.last().unwrap().div_ceil(3));
    }
}

#[test]
fn a_changed_row_is_named_wherever_it_stands() {
    let j = journal(&[300, 1100]);
    for seq in [0, 1, 255, 256, 299, 300, 777, 1023, 1024, 1099] {
        let mut bad = j.clone();
        falsify(&mut bad.rows[seq]);
        assert_eq!(check(&bad).findings, [changed(seq as u64)], "{seq}");
    }
}

#[test]
fn a_deleted_row_is_named_renumbered_or_not() {
    let j = journal(&[300, 1100]);
    for seq in [0, 1, 255, 256, 600, 1098] {
        let mut bad = j.clone();
        bad.rows.remove(seq);
        let gone = Finding::Row(Change::Deleted { from: seq as u64, to: seq as u64 });
        assert_eq!(check(&bad).findings, std::slice::from_ref(&gone), "{seq}");
        renumber(&mut bad);
        assert_eq!(check(&bad).findings, [gone], "{seq} renumbered");
    }
    let mut bad = j.clone();
    bad.rows.drain(10..20);
    assert_eq!(check(&bad).findings, [Finding::Row(Change::Deleted { from: 10, to: 19 })]);
}

#[test]
fn swapped_and_moved_rows_are_named() {
    let j = journal(&[300, 1100]);
    for (a, b) in [(3, 4), (3, 900), (0, 1099)] {
        let mut bad = j.clone();
        bad.rows.swap(a, b);
        renumber(&mut bad);
        assert_eq!(check(&bad).findings, [Finding::Row(Change::Swapped { a: a as u64, b: b as u64 })]);
    }
    let mut bad = j.clone();
    let moved = bad.rows.remove(50);
    bad.rows.insert(400, moved);
    renumber(&mut bad);
    assert_eq!(check(&bad).findings, [Finding::Row(Change::Moved { from: 50, to: 400 })]);
    // Exchanged contents under the old identifiers show twice.
    let mut bad = j.clone();
    let (left, right) = bad.rows.split_at_mut(8);
    std::mem::swap(&mut left[7].leaf, &mut right[0].leaf);
    let report = check(&bad);
    assert!(report.findings.contains(&Finding::Row(Change::Swapped { a: 7, b: 8 })));
    assert!(report.findings.contains(&Finding::IdDiffers { seq: 7 }));
}

#[test]
fn truncation_is_named_even_with_tiles_cut_to_fit() {
    let j = journal(&[300, 1100]);
    for keep in [0, 299, 300, 301, 1099] {
        let mut bad = j.clone();
        bad.rows.truncate(keep);
        assert_eq!(check(&bad).findings, [Finding::Truncated { size: 1100, from: keep as u64 }], "{keep}");
        bad.tiles = journal(&[keep as u64]).tiles;
        let report = check(&bad);
        assert!(
            report.findings.contains(&Finding::Truncated { size: 1100, from: keep as u64 }),
            "{:?}",
            report.findings
        );
    }
}

#[test]
fn a_log_set_back_to_a_true_checkpoint_is_found_by_a_later_one() {
    let kept = journal(&[300, 1100]).notes;
    let mut bad = journal(&[300]);
    assert!(check(&bad).is_whole());
    bad.notes = vec![kept[1].clone(), kept[0].clone()];
    let report = check(&bad);
    assert!(report.findings.contains(&Finding::RolledBack { old: 1100, new: 300 }));
    assert!(report.findings.iter().any(|f| f.first_row() == Some(300)), "{:?}", report.findings);
}

#[test]
fn an_inserted_row_is_named() {
    let j = journal(&[300, 1100]);
    for seq in [0, 256, 700] {
        let mut bad = j.clone();
        let mut row = row(5000);
        row.seq = seq as u64;
        bad.rows.insert(seq, row);
        renumber(&mut bad);
        assert_eq!(check(&bad).findings, [Finding::Row(Change::Inserted { seq: seq as u64 })], "{seq}");
    }
    let mut bad = j.clone();
    bad.rows.push(row(1100));
    assert_eq!(check(&bad).findings, [Finding::Beyond { from: 1100, to: 1100 }]);
    let mut bad = j.clone();
    bad.rows.push(bad.rows[17].clone());
    let found = check(&bad).findings;
    assert!(
        found.contains(&Finding::Twice { seq: 17 })
            && found.contains(&Finding::SameEvent { first: 17, again: 17 }),
        "{found:?}"
    );
}

#[test]
fn a_row_beyond_the_checkpoint_does_not_hide_a_change() {
    let mut bad = journal(&[300, 1100]);
    falsify(&mut bad.rows[40]);
    bad.rows.push(row(1100));
    let found = check(&bad).findings;
    assert!(
        found.contains(&changed(40)) && found.contains(&Finding::Beyond { from: 1100, to: 1100 }),
        "{found:?}"
    );
}

#[test]
fn columns_that_differ_from_the_leaf_are_named() {
    let mut bad = journal(&[300]);
    bad.rows[9].id = uuid::Uuid::from_u128(1);
    bad.rows[12].private.as_mut().unwrap().bytes.push(0);
    bad.rows[13].private = Some(Private { salt: [0; 32], bytes: Vec::new() });
    bad.rows[14].leaf.push(b' ');
    let found = check(&bad).findings;
    for finding in [
        Finding::IdDiffers { seq: 9 },
        Finding::PrivateDiffers { seq: 12 },
        Finding::PrivateDiffers { seq: 13 },
        Finding::NotALeaf { seq: 14 },
        changed(14),
    ] {
        assert!(found.contains(&finding), "{finding:?} in {found:?}");
    }
    assert_eq!(found.len(), 5);
}

#[test]
fn false_tiles_neither_hide_a_row_nor_accuse_one() {
    let j = journal(&[300, 66_100]);
    // A tile alone: the rows are right and are not accused.
    for place in &[(0, 3), (1, 0), (2, 0)] {
        let mut bad = j.clone();
        bad.tiles.0.get_mut(place).unwrap()[0][3] ^= 1;
        assert_eq!(check(&bad).findings, [Finding::Tile { level: place.0, index: place.1 }]);
    }
    // A row and the tile with its hash: the tile above still says within which 256 rows.
    let mut bad = j.clone();
    falsify(&mut bad.rows[1000]);
    bad.tiles.0.get_mut(&(0, 3)).unwrap()[1000 - 768] =
        onedoor::domain::draw::merkle::leaf_hash(&bad.rows[1000].leaf);
    assert_eq!(
        check(&bad).findings,
        [Finding::Unlocated { from: 768, to: 1024 }, Finding::Tile { level: 0, index: 3 }]
    );
    // A row, with an upper tile destroyed: the leaf hashes still say which.
    let mut bad = j.clone();
    falsify(&mut bad.rows[1000]);
    bad.tiles.0.remove(&(1, 1));
    assert_eq!(check(&bad).findings, [changed(1000), Finding::Tile { level: 1, index: 1 }]);
    // All tiles rewritten to fit: only that something after the older checkpoint is wrong can be known.
    let mut bad = j.clone();
    falsify(&mut bad.rows[1000]);
    let newest = bad.notes[1].clone();
    resign(&mut bad);
    bad.notes[1] = newest;
    assert_eq!(check(&bad).findings, [Finding::Unlocated { from: 300, to: 66_100 }]);
}

#[test]
fn whoever_holds_the_key_is_found_by_an_older_checkpoint() {
    let j = journal(&[300, 1100]);
    let mut bad = j.clone();
    falsify(&mut bad.rows[40]);
    resign(&mut bad);
    let found = check(&bad).findings;
    assert!(found.contains(&Finding::Forked { old: 300, new: 1100 }), "{found:?}");
    assert!(found.contains(&Finding::Unlocated { from: 0, to: 300 }), "{found:?}");
    // With the tiles of a backup the row is named.
    bad.tiles = j.tiles;
    assert!(check(&bad).findings.contains(&changed(40)));
    // What was rewritten after the older checkpoint only, nobody else could know.
    let mut later = journal(&[300, 1100]);
    falsify(&mut later.rows[500]);
    resign(&mut later);
    assert!(check(&later).is_whole());
}

#[test]
fn checkpoints_of_others_count_for_nothing() {
    let mut j = journal(&[300]);
    let head = Head { size: 300, root: [0; 32] };
    j.notes.insert(0, sign(ORIGIN, &head, &[6; 32]).unwrap());
    j.notes.insert(0, sign("other.example", &head, &SECRET).unwrap());
    j.notes.insert(0, sign(ORIGIN, &Head { size: u64::MAX, root: [0; 32] }, &SECRET).unwrap());
    let report = check(&j);
    assert_eq!(report.confirmed, [300]);
    let codes: Vec<_> = report.findings.iter().map(Finding::code).collect();
    assert_eq!(codes.iter().filter(|c| **c == "checkpoint_invalid").count(), 3, "{:?}", report.findings);
}

#[test]
fn an_inclusion_proof_is_checked_before_it_is_handed_out() {
    let mut j = journal(&[300]);
    let leaf = Leaf::parse(&j.rows[7].leaf).unwrap();
    let proof = inclusion_proof(7, &leaf.hash().unwrap(), &j.notes[0], &mut j.tiles).unwrap();
    assert!(proof.proves(&j.rows[7].leaf) && !proof.proves(&j.rows[8].leaf));
    let other = Leaf::parse(&j.rows[8].leaf).unwrap().hash().unwrap();
    assert_eq!(inclusion_proof(7, &other, &j.notes[0], &mut j.tiles).unwrap_err().code, "tiles_disagree");
    assert_eq!(
        tree::check_edge(&Head { size: 300, root: [1; 32] }, &mut j.tiles).unwrap_err().code,
        "tiles_disagree"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn several_falsifications_at_once_are_all_found(
        size in 20_u64..600,
        edits in prop::collection::vec((0_u8..4, any::<prop::sample::Index>()), 1..5),
        renumbered in any::<bool>(),
    ) {
        let mut bad = journal(&[size / 2, size]);
        let mut touched = 0;
        for (n, (kind, at)) in edits.iter().enumerate() {
            let at = at.index(bad.rows.len());
            match kind {
                0 => falsify(&mut bad.rows[at]),
                1 => { bad.rows.remove(at); }
                2 => bad.rows.insert(at, Row { seq: at as u64, ..row(9000 + n as u64) }),
                _ => {
                    let other = (at + 7) % bad.rows.len();
                    bad.rows.swap(at, other);
                }
            }
            touched += 1;
        }
        let whole: Vec<Vec<u8>> = (0..size).map(|seq| row(seq).leaf).collect();
        if renumbered { renumber(&mut bad); }
        bad.rows.sort_by_key(|r| r.seq);
        let same = bad.rows.len() as u64 == size && bad.rows.iter().enumerate().all(|(i, r)| r.leaf == whole[i] && r.seq == i as u64);
        let report = check(&bad);
        prop_assert_eq!(report.is_whole(), same, "{} edits: {:?}", touched, report.findings);
        // The first row that differs is within reach of some finding.
        if !same && renumbered {
            let first = bad.rows.iter().zip(&whole).position(|(r, w)| r.leaf != *w).unwrap_or(whole.len().min(bad.rows.len())) as u64;
            let named = report.findings.iter().filter_map(Finding::first_row).min();
            prop_assert!(named.is_some_and(|row| row <= first), "{} {:?}", first, report.findings);
        }
    }
}
