//! Routes: each says its URL, who may use it, what it takes and what it gives; the OpenAPI document and the access
//! table follow from that. There is no way to add a route without an access word.

use super::call::Call;
use super::html::form::Form;
use super::html::ui::Ui;
use super::html::{self, Done, Page};
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
    /// A page for people, and how it is kept.
    pub page: Option<Sort>,
    pub(super) query: Vec<Value>,
    pub(super) body: Option<(String, Value)>,
    pub(super) content: Content,
    pub(super) status: u16,
    pub(super) bind: Bind,
}

/// How a page is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// For whoever asks: session, forms, never in a cache.
    Own,
    /// The same for everybody: no session, may be cached as what the API publishes.
    Shared,
}

impl Entry {
    /// Takes files of up to 32 MiB.
    pub const fn with_files(&mut self) -> &mut Self {
        self.limit = FILE_LIMIT;
        self
    }

    /// Answers 201 with what it made, as the document then says.
    pub const fn created(&mut self) -> &mut Self {
        self.status = 201;
        self
    }
}

impl Entry {
    /// Answers 202 with the work it began, as the document then says.
    pub const fn accepted(&mut self) -> &mut Self {
        self.status = 202;
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
    /// The schemas that forms are read by; not in the API's document.
    pub forms: Components,
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
            page: None,
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

    /// A page: path parameters `P`, query `Q`.
    pub fn page<P, Q>(
        &mut self,
        path: &'static str,
        allow: Allow,
        handler: fn(&mut Cx<'_>, &Ui, P, Q) -> Result<Page>,
    ) where
        P: FromPath,
        Q: Query,
    {
        self.shown(path, allow, Sort::Own, move |call, path, query| {
            html::shown(call, move |cx, ui| handler(cx, ui, path, query))
        });
    }

    /// A page that is the same for everybody and may be cached: it knows nothing of who asks, and has no form that sends.
    pub fn shared_page<P, Q>(
        &mut self,
        path: &'static str,
        handler: fn(&mut Cx<'_>, &Ui, P, Q) -> Result<Page>,
    ) where
        P: FromPath,
        Q: Query,
    {
        self.shown(path, Allow::Public, Sort::Shared, move |call, path, query| {
            html::shown(call, move |cx, ui| handler(cx, ui, path, query))
        });
    }

    /// An address that answers with something else than a page of its own: a redirect, a file.
    pub fn page_view<P, Q>(
        &mut self,
        path: &'static str,
        allow: Allow,
        handler: fn(&Call, P, Q) -> Result<Answer>,
    ) where
        P: FromPath,
        Q: Query,
    {
        self.shown(path, allow, Sort::Own, handler);
    }

    fn shown<P, Q>(
        &mut self,
        path: &'static str,
        allow: Allow,
        sort: Sort,
        run: impl Fn(&Call, P, Q) -> Result<Answer> + Send + Sync + 'static,
    ) where
        P: FromPath,
        Q: Query,
    {
        let run = Arc::new(run);
        let bind: Bind = Arc::new(move |raw| {
            let path = P::from_path(&raw.params)?;
            let query = Q::parse(&raw.query)?;
            let run = Arc::clone(&run);
            Ok(Box::new(move |call: &Call| run(call, path, query)))
        });
        let entry = self.add("GET", path, allow, "", bind);
        entry.documented = false;
        entry.page = Some(sort);
    }

    /// A form: `act` does it in one write transaction and says where its result is seen; refused, the page is shown again
    /// with what was typed and what is wrong with it. `B` is what the API takes for the same act.
    pub fn form<P, Q, B>(
        &mut self,
        path: &'static str,
        allow: Allow,
        act: fn(&mut Cx<'_>, P, &B) -> Result<Done>,
        page: fn(&mut Cx<'_>, &Ui, P, Q) -> Result<Page>,
    ) where
        P: FromPath,
        Q: Query,
        B: DeserializeOwned + ToSchema + Send + 'static,
    {
        self.sent(path, allow, page, true, move |call, path, _: &Q, body: B, _: &Form| {
            call.write(move |cx| act(cx, path.clone(), &body).map(Done::reply))
        });
    }

    /// A form whose work needs more than one transaction, or files. `act` must end in [`Call::write`].
    pub fn form_steps<P, Q, B>(
        &mut self,
        path: &'static str,
        allow: Allow,
        act: fn(&Call, P, &Q, B, &Form) -> Result<Answer>,
        page: fn(&mut Cx<'_>, &Ui, P, Q) -> Result<Page>,
    ) -> &mut Entry
    where
        P: FromPath,
        Q: Query,
        B: DeserializeOwned + ToSchema + Send + 'static,
    {
        self.sent(path, allow, page, false, act)
    }

    fn sent<P, Q, B>(
        &mut self,
        path: &'static str,
        allow: Allow,
        page: fn(&mut Cx<'_>, &Ui, P, Q) -> Result<Page>,
        once: bool,
        act: impl Fn(&Call, P, &Q, B, &Form) -> Result<Answer> + Send + Sync + 'static,
    ) -> &mut Entry
    where
        P: FromPath,
        Q: Query,
        B: DeserializeOwned + ToSchema + Send + 'static,
    {
        let schema = self.forms.schema_of::<B>();
        let rules = self.forms.shared();
        let act = Arc::new(act);
        let bind: Bind = Arc::new(move |raw| {
            let path = P::from_path(&raw.params)?;
            let query = Q::parse(&raw.query)?;
            let form = Form::read(&raw)?;
            let again = Q::parse(&raw.query)?;
            let (act, schema, rules) = (Arc::clone(&act), schema.clone(), Arc::clone(&rules));
            Ok(Box::new(move |call: &Call| {
                let call = html::received(call, &form, once.then_some(&raw.body))?;
                let answer = form
                    .body::<B>(&schema, &rules)
                    .and_then(|body| act(&call, path.clone(), &query, body, &form));
                html::settled(&call, form, answer, |cx, ui| page(cx, ui, path, again))
            }))
        });
        let entry = self.add("POST", path, allow, "", bind);
        entry.documented = false;
        entry.page = Some(Sort::Own);
        entry
    }
}
