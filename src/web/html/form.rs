//! What a form sent: names and values as typed, turned into the same JSON the API takes, by the same schema, so that
//! both go one way from there; and the faults, brought back to the fields they were typed into.
//!
//! A field's name is the JSON pointer of what it means, without the first slash: `name`, `quota/share`,
//! `partners/0/message`. A list of plain values is several fields of one name.

use crate::error::{Error, FieldError, Result};
use crate::web::parse;
use crate::web::router::Raw;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Names that mean something to every form.
const CSRF: &str = "csrf";
const ONCE: &str = "once";
const VERSION: &str = "version";

/// A form as it was sent, or nothing while a page is only read.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// The fields in order, reserved ones left out.
    pairs: Vec<(String, String)>,
    /// Files in order.
    files: Vec<Upload>,
    csrf: String,
    once: String,
    version: Option<i64>,
    /// Whether it was sent at all.
    pub sent: bool,
    /// What is wrong with it as a whole.
    pub message: Option<String>,
    /// What is wrong with which field.
    pub faults: Vec<FieldError>,
}

/// A file that came with a form.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The field.
    pub field: String,
    /// The file's name as the browser gave it, without any folder.
    pub name: String,
    /// Its media type as the browser gave it.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    /// Another media type, or bytes that are no form.
    pub(in crate::web) fn read(raw: &Raw) -> Result<Self> {
        let media = raw.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (pairs, files) = match media.as_str() {
            "application/x-www-form-urlencoded" => {
                let pairs: Vec<(String, String)> =
                    serde_urlencoded::from_bytes(&raw.body).map_err(|e| Error::Malformed(e.to_string()))?;
                (pairs, Vec::new())
            }
            "multipart/form-data" => multipart(&raw.content_type, &raw.body)?,
            _ => return Err(Error::Unsupported("请用本站页面上的表单提交".to_owned())),
        };
        let mut form = Self { sent: true, files, ..Self::default() };
        for (name, value) in pairs {
            match name.as_str() {
                CSRF => form.csrf = value,
                ONCE => form.once = value,
                VERSION => form.version = value.trim().parse().ok(),
                _ => form.pairs.push((name, value.replace("\r\n", "\n"))),
            }
        }
        Ok(form)
    }

    /// The token that tells it is ours.
    pub(in crate::web) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// The key under which it acts once, however often it is sent.
    pub(in crate::web) fn once(&self) -> Option<&str> {
        let sound =
            (8..=64).contains(&self.once.len()) && self.once.bytes().all(|b| b.is_ascii_alphanumeric());
        sound.then_some(self.once.as_str())
    }

    /// The version of what is changed, as it was when the page was read.
    pub(in crate::web) const fn version(&self) -> Option<i64> {
        self.version
    }

    /// What was typed into a field; none when it was not sent.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Everything that was chosen under one name.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }

    /// The file of a field, when one was chosen.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|f| f.field == name && !(f.name.is_empty() && f.bytes.is_empty()))
    }

    /// The faults of a field, and of everything below it.
    pub fn faults_at(&self, name: &str) -> impl Iterator<Item = &FieldError> {
        self.faults.iter().filter(move |f| is_at(&f.pointer, name))
    }

    /// What the form means.
    ///
    /// # Errors
    /// Every fault, under the names of the fields.
    pub(in crate::web) fn body<B: DeserializeOwned>(
        &self,
        schema: &Value,
        rules: &OnceLock<BTreeMap<String, Value>>,
    ) -> Result<B> {
        let none = BTreeMap::new();
        let mut read = Reading { schemas: rules.get().unwrap_or(&none), faults: Vec::new() };
        let tree = Node::of(&self.pairs);
        let value = read.convert(&tree, schema, "", true).unwrap_or_else(|| json!({}));
        let mut faults = std::mem::take(&mut read.faults);
        for fault in parse::faults(&value, schema, rules) {
            if !faults.iter().any(|f| f.pointer == fault.pointer) {
                faults.push(fault);
            }
        }
        if !faults.is_empty() {
            return Err(self.named(Error::Invalid(faults)));
        }
        serde_json::from_value(value).map_err(|e| Error::field("", "invalid", format!("内容不合要求：{e}")))
    }

    /// The faults of an error under the names the fields had in the form: a list that was sent with gaps was closed up.
    #[must_use]
    pub fn named(&self, error: Error) -> Error {
        let Error::Invalid(faults) = error else { return error };
        let gaps = Node::of(&self.pairs).gaps();
        Error::Invalid(
            faults
                .into_iter()
                .map(|mut fault| {
                    fault.pointer = renamed(fault.pointer.trim_start_matches('/'), &gaps);
                    fault
                })
                .collect(),
        )
    }
}

