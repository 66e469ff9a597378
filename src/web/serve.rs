//! The edge: from actix's requests to [`Call`]s and back, with body limits, request ids and security headers.

use super::call::Call;
use super::html;
use super::metrics::State;
use super::problem;
use super::reply::{Answer, Pump};
use super::router::{Entry, Raw};
use super::server::Server;
use crate::clock::Stopwatch;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Origin;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::error::BlockingError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

/// Adds all routes to an actix application, those under one first word in a scope of their own: actix tries one pattern
/// after the other, and a scope is passed over by its prefix.
pub fn configure(server: &Arc<Server>, config: &mut ServiceConfig) {
    type Resources = Vec<(&'static str, Vec<(usize, Entry)>)>;
    let mut scopes: Vec<(&'static str, Resources)> = Vec::new();
    for (number, entry) in server.router.entries.iter().enumerate() {
        let (prefix, path) = split(entry.path);
        let entry = (number, entry.clone());
        let at = scopes.iter().position(|(p, _)| *p == prefix).unwrap_or_else(|| {
            scopes.push((prefix, Vec::new()));
            scopes.len() - 1
        });
        let resources = &mut scopes[at].1;
        match resources.iter_mut().find(|(p, _)| *p == path) {
            Some((_, list)) => list.push(entry),
            None => resources.push((path, vec![entry])),
        }
    }
    for (prefix, resources) in scopes {
        // The first page has no word of its own; a scope of the root would take everything.
        if prefix == "/" {
            for (_, entries) in resources {
                config.service(resource(server, "/", entries));
            }
            continue;
        }
        let resources = resources.into_iter().map(|(path, entries)| resource(server, path, entries));
        config.service(resources.fold(web::scope(prefix), actix_web::Scope::service));
    }
    let server = Arc::clone(server);
    config.default_service(web::to(move |request: HttpRequest| {
        let server = Arc::clone(&server);
        async move {
            let took = Stopwatch::start();
            let origin = origin(&server, &request);
            let error = Error::NotFound("这个地址");
            let answer = if html::edge::is_for_people(&request) {
                html::edge::refused(&server, &request, &origin, error).await
            } else {
                problem::answer(&error, &origin)
            };
            let response = respond(answer, &origin, request.headers());
            told(&server, None, &request, &origin, None, &response, took);
            response
        }
    }));
}

/// A path as the part up to its first word below the API's root, and the rest.
fn split(path: &'static str) -> (&'static str, &'static str) {
    const ROOT: &str = "/api/v1/";
    let from = if path.starts_with(ROOT) { ROOT.len() } else { 1 };
    path.split_at(path[from..].find('/').map_or(path.len(), |at| from + at))
}

/// All methods of one path.
fn resource(server: &Arc<Server>, path: &'static str, entries: Vec<(usize, Entry)>) -> actix_web::Resource {
    let limit = entries.iter().map(|(_, e)| e.limit).max().unwrap_or_default();
    let mut resource = web::resource(path).app_data(web::PayloadConfig::new(limit));
    let mut methods: Vec<&str> = entries.iter().map(|(_, e)| e.method).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    let methods = methods.join(", ");
    for (number, entry) in entries {
        let method = actix_web::http::Method::from_bytes(entry.method.as_bytes()).unwrap_or_default();
        let (server, entry) = (Arc::clone(server), Arc::new(entry));
        let handler = move |request: HttpRequest, body: std::result::Result<Bytes, actix_web::Error>| {
            handle(Arc::clone(&server), (number, Arc::clone(&entry)), request, body)
        };
        if method == actix_web::http::Method::GET {
            resource = resource.route(web::route().method(actix_web::http::Method::HEAD).to(handler.clone()));
        }
        resource = resource.route(web::route().method(method).to(handler));
    }
    let server = Arc::clone(server);
    resource.default_service(web::to(move |request: HttpRequest| {
        let (server, methods) = (Arc::clone(&server), methods.clone());
        async move {
            let took = Stopwatch::start();
            let origin = origin(&server, &request);
            let error = Error::Method(methods.clone());
            let mut answer = if html::edge::is_for_people(&request) {
                html::edge::refused(&server, &request, &origin, error).await
            } else {
                problem::answer(&error, &origin)
            };
            answer.headers.push(("Allow".to_owned(), methods));
            let response = respond(answer, &origin, request.headers());
            told(&server, None, &request, &origin, None, &response, took);
            response
        }
    }))
}

async fn handle(
    server: Arc<Server>,
    (number, entry): (usize, Arc<Entry>),
    request: HttpRequest,
    body: std::result::Result<Bytes, actix_web::Error>,
) -> HttpResponse {
    let took = Stopwatch::start();
    let origin = origin(&server, &request);
    if entry.page.is_some() {
        let (answer, user) = html::edge::handle(&server, &entry, &request, body, &origin).await;
        let response = respond(answer, &origin, request.headers());
        told(&server, Some(number), &request, &origin, user, &response, took);
        return response;
    }
    let mut user = None;
    let answer = match prepare(&server, &entry, &request, body, &origin) {
        Ok((raw, call, sound)) => {
            user = call.claims.as_ref().map(|c| c.sub);
            let entry = Arc::clone(&entry);
            web::block(move || run(&entry, raw, &call, sound))
                .await
                .unwrap_or_else(|e| Err(Error::unavailable(&e)))
        }
        Err(error) => Err(error),
    };
    let answer = answer.unwrap_or_else(|error| problem::answer(&error, &origin));
    let response = respond(answer, &origin, request.headers());
    told(&server, Some(number), &request, &origin, user, &response, took);
    response
}

/// Counts an answer and writes its line into the log: no query, no body, no header, so no secret.
fn told(
    server: &Server,
    route: Option<usize>,
    request: &HttpRequest,
    origin: &Origin,
    user: Option<Id>,
    response: &HttpResponse,
    took: Stopwatch,
) {
    let (status, took) = (response.status().as_u16(), took.elapsed());
    server.metrics.count(route, status, took);
    tracing::info!(
        target: "access",
        method = %request.method(),
        path = request.path(),
        status,
        us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        address = %origin.address,
        user = user.map(tracing::field::display),
        request_id = %origin.request_id,
    );
}

/// Everything that needs no database. The last part tells whether the headers are right, which comes after the rights.
fn prepare(
    server: &Arc<Server>,
    entry: &Entry,
    request: &HttpRequest,
    body: std::result::Result<Bytes, actix_web::Error>,
    origin: &Origin,
) -> Result<(Raw, Call, Result<()>)> {
    let claims = match header_text(request.headers(), "authorization") {
        Some(text) => {
            let token =
                text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer ")).ok_or_else(|| {
                    Error::Unauthenticated("invalid_token", "Authorization 须为 Bearer 令牌".to_owned())
                })?;
            Some(server.tokens.read(token.trim(), server.clock.now())?)
        }
        None => None,
    };
    server.limits.check(claims.as_ref().map(|c| c.sub), &origin.address)?;
    let body = within(body, entry.limit)?;
    let mut origin = origin.clone();
    let (mut key, mut sound) = (None, Ok(()));
    match if_match(request.headers()) {
        Ok(version) => origin.if_match = version,
        Err(error) => sound = Err(error),
    }
    match idempotency_key(entry, request, &body) {
        Ok(given) => key = given,
        Err(error) => sound = Err(error),
    }
    let raw = raw(request, &body);
    let call = Call { server: Arc::clone(server), origin, claims, browser: None, allow: entry.allow, key };
    Ok((raw, call, sound))
}

