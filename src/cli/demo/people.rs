//! The people of the demonstration: accounts made by the administrators through the API, as a county would.

use super::client::{Client, text};
use crate::web::run::FirstPassword;
use serde_json::json;
use std::collections::BTreeMap;

/// Everybody's password after the first change; the demonstration listens on this machine only.
pub(super) const PASSWORD: &str = "sunny-river-stone-42";

/// Who is to have an account.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Login name.
    pub(super) login: String,
    /// Name, with what he is.
    pub(super) name: String,
    /// Role.
    pub(super) role: &'static str,
    /// Department.
    pub(super) department: Option<String>,
    /// Entry in the inspector directory.
    pub(super) inspector: Option<String>,
}

/// The three administrators, each with his own password.
#[derive(Debug)]
pub(super) struct Admins {
    system: Client,
    security: Client,
}

impl Admins {
    /// Logs in with the one-time passwords of the first start and changes them.
    pub(super) fn enter(base: &str, first: &[FirstPassword]) -> Result<Self, String> {
        let enter = |login: &str| {
            let one_time = first.iter().find(|p| p.login == login).map(|p| p.password.as_str());
            fresh(base, login, one_time.unwrap_or_default())
        };
        let admins = Self { system: enter("sysadmin")?, security: enter("secadmin")? };
        enter("auditadmin")?;
        Ok(admins)
    }

    /// Makes the accounts, gives the roles, and logs everybody in.
    pub(super) fn admit(&self, base: &str, people: &[Person]) -> Result<BTreeMap<String, Client>, String> {
        let mut clients = BTreeMap::new();
        for person in people {
            let mut body = json!({
                "login": person.login, "name": person.name, "email": format!("{}@demo.example", person.login),
            });
            if let Some(department) = &person.department {
                body["department_id"] = json!(department);
            }
            if let Some(inspector) = &person.inspector {
                body["inspector_id"] = json!(inspector);
            }
            let made = self.system.post("/api/v1/users", &body)?;
            let (id, one_time) = (text(&made, "id")?, text(&made, "one_time_password")?);
            let version = made["version"].as_i64().unwrap_or_default();
            let roles = json!({ "roles": [person.role] });
            self.security.put(&format!("/api/v1/users/{id}/roles"), version, &roles)?;
            clients.insert(person.login.clone(), fresh(base, &person.login, &one_time)?);
        }
        Ok(clients)
    }
}

/// First login: changes the one-time password.
fn fresh(base: &str, login: &str, one_time: &str) -> Result<Client, String> {
    let client = Client::login(base, login, one_time)?;
    client.post("/api/v1/session/password", &json!({ "present": one_time, "new": PASSWORD }))?;
    Client::login(base, login, PASSWORD)
}
