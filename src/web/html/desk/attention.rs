//! What needs attention, in the language of the page: its kind says the sentence, the facts stand in it.

use crate::domain::attention::Kind;
use crate::domain::publication::Card;
use crate::service::oversight::attention::Attention;
use crate::web::html::ui::Ui;

/// In a sentence.
pub(in crate::web::html) fn sentence(ui: &Ui, a: &Attention) -> String {
    let kind = match a.kind {
        Kind::PendingReplacement if a.extra == "exhausted" => "replacement-exhausted".to_owned(),
        kind => kind.as_str().replace('_', "-"),
    };
    let extra = match a.kind {
        Kind::LatePublication | Kind::OpenCard => {
            Card::parse(&a.extra).map_or_else(|| ui.t("os-cards"), |c| ui.word("os-color", c.as_str()))
        }
        _ => a.extra.clone(),
    };
    ui.t2(&format!("attention-what-{kind}"), "name", &a.name, "extra", extra)
}

/// The page where it is seen; empty where there is none.
pub(in crate::web::html) fn way(ui: &Ui, a: &Attention) -> String {
    let path = a.link.strip_prefix("/api/v1").unwrap_or(&a.link);
    // What was found at a visit stands on its own page.
    let path = path.strip_suffix("/conduct").unwrap_or(path);
    if ui.has(path) { path.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attention::Severity;
    use crate::ids::Id;
    use crate::web::html::words::Lang;

    #[test]
    fn every_kind_has_its_sentence_and_its_page() {
        for lang in Lang::ALL {
            let ui = Ui::sample(lang, &[]);
            for kind in Kind::ALL {
                let id = Id(uuid::Uuid::from_u128(7));
                for extra in ["exhausted", "yellow", "3"] {
                    let a = Attention {
                        kind: *kind,
                        severity: Severity::Red,
                        what: "中文".to_owned(),
                        name: "Nowhere Ltd".to_owned(),
                        extra: extra.to_owned(),
                        link: format!("/api/v1/visits/{id}/conduct"),
                        departments: Vec::new(),
                        since: ui.now,
                        due: None,
                        countdown: None,
                    };
                    let text = sentence(&ui, &a);
                    assert!(!text.contains('⟦') && text.contains("Nowhere Ltd"), "{text}");
                    let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                    assert_eq!(chinese, lang == Lang::Zh, "{text}");
                    assert_eq!(way(&ui, &a), format!("/visits/{id}"));
                }
            }
        }
    }
}
