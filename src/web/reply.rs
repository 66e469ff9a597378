//! What a handler answers, before it becomes bytes.

use super::openapi::Components;
use crate::error::Error;
use crate::ids::Id;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Digest;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// An answer with a value.
#[derive(Debug, Clone)]
pub struct Reply<T> {
    pub(super) status: u16,
    pub(super) value: T,
    pub(super) version: Option<i64>,
    pub(super) location: Option<String>,
    pub(super) refusal: Option<Error>,
}

impl<T> Reply<T> {
    /// 200 with the value.
    pub const fn ok(value: T) -> Self {
        Self { status: 200, value, version: None, location: None, refusal: None }
    }

    /// 201 with the value and where it can be read.
    pub fn created(value: T, location: impl Into<String>) -> Self {
        Self { status: 201, value, version: None, location: Some(location.into()), refusal: None }
    }

    /// 202 with what was begun and where it can be looked after.
    pub fn accepted(value: T, location: impl Into<String>) -> Self {
        Self { status: 202, ..Self::created(value, location) }
    }

    /// Adds the version, which becomes the ETag.
    #[must_use]
    pub const fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// Commits what was written, and answers with an error all the same: a failed login is counted.
    #[must_use]
    pub fn but(mut self, error: Error) -> Self {
        self.refusal = Some(error);
        self
    }
}

/// A value that is shown with its identifier and its version.
pub trait Versioned {
    /// Identifier.
    fn id(&self) -> Id;

    /// Version, which becomes the ETag.
    fn version(&self) -> i64;
}

/// Says of structs with the fields `id` and `version` that they are [`Versioned`].
macro_rules! versioned {
    ($($view:ty),+) => {$(
        impl $crate::web::reply::Versioned for $view {
            fn id(&self) -> $crate::ids::Id {
                self.id
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    )+};
}
pub(crate) use versioned;

impl<T: Versioned> Reply<T> {
    /// 200 with something as it is shown, and its version.
    ///
    /// # Errors
    /// It cannot be shown (a defect).
    pub fn of<R>(row: R) -> Result<Self, Error>
    where
        T: TryFrom<R>,
        Error: From<T::Error>,
    {
        let value = T::try_from(row)?;
        let version = value.version();
        Ok(Self::ok(value).version(version))
    }

    /// 201 with something as it is shown, its version, and its place: its identifier below `list`.
    ///
    /// # Errors
    /// It cannot be shown (a defect).
    pub fn made<R>(row: R, list: &str) -> Result<Self, Error>
    where
        T: TryFrom<R>,
        Error: From<T::Error>,
    {
        let value = T::try_from(row)?;
        let (id, version) = (value.id(), value.version());
        Ok(Self::created(value, format!("{list}/{id}")).version(version))
    }
}

/// Nothing to say.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl Reply<Empty> {
    /// Nothing but that it was done.
    #[must_use]
    pub const fn done() -> Self {
        Self::ok(Empty {})
    }
}

/// Bytes of a given type instead of JSON.
#[derive(Debug, Clone)]
pub struct File {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their media type.
    pub content_type: &'static str,
    /// Name for saving; none: shown in place.
    pub name: Option<String>,
}

/// A page of a list. `next` is what `after` must be to get the following page; absent on the last.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Cursor of the following page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

// By hand, because the derived one leaves out the schema of the entries.
impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let entries =
            ArrayBuilder::new().items(Ref::from_schema_name(T::name())).description(Some("The entries."));
        let next = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Cursor of the following page; absent on the last."));
        ObjectBuilder::new()
            .description(Some("A page of a list."))
            .property("items", entries)
            .required("items")
            .property("next", next)
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// An answer as bytes.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) refusal: Option<Error>,
    /// What follows the body, as it is read.
    pub(super) stream: Option<Stream>,
}

/// Gives the next bytes; none at the end. Blocks.
pub(super) type Pump = Box<dyn FnMut() -> Result<Option<Vec<u8>>, Error> + Send>;

/// Bytes that are made while they are sent, so that they never stand in memory together.
#[derive(Clone)]
pub struct Stream {
    pump: std::sync::Arc<std::sync::Mutex<Option<Pump>>>,
    /// Rest between two parts, for which nothing is held.
    pub(super) pause: Option<std::time::Duration>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream(…)")
    }
}

impl Stream {
    /// A stream of what `pump` gives.
    pub fn new(pump: impl FnMut() -> Result<Option<Vec<u8>>, Error> + Send + 'static) -> Self {
        Self { pump: std::sync::Arc::new(std::sync::Mutex::new(Some(Box::new(pump)))), pause: None }
    }

    /// A stream of what `pump` gives, with a rest after each part; between two parts it holds neither a thread nor a
    /// connection to the database. No part may be empty.
    pub fn paced(
        pause: std::time::Duration,
        pump: impl FnMut() -> Result<Option<Vec<u8>>, Error> + Send + 'static,
    ) -> Self {
        Self { pause: Some(pause), ..Self::new(pump) }
    }

