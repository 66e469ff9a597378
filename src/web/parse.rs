//! From the parts of a request to typed values, strictly: what is unknown, missing or of the wrong kind is refused,
//! all faults at once.

use super::router::Raw;
use crate::error::{Error, FieldError, Result};
use crate::ids::Id;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

/// Path parameters.
pub trait FromPath: Clone + Send + 'static {
    /// Reads them in order.
    ///
    /// # Errors
    /// One that is no identifier: such a thing does not exist.
    fn from_path(params: &[String]) -> Result<Self>;
}

impl FromPath for () {
    fn from_path(_: &[String]) -> Result<Self> {
        Ok(())
    }
}

fn id(params: &[String], i: usize) -> Result<Id> {
    params.get(i).and_then(|p| p.parse().ok()).ok_or(Error::NotFound("记录"))
}

impl FromPath for Id {
    fn from_path(params: &[String]) -> Result<Self> {
        id(params, 0)
    }
}

impl FromPath for (Id, Id) {
    fn from_path(params: &[String]) -> Result<Self> {
        Ok((id(params, 0)?, id(params, 1)?))
    }
}

impl FromPath for (Id, String) {
    fn from_path(params: &[String]) -> Result<Self> {
        Ok((id(params, 0)?, params.get(1).cloned().ok_or(Error::NotFound("记录"))?))
    }
}

impl FromPath for String {
    fn from_path(params: &[String]) -> Result<Self> {
        params.first().cloned().ok_or(Error::NotFound("记录"))
    }
}

impl FromPath for (String, String) {
    fn from_path(params: &[String]) -> Result<Self> {
        match params {
            [a, b, ..] => Ok((a.clone(), b.clone())),
            _ => Err(Error::NotFound("记录")),
        }
    }
}

/// A query string.
pub trait Query: Send + Sized + 'static {
    /// Reads it.
    ///
    /// # Errors
    /// An unknown or wrong parameter.
    fn parse(query: &str) -> Result<Self>;
    /// Its parameters for the OpenAPI document.
    fn describe() -> Vec<Value>;
}

/// No query parameters: any is refused.
#[derive(Debug, Clone, Copy, serde::Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

impl<T: DeserializeOwned + IntoParams + Send + 'static> Query for T {
    fn parse(query: &str) -> Result<Self> {
        if query.contains("%00") {
            return Err(Error::field("query", "control_character", "查询参数含有不可见的控制字符"));
        }
        serde_urlencoded::from_str(query)
            .map_err(|e| Error::field("query", "invalid_parameter", format!("查询参数有误:{e}")))
    }

    fn describe() -> Vec<Value> {
        T::into_params(|| Some(ParameterIn::Query))
            .into_iter()
            .filter_map(|p| serde_json::to_value(p).ok())
            .collect()
    }
}

type Schemas = OnceLock<BTreeMap<String, Value>>;

/// Reads a JSON body and holds it against its schema, so that every fault is told and not only the first.
pub(super) fn json<B: DeserializeOwned>(raw: &Raw, schema: &Value, schemas: &Schemas) -> Result<B> {
    let media = raw.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let empty = raw.body.iter().all(u8::is_ascii_whitespace);
    if !empty && media != "application/json" {
        return Err(Error::Unsupported("请求内容须为 application/json".to_owned()));
    }
    let body: &[u8] = if empty { b"{}" } else { &raw.body };
    let value: Value = serde_json::from_slice(body).map_err(|e| Error::Malformed(e.to_string()))?;
    let faults = faults(&value, schema, schemas);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    serde_json::from_value(value).map_err(|e| Error::field("", "invalid", format!("内容不合要求:{e}")))
}

/// What a value has that its schema does not allow.
pub(super) fn faults(value: &Value, schema: &Value, schemas: &Schemas) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if let Some(schemas) = schemas.get() {
        check(value, schema, schemas, &mut String::new(), &mut faults, 0);
    }
    faults
}

/// Deepest nesting that is looked at.
const DEPTH: usize = 32;