/// Whether a fault's place is a field, or lies below it.
fn is_at(pointer: &str, name: &str) -> bool {
    pointer.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// For each list sent as `list/N/…`: its name and the numbers that were used.
type Gaps = Vec<(String, Vec<String>)>;

fn renamed(pointer: &str, gaps: &Gaps) -> String {
    for (list, numbers) in gaps {
        let Some(rest) = pointer.strip_prefix(list.as_str()).and_then(|r| r.strip_prefix('/')) else {
            continue;
        };
        let (number, tail) = rest.split_once('/').unwrap_or((rest, ""));
        if let Some(original) = number.parse::<usize>().ok().and_then(|n| numbers.get(n)) {
            let tail = if tail.is_empty() { String::new() } else { format!("/{tail}") };
            return format!("{list}/{original}{tail}");
        }
    }
    pointer.to_owned()
}

/// The fields by the parts of their names.
#[derive(Debug, Default)]
struct Node {
    values: Vec<String>,
    below: BTreeMap<String, Self>,
}

/// Deepest nesting of names.
const DEPTH: usize = 8;

impl Node {
    fn of(pairs: &[(String, String)]) -> Self {
        let mut root = Self::default();
        for (name, value) in pairs {
            let mut node = &mut root;
            for part in name.splitn(DEPTH, '/') {
                node = node.below.entry(part.to_owned()).or_default();
            }
            node.values.push(value.clone());
        }
        root
    }

    /// Nothing was typed or chosen anywhere in it.
    fn is_blank(&self) -> bool {
        self.values.iter().all(|v| v.trim().is_empty()) && self.below.values().all(Self::is_blank)
    }

    /// Its entries in the order of their numbers, blank ones left out.
    fn entries(&self) -> Vec<(&String, &Self)> {
        let mut list: Vec<(&String, &Self)> =
            self.below.iter().filter(|(_, node)| !node.is_blank()).collect();
        list.sort_by_key(|(n, _)| n.parse::<usize>().unwrap_or(usize::MAX));
        list
    }

    fn gaps(&self) -> Gaps {
        let mut all = Vec::new();
        self.gaps_below("", &mut all);
        all
    }

    fn gaps_below(&self, at: &str, all: &mut Gaps) {
        if !self.below.is_empty() && self.below.keys().all(|k| k.parse::<usize>().is_ok()) {
            let numbers = self.entries().into_iter().map(|(n, _)| n.clone()).collect();
            all.push((at.to_owned(), numbers));
            return;
        }
        for (name, node) in &self.below {
            let at = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
            node.gaps_below(&at, all);
        }
    }
}

struct Reading<'a> {
    schemas: &'a BTreeMap<String, Value>,
    faults: Vec<FieldError>,
}

impl Reading<'_> {
    fn fault(&mut self, at: &str, code: &'static str, text: &str) {
        self.faults.push(FieldError::new(format!("/{at}"), code, text));
    }

    /// The schema that says what a value is: through references, and past the branch that only says "null".
    fn plain<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..DEPTH {
            if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
                let Some(found) = name.rsplit('/').next().and_then(|n| self.schemas.get(n)) else { break };
                schema = found;
                continue;
            }
            let list = ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema.get(*word)?.as_array());
            let first =
                list.and_then(|l| l.iter().find(|s| s.get("type").and_then(Value::as_str) != Some("null")));
            match first {
                Some(found) => schema = found,
                None => break,
            }
        }
        schema
    }

    fn convert(&mut self, node: &Node, schema: &Value, at: &str, required: bool) -> Option<Value> {
        let schema = self.plain(schema).clone();
        match kind(&schema) {
            "object" => self.object(node, &schema, at, required),
            "array" => self.array(node, &schema, at),
            kind => self.scalar(node, kind, &schema, at, required),
        }
    }

    fn object(&mut self, node: &Node, schema: &Value, at: &str, required: bool) -> Option<Value> {
        let none = Map::new();
        let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let more = schema.get("additionalProperties").filter(|m| m.is_object());
        let needed: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut map = Map::new();
        for (name, child) in &node.below {
            let at = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
            match known.get(name).or(more) {
                Some(schema) => {
                    let needed = needed.contains(&name.as_str());
                    if let Some(value) = self.convert(child, schema, &at, needed) {
                        map.insert(name.clone(), value);
                    }
                }
                None => self.fault(&at, "unknown_field", "没有这个字段,请重新打开页面"),
            }
        }
        // A browser sends nothing for boxes that are not ticked.
        for name in needed.into_iter().filter(|n| !node.below.contains_key(*n)) {
            let Some(schema) = known.get(name) else { continue };
            let at = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            let schema = self.plain(schema).clone();
            let value = match kind(&schema) {
                "boolean" => Some(Value::Bool(false)),
                "array" => Some(json!([])),
                "object" => self.object(&Node::default(), &schema, &at, true),
                _ => {
                    self.fault(&at, "required", "不能为空");
                    None
                }
            };
            if let Some(value) = value {
                map.insert(name.to_owned(), value);
            }
        }
        (required || !map.is_empty()).then_some(Value::Object(map))
    }

    fn array(&mut self, node: &Node, schema: &Value, at: &str) -> Option<Value> {
        let items = schema.get("items").cloned().unwrap_or(Value::Null);
        let mut list = Vec::new();
        for value in node.values.iter().filter(|v| !v.trim().is_empty()) {
            let one = Node { values: vec![value.clone()], below: BTreeMap::new() };
            list.extend(self.convert(&one, &items, at, true));
        }
        for (place, (_, child)) in node.entries().into_iter().enumerate() {
            // The place in the list as it will be: the fields' own numbers come back with `named`.
            let place = format!("{at}/{place}");
            list.extend(self.convert(child, &items, &place, true));
        }
        Some(Value::Array(list))
    }

    fn scalar(&mut self, node: &Node, kind: &str, schema: &Value, at: &str, required: bool) -> Option<Value> {
        let text = node.values.last().map_or("", String::as_str);
        let bare = text.trim();
        match kind {
            "boolean" => Some(Value::Bool(matches!(bare, "true" | "on" | "1"))),
            "integer" | "number" => match bare.parse::<i64>() {
                Ok(n) => Some(json!(n)),
                Err(_) if bare.is_empty() && !required => None,
                Err(_) if bare.is_empty() => {
                    self.fault(at, "required", "不能为空");
                    None
                }
                Err(_) => {
                    self.fault(at, "not_a_number", "请填写整数");
                    None
                }
            },
            _ if bare.is_empty() && !required => None,
            _ if bare.is_empty() && schema.get("format").is_some() => {
                self.fault(at, "required", "不能为空");
                None
            }
            _ if schema.get("format").and_then(Value::as_str) == Some("date-time") => {
                Some(Value::String(moment(bare)))
            }
            _ => Some(Value::String(text.to_owned())),
        }
    }
}

