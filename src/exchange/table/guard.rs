//! The pass over a workbook's archive before anything trusts it: every part is decompressed once and counted.

use super::Limits;
use crate::exchange::fault::Fault;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes a workbook may always have, whatever its compression.
const HARMLESS: u64 = 32 << 20;
/// How many times its compressed size a larger workbook may have; real tables stay below 60.
const RATIO: u64 = 250;

/// What makes a part of the archive costly although it is small, as counted in its bytes.
struct Pattern {
    bytes: &'static [u8],
    found: usize,
}

/// Refuses an archive that is no workbook, is encrypted, or would cost more than the limits allow.
///
/// # Errors
/// What it is refused for, and what to do.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Box<Fault>> {
    if bytes.len() as u64 > limits.file_bytes {
        return Err(super::csv::too_big("文件", limits.file_bytes, "字节"));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e.to_string()))?;
    if archive.len() > limits.entries {
        return Err(super::csv::too_big("工作簿内的部件数", limits.entries as u64, "个"));
    }
    let names: Vec<String> = archive.file_names().filter_map(|n| n.ok().map(|n| n.into_owned())).collect();
    let has = |part: &str| names.iter().any(|n| n.eq_ignore_ascii_case(part));
    if !has("[Content_Types].xml") {
        if has("content.xml") || has("mimetype") {
            return Err(Box::new(Fault::error(
                "opendocument",
                "这是 .ods 文件",
                "请在 WPS 或 LibreOffice 中打开,另存为 .xlsx 后再导入",
            )));
        }
        return Err(Box::new(Fault::error(
            "not_a_workbook",
            "这是压缩包,不是 .xlsx 工作簿",
            "请先解压,再导入其中的表格",
        )));
    }
    if names.iter().any(|n| n.to_ascii_lowercase().ends_with("workbook.bin")) {
        return Err(Box::new(Fault::error(
            "xlsb",
            "这是 .xlsb 文件",
            "请在 Excel 中打开,另存为 .xlsx 后再导入",
        )));
    }
    let mut total = 0u64;
    let mut chunk = vec![0u8; 64 << 10];
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|e| damaged(&e.to_string()))?;
        let is_strings = entry.name().is_ok_and(|n| n.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        let mut strings = Pattern { bytes: b"<si", found: 0 };
        let mut tail: Vec<u8> = Vec::new();
        loop {
            let n = entry.read(&mut chunk).map_err(|e| damaged(&e.to_string()))?;
            if n == 0 {
                break;
            }
            total += n as u64;
            if total > limits.text_bytes || (total > HARMLESS && total / RATIO > bytes.len() as u64) {
                return Err(Box::new(Fault::error(
                    "zip_bomb",
                    format!("解压后超过 {total} 字节,远大于文件本身,不像正常的表格"),
                    "请在 WPS 或 Excel 中打开原表,只复制有数据的区域到新表,另存为 .xlsx",
                )));
            }
            if is_strings {
                tail.extend_from_slice(&chunk[..n]);
                strings.count(&tail);
                check_declared_count(&tail, limits)?;
                if strings.found > limits.shared_strings {
                    return Err(super::csv::too_big("不同文本的个数", limits.shared_strings as u64, "个"));
                }
                // What may continue in the next chunk: a declaration is far shorter than this.
                let keep = tail.len().min(64);
                tail.drain(..tail.len() - keep);
                strings.found -= strings.count_in(&tail);
            }
        }
    }
    Ok(())
}

impl Pattern {
    fn count_in(&self, bytes: &[u8]) -> usize {
        bytes.windows(self.bytes.len()).filter(|w| *w == self.bytes).count()
    }

    fn count(&mut self, bytes: &[u8]) {
        self.found += self.count_in(bytes);
    }
}

/// Refuses a table of shared strings that announces more than the limit: readers reserve room for what it says.
fn check_declared_count(bytes: &[u8], limits: &Limits) -> Result<(), Box<Fault>> {
    const WORD: &[u8] = b"uniqueCount";
    for (at, _) in bytes.windows(WORD.len()).enumerate().filter(|(_, w)| *w == WORD) {
        let digits: String = bytes[at + WORD.len()..]
            .iter()
            .skip_while(|b| !b.is_ascii_digit() && **b != b'>')
            .take_while(|b| b.is_ascii_digit())
            .map(|b| char::from(*b))
            .collect();
        if !digits.is_empty() && digits.parse::<usize>().map_or(true, |n| n > limits.shared_strings) {
            return Err(super::csv::too_big("声明的文本个数", limits.shared_strings as u64, "个"));
        }
    }
    Ok(())
}

pub(super) fn damaged(what: &str) -> Box<Fault> {
    let encrypted = what.to_lowercase().contains("password");
    Box::new(if encrypted {
        Fault::error("encrypted", "工作簿有密码", "请在 WPS 或 Excel 中打开,去掉密码后另存再导入")
    } else {
        Fault::error(
            "damaged_workbook",
            format!("工作簿已损坏,无法读取({what})"),
            "请在 WPS 或 Excel 中打开,另存为新的 .xlsx 后再导入",
        )
    })
}
