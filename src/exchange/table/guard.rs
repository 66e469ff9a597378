//! The pass over a workbook's archive before anything trusts it: every part is decompressed once and counted.

use super::Limits;
use crate::exchange::fault::Fault;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes a workbook may always have, whatever its compression.
const HARMLESS: u64 = 32 << 20;
/// How many times its compressed size a larger workbook may have; real tables stay below 60.
const RATIO: u64 = 250;

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
        let mut strings = Strings::default();
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
                chunk[..n].iter().for_each(|b| strings.see(*b));
                if strings.most() > limits.shared_strings as u64 {
                    return Err(super::csv::too_big("不同文本的个数", limits.shared_strings as u64, "个"));
                }
            }
        }
    }
    Ok(())
}

/// What the bytes of the shared strings say of their number, seen one by one: a reader reserves room for what the
/// attribute `uniqueCount` announces, so the announcement must not be larger than the limit either.
#[derive(Default)]
struct Strings {
    /// Strings counted.
    found: u64,
    /// Largest announcement.
    announced: u64,
    /// Bytes of `<si` seen last.
    tag: usize,
    /// Bytes of `uniqueCount` seen last.
    word: usize,
    /// The number after the attribute, once a digit of it came; none outside.
    number: Option<Option<u64>>,
}

impl Strings {
    fn see(&mut self, byte: u8) {
        const TAG: &[u8] = b"<si";
        const WORD: &[u8] = b"uniqueCount";
        self.tag = if byte == TAG[self.tag] { self.tag + 1 } else { usize::from(byte == TAG[0]) };
        if self.tag == TAG.len() {
            self.found += 1;
            self.tag = 0;
        }
        self.word = if byte == WORD[self.word] { self.word + 1 } else { usize::from(byte == WORD[0]) };
        if self.word == WORD.len() {
            self.word = 0;
            self.number = Some(None);
        } else if let Some(number) = self.number {
            self.number = match (number, byte) {
                (digits, b'0'..=b'9') => {
                    let value = digits.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                    self.announced = self.announced.max(value);
                    Some(Some(value))
                }
                (Some(_), _) | (None, b'>') => None,
                (None, _) => Some(None),
            };
        }
    }

    fn most(&self) -> u64 {
        self.found.max(self.announced)
    }
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
