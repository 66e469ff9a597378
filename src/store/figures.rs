//! Counts for oversight, by the database in groups: however many rows there are, only the groups come back.
//!
//! The statements are texts, for grouping by a month or an identifier is said differently by the two databases. The county
//! is bound; days and identifiers are written into the text by their types and can hold nothing else.

use super::conn::Conn;
use crate::domain::figures::{By, Counts};
use crate::error::{Error, Result};
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::BTreeMap;

/// What is counted.
#[derive(Debug, Clone)]
pub struct Span<'a> {
    /// County.
    pub region: &'a str,
    /// First day on which an inspection ended.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// Only this department.
    pub department: Option<Id>,
}

/// What stands alone in a result: nothing else can be true beside it, so the column holds exactly this. All other results
/// hold a problem (`domain::result::Outcome::stands_alone`; a test holds the two together).
pub const WITHOUT_PROBLEM: [&str; 7] = [
    "[\"no_problem_found\"]",
    "[\"activity_not_found\"]",
    "[\"closed_down\"]",
    "[\"deregistered\"]",
    "[\"revoked\"]",
    "[\"withdrawn\"]",
    "[\"moved_away\"]",
];

/// How one database says what they say differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Pg,
}

impl Dialect {
    pub(super) const fn of(db: &Conn) -> Self {
        match db {
            Conn::Sqlite(_) => Self::Sqlite,
            Conn::Pg(_) => Self::Pg,
        }
    }

    /// An identifier as a literal.
    pub(super) fn id(self, id: Id) -> String {
        match self {
            Self::Sqlite => format!("x'{}'", id.0.simple()),
            Self::Pg => format!("'{}'::uuid", id.0),
        }
    }

    /// A column with an identifier, as 32 hexadecimal digits.
    pub(super) fn id_text(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("lower(hex({column}))"),
            Self::Pg => format!("replace({column}::text, '-', '')"),
        }
    }

    /// The month of a day.
    fn month(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("substr({column}, 1, 7)"),
            Self::Pg => format!("to_char({column}, 'YYYY-MM')"),
        }
    }

    /// The moment at which a day ends in China.
    fn end_of(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("({column} || 'T16:00:00.000000Z')"),
            Self::Pg => format!("(({column} + time '16:00') AT TIME ZONE 'UTC')"),
        }
    }

    /// The day in China of a moment.
    pub(super) fn day_of(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("date({column}, '+8 hours')"),
            Self::Pg => format!("(({column} AT TIME ZONE 'UTC') + interval '8 hours')::date"),
        }
    }
}

/// Runs a grouped statement with the county as `$1`.
macro_rules! ask {
    ($db:expr, $row:ty, $sql:expr, $region:expr) => {{
        let (sql, region) = ($sql, $region.to_owned());
        let rows: Vec<$row> = $crate::each_backend!($db, |c| diesel::sql_query(sql)
            .bind::<diesel::sql_types::Text, _>(region)
            .load(c))?;
        rows
    }};
}
pub(super) use ask;

/// A column that has three figures.
#[derive(Debug, Clone, QueryableByName)]
struct Group {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    a: i64,
    #[diesel(sql_type = BigInt)]
    b: i64,
    #[diesel(sql_type = BigInt)]
    c: i64,
}

/// An identifier from its 32 hexadecimal digits.
pub(super) fn parse_id(text: &str) -> Result<Id> {
    uuid::Uuid::parse_str(text).map(Id).map_err(|e| Error::internal(&e))
}

fn sum(condition: &str) -> String {
    format!("CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)")
}

/// The column to group by, and what to join for it. `day`, `department` and `subject` are the columns of the table that is
/// counted.
fn grouping(d: Dialect, by: By, day: &str, department: &str, subject: &str) -> (String, String) {
    let joined = |column: &str| (column.to_owned(), format!(" JOIN subject s ON s.id = {subject}"));
    match by {
        By::Whole => ("''".to_owned(), String::new()),
        By::Month => (d.month(day), String::new()),
        By::Department => (d.id_text(department), String::new()),
        By::Class => joined("s.credit"),
        By::Town => joined("s.town"),
    }
}

