//! Random sequences of commands by random people, given to the server and to a small model: both must answer alike, and
//! the server must show what the model holds. `ONEDOOR_MODEL_CASES` sets the number of sequences; unset, a few of them,
//! always the same.

mod model;

use crate::joint::County;
use crate::support::{Answer as Got, Client, PASSWORD, TestApp};
use chrono::TimeDelta;
use model::{
    Act, Answer, DEPARTMENTS, Dates, Inspection, Items, Kind, Model, PEOPLE, Person, Reply, Stage, Version,
    place,
};
use onedoor::domain::access::Role;
use onedoor::service::invitations;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const CODES: [&str; DEPARTMENTS] = ["SCJG01", "JYJ01", "XFJY01", "WJJ01"];
const ITEMS: [&str; DEPARTMENTS] = ["SCJG-1", "JYJ-1", "XFJY-1", "WJJ-1"];
/// The login names of [`PEOPLE`]; the last has none.
const LOGINS: [&str; 13] = [
    "scjg",
    "jyj",
    "xfjy",
    "wjj",
    "scjg_head",
    "jyj_head",
    "scjg_legal",
    "xfjy_legal",
    "scjg_inspector",
    "xtb",
    "jdb",
    "wit1",
    "sys",
];
const OFFICE: usize = 9;

/// Who sends a command: whoever is there for it, or anybody. Random acts alone seldom get far, so that many commands are
/// exchanged for one of those that the present state allows.
#[derive(Debug, Clone, Copy)]
enum Who {
    Apt(usize),
    Fit,
    Any(usize),
}

/// What follows a POST that carries an Idempotency-Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    No,
    Same,
    Other,
}

#[derive(Debug, Clone)]
struct Command {
    who: Who,
    at: usize,
    act: Act,
    version: Version,
    repeat: Repeat,
}

fn replies() -> impl Strategy<Value = Reply> {
    let why = || prop::bool::weighted(0.9);
    let items = || prop_oneof![6 => Just(Items::Own), 1 => Just(Items::None), 1 => Just(Items::Foreign)];
    let dates = prop_oneof![
        6 => (0..6u8).prop_map(Dates::Later), 1 => Just(Dates::Same), 1 => Just(Dates::Past), 1 => Just(Dates::Reversed),
    ];
    prop_oneof![
        2 => Just(Reply::See),
        8 => items().prop_map(Reply::Accept),
        3 => why().prop_map(|why| Reply::Decline { why }),
        5 => (dates, items(), why()).prop_map(|(dates, items, why)| Reply::Propose { dates, items, why }),
        4 => Just(Reply::Agree),
        2 => why().prop_map(|why| Reply::Insist { why }),
        2 => why().prop_map(|why| Reply::Withdraw { why }),
        3 => Just(Reply::Reinvite),
        3 => why().prop_map(|why| Reply::Retract { why }),
        3 => Just(Reply::Extend),
        2 => Just(Reply::Remind),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    let why = || prop::bool::weighted(0.9);
    let items = || prop_oneof![6 => Just(Items::Own), 1 => Just(Items::None), 1 => Just(Items::Foreign)];
    let stage = prop::option::of(prop::sample::select(Stage::ALL.to_vec()));
    let named = prop::sample::subsequence((0..DEPARTMENTS).collect::<Vec<_>>(), 0..=2);
    prop_oneof![
        1 => items().prop_map(Act::Create),
        2 => Just(Act::See),
        1 => stage.prop_map(Act::List),
        2 => (items(), 0..9u8).prop_map(|(items, days)| Act::Change { items, days }),
        2 => items().prop_map(Act::Participate),
        6 => (named, prop::bool::weighted(0.3), prop::bool::weighted(0.3))
            .prop_map(|(named, required, related)| Act::Invite { named, required, related }),
        5 => Just(Act::Confirm),
        2 => why().prop_map(|why| Act::Revise { why }),
        1 => prop::bool::weighted(0.5).prop_map(|why| Act::Abort { why }),
        2 => Just(Act::Freeze),
        2 => why().prop_map(|why| Act::Release { why }),
        28 => (0..DEPARTMENTS, replies()).prop_map(|(department, reply)| Act::Invitation(department, reply)),
        1 => Just(Act::Invitations),
        1 => Just(Act::Wait),
    ]
}

fn commands() -> impl Strategy<Value = Command> {
    let who = prop_oneof![
        3 => (0..1000usize).prop_map(Who::Apt),
        4 => Just(Who::Fit),
        2 => (0..PEOPLE.len()).prop_map(Who::Any),
    ];
    let at = prop_oneof![4 => Just(0), 1 => 0..3usize];
    let version =
        prop_oneof![2 => Just(Version::Unsaid), 6 => Just(Version::Right), 1 => Just(Version::Stale)];
    let repeat = prop_oneof![4 => Just(Repeat::No), 1 => Just(Repeat::Same), 1 => Just(Repeat::Other)];
    (who, at, acts(), version, repeat).prop_map(|(who, at, act, version, repeat)| Command {
        who,
        at,
        act,
        version,
        repeat,
    })
}

/// Identifiers the server gave.
#[derive(Debug, Clone, Default)]
struct Known {
    id: String,
    invitations: [Option<String>; DEPARTMENTS],
}

struct World<'a> {
    county: County<'a>,
    people: Vec<Client>,
    model: Model,
    known: Vec<Known>,
    keys: usize,
    /// How often each command was answered how.
    seen: BTreeMap<(String, u16), usize>,
}

