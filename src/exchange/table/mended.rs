//! What a person put right in a file on a page, laid over the file as it was sent.

use super::{Kind, Sheet};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Cells that say something else than in the file, and rows that are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mended {
    /// For each row, as a spreadsheet counts them, its columns from 0.
    pub cells: BTreeMap<u32, BTreeMap<usize, String>>,
    /// Rows.
    pub skipped: BTreeSet<u32>,
}

impl Mended {
    /// Whether nothing was put right.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.skipped.is_empty()
    }

    /// How many cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells.values().map(BTreeMap::len).sum()
    }
}

impl Sheet {
    /// The sheet as it is once it was mended; with `whole` the rows that are left out stay.
    #[must_use]
    pub fn mended(&self, mended: &Mended, whole: bool) -> Self {
        if mended.is_empty() {
            return self.clone();
        }
        let mut out = Self {
            name: self.name.clone(),
            encoding: self.encoding,
            delimiter: self.delimiter,
            epoch_1904: self.epoch_1904,
            ..Self::default()
        };
        for row in self.rows() {
            if !whole && mended.skipped.contains(&row.number) {
                continue;
            }
            let cells = mended.cells.get(&row.number);
            let beyond = cells.and_then(|c| c.keys().next_back()).map_or(0, |last| last + 1);
            for column in 0..row.len().max(beyond) {
                match cells.and_then(|c| c.get(&column)) {
                    Some(text) => out.push_cell(text, Kind::Text),
                    None => out.push_cell(row.text(column), row.kind(column)),
                }
            }
            out.close_row(row.number);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, read_csv};
    use super::*;

    #[test]
    fn cells_are_replaced_and_rows_left_out() {
        let sheet = read_csv("a,b\r\n1,2\r\n3,4\r\n5\r\n".as_bytes(), &Limits::default()).unwrap();
        let mut mended = Mended::default();
        mended.cells.entry(2).or_default().insert(1, "二".to_owned());
        mended.cells.entry(4).or_default().insert(3, "远".to_owned());
        mended.skipped.insert(3);
        let rows = |sheet: &Sheet| -> Vec<(u32, Vec<String>)> {
            sheet.rows().map(|r| (r.number, r.texts().map(str::to_owned).collect())).collect()
        };
        let texts = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let seen = rows(&sheet.mended(&mended, false));
        assert_eq!(
            seen,
            [(1, texts(&["a", "b"])), (2, texts(&["1", "二"])), (4, texts(&["5", "", "", "远"]))]
        );
        assert_eq!(sheet.mended(&mended, true).len(), 4);
        assert_eq!(rows(&sheet.mended(&Mended::default(), false)), rows(&sheet));
    }

    #[test]
    fn it_is_kept_as_json() {
        let mut mended = Mended::default();
        mended.cells.entry(2).or_default().insert(1, "二".to_owned());
        mended.skipped.insert(3);
        let kept = serde_json::to_value(&mended).unwrap();
        assert_eq!(serde_json::from_value::<Mended>(kept).unwrap(), mended);
        assert_eq!(mended.cells(), 1);
    }
}