/// A day and a time of day as a browser sends them, by the clock of China, in the API's words.
fn moment(text: &str) -> String {
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    match local.iter().find_map(|f| chrono::NaiveDateTime::parse_from_str(text, f).ok()) {
        Some(at) => at.format("%Y-%m-%dT%H:%M:%S+08:00").to_string(),
        None => text.to_owned(),
    }
}

/// What a schema describes.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(one)) => one.as_str(),
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).find(|t| *t != "null").unwrap_or("string")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

type Parts = (Vec<(String, String)>, Vec<Upload>);

/// Reads `multipart/form-data` (RFC 7578).
fn multipart(content_type: &str, body: &[u8]) -> Result<Parts> {
    let wrong = || Error::Malformed("multipart/form-data".to_owned());
    let boundary = content_type
        .split(';')
        .find_map(|p| p.trim().strip_prefix("boundary="))
        .map(|b| b.trim_matches('"'))
        .filter(|b| !b.is_empty() && b.len() <= 70)
        .ok_or_else(wrong)?;
    let (first, next) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let mut rest = body.strip_prefix(first.as_bytes()).ok_or_else(wrong)?;
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let head_end = find(part, b"\r\n\r\n").ok_or_else(wrong)?;
        let head = std::str::from_utf8(&part[..head_end]).map_err(|_| wrong())?;
        let content = &part[head_end + 4..];
        let end = find(content, next.as_bytes()).ok_or_else(wrong)?;
        let (bytes, after) = (&content[..end], &content[end + next.len()..]);
        let line = |name: &str| {
            head.lines().find_map(|l| {
                let (n, v) = l.split_once(':')?;
                n.trim().eq_ignore_ascii_case(name).then(|| v.trim())
            })
        };
        let disposition = line("content-disposition").ok_or_else(wrong)?;
        let field = parameter(disposition, "name").ok_or_else(wrong)?;
        match parameter(disposition, "filename") {
            Some(name) => files.push(Upload {
                field,
                name: name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
                content_type: line("content-type").unwrap_or_default().to_owned(),
                bytes: bytes.to_vec(),
            }),
            None => pairs.push((field, String::from_utf8(bytes.to_vec()).map_err(|_| wrong())?)),
        }
        if pairs.len() + files.len() > 10_000 {
            return Err(wrong());
        }
        rest = after;
    }
    if rest.starts_with(b"--") { Ok((pairs, files)) } else { Err(wrong()) }
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|w| w == what)
}

