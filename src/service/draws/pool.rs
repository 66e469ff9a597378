//! Freezing: the snapshot of the subjects and inspectors a draw takes from, with everybody who is left out and why.

use super::super::cx::{Cx, Event};
use super::super::inspections::eligible::Universe;
use super::super::inspections::parts::operators;
use super::super::inspections::{Full, Loaded, doc, full, load_for, refused, step};
use super::secrets::{Purpose, derive};
use crate::domain::access::Action;
use crate::domain::cap::{self, Exemption};
use crate::domain::draw::bundle::{InspectorRow, inspector_list, inspector_rows};
use crate::domain::draw::pool::{Inspector, InspectorPool, PoolKey, Subject, SubjectPool};
use crate::domain::inspection::{Act, next};
use crate::domain::item;
use crate::domain::planning::token;
use crate::domain::registry::ItemDetails;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::keys::Key;
use crate::service::pools;
use crate::store::caps::CapEntry;
use crate::store::departments::Department;
use crate::store::draws::{self, Pool, draw_pools};
use crate::store::inspections;
use crate::store::items::Item;
use crate::store::scopes::{self, Fact};
use crate::store::types::At;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// No department has a check left for the subject this year.
pub const CAP: &str = "CAP";
/// No department has an item that applies to the subject.
pub const NO_ITEM: &str = "NO-ITEM";

/// A subject of a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// The subject.
    pub subject: Id,
    /// Its token in the draw.
    pub token: String,
    /// Its stratum.
    pub stratum: String,
    /// Digest of what the directory said of it, hex.
    pub attrs: String,
}

/// Somebody left out of the inspectors, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The inspector.
    pub inspector: Id,
    /// His department.
    pub department: Id,
    /// Stable snake_case code.
    pub code: String,
    /// Why, in Chinese.
    pub text: String,
}

/// A frozen pool.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Content {
    /// The subjects.
    pub subjects: Vec<Member>,
    /// (token, reason code) of those that cannot be drawn.
    pub excluded: Vec<(String, String)>,
    /// The inspectors, as the bundle writes them.
    pub inspectors: Vec<InspectorRow>,
    /// People of the departments that are not among them.
    pub left_out: Vec<LeftOut>,
    /// What is drawn by whom under which rules, in words.
    pub rules: String,
}

impl Content {
    /// The content of a row.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn of(pool: &Pool) -> Result<Self> {
        serde_json::from_slice(&pool.content).map_err(|e| Error::internal(&e))
    }

    /// The subjects as a pool has them.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn members(&self) -> Result<Vec<Subject>> {
        self.subjects
            .iter()
            .map(|m| {
                let mut attrs = [0; 32];
                hex::decode_to_slice(&m.attrs, &mut attrs).map_err(|e| Error::internal(&e))?;
                Ok(Subject { id: m.token.clone(), stratum: m.stratum.clone(), weight: 1, attrs })
            })
            .collect()
    }

    /// The inspectors as a pool has them.
    ///
    /// # Errors
    /// The row has been damaged.
    pub fn people(&self) -> Result<Vec<Inspector>> {
        inspector_list(&self.inspectors).map_err(|f| Error::internal(&f))
    }

    /// How many subjects each stratum has.
    #[must_use]
    pub fn sizes(&self) -> BTreeMap<String, u64> {
        let mut sizes = BTreeMap::new();
        for m in &self.subjects {
            *sizes.entry(m.stratum.clone()).or_default() += 1;
        }
        sizes
    }
}

/// A pool that was computed and waits to be written.
#[derive(Debug, Clone)]
pub struct Frozen {
    inspection: Id,
    seen: i64,
    content: Content,
    root: String,
    as_of: chrono::DateTime<chrono::Utc>,
}

/// A pool with its content.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The row.
    pub pool: Pool,
    /// What is in it.
    pub content: Content,
}

/// The token of a subject (VDR/1 section 2.1).
#[must_use]
pub fn subject_token(key: &str, uscc: &str) -> String {
    if uscc.is_empty() { token(&format!("R:{key}")) } else { token(uscc) }
}

