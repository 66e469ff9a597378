//! The two databases have one schema: migrations of both, and what the code believes, compared column by column.

use crate::support::postgres::Scratch;
use diesel::sql_types::{Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use onedoor::store::conn::Place;
use onedoor::store::migrate;
use std::collections::{BTreeMap, BTreeSet};

#[derive(QueryableByName, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    #[diesel(sql_type = Text)]
    tab: String,
    #[diesel(sql_type = Text)]
    col: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    required: bool,
}

#[derive(QueryableByName, Debug)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

type Tables = BTreeMap<String, BTreeMap<String, (String, bool)>>;

fn tables(rows: Vec<Column>) -> Tables {
    let mut tables = Tables::new();
    for row in rows {
        tables.entry(row.tab).or_default().insert(row.col, (row.kind, row.required));
    }
    tables
}

const NOT_OURS: [&str; 2] = ["__diesel_schema_migrations", "migration_lock"];

fn sqlite() -> (Tables, BTreeSet<String>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("schema.db");
    migrate::run(&Place::Sqlite(path.clone())).unwrap();
    let mut db = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let rows: Vec<Column> = sql_query(
        "SELECT m.name AS tab, c.name AS col, c.type AS kind, c.\"notnull\" AS required \
         FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
    )
    .load(&mut db)
    .unwrap();
    let strict: Vec<Line> = sql_query(
        "SELECT name AS line FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 \
         AND name NOT LIKE 'sqlite_%'",
    )
    .load(&mut db)
    .unwrap();
    let loose: Vec<&str> = strict.iter().map(|l| l.line.as_str()).filter(|n| !NOT_OURS.contains(n)).collect();
    assert!(loose.is_empty(), "not STRICT: {loose:?}");
    let indexes: Vec<Line> = sql_query(
        "SELECT i.tbl_name || ': ' || i.name AS line FROM sqlite_master i \
         WHERE i.type = 'index' AND i.name NOT LIKE 'sqlite_%'",
    )
    .load(&mut db)
    .unwrap();
    let mut tables = tables(rows);
    tables.retain(|name, _| !NOT_OURS.contains(&name.as_str()));
    (tables, indexes.into_iter().map(|l| l.line).collect())
}

fn postgres() -> (Tables, BTreeSet<String>) {
    let scratch = Scratch::empty();
    migrate::run(&Place::parse(&scratch.url).unwrap()).unwrap();
    let mut db = PgConnection::establish(&scratch.url).unwrap();
    let rows: Vec<Column> = sql_query(
        "SELECT table_name::text AS tab, column_name::text AS col, \
         data_type::text || CASE WHEN collation_name IS NULL THEN '' ELSE ' ' || collation_name END AS kind, \
         is_nullable = 'NO' AS required \
         FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    )
    .load(&mut db)
    .unwrap();
    let indexes: Vec<Line> = sql_query(
        "SELECT t.relname || ': ' || i.relname AS line FROM pg_index x \
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace \
         LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.contype IN ('p', 'u') \
         WHERE n.nspname = 'public' AND c.oid IS NULL",
    )
    .load(&mut db)
    .unwrap();
    let mut tables = tables(rows);
    tables.retain(|name, _| !NOT_OURS.contains(&name.as_str()));
    (tables, indexes.into_iter().map(|l| l.line).collect())
}

/// What a column of PostgreSQL is called in SQLite.
fn same(postgres: &str) -> &'static [&'static str] {
    match postgres {
        "uuid" | "bytea" => &["BLOB"],
        "text" | "text C" | "timestamp with time zone" | "date" => &["TEXT"],
        "bigint" | "integer" | "smallint" | "boolean" => &["INTEGER"],
        "double precision" => &["REAL"],
        _ => &[],
    }
}

/// What `schema.rs` calls it.
fn word(postgres: &str) -> &'static str {
    match postgres {
        "uuid" => "DbUuid",
        "bytea" => "Binary",
        // Documents are neither compared nor sorted, so their order does not matter.
        "text" | "text C" => "Text",
        "timestamp with time zone" => "DbTime",
        "date" => "Date",
        "bigint" => "BigInt",
        "integer" => "Integer",
        "smallint" => "SmallInt",
        "boolean" => "Bool",
        "double precision" => "Double",
        _ => "?",
    }
}

/// The tables of `schema.rs`, read as text.
fn believed() -> BTreeMap<String, BTreeMap<String, String>> {
    let text = include_str!("../../src/store/schema.rs");
    let mut tables = BTreeMap::new();
    let mut current: Option<(String, BTreeMap<String, String>)> = None;
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            current = Some((name.to_owned(), BTreeMap::new()));
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ")
            && let Some((_, columns)) = &mut current
        {
            columns.insert(name.to_owned(), kind.to_owned());
        } else if line == "}"
            && let Some((name, columns)) = current.take()
        {
            tables.insert(name, columns);
        }
    }
    tables
}

fn faults(
    sqlite: &Tables,
    postgres: &Tables,
    believed: &BTreeMap<String, BTreeMap<String, String>>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let names: BTreeSet<&String> = sqlite.keys().chain(postgres.keys()).chain(believed.keys()).collect();
    for name in names {
        let (Some(s), Some(p), Some(b)) = (sqlite.get(name), postgres.get(name), believed.get(name)) else {
            faults.push(format!("{name}: not in all three"));
            continue;
        };
        let columns: BTreeSet<&String> = s.keys().chain(p.keys()).chain(b.keys()).collect();
        if columns.len() > 32 {
            faults.push(format!("{name}: more than 32 columns"));
        }
        for column in columns {
            let (Some(s), Some(p), Some(b)) = (s.get(column), p.get(column), b.get(column)) else {
                faults.push(format!("{name}.{column}: not in all three"));
                continue;
            };
            if !same(&p.0).contains(&s.0.as_str()) || s.1 != p.1 {
                faults.push(format!("{name}.{column}: {s:?} in SQLite, {p:?} in PostgreSQL"));
            }
            let expected = if p.1 { word(&p.0).to_owned() } else { format!("Nullable<{}>", word(&p.0)) };
            if *b != expected {
                faults.push(format!("{name}.{column}: schema.rs says {b}, PostgreSQL {p:?}"));
            }
        }
    }
    faults
}

#[test]
fn the_databases_and_the_code_have_one_schema() {
    let ((sqlite, s), (postgres, p)) = (sqlite(), postgres());
    let believed = believed();
    assert!(believed.len() > 30, "schema.rs was not understood");
    let found = faults(&sqlite, &postgres, &believed);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let apart: Vec<_> = s.symmetric_difference(&p).collect();
    assert!(apart.is_empty(), "indexes of one database only: {apart:?}");
    // The comparison can fail.
    let mut other = sqlite.clone();
    other.get_mut("outbox").unwrap().get_mut("attempts").unwrap().1 = false;
    other.get_mut("region").unwrap().remove("name");
    assert_eq!(faults(&other, &postgres, &believed).len(), 2);
}

#[test]
fn migrations_have_equal_names_and_go_back() {
    let names = |folder: &str| -> BTreeSet<String> {
        let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for folder in ["sqlite", "postgres"] {
        for name in names(folder) {
            let path = format!("{}/migrations/{folder}/{name}/down.sql", env!("CARGO_MANIFEST_DIR"));
            assert!(std::fs::read_to_string(&path).unwrap().contains("DROP"), "{path}");
        }
    }
}
