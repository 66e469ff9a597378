//! A PostgreSQL database for one test, copied from a migrated template and dropped afterwards.

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use onedoor::store::conn::Place;
use onedoor::store::migrate;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that lives as long as this value.
pub(crate) struct Scratch {
    /// Its address.
    pub(crate) url: String,
    name: String,
}

struct Cluster {
    admin: String,
    template: String,
}

/// The test server, started once by `.ci/postgres.sh`, and a template database with the present schema.
fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/postgres.sh");
        let ran = std::process::Command::new("bash").arg(script).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let admin = String::from_utf8(ran.stdout).unwrap().trim().to_owned();
        let template = format!("template_{}", std::process::id());
        run(&admin, &format!("CREATE DATABASE {template}"));
        migrate::run(&Place::parse(&named(&admin, &template)).unwrap()).unwrap();
        Cluster { admin, template }
    })
}

fn named(admin: &str, name: &str) -> String {
    admin.replace("/postgres?", &format!("/{name}?"))
}

fn run(url: &str, sql: &str) {
    let mut conn = PgConnection::establish(url).unwrap();
    sql_query(sql).execute(&mut conn).unwrap();
}

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = cluster();
        let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(
            &cluster.admin,
            &format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY wal_log", cluster.template),
        );
        Self { url: named(&cluster.admin, &name), name }
    }

    /// An empty database, without any table.
    pub(crate) fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = cluster();
        let name = format!("e_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(&cluster.admin, &format!("CREATE DATABASE {name}"));
        Self { url: named(&cluster.admin, &name), name }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Ok(mut conn) = PgConnection::establish(&cluster().admin) else { return };
        let _ = sql_query(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).execute(&mut conn);
    }
}