fn attrs(s: &Fact) -> String {
    let mut hash = Sha256::new();
    for field in [&s.name, &s.kind, &s.division, &s.town, &s.address, &s.industry, &s.industry_name] {
        hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// Items with what they apply to, read once for many subjects.
#[derive(Debug)]
pub struct Applicable<'a>(Vec<(&'a Item, Vec<String>)>);

impl<'a> Applicable<'a> {
    /// Reads what the items apply to.
    #[must_use]
    pub fn new(items: &'a [Item]) -> Self {
        Self(items.iter().map(|item| (item, ItemDetails::of(&item.details.0).industries)).collect())
    }

    /// The items for a subject.
    pub fn to(&self, subject: &Fact) -> impl Iterator<Item = &'a Item> {
        self.0
            .iter()
            .filter(|(item, industries)| {
                item::applies(&item.kinds.0, industries, &subject.kind, &subject.industry)
            })
            .map(|(item, _)| *item)
    }
}

/// The cap ledger of a year by department and subject.
#[derive(Debug)]
pub struct Ledger {
    entries: HashMap<(Id, Id), Vec<cap::Entry>>,
    year: i32,
    cap: u32,
}

impl Ledger {
    /// Reads the ledger of a year.
    ///
    /// # Errors
    /// The database.
    pub fn read(cx: &mut Cx<'_>, year: i32) -> Result<Self> {
        let region = cx.region().to_owned();
        let mut entries: HashMap<(Id, Id), Vec<cap::Entry>> = HashMap::new();
        for row in scopes::caps(cx.db, &region, year)? {
            entries.entry((row.department_id, row.subject_id)).or_default().push(entry(&row));
        }
        Ok(Self { entries, year, cap: cx.rules.procedure.cap_per_year })
    }

    /// The standing of a department with a subject.
    #[must_use]
    pub fn status(&self, department: Id, subject: Id) -> cap::Status {
        let none = Vec::new();
        cap::status(self.entries.get(&(department, subject)).unwrap_or(&none), self.year, self.cap)
    }
}

/// A ledger row as the rule sees it.
#[must_use]
pub fn entry(row: &CapEntry) -> cap::Entry {
    cap::Entry {
        date: row.on_day,
        visit: row.visit_id.unwrap_or(row.id).to_string(),
        // What does not count has a cause; one this program does not know is taken as another urgent one.
        exemption: (!row.counted).then(|| Exemption::parse(&row.cause).unwrap_or(Exemption::Urgent)),
        cancelled: false,
    }
}

/// Computes the pool of an inspection that is confirmed, outside any transaction.
///
/// # Errors
/// Not allowed; the state; the operator is among the inspectors; nobody to draw; too few people, each department named.
pub fn prepare(cx: &mut Cx<'_>, key: &Key, id: Id, pool: Id) -> Result<Frozen> {
    let loaded = load_for(cx, id, Action::OperateDraw)?;
    next(loaded.state()?, Act::FreezePool).map_err(refused)?;
    if loaded.inspection.window_to < cx.today() {
        return Err(Error::refused("window_past", "检查时段已经过去,请退回修改日期"));
    }
    let whole = full(cx, loaded.clone())?;
    let universe = Universe::read(cx)?;
    let content = content(cx, &loaded, &whole, &universe)?;
    let subjects = SubjectPool::new(content.members()?).map_err(|f| super::faults(&f, ""))?;
    if subjects.is_empty() {
        return Err(Error::refused("nobody", "没有符合条件的检查对象,请退回修改范围"));
    }
    if content.excluded.len() == subjects.len() {
        return Err(Error::refused("nobody", "所有检查对象都已达频次上限或没有适用事项,无从抽取"));
    }
    let salt = PoolKey::new(derive(key, Purpose::Subjects, pool));
    let root = hex::encode(subjects.root(&salt));
    InspectorPool::new(content.people()?).map_err(|f| super::faults(&f, ""))?;
    Ok(Frozen { inspection: id, seen: loaded.inspection.version, content, root, as_of: cx.now })
}

