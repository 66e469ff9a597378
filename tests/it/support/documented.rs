//! Holds every answer that a test gets against the OpenAPI document: a status and a media type that it does not name for
//! this route is a defect of one of the two.

use super::client::Answer;
use serde_json::Value;
use std::sync::OnceLock;

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let router = onedoor::web::routes();
        onedoor::web::openapi::document(&router.entries, &router.components)
    })
}

/// Fixed words win over parameters, as in the server.
fn route(path: &str) -> Option<(&'static str, &'static Value)> {
    let asked: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == asked.len()
            && parts.iter().zip(&asked).all(|(part, word)| part.starts_with('{') || part == word)
    };
    let paths = document()["paths"].as_object().unwrap();
    let best = paths.iter().filter(|(pattern, _)| fits(pattern)).min_by_key(|(p, _)| p.matches('{').count());
    best.map(|(pattern, methods)| (pattern.as_str(), methods))
}

/// Fails where the document does not name what came back.
#[track_caller]
pub(super) fn check(method: &str, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let Some((pattern, methods)) = route(path) else { return };
    let operation = &methods[method.to_lowercase().as_str()];
    // What has no such method, or is no request at all, is answered before any route is.
    if operation.is_null() || matches!(answer.status, 304 | 405) {
        return;
    }
    let named = &operation["responses"][answer.status.to_string().as_str()];
    assert!(named.is_object(), "{method} {pattern}: status {} is not documented", answer.status);
    if answer.bytes.is_empty() {
        return;
    }
    let media = answer.header("content-type").unwrap_or_default();
    let kinds: Vec<&String> = named["content"].as_object().into_iter().flat_map(|c| c.keys()).collect();
    assert!(kinds.iter().any(|k| *k == media), "{method} {pattern}: {media} is not one of {kinds:?}");
}
