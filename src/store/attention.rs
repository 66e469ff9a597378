//! What is open and needs somebody: one statement for each kind, all with the same columns.

use super::conn::Conn;
use super::figures::{Dialect, ask, parse_id};
use super::types::At;
use super::types::sql::DbTime;
use crate::domain::attention::Kind;
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text};

/// Rows of one kind at most: who has more open than that needs no longer list.
pub const MOST: usize = 500;

/// Something open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// What it is about.
    pub id: Id,
    /// The department that should do something; none: the coordination office.
    pub department: Option<Id>,
    /// Its name, number or code.
    pub name: String,
    /// What else is said about it.
    pub extra: String,
    /// Since when.
    pub since: At,
    /// Until when.
    pub due: Option<NaiveDate>,
}

#[derive(Debug, Clone, QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    extra: String,
    #[diesel(sql_type = DbTime)]
    since: At,
    #[diesel(sql_type = Nullable<Date>)]
    due: Option<NaiveDate>,
}

/// The days by which things are judged.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// Today.
    pub today: NaiveDate,
    /// Publications due up to here are near.
    pub publications: NaiveDate,
    /// Certificates that run out up to here.
    pub certificates: NaiveDate,
    /// Year of the caps.
    pub year: i32,
    /// The cap.
    pub cap: u32,
}

/// What is open of a kind, what is due first before the rest; of one department only what it should do itself.
///
/// # Errors
/// The database.
pub fn open(
    db: &mut Conn,
    region: &str,
    kind: Kind,
    department: Option<Id>,
    days: &Days,
) -> Result<Vec<Open>> {
    let d = Dialect::of(db);
    let none = if d == Dialect::Pg { "NULL::date" } else { "NULL" };
    let own = department.map_or_else(String::new, |id| format!(" WHERE q.owner = '{}'", id.0.simple()));
    let sql = format!(
        "SELECT q.* FROM ({}) q{own} ORDER BY q.due, q.id, q.owner LIMIT {MOST}",
        statement(d, kind, days, none)
    );
    ask!(db, Row, sql, region)
        .into_iter()
        .map(|row| {
            Ok(Open {
                id: parse_id(&row.id)?,
                department: if row.owner.is_empty() { None } else { Some(parse_id(&row.owner)?) },
                name: row.name,
                extra: row.extra,
                since: row.since,
                due: row.due,
            })
        })
        .collect()
}

