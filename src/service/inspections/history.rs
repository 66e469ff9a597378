//! What has happened to an inspection: the acts of the journal, without anything of persons.

use super::super::cx::Cx;
use crate::error::Result;
use crate::ids::Id;
use crate::store::journal::{self, Filter};
use chrono::{DateTime, Utc};

/// An act.
#[derive(Debug, Clone)]
pub struct Past {
    /// When.
    pub at: DateTime<Utc>,
    /// Which, snake_case.
    pub act: String,
    /// What it was done to.
    pub object: Id,
    /// The department of whoever did it; none: the machine, or somebody without one.
    pub department: Option<Id>,
}

/// Acts that are shown of one thing at most.
const MOST: i64 = 50;

/// The acts on these things, which whoever asks may see: the caller has asked.
///
/// # Errors
/// The database.
pub fn history(cx: &mut Cx<'_>, objects: &[Id]) -> Result<Vec<Past>> {
    let region = cx.region().to_owned();
    let mut list = Vec::new();
    for object in objects {
        let filter = Filter { object: Some(*object), ..Filter::default() };
        list.extend(journal::list(cx.db, &region, &filter, MOST)?.into_iter().map(|row| Past {
            at: row.at.0,
            act: row.act,
            object: *object,
            department: row.department_id,
        }));
    }
    Ok(list)
}
