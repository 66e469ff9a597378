//! Verification of a bundle: a pure function from bytes to a list of statements, each verified, failed or noted.
//!
//! What anybody can check needs the bundle only; an auditor adds the list of subjects with its pool key; one business
//! asks [`check::explain`] why it was or was not drawn (VDR/1 section 2.12).

pub mod check;
mod extras;
mod journal;
mod outcome;
mod part;
pub mod trust;

pub use outcome::PartOutcome;
pub use part::Parsed;
pub(in crate::domain::draw) use part::policy_faults;

use super::bundle::{Audit, Bundle, Part};
use super::fault::Fault;
use super::replay::Standing;

/// How a statement came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Checked and right.
    Verified,
    /// Checked and wrong.
    Failed,
    /// Not checkable here, or worth knowing; does not spoil the verdict.
    Note,
}

/// One statement about a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// How it came out.
    pub status: Status,
    /// Stable code.
    pub code: &'static str,
    /// A Chinese sentence.
    pub text: String,
}

/// The whole verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything there is to check holds, and the draw is finished.
    Verified,
    /// Nothing is wrong, but the draw is not finished or its outcome is still under embargo.
    Unfinished,
    /// Something is wrong.
    Failed,
}

/// The answer of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Statements in the order of the checks.
    pub statements: Vec<Statement>,
    /// Whether the draw has ended (result, and publication where the policy asks for it, or abort).
    pub finished: bool,
    /// The recomputed outcome, when it could be computed.
    pub outcome: Option<Box<PartOutcome>>,
}

impl Report {
    /// The verdict of all statements.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.statements.iter().any(|s| s.status == Status::Failed) {
            Verdict::Failed
        } else if self.finished {
            Verdict::Verified
        } else {
            Verdict::Unfinished
        }
    }

    /// Whether a statement with this code failed.
    #[must_use]
    pub fn failed(&self, code: &str) -> bool {
        self.statements.iter().any(|s| s.status == Status::Failed && s.code == code)
    }

    pub(super) fn put(&mut self, status: Status, code: &'static str, text: impl Into<String>) {
        self.statements.push(Statement { status, code, text: text.into() });
    }

    pub(super) fn ok(&mut self, code: &'static str, text: impl Into<String>) {
        self.put(Status::Verified, code, text);
    }

    pub(super) fn fail(&mut self, code: &'static str, text: impl Into<String>) {
        self.put(Status::Failed, code, text);
    }

    pub(super) fn note(&mut self, code: &'static str, text: impl Into<String>) {
        self.put(Status::Note, code, text);
    }

    pub(super) fn faults(&mut self, label: &str, faults: Vec<Fault>) {
        for f in faults {
            self.fail(f.code, format!("{label}{}", f.text));
        }
    }

    /// Verified when `holds`, else failed.
    pub(super) fn check(&mut self, holds: bool, code: &'static str, right: String, wrong: String) -> bool {
        if holds {
            self.ok(code, right);
        } else {
            self.fail(code, wrong);
        }
        holds
    }
}

/// Parses and recomputes one part; what is wrong goes to `report`.
pub(super) fn replay_part(
    report: &mut Report,
    part: &Part,
    before: &Standing,
) -> Option<(Parsed, PartOutcome)> {
    let parsed = part::parse(report, "", part)?;
    part::commitments(report, "", &parsed);
    let found = outcome::outcome(report, "", part, &parsed, before)?;
    Some((parsed, found))
}

/// Verifies the bytes of a bundle. `audit` is the auditor's list, which then also replaces the bundle's own.
/// Never panics on hostile bytes.
#[must_use]
pub fn verify_bytes(bytes: &[u8], audit: Option<&Audit>) -> Report {
    match Bundle::parse(bytes) {
        Ok(bundle) => verify(&bundle, audit),
        Err(fault) => {
            let mut report = Report::default();
            report.fail(fault.code, fault.text);
            report
        }
    }
}

/// Verifies a bundle.
#[must_use]
pub fn verify(bundle: &Bundle, audit: Option<&Audit>) -> Report {
    let mut report = Report::default();
    if bundle.form.is_some() {
        report.ok("bundle_sum", "文件逐字节与校验和一致");
    }
    let mut standing = Standing::default();
    let parts: Vec<Part> = bundle.history.iter().cloned().chain([bundle.part()]).collect();
    let last = parts.len() - 1;
    let mut parsed_all = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let label = if i == last { String::new() } else { format!("[前序抽取{}] ", i + 1) };
        let Some(parsed) = part::parse(&mut report, &label, part) else { continue };
        part::commitments(&mut report, &label, &parsed);
        if let Some(found) = outcome::outcome(&mut report, &label, part, &parsed, &standing) {
            if parsed.result.is_some() {
                standing = found.after.clone();
            }
            if i == last {
                report.outcome = Some(Box::new(found));
            }
        } else if i != last && parsed.abort.is_none() {
            report.note("history_unknown", format!("{label}结果无法重算,后续轮次的可抽人数可能无法核对"));
        }
        parsed_all.push((label, parsed));
    }
    if parsed_all.len() == parts.len()
        && let Some((_, current)) = parsed_all.last()
    {
        report.finished = current.abort.is_some()
            || match current.open.publish_by {
                None => current.result.is_some(),
                Some(_) => current.publish.is_some(),
            };
        extras::rules_document(&mut report, bundle, current);
        extras::audit(&mut report, audit.or(bundle.audit.as_ref()), current);
        let found = report.outcome.take();
        extras::derived(&mut report, bundle.derived.as_ref(), current, found.as_deref());
        report.outcome = found;
        if !report.finished {
            report.note("unfinished", current.next_step());
        }
    }
    journal::log(&mut report, bundle, &parsed_all);
    report
}
