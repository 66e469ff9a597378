//! Which people known to the system are named in a text.

use super::conn::Conn;
use crate::error::Result;
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(Debug, Clone, QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The names of inspectors, accounts and contacts of businesses of a county that stand in a text.
///
/// # Errors
/// The database.
pub fn names_in(db: &mut Conn, region: &str, text: &str) -> Result<Vec<String>> {
    let within = match db {
        Conn::Sqlite(_) => "instr($2, q.name) > 0",
        Conn::Pg(_) => "strpos($2, q.name) > 0",
    };
    let sql = format!(
        "SELECT DISTINCT q.name AS name FROM (SELECT name FROM inspector WHERE region = $1 \
         UNION SELECT name FROM user_account WHERE region = $1 \
         UNION SELECT contact FROM subject WHERE region = $1 AND contact <> '') q \
         WHERE q.name <> '' AND {within}"
    );
    let (region, text) = (region.to_owned(), text.to_owned());
    let rows: Vec<Name> = crate::each_backend!(db, |c| diesel::sql_query(sql)
        .bind::<Text, _>(region)
        .bind::<Text, _>(text)
        .load(c))?;
    Ok(rows.into_iter().map(|r| r.name).collect())
}
