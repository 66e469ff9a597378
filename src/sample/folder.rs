//! Puts the files of a demonstration county into a folder, in place of an earlier sample and of nothing else.

use super::files::{Encoding, files};
use crate::domain::planning::Input;
use std::path::Path;

/// Every name under which a sample file can appear.
const NAMES: &[&str] = &[
    "departments.csv",
    "items.csv",
    "subjects.csv",
    "inspectors.csv",
    "qualifications.csv",
    "recusals.csv",
    "leave.csv",
    "calendar.csv",
    "tasks.csv",
    "plans.csv",
    "county.xlsx",
    "config.json",
    "schema.json",
];

/// Writes the files into a folder, which is made when it is not there. An earlier sample in it is replaced as a
/// whole, so that no table of another preset stays behind.
///
/// # Errors
/// The folder holds something else already, or cannot be written.
pub fn write(input: &Input, dir: &Path, encoding: Encoding, workbook: bool) -> std::io::Result<Vec<String>> {
    let files = files(input, encoding, workbook)?;
    std::fs::create_dir_all(dir)?;
    let mut earlier = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let known = path.file_name().and_then(|n| n.to_str()).is_some_and(|n| NAMES.contains(&n));
        if !known {
            return Err(std::io::Error::other(format!(
                "文件夹中已有不属于示范数据的文件({});请另选一个空文件夹",
                path.display()
            )));
        }
        earlier.push(path);
    }
    for path in earlier {
        std::fs::remove_file(path)?;
    }
    let mut names = Vec::new();
    for (name, bytes) in files {
        std::fs::write(dir.join(&name), bytes)?;
        names.push(name);
    }
    Ok(names)
}
