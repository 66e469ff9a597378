//! Counts for the statistics tables, the scorecard and the annual plan, by the database in groups.

use super::conn::Conn;
use super::figures::{Dialect, Span, ask, counting, parse_id};
use crate::error::Result;
use crate::ids::Id;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::BTreeMap;

/// Results that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// State.
    pub state: String,
    /// Outcomes, as the column holds them.
    pub outcomes: String,
    /// What follows, as the column holds it.
    pub follow_up: String,
    /// How many.
    pub n: i64,
}

#[derive(Debug, Clone, QueryableByName)]
struct SaidRow {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    outcomes: String,
    #[diesel(sql_type = Text)]
    follow_up: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(Debug, Clone, QueryableByName)]
struct Four {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    a: i64,
    #[diesel(sql_type = BigInt)]
    b: i64,
    #[diesel(sql_type = BigInt)]
    c: i64,
    #[diesel(sql_type = BigInt)]
    d: i64,
}

/// What stands for a row: a department, or a joint inspection (none: single tasks).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The department that owns the item.
    Department,
    /// The joint inspection.
    Inspection,
}

fn sum(condition: &str) -> String {
    format!("CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)")
}

const NOUGHT: &str = "CAST(0 AS BIGINT)";

fn key(d: Dialect, table: &str, per: Per) -> String {
    match per {
        Per::Department => d.id_text(&format!("{table}.department_id")),
        Per::Inspection => format!("COALESCE({}, '')", d.id_text(&format!("{table}.inspection_id"))),
    }
}

fn only(d: Dialect, table: &str, department: Option<Id>) -> String {
    department.map_or_else(String::new, |id| format!(" AND {table}.department_id = {}", d.id(id)))
}

/// Visits that were sent out for a day of the period.
fn sent(span: &Span<'_>) -> String {
    format!(
        "v.region = $1 AND v.state IN ('dispatched', 'in_progress', 'obstructed', 'done') \
         AND v.on_day >= '{}' AND v.on_day <= '{}'",
        span.from, span.to
    )
}

fn optional(key: &str) -> Result<Option<Id>> {
    if key.is_empty() { Ok(None) } else { parse_id(key).map(Some) }
}

/// Items to be checked at visits of the period, and those checked, by group.
///
/// # Errors
/// The database.
pub fn due(db: &mut Conn, span: &Span<'_>, per: Per) -> Result<BTreeMap<Option<Id>, (i64, i64)>> {
    let d = Dialect::of(db);
    let sql = format!(
        "SELECT {key} AS \"key\", '' AS name, COUNT(*) AS a, {done} AS b, {NOUGHT} AS c, {NOUGHT} AS d \
         FROM visit v JOIN visit_task y ON y.visit_id = v.id JOIN task t ON t.id = y.task_id \
         WHERE {sent} AND t.state <> 'cancelled'{only} GROUP BY 1",
        key = key(d, "t", per),
        done = sum("t.state = 'done'"),
        sent = sent(span),
        only = only(d, "t", span.department),
    );
    ask!(db, Four, sql, span.region).into_iter().map(|r| Ok((optional(&r.key)?, (r.a, r.b)))).collect()
}

/// What the results of visits of the period say, by group: the versions that count.
///
/// # Errors
/// The database.
pub fn said(db: &mut Conn, span: &Span<'_>, per: Per) -> Result<BTreeMap<Option<Id>, Vec<Said>>> {
    let d = Dialect::of(db);
    let sql = format!(
        "SELECT {key} AS \"key\", r.state AS state, r.outcomes AS outcomes, r.follow_up AS follow_up, COUNT(*) AS n \
         FROM visit v JOIN result r ON r.visit_id = v.id WHERE {sent} AND r.current{only} GROUP BY 1, 2, 3, 4",
        key = key(d, "r", per),
        sent = sent(span),
        only = only(d, "r", span.department),
    );
    let mut groups: BTreeMap<Option<Id>, Vec<Said>> = BTreeMap::new();
    for r in ask!(db, SaidRow, sql, span.region) {
        let said = Said { state: r.state, outcomes: r.outcomes, follow_up: r.follow_up, n: r.n };
        groups.entry(optional(&r.key)?).or_default().push(said);
    }
    Ok(groups)
}

