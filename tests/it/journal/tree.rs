//! The tree over tiles against an independent crate and against the plain tree of the draw.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use onedoor::domain::draw::merkle;
use onedoor::domain::journal::tiles::{edge, parse_path, path, width};
use onedoor::domain::journal::tree::{append, consistency, inclusion, root};
use onedoor::domain::journal::{Head, TileMap};
use proptest::prelude::*;
use sha2::Sha256;

type Hash = [u8; 32];

fn data(i: u64) -> Vec<u8> {
    format!("entry {i}").into_bytes()
}

fn leaf(i: u64) -> Hash {
    merkle::leaf_hash(&data(i))
}

/// A log grown to `size` in one go.
fn grown(size: u64) -> (Head, TileMap) {
    let mut tiles = TileMap::default();
    let leaves: Vec<Hash> = (0..size).map(leaf).collect();
    let appended = append(&Head::empty(), &leaves, &mut tiles).unwrap();
    tiles.put(appended.tiles);
    (appended.head, tiles)
}

#[test]
fn roots_of_every_size_are_those_of_another_implementation() {
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let (_, mut all) = grown(2000);
    let mut head = Head::empty();
    let mut tiles = TileMap::default();
    for size in 0..2000_u64 {
        if size > 0 {
            assert_eq!(head.root[..], theirs.root().as_bytes()[..], "{size}");
        }
        assert_eq!(
            root(size, &mut all).unwrap(),
            head.root,
            "a smaller log is read from longer tiles, {size}"
        );
        theirs.push(data(size));
        let next = append(&head, &[leaf(size)], &mut tiles).unwrap();
        tiles.put(next.tiles);
        head = next.head;
    }
    assert_eq!(tiles, grown(2000).1);
}

#[test]
fn proofs_are_those_of_another_implementation() {
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let (_, mut tiles) = grown(1100);
    for size in 1..=1100_u64 {
        theirs.push(data(size - 1));
        // Around the ends of tiles every proof, elsewhere a few.
        let step =
            if [1, 2, 3, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025].contains(&size) { 1 } else { 97 };
        for index in (0..size).step_by(step) {
            let ours = inclusion(index, size, &mut tiles).unwrap();
            assert_eq!(ours.concat(), theirs.prove_inclusion(index as usize).as_bytes(), "{index} of {size}");
        }
        for old in (1..=size).step_by(step) {
            let ours = consistency(old, size, &mut tiles).unwrap();
            let their = theirs.prove_consistency((size - old) as usize);
            assert_eq!(ours.concat(), their.as_bytes(), "{old} of {size}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn growing_in_batches_gives_the_tree_of_all_leaves(batches in prop::collection::vec(0_u64..700, 1..6), pick in any::<u64>()) {
        let (mut head, mut tiles) = (Head::empty(), TileMap::default());
        let mut heads = vec![head];
        for batch in batches {
            let leaves: Vec<Hash> = (head.size..head.size + batch).map(leaf).collect();
            let next = append(&head, &leaves, &mut |level, index| {
                // Only the edge is ever read.
                assert!(edge(head.size).contains(&(level, index)));
                Ok::<_, onedoor::domain::draw::fault::Fault>(tiles.0.get(&(level, index)).cloned())
            }).unwrap();
            for tile in &next.tiles {
                prop_assert_eq!(tile.hashes.len() as u64, width(next.head.size, tile.level, tile.index));
            }
            tiles.put(next.tiles);
            head = next.head;
            heads.push(head);
        }
        let all: Vec<Hash> = (0..head.size).map(leaf).collect();
        prop_assert_eq!(head.root, merkle::root(all.clone()));
        prop_assert_eq!(&tiles, &grown(head.size).1);
        for old in &heads {
            let proof = consistency(old.size, head.size, &mut tiles).unwrap();
            prop_assert_eq!(Some(proof.clone()), merkle::consistency(&all, old.size as usize));
            prop_assert!(merkle::consistent(old.size, &old.root, head.size, &head.root, &proof));
        }
        if head.size > 0 {
            let index = pick % head.size;
            let path = inclusion(index, head.size, &mut tiles).unwrap();
            prop_assert_eq!(Some(path.clone()), merkle::path(all, index as usize));
            prop_assert_eq!(merkle::root_from_path(leaf(index), index, head.size, &path), Some(head.root));
        }
        prop_assert!(inclusion(head.size, head.size, &mut tiles).is_err());
        prop_assert!(consistency(head.size + 1, head.size, &mut tiles).is_err());
    }

    #[test]
    fn addresses_of_tiles_have_one_spelling(level in 0_u8..8, index in any::<u64>(), width in 1_u64..=256) {
        let address = path(level, index, width);
        prop_assert_eq!(parse_path(&address).unwrap(), (level, index, width));
        let longer = format!("{address}/");
        prop_assert!(parse_path(&longer).is_err());
        prop_assert!(parse_path(&address.replace("tile/", "tile/0")).is_err());
    }
}

#[test]
fn addresses_are_those_of_the_specification() {
    // The example of c2sp.org/tlog-tiles for tile number 1234067.
    assert_eq!(path(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path(1, 0, 17), "tile/1/000.p/17");
    for bad in [
        "tile/0/067.p/256",
        "tile/0/067.p/0",
        "tile/0/x000/067",
        "tile/8/000",
        "tile/0/67",
        "tile/0/x067",
        "tile//000",
        "tile/0/000.p/017",
    ] {
        assert!(parse_path(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_log_whose_tiles_were_changed_does_not_grow() {
    for size in [1_u64, 255, 256, 300, 65_536 + 257] {
        let (head, tiles) = grown(size);
        for place in edge(size) {
            let mut changed = tiles.clone();
            changed.0.get_mut(&place).unwrap()[0][0] ^= 1;
            assert_eq!(
                append(&head, &[leaf(size)], &mut changed).unwrap_err().code,
                "tiles_disagree",
                "{size} {place:?}"
            );
            let mut short = tiles.clone();
            short.0.get_mut(&place).unwrap().pop();
            assert_eq!(
                append(&head, &[leaf(size)], &mut short).unwrap_err().code,
                "tile_missing",
                "{size} {place:?}"
            );
            let mut gone = tiles.clone();
            gone.0.remove(&place);
            assert_eq!(
                append(&head, &[leaf(size)], &mut gone).unwrap_err().code,
                "tile_missing",
                "{size} {place:?}"
            );
        }
    }
}

#[test]
fn few_tiles_change_with_one_leaf() {
    let (head, mut tiles) = grown(65_535);
    let next = append(&head, &[leaf(65_535)], &mut tiles).unwrap();
    let places: Vec<_> = next.tiles.iter().map(|t| (t.level, t.index, t.hashes.len())).collect();
    assert_eq!(places, [(0, 255, 256), (1, 0, 256), (2, 0, 1)]);
}
