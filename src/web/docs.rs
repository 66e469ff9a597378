//! The API document and its viewer, which works without any other network.

use super::server::Server;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// Where the document is.
pub const DOCUMENT: &str = "/api/v1/openapi.json";

/// The viewer sets styles in its elements; nothing else on this server may.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /api/v1/openapi.json`
pub async fn document(server: web::Data<Arc<Server>>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(server.openapi.clone())
}

/// `GET /docs`: to the viewer's first page.
pub async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// `GET /docs/{file}`
pub async fn viewer(request: HttpRequest) -> HttpResponse {
    let file = request.match_info().query("file");
    match utoipa_swagger_ui::serve(file, Arc::new(Config::from(DOCUMENT))) {
        Ok(Some(found)) => {
            let mut response = HttpResponse::Ok();
            response
                .content_type(found.content_type.as_str())
                .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
                .insert_header((header::CACHE_CONTROL, "max-age=3600"));
            if found.gzpipped {
                response.insert_header((header::CONTENT_ENCODING, "gzip"));
            }
            response.body(found.bytes.to_vec())
        }
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => {
            tracing::error!(%error, "the API viewer failed");
            HttpResponse::InternalServerError().finish()
        }
    }
}