/// The last draw of each joint inspection: (pool, drawn in all rounds).
///
/// # Errors
/// The database.
pub fn draws(db: &mut Conn, region: &str) -> Result<BTreeMap<Id, (i64, i64)>> {
    let d = Dialect::of(db);
    let sql = format!(
        "SELECT {key} AS \"key\", '' AS name, MAX(w.pool_size) AS a, \
         CAST(COALESCE(SUM(w.drawn), 0) AS BIGINT) AS b, {NOUGHT} AS c, {NOUGHT} AS d \
         FROM draw w WHERE w.region = $1 AND w.purpose = 'subjects' AND w.state IN ('resulted', 'published') GROUP BY 1",
        key = d.id_text("w.inspection_id"),
    );
    ask!(db, Four, sql, region).into_iter().map(|r| Ok((parse_id(&r.key)?, (r.a, r.b)))).collect()
}

/// Plan entries of a department in a year, by how far they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanCounts {
    /// Of the department alone.
    pub own: i64,
    /// In a joint inspection.
    pub joint: i64,
    /// Under way.
    pub running: i64,
    /// Done.
    pub done: i64,
}

/// Plan entries that are filed or published, of these years, by department.
///
/// # Errors
/// The database.
pub fn plans(
    db: &mut Conn,
    region: &str,
    years: (i32, i32),
    department: Option<Id>,
) -> Result<BTreeMap<Id, PlanCounts>> {
    let d = Dialect::of(db);
    let sql = format!(
        "SELECT {key} AS \"key\", '' AS name, {own} AS a, {joint} AS b, {running} AS c, {done} AS d \
         FROM plan_entry p LEFT JOIN inspection i ON i.id = p.inspection_id \
         WHERE p.region = $1 AND p.state IN ('filed', 'published') AND p.year >= {} AND p.year <= {}{only} GROUP BY 1",
        years.0,
        years.1,
        key = d.id_text("p.department_id"),
        own = sum("p.inspection_id IS NULL"),
        joint = sum("p.inspection_id IS NOT NULL"),
        running = sum("i.state IN ('dispatched', 'inspecting')"),
        done = sum("i.state = 'closed'"),
        only = only(d, "p", department),
    );
    ask!(db, Four, sql, region)
        .into_iter()
        .map(|r| Ok((parse_id(&r.key)?, PlanCounts { own: r.a, joint: r.b, running: r.c, done: r.d })))
        .collect()
}

/// Joint inspections that a department initiated with a window that touches the period: (from a plan, without one, closed).
///
/// # Errors
/// The database.
pub fn led(db: &mut Conn, span: &Span<'_>) -> Result<BTreeMap<Id, (i64, i64, i64)>> {
    let d = Dialect::of(db);
    let planned = "EXISTS (SELECT 1 FROM plan_entry p WHERE p.inspection_id = i.id)";
    let sql = format!(
        "SELECT {key} AS \"key\", '' AS name, {with} AS a, {without} AS b, {closed} AS c, {NOUGHT} AS d FROM inspection i \
         WHERE i.region = $1 AND i.state NOT IN ('draft', 'aborted') AND i.window_to >= '{}' AND i.window_from <= '{}'{only} \
         GROUP BY 1",
        span.from,
        span.to,
        key = d.id_text("i.department_id"),
        with = sum(planned),
        without = sum(&format!("NOT {planned}")),
        closed = sum("i.state = 'closed'"),
        only = only(d, "i", span.department),
    );
    ask!(db, Four, sql, span.region).into_iter().map(|r| Ok((parse_id(&r.key)?, (r.a, r.b, r.c)))).collect()
}

/// Single tasks whose time touches the period, by department.
///
/// # Errors
/// The database.
pub fn singles(db: &mut Conn, span: &Span<'_>) -> Result<BTreeMap<Id, i64>> {
    let d = Dialect::of(db);
    let sql = format!(
        "SELECT {key} AS \"key\", '' AS name, COUNT(*) AS a, {NOUGHT} AS b, {NOUGHT} AS c, {NOUGHT} AS d FROM task t \
         WHERE t.region = $1 AND t.inspection_id IS NULL AND t.state <> 'cancelled' \
         AND t.latest >= '{}' AND t.earliest <= '{}'{only} GROUP BY 1",
        span.from,
        span.to,
        key = d.id_text("t.department_id"),
        only = only(d, "t", span.department),
    );
    ask!(db, Four, sql, span.region).into_iter().map(|r| Ok((parse_id(&r.key)?, r.a))).collect()
}