fn content(cx: &mut Cx<'_>, loaded: &Loaded, whole: &Full, universe: &Universe) -> Result<Content> {
    let i = &loaded.inspection;
    let departments = loaded.taking_part();
    let filter = doc(&i.filter)?;
    let ids: Vec<Id> =
        whole.items.iter().filter(|x| departments.contains(&x.department_id)).map(|x| x.item_id).collect();
    let items = scopes::items(cx.db, &ids)?;
    let stale: Vec<&str> = items
        .iter()
        .filter(|item| {
            !crate::domain::item::State::parse(&item.state)
                .is_some_and(crate::domain::item::State::may_inspect)
        })
        .map(|item| item.name.as_str())
        .collect();
    if !stale.is_empty() {
        return Err(Error::refused(
            "not_published",
            format!("这些事项已停用或未公示,不得检查:{};请相关部门更换", stale.join("、")),
        ));
    }
    let ledger = Ledger::read(cx, i.window_from.year())?;
    let mut content = Content::default();
    let applicable_items = Applicable::new(&items);
    for subject in universe.matching(&filter) {
        let token = subject_token(&subject.key, &subject.uscc);
        let applicable: Vec<&Item> = applicable_items.to(subject).collect();
        if applicable.is_empty() {
            content.excluded.push((token.clone(), NO_ITEM.to_owned()));
        } else if applicable
            .iter()
            .all(|item| item.mode == "on_site" && !ledger.status(item.department_id, subject.id).allows(None))
        {
            content.excluded.push((token.clone(), CAP.to_owned()));
        }
        content.subjects.push(Member {
            subject: subject.id,
            token,
            stratum: pools::stratum(&subject.credit),
            attrs: attrs(subject),
        });
    }
    people(cx, loaded, whole, universe, &departments, &mut content)?;
    content.rules = rules(whole, universe, &items, &departments);
    Ok(content)
}

/// Fills in the inspectors and those left out, and refuses where a department cannot send its people.
fn people(
    cx: &mut Cx<'_>,
    loaded: &Loaded,
    whole: &Full,
    universe: &Universe,
    departments: &[Id],
    content: &mut Content,
) -> Result<()> {
    let i = &loaded.inspection;
    let directory = scopes::inspectors(cx.db, departments)?;
    let ids: Vec<Id> = directory.iter().map(|p| p.id).collect();
    let certificates = scopes::certificates(cx.db, &ids)?;
    let leaves = scopes::leaves(cx.db, &ids)?;
    let recusals = scopes::recusals(cx.db, &ids)?;
    let tokens: HashMap<Id, &str> = content.subjects.iter().map(|m| (m.subject, m.token.as_str())).collect();
    let mut barred = operators(cx, i.id)?;
    barred.extend(cx.actor.inspector);
    let (mut inside, mut left_out) = (Vec::new(), Vec::new());
    for p in &directory {
        let named: Vec<Id> = whole
            .people
            .iter()
            .filter(|n| n.department_id == p.department_id)
            .map(|n| n.inspector_id)
            .collect();
        let own: Vec<_> = certificates.iter().filter(|c| c.inspector_id == p.id).collect();
        let valid = |c: &&crate::store::inspectors::Certificate| {
            c.valid_from.is_none_or(|d| d <= i.window_to) && c.valid_to.is_none_or(|d| d >= i.window_from)
        };
        let quals: Vec<String> = own.iter().copied().filter(valid).map(|c| token(&c.qual)).collect();
        let away = leaves
            .iter()
            .any(|l| l.inspector_id == p.id && l.from_day <= i.window_from && l.to_day >= i.window_to);
        let why = if p.expert {
            Some(("expert", "专家不计入执法检查人员"))
        } else if p.state != "active" {
            Some(("not_active", "已停用"))
        } else if !named.is_empty() && !named.contains(&p.id) {
            Some(("not_named", "本部门未将其列入本次人员"))
        } else if barred.contains(&p.id) {
            Some(("operator", "抽取操作人不得参加本次检查"))
        } else if (own.is_empty() && p.cert_no.is_empty()) || (!own.is_empty() && quals.is_empty()) {
            Some(("certificate", "检查时段内没有有效的执法证件"))
        } else if away {
            Some(("leave", "整个检查时段请假"))
        } else {
            None
        };
        if let Some((code, text)) = why {
            left_out.push(LeftOut {
                inspector: p.id,
                department: p.department_id,
                code: code.to_owned(),
                text: text.to_owned(),
            });
            continue;
        }
        let sorted = |mut list: Vec<String>| {
            list.sort_unstable();
            list.dedup();
            list
        };
        let recused = recusals.iter().filter(|r| r.inspector_id == p.id);
        let unit = universe.departments.iter().find(|d| d.id == p.department_id);
        inside.push((
            p.department_id,
            Inspector {
                unit: token(unit.map_or("", |d| &d.code)),
                id: token(&p.code),
                lead: p.can_lead,
                cap: 0,
                quals: sorted(quals),
                recused: sorted(
                    recused.filter_map(|r| tokens.get(&r.subject_id).map(|t| (*t).to_owned())).collect(),
                ),
            },
        ));
    }
    if let Some(own) = cx.actor.inspector
        && directory.iter().any(|p| p.id == own)
    {
        return Err(Error::refused(
            "operator_is_inspector",
            "您是本次参与部门名录库中的执法检查人员,不得操作本次抽取,请由他人操作",
        ));
    }
    short(whole, departments, &inside, &left_out, universe)?;
    content.inspectors = inspector_rows(&inside.into_iter().map(|p| p.1).collect::<Vec<_>>());
    content.left_out = left_out;
    Ok(())
}

