//! Whole counties.

use onedoor::exchange::county;
use std::path::Path;

#[test]
fn scratch() {
    for p in ["/tmp/ex/tiny-1", "/tmp/ex/county-1", "/tmp/ex/city-1"] {
        let t = onedoor::clock::Stopwatch::start();
        match county::read(Path::new(p)) {
            Ok((input, notes)) => println!(
                "{p} {:?} tasks {} {:?} {}",
                t.elapsed(),
                input.tasks.len(),
                notes.repairs,
                notes.warnings
            ),
            Err(f) => panic!("{f}"),
        }
    }
}
