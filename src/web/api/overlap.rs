//! The overlap board.

use super::inspections::{DrawRulesBody, InspectionView, QuotaBody, ScopeBody};
use crate::domain::overlap::Proposal;
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::overlap::{self, Accept, Shown};
use crate::web::call::Call;
use crate::web::reply::{Answer, Reply};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most subjects a list of the board names; the counts are of all.
const NAMED: usize = 500;

/// Which year.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OverlapQuery {
    /// Calendar year.
    #[param(minimum = 2000, maximum = 2200)]
    pub year: i32,
}

/// A department on the board.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardDepartment {
    /// Identifier.
    pub id: Id,
    /// 部门编码.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A plan entry or an inspection that is not drawn yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardEntry {
    /// Identifier on the board.
    pub id: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department_id: Id,
    /// The plan entry.
    pub plan_entry_id: Option<Id>,
    /// The inspection.
    pub inspection_id: Option<Id>,
}

/// A field of the matrix.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardCell {
    /// 部门编码.
    pub department: String,
    /// Subjects its entries are about.
    pub subjects: u64,
    /// Of these, those it has no planned check left for.
    pub at_cap: u64,
}

/// A row of the matrix.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardRow {
    /// 检查对象类型.
    pub kind: String,
    /// Subjects of the type.
    pub subjects: u64,
    /// Hit by two or more departments.
    pub shared: u64,
    /// By department.
    pub cells: Vec<BoardCell>,
}

/// A subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardSubject {
    /// Identifier.
    pub id: Id,
    /// Credit code or registration number.
    pub key: String,
    /// Name.
    pub name: String,
}

/// A subject hit by two or more departments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardHit {
    /// The subject.
    pub subject: BoardSubject,
    /// 部门编码.
    pub departments: Vec<String>,
}

/// Items that are one, in several entries.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardEquivalent {
    /// 等价组.
    pub group: String,
    /// The items.
    pub items: Vec<String>,
}

/// Entries worth joining.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardProposal {
    /// Entries of the board.
    pub entries: Vec<String>,
    /// 部门编码.
    pub departments: Vec<String>,
    /// Subjects all of them are about.
    pub subjects: u64,
    /// Visits if each goes by itself.
    pub separate: u64,
    /// Visits if they go together.
    pub joint: u64,
    /// Visits avoided.
    pub avoided: u64,
    /// Items that would be checked once instead of several times.
    pub equivalent: Vec<BoardEquivalent>,
    /// Pairs of department and subject without a planned check left.
    pub at_cap: u64,
    /// In words.
    pub text: String,
}

impl From<Proposal> for BoardProposal {
    fn from(p: Proposal) -> Self {
        let avoided = p.avoided();
        let text = format!(
            "合并为一次联合抽查:{}个部门,共同对象{}户,{}次入企减为{}次,少入企{avoided}次",
            p.departments.len(),
            p.subjects.len(),
            p.separate,
            p.joint
        );
        Self {
            entries: p.entries,
            departments: p.departments,
            subjects: p.subjects.len() as u64,
            separate: p.separate,
            joint: p.joint,
            avoided,
            equivalent: p
                .equivalent
                .into_iter()
                .map(|e| BoardEquivalent {
                    group: e.group,
                    items: e.items.into_iter().map(|i| i.1).collect(),
                })
                .collect(),
            at_cap: p.at_cap,
            text,
        }
    }
}

/// Entries that share subjects and cannot be joined as they are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardBlocked {
    /// One entry.
    pub a: String,
    /// The other.
    pub b: String,
    /// Subjects both are about.
    pub subjects: u64,
    /// Stable codes of what is in the way.
    pub codes: Vec<String>,
    /// The same in words.
    pub texts: Vec<String>,
}

