//! The checks of a year as the frequency cap counts them.

use crate::domain::cap::{self, Exemption};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::store::caps::CapEntry;
use crate::store::scopes;
use std::collections::HashMap;

/// The cap ledger of a year by department and subject.
#[derive(Debug)]
pub struct Ledger {
    entries: HashMap<(Id, Id), Vec<cap::Entry>>,
    year: i32,
    cap: u32,
}

impl Ledger {
    /// Reads the ledger of a year.
    ///
    /// # Errors
    /// The database.
    pub fn read(cx: &mut Cx<'_>, year: i32) -> Result<Self> {
        let region = cx.region().to_owned();
        let mut entries: HashMap<(Id, Id), Vec<cap::Entry>> = HashMap::new();
        for row in scopes::caps(cx.db, &region, year)? {
            entries.entry((row.department_id, row.subject_id)).or_default().push(entry(&row));
        }
        Ok(Self { entries, year, cap: cx.rules.procedure.cap_per_year })
    }

    /// The standing of a department with a subject.
    #[must_use]
    pub fn status(&self, department: Id, subject: Id) -> cap::Status {
        let none = Vec::new();
        cap::status(self.entries.get(&(department, subject)).unwrap_or(&none), self.year, self.cap)
    }
}

/// A ledger row as the rule sees it.
#[must_use]
pub fn entry(row: &CapEntry) -> cap::Entry {
    cap::Entry {
        date: row.on_day,
        visit: row.visit_id.unwrap_or(row.id).to_string(),
        // What does not count has a cause; one this program does not know is taken as another urgent one.
        exemption: (!row.counted).then(|| Exemption::parse(&row.cause).unwrap_or(Exemption::Urgent)),
        cancelled: false,
    }
}
