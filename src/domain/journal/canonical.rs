//! One spelling of a JSON value: sorted keys, no spaces, no fractions. Keys are ASCII and integers below 2^53, so that
//! the bytes are those of RFC 8785 and any language can make them again.

use crate::domain::draw::fault::{Fault, fault};
use serde_json::Value;

/// Largest integer every JSON reader keeps exactly (RFC 7493 section 2.2).
const INTEGER_MAX: u64 = (1 << 53) - 1;
/// Deepest nesting written.
const DEPTH_MAX: usize = 32;

/// The canonical bytes of a value.
///
/// # Errors
/// A fraction or exponent, an integer beyond ±(2^53 − 1), a key that is not ASCII, or nesting deeper than 32.
pub fn bytes(value: &Value) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(256);
    write(value, 0, &mut out)?;
    Ok(out)
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\r' => out.extend_from_slice(b"\\r"),
            c if u32::from(c) < 0x20 => out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

fn write(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    if depth > DEPTH_MAX {
        return Err(fault!("canonical_depth", "日志数据嵌套超过{DEPTH_MAX}层"));
    }
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(n) => {
            let fits = n.as_u64().map_or_else(
                || n.as_i64().is_some_and(|i| i.unsigned_abs() <= INTEGER_MAX),
                |u| u <= INTEGER_MAX,
            );
            if !fits || n.is_f64() {
                return Err(fault!("canonical_number", "日志数据中的数{n}须为绝对值小于2^53的整数"));
            }
            out.extend_from_slice(n.to_string().as_bytes());
        }
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_unstable_by_key(|(key, _)| key.as_bytes());
            out.push(b'{');
            for (i, (key, item)) in members.into_iter().enumerate() {
                if !key.is_ascii() {
                    return Err(fault!("canonical_key", "日志数据的键“{key}”须为 ASCII"));
                }
                if i > 0 {
                    out.push(b',');
                }
                string(key, out);
                out.push(b':');
                write(item, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}