/// The board.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardView {
    /// Year.
    pub year: i32,
    /// What the entries are.
    pub entries: Vec<BoardEntry>,
    /// The departments.
    pub departments: Vec<BoardDepartment>,
    /// Subject types against departments.
    pub matrix: Vec<BoardRow>,
    /// Subjects hit by two or more departments, most departments first; the first 500.
    pub hits: Vec<BoardHit>,
    /// All of them.
    pub hits_total: u64,
    /// Entries worth joining, most visits avoided first.
    pub proposals: Vec<BoardProposal>,
    /// Entries that cannot be joined as they are.
    pub blocked: Vec<BoardBlocked>,
    /// Entries that are about nobody.
    pub empty: Vec<String>,
}

fn view(shown: Shown, year: i32) -> BoardView {
    let Shown { board, directory, entries, departments } = shown;
    let subject = |place: usize| {
        let s = &directory.universe.subjects[place];
        BoardSubject { id: s.id, key: s.key.clone(), name: s.name.clone() }
    };
    BoardView {
        year,
        entries: entries
            .into_iter()
            .map(|e| BoardEntry {
                id: e.id,
                name: e.name,
                department_id: e.department,
                plan_entry_id: e.plan,
                inspection_id: e.inspection,
            })
            .collect(),
        departments: departments
            .into_iter()
            .map(|(code, (id, name))| BoardDepartment { id, code, name })
            .collect(),
        matrix: board
            .matrix
            .into_iter()
            .map(|(kind, row)| BoardRow {
                kind,
                subjects: row.subjects,
                shared: row.shared,
                cells: row
                    .cells
                    .into_iter()
                    .map(|(department, c)| BoardCell { department, subjects: c.subjects, at_cap: c.at_cap })
                    .collect(),
            })
            .collect(),
        hits_total: board.hits.len() as u64,
        hits: board
            .hits
            .into_iter()
            .take(NAMED)
            .map(|h| BoardHit {
                subject: subject(h.subject),
                departments: h.departments.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        proposals: board.proposals.into_iter().map(Into::into).collect(),
        blocked: board
            .blocked
            .into_iter()
            .map(|b| BoardBlocked {
                codes: b.obstacles.iter().map(|o| o.code().to_owned()).collect(),
                texts: b.obstacles.iter().map(|o| o.text().to_owned()).collect(),
                a: b.a,
                b: b.b,
                subjects: b.subjects,
            })
            .collect(),
        empty: board.empty,
    }
}

/// `GET /api/v1/overlap`
///
/// # Errors
/// Not allowed.
pub fn board(cx: &mut Cx<'_>, (): (), query: OverlapQuery) -> Result<Reply<BoardView>> {
    Ok(Reply::ok(view(overlap::board(cx, query.year)?, query.year)))
}

/// What is made of a proposal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverlapAccept {
    /// Plan entries to join.
    pub entries: Vec<Id>,
    /// Name of the inspection.
    pub name: String,
    /// Who leads; absent: the department that comes first.
    #[serde(default)]
    pub lead_department_id: Option<Id>,
    /// Scope; absent: the subjects all entries are about.
    #[serde(default)]
    pub filter: Option<ScopeBody>,
    /// How many; absent: as many as the entry with the most visits.
    #[serde(default)]
    pub quota: Option<QuotaBody>,
    /// How subjects are drawn.
    #[serde(default)]
    pub draw: Option<DrawRulesBody>,
}

/// `POST /api/v1/overlap/accept`
///
/// # Errors
/// Not allowed; entries that cannot be joined.
pub fn accept(call: &Call, (): (), body: OverlapAccept) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let accept = Accept {
        entries: body.entries,
        name: body.name,
        lead: body.lead_department_id,
        filter: body.filter.as_ref().map(ScopeBody::filter).transpose()?,
        quota: body.quota.as_ref().map(QuotaBody::quota).transpose()?,
        draw: DrawRulesBody::rules(body.draw.as_ref()),
    };
    let joined = call.read(|cx| overlap::prepare(cx, &accept))?;
    call.write(move |cx| Reply::<InspectionView>::made(overlap::accept(cx, &joined)?, "/api/v1/inspections"))
}
