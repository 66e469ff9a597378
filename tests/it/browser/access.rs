//! Every page, as those who may read it: found by following every link of everybody's pages, then looked at in the browser
//! on an office screen in light colours and on a telephone in dark ones, for what keeps people from using it.

use super::county::{CITY, County, FIRE, MARKET, list};
use super::driver::{Browser, DESK, PHONE};
use super::lively::lively;
use super::pictures;
use crate::support::{TestApp, browser as plain};
use onedoor::web::router::Entry;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// What has no page to look at: files, pictures, papers for the printer, the progress of work, a way to another language.
const NO_PAGES: [&str; 20] = [
    "/draws/{id}/audit/file",
    "/evidence/{id}",
    "/exports",
    "/exports/publications/file",
    "/figures/chart.svg",
    "/imports/{id}/marked",
    "/inspections/{id}/archive",
    "/jobs/{id}/events",
    "/jobs/{id}/file",
    "/language/{lang}",
    "/papers/calendar.ics",
    "/papers/inspections/{id}/{paper}",
    "/papers/mailings/{id}/listing",
    "/papers/rating-cards/inspections/{id}",
    "/papers/rating-cards/visits/{id}",
    "/papers/visits/{id}/{paper}",
    "/score-evidence/{id}",
    "/scorecards/{year}/book",
    "/scorecards/{year}/{department}/book",
    "/statistics/{table}/book",
];
/// Addresses of a kind that one person follows, and those of them on one page.
const OF_A_KIND: usize = 12;
const ON_A_PAGE: usize = 3;
/// The whole of a page as it comes over the line, bytes.
const WEIGHT: i64 = 100_000;

fn segments(path: &str) -> Vec<&str> {
    path.split('/').skip(1).collect()
}

/// The page's route of an address; fixed words win over parameters.
fn route<'a>(entries: &'a [Entry], path: &str) -> Option<&'a Entry> {
    let asked = segments(path);
    let fits = |pattern: &str| {
        let parts = segments(pattern);
        parts.len() == asked.len() && parts.iter().zip(&asked).all(|(p, a)| p.starts_with('{') || p == a)
    };
    let pages = entries.iter().filter(|e| e.page.is_some() && e.method == "GET" && fits(e.path));
    pages.min_by_key(|e| e.path.matches('{').count())
}

/// The addresses that a page leads to, within the house.
fn links(page: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links
        .map(|link| link.replace("&amp;", "&").replace("&#38;", "&"))
        .map(|link| link.split('#').next().unwrap_or_default().to_owned())
        .filter(|link| link.starts_with('/'))
        .collect()
}

/// The fullest page of a kind, and whose it is.
pub(super) struct Found {
    pub(super) login: String,
    pub(super) path: String,
    size: usize,
}

/// Follows every link of somebody's pages; what is found, and every link that leads nowhere.
fn walk(
    entries: &[Entry],
    browser: &plain::Browser,
    login: &str,
    starts: &[String],
) -> (BTreeMap<&'static str, Found>, Vec<String>) {
    let mut queue: VecDeque<(String, String)> =
        starts.iter().map(|path| (path.clone(), "the start".to_owned())).collect();
    let mut known: BTreeSet<String> = starts.iter().cloned().collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut found, mut dead) = (BTreeMap::new(), Vec::new());
    while let Some((path, from)) = queue.pop_front() {
        let bare = path.split('?').next().unwrap_or_default();
        // The API's own documents, styles and scripts are no pages; the public pages are the public's.
        let Some(entry) = route(entries, bare) else {
            if !bare.starts_with("/api/") && !bare.starts_with("/assets/") {
                dead.push(format!("{login}: {path} on {from} is nothing"));
            }
            continue;
        };
        let shared = !login.is_empty() && (bare == "/public" || bare.starts_with("/public/"));
        let many = kinds.entry(entry.path).or_default();
        if shared || entry.path == "/language/{lang}" || *many >= OF_A_KIND {
            continue;
        }
        *many += 1;
        let answer = browser.get(&path);
        let media = answer.header("content-type").unwrap_or_default().to_owned();
        if answer.status != 200 {
            let led =
                answer.header("location").is_some_and(|to| to.starts_with("/login")) && login.is_empty();
            if !led {
                dead.push(format!("{login}: {path} on {from} answers {}", answer.status));
            }
            continue;
        }
        if !media.starts_with("text/html") || NO_PAGES.contains(&entry.path) {
            continue;
        }
        let page = answer.text();
        let mut here: BTreeMap<&str, usize> = BTreeMap::new();
        for link in links(&page) {
            let kind = route(entries, link.split('?').next().unwrap_or_default()).map_or("", |e| e.path);
            let many = here.entry(kind).or_default();
            if !known.contains(&link) && (*many < ON_A_PAGE || !kind.contains('{')) {
                *many += 1;
                known.insert(link.clone());
                queue.push_back((link, path.clone()));
            }
        }
        let best = found.get(entry.path).map_or(0, |f: &Found| f.size);
        if page.len() > best {
            found.insert(entry.path, Found { login: login.to_owned(), size: page.len(), path });
        }
    }
    (found, dead)
}

