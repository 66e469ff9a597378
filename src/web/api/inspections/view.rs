//! An inspection as it is shown.

use super::body::{DrawRulesBody, QuotaBody, ScopeBody};
use crate::domain::scope::{Quota, SubjectFilter};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::inspections::eligible::Preview;
use crate::service::inspections::{DrawRules, Full, Origins, doc};
use crate::store::inspections::Inspection;
use crate::web::api::invitations::InvitationView;
use crate::web::reply::versioned;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An inspection in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionSummary {
    /// Identifier.
    pub id: Id,
    /// 编号.
    pub number: String,
    /// Name.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// Initiating department.
    pub department_id: Id,
    /// State.
    pub state: String,
    /// First day of the visits.
    pub window_from: NaiveDate,
    /// Last day, included.
    pub window_to: NaiveDate,
    /// Version.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
}

impl From<Inspection> for InspectionSummary {
    fn from(i: Inspection) -> Self {
        Self {
            id: i.id,
            number: i.number,
            name: i.name,
            field: i.field,
            department_id: i.department_id,
            state: i.state,
            window_from: i.window_from,
            window_to: i.window_to,
            version: i.version,
            created_at: i.created_at.0,
        }
    }
}

/// A department that takes part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParticipantView {
    /// Department.
    pub department_id: Id,
    /// `initiator`, `partner`, or `proposed` while its dates are not agreed.
    pub role: String,
    /// Officers at each visit.
    pub people: i32,
    /// Its items.
    pub items: Vec<Id>,
    /// The people it named; empty: all.
    pub inspectors: Vec<Id>,
}

/// An inspection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionView {
    /// Identifier.
    pub id: Id,
    /// 编号.
    pub number: String,
    /// Name.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// Initiating department.
    pub department_id: Id,
    /// State.
    pub state: String,
    /// Which subjects.
    pub filter: ScopeBody,
    /// How many.
    pub quota: QuotaBody,
    /// First day of the visits.
    pub window_from: NaiveDate,
    /// Last day, included.
    pub window_to: NaiveDate,
    /// Officers of each department at a visit.
    pub people_per_department: i32,
    /// Whether businesses are told.
    pub notice: String,
    /// How subjects are drawn.
    pub draw: DrawRulesBody,
    /// Departments that take part.
    pub participants: Vec<ParticipantView>,
    /// The invitations.
    pub invitations: Vec<InvitationView>,
    /// Plan entries it stands for.
    pub plan_entries: Vec<Id>,
    /// Why it was ended; empty otherwise.
    pub abort_reason: String,
    /// Version, also the ETag.
    pub version: i64,
    /// Created.
    pub created_at: DateTime<Utc>,
    /// Changed.
    pub updated_at: DateTime<Utc>,
}

impl TryFrom<Full> for InspectionView {
    type Error = Error;

    fn try_from(full: Full) -> Result<Self> {
        let i = full.inspection;
        let rules: DrawRules = doc(&i.draw_rules)?;
        let origins: Origins = doc(&i.overlap)?;
        let participants = full
            .participants
            .into_iter()
            .map(|p| ParticipantView {
                items: full
                    .items
                    .iter()
                    .filter(|x| x.department_id == p.department_id)
                    .map(|x| x.item_id)
                    .collect(),
                inspectors: full
                    .people
                    .iter()
                    .filter(|x| x.department_id == p.department_id)
                    .map(|x| x.inspector_id)
                    .collect(),
                department_id: p.department_id,
                role: p.role,
                people: p.people,
            })
            .collect();
        Ok(Self {
            id: i.id,
            number: i.number,
            name: i.name,
            field: i.field,
            department_id: i.department_id,
            state: i.state,
            filter: doc::<SubjectFilter>(&i.filter)?.into(),
            quota: doc::<Quota>(&i.quota)?.into(),
            window_from: i.window_from,
            window_to: i.window_to,
            people_per_department: i.people_per_department,
            notice: i.notice,
            draw: DrawRulesBody {
                policy: rules.policy,
                witnesses: rules.witnesses,
                pool_age_hours: rules.pool_age_hours,
            },
            participants,
            invitations: full.invitations.into_iter().map(Into::into).collect(),
            plan_entries: origins.entries,
            abort_reason: i.abort_reason,
            version: i.version,
            created_at: i.created_at.0,
            updated_at: i.updated_at.0,
        })
    }
}

versioned!(InspectionView);

/// Something allowed that somebody should look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionWarning {
    /// Stable snake_case code.
    pub code: String,
    /// What, and the source of the rule.
    pub text: String,
}

/// A department that supervises subjects of the scope.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RelatedDepartment {
    /// Department.
    pub department_id: Id,
    /// Subjects it supervises.
    pub subjects: u64,
}

/// What a scope and a quota come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionPreview {
    /// Subjects in the scope.
    pub eligible: u64,
    /// By credit-risk class; the empty one: not classified.
    pub by_class: BTreeMap<String, u64>,
    /// By town.
    pub by_town: BTreeMap<String, u64>,
    /// By kind.
    pub by_kind: BTreeMap<String, u64>,
    /// How many would be drawn.
    pub drawn: Option<u64>,
    /// Why no number follows from the quota.
    pub problem: Option<String>,
    /// What should be looked at.
    pub warnings: Vec<InspectionWarning>,
    /// Departments that supervise some of them.
    pub related: Vec<RelatedDepartment>,
}

impl From<Preview> for InspectionPreview {
    fn from(p: Preview) -> Self {
        Self {
            eligible: p.eligible,
            by_class: p.by_class,
            by_town: p.by_town,
            by_kind: p.by_kind,
            problem: p.drawn.clone().err(),
            drawn: p.drawn.ok(),
            warnings: p
                .warnings
                .into_iter()
                .map(|w| InspectionWarning { code: w.code.to_owned(), text: w.text })
                .collect(),
            related: p
                .related
                .into_iter()
                .map(|(department_id, subjects)| RelatedDepartment { department_id, subjects })
                .collect(),
        }
    }
}
