//! The direction of dependencies in `src`, checked on the text of the sources.

use std::path::{Path, PathBuf};

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// (word, folders of `src` that may say it)
const ONLY: &[(&str, &[&str])] = &[
    ("rand_chacha", &["domain/draw", "domain/allocate"]),
    ("SystemTime::now", &["clock.rs"]),
    ("Instant::now", &["clock.rs"]),
    ("getrandom::fill", &["entropy.rs"]),
    ("calamine", &["exchange"]),
    ("rust_xlsxwriter", &["exchange", "documents"]),
    ("clap::", &["cli"]),
    ("indicatif", &["cli"]),
    ("blst", &["domain/draw"]),
    // The column type of an identifier must stand on the identifier itself (the orphan rule).
    ("diesel", &["store", "ids.rs"]),
    ("actix_web", &["web"]),
    ("jsonwebtoken", &["web/auth.rs"]),
    ("lettre", &["mail.rs"]),
    ("argon2", &["service/passwords.rs"]),
    ("totp_rs", &["service"]),
    ("aws_lc_rs", &["service/at_rest.rs"]),
    ("ureq", &["cli"]),
    ("env::var", &["config.rs"]),
    // Handlers call use cases; a few read one row for a use case that needs no rule.
    ("crate::web", &["web", "cli", "worker"]),
    ("crate::cli", &["cli", "main.rs"]),
];

#[test]
fn each_crate_is_named_only_where_it_belongs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let place = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(file).unwrap();
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for (word, homes) in ONLY {
                if line.contains(word) && !homes.iter().any(|h| place.starts_with(h)) {
                    wrong.push(format!("{place}: {}", line.trim()));
                }
            }
            if place.starts_with("domain/") {
                for foreign in [
                    "crate::cli",
                    "crate::exchange",
                    "crate::documents",
                    "crate::sample",
                    "crate::service",
                    "crate::store",
                    "crate::web",
                    "crate::error",
                    "crate::config",
                    "crate::clock",
                    "crate::entropy",
                    "std::fs",
                    "std::env",
                    "println!",
                ] {
                    if line.contains(foreign) {
                        wrong.push(format!("{place}: {}", line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "dependency rules broken:\n{}", wrong.join("\n"));
}

#[test]
fn layers_import_downwards_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    // (folder, what it must not import)
    let rules = [
        ("store/", ["crate::service", "crate::web", "crate::cli", "crate::exchange"].as_slice()),
        ("service/", ["crate::web", "crate::cli"].as_slice()),
        ("exchange/", ["crate::store", "crate::service", "crate::web", "crate::cli"].as_slice()),
    ];
    let mut wrong = Vec::new();
    for file in &files {
        let place = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(file).unwrap();
        for (folder, foreign) in rules {
            if place.starts_with(folder) {
                let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
                wrong.extend(
                    lines
                        .filter(|l| foreign.iter().any(|f| l.contains(f)))
                        .map(|l| format!("{place}: {}", l.trim())),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "layers broken:\n{}", wrong.join("\n"));
}
