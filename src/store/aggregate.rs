//! The four functions every aggregate has: get, insert, insert many, update with the version checked.

/// Gives a module `get`, `insert`, `insert_all` and, for versioned rows, `update` and `transition`.
#[macro_export]
macro_rules! aggregate {
    ($table:ident, $row:ident, $word:literal) => {
        /// The row with this identifier.
        ///
        /// # Errors
        /// The database.
        pub fn get(
            db: &mut $crate::store::conn::Conn,
            id: $crate::ids::Id,
        ) -> $crate::error::Result<Option<$row>> {
            use diesel::prelude::*;
            Ok($table::table.find(id).select($row::as_select()).get_result(db).optional()?)
        }

        /// The row with this identifier, of which it is known that it must be there.
        ///
        /// # Errors
        /// The database; there is none.
        pub fn need(db: &mut $crate::store::conn::Conn, id: $crate::ids::Id) -> $crate::error::Result<$row> {
            get(db, id)?.ok_or($crate::error::Error::NotFound($word))
        }

        /// Adds a row.
        ///
        /// # Errors
        /// The database; a key that is taken.
        pub fn insert(db: &mut $crate::store::conn::Conn, row: &$row) -> $crate::error::Result<()> {
            use diesel::prelude::*;
            diesel::insert_into($table::table).values(row).execute(db)?;
            Ok(())
        }

        /// Adds many rows, in as few statements as the databases' limits allow.
        ///
        /// # Errors
        /// The database; a key that is taken.
        pub fn insert_all(db: &mut $crate::store::conn::Conn, rows: &[$row]) -> $crate::error::Result<()> {
            use diesel::prelude::*;
            for chunk in rows.chunks(900) {
                $crate::each_backend!(db, |c| diesel::insert_into($table::table).values(chunk).execute(c))?;
            }
            Ok(())
        }

        /// Takes a row away.
        ///
        /// # Errors
        /// The database; something refers to it.
        pub fn delete(
            db: &mut $crate::store::conn::Conn,
            id: $crate::ids::Id,
        ) -> $crate::error::Result<bool> {
            use diesel::prelude::*;
            Ok(diesel::delete($table::table.find(id)).execute(db)? == 1)
        }
    };
    ($table:ident, $row:ident, $word:literal, versioned) => {
        $crate::aggregate!($table, $row, $word);

        /// Writes a changed row whose version was raised from `seen`.
        ///
        /// # Errors
        /// The database; [`Stale`](crate::error::Error::Stale) when somebody was faster.
        pub fn update(
            db: &mut $crate::store::conn::Conn,
            row: &$row,
            seen: i64,
        ) -> $crate::error::Result<()> {
            use diesel::prelude::*;
            let n =
                diesel::update($table::table.filter($table::id.eq(row.id)).filter($table::version.eq(seen)))
                    .set(row)
                    .execute(db)?;
            if n == 1 {
                return Ok(());
            }
            let now: Option<i64> =
                $table::table.find(row.id).select($table::version).get_result(db).optional()?;
            Err(now.map_or($crate::error::Error::NotFound($word), $crate::error::Error::Stale))
        }

        /// Writes a row that moved from one state to another: `UPDATE .. WHERE id AND state AND version`. Of any
        /// number of clients that try at once one wins; the others learn the present state.
        ///
        /// # Errors
        /// The database; a wrong-state refusal with the present state.
        pub fn transition(
            db: &mut $crate::store::conn::Conn,
            row: &$row,
            from: &str,
            seen: i64,
        ) -> $crate::error::Result<()> {
            use diesel::prelude::*;
            let n = diesel::update(
                $table::table
                    .filter($table::id.eq(row.id))
                    .filter($table::state.eq(from.to_owned()))
                    .filter($table::version.eq(seen)),
            )
            .set(row)
            .execute(db)?;
            if n == 1 {
                return Ok(());
            }
            let now: Option<String> =
                $table::table.find(row.id).select($table::state).get_result(db).optional()?;
            Err(now.map_or($crate::error::Error::NotFound($word), |state| {
                $crate::error::Error::wrong_state(state, concat!($word, "已被他人处理,请刷新后再看"))
            }))
        }
    };
}
