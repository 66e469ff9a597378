//! Style, script and icon of the pages: inside the program, under addresses that change with their content, so that
//! browsers keep them for good.

use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Where they are.
pub const PATH: &str = "/assets/{file}";

/// A file.
#[derive(Debug)]
pub struct Asset {
    /// Address.
    pub href: String,
    /// Last part of the address.
    pub name: String,
    /// Media type.
    pub content_type: &'static str,
    /// Content.
    pub text: &'static str,
}

const FILES: [(&str, &str, &str, &str); 4] = [
    ("app", "css", "text/css; charset=utf-8", include_str!("assets/app.css")),
    ("app", "js", "text/javascript; charset=utf-8", include_str!("assets/app.js")),
    ("draw", "js", "text/javascript; charset=utf-8", include_str!("assets/draw.js")),
    ("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// All of them.
pub static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    FILES
        .into_iter()
        .map(|(name, ending, content_type, text)| {
            let hash = hex::encode(&Sha256::digest(text)[..6]);
            let name = format!("{name}.{hash}.{ending}");
            Asset { href: format!("/assets/{name}"), name, content_type, text }
        })
        .collect()
});

/// The address of a file by its ending.
#[must_use]
pub fn href(ending: &str) -> &'static str {
    ASSETS.iter().find(|a| a.name.ends_with(ending)).map_or("", |a| a.href.as_str())
}

/// The address of a script that only some pages load, by its name.
#[must_use]
pub fn named(name: &str) -> &'static str {
    let whole = |a: &&Asset| a.name.split('.').next() == Some(name) && a.name.ends_with("js");
    ASSETS.iter().find(whole).map_or("", |a| a.href.as_str())
}

#[cfg(test)]
mod tests {
    use super::FILES;

    /// What Chromium 86 lacks: properties, selectors, at-rules, functions.
    const CSS: [&str; 22] = [
        "inset:",
        "inset-",
        "margin-inline",
        "margin-block",
        "padding-inline",
        "padding-block",
        "aspect-ratio",
        ":is(",
        ":where(",
        ":has(",
        "@layer",
        "@container",
        "@property",
        "accent-color",
        "color-mix",
        "light-dark",
        "text-wrap",
        "popover",
        "scrollbar-gutter",
        "overflow: clip",
        "dvh",
        "&:",
    ];
    const JS: [&str; 20] = [
        ".at(",
        "randomUUID",
        "Object.hasOwn",
        "structuredClone",
        ".inert",
        "popover",
        "showPopover",
        "replaceWith(...",
        "findLast",
        "toSorted",
        "||=",
        "??=",
        "&&=",
        "navigator.clipboard",
        "static {",
        "#private",
        "top-level",
        "Array.fromAsync",
        ".groupBy",
        "scheduler.",
    ];

    #[test]
    fn nothing_that_old_browsers_lack() {
        for (name, ending, _, text) in FILES {
            let words: &[&str] = match ending {
                "css" => &CSS,
                "js" => &JS,
                _ => &[],
            };
            for word in words {
                assert!(!text.contains(word), "{name}.{ending} has {word}");
            }
        }
    }

    #[test]
    fn pages_stay_light() {
        let size = |ending| FILES.iter().find(|f| f.1 == ending).unwrap().3.len();
        assert!(size("js") < 10_000, "script: {}", size("js"));
        assert!(size("css") < 40_000, "style: {}", size("css"));
        // Loaded by one page; less than half of it goes over the wire.
        let draw = FILES.iter().find(|f| f.0 == "draw").unwrap().3.len();
        assert!(draw < 12_500, "script of a draw: {draw}");
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for (_, _, _, text) in FILES {
            let foreign = text.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !foreign.contains("http:") && !foreign.contains("https:") && !foreign.contains("@import")
            );
        }
    }
}