/// Counts of a period by group. Visits, publication periods and results belong to the day on which the inspection ended,
/// checks outside the plans to their own. A visit counts for each of its departments, once for all together.
///
/// # Errors
/// The database.
pub fn counts(db: &mut Conn, span: &Span<'_>, by: By, today: NaiveDate) -> Result<BTreeMap<String, Counts>> {
    let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
    for row in visits(db, span, by)? {
        let counts = groups.entry(row.key).or_default();
        (counts.visits, counts.joint, counts.avoided) = (row.a, row.b, row.c);
    }
    for row in others(db, span, by)? {
        groups.entry(row.key).or_default().others = row.a;
    }
    for row in periods(db, span, by, today)? {
        let counts = groups.entry(row.key).or_default();
        (counts.due, counts.on_time) = (row.a, row.b);
    }
    for row in results(db, span, by)? {
        let counts = groups.entry(row.key).or_default();
        (counts.results, counts.judged, counts.problems) = (row.a, row.b, row.c);
    }
    Ok(groups)
}

/// Visits, joint ones, and those avoided: of all departments together one less than there were departments at the visit;
/// of one department each joint visit that another department leads.
fn visits(db: &mut Conn, span: &Span<'_>, by: By) -> Result<Vec<Group>> {
    let d = Dialect::of(db);
    let (key, join) = grouping(d, by, "n.end_day", "p.department_id", "n.subject_id");
    let own = by == By::Department || span.department.is_some();
    let part = if own { " JOIN visit_department p ON p.visit_id = n.visit_id" } else { "" };
    let only =
        span.department.map_or_else(String::new, |id| format!(" WHERE p.department_id = {}", d.id(id)));
    let avoided = if own {
        sum("n.departments > 1 AND (n.lead IS NULL OR n.lead <> p.department_id)")
    } else {
        sum_of("CASE WHEN n.departments > 1 THEN n.departments - 1 ELSE 0 END")
    };
    let sql = format!(
        "SELECT {key} AS \"key\", COUNT(*) AS a, {joint} AS b, {avoided} AS c FROM (\
         SELECT c.visit_id, c.end_day, v.subject_id, v.lead_department_id AS lead, \
         (SELECT COUNT(*) FROM visit_department x WHERE x.visit_id = c.visit_id) AS departments \
         FROM conduct c JOIN visit v ON v.id = c.visit_id \
         WHERE c.region = $1 AND c.end_day >= '{from}' AND c.end_day <= '{to}') n{part}{join}{only} GROUP BY 1",
        joint = sum("n.departments > 1"),
        from = span.from,
        to = span.to,
    );
    Ok(ask!(db, Group, sql, span.region))
}

fn sum_of(value: &str) -> String {
    format!("CAST(COALESCE(SUM({value}), 0) AS BIGINT)")
}

/// Checks outside the plans.
fn others(db: &mut Conn, span: &Span<'_>, by: By) -> Result<Vec<Group>> {
    let d = Dialect::of(db);
    let (key, join) = grouping(d, by, "e.on_day", "e.department_id", "e.subject_id");
    let only = span.department.map_or_else(String::new, |id| format!(" AND e.department_id = {}", d.id(id)));
    let sql = format!(
        "SELECT {key} AS \"key\", COUNT(*) AS a, CAST(0 AS BIGINT) AS b, CAST(0 AS BIGINT) AS c FROM cap_entry e{join} \
         WHERE e.region = $1 AND e.visit_id IS NULL AND e.on_day >= '{}' AND e.on_day <= '{}'{only} GROUP BY 1",
        span.from, span.to
    );
    Ok(ask!(db, Group, sql, span.region))
}