/// Refuses when a department cannot send as many people as it must (行政处罚法第四十二条), naming all of them.
fn short(
    whole: &Full,
    departments: &[Id],
    inside: &[(Id, Inspector)],
    left_out: &[LeftOut],
    universe: &Universe,
) -> Result<()> {
    let mut faults = Vec::new();
    for id in departments {
        let has = inside.iter().filter(|p| p.0 == *id).count();
        let needs = whole
            .participants
            .iter()
            .find(|p| p.department_id == *id)
            .map_or(whole.inspection.people_per_department, |p| p.people);
        let needs = usize::try_from(needs).unwrap_or(0);
        if has < needs {
            let name = universe.departments.iter().find(|d| d.id == *id).map_or("", |d| d.name.as_str());
            let mut why: BTreeMap<&str, usize> = BTreeMap::new();
            for p in left_out.iter().filter(|p| p.department == *id) {
                *why.entry(p.text.as_str()).or_default() += 1;
            }
            let why: Vec<String> = why.into_iter().map(|(text, n)| format!("{text}{n}人")).collect();
            let why = if why.is_empty() { String::new() } else { format!("(另有{})", why.join("、")) };
            faults.push(format!("“{name}”须派{needs}人,可派{has}人{why}"));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "people_short",
        format!("人员不足,无法组成检查组:{};请补充人员、启用后备库,或请相邻部门支援", faults.join(";")),
    ))
}

fn rules(whole: &Full, universe: &Universe, items: &[Item], departments: &[Id]) -> String {
    let i = &whole.inspection;
    let name = |id: &Id| {
        universe.departments.iter().find(|d| d.id == *id).map_or("", |d: &Department| d.name.as_str())
    };
    let mut text = format!(
        "联合抽查 {}\n名称 {}\n领域 {}\n发起部门 {}\n检查时段 {} 至 {}\n范围 {}\n数量 {}\n",
        i.number,
        i.name,
        i.field,
        name(&i.department_id),
        i.window_from,
        i.window_to,
        i.filter.0,
        i.quota.0
    );
    for department in departments {
        for item in items.iter().filter(|item| item.department_id == *department) {
            text.push_str(&format!("事项 {}:{} {}\n", name(department), item.code, item.name));
        }
    }
    text
}

