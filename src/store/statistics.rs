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
    /// How far what follows is, one digit for each `domain::statistics::Track`: 0 none, 1 all ended, 2 some run; and one for
    /// what was said to be completed.
    pub marks: String,
    /// How many.
    pub n: i64,
}

/// A kind of matter that follows from results: its table, whose it is, which rows of it are of the kind, which of those
/// have ended. Commissions follow from a visit, the others from a result.
struct TrackSql {
    table: &'static str,
    owner: &'static str,
    kind: &'static str,
    ended: &'static str,
    of_visit: bool,
}

/// In the order of `domain::statistics::Track`. A matter of another department (the case that the receiver of a referral
/// files) is none of the department whose result it is.
const TRACKS: [TrackSql; 6] = [
    TrackSql {
        table: "rectification",
        owner: "department_id",
        kind: "1 = 1",
        ended: "m.state IN ('fulfilled', 'case_filed')",
        of_visit: false,
    },
    TrackSql {
        table: "referral",
        owner: "from_id",
        kind: "m.kind = 'case_referral'",
        ended: "m.state = 'closed'",
        of_visit: false,
    },
    TrackSql {
        table: "referral",
        owner: "from_id",
        kind: "m.kind = 'copy_notice'",
        ended: "m.state = 'closed'",
        of_visit: false,
    },
    TrackSql {
        table: "case_filing",
        owner: "department_id",
        kind: "1 = 1",
        ended: "m.state = 'closed'",
        of_visit: false,
    },
    TrackSql {
        table: "mailing",
        owner: "department_id",
        kind: "1 = 1",
        ended: "m.state IN ('listed', 'reached')",
        of_visit: false,
    },
    TrackSql {
        table: "commission",
        owner: "department_id",
        kind: "m.state <> 'cancelled'",
        ended: "m.state = 'reported'",
        of_visit: true,
    },
];