/// Publication periods that are complete or over, and those complete in time.
fn periods(db: &mut Conn, span: &Span<'_>, by: By, today: NaiveDate) -> Result<Vec<Group>> {
    let d = Dialect::of(db);
    let (key, join) = grouping(d, by, "p.end_day", "p.department_id", "v.subject_id");
    // Only for what stands in the visit.
    let visit = if join.is_empty() { "" } else { " JOIN visit v ON v.id = p.visit_id" };
    let only = span.department.map_or_else(String::new, |id| format!(" AND p.department_id = {}", d.id(id)));
    let sql = format!(
        "SELECT {key} AS \"key\", {due} AS a, {done} AS b, CAST(0 AS BIGINT) AS c FROM publication p{visit}{join} \
         WHERE p.region = $1 AND p.end_day >= '{from}' AND p.end_day <= '{to}'{only} GROUP BY 1",
        due = sum(&format!("p.done_at IS NOT NULL OR p.due_day < '{today}'")),
        done = sum(&format!("p.done_at < {}", d.end_of("p.due_day"))),
        from = span.from,
        to = span.to,
    );
    Ok(ask!(db, Group, sql, span.region))
}

/// Results handed in, those in which something could be judged, those with a problem.
fn results(db: &mut Conn, span: &Span<'_>, by: By) -> Result<Vec<Group>> {
    let d = Dialect::of(db);
    let (key, mut join) = grouping(d, by, "c.end_day", "r.department_id", "v.subject_id");
    if !join.is_empty() {
        join = format!(" JOIN visit v ON v.id = r.visit_id{join}");
    }
    let only = span.department.map_or_else(String::new, |id| format!(" AND r.department_id = {}", d.id(id)));
    let none: Vec<String> = WITHOUT_PROBLEM.iter().map(|t| format!("'{t}'")).collect();
    let none = none.join(", ");
    let sql = format!(
        "SELECT {key} AS \"key\", COUNT(*) AS a, {judged} AS b, {problems} AS c \
         FROM conduct c JOIN result r ON r.visit_id = c.visit_id{join} \
         WHERE c.region = $1 AND c.end_day >= '{from}' AND c.end_day <= '{to}' AND {counting}{only} GROUP BY 1",
        judged = sum(&format!("r.outcomes = '{}' OR r.outcomes NOT IN ({none})", WITHOUT_PROBLEM[0])),
        problems = sum(&format!("r.outcomes NOT IN ({none})")),
        counting = counting("r"),
        from = span.from,
        to = span.to,
    );
    Ok(ask!(db, Group, sql, span.region))
}

/// Results that count: the valid version, handed in.
pub(super) fn counting(table: &str) -> String {
    format!("{table}.current AND {table}.state NOT IN ('draft', 'returned')")
}

/// Subjects by class: (class, how many there are, how many were drawn, how many were inspected). Those of a department are
/// the ones it supervises.
///
/// # Errors
/// The database.
pub fn coverage(db: &mut Conn, span: &Span<'_>) -> Result<Vec<(String, i64, i64, i64)>> {
    let d = Dialect::of(db);
    let region = span.region;
    let supervised = span.department.map_or_else(String::new, |id| {
        format!(
            " AND EXISTS (SELECT 1 FROM subject_department x WHERE x.subject_id = s.id AND x.department_id = {})",
            d.id(id)
        )
    });
    let zero = "CAST(0 AS BIGINT) AS b, CAST(0 AS BIGINT) AS c";
    let mut classes: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    let base = format!(
        "SELECT s.credit AS \"key\", COUNT(*) AS a, {zero} FROM subject s \
         WHERE s.region = $1 AND s.state = 'active'{supervised} GROUP BY 1"
    );
    for row in ask!(db, Group, base, region) {
        classes.entry(row.key).or_default().0 = row.a;
    }
    let drawn = format!(
        "SELECT s.credit AS \"key\", COUNT(*) AS a, {zero} FROM subject s \
         WHERE s.region = $1 AND s.state = 'active'{supervised} AND s.id IN (\
         SELECT y.subject_id FROM drawn_subject y JOIN draw w ON w.id = y.draw_id \
         WHERE w.state IN ('resulted', 'published') AND {day} >= '{from}' AND {day} <= '{to}') GROUP BY 1",
        day = d.day_of("w.created_at"),
        from = span.from,
        to = span.to,
    );
    for row in ask!(db, Group, drawn, region) {
        classes.entry(row.key).or_default().1 = row.a;
    }
    let by = span.department.map_or_else(String::new, |id| {
        format!(
            " AND EXISTS (SELECT 1 FROM visit_department z WHERE z.visit_id = c.visit_id AND z.department_id = {})",
            d.id(id)
        )
    });
    let inspected = format!(
        "SELECT s.credit AS \"key\", COUNT(*) AS a, {zero} FROM subject s \
         WHERE s.region = $1 AND s.state = 'active'{supervised} AND s.id IN (\
         SELECT v.subject_id FROM conduct c JOIN visit v ON v.id = c.visit_id \
         WHERE c.region = $1 AND c.end_day >= '{}' AND c.end_day <= '{}'{by}) GROUP BY 1",
        span.from, span.to
    );
    for row in ask!(db, Group, inspected, region) {
        classes.entry(row.key).or_default().2 = row.a;
    }
    Ok(classes.into_iter().map(|(class, (base, drawn, done))| (class, base, drawn, done)).collect())
}