/// People of a department with a qualification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleCounts {
    /// Department.
    pub department: Id,
    /// Qualification; empty: all.
    pub specialty: String,
    /// Officers in service.
    pub officers: i64,
    /// Those with a certificate valid on the day.
    pub valid: i64,
    /// Experts.
    pub experts: i64,
}

/// People in service on a day: of each department all, and those with each qualification.
///
/// # Errors
/// The database.
pub fn people(
    db: &mut Conn,
    region: &str,
    on: NaiveDate,
    department: Option<Id>,
) -> Result<Vec<PeopleCounts>> {
    let d = Dialect::of(db);
    let valid = format!(
        "(c.valid_from IS NULL OR c.valid_from <= '{on}') AND (c.valid_to IS NULL OR c.valid_to >= '{on}')"
    );
    let of = |specialty: &str, join: &str, valid: &str| {
        format!(
            "SELECT {key} AS \"key\", {specialty} AS name, \
             COUNT(DISTINCT CASE WHEN NOT i.expert THEN i.id END) AS a, \
             COUNT(DISTINCT CASE WHEN NOT i.expert AND {valid} THEN i.id END) AS b, \
             COUNT(DISTINCT CASE WHEN i.expert THEN i.id END) AS c, {NOUGHT} AS d \
             FROM inspector i{join} WHERE i.region = $1 AND i.state = 'active'{only} GROUP BY 1, 2",
            key = d.id_text("i.department_id"),
            only = only(d, "i", department),
        )
    };
    let whole = of(
        "''",
        "",
        &format!("EXISTS (SELECT 1 FROM certificate c WHERE c.inspector_id = i.id AND {valid})"),
    );
    let each = of("c.qual_name", " JOIN certificate c ON c.inspector_id = i.id", &valid);
    let mut list = Vec::new();
    for sql in [whole, each] {
        for r in ask!(db, Four, sql, region) {
            let department = parse_id(&r.key)?;
            list.push(PeopleCounts {
                department,
                specialty: r.name,
                officers: r.a,
                valid: r.b,
                experts: r.c,
            });
        }
    }
    list.sort_by(|a, b| (a.department, &a.specialty).cmp(&(b.department, &b.specialty)));
    Ok(list)
}

/// Subjects of a plan entry of a department in its joint inspection: (drawn, inspected, still to be inspected). `items`
/// are those of the entry; none: whatever the department checks there.
///
/// # Errors
/// The database.
pub fn done_of(
    db: &mut Conn,
    region: &str,
    inspection: Id,
    department: Id,
    items: &[Id],
) -> Result<(i64, i64, i64)> {
    let d = Dialect::of(db);
    let among: Vec<String> = items.iter().map(|i| d.id(*i)).collect();
    let among =
        if among.is_empty() { String::new() } else { format!(" AND t.item_id IN ({})", among.join(", ")) };
    let sql = format!(
        "SELECT '' AS \"key\", '' AS name, COUNT(*) AS a, {done} AS b, {open} AS c, {NOUGHT} AS d FROM (\
         SELECT t.subject_id, MAX(CASE WHEN t.state = 'done' THEN 1 ELSE 0 END) AS done, \
         MAX(CASE WHEN t.state IN ('ready', 'planned') THEN 1 ELSE 0 END) AS open FROM task t \
         WHERE t.region = $1 AND t.inspection_id = {inspection} AND t.department_id = {department}{among} \
         GROUP BY t.subject_id) q",
        inspection = d.id(inspection),
        department = d.id(department),
        done = sum("q.done = 1"),
        open = sum("q.done = 0 AND q.open = 1"),
    );
    Ok(ask!(db, Four, sql, region).first().map_or((0, 0, 0), |r| (r.a, r.b, r.c)))
}

