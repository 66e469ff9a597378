//! Routes: each says its URL, who may use it, what it takes and what it gives; the OpenAPI document and the access
//! table follow from that. There is no way to add a route without an access word.

use super::call::Call;
use super::openapi::Components;
use super::parse::{self, FromPath, Query};
use super::reply::{Answer, Content, Describe, IntoBody, Reply};
use crate::domain::access::Action;
use crate::error::Result;
use crate::service::cx::Cx;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Who may use a route at all; the use case then looks at the thing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// Anybody.
    Public,
    /// Whoever has logged in and may do such things to something or other.
    Action(Action),
}

impl Allow {
    /// The access word, as the access table writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Action(action) => action.as_str(),
        }
    }
}

/// A request's parts that a handler may want.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// Path parameters in order.
    pub params: Vec<String>,
    /// Query string, undecoded.
    pub query: String,
    /// Body.
    pub body: Vec<u8>,
    /// Content type.
    pub content_type: String,
}

/// A parsed request, ready to run.
pub(super) type Bound = Box<dyn FnOnce(&Call) -> Result<Answer> + Send>;
type Bind = Arc<dyn Fn(Raw) -> Result<Bound> + Send + Sync>;

/// A route.
#[derive(Clone)]
pub struct Entry {
    /// HTTP method.
    pub method: &'static str,
    /// URL with `{parameters}`.
    pub path: &'static str,
    /// Who may use it.
    pub allow: Allow,
    /// Identifier in the OpenAPI document.
    pub name: String,
    /// One line, in Chinese.
    pub summary: &'static str,
    /// Largest body, bytes.
    pub limit: usize,
    pub(super) documented: bool,
    pub(super) query: Vec<Value>,
    pub(super) body: Option<(String, Value)>,
    pub(super) content: Content,
    pub(super) status: u16,
    pub(super) bind: Bind,
}

impl Entry {
    /// Answers 201 with what it made, as the document then says.
    pub const fn created(&mut self) -> &mut Self {
        self.status = 201;
        self
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path, self.allow.word())
    }
}

/// All routes.
#[derive(Debug, Default)]
pub struct Router {
    /// In the order they were added.
    pub entries: Vec<Entry>,
    /// The schemas they use.
    pub components: Components,
}

/// Largest JSON body.
const JSON_LIMIT: usize = 1 << 20;
/// Largest uploaded file.
const FILE_LIMIT: usize = 32 << 20;

impl Router {
    fn add(
        &mut self,
        method: &'static str,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        bind: Bind,
    ) -> &mut Entry {
        let name = format!(
            "{}{}",
            method.to_lowercase(),
            path.replace("/api/v1", "").replace(['/', '.', '-'], "_").replace(['{', '}'], "")
        );
        self.entries.push(Entry {
            method,
            path,
            allow,
            name,
            summary,
            limit: JSON_LIMIT,
            documented: true,
            query: Vec::new(),
            body: None,
            content: Content::new(),
            status: 200,
            bind,
        });
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }

    /// A route that reads: path parameters `P`, query `Q`.
    pub fn read<P, Q, T>(
        &mut self,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        handler: fn(&mut Cx<'_>, P, Q) -> Result<Reply<T>>,
    ) where
        P: FromPath,
        Q: Query,
        T: IntoBody + Describe + 'static,
    {
        let content = T::describe(&mut self.components);
        let bind: Bind = Arc::new(move |raw| {
            let path = P::from_path(&raw.params)?;
            let query = Q::parse(&raw.query)?;
            Ok(Box::new(move |call: &Call| call.read(|cx| handler(cx, path, query)?.into_answer())))
        });
        let entry = self.add("GET", path, allow, summary, bind);
        entry.query = Q::describe();
        entry.content = content;
    }

    /// A route that reads and needs more than the database (a key of the server).
    pub fn view<P, Q, T>(
        &mut self,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        handler: fn(&Call, P, Q) -> Result<Answer>,
    ) where
        P: FromPath,
        Q: Query,
        T: Describe + 'static,
    {
        let content = T::describe(&mut self.components);
        let bind: Bind = Arc::new(move |raw| {
            let path = P::from_path(&raw.params)?;
            let query = Q::parse(&raw.query)?;
            Ok(Box::new(move |call: &Call| handler(call, path, query)))
        });
        let entry = self.add("GET", path, allow, summary, bind);
        entry.query = Q::describe();
        entry.content = content;
    }

    /// A route that writes in one transaction: path parameters `P`, JSON body `B`. The handler may run more than once.
    pub fn write<P, B, T>(
        &mut self,
        method: &'static str,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        handler: fn(&mut Cx<'_>, P, &B) -> Result<Reply<T>>,
    ) -> &mut Entry
    where
        P: FromPath,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: IntoBody + Describe + Send + 'static,
    {
        self.submit::<P, B, T>(method, path, allow, summary, move |call, path, body| {
            call.write(move |cx| handler(cx, path.clone(), &body))
        })
    }

    /// A route whose work needs more than one transaction (hashing a password, computing a plan between reading and
    /// writing). `T` is what it answers; it must end in [`Call::write`] or [`Call::read`].
    pub fn steps<P, B, T>(
        &mut self,
        method: &'static str,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        handler: fn(&Call, P, B) -> Result<Answer>,
    ) -> &mut Entry
    where
        P: FromPath,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: IntoBody + Describe + 'static,
    {
        self.submit::<P, B, T>(method, path, allow, summary, handler)
    }

    fn submit<P, B, T>(
        &mut self,
        method: &'static str,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        run: impl Fn(&Call, P, B) -> Result<Answer> + Send + Sync + 'static,
    ) -> &mut Entry
    where
        P: FromPath,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: IntoBody + Describe + 'static,
    {
        let content = T::describe(&mut self.components);
        let schema = self.components.schema_of::<B>();
        let rules = self.components.shared();
        let (run, own) = (Arc::new(run), schema.clone());
        let bind: Bind = Arc::new(move |raw| {
            let path = P::from_path(&raw.params)?;
            let body: B = parse::json(&raw, &own, &rules)?;
            let run = Arc::clone(&run);
            Ok(Box::new(move |call: &Call| run(call, path, body)))
        });
        let entry = self.add(method, path, allow, summary, bind);
        entry.body = Some(("application/json".to_owned(), schema));
        entry.content = content;
        entry
    }

    /// A route that takes a file as its body: path parameters `P`, query `Q`.
    pub fn upload<P, Q, T>(
        &mut self,
        path: &'static str,
        allow: Allow,
        summary: &'static str,
        handler: fn(&Call, P, Q, Vec<u8>) -> Result<Answer>,
    ) -> &mut Entry
    where
        P: FromPath,
        Q: Query,
        T: IntoBody + Describe + 'static,
    {
        let content = T::describe(&mut self.components);
        let bind: Bind = Arc::new(move |raw| {
            let path = P::from_path(&raw.params)?;
            let query = Q::parse(&raw.query)?;
            Ok(Box::new(move |call: &Call| handler(call, path, query, raw.body)))
        });
        let entry = self.add("POST", path, allow, summary, bind);
        entry.query = Q::describe();
        entry.limit = FILE_LIMIT;
        entry.body = Some((
            "application/octet-stream".to_owned(),
            serde_json::json!({ "type": "string", "contentEncoding": "binary" }),
        ));
        entry.content = content;
        entry
    }
}
