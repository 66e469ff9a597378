//! Free text on its way to the public.

use super::cx::Cx;
use crate::domain::privacy::{hide_names, hide_numbers};
use crate::error::Result;
use crate::store::privacy;

/// Characters from which on a known name is looked for in the name of an inspection: shorter ones are words as well.
const IN_TITLES: usize = 3;

fn hidden(cx: &mut Cx<'_>, text: &str, least: usize) -> Result<String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let region = cx.region().to_owned();
    let mut names = privacy::names_in(cx.db, &region, text)?;
    names.retain(|n| n.chars().count() >= least);
    Ok(hide_numbers(&hide_names(text, &names)))
}

/// A remark or reason without the names of known people and without numbers of identity cards and telephones.
///
/// # Errors
/// The database.
pub fn remark(cx: &mut Cx<'_>, text: &str) -> Result<String> {
    hidden(cx, text, 2)
}

/// The same for the name of an inspection, where names of two characters are let be: 和平路 is a street.
///
/// # Errors
/// The database.
pub fn title(cx: &mut Cx<'_>, text: &str) -> Result<String> {
    hidden(cx, text, IN_TITLES)
}
