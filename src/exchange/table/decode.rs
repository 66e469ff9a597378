//! Bytes of a text file to text: byte-order marks, UTF-8, else GB18030; never silently damaged text.

use crate::exchange::fault::Fault;
use std::borrow::Cow;

/// Decodes and says how. The rule: a byte-order mark decides; else valid UTF-8 is UTF-8; else GB18030, as Excel
/// and WPS save CSV in China.
///
/// # Errors
/// A fault when the bytes are no text in any of these, or hold U+0000.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static str), Box<Fault>> {
    let damaged = |code: &'static str, row: usize, name: &str| {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        Fault::error(
            code,
            format!("文件不是完好的 {name} 文本"),
            "请用 WPS 或 Excel 重新打开原表,另存为“CSV UTF-8(逗号分隔)”后再导入",
        )
        .at(row, "")
    };
    let lines = |part: &[u8]| 1 + part.iter().filter(|b| **b == b'\n').count();
    let (text, name) = if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        match std::str::from_utf8(rest) {
            Ok(text) => (Cow::Borrowed(text), "UTF-8"),
            Err(e) => return Err(damaged("bad_encoding", lines(&rest[..e.valid_up_to()]), "UTF-8").into()),
        }
    } else if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let (name, encoding) = if bytes[0] == 0xff {
            ("UTF-16LE", encoding_rs::UTF_16LE)
        } else {
            ("UTF-16BE", encoding_rs::UTF_16BE)
        };
        let (text, errors) = encoding.decode_without_bom_handling(&bytes[2..]);
        if errors {
            return Err(damaged("bad_encoding", 0, name).into());
        }
        (text, name)
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), "UTF-8"),
            Err(e) => {
                // GB18030 text almost never begins with several valid three-byte UTF-8 characters, damaged UTF-8 does.
                let sound = std::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or("");
                if sound.chars().filter(|c| u32::from(*c) >= 0x2e80).count() >= 8 {
                    return Err(damaged("bad_encoding", lines(&bytes[..e.valid_up_to()]), "UTF-8").into());
                }
                match encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
                    Some(text) => (text, "GB18030"),
                    None => return Err(damaged("bad_encoding", 0, "UTF-8 或 GB18030").into()),
                }
            }
        }
    };
    if let Some(at) = text.find('\0') {
        return Err(Fault::error(
            "nul_character",
            "文件中有空字符(U+0000),可能不是文本文件或已损坏",
            "请用 WPS 或 Excel 打开原表,另存为“CSV UTF-8(逗号分隔)”后再导入",
        )
        .at(u32::try_from(lines(&text.as_bytes()[..at])).unwrap_or(u32::MAX), "")
        .into());
    }
    Ok((text, name))
}