/// Both sides differ.
type Checked = Result<(), String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, server: &T, model: &T) -> Checked {
    if server == model { Ok(()) } else { Err(format!("{what}: server {server:?}, model {model:?}")) }
}

impl<'a> World<'a> {
    fn new(app: &'a TestApp) -> Self {
        let county = County::new(app);
        let of = |code: &str| Some(county.dept(code));
        app.user("jyj_head", &[Role::DepartmentHead], of("JYJ01"));
        app.user("scjg_legal", &[Role::LegalReviewer], of("SCJG01"));
        app.user("xfjy_legal", &[Role::LegalReviewer], of("XFJY01"));
        let inspector = county.seeded.inspectors["SCJG01-P1"];
        app.inspector_user("scjg_inspector", &[Role::Inspector], of("SCJG01"), Some(inspector));
        app.user("sys", &[Role::SystemAdmin], None);
        let mut world = Self {
            county,
            people: Vec::new(),
            model: Model::default(),
            known: Vec::new(),
            keys: 0,
            seen: BTreeMap::new(),
        };
        world.log_in();
        world
    }

    fn log_in(&mut self) {
        let app = self.county.app;
        self.people = LOGINS.iter().map(|login| app.login(login, PASSWORD)).collect();
        self.people.push(app.anonymous());
        self.model.today = onedoor::clock::china_date(app.now());
    }

    /// New inspections for a new case; later in time, so that they come first in lists.
    fn start(&mut self) -> Checked {
        self.county.app.advance(TimeDelta::milliseconds(1));
        self.model.inspections.clear();
        self.known.clear();
        let first = Command {
            who: Who::Fit,
            at: 0,
            act: Act::Create(Items::Own),
            version: Version::Unsaid,
            repeat: Repeat::No,
        };
        self.run(&first)
    }

    /// Whoever the rules have in mind for an act.
    fn fit(&self, at: usize, act: &Act) -> usize {
        let owner = self.model.inspections.get(at).map_or(0, |i| i.owner);
        let clerk = |d| place(Kind::Clerk, Some(d));
        match act {
            Act::Freeze | Act::Release { .. } | Act::Invitation(_, Reply::Extend) => OFFICE,
            Act::Abort { .. } if owner < 2 => place(Kind::Head, Some(owner)),
            Act::Abort { .. } => OFFICE,
            Act::Invitation(
                d,
                Reply::Accept(_) | Reply::Decline { .. } | Reply::Propose { .. } | Reply::Retract { .. },
            ) => clerk(*d),
            Act::Participate(_) => {
                // One of those that take part, by turns.
                let partner = (0..DEPARTMENTS).find(|d| {
                    let i = self.model.inspections[at].invitations[*d].as_ref();
                    i.is_some_and(|i| i.state == Answer::Accepted && i.version % 2 == 0)
                });
                clerk(partner.unwrap_or(owner))
            }
            _ => clerk(owner),
        }
    }