fn statement(d: Dialect, kind: Kind, days: &Days, none: &str) -> String {
    let id = |column: &str| d.id_text(column);
    let Days { today, publications, certificates, year, cap } = days;
    let columns = |thing: &str, owner: &str, name: &str, extra: &str, since: &str, due: &str| {
        format!(
            "SELECT {} AS id, {} AS owner, {name} AS name, {extra} AS extra, {since} AS since, {due} AS due",
            id(thing),
            if owner.is_empty() { "''".to_owned() } else { id(owner) },
        )
    };
    let publication = |which: &str| {
        format!(
            "{} FROM publication p JOIN visit v ON v.id = p.visit_id \
             WHERE p.region = $1 AND p.done_at IS NULL AND {which}",
            columns("p.visit_id", "p.department_id", "v.code", "p.card", "p.created_at", "p.due_day")
        )
    };
    match kind {
        Kind::LateAnswer => format!(
            "{} FROM invitation i JOIN inspection n ON n.id = i.inspection_id \
             WHERE i.region = $1 AND (i.state = 'escalated' OR (i.state = 'pending' AND i.due_day < '{today}')) \
             AND n.state NOT IN ('aborted', 'closed')",
            columns("i.id", "i.department_id", "n.name", "n.number", "i.sent_at", "i.due_day")
        ),
        Kind::DeclinedInvitation => format!(
            "{} FROM invitation i JOIN inspection n ON n.id = i.inspection_id JOIN department p ON p.id = i.department_id \
             WHERE i.region = $1 AND i.state = 'declined' AND n.state IN ('draft', 'inviting', 'confirmed')",
            columns(
                "i.id",
                "n.department_id",
                "n.name",
                "p.name",
                "COALESCE(i.answered_at, i.updated_at)",
                none
            )
        ),
        Kind::LatePublication => publication(&format!("p.due_day < '{today}'")),
        Kind::PublicationDue => {
            publication(&format!("p.due_day >= '{today}' AND p.due_day <= '{publications}'"))
        }
        Kind::UnstaffedVisit => format!(
            "{} FROM visit v JOIN planning p ON p.id = v.planning_id JOIN visit_department x ON x.visit_id = v.id \
             WHERE v.region = $1 AND v.state = 'planned' AND p.state = 'committed'",
            columns(
                "v.id",
                "x.department_id",
                "v.code",
                "''",
                "v.updated_at",
                "(SELECT MIN(t.latest) FROM visit_task y JOIN task t ON t.id = y.task_id WHERE y.visit_id = v.id)"
            )
        ),
        Kind::PlanningBlocked => format!(
            "{} FROM planning p WHERE p.region = $1 AND p.state IN ('preview', 'committed') AND p.blockers NOT IN ('[]', 'null')",
            columns("p.id", "", "p.name", "p.state", "p.created_at", "p.period_from")
        ),
        Kind::UnheldVisit => format!(
            "{} FROM visit v JOIN visit_department x ON x.visit_id = v.id WHERE v.region = $1 \
             AND v.state IN ('staffed', 'dispatched', 'in_progress', 'obstructed') AND v.on_day < '{today}' \
             AND EXISTS (SELECT 1 FROM planning p WHERE p.id = v.planning_id AND p.state = 'committed')",
            columns("v.id", "x.department_id", "v.code", "v.state", "v.updated_at", "v.on_day")
        ),
        Kind::CapExceeded => format!(
            "{} FROM cap_entry e JOIN subject s ON s.id = e.subject_id \
             WHERE e.region = $1 AND e.year = {year} AND e.counted \
             GROUP BY e.subject_id, e.department_id, s.name HAVING COUNT(DISTINCT COALESCE(e.visit_id, e.id)) > {cap}",
            columns(
                "e.subject_id",
                "e.department_id",
                "s.name",
                "CAST(COUNT(DISTINCT COALESCE(e.visit_id, e.id)) AS TEXT)",
                "MAX(e.created_at)",
                none
            )
        ),
        // Of several certificates of one kind the last to run out decides; one without an end never does.
        Kind::CertificateExpiring => format!(
            "{} FROM inspector i JOIN certificate c ON c.inspector_id = i.id \
             WHERE i.region = $1 AND i.state = 'active' AND NOT i.expert GROUP BY i.id, i.department_id, i.name, c.qual \
             HAVING COUNT(*) = COUNT(c.valid_to) AND MAX(c.valid_to) <= '{certificates}'",
            columns(
                "i.id",
                "i.department_id",
                "i.name",
                "MAX(c.qual_name)",
                "MAX(c.created_at)",
                "MAX(c.valid_to)"
            )
        ),
        Kind::AbortedDraw => format!(
            "{} FROM draw w JOIN inspection n ON n.id = w.inspection_id \
             WHERE w.region = $1 AND w.state = 'aborted' AND w.purpose = 'subjects' AND n.state NOT IN ('aborted', 'closed') \
             AND NOT EXISTS (SELECT 1 FROM draw z WHERE z.inspection_id = w.inspection_id AND z.purpose = w.purpose \
             AND z.attempt > w.attempt)",
            columns("w.id", "n.department_id", "n.name", "n.number", "w.updated_at", none)
        ),
        Kind::ReturnedItem => format!(
            "{} FROM item i WHERE i.region = $1 AND i.state = 'returned'",
            columns("i.id", "i.department_id", "i.name", "i.code", "i.updated_at", none)
        ),
        Kind::ReturnedResult => format!(
            "{} FROM result r JOIN department o ON o.id = r.department_id JOIN visit v ON v.id = r.visit_id \
             JOIN item i ON i.id = r.item_id LEFT JOIN publication p \
             ON p.visit_id = r.visit_id AND p.department_id = r.department_id AND p.done_at IS NULL \
             WHERE o.region = $1 AND r.state = 'returned'",
            columns("r.id", "r.department_id", "v.code", "i.name", "r.updated_at", "p.due_day")
        ),
        Kind::PendingReplacement => format!(
            "{} FROM replacement r JOIN visit v ON v.id = r.visit_id WHERE r.region = $1 AND r.state IN ('requested', 'exhausted')",
            columns("r.id", "r.department_id", "v.code", "r.state", "r.created_at", "v.on_day")
        ),
        Kind::OpenCard => format!(
            "{} FROM card k WHERE k.region = $1 AND k.state = 'open'",
            columns("k.id", "k.department_id", "k.reason", "k.color", "k.created_at", none)
        ),
    }
}