/// What the scorecard of a department rests on, as far as grouped counts tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Subjects it supervises that can be inspected.
    pub subjects: i64,
    /// Those with a credit-risk class.
    pub classified: i64,
    /// Items in its list that are valid versions.
    pub items: i64,
    /// Those published.
    pub items_published: i64,
    /// Plan entries of the year.
    pub plans: i64,
    /// Those published.
    pub plans_published: i64,
    /// Joint inspections it led.
    pub led: i64,
    /// Invitations it got.
    pub invited: i64,
    /// Those it declined, or never answered.
    pub declined: i64,
    /// Those it accepted.
    pub joined: i64,
    /// Results with a problem.
    pub problems: i64,
    /// Those for which it was written down what follows.
    pub followed: i64,
    /// Checks outside the plans that it recorded.
    pub others: i64,
    /// Those whose cause was written down in words.
    pub explained: i64,
}

/// The facts of each department in a year.
///
/// # Errors
/// The database.
pub fn facts(db: &mut Conn, region: &str, year: i32) -> Result<BTreeMap<Id, Facts>> {
    let d = Dialect::of(db);
    let mut facts: BTreeMap<Id, Facts> = BTreeMap::new();
    let mut read =
        |db: &mut Conn, from: &str, key: &str, sums: [&str; 4], write: fn(&mut Facts, &Four)| -> Result<()> {
            let [a, b, c, e] = sums.map(|s| if s.is_empty() { NOUGHT.to_owned() } else { sum(s) });
            let sql = format!(
                "SELECT {} AS \"key\", '' AS name, {a} AS a, {b} AS b, {c} AS c, {e} AS d {from} GROUP BY 1",
                d.id_text(key)
            );
            for row in ask!(db, Four, sql, region) {
                write(facts.entry(parse_id(&row.key)?).or_default(), &row);
            }
            Ok(())
        };
    read(
        db,
        "FROM subject_department x JOIN subject s ON s.id = x.subject_id WHERE x.region = $1 AND s.state = 'active'",
        "x.department_id",
        ["1 = 1", "s.credit <> ''", "", ""],
        |f, r| (f.subjects, f.classified) = (r.a, r.b),
    )?;
    read(
        db,
        "FROM item i WHERE i.region = $1 AND i.current AND i.list_level = 'own' AND i.state <> 'retired'",
        "i.department_id",
        ["1 = 1", "i.state = 'published'", "", ""],
        |f, r| (f.items, f.items_published) = (r.a, r.b),
    )?;
    read(
        db,
        &format!("FROM plan_entry p WHERE p.region = $1 AND p.year = {year} AND p.state <> 'withdrawn'"),
        "p.department_id",
        ["1 = 1", "p.state = 'published'", "", ""],
        |f, r| (f.plans, f.plans_published) = (r.a, r.b),
    )?;
    let touching = format!("i.window_to >= '{year}-01-01' AND i.window_from <= '{year}-12-31'");
    read(
        db,
        &format!(
            "FROM inspection i WHERE i.region = $1 AND i.state NOT IN ('draft', 'aborted') AND {touching}"
        ),
        "i.department_id",
        ["1 = 1", "", "", ""],
        |f, r| f.led = r.a,
    )?;
    read(
        db,
        &format!(
            "FROM invitation n JOIN inspection i ON i.id = n.inspection_id \
             WHERE n.region = $1 AND n.state <> 'withdrawn' AND {touching}"
        ),
        "n.department_id",
        ["1 = 1", "n.state IN ('declined', 'escalated')", "n.state = 'accepted'", ""],
        |f, r| (f.invited, f.declined, f.joined) = (r.a, r.b, r.c),
    )?;
    let problem: Vec<String> = super::figures::WITHOUT_PROBLEM.iter().map(|t| format!("'{t}'")).collect();
    read(
        db,
        &format!(
            "FROM conduct c JOIN result r ON r.visit_id = c.visit_id WHERE c.region = $1 \
             AND c.end_day >= '{year}-01-01' AND c.end_day <= '{year}-12-31' AND {} AND r.outcomes NOT IN ({})",
            counting("r"),
            problem.join(", ")
        ),
        "r.department_id",
        ["1 = 1", "r.follow_up NOT IN ('[]', '[\"nothing\"]')", "", ""],
        |f, r| (f.problems, f.followed) = (r.a, r.b),
    )?;
    read(
        db,
        &format!("FROM cap_entry e WHERE e.region = $1 AND e.visit_id IS NULL AND e.year = {year}"),
        "e.department_id",
        ["1 = 1", "e.note <> ''", "", ""],
        |f, r| (f.others, f.explained) = (r.a, r.b),
    )?;
    Ok(facts)
}