    /// What would succeed now, apart from the end.
    fn apt(&self, at: usize) -> Vec<Act> {
        let why = true;
        let mut acts = vec![
            Act::Change { items: Items::Own, days: 3 },
            Act::Participate(Items::Own),
            Act::Invite { named: Vec::new(), required: false, related: true },
            Act::Confirm,
            Act::Revise { why },
            Act::Freeze,
            Act::Release { why },
        ];
        for department in 0..DEPARTMENTS {
            acts.push(Act::Invite { named: vec![department], required: department == 1, related: false });
            let replies = [
                Reply::Accept(Items::Own),
                Reply::Accept(Items::None),
                Reply::Decline { why },
                Reply::Propose { dates: Dates::Later(2), items: Items::Own, why },
                Reply::Agree,
                Reply::Insist { why },
                Reply::Withdraw { why },
                Reply::Reinvite,
                Reply::Retract { why },
                Reply::Extend,
                Reply::Remind,
            ];
            acts.extend(replies.map(|reply| Act::Invitation(department, reply)));
        }
        if self.model.inspections.get(at).is_none() {
            return Vec::new();
        }
        let works =
            |act: &Act| self.model.clone().run(PEOPLE[self.fit(at, act)], at, act, Version::Right) < 300;
        acts.retain(works);
        acts
    }

    /// A department that was asked, when there is one: most commands are to be about something.
    fn asked(&self, at: usize, department: usize) -> usize {
        let Some(i) = self.model.inspections.get(at) else { return department };
        let by_turns = (0..DEPARTMENTS).map(|n| (department + n) % DEPARTMENTS);
        by_turns.clone().find(|d| i.invitations[*d].is_some()).unwrap_or(department)
    }

    fn items(&self, who: Person, items: Items) -> Value {
        let own = who.department.unwrap_or(0);
        match items {
            Items::Own => json!([self.county.item(ITEMS[own])]),
            Items::None => json!([]),
            Items::Foreign => json!([self.county.item(ITEMS[(own + 1) % DEPARTMENTS])]),
        }
    }

    fn draft(&self, who: Person, items: Items, days: u8) -> Value {
        let window = self.model.window(days);
        self.county.with(|b| {
            b["items"] = self.items(who, items);
            (b["window_from"], b["window_to"]) = (json!(window.0), json!(window.1));
        })
    }

    /// The request that a command is.
    fn request(&self, who: Person, at: usize, act: &Act) -> (&'static str, String, Value) {
        let known = self.known.get(at).cloned().unwrap_or_default();
        let path = |verb: &str| format!("/api/v1/inspections/{}{verb}", known.id);
        let reason = |why: bool| json!({ "reason": if why { "上级要求" } else { "  " } });
        match act {
            Act::Create(items) => ("POST", "/api/v1/inspections".to_owned(), self.draft(who, *items, 0)),
            Act::See => ("GET", path(""), Value::Null),
            Act::List(stage) => {
                let filter = stage.map_or_else(String::new, |s| format!("&state={}", s.name()));
                ("GET", format!("/api/v1/inspections?limit=200{filter}"), Value::Null)
            }
            Act::Change { items, days } => ("PUT", path(""), self.draft(who, *items, *days)),
            Act::Participate(items) => {
                ("PUT", path("/participation"), json!({ "items": self.items(who, *items) }))
            }
            Act::Invite { named, required, related } => {
                let partners: Vec<Value> = named
                    .iter()
                    .map(|d| json!({ "department_id": self.county.dept(CODES[*d]), "required": required }))
                    .collect();
                ("POST", path("/invite"), json!({ "partners": partners, "related": related }))
            }
            Act::Confirm => ("POST", path("/confirm"), json!({})),
            Act::Revise { why } => ("POST", path("/revise"), reason(*why)),
            Act::Abort { why } => ("POST", path("/abort"), reason(*why)),
            Act::Freeze => ("POST", path("/freeze-pool"), json!({})),
            Act::Release { why } => ("POST", path("/release-pool"), reason(*why)),
            Act::Invitations => {
                ("GET", format!("/api/v1/invitations?limit=200&inspection_id={}", known.id), Value::Null)
            }
            Act::Invitation(department, reply) => {
                // Nobody was asked: some identifier that does not exist.
                let id = known.invitations[*department].clone();
                let id = id.unwrap_or_else(|| "0199aaaa-0000-7000-8000-000000000000".to_owned());
                let path = |verb: &str| format!("/api/v1/invitations/{id}{verb}");
                match reply {
                    Reply::See => ("GET", path(""), Value::Null),
                    Reply::Accept(items) => {
                        ("POST", path("/accept"), json!({ "items": self.items(who, *items) }))
                    }
                    Reply::Decline { why } => ("POST", path("/decline"), reason(*why)),
                    Reply::Propose { dates, items, why } => {
                        let (from, to) = self.model.dates(at, *dates);
                        let mut body = reason(*why);
                        (body["window_from"], body["window_to"]) = (json!(from), json!(to));
                        body["items"] = self.items(who, *items);
                        ("POST", path("/propose"), body)
                    }
                    Reply::Agree => ("POST", path("/agree"), json!({})),
                    Reply::Insist { why } => ("POST", path("/insist"), reason(*why)),
                    Reply::Withdraw { why } => ("POST", path("/withdraw"), reason(*why)),
                    Reply::Reinvite => ("POST", path("/reinvite"), json!({})),
                    Reply::Retract { why } => ("POST", path("/retract"), reason(*why)),
                    Reply::Extend => ("POST", path("/extend"), json!({})),
                    Reply::Remind => ("POST", path("/remind"), json!({})),
                }
            }
            Act::Wait => ("GET", "/livez".to_owned(), Value::Null),
        }
    }