/// A quoted parameter of a header, with the escapes browsers write (`%22` for a quotation mark).
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, tail)) = rest.split_once(';') {
        let tail = tail.trim_start();
        let (key, value) = tail.split_once('=')?;
        let quoted = value.strip_prefix('"')?;
        let end = quoted.find('"')?;
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(quoted[..end].replace("%22", "\"").replace("%0D%0A", " "));
        }
        rest = &quoted[end + 1..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use utoipa::ToSchema;

    #[derive(Debug, Deserialize, PartialEq, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Partner {
        id: u32,
        #[serde(default)]
        required: bool,
        #[serde(default)]
        message: String,
    }

    #[derive(Debug, Deserialize, PartialEq, ToSchema)]
    #[serde(deny_unknown_fields, default)]
    #[derive(Default)]
    struct Quota {
        total: Option<u32>,
        share: Option<String>,
    }

    #[derive(Debug, Deserialize, PartialEq, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: String,
        day: chrono::NaiveDate,
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default)]
        partners: Vec<Partner>,
        #[serde(default)]
        scores: BTreeMap<String, i32>,
        quota: Quota,
    }

    fn form(text: &str) -> Form {
        let raw = Raw {
            body: text.as_bytes().to_vec(),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            ..Raw::default()
        };
        Form::read(&raw).unwrap()
    }

    fn read(text: &str) -> Result<Body> {
        let mut components = crate::web::openapi::Components::default();
        let schema = components.schema_of::<Body>();
        components.freeze();
        form(text).body(&schema, &components.shared())
    }

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        match read(text) {
            Err(Error::Invalid(list)) => list.into_iter().map(|f| (f.pointer, f.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_means_what_the_json_would() {
        let body = read(
            "csrf=x&once=12345678&version=3&name=%E6%8A%BD%E6%9F%A5&day=2026-05-08&note=&tags=a&tags=&tags=b\
             &partners/7/id=7&partners/7/message=m&partners/2/id=2&partners/2/required=on&partners/3/message=\
             &scores/a=1&quota/share=3%25&quota/total=",
        )
        .unwrap();
        assert_eq!(
            body,
            Body {
                name: "抽查".to_owned(),
                day: "2026-05-08".parse().unwrap(),
                note: None,
                tags: vec!["a".to_owned(), "b".to_owned()],
                partners: vec![
                    Partner { id: 2, required: true, message: String::new() },
                    Partner { id: 7, required: false, message: "m".to_owned() },
                ],
                scores: [("a".to_owned(), 1)].into(),
                quota: Quota { total: None, share: Some("3%".to_owned()) },
            }
        );
    }

    #[test]
    fn all_faults_are_told_at_their_fields() {
        assert_eq!(
            faults("name=x&day=tomorrow&partners/1/id=&partners/1/message=m&partners/9/id=many&nonsense=1"),
            [
                ("nonsense".to_owned(), "unknown_field"),
                ("partners/1/id".to_owned(), "required"),
                ("partners/9/id".to_owned(), "not_a_number"),
                ("day".to_owned(), "wrong_format"),
            ]
        );
        assert_eq!(faults("name=x&day="), [("day".to_owned(), "required")]);
        assert!(faults("").contains(&("name".to_owned(), "required")));
    }

    #[test]
    fn faults_of_the_use_case_come_back_to_what_was_typed() {
        let sent = form("partners/2/id=2&partners/7/id=7&tags=a");
        let error = Error::Invalid(vec![
            FieldError::new("/partners/1/id", "unknown", ""),
            FieldError::new("/tags/0", "unknown", ""),
        ]);
        let Error::Invalid(list) = sent.named(error) else { panic!("faults") };
        assert_eq!(list[0].pointer, "partners/7/id");
        assert_eq!(list[1].pointer, "tags/0");
        let shown = Form { faults: list, ..sent };
        assert_eq!(shown.faults_at("tags").count(), 1);
        assert_eq!(shown.faults_at("tag").count(), 0);
        assert_eq!(shown.faults_at("partners/7/id").count(), 1);
    }

    #[test]
    fn files_come_with_their_fields() {
        let body = "--xy\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--xy\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"C:\\up\\\u{540d}\u{5f55}.csv\"\r\n\
                    Content-Type: text/csv\r\n\r\na,b\r\n--x\r\n\r\n--xy--\r\n";
        let raw = Raw {
            body: body.as_bytes().to_vec(),
            content_type: "multipart/form-data; boundary=xy".to_owned(),
            ..Raw::default()
        };
        let form = Form::read(&raw).unwrap();
        assert_eq!(form.csrf(), "abc");
        let file = form.file("file").unwrap();
        assert_eq!((file.name.as_str(), file.content_type.as_str()), ("名录.csv", "text/csv"));
        assert_eq!(file.bytes, b"a,b\r\n--x\r\n");
        for broken in [&body[..body.len() - 6], &body[2..], "--xy", ""] {
            let raw = Raw { body: broken.as_bytes().to_vec(), ..raw.clone() };
            assert!(Form::read(&raw).is_err(), "{broken}");
        }
    }
}