/// The checks of others, where they could be had: the axe engine, run with the rules of WCAG 2.2 A and AA.
fn axe() -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/axe.sh");
    let ran = std::process::Command::new("bash").arg(script).output().unwrap();
    if ran.status.success() {
        let path = String::from_utf8(ran.stdout).unwrap();
        return Some(std::fs::read_to_string(Path::new(path.trim())).unwrap());
    }
    eprintln!(
        "\n!!!! axe-core could not be fetched, so its rules were NOT run; our own were. {}\n",
        String::from_utf8_lossy(&ran.stderr).trim()
    );
    None
}

const RUN_AXE: &str = r#";
const done = arguments[arguments.length - 1], [only] = arguments;
const rules = only.length ? { type: "rule", values: only } : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] };
axe.run(document, { runOnly: rules, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] }).then(
  (r) => done(r.violations.filter((v) => /serious|critical/.test(v.impact)).map((v) => v.id + ": " + v.nodes[0].html.slice(0, 140))),
  (e) => done([String(e)]));"#;

/// Rules whose answer depends on the screen; the others need be asked once.
const OF_THE_SCREEN: [&str; 3] = ["color-contrast", "target-size", "scrollable-region-focusable"];

/// Everything that is wrong with the page the browser shows.
fn faults(b: &Browser, axe: Option<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut add = |look: &str, list: &Value| {
        faults.extend(
            list.as_array().unwrap().iter().map(|f| format!("{look}: {}", f.as_str().unwrap_or_default())),
        );
    };
    let load = b.js_later(include_str!("load.js"), &[]);
    // Both sizes and both palettes in two looks: there are some two hundred kinds of pages.
    for (look, size, dark) in [("desk", DESK, false), ("telephone, dark", PHONE, true)] {
        b.size(size);
        b.dark(dark);
        add(look, &b.js(include_str!("check.js"), &[]));
        if let Some(axe) = axe {
            let first = look == "desk";
            // It is loaded once and stays on the page.
            let code = format!("{}{RUN_AXE}", if first { axe } else { "" });
            let only = if first { json!([]) } else { json!(OF_THE_SCREEN) };
            add(look, &b.js_later(&code, &[only]));
        }
    }
    b.size(DESK);
    if load["bytes"].as_i64().unwrap() > WEIGHT {
        faults.push(format!("weighs {} bytes", load["bytes"]));
    }
    // To three places, as it is reported everywhere: a rounding of a thousandth of a pixel is no movement.
    if load["shift"].as_f64().unwrap() >= 0.000_5 {
        faults.push(format!("moves while it loads: {}", load["shift"]));
    }
    faults.extend(list(&load["foreign"]).iter().map(|f| format!("asks {f}")));
    faults.extend(b.complaints().into_iter().map(|c| format!("the browser complains: {c}")));
    faults
}

