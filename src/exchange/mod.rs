//! Files as people have them, to values and back: CSV and XLSX in, faults told with their place, CSV and XLSX out.

pub mod cells;
pub mod county;
pub mod export;
pub mod fault;
pub mod headers;
pub mod lists;
pub mod outdir;
pub mod previous;
pub mod table;
pub mod text;
pub mod value;
pub mod words;
pub mod workdays;
pub mod write;
