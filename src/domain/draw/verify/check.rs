//! Why one business was or was not drawn.

use super::outcome::PartOutcome;
use super::part::Parsed;
use super::{Report, Status, Verdict, verify};
use crate::domain::draw::bundle::{Audit, Bundle, WinnerOpening};
use crate::domain::draw::fault::{Fault, fault};
use crate::domain::draw::lots::{self, SUBJECT};
use crate::domain::draw::pool::SubjectPool;

/// How a business came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Drawn in this round.
    Drawn,
    /// Drawn in an earlier round.
    DrawnBefore,
    /// In the pool, eligible, lot above the limit.
    NotDrawn,
    /// In the pool, excluded by the list.
    Excluded,
    /// In the pool, but its stratum takes no part.
    OutOfScope,
    /// Not in the pool (the auditor's list shows it).
    NotInPool,
    /// Not among the drawn, all of whom are public; whether it is in the pool is not known here.
    NotListed,
}

/// The answer for one business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// How it came out.
    pub fate: Fate,
    /// Number in the pool, if it is in.
    pub number: Option<u64>,
    /// Its lot, 32 hex digits.
    pub ticket: Option<String>,
    /// Its sort key (lot divided by weight), 32 hex digits.
    pub key: Option<String>,
    /// The limit of its stratum, 32 hex digits.
    pub limit: Option<String>,
    /// A Chinese sentence.
    pub text: String,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// By identifier; needs an opening in the bundle or the auditor's list.
    Id(String),
    /// By number.
    Number(u64),
    /// By the disclosure the business got before the draw.
    Disclosure(Box<WinnerOpening>),
}

/// Verifies a bundle and explains one business's fate.
///
/// # Errors
/// The bundle does not verify; the outcome is not known yet; a disclosure that does not open the pool; a number
/// beyond the pool.
pub fn explain(
    bundle: &Bundle,
    audit: Option<&Audit>,
    asked: &Asked,
) -> Result<(Report, Explanation), Fault> {
    let report = verify(bundle, audit);
    if report.verdict() == Verdict::Failed {
        let why: Vec<&str> = report
            .statements
            .iter()
            .filter(|s| s.status == Status::Failed)
            .map(|s| s.text.as_str())
            .collect();
        return Err(fault!("bundle_failed", "抽取包验证不通过,不能据以回答:{}", why.join(";")));
    }
    let mut scratch = Report::default();
    let parsed = super::part::parse(&mut scratch, "", &bundle.part())
        .ok_or_else(|| fault!("records", "抽取包中的记录不完整"))?;
    let Some(outcome) = report.outcome.as_deref() else {
        return Err(fault!("no_outcome", "{}", parsed.next_step()));
    };
    let explanation = answer(&parsed, outcome, audit.or(bundle.audit.as_ref()), asked)?;
    Ok((report, explanation))
}

fn answer(
    p: &Parsed,
    outcome: &PartOutcome,
    audit: Option<&Audit>,
    asked: &Asked,
) -> Result<Explanation, Fault> {
    let number = match asked {
        Asked::Number(number) => *number,
        Asked::Disclosure(opening) => {
            let disclosure = opening.disclosure()?;
            disclosure.check(&p.subjects)?;
            disclosure.number
        }
        Asked::Id(id) => {
            let opened = outcome.after.ids.iter().find(|(_, known)| *known == id).map(|(n, _)| *n);
            match (opened, audit) {
                (Some(number), _) => number,
                // All the drawn are opened, so whoever is not among them is not drawn.
                (None, None) => {
                    return Ok(Explanation {
                        fate: Fate::NotListed,
                        number: None,
                        ticket: None,
                        key: None,
                        limit: None,
                        text: format!(
                            "{id}不在公开的抽中名单中:未被抽中。如需核对它在名录中的编号和号码,请用抽取前发给该企业的\
                             编号材料(--disclosure),或由审计方提供名单(--list)"
                        ),
                    });
                }
                (None, Some(audit)) => {
                    let pool = audit.subjects().map_err(|f| vec![f]).and_then(SubjectPool::new);
                    let pool = pool.map_err(|f| fault!("audit", "审计名单有误:{}", f[0]))?;
                    match pool.number_of(id) {
                        Some(number) => number,
                        None => {
                            return Ok(Explanation {
                                fate: Fate::NotInPool,
                                number: None,
                                ticket: None,
                                key: None,
                                limit: None,
                                text: format!("{id}不在本次名录中(名单已与名录承诺核对)"),
                            });
                        }
                    }
                }
            }
        }
    };
    explain_number(p, outcome, number)
}

fn explain_number(p: &Parsed, outcome: &PartOutcome, number: u64) -> Result<Explanation, Fault> {
    let group = p
        .subjects
        .group_of(number)
        .ok_or_else(|| fault!("number_beyond", "编号{number}超出名录(共{}户)", p.subjects.count))?;
    let key = lots::expand(&outcome.selection.seed, SUBJECT, &p.open.list, "");
    let ticket = lots::lot(&key, 0, number);
    let sort_key = ticket / u128::from(group.weight.max(1));
    let hex = |n: u128| format!("{n:032x}");
    let stratum = p.open.strata.iter().position(|s| s.code == group.code);
    let limit = stratum.and_then(|i| outcome.selection.limits[i]);
    let weight = if group.weight > 1 {
        format!(",除以权重{}得{}", group.weight, hex(sort_key))
    } else {
        String::new()
    };
    let facts = format!("编号{number}(层{}),号码{}{weight}", group.code, hex(ticket));
    let winner = outcome.selection.winners.iter().find(|w| w.number == number);
    let excluded = p.excluded.iter().find(|e| e.number == number);
    let (fate, text) = if let Some(w) = winner {
        let bound = limit.map_or_else(String::new, hex);
        (Fate::Drawn, format!("{facts},为该层第{}小,不超过界限{bound}:被抽中", w.rank))
    } else if let Some(e) = excluded {
        (Fate::Excluded, format!("{facts};已列入排除名单(原因{}),不参加抽取", e.reason))
    } else if outcome.after.drawn.binary_search(&number).is_ok() {
        (Fate::DrawnBefore, format!("{facts};在前一轮已被抽中,本轮不再参加"))
    } else if stratum.is_none() {
        (Fate::OutOfScope, format!("{facts};该层不在本次抽取范围"))
    } else {
        let bound = limit.map_or_else(|| "该层不抽".to_owned(), |l| format!("大于界限{}", hex(l)));
        (Fate::NotDrawn, format!("{facts},{bound}:未被抽中"))
    };
    Ok(Explanation {
        fate,
        number: Some(number),
        ticket: Some(hex(ticket)),
        key: Some(hex(sort_key)),
        limit: limit.map(hex),
        text,
    })
}
