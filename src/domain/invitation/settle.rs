//! What the answers of all partners mean for a joint inspection.

use super::State;
use serde::{Deserialize, Serialize};

/// An invitation as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// Department.
    pub department: String,
    /// Its answer.
    pub state: State,
    /// Whether the inspection makes no sense without it (it alone checks what the inspection is about).
    pub required: bool,
}

/// Why an inspection cannot go on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Blocker {
    /// A department without which it makes no sense declined or was withdrawn.
    RequiredMissing {
        /// Department.
        department: String,
    },
    /// Proposed dates wait for the initiator's decision.
    DatesProposed {
        /// Department.
        department: String,
    },
    /// The answer is overdue; the coordination office decides.
    Escalated {
        /// Department.
        department: String,
    },
    /// Nobody takes part but the initiator: not a joint inspection.
    NobodyJoins,
}

impl Blocker {
    /// Stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RequiredMissing { .. } => "required_missing",
            Self::DatesProposed { .. } => "dates_proposed",
            Self::Escalated { .. } => "escalated",
            Self::NobodyJoins => "nobody_joins",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::RequiredMissing { department } => {
                format!("必要的配合部门“{department}”未参加;请再次邀请、请协调办协调,或终止")
            }
            Self::DatesProposed { department } => format!("“{department}”提议改期;请同意或维持原定日期"),
            Self::Escalated { department } => {
                format!("“{department}”逾期未答复;请协调办催办、延期或撤回邀请")
            }
            Self::NobodyJoins => "没有部门接受邀请,不成为联合抽查;请另邀部门,或改为本部门抽查".to_owned(),
        }
    }
}

/// What the answers come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Settled {
    /// Some answers are still to come, and nothing stands in the way.
    Inviting {
        /// Departments that have not answered.
        waiting: Vec<String>,
    },
    /// All have answered and enough take part.
    Confirmed {
        /// Departments that take part besides the initiator.
        partners: Vec<String>,
    },
    /// Somebody must decide; all reasons are listed.
    Blocked {
        /// Why.
        blockers: Vec<Blocker>,
        /// Departments that have not answered.
        waiting: Vec<String>,
    },
}

/// Settles the answers; every list is sorted by department. An optional partner that declined simply stays away.
#[must_use]
pub fn settle(invitations: &[Invited]) -> Settled {
    let mut sorted: Vec<&Invited> = invitations.iter().collect();
    sorted.sort_by(|a, b| a.department.cmp(&b.department));
    let (mut waiting, mut partners, mut blockers) = (Vec::new(), Vec::new(), Vec::new());
    for invited in sorted {
        let department = invited.department.clone();
        match invited.state {
            State::Pending => waiting.push(department),
            State::Accepted => partners.push(department),
            State::Rescheduled => blockers.push(Blocker::DatesProposed { department }),
            State::Escalated => blockers.push(Blocker::Escalated { department }),
            State::Declined | State::Withdrawn if invited.required => {
                blockers.push(Blocker::RequiredMissing { department });
            }
            State::Declined | State::Withdrawn => {}
        }
    }
    if waiting.is_empty() && partners.is_empty() && blockers.is_empty() {
        blockers.push(Blocker::NobodyJoins);
    }
    if !blockers.is_empty() {
        Settled::Blocked { blockers, waiting }
    } else if waiting.is_empty() {
        Settled::Confirmed { partners }
    } else {
        Settled::Inviting { waiting }
    }
}
