//! What a pool is made of: subjects, those that cannot be drawn, inspectors, those left out.

use super::ledger::Ledger;
use super::{CAP, Content, LeftOut, Member, NO_ITEM};
use crate::domain::draw::bundle::inspector_rows;
use crate::domain::draw::pool::Inspector;
use crate::domain::item;
use crate::domain::planning::token;
use crate::domain::registry::ItemDetails;
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::eligible::Universe;
use crate::service::inspections::parts::operators;
use crate::service::inspections::{Full, Loaded, doc};
use crate::service::pools;
use crate::store::departments::Department;
use crate::store::items::Item;
use crate::store::scopes::{self, Fact, Particulars};
use chrono::Datelike;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

pub(super) fn content(
    cx: &mut Cx<'_>,
    loaded: &Loaded,
    whole: &Full,
    universe: &Universe,
) -> Result<Content> {
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
    let particulars = scopes::particulars(cx.db, &i.region)?;
    let nothing = Particulars::default();
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
            attrs: attrs(subject, particulars.get(&subject.id).unwrap_or(&nothing)),
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

fn attrs(s: &Fact, p: &Particulars) -> String {
    let mut hash = Sha256::new();
    for field in [&s.name, &s.kind, &p.division, &s.town, &p.address, &s.industry, &s.industry_name] {
        hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// The token of a subject (VDR/1 section 2.1).
#[must_use]
pub fn subject_token(key: &str, uscc: &str) -> String {
    if uscc.is_empty() { token(&format!("R:{key}")) } else { token(uscc) }
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