/// A body that was read and is not too large.
pub(super) fn within(body: std::result::Result<Bytes, actix_web::Error>, limit: usize) -> Result<Bytes> {
    let body = body.map_err(|e| match e.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(limit),
        _ => Error::Malformed(e.to_string()),
    })?;
    if body.len() > limit { Err(Error::TooLarge(limit)) } else { Ok(body) }
}

/// The parts of a request that handlers are parsed from.
pub(super) fn raw(request: &HttpRequest, body: &[u8]) -> Raw {
    Raw {
        params: request.match_info().iter().map(|(_, value)| value.to_owned()).collect(),
        query: request.query_string().to_owned(),
        body: body.to_vec(),
        content_type: header_text(request.headers(), "content-type").unwrap_or_default().to_owned(),
    }
}

/// The request's Idempotency-Key, with the hash that tells it from others under the same key.
fn idempotency_key(entry: &Entry, request: &HttpRequest, body: &[u8]) -> Result<Option<(String, String)>> {
    let Some(value) = request.headers().get("idempotency-key").filter(|_| entry.method == "POST") else {
        return Ok(None);
    };
    let key = value.as_bytes();
    if key.is_empty() || key.len() > 128 || !key.iter().all(u8::is_ascii_graphic) {
        return Err(Error::field(
            "Idempotency-Key",
            "invalid_key",
            "Idempotency-Key 须为1至128个可见 ASCII 字符",
        ));
    }
    let mut hash = Sha256::new();
    for part in [entry.method.as_bytes(), request.uri().to_string().as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Ok(Some((String::from_utf8_lossy(key).into_owned(), hex::encode(hash.finalize()))))
}

/// Parses and runs. Who may not use the route at all learns that before he learns what is wrong with his request.
pub(super) fn run(entry: &Entry, raw: Raw, call: &Call, sound: Result<()>) -> Result<Answer> {
    match sound.and_then(|()| (entry.bind)(raw)) {
        Ok(bound) => bound(call),
        Err(error) => call.read(|_| Ok(())).and(Err(error)),
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn if_match(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get("if-match") else { return Ok(None) };
    let number =
        value.to_str().ok().and_then(|t| t.trim().trim_start_matches("W/").trim_matches('"').parse().ok());
    number.map(Some).ok_or_else(|| Error::field("If-Match", "invalid_etag", "If-Match 须为读取时得到的 ETag"))
}

/// Where a request comes from. The forwarding header of a proxy is believed only from the proxies in the settings.
fn origin(server: &Server, request: &HttpRequest) -> Origin {
    let peer = request.peer_addr().map(|a| a.ip());
    let forwarded = peer
        .filter(|p| server.trusted_proxies.contains(p))
        .and_then(|_| header_text(request.headers(), "x-forwarded-for"))
        .and_then(|list| list.rsplit(',').next())
        .and_then(|a| a.trim().parse::<std::net::IpAddr>().ok());
    let given = header_text(request.headers(), "x-request-id").filter(|id| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let request_id = given.map_or_else(
        || Id::new(server.clock.now(), &server.entropy).map(|id| id.to_string()).unwrap_or_default(),
        str::to_owned,
    );
    let mut agent = header_text(request.headers(), "user-agent").unwrap_or_default().to_owned();
    agent = agent.chars().filter(|c| !c.is_control()).take(200).collect();
    Origin {
        request_id,
        address: forwarded.or(peer).map(|a| a.to_string()).unwrap_or_default(),
        agent,
        if_match: None,
    }
}

fn respond(answer: Answer, origin: &Origin, request: &HeaderMap) -> HttpResponse {
    let etag = answer.headers.iter().find(|(name, _)| name == "ETag").map(|(_, value)| value.as_str());
    let unchanged = answer.status == 200
        && etag.is_some()
        && header_text(request, "if-none-match").is_some_and(|list| {
            list.split(',').any(|e| Some(e.trim().trim_start_matches("W/")) == etag || e.trim() == "*")
        });
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { status });
    for (name, value) in &answer.headers {
        if name == "Set-Cookie" {
            response.append_header((name.as_str(), value.as_str()));
        } else {
            response.insert_header((name.as_str(), value.as_str()));
        }
    }
    response.insert_header(("X-Request-Id", origin.request_id.as_str()));
    if !answer.headers.iter().any(|(n, _)| n == "Cache-Control") {
        response.insert_header((
            header::CACHE_CONTROL,
            if etag.is_some() { "private, no-cache" } else { "no-store" },
        ));
    }
    if unchanged {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, answer.content_type));
    let pause = answer.stream.as_ref().and_then(|s| s.pause);
    match answer.stream.and_then(|s| s.take()) {
        Some(pump) => response.body(BoxBody::new(Pumped { pump: Some(pump), turn: None, pause, rest: None })),
        None => response.body(answer.body),
    }
}

type Turned = std::result::Result<(Pump, Result<Option<Vec<u8>>>), BlockingError>;
type Turn = Pin<Box<dyn Future<Output = Turned>>>;

/// A body whose next part is read when the one before has been sent.
struct Pumped {
    pump: Option<Pump>,
    turn: Option<Turn>,
    pause: Option<std::time::Duration>,
    rest: Option<Pin<Box<actix_web::rt::time::Sleep>>>,
}

impl MessageBody for Pumped {
    type Error = Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = self.get_mut();
        if let Some(rest) = &mut this.rest {
            std::task::ready!(rest.as_mut().poll(cx));
            this.rest = None;
        }
        if this.turn.is_none() {
            let Some(mut pump) = this.pump.take() else { return Poll::Ready(None) };
            this.turn = Some(Box::pin(web::block(move || {
                loop {
                    match pump() {
                        // An empty part would end the body.
                        Ok(Some(bytes)) if bytes.is_empty() => {}
                        other => return (pump, other),
                    }
                }
            })));
        }
        let Some(turn) = &mut this.turn else { return Poll::Ready(None) };
        let done = std::task::ready!(turn.as_mut().poll(cx));
        this.turn = None;
        match done {
            Ok((pump, Ok(Some(bytes)))) => {
                this.pump = Some(pump);
                this.rest = this.pause.map(|pause| Box::pin(actix_web::rt::time::sleep(pause)));
                Poll::Ready(Some(Ok(Bytes::from(bytes))))
            }
            Ok((_, Ok(None))) => Poll::Ready(None),
            Ok((_, Err(error))) => {
                tracing::error!(%error, cause = ?error, "a streamed answer broke off");
                Poll::Ready(Some(Err(error)))
            }
            Err(error) => Poll::Ready(Some(Err(Error::unavailable(&error)))),
        }
    }
}

/// Headers that every answer carries.
#[must_use]
pub fn security_headers() -> actix_web::middleware::DefaultHeaders {
    actix_web::middleware::DefaultHeaders::new()
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Referrer-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add((
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'",
        ))
}

/// `/livez`: the process runs.
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// `/metrics`: figures for Prometheus, for the machines that the settings name.
pub async fn metrics(request: HttpRequest, server: web::Data<Arc<Server>>) -> HttpResponse {
    let server = Arc::clone(&server);
    let from = origin(&server, &request).address.parse::<std::net::IpAddr>();
    if !from.is_ok_and(|address| server.metrics_from.contains(&address)) {
        return HttpResponse::NotFound().finish();
    }
    let text = web::block(move || server.metrics.text(&State::read(&server.store, server.clock.now()))).await;
    match text {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// `/readyz`: the database answers, its schema is the present one, and the server is not stopping.
pub async fn readyz(server: web::Data<Arc<Server>>) -> HttpResponse {
    let server = Arc::clone(&server);
    if server.draining.load(Ordering::Relaxed) {
        return HttpResponse::ServiceUnavailable().content_type("text/plain").body("draining\n");
    }
    let ready = web::block(move || server.store.read(crate::store::migrate::pending)).await;
    match ready {
        Ok(Ok(pending)) if pending.is_empty() => HttpResponse::Ok().content_type("text/plain").body("ok\n"),
        Ok(Ok(pending)) => HttpResponse::ServiceUnavailable()
            .content_type("text/plain")
            .body(format!("migrations missing: {}\n", pending.join(", "))),
        _ => HttpResponse::ServiceUnavailable().content_type("text/plain").body("database unreachable\n"),
    }
}
