//! Sampling ratios (抽查比例) as officials write them.

use serde::{Deserialize, Serialize};

/// What a ratio text says, and the text itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// The words as written.
    pub text: String,
    /// The meaning, or none when it cannot be had from the text alone (根据实际情况确定).
    pub rule: Option<Rule>,
}

/// A ratio understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A share of the eligible, in basis points (3 % = 300, 2‰ = 20).
    Share {
        /// Basis points.
        bp: u32,
        /// exact, at least, at most.
        bound: Bound,
    },
    /// A share between two bounds (10-20 %).
    ShareRange {
        /// Lower, basis points.
        lo_bp: u32,
        /// Upper, basis points.
        hi_bp: u32,
    },
    /// A number of subjects (1户).
    Count {
        /// Number.
        n: u32,
        /// exact, at least, at most.
        bound: Bound,
    },
    /// A number between two bounds (60-70家).
    CountRange {
        /// Lower.
        lo: u32,
        /// Upper.
        hi: u32,
    },
    /// At least `min` subjects, and above that a share (≤10所不少于2所;>10所不低于50%).
    AtLeastAndShare {
        /// Least number.
        min: u32,
        /// Basis points.
        bp: u32,
    },
    /// Everybody (全部, 100%, 全覆盖).
    All,
}

/// The sense of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// As stated.
    Exact,
    /// 不低于, 不少于.
    AtLeast,
    /// 不超过.
    AtMost,
}

impl Ratio {
    /// Reads a ratio text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { text: text.to_owned(), rule: None }
    }
}