/// Visits of each person who went: (department, visits), and of each department how many officers can go.
#[derive(Debug, Clone, Default)]
pub struct Loads {
    /// Visits of each person, by department.
    pub visits: BTreeMap<Id, Vec<i64>>,
    /// Officers in service, by department.
    pub people: BTreeMap<Id, i64>,
}

/// Who went how often.
///
/// # Errors
/// The database.
pub fn loads(db: &mut Conn, span: &Span<'_>) -> Result<Loads> {
    let d = Dialect::of(db);
    let only = |table: &str| {
        span.department.map_or_else(String::new, |id| format!(" AND {table}.department_id = {}", d.id(id)))
    };
    let mut loads = Loads::default();
    let zero = "CAST(0 AS BIGINT) AS b, CAST(0 AS BIGINT) AS c";
    let went = format!(
        "SELECT {key} AS \"key\", COUNT(*) AS a, {zero} FROM conduct c \
         JOIN seat t ON t.visit_id = c.visit_id AND t.state = 'assigned' AND t.role <> 'expert' \
         JOIN inspector i ON i.id = t.inspector_id AND NOT i.expert \
         WHERE c.region = $1 AND c.end_day >= '{from}' AND c.end_day <= '{to}'{only} GROUP BY t.inspector_id, t.department_id",
        key = d.id_text("t.department_id"),
        from = span.from,
        to = span.to,
        only = only("t"),
    );
    for row in ask!(db, Group, went, span.region) {
        loads.visits.entry(parse_id(&row.key)?).or_default().push(row.a);
    }
    let people = format!(
        "SELECT {key} AS \"key\", COUNT(*) AS a, {zero} FROM inspector i \
         WHERE i.region = $1 AND i.state = 'active' AND NOT i.expert{only} GROUP BY 1",
        key = d.id_text("i.department_id"),
        only = only("i"),
    );
    for row in ask!(db, Group, people, span.region) {
        loads.people.insert(parse_id(&row.key)?, row.a);
    }
    Ok(loads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::result::Outcome;

    #[test]
    fn what_has_no_problem_stands_alone_and_the_other_way_round() {
        let alone: Vec<String> = Outcome::ALL
            .iter()
            .filter(|o| o.stands_alone())
            .map(|o| serde_json::to_string(&[o.as_str()]).unwrap())
            .collect();
        assert_eq!(alone, WITHOUT_PROBLEM);
        assert!(Outcome::ALL.iter().all(|o| o.stands_alone() != o.is_problem()));
        assert_eq!(WITHOUT_PROBLEM[0], serde_json::to_string(&[Outcome::NoProblemFound.as_str()]).unwrap());
    }
}
