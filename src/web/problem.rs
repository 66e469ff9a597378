//! Errors as RFC 9457 problem documents.

use super::reply::Answer;
use crate::error::Error;
use crate::service::cx::Origin;
use serde_json::{Value, json};

/// Logs the cause of an error that says nothing of it.
pub fn log(error: &Error, origin: &Origin) {
    match error {
        Error::Internal(cause) => tracing::error!(%cause, request_id = %origin.request_id, "internal error"),
        Error::Unavailable(cause) | Error::Again(cause) => {
            tracing::warn!(%cause, request_id = %origin.request_id, "unavailable");
        }
        _ => {}
    }
}

/// The answer to a request that failed. A defect says nothing of its cause; the cause is logged, once, here.
#[must_use]
pub fn answer(error: &Error, origin: &Origin) -> Answer {
    let (status, code) = error.status();
    log(error, origin);
    let mut body = json!({
        "type": format!("/problems/{code}"),
        "title": error.to_string(),
        "status": status,
        "code": code,
        "request_id": origin.request_id,
    });
    let mut headers = Vec::new();
    match error {
        Error::Invalid(errors) => {
            body["errors"] = serde_json::to_value(errors).unwrap_or(Value::Null);
        }
        Error::Refused { state: Some(state), .. } => body["state"] = json!(state),
        Error::Stale(version) => {
            body["version"] = json!(version);
            headers.push(("ETag".to_owned(), format!("\"{version}\"")));
        }
        Error::TooMany { wait_s, .. } => headers.push(("Retry-After".to_owned(), wait_s.to_string())),
        Error::Unavailable(_) | Error::Again(_) => headers.push(("Retry-After".to_owned(), "2".to_owned())),
        Error::Unauthenticated(..) => {
            headers.push(("WWW-Authenticate".to_owned(), "Bearer realm=\"onedoor\"".to_owned()));
        }
        _ => {}
    }
    Answer {
        status,
        content_type: "application/problem+json".to_owned(),
        headers,
        body: serde_json::to_vec(&body).unwrap_or_default(),
        refusal: None,
        stream: None,
    }
}
