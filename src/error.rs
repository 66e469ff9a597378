//! What can go wrong in a use case, with one stable code each; `web::problem` presents it.

use serde::Serialize;
use utoipa::ToSchema;

/// A fault of one field of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field, or the name of a query parameter.
    pub pointer: String,
    /// Stable snake_case code.
    pub code: &'static str,
    /// What is wrong and what to do, in Chinese.
    pub message: String,
}

impl FieldError {
    /// A fault at `pointer`.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// Why a use case did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is none, or the actor may not see it. Says what was looked for, in Chinese.
    #[error("{0}不存在,或您无权查看")]
    NotFound(&'static str),
    /// The actor's role may not do this.
    #[error("{0}")]
    Denied(String),
    /// Nobody has logged in, or the login has ended. A stable code and a text.
    #[error("{1}")]
    Unauthenticated(&'static str, String),
    /// What was sent is wrong: every fault.
    #[error("提交的内容有{}处问题", .0.len())]
    Invalid(Vec<FieldError>),
    /// The request cannot be read at all; where reading stopped.
    #[error("请求内容不是完整的 JSON:{0}")]
    Malformed(String),
    /// The address does not know this method; those it knows.
    #[error("这个地址不支持该方法,可用:{0}")]
    Method(String),
    /// The present state forbids it.
    #[error("{text}")]
    Refused {
        /// Stable snake_case code.
        code: &'static str,
        /// Why, and what to do, in Chinese.
        text: String,
        /// The state the thing is in, for a wrong-state refusal.
        state: Option<String>,
    },
    /// Somebody changed it meanwhile; the version it has now.
    #[error("该记录已被他人修改(现为第{0}版),请重新读取后再改")]
    Stale(i64),
    /// The request must say which version it changes.
    #[error("修改须带 If-Match 请求头,其值为读取时得到的 ETag")]
    PreconditionRequired,
    /// The same Idempotency-Key came with another request.
    #[error("同一个 Idempotency-Key 已用于另一个内容不同的请求,请换一个新的键")]
    KeyReused,
    /// Too many requests or attempts; seconds to wait.
    #[error("{text}")]
    TooMany {
        /// Stable snake_case code.
        code: &'static str,
        /// Seconds until it is worth trying again.
        wait_s: u64,
        /// In Chinese.
        text: String,
    },
    /// The body is larger than allowed; the limit in bytes.
    #[error("内容超过上限({0}字节)")]
    TooLarge(usize),
    /// The body is of a kind that is not read here.
    #[error("{0}")]
    Unsupported(String),
    /// The database or another service cannot be reached now; the cause, for the log.
    #[error("服务暂时不可用,请稍后再试")]
    Unavailable(String),
    /// A key that must be unique is taken: the constraint, TABLE_COLUMNS_key. Use cases turn it into a field error.
    #[error("已有相同的记录({0})")]
    Duplicate(String),
    /// A row that another one refers to is missing, or still referred to.
    #[error("引用的记录不存在,或仍被其他记录引用")]
    Dangling(String),
    /// The database asks to run the transaction again; the cause. Never leaves `store`.
    #[error("服务暂时不可用,请稍后再试")]
    Again(String),
    /// A defect; the cause, for the log only.
    #[error("服务器内部错误,已记录")]
    Internal(String),
}

impl Error {
    /// A defect, with its cause.
    pub fn internal(cause: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self::Internal(cause.to_string())
    }

    /// Something outside that cannot be reached, with the cause.
    pub fn unavailable(cause: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self::Unavailable(cause.to_string())
    }

    /// One wrong field.
    pub fn field(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, message)])
    }

    /// A refusal that has nothing to do with a state.
    pub fn refused(code: &'static str, text: impl Into<String>) -> Self {
        Self::Refused { code, text: text.into(), state: None }
    }

    /// The act is not possible in the present state.
    pub fn wrong_state(state: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Refused { code: "wrong_state", text: text.into(), state: Some(state.into()) }
    }

    /// The HTTP status and the stable code.
    #[must_use]
    pub const fn status(&self) -> (u16, &'static str) {
        match self {
            Self::NotFound(_) => (404, "not_found"),
            Self::Denied(_) => (403, "denied"),
            Self::Unauthenticated(code, _) => (401, code),
            Self::Invalid(_) => (422, "invalid"),
            Self::Malformed(_) => (400, "malformed"),
            Self::Method(_) => (405, "method_not_allowed"),
            Self::Refused { code, .. } => (409, code),
            Self::Duplicate(_) => (409, "duplicate"),
            Self::Dangling(_) => (409, "dangling"),
            Self::Stale(_) => (412, "stale"),
            Self::PreconditionRequired => (428, "precondition_required"),
            Self::KeyReused => (422, "idempotency_key_reused"),
            Self::TooMany { code, .. } => (429, code),
            Self::TooLarge(_) => (413, "too_large"),
            Self::Unsupported(_) => (415, "unsupported_media_type"),
            Self::Unavailable(_) | Self::Again(_) => (503, "unavailable"),
            Self::Internal(_) => (500, "internal"),
        }
    }
}

/// What cannot fail needs no error, but takes part where something else can.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// The answer of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Collects the faults of what was sent, so that all are told at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    /// Notes a missing or too long text; answers it trimmed. Control characters, U+0000 above all, are refused:
    /// PostgreSQL cannot store them.
    pub fn text(&mut self, pointer: &str, value: &str, required: bool, most: usize) -> String {
        let value = value.trim();
        if required && value.is_empty() {
            self.add(pointer, "required", "不能为空");
        }
        if value.chars().count() > most {
            self.add(pointer, "too_long", format!("最多{most}个字符"));
        }
        if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
            self.add(pointer, "control_character", "含有不可见的控制字符,请删除");
        }
        value.to_owned()
    }

    /// Ends the collection: every fault, or none.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault noted.
    pub fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}