    /// What gives the bytes; only the first who asks gets it.
    pub(super) fn take(&self) -> Option<Pump> {
        self.pump.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

impl Answer {
    /// A file for saving that is made while it is sent.
    #[must_use]
    pub fn streamed(stream: Stream, content_type: &str, name: &str) -> Self {
        let disposition = format!("attachment; filename=\"{name}\"");
        Self {
            status: 200,
            content_type: content_type.to_owned(),
            headers: vec![("Content-Disposition".to_owned(), disposition)],
            body: Vec::new(),
            refusal: None,
            stream: Some(stream),
        }
    }

    /// Marks an answer that is the same for everybody: its hash becomes the ETag, and caches may keep it for a minute
    /// and serve it while the server is away.
    #[must_use]
    pub fn shared(mut self) -> Self {
        let hash = sha2::Sha256::digest(&self.body);
        self.headers.push(("ETag".to_owned(), format!("\"{}\"", hex::encode(&hash[..16]))));
        let cache = "public, max-age=60, stale-if-error=86400";
        self.headers.push(("Cache-Control".to_owned(), cache.to_owned()));
        self
    }
}

/// An answer's bytes, media type and further headers.
pub type Body = (Vec<u8>, String, Vec<(String, String)>);

/// What can be answered: JSON values, and files.
pub trait IntoBody {
    /// Bytes, media type, further headers.
    ///
    /// # Errors
    /// A value that has no JSON form (a defect).
    fn into_body(self) -> Result<Body, Error>;
}

/// How the OpenAPI document describes an answer: its possible media types, each with a schema.
pub type Content = Vec<(String, Value)>;

/// What the OpenAPI document can describe.
pub trait Describe {
    /// The possible contents.
    fn describe(components: &mut Components) -> Content;
}

impl<T: Serialize + ToSchema> Describe for T {
    fn describe(components: &mut Components) -> Content {
        vec![("application/json".to_owned(), components.schema_of::<T>())]
    }
}

/// A JSON value, or on request the same as a workbook.
#[derive(Debug, Clone)]
pub struct OrBook<T>(std::marker::PhantomData<T>);

impl<T: Serialize + ToSchema> Describe for OrBook<T> {
    fn describe(components: &mut Components) -> Content {
        let mut content = T::describe(components);
        content.push((XLSX.to_owned(), file_schema(XLSX)));
        content
    }
}

/// Media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The schema of a file: text, or bytes, of which OpenAPI 3.1 says nothing.
#[must_use]
pub fn file_schema(media: &str) -> Value {
    let text = media.starts_with("text/") || media.contains("xml;") || media.ends_with("+xml");
    if text { json!({ "type": "string" }) } else { json!({}) }
}

/// Describes answers that are files of one of these media types.
#[macro_export]
macro_rules! describe_files {
    ($answer:ty: $($media:expr),+) => {
        impl $crate::web::reply::Describe for $answer {
            fn describe(_: &mut $crate::web::openapi::Components) -> $crate::web::reply::Content {
                vec![$(($media.to_owned(), $crate::web::reply::file_schema($media))),+]
            }
        }
    };
}

impl<T: Serialize + ToSchema> IntoBody for T {
    fn into_body(self) -> Result<Body, Error> {
        let body = serde_json::to_vec(&self).map_err(|e| Error::internal(&e))?;
        Ok((body, "application/json".to_owned(), Vec::new()))
    }
}

impl<T: IntoBody> Reply<T> {
    /// Turns the value into bytes.
    ///
    /// # Errors
    /// A value that has no JSON form (a defect).
    pub fn into_answer(self) -> Result<Answer, Error> {
        let (body, content_type, mut headers) = self.value.into_body()?;
        if let Some(version) = self.version {
            headers.push(("ETag".to_owned(), format!("\"{version}\"")));
        }
        if let Some(location) = self.location {
            headers.push(("Location".to_owned(), location));
        }
        Ok(Answer { status: self.status, content_type, headers, body, refusal: self.refusal, stream: None })
    }
}

impl Reply<File> {
    /// A file as it is.
    #[must_use]
    pub fn into_file(self) -> Answer {
        let mut headers = Vec::new();
        if let Some(name) = &self.value.name {
            headers.push(("Content-Disposition".to_owned(), format!("attachment; filename=\"{name}\"")));
        }
        if let Some(version) = self.version {
            headers.push(("ETag".to_owned(), format!("\"{version}\"")));
        }
        Answer {
            status: self.status,
            content_type: self.value.content_type.to_owned(),
            headers,
            body: self.value.bytes,
            refusal: self.refusal,
            stream: None,
        }
    }
}
