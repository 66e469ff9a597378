//! The table of working days that comes with the program (`config/prc_calendar.csv`).

use crate::domain::calendar::WorkdayTable;
use std::sync::LazyLock;

static BUILT_IN: LazyLock<WorkdayTable> = LazyLock::new(|| {
    // The table is part of the program; a test proves that it parses.
    WorkdayTable::parse(include_str!("../../config/prc_calendar.csv")).unwrap_or_default()
});

/// The working days of the PRC, 2004 to the last year announced.
#[must_use]
pub fn built_in() -> &'static WorkdayTable {
    &BUILT_IN
}