/// Joins to a result `r` how far each track is: a column `kN.mark` for each. A matter cites the version of a result that
/// was there when it began, so it is joined by the task.
fn tracked() -> (String, String) {
    let (mut joins, mut marks) = (String::new(), Vec::new());
    for (n, t) in TRACKS.iter().enumerate() {
        let TrackSql { table, owner, kind, ended, of_visit } = t;
        let mark = format!("MAX(CASE WHEN {ended} THEN 1 ELSE 2 END) AS mark");
        let (inner, on) = if *of_visit {
            (
                format!(
                    "SELECT m.visit_id AS place, m.{owner} AS owner, {mark} FROM {table} m \
                     WHERE m.region = $1 AND {kind} GROUP BY 1, 2"
                ),
                "visit_id",
            )
        } else {
            (
                format!(
                    "SELECT q.task_id AS place, m.{owner} AS owner, {mark} FROM {table} m \
                     JOIN result q ON q.id = m.result_id WHERE m.region = $1 AND {kind} GROUP BY 1, 2"
                ),
                "task_id",
            )
        };
        joins.push_str(&format!(
            " LEFT JOIN ({inner}) k{n} ON k{n}.place = r.{on} AND k{n}.owner = r.department_id"
        ));
        marks.push(format!("CAST(COALESCE(k{n}.mark, 0) AS TEXT)"));
    }
    // A task has one at most.
    joins.push_str(" LEFT JOIN completion kc ON kc.task_id = r.task_id");
    marks.push("CASE WHEN kc.id IS NULL THEN '0' ELSE '1' END".to_owned());
    (joins, marks.join(" || "))
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
    #[diesel(sql_type = Text)]
    marks: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl SaidRow {
    fn said(self) -> Said {
        let Self { state, outcomes, follow_up, marks, n, .. } = self;
        Said { state, outcomes, follow_up, marks, n }
    }
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

/// What stands for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// The department that owns the item.
    Department,
    /// The joint inspection; none: single tasks.
    Inspection,
    /// The town of the subject; none: not known.
    Town,
}

/// A group: the identifier of a department or of a joint inspection, the name of a town.
pub type Group = String;

/// The group of something with an identifier.
#[must_use]
pub fn group(id: Id) -> Group {
    id.0.simple().to_string()
}

/// The identifier of a group that has one.
///
/// # Errors
/// It has none.
pub fn id_of(group: &str) -> Result<Id> {
    parse_id(group)
}

fn sum(condition: &str) -> String {
    format!("CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)")
}

const NOUGHT: &str = "CAST(0 AS BIGINT)";

fn key(d: Dialect, table: &str, per: Per) -> String {
    match per {
        Per::Department => d.id_text(&format!("{table}.department_id")),
        Per::Inspection => format!("COALESCE({}, '')", d.id_text(&format!("{table}.inspection_id"))),
        Per::Town => "s.town".to_owned(),
    }
}

/// What a group asks of a visit `v` besides.
const fn place(per: Per) -> &'static str {
    match per {
        Per::Town => " JOIN subject s ON s.id = v.subject_id",
        Per::Department | Per::Inspection => "",
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

/// Items to be checked at visits of the period, and those checked, by group.
///
/// # Errors
/// The database.
pub fn due(db: &mut Conn, span: &Span<'_>, per: Per) -> Result<BTreeMap<Group, (i64, i64)>> {
    let d = Dialect::of(db);
    let sql = format!(
        "SELECT {key} AS \"key\", '' AS name, COUNT(*) AS a, {done} AS b, {NOUGHT} AS c, {NOUGHT} AS d \
         FROM visit v JOIN visit_task y ON y.visit_id = v.id JOIN task t ON t.id = y.task_id{place} \
         WHERE {sent} AND t.state <> 'cancelled'{only} GROUP BY 1",
        key = key(d, "t", per),
        place = place(per),
        done = sum("t.state = 'done'"),
        sent = sent(span),
        only = only(d, "t", span.department),
    );
    Ok(ask!(db, Four, sql, span.region).into_iter().map(|r| (r.key, (r.a, r.b))).collect())
}

/// What the results of visits of the period say, by group: the versions that count.
///
/// # Errors
/// The database.
pub fn said(db: &mut Conn, span: &Span<'_>, per: Per) -> Result<BTreeMap<Group, Vec<Said>>> {
    let d = Dialect::of(db);
    let (joins, marks) = tracked();
    let sql = format!(
        "SELECT {key} AS \"key\", r.state AS state, r.outcomes AS outcomes, r.follow_up AS follow_up, {marks} AS marks, \
         COUNT(*) AS n FROM visit v JOIN result r ON r.visit_id = v.id{place}{joins} WHERE {sent} AND r.current{only} \
         GROUP BY 1, 2, 3, 4, 5",
        key = key(d, "r", per),
        place = place(per),
        sent = sent(span),
        only = only(d, "r", span.department),
    );
    let mut groups: BTreeMap<Group, Vec<Said>> = BTreeMap::new();
    for r in ask!(db, SaidRow, sql, span.region) {
        groups.entry(r.key.clone()).or_default().push(r.said());
    }
    Ok(groups)
}

/// What follows from results, for each track: all, and those that have ended.
pub type Tracks = [(i64, i64); TRACKS.len()];

/// What follows from results of visits of the period, by group and in the order of `domain::statistics::Track`: of whoever works
/// on it, so that the case that the receiver of a referral files is the receiver's.
///
/// # Errors
/// The database.
pub fn tracks(db: &mut Conn, span: &Span<'_>, per: Per) -> Result<BTreeMap<Group, Tracks>> {
    let d = Dialect::of(db);
    let mut groups: BTreeMap<Group, Tracks> = BTreeMap::new();
    for (n, t) in TRACKS.iter().enumerate() {
        let TrackSql { table, owner, kind, ended, of_visit } = t;
        let (of, join) = match (per, of_visit) {
            (Per::Department, _) => (d.id_text(&format!("m.{owner}")), String::new()),
            (Per::Town, _) => ("s.town".to_owned(), place(per).to_owned()),
            (Per::Inspection, false) => (
                format!("COALESCE({}, '')", d.id_text("q.inspection_id")),
                " JOIN result q ON q.id = m.result_id".to_owned(),
            ),
            // A visit for several inspections counts at the first of them, so that the totals add up.
            (Per::Inspection, true) => (
                "COALESCE(w.first, '')".to_owned(),
                format!(
                    " LEFT JOIN (SELECT y.visit_id, MIN({of}) AS first FROM visit_task y JOIN task t ON t.id = y.task_id \
                     WHERE t.region = $1 AND t.inspection_id IS NOT NULL GROUP BY y.visit_id) w \
                     ON w.visit_id = m.visit_id",
                    of = d.id_text("t.inspection_id"),
                ),
            ),
        };
        let mine = span.department.map_or_else(String::new, |id| format!(" AND m.{owner} = {}", d.id(id)));
        let sql = format!(
            "SELECT {of} AS \"key\", '' AS name, COUNT(*) AS a, {done} AS b, {NOUGHT} AS c, {NOUGHT} AS d \
             FROM {table} m JOIN visit v ON v.id = m.visit_id{join} WHERE {sent} AND {kind}{mine} GROUP BY 1",
            done = sum(ended),
            sent = sent(span),
        );
        for r in ask!(db, Four, sql, span.region) {
            groups.entry(r.key).or_default()[n] = (r.a, r.b);
        }
    }
    Ok(groups)
}

/// What the results of a year with a problem say, and how far what follows is, by department.
///
/// # Errors
/// The database.
pub fn problems(db: &mut Conn, region: &str, year: i32) -> Result<BTreeMap<Id, Vec<Said>>> {
    let d = Dialect::of(db);
    let none: Vec<String> = super::figures::WITHOUT_PROBLEM.iter().map(|t| format!("'{t}'")).collect();
    let (joins, marks) = tracked();
    let sql = format!(
        "SELECT {key} AS \"key\", r.state AS state, r.outcomes AS outcomes, r.follow_up AS follow_up, {marks} AS marks, \
         COUNT(*) AS n FROM conduct c JOIN result r ON r.visit_id = c.visit_id{joins} WHERE c.region = $1 \
         AND c.end_day >= '{year}-01-01' AND c.end_day <= '{year}-12-31' AND {counting} AND r.outcomes NOT IN ({none}) \
         GROUP BY 1, 2, 3, 4, 5",
        key = d.id_text("r.department_id"),
        counting = counting("r"),
        none = none.join(", "),
    );
    let mut groups: BTreeMap<Id, Vec<Said>> = BTreeMap::new();
    for r in ask!(db, SaidRow, sql, region) {
        groups.entry(parse_id(&r.key)?).or_default().push(r.said());
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
    /// Items in its list that are valid versions.
    pub items: i64,
    /// Those published.
    pub items_published: i64,
    /// Plan entries of the year.
    pub plans: i64,
    /// Those published.
    pub plans_published: i64,
    /// When the first of them was published.
    pub plans_on: Option<NaiveDate>,
    /// Joint inspections it led.
    pub led: i64,
    /// Invitations it got.
    pub invited: i64,
    /// Those it declined, or never answered.
    pub declined: i64,
    /// Those it accepted.
    pub joined: i64,
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
    read(
        db,
        &format!("FROM cap_entry e WHERE e.region = $1 AND e.visit_id IS NULL AND e.year = {year}"),
        "e.department_id",
        ["1 = 1", "e.note <> ''", "", ""],
        |f, r| (f.others, f.explained) = (r.a, r.b),
    )?;
    let mut days = |db: &mut Conn,
                    day: &str,
                    from: &str,
                    key: &str,
                    write: fn(&mut Facts, Option<NaiveDate>)|
     -> Result<()> {
        let sql = format!(
            "SELECT {} AS \"key\", CAST({day} AS TEXT) AS name, {NOUGHT} AS a, {NOUGHT} AS b, {NOUGHT} AS c, {NOUGHT} AS d \
             {from} GROUP BY 1",
            d.id_text(key)
        );
        for row in ask!(db, Four, sql, region) {
            write(facts.entry(parse_id(&row.key)?).or_default(), row.name.parse().ok());
        }
        Ok(())
    };
    // The base of an entry is frozen in the moment it is published.
    days(
        db,
        "MIN(b.on_day)",
        &format!(
            "FROM plan_entry p JOIN plan_base b ON b.plan_id = p.id \
             WHERE p.region = $1 AND p.year = {year} AND p.state = 'published'"
        ),
        "p.department_id",
        |f, day| f.plans_on = day,
    )?;
    Ok(facts)
}
