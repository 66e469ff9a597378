//! A county's directories as the pools of a draw, and what a plan entry asks of them.

use crate::domain::draw::fault::Fault;
use crate::domain::draw::pool::{Inspector, InspectorPool, Subject, SubjectPool};
use crate::domain::draw::record::Mode;
use crate::domain::draw::session::StratumRule;
use crate::domain::planning::input::{Input, PlanEntry};
use crate::domain::planning::token;
use crate::domain::ratio::{Bound, Ratio, Rule};
use crate::domain::scope::Asked;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

pub use crate::domain::draw::record::Stratum;

/// Stratum of subjects without a credit-risk class.
pub const UNCLASSIFIED: &str = "NONE";

/// The stratum of a subject: its credit-risk class.
#[must_use]
pub fn stratum(credit: &str) -> String {
    if credit.is_empty() { UNCLASSIFIED.to_owned() } else { token(credit) }
}

/// The subjects with these places in the canonical table, as a pool.
///
/// # Errors
/// What the pool refuses.
pub fn subjects(input: &Input, places: impl Iterator<Item = usize>) -> Result<SubjectPool, Vec<Fault>> {
    SubjectPool::new(places.map(|i| {
        let s = &input.subjects[i];
        let mut hash = Sha256::new();
        for field in [&s.name, &s.kind, &s.division, &s.town, &s.address, &s.industry, &s.industry_name] {
            hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(field.as_bytes());
        }
        Subject {
            id: token(&s.token()),
            stratum: stratum(&s.credit),
            weight: 1,
            attrs: hash.finalize().into(),
        }
    }))
}

/// All inspectors and experts, as a pool: unit = department.
///
/// # Errors
/// What the pool refuses.
pub fn inspectors(input: &Input) -> Result<InspectorPool, Vec<Fault>> {
    let mut quals: HashMap<&str, Vec<String>> = HashMap::new();
    for q in &input.qualifications {
        quals.entry(&q.person_id).or_default().push(token(&q.qual));
    }
    let keys: HashMap<&str, String> =
        input.subjects.iter().map(|s| (s.key.as_str(), token(&s.token()))).collect();
    let mut recused: HashMap<&str, Vec<String>> = HashMap::new();
    for r in &input.recusals {
        if let Some(id) = keys.get(r.subject.as_str()) {
            recused.entry(&r.person_id).or_default().push(id.clone());
        }
    }
    InspectorPool::new(input.inspectors.iter().map(|p| {
        let list = |of: &mut HashMap<&str, Vec<String>>| {
            let mut list = of.remove(p.id.as_str()).unwrap_or_default();
            list.sort_unstable();
            list.dedup();
            list
        };
        Inspector {
            unit: token(&p.dept_id),
            id: token(&p.id),
            lead: p.can_lead,
            cap: 0,
            quals: list(&mut quals),
            recused: list(&mut recused),
        }
    }))
}

/// What a plan entry asks for, as the quota lines of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Mode.
    pub mode: Mode,
    /// Total, for the modes with one.
    pub total: u64,
    /// Strata, ascending by code.
    pub strata: Vec<Stratum>,
}

/// The members of a pool as they entered it.
#[must_use]
pub fn members(pool: &SubjectPool) -> Vec<Subject> {
    (0..pool.len() as u64)
        .filter_map(|n| pool.get(n))
        .map(|s| Subject {
            id: s.id.to_owned(),
            stratum: s.stratum.to_owned(),
            weight: s.weight,
            attrs: *s.attrs,
        })
        .collect()
}

/// A quota line as a draft of a draw wants it.
#[must_use]
pub fn rule(s: &Stratum) -> StratumRule {
    StratumRule { code: s.code.clone(), bp: s.bp, lo: s.lo, hi: s.hi, alloc: s.alloc }
}