fn check(
    value: &Value,
    schema: &Value,
    schemas: &BTreeMap<String, Value>,
    at: &mut String,
    faults: &mut Vec<FieldError>,
    depth: usize,
) {
    if depth > DEPTH {
        return;
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        if let Some(schema) = name.rsplit('/').next().and_then(|n| schemas.get(n)) {
            check(value, schema, schemas, at, faults, depth + 1);
        }
        return;
    }
    for (word, any) in [("oneOf", true), ("anyOf", true), ("allOf", false)] {
        let Some(list) = schema.get(word).and_then(Value::as_array) else { continue };
        if !any {
            list.iter().for_each(|s| check(value, s, schemas, at, faults, depth + 1));
            continue;
        }
        let mut closest: Option<Vec<FieldError>> = None;
        for option in list {
            // The branch that only says "null" explains nothing about a value that is there.
            if option.get("type").and_then(Value::as_str) == Some("null") {
                if value.is_null() {
                    return;
                }
                continue;
            }
            let mut own = Vec::new();
            check(value, option, schemas, at, &mut own, depth + 1);
            if closest.as_ref().is_none_or(|c| own.len() < c.len()) {
                closest = Some(own);
            }
        }
        faults.extend(closest.unwrap_or_default());
        return;
    }
    if !of_type(value, schema) {
        faults.push(FieldError::new(
            at.clone(),
            "wrong_type",
            format!("类型不对,须为{}", type_words(schema)),
        ));
        return;
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
        && !value.is_null()
    {
        let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        faults.push(FieldError::new(at.clone(), "unknown_value", format!("只能是:{}", words.join("、"))));
    }
    match value {
        Value::Object(map) => object(map, schema, schemas, at, faults, depth),
        Value::Array(list) => {
            if let Some(items) = schema.get("items") {
                for (i, item) in list.iter().enumerate() {
                    within(at, &i.to_string(), |at| check(item, items, schemas, at, faults, depth + 1));
                }
            }
        }
        Value::String(text) => string(text, schema, at, faults),
        Value::Number(number) => {
            let low = schema.get("minimum").and_then(Value::as_f64);
            let high = schema.get("maximum").and_then(Value::as_f64);
            let n = number.as_f64().unwrap_or_default();
            if low.is_some_and(|l| n < l) || high.is_some_and(|h| n > h) {
                faults.push(FieldError::new(at.clone(), "out_of_range", "数值超出范围"));
            }
        }
        _ => {}
    }
}

fn object(
    map: &serde_json::Map<String, Value>,
    schema: &Value,
    schemas: &BTreeMap<String, Value>,
    at: &mut String,
    faults: &mut Vec<FieldError>,
    depth: usize,
) {
    let known = schema.get("properties").and_then(Value::as_object);
    let more = schema.get("additionalProperties");
    for (key, value) in map {
        match known.and_then(|k| k.get(key)) {
            Some(schema) => within(at, key, |at| check(value, schema, schemas, at, faults, depth + 1)),
            None => match more {
                Some(Value::Object(_)) => {
                    if let Some(schema) = more {
                        within(at, key, |at| check(value, schema, schemas, at, faults, depth + 1));
                    }
                }
                Some(Value::Bool(true)) => {}
                _ => within(at, key, |at| {
                    faults.push(FieldError::new(at.clone(), "unknown_field", "没有这个字段,请删除"));
                }),
            },
        }
    }
    for name in
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        if !map.contains_key(name) {
            within(at, name, |at| faults.push(FieldError::new(at.clone(), "required", "缺少这个字段")));
        }
    }
}

fn string(text: &str, schema: &Value, at: &str, faults: &mut Vec<FieldError>) {
    if text.contains('\0') {
        faults.push(FieldError::new(at, "control_character", "含有不可见的控制字符,请删除"));
    }
    let length = text.chars().count() as u64;
    if schema.get("maxLength").and_then(Value::as_u64).is_some_and(|most| length > most) {
        faults.push(FieldError::new(at, "too_long", "内容过长"));
    }
    let wrong = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => text.parse::<Id>().is_err().then_some("须为标识符(UUID)"),
        Some("date") => text.parse::<chrono::NaiveDate>().is_err().then_some("须为日期,如 2026-05-08"),
        Some("date-time") => {
            text.parse::<chrono::DateTime<chrono::Utc>>().is_err().then_some("须为带时区的时间(RFC 3339)")
        }
        _ => None,
    };
    if let Some(wrong) = wrong {
        faults.push(FieldError::new(at, "wrong_format", wrong));
    }
}

fn within(at: &mut String, key: &str, work: impl FnOnce(&mut String)) {
    let length = at.len();
    at.push('/');
    at.push_str(&key.replace('~', "~0").replace('/', "~1"));
    work(at);
    at.truncate(length);
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn of_type(value: &Value, schema: &Value) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|t| match *t {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        })
}

fn type_words(schema: &Value) -> String {
    let words: Vec<&str> = types(schema)
        .into_iter()
        .map(|t| match t {
            "null" => "空",
            "boolean" => "true 或 false",
            "integer" => "整数",
            "number" => "数字",
            "string" => "文字",
            "array" => "列表",
            _ => "对象",
        })
        .collect();
    words.join("或")
}

/// Tells a field that is `null` from one that is absent.
///
/// # Errors
/// The value is of another kind.
pub fn some<'de, T, D>(from: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    <Option<T> as serde::Deserialize>::deserialize(from).map(Some)
}
