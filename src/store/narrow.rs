//! What a list asks for, as filters of a query.

/// Narrows a boxed query by what somebody asked for: each line names a column, a comparison of diesel's and an
/// `Option`; what is `None` asks nothing. `holds` is the comparison for texts to search by: the folded text occurs
/// anywhere in the column.
///
/// ```ignore
/// crate::narrow!(query;
///     inspector::state eq filter.state.clone();
///     inspector::search holds filter.search.as_deref();
///     inspector::id gt after;
/// );
/// ```
#[macro_export]
macro_rules! narrow {
    (@one $query:ident, $table:ident, $column:ident, holds, $text:expr) => {
        if let Some(text) = $text {
            $query = $query.filter($table::$column.like($crate::store::common::pattern(text)).escape('\\'));
        }
    };
    (@one $query:ident, $table:ident, $column:ident, $compare:ident, $value:expr) => {
        if let Some(value) = $value {
            $query = $query.filter($table::$column.$compare(value));
        }
    };
    ($query:ident; $($table:ident :: $column:ident $compare:ident $value:expr);+ $(;)?) => {
        $($crate::narrow!(@one $query, $table, $column, $compare, $value);)+
    };
}