    /// The version that a command says it changes.
    fn version(&self, at: usize, command: &Command) -> Option<i64> {
        let i = self.model.inspections.get(at)?;
        let now = match &command.act {
            Act::Invitation(d, _) => i.invitations[*d].as_ref().map_or(1, |v| v.version),
            Act::Freeze | Act::Release { .. } | Act::Create(_) => return None,
            _ => i.version,
        };
        match command.version {
            Version::Unsaid => None,
            Version::Right => Some(now),
            Version::Stale => Some(if now % 2 == 0 { now - 1 } else { now + 1 }),
        }
    }

    fn run(&mut self, command: &Command) -> Checked {
        let at = command.at % self.known.len().max(1);
        let mut command = command.clone();
        if let Act::Invitation(department, _) = &mut command.act {
            *department = self.asked(at, *department);
        }
        if let Who::Apt(n) = command.who {
            // Rare ones as often as common ones.
            let mut apt: BTreeMap<String, Vec<Act>> = BTreeMap::new();
            for act in self.apt(at) {
                apt.entry(name(&act)).or_default().push(act);
            }
            if let Some(acts) = apt.values().nth(n % apt.len().max(1)) {
                command.act = acts[n / apt.len() % acts.len()].clone();
            }
        }
        let command = &command;
        let who = match command.who {
            Who::Apt(_) | Who::Fit => self.fit(at, &command.act),
            Who::Any(who) => who,
        };
        let person = PEOPLE[who];
        if command.act == Act::Wait {
            self.county.app.advance(TimeDelta::days(14));
            self.county.app.server.as_system(invitations::tick).unwrap();
            self.model.run(person, at, &command.act, command.version);
            self.log_in();
            return self.compare();
        }
        let (method, path, body) = self.request(person, at, &command.act);
        let version = self.version(at, command);
        let key = (method == "POST" && command.repeat != Repeat::No).then(|| {
            self.keys += 1;
            format!("model-{}", self.keys)
        });
        let send = |world: &Self, body: &Value| {
            let client = &world.people[who];
            if let Some(version) = version {
                client.if_match(version);
            }
            if let Some(key) = &key {
                client.key(key);
            }
            match method {
                "GET" => client.get(&path),
                "PUT" => client.put(&path, body),
                _ => client.post(&path, body),
            }
        };
        let got = send(self, &body);
        let wanted = self.model.run(person, at, &command.act, command.version);
        let name = name(&command.act);
        *self.seen.entry((name, wanted)).or_default() += 1;
        let told =
            |problem: String| format!("{method} {path} {body} by {person:?}: {problem}\n{}", got.text());
        same("status", &got.status, &wanted).map_err(&told)?;
        if wanted == 201 && matches!(command.act, Act::Create(_)) {
            self.known.push(Known { id: got.id(), ..Known::default() });
        }
        self.compare()?;
        self.answer(person, at, command, &got).map_err(&told)?;
        if key.is_some() && command.repeat == Repeat::Same {
            let again = send(self, &body);
            if wanted < 300 {
                same("replay", &(again.status, &again.bytes), &(got.status, &got.bytes)).map_err(&told)?;
                same("replayed", &again.header("idempotency-replayed"), &Some("true")).map_err(&told)?;
            } else {
                // What was refused left nothing behind, and is refused again.
                same("refused again", &again.status, &wanted).map_err(&told)?;
            }
            self.compare()?;
        }
        if key.is_some() && command.repeat == Repeat::Other && wanted < 300 {
            let mut other = body.clone();
            let field = if other.get("reason").is_some() { "reason" } else { "message" };
            other[field] = json!("别的内容");
            if matches!(command.act, Act::Create(_)) {
                other = self.county.with(|b| b["name"] = json!("另一次联合抽查"));
            }
            let takes =
                matches!(command.act, Act::Create(_) | Act::Invite { .. }) || body.get("reason").is_some();
            if takes {
                let got = send(self, &other);
                same("another request under the key", &got.status, &422).map_err(&told)?;
                same("code", &got.json()["code"], &json!("idempotency_key_reused")).map_err(&told)?;
                self.compare()?;
            }
        }
        Ok(())
    }

