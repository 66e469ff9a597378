//! HTTP: what a request goes through from the socket to a use case and back. No rules, no SQL.

pub mod api;
pub mod auth;
pub mod call;
pub mod docs;
pub mod html;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod parse;
pub mod problem;
pub mod reply;
pub mod router;
mod routes;
pub mod run;
pub mod serve;
pub mod server;

pub use routes::routes;