/// The places in the canonical table of the subjects a plan entry is about.
pub fn matching<'a>(input: &'a Input, plan: &'a PlanEntry) -> impl Iterator<Item = usize> + 'a {
    let any = |list: &[String], value: &str| list.is_empty() || list.iter().any(|x| x == value);
    let prefix =
        |list: &[String], value: &str| list.is_empty() || list.iter().any(|x| value.starts_with(x.as_str()));
    input
        .subjects
        .iter()
        .enumerate()
        .filter(move |(_, s)| {
            any(&plan.kinds, &s.kind)
                && prefix(&plan.industries, &s.industry)
                && any(&plan.towns, &s.town)
                && any(&plan.credits, &s.credit)
        })
        .map(|(i, _)| i)
}

/// Turns a plan's ratios into quotas for the classes present. A class ratio overrides the general one; a share
/// counts for each class by itself, a number for all together, spread by Sainte-Laguë in proportion to the classes.
///
/// # Errors
/// A ratio that says nothing a draw could go by, or more than there are subjects; in words.
pub fn quotas(plan: &PlanEntry, pool: &SubjectPool) -> Result<Quotas, String> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for group in pool.groups() {
        *sizes.entry(group.code.clone()).or_default() += group.count;
    }
    quotas_of(&plan.id, &plan.ratio, &plan.class_ratios, &sizes)
}

/// The quotas of what a joint inspection asks for. Classes that a quota by class does not name are not drawn from.
///
/// # Errors
/// As [`quotas`].
pub fn quotas_asked(name: &str, asked: &Asked, sizes: &BTreeMap<String, u64>) -> Result<Quotas, String> {
    let mut class_ratios = asked.class_ratios.clone();
    if !class_ratios.is_empty() {
        let named: Vec<String> = class_ratios.iter().map(|(c, _)| stratum(c)).collect();
        let nobody = Ratio { text: "0%".to_owned(), rule: Some(Rule::Share { bp: 0, bound: Bound::Exact }) };
        let rest = sizes.keys().filter(|code| !named.contains(code));
        class_ratios.extend(rest.map(|code| (code.clone(), nobody.clone())).collect::<Vec<_>>());
    }
    quotas_of(name, &asked.ratio, &class_ratios, sizes)
}

/// The quotas of a general ratio and ratios of classes, given the sizes of the classes present; `name` is for words.
///
/// # Errors
/// As [`quotas`].
pub fn quotas_of(
    name: &str,
    general: &Ratio,
    class_ratios: &[(String, Ratio)],
    sizes: &BTreeMap<String, u64>,
) -> Result<Quotas, String> {
    let eligible: u64 = sizes.values().sum();
    let own: HashMap<String, &Ratio> = class_ratios.iter().map(|(c, r)| (stratum(c), r)).collect();
    let unclear =
        |ratio: &Ratio| format!("计划{name}的抽查比例“{}”没有可据以抽取的数字,请填写比例或户数", ratio.text);
    let (mut mode, mut total, mut strata) = (Mode::Ratio, 0, Vec::new());
    let by_class = !own.is_empty();
    for (code, n) in sizes {
        let ratio = own.get(code).copied().unwrap_or(general);
        let rule = ratio.rule.ok_or_else(|| unclear(ratio))?;
        let (bp, lo, hi) = match rule {
            Rule::Share { bp, bound: Bound::AtMost } => (0, (n * u64::from(bp)) / 10_000, 0),
            Rule::Share { bp, .. } | Rule::ShareRange { lo_bp: bp, .. } => (u64::from(bp), 0, 0),
            Rule::All => (10_000, 0, 0),
            Rule::AtLeastAndShare { min, bp } => (u64::from(bp), u64::from(min).min(*n), 0),
            Rule::Count { n: count, .. } | Rule::CountRange { lo: count, .. } => {
                if by_class && own.contains_key(code) {
                    (0, u64::from(count).min(*n), 0)
                } else {
                    mode = Mode::Webster;
                    total = u64::from(count).min(eligible);
                    (0, 0, 0)
                }
            }
        };
        strata.push(Stratum { code: code.clone(), eligible: *n, bp, lo, hi, alloc: 1 });
    }
    if mode == Mode::Webster && by_class {
        return Err(format!("计划{name}同时写了总户数和分类比例,请只用一种写法"));
    }
    Ok(Quotas { mode, total, strata })
}