/// Every kind of page, as somebody who may read it: the fullest of its kind; and every link that leads nowhere.
pub(super) fn pages_of(c: &County<'_>) -> (BTreeMap<&'static str, Found>, Vec<String>) {
    let starts = lively(c);
    let inspector = {
        let going = c.office().get("/api/v1/visits?state=in_progress&limit=5").expect(200);
        c.desk(&list(&going["items"])[0], MARKET).enters
    };
    let everybody = [
        String::new(),
        MARKET.clerk(),
        MARKET.legal(),
        MARKET.head(),
        FIRE.clerk(),
        FIRE.head(),
        CITY.clerk(),
        inspector,
        "xieban".to_owned(),
        "jiandu".to_owned(),
        "daibiao".to_owned(),
        "sys".to_owned(),
        "sec".to_owned(),
        "aud".to_owned(),
    ];
    let mut pages: BTreeMap<&str, Found> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    let walks: Vec<_> = std::thread::scope(|scope| {
        let entries = &c.app.server.router.entries;
        let walks: Vec<_> = everybody
            .iter()
            .map(|login| {
                let browser = plain::Browser::new(c.app);
                if !login.is_empty() {
                    browser.login(login);
                }
                let usual: &[&str] = if login.is_empty() {
                    &["/public", "/login"]
                } else {
                    &["/", "/search?q=%E9%9D%92%E6%BE%9C"]
                };
                let own = starts.iter().filter(|(whose, _)| whose == login).map(|(_, path)| path.clone());
                let own: Vec<String> = usual.iter().map(|path| (*path).to_owned()).chain(own).collect();
                scope.spawn(move || walk(entries, &browser, login, &own))
            })
            .collect();
        walks.into_iter().map(|w| w.join().unwrap()).collect()
    });
    for (found, dead) in walks {
        for (kind, place) in found {
            match pages.get(kind) {
                Some(known) if known.size >= place.size => {}
                _ => drop(pages.insert(kind, place)),
            }
        }
        wrong.extend(dead);
    }
    (pages, wrong)
}

/// Acts in the journal that have no word in one of the languages.
fn acts_without_words(c: &County<'_>) -> Vec<String> {
    let rows = crate::planning::fixture::pages(&c.at("aud"), "/api/v1/journal?limit=200");
    let acts: BTreeSet<String> = rows.iter().map(|r| super::county::text(&r["act"])).collect();
    assert!(acts.len() > 20, "{acts:?}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/html/locales");
    let mut missing = Vec::new();
    for language in ["zh-CN", "en"] {
        let files = std::fs::read_dir(folder.join(language)).unwrap();
        let words: String = files.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect();
        let known = |act: &str| words.contains(&format!("\nact-{} =", act.replace('_', "-")));
        let unknown = acts.iter().filter(|act| !known(act));
        missing.extend(unknown.map(|act| format!("no word for {act} in {language}")));
    }
    missing
}

#[test]
fn every_page_is_accessible() {
    let app = TestApp::sqlite();
    let c = County::new(&app);
    let (pages, mut wrong) = pages_of(&c);
    wrong.extend(acts_without_words(&c));
    // Nothing is left out: a new page is found here, or the county above has to be given what leads to it.
    for entry in app.server.router.entries.iter().filter(|e| e.page.is_some() && e.method == "GET") {
        if !NO_PAGES.contains(&entry.path) && !pages.contains_key(entry.path) {
            wrong.push(format!("nobody finds {}", entry.path));
        }
    }
    let axe = axe();
    let b = Browser::open(&app, "pages");
    let language = pictures::language();
    let speaks = |language: &str| b.goes(&format!("/language/{language}"));
    let mut list: Vec<(&str, &Found)> = pages.iter().map(|(kind, place)| (*kind, place)).collect();
    list.sort_by_key(|(_, place)| place.login.clone());
    for (kind, place) in list {
        if place.login.is_empty() {
            b.stands_up();
        } else {
            b.sits(&place.login);
        }
        if language != "zh-CN" {
            speaks(&language);
        }
        b.goes(&place.path);
        wrong.extend(faults(&b, axe.as_deref()).into_iter().map(|f| format!("{kind} ({}) {f}", place.login)));
        if let Some(folder) = pictures::folder() {
            pictures::of_page(&b, &folder, kind);
        }
        if language != "zh-CN" {
            speaks("zh-CN");
        }
    }
    // What is not there, and a form with faults.
    b.stands_up().goes("/nowhere");
    wrong.extend(
        faults(&b, axe.as_deref()).into_iter().filter(|f| !f.contains("404")).map(|f| format!("404 {f}")),
    );
    b.goes("/login").presses("登录");
    wrong.extend(
        faults(&b, axe.as_deref()).into_iter().filter(|f| !f.contains("401")).map(|f| format!("401 {f}")),
    );
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
