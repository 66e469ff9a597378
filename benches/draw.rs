//! The draw at the size of a province: keystream, selection, pool root, openings, verification.

use criterion::{Criterion, criterion_group, criterion_main};
use onedoor::domain::draw::lots::{self, Key, Reader};
use onedoor::domain::draw::pool::{PoolKey, Subject, SubjectPool};
use onedoor::domain::draw::record::Group;
use onedoor::domain::draw::select::{Wanted, draw, draw_fully};
use std::hint::black_box;

const MILLION: u64 = 1_000_000;

fn key() -> Key {
    lots::expand(&[7; 32], lots::SUBJECT, "L1", "")
}

fn groups(total: u64) -> Vec<Group> {
    let share =
        |code: &str, percent| Group { code: code.to_owned(), weight: 1, count: total * percent / 100 };
    vec![share("A", 60), share("B", 28), share("C", 9), share("D", 3)]
}

const WANTED: [Wanted<'static>; 4] = [
    Wanted { code: "A", count: 6_000 },
    Wanted { code: "B", count: 5_600 },
    Wanted { code: "C", count: 9_000 },
    Wanted { code: "D", count: 9_000 },
];

fn subjects(total: u64) -> impl Iterator<Item = Subject> {
    (0..total).map(move |i| Subject {
        id: format!("91469000{i:010}"),
        stratum: ["A", "A", "A", "B", "C"][usize::try_from(i % 5).unwrap_or(0)].to_owned(),
        weight: 1,
        attrs: [u8::try_from(i % 256).unwrap_or(0); 32],
    })
}

fn lots_and_selection(c: &mut Criterion) {
    let key = key();
    let mut out = vec![0; 1_000_000];
    c.bench_function("keystream of 10^6 subjects", |b| {
        b.iter(|| Reader::new(&key, 0, 0).read(black_box(&mut out)));
    });
    let groups = groups(MILLION);
    c.bench_function("draw of 10^6 subjects, streaming", |b| {
        b.iter(|| draw(&key, black_box(&groups), &[], &WANTED));
    });
    c.bench_function("draw of 10^6 subjects, all lots sorted", |b| {
        b.iter(|| draw_fully(&key, black_box(&groups), &[], &WANTED));
    });
    let mut pair = [0; 60];
    c.bench_function("60 lots of one visit", |b| b.iter(|| lots::fill(&key, black_box(77), 0, &mut pair)));
}

fn pool(c: &mut Criterion) {
    let pool = SubjectPool::new(subjects(MILLION)).unwrap_or_else(|_| SubjectPool::empty());
    let key = PoolKey::new([3; 32]);
    let mut group = c.benchmark_group("pool of 10^6");
    group.sample_size(10);
    group.bench_function("root", |b| b.iter(|| pool.root(black_box(&key))));
    let numbers: Vec<u64> = (0..30_000).map(|i| i * 33).collect();
    group.bench_function("30,000 openings", |b| b.iter(|| pool.disclose(&key, black_box(&numbers))));
    group.finish();
}

criterion_group!(benches, lots_and_selection, pool);
criterion_main!(benches);
