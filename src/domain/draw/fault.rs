//! What is wrong with a record, a list or a draw: one type for all refusals of the draw.

/// A refusal: a stable code for machines and a Chinese sentence for people that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// Stable `snake_case` code.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Fault {
    /// A fault with its code and sentence.
    #[must_use]
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Shorthand for an error with a formatted sentence.
macro_rules! fault {
    ($code:literal, $($arg:tt)*) => {
        $crate::domain::draw::fault::Fault::new($code, format!($($arg)*))
    };
}
pub(crate) use fault;
