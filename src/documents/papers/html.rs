//! Papers as one page of HTML for printing: A4, everything inside, nothing fetched, no script. Written sheet by sheet,
//! so that thousands never stand in memory together.

use super::picture;
use super::sheet::{Block, Sheet};
use askama::Template;
use base64::Engine as _;
use sha2::{Digest, Sha256};

/// The look, after the habits of GB/T 9704-2012: title 小标宋 2号, text 仿宋 3号, headings 黑体; tables smaller.
const STYLE: &str = include_str!("../templates/papers/style.css");

#[derive(Template)]
#[template(path = "papers/head.html")]
struct Head<'a> {
    title: &'a str,
    style: &'static str,
}

#[derive(Template)]
#[template(path = "papers/sheet.html")]
struct Page<'a> {
    sheet: &'a Sheet,
}

impl Page<'_> {
    #[expect(clippy::unused_self, reason = "the template reaches functions by its own context")]
    fn qr(&self, text: &str) -> String {
        picture::svg(text)
    }

    /// The lines of a cell.
    #[expect(clippy::unused_self, reason = "the template reaches functions by its own context")]
    fn lines<'t>(&self, text: &'t str) -> Vec<&'t str> {
        text.split('\n').collect()
    }
}

/// What stands before the first sheet.
///
/// # Errors
/// Only when the template cannot be filled, which does not happen with values of these types.
pub fn head(title: &str) -> Result<String, askama::Error> {
    Head { title, style: STYLE }.render()
}

/// One sheet.
///
/// # Errors
/// As [`head`].
pub fn sheet(sheet: &Sheet) -> Result<String, askama::Error> {
    Page { sheet }.render()
}

/// What stands behind the last sheet.
pub const TAIL: &str = "</body>\n</html>\n";

/// The content security policy under which such a page is shown: its own style, and nothing else at all.
#[must_use]
pub fn policy() -> String {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// A whole page of a few sheets.
///
/// # Errors
/// As [`head`].
pub fn page(title: &str, sheets: &[Sheet]) -> Result<String, askama::Error> {
    let mut text = head(title)?;
    for one in sheets {
        text.push_str(&sheet(one)?);
    }
    text.push_str(TAIL);
    Ok(text)
}

impl Block {
    /// The text of a block that has nothing but text, with its class.
    #[must_use]
    pub fn line(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Address(text) => Some(("address", text)),
            Self::Paragraph(text) => Some(("text", text)),
            Self::Heading(text) => Some(("heading", text)),
            Self::Small(text) => Some(("small", text)),
            Self::Code(text) => Some(("code", text)),
            Self::Signature(text) => Some(("sign", text)),
            Self::Table(_) | Self::Qr { .. } => None,
        }
    }
}