/// Writes a pool that was computed: the inspection's lists are fixed from now on.
///
/// # Errors
/// Not allowed; the state; the inspection changed since.
pub fn freeze(cx: &mut Cx<'_>, id: Id, frozen: &Frozen) -> Result<Shown> {
    inspections::lock(cx.db, frozen.inspection)?;
    let loaded = load_for(cx, frozen.inspection, Action::OperateDraw)?;
    let state = loaded.state()?;
    next(state, Act::FreezePool).map_err(refused)?;
    if loaded.inspection.version != frozen.seen {
        return Err(Error::wrong_state(state.as_str(), "联合抽查在锁定过程中被修改,请重试"));
    }
    let content = serde_json::to_vec(&frozen.content).map_err(|e| Error::internal(&e))?;
    let pool = Pool {
        id,
        region: loaded.inspection.region.clone(),
        inspection_id: frozen.inspection,
        place: draw_pools::count(cx.db, frozen.inspection)? + 1,
        as_of: At(frozen.as_of),
        content,
        size: i64::try_from(frozen.content.subjects.len()).unwrap_or(i64::MAX),
        excluded: i64::try_from(frozen.content.excluded.len()).unwrap_or(i64::MAX),
        root: frozen.root.clone(),
        created_by: cx.user()?,
        created_at: At(cx.now),
        released_at: None,
    };
    step(cx, &loaded.inspection, Act::FreezePool)?;
    draw_pools::insert(cx.db, &pool)?;
    cx.journal(Event::new(
        "pool_frozen",
        "inspection",
        frozen.inspection,
        json!({
            "pool": pool.id.to_string(), "root": pool.root, "subjects": pool.size, "excluded": pool.excluded,
            "inspectors": frozen.content.inspectors.len(), "left_out": frozen.content.left_out.len(),
        }),
    ))?;
    Ok(Shown { pool, content: frozen.content.clone() })
}

/// The pool of an inspection that is in use.
///
/// # Errors
/// Not visible; there is none.
pub fn current(cx: &mut Cx<'_>, inspection: Id) -> Result<Shown> {
    load_for(cx, inspection, Action::ViewDraw)?;
    let pool = draw_pools::current(cx.db, inspection)?.ok_or(Error::NotFound("抽取名单"))?;
    let content = Content::of(&pool)?;
    Ok(Shown { pool, content })
}

/// Gives the frozen pool up, after an attempt was aborted or before any was opened: items, people and scope can be
/// changed again.
///
/// # Errors
/// Not allowed; the state; a draw is open.
pub fn release(cx: &mut Cx<'_>, inspection: Id, reason: &str) -> Result<()> {
    inspections::lock(cx.db, inspection)?;
    let loaded = load_for(cx, inspection, Action::OperateDraw)?;
    next(loaded.state()?, Act::ReleasePool).map_err(refused)?;
    let mut faults = crate::error::Faults::default();
    let reason = faults.text("/reason", reason, true, 500);
    faults.done()?;
    if let Some(open) = draws::of(cx.db, inspection)?.into_iter().find(|d| d.state != "aborted") {
        return Err(Error::Refused {
            code: "draw_open",
            text: "本名单上的抽取尚未作废,请先作废再解除锁定".to_owned(),
            state: Some(open.state),
        });
    }
    let pool = draw_pools::current(cx.db, inspection)?.ok_or(Error::NotFound("抽取名单"))?;
    step(cx, &loaded.inspection, Act::ReleasePool)?;
    draw_pools::release(cx.db, pool.id, At(cx.now))?;
    cx.journal(
        Event::new(
            "pool_released",
            "inspection",
            inspection,
            json!({ "pool": pool.id.to_string(), "root": pool.root }),
        )
        .private(json!({ "reason": reason })),
    )?;
    Ok(())
}
