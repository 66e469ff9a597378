//! Every template with its samples, in both languages; every key of the words.

use super::ui::Ui;
use super::words::Lang;
use super::{
    Page, account, after, desk, draws, errors, home, inspections, jobs, layout, login, public, results,
    search, swaps, visits,
};
use crate::domain::access::Role;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn samples(ui: &Ui) -> Vec<Page> {
    let parts = [
        login::samples(ui),
        account::samples(ui),
        errors::samples(ui),
        home::samples(ui),
        search::samples(ui),
        inspections::samples(ui),
        draws::samples(ui),
        public::samples(ui),
        visits::samples(ui),
        results::samples(ui),
        swaps::samples(ui),
        after::samples(ui),
        desk::samples(ui),
        jobs::samples(ui),
    ];
    parts.into_iter().flatten().collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/html")
}

fn files(dir: &Path, ending: &str) -> Vec<(String, String)> {
    let mut list = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            list.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    list.sort();
    list
}

#[test]
fn every_page_can_be_shown_in_both_languages() {
    for lang in Lang::ALL {
        for roles in [&[Role::Coordinator][..], &[]] {
            let ui = Ui::sample(lang, roles);
            for page in samples(&ui) {
                let text = layout::render(&page, &ui).unwrap();
                let at = text.find('⟦').map(|at| text[at..].chars().take(60).collect::<String>());
                assert_eq!(at, None, "{}", page.title);
                for (open, close) in [
                    ("<form", "</form>"),
                    ("<table", "</table>"),
                    ("<section", "</section>"),
                    ("<ul", "</ul>"),
                ] {
                    assert_eq!(
                        text.matches(open).count(),
                        text.matches(close).count(),
                        "{open} in {}",
                        page.title
                    );
                }
                assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick"));
                assert!(!text.contains("<script>"), "script in {}", page.title);
                assert!(text.len() < 100_000, "{} is {} bytes", page.title, text.len());
            }
        }
    }
}

/// Templates that a sample fills.
#[test]
fn every_template_belongs_to_a_struct() {
    let sources: String = files(&root(), "rs").into_iter().map(|(_, text)| text).collect();
    for (name, _) in files(&root().join("templates"), "html") {
        let name = name.trim_start_matches("templates/");
        assert!(sources.contains(&format!("path = \"{name}\"")), "nobody fills {name}");
    }
}

fn keys(lang: Lang) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, text) in files(&root().join("locales").join(lang.as_str()), "ftl") {
        for line in text.lines() {
            let Some((key, _)) = line.split_once(" =") else { continue };
            if key.starts_with(|c: char| c.is_ascii_lowercase()) && !key.contains(' ') {
                assert!(found.insert(key.to_owned()), "{key} stands twice, again in {name}");
            }
        }
    }
    found
}

/// Everything between quotation marks in the sources and templates.
fn quoted() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (_, text) in files(&root(), "rs").into_iter().chain(files(&root(), "html")) {
        for line in text.lines() {
            let parts: Vec<&str> = line.split('"').collect();
            all.extend(parts.iter().map(|p| (*p).to_owned()));
        }
    }
    all
}

#[test]
fn every_word_is_in_both_languages_and_is_used() {
    let (zh, mut en) = (keys(Lang::Zh), keys(Lang::En));
    // Faults are told in Chinese by the use cases.
    en.retain(|key| !key.starts_with("fault-"));
    let only: Vec<&String> = zh.symmetric_difference(&en).collect();
    assert!(only.is_empty(), "in one language only: {only:?}");
    let quoted = quoted();
    let used = |key: &str| {
        quoted.contains(key)
            || quoted.iter().any(|q| is_pattern(q, key))
            || key.match_indices('-').any(|(at, _)| quoted.contains(&key[..at]))
    };
    let unused: Vec<&String> = zh.iter().filter(|key| !used(key)).collect();
    assert!(unused.is_empty(), "never used: {unused:?}");
}

/// Whether a literal is a pattern that this key is made by: `todo-act-{act}`, `invitation-{}-hint`.
fn is_pattern(literal: &str, key: &str) -> bool {
    let Some((before, rest)) = literal.split_once('{') else { return false };
    let Some((_, after)) = rest.split_once('}') else { return false };
    let word = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    before.ends_with('-')
        && word(before)
        && word(after)
        && key.len() > before.len() + after.len()
        && key.starts_with(before)
        && key.ends_with(after)
}

#[test]
fn every_word_that_is_used_exists() {
    let known = keys(Lang::Zh);
    let mut missing = BTreeSet::new();
    for (name, text) in files(&root(), "rs").into_iter().chain(files(&root(), "html")) {
        for call in
            ["ui.t(\"", "ui.t1(\"", "ui.t2(\"", "ui.n(\"", ".say(\"", ".say_with(\"", ".hint(\"", ".add(\""]
        {
            for (at, _) in text.match_indices(call) {
                let rest = &text[at + call.len()..];
                let key = &rest[..rest.find('"').unwrap()];
                if !key.contains(['{', ' ']) && !known.contains(key) && key.contains('-') {
                    missing.insert(format!("{key} in {name}"));
                }
            }
        }
        for (at, _) in text.match_indices("ui.field(\"") {
            let rest = &text[at + 10..];
            let mut parts = rest.split('"');
            let key = parts.nth(2).unwrap_or_default();
            if !known.contains(key) {
                missing.insert(format!("{key} in {name}"));
            }
        }
    }
    missing.retain(|m| !m.starts_with("no-such-key"));
    assert!(missing.is_empty(), "{missing:?}");
}