    /// What was answered, beyond the status.
    fn answer(&self, who: Person, at: usize, command: &Command, got: &Got) -> Checked {
        let body = got.json();
        if got.status >= 400 {
            same("kind", &got.header("content-type"), &Some("application/problem+json"))?;
            if body["code"] == "wrong_state" {
                let i = &self.model.inspections[at];
                let mut states = vec![i.stage.name()];
                if let Act::Invitation(d, _) = &command.act {
                    states.extend(i.invitations[*d].as_ref().map(|v| v.state.name()));
                }
                let told = body["state"].as_str().unwrap_or_default();
                if !states.contains(&told) {
                    return Err(format!("refused for state {told:?}, model {states:?}"));
                }
            }
            return Ok(());
        }
        match &command.act {
            Act::List(stage) => {
                let shown: BTreeSet<&str> = body["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|i| i["id"].as_str())
                    .filter(|id| self.known.iter().any(|k| k.id == *id))
                    .collect();
                let all = self.model.inspections.iter().zip(&self.known);
                let visible = all
                    .filter(|(i, _)| i.sees(who) && stage.is_none_or(|s| s == i.stage))
                    .map(|(_, known)| known.id.as_str())
                    .collect();
                same("list", &shown, &visible)
            }
            Act::Invitations => {
                let shown: BTreeMap<String, String> = body["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|v| (text(&v["department_id"]), format!("{} {}", text(&v["state"]), v["version"])))
                    .collect();
                let own = |d: usize| who.department.is_none_or(|own| own == d);
                let invitations = self.model.inspections[at].invitations.iter().enumerate();
                let visible = invitations
                    .filter_map(|(d, v)| v.as_ref().map(|v| (d, v)))
                    .filter(|(d, _)| own(*d))
                    .map(|(d, v)| {
                        let department = self.county.dept(CODES[d]).to_string();
                        (department, format!("{} {}", v.state.name(), v.version))
                    })
                    .collect();
                same("invitations", &shown, &visible)
            }
            Act::Invitation(d, _) => {
                let i = &self.model.inspections[at];
                let v = i.invitations[*d].as_ref().unwrap();
                same("answered state", &text(&body["state"]), &v.state.name().to_owned())?;
                same("of the inspection", &text(&body["inspection_state"]), &i.stage.name().to_owned())?;
                same("etag", &got.header("etag"), &Some(format!("\"{}\"", v.version).as_str()))
            }
            Act::Freeze | Act::Release { .. } => Ok(()),
            Act::Create(_) => self.agrees(self.known.len() - 1, &body),
            _ => {
                let version = format!("\"{}\"", self.model.inspections[at].version);
                same("etag", &got.header("etag"), &Some(version.as_str()))?;
                self.agrees(at, &body)
            }
        }
    }

    /// What the server shows of every inspection is what the model holds.
    fn compare(&mut self) -> Checked {
        for at in 0..self.known.len() {
            let got = self.people[OFFICE].get(&format!("/api/v1/inspections/{}", self.known[at].id));
            same("status of the inspection", &got.status, &200)?;
            let body = got.json();
            for v in body["invitations"].as_array().into_iter().flatten() {
                let department = (0..DEPARTMENTS)
                    .find(|d| v["department_id"] == json!(self.county.dept(CODES[*d])))
                    .ok_or("an unknown department")?;
                self.known[at].invitations[department] = v["id"].as_str().map(str::to_owned);
            }
            self.agrees(at, &body)?;
        }
        Ok(())
    }

    fn agrees(&self, at: usize, body: &Value) -> Checked {
        same(&format!("inspection {at}"), &shown(body), &self.held(&self.model.inspections[at]))
    }

    /// An inspection of the model in the words of the API.
    fn held(&self, i: &Inspection) -> Value {
        let dept = |d: usize| json!(self.county.dept(CODES[d]));
        let part = |d: usize, role: &str, items: Value| json!({ "department_id": dept(d), "role": role, "items": items });
        let item = |d: usize| json!([self.county.item(ITEMS[d])]);
        let mut participants =
            vec![part(i.owner, "initiator", if i.items { item(i.owner) } else { json!([]) })];
        let mut invitations = Vec::new();
        for (d, v) in i.invitations.iter().enumerate() {
            let Some(v) = v else { continue };
            // Whoever accepted takes part, whoever proposed dates would; nobody else.
            match v.state {
                Answer::Accepted => participants.push(part(d, "partner", item(d))),
                Answer::Rescheduled => participants.push(part(d, "proposed", item(d))),
                _ => {}
            }
            invitations.push(json!({
                "department_id": dept(d), "state": v.state.name(), "version": v.version, "required": v.required,
                "related": v.related, "proposed_from": v.proposed.map(|p| p.0), "proposed_to": v.proposed.map(|p| p.1),
            }));
        }
        json!({
            "number": i.number, "department_id": dept(i.owner), "state": i.stage.name(), "version": i.version,
            "window_from": i.window.0, "window_to": i.window.1,
            "participants": sorted(participants), "invitations": sorted(invitations),
        })
    }
}

/// An act without what it is about.
fn name(act: &Act) -> String {
    let full = match act {
        Act::Invitation(_, reply) => format!("{reply:?}"),
        act => format!("{act:?}"),
    };
    full.split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// What must have succeeded somewhere, or little was shown.
const TRIED: [&str; 19] = [
    "Create",
    "Change",
    "Participate",
    "Invite",
    "Confirm",
    "Revise",
    "Abort",
    "Freeze",
    "Release",
    "Accept",
    "Decline",
    "Propose",
    "Agree",
    "Insist",
    "Withdraw",
    "Reinvite",
    "Retract",
    "Extend",
    "Remind",
];

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn sorted(mut list: Vec<Value>) -> Value {
    list.sort_by_key(|v| text(&v["department_id"]));
    Value::Array(list)
}

fn only(value: &Value, names: &[&str]) -> Value {
    names.iter().map(|n| ((*n).to_owned(), value[*n].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// What the model knows too of an inspection that the server shows.
fn shown(body: &Value) -> Value {
    let list = |name: &str, fields: &[&str]| {
        sorted(body[name].as_array().into_iter().flatten().map(|v| only(v, fields)).collect())
    };
    let mut all = only(body, &["number", "department_id", "state", "version", "window_from", "window_to"]);
    all["participants"] = list("participants", &["department_id", "role", "items"]);
    all["invitations"] = list(
        "invitations",
        &["department_id", "state", "version", "required", "related", "proposed_from", "proposed_to"],
    );
    all
}

#[expect(clippy::disallowed_methods, reason = "how long to look is for whoever runs the tests to say")]
fn cases() -> Option<u32> {
    std::env::var("ONEDOOR_MODEL_CASES").ok().map(|n| n.parse().unwrap())
}

fn both_agree(app: &TestApp) {
    let asked = cases();
    let config = Config {
        cases: asked.unwrap_or(24),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let mut runner = match asked {
        Some(_) => TestRunner::new(config),
        None => {
            let rng = TestRng::deterministic_rng(config.rng_algorithm);
            TestRunner::new_with_rng(config, rng)
        }
    };
    let world = RefCell::new(World::new(app));
    let ran = runner.run(&prop::collection::vec(commands(), 0..90), |commands| {
        let mut world = world.borrow_mut();
        world.start().map_err(TestCaseError::fail)?;
        commands.iter().try_for_each(|c| world.run(c)).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, commands)) = &ran {
        let list: Vec<String> = commands.iter().map(|c| format!("{c:?}")).collect();
        panic!("{why}\nafter\n{}", list.join("\n"));
    }
    ran.unwrap();
    let world = world.borrow();
    let total: usize = world.seen.values().sum();
    println!("{total} commands: {:?}", world.seen);
    for act in TRIED {
        assert!(
            world.seen.keys().any(|(name, status)| name == act && *status < 300),
            "{act} never succeeded"
        );
    }
    let statuses: BTreeSet<u16> = world.seen.keys().map(|k| k.1).collect();
    assert_eq!(statuses, BTreeSet::from([200, 201, 401, 403, 404, 409, 412, 422, 428]));
}

#[test]
fn the_server_does_what_the_model_does_on_sqlite() {
    both_agree(&TestApp::sqlite());
}

#[test]
fn the_server_does_what_the_model_does_on_postgres() {
    both_agree(&TestApp::postgres());
}
