//! What the program is built from: every dependency comes from crates.io under a licence of the list, and what is
//! configured by default is what the code does by default.

use onedoor::domain::planning::input::{Rules, TeamMode};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Licences that ask for no more than their text; deny.toml holds the same list.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "PostgreSQL",
    "Unicode-3.0",
    "Zlib",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether an SPDX expression can be met with the list: `OR` needs one side, `AND` both.
fn allowed(expression: &str) -> bool {
    // The slash is how crates wrote OR before SPDX.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = any(&words, &mut at);
    result && at == words.len()
}

fn any(words: &[&str], at: &mut usize) -> bool {
    let mut result = all(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all(words, at);
    }
    result
}

fn all(words: &[&str], at: &mut usize) -> bool {
    let mut result = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at);
    }
    result
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words.get(*at).unwrap_or(&"");
    // Past the end when a word is missing, so that the expression is not read to its end and is refused.
    *at += 1;
    if *word == "(" {
        let result = any(words, at);
        *at += 1;
        return result && words.get(*at - 1) == Some(&")");
    }
    let mut licence = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    LICENCES.contains(&licence.as_str())
}

#[test]
fn licence_expressions_are_understood() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "(GPL-3.0 OR MIT) AND BSD-3-Clause",
        "Apache-2.0 WITH LLVM-exception",
        "GPL-3.0 OR Zlib",
    ] {
        assert!(allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "", "MIT OR", "(MIT", "GPL-2.0 WITH LLVM-exception", "MIT MIT"]
    {
        assert!(!allowed(bad), "{bad}");
    }
}

#[test]
fn dependencies_come_from_the_registry_under_known_licences() {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|l| l.strip_prefix("host: ")).unwrap();
    // Only the host's dependencies are sure to be on this machine, which may have no network.
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    let mut wrong = Vec::new();
    for package in packages {
        let (name, licence) = (&package["name"], package["license"].as_str().unwrap_or(""));
        if !allowed(licence) {
            wrong.push(format!("{name}: licence {licence:?}"));
        }
        let own = package["name"] == "onedoor" && package["source"].is_null();
        if !own && package["source"] != "registry+https://github.com/rust-lang/crates.io-index" {
            wrong.push(format!("{name}: from {}", package["source"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let deny: toml::Table =
        toml::from_str(&std::fs::read_to_string(root().join("deny.toml")).unwrap()).unwrap();
    let listed: Vec<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    assert_eq!(listed, LICENCES);
}

fn minutes(value: &toml::Value) -> u32 {
    let (hour, minute) = value.as_str().unwrap().split_once(':').unwrap();
    hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap()
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let text = std::fs::read_to_string(root().join("config/default.toml")).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let rules = Rules::default();
    let number = |key: &str| u32::try_from(table[key].as_integer().unwrap()).unwrap();
    let span = |key: &str| (minutes(&table[key][0]), minutes(&table[key][1]));
    let documented = Rules {
        max_visit_minutes: number("max_visit_minutes"),
        max_depts_per_visit: number("max_depts_per_visit"),
        max_people_per_visit: number("max_people_per_visit"),
        entry_overhead_minutes: number("entry_overhead_minutes"),
        travel_minutes: number("travel_minutes"),
        slot_minutes: number("slot_minutes"),
        am: span("am"),
        pm: span("pm"),
        min_per_dept: number("min_per_dept"),
        min_total_officers: number("min_total_officers"),
        base_qualification: table["base_qualification"].as_str().unwrap().to_owned(),
        team_mode: match table["team_mode"].as_str().unwrap() {
            "全局随机" => TeamMode::Bureau,
            other => panic!("the default team mode reads {other}"),
        },
        team_mode_fallback: match table["team_mode_fallback"].as_str().unwrap() {
            "不改用" => None,
            other => panic!("the default for a mode that fails reads {other}"),
        },
        lead_required: table["lead_required"].as_bool().unwrap(),
        bundle_towns: table["bundle_towns"].as_bool().unwrap(),
        packages: number("packages"),
    };
    assert_eq!(documented, rules);
    // Every rule is a key of the file and the other way round, and each key has words before it.
    let mut fields: Vec<String> =
        serde_json::to_value(&rules).unwrap().as_object().unwrap().keys().cloned().collect();
    fields.sort();
    let mut keys: Vec<String> = table.keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, fields);
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, l)| l.contains(" = ") && !l.starts_with('#')) {
        assert!(
            lines[at - 1].starts_with("# ") || lines[at - 1].starts_with("#   "),
            "{line} is not explained"
        );
    }
}
