//! The OpenAPI 3.1 document, made from the routes themselves.

use super::router::{Allow, Entry};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use utoipa::ToSchema;

/// Schemas by name, shared by all operations.
#[derive(Debug, Default)]
pub struct Components {
    schemas: BTreeMap<String, Value>,
    shared: Arc<OnceLock<BTreeMap<String, Value>>>,
    /// Names that two different types claim: a defect that a test reports.
    pub clashes: Vec<String>,
}

impl Components {
    /// A reference to the schema of `T`, which is added with all it refers to.
    pub fn schema_of<T: ToSchema>(&mut self) -> Value {
        let mut list = Vec::new();
        T::schemas(&mut list);
        let name = name_of::<T>();
        let own = serde_json::to_value(T::schema()).unwrap_or_default();
        let inline = own.get("type").is_some_and(|t| t != "object") && own.get("enum").is_none();
        for (name, schema) in list {
            self.add(name, serde_json::to_value(schema).unwrap_or_default());
        }
        if inline || own.get("$ref").is_some() {
            return own;
        }
        self.add(name.clone(), own);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn add(&mut self, name: String, schema: Value) {
        match self.schemas.get(&name) {
            Some(known) if *known != schema => self.clashes.push(name),
            Some(_) => {}
            None => {
                self.schemas.insert(name, schema);
            }
        }
    }

    /// The schemas as request parsing sees them, once [`Self::freeze`] has been called.
    #[must_use]
    pub fn shared(&self) -> Arc<OnceLock<BTreeMap<String, Value>>> {
        Arc::clone(&self.shared)
    }

    /// Ends the collection.
    pub fn freeze(&self) {
        self.shared.get_or_init(|| self.schemas.clone());
    }
}

/// The name of a type's schema: `Page<UserView>` is `PageUserView`, so that two pages do not share one.
fn name_of<T: ToSchema>() -> String {
    let full = std::any::type_name::<T>();
    if !full.contains('<') {
        return T::name().into_owned();
    }
    full.split(['<', '>', ',']).map(|part| part.rsplit("::").next().unwrap_or_default().trim()).collect()
}

const PROBLEM: &str = "application/problem+json";

/// The document.
#[must_use]
pub fn document(entries: &[Entry], components: &Components) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for entry in entries.iter().filter(|e| e.documented) {
        let item = paths.entry(entry.path.to_owned()).or_insert_with(|| json!({}));
        item[entry.method.to_lowercase()] = operation(entry);
    }
    let mut schemas: Map<String, Value> = components.schemas.clone().into_iter().collect();
    schemas.insert("Problem".to_owned(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "onedoor",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "部门联合“双随机、一公开”抽查:事项清单、名录库、联合抽查、可核验抽取、事项合并、派员。",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }
            }
        }
    })
}

fn operation(entry: &Entry) -> Value {
    let mut parameters: Vec<Value> = entry
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = if name == "id" || name.ends_with("_id") {
                json!({ "type": "string", "format": "uuid" })
            } else {
                json!({ "type": "string" })
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(entry.query.iter().cloned());
    let write = entry.method != "GET";
    if write && entry.method == "POST" {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "同一个键的重复请求得到同样的回答,操作只发生一次",
            "schema": { "type": "string", "pattern": "^[!-~]{1,128}$" }
        }));
    }
    if write {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "读取时得到的 ETag;PUT、PATCH 必须带",
            "schema": { "type": "string", "pattern": "^\"[0-9]{1,18}\"$" }
        }));
    }
    let mut responses = Map::new();
    let content: Map<String, Value> =
        entry.content.iter().map(|(media, schema)| (media.clone(), json!({ "schema": schema }))).collect();
    responses.insert(entry.status.to_string(), json!({ "description": "成功", "content": content }));
    let mut problems = vec![
        ("400", "请求无法读懂"),
        ("404", "不存在或无权查看"),
        ("422", "内容有误"),
        ("429", "过于频繁"),
        ("500", "服务器内部错误"),
        ("503", "暂时不可用"),
    ];
    if !matches!(entry.allow, Allow::Public) {
        problems.extend([("401", "未登录"), ("403", "无权操作")]);
    } else if write {
        problems.push(("401", "登录失败"));
    }
    if write {
        problems.extend([
            ("409", "当前状态不允许"),
            ("412", "已被他人修改"),
            ("413", "内容过大"),
            ("415", "内容类型不支持"),
            ("428", "须带 If-Match"),
        ]);
    } else {
        problems.extend([("304", "未变化"), ("409", "现在还不能查看")]);
    }
    for (code, text) in problems {
        let body = if code == "304" {
            json!({ "description": text })
        } else {
            json!({ "description": text, "content": { PROBLEM: { "schema": { "$ref": "#/components/schemas/Problem" } } } })
        };
        responses.insert(code.to_owned(), body);
    }
    let mut operation = json!({
        "operationId": entry.name,
        "tags": [entry.path.split('/').nth(3).unwrap_or("onedoor")],
        "summary": entry.summary,
        "parameters": parameters,
        "responses": responses,
        "x-access": entry.allow.word(),
    });
    if let Some(body) = &entry.body {
        operation["requestBody"] =
            json!({ "required": true, "content": { body.0.clone(): { "schema": body.1 } } });
    }
    operation["security"] = match entry.allow {
        Allow::Public => json!([{}, { "bearer": [] }]),
        _ => json!([{ "bearer": [] }]),
    };
    operation
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "code", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string" },
            "request_id": { "type": "string" },
            "state": { "type": "string", "description": "当前状态" },
            "version": { "type": "integer", "description": "当前版本" },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "message"],
                    "properties": {
                        "pointer": { "type": "string" },
                        "code": { "type": "string" },
                        "message": { "type": "string" }
                    }
                }
            }
        }
    })
}
