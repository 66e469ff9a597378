//! Requests for pages: from the socket to a handler and back, and the errors on the way as pages.

use super::assets::ASSETS;
use super::browser::Browser;
use super::errors;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Origin;
use crate::store::accounts;
use crate::web::call::Call;
use crate::web::reply::Answer;
use crate::web::router::{Allow, Entry, Raw, Sort};
use crate::web::serve;
use crate::web::server::Server;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;

/// A request for a page.
pub(in crate::web) async fn handle(
    server: &Arc<Server>,
    entry: &Arc<Entry>,
    request: &HttpRequest,
    body: std::result::Result<Bytes, actix_web::Error>,
    origin: &Origin,
) -> (Answer, Option<Id>) {
    match prepare(server, entry, request, body, origin) {
        Ok((raw, call)) => {
            let (entry, own) = (Arc::clone(entry), call.clone());
            let answer = web::block(move || {
                let answer = serve::run(&entry, raw, &own, Ok(()))
                    .unwrap_or_else(|error| errors::answer(&own, &error));
                note_use(&own);
                answer
            })
            .await
            .unwrap_or_else(|e| errors::answer(&call, &Error::unavailable(&e)));
            let user = call.browser.as_deref().and_then(|b| b.known.get()).map(|(user, _)| *user);
            (answer, user)
        }
        Err(error) => (refused(server, request, origin, error).await, None),
    }
}

fn prepare(
    server: &Arc<Server>,
    entry: &Entry,
    request: &HttpRequest,
    body: std::result::Result<Bytes, actix_web::Error>,
    origin: &Origin,
) -> Result<(Raw, Call)> {
    let browser = Browser::of(server, request, entry.page.is_some_and(Sort::is_shared))?;
    server.limits.check(browser.counted_as(), &origin.address)?;
    let body = serve::within(body, entry.limit)?;
    Ok((serve::raw(request, &body), call(server, origin, browser, entry.allow)))
}

fn call(server: &Arc<Server>, origin: &Origin, browser: Browser, allow: Allow) -> Call {
    Call {
        server: Arc::clone(server),
        origin: origin.clone(),
        claims: None,
        browser: Some(Arc::new(browser)),
        allow,
        key: None,
    }
}

/// Notes that a session is in use, now and then: no act, so nothing for the journal.
fn note_use(call: &Call) {
    let Some(session) = call.browser.as_deref().and_then(|b| b.touch.get()).copied() else { return };
    let now = call.server.clock.now();
    if let Err(error) = call.server.store.write(move |db| accounts::touch_session(db, session, now)) {
        tracing::warn!(%error, "the use of a session was not noted");
    }
}

/// An error before there was a page to ask for.
pub(in crate::web) async fn refused(
    server: &Arc<Server>,
    request: &HttpRequest,
    origin: &Origin,
    error: Error,
) -> Answer {
    match Browser::of(server, request, false) {
        Ok(browser) => {
            let call = call(server, origin, browser, Allow::Public);
            let own = call.clone();
            let shown = error.clone();
            web::block(move || errors::answer(&own, &shown))
                .await
                .unwrap_or_else(|_| errors::plain(&call, &error))
        }
        Err(error) => crate::web::problem::answer(&error, origin),
    }
}

/// Whether a request for an address that is none comes from a person and not from a program.
#[must_use]
pub fn is_for_people(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    !request.path().starts_with("/api/") && accepts.contains("text/html")
}

/// `GET /assets/{file}`
pub async fn asset(request: HttpRequest) -> HttpResponse {
    let name = request.match_info().query("file");
    let Some(asset) = ASSETS.iter().find(|a| a.name == name) else {
        return HttpResponse::NotFound().insert_header((header::CACHE_CONTROL, "no-store")).finish();
    };
    let etag = format!("\"{}\"", asset.name);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let unchanged = known.is_some_and(|list| list.contains(&etag));
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if unchanged { response.finish() } else { response.content_type(asset.content_type).body(asset.text) }
}
