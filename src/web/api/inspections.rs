//! Joint inspections.

use crate::domain::planning::input::Notice;
use crate::domain::scope::{Listed, Quota, SubjectFilter};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::inspections::eligible::{self, Preview};
use crate::service::inspections::lifecycle::{self, Partner};
use crate::service::inspections::parts::{self, Chosen};
use crate::service::inspections::{self, Draft, DrawRules, Full, Origins, doc};
use crate::store::inspections::{Inspection, Wanted};
use crate::web::call::Call;
use crate::web::page::{Cursor, INSPECTIONS};
use crate::web::parse::NoQuery;
use crate::web::reply::{Answer, Empty, Page, Reply, versioned};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Which subjects. Values of one field are alternatives, fields must all hold; an empty field asks nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeBody {
    /// 主体类型.
    pub kinds: Vec<String>,
    /// 行业代码 prefixes.
    pub industries: Vec<String>,
    /// 乡镇街道.
    pub towns: Vec<String>,
    /// 标签.
    pub tags: Vec<String>,
    /// 信用风险分类.
    pub credits: Vec<String>,
    /// 监管部门, identifiers or codes.
    pub supervised_by: Vec<String>,
    /// `abnormal` or `serious`: only subjects on this list.
    pub only_listed: Option<String>,
}

impl From<SubjectFilter> for ScopeBody {
    fn from(f: SubjectFilter) -> Self {
        Self {
            kinds: f.kinds,
            industries: f.industries,
            towns: f.towns,
            tags: f.tags,
            credits: f.credits,
            supervised_by: f.supervised_by,
            only_listed: f.only_listed.map(|l| {
                match l {
                    Listed::Abnormal => "abnormal",
                    Listed::Serious => "serious",
                }
                .to_owned()
            }),
        }
    }
}

impl ScopeBody {
    pub(super) fn filter(&self) -> Result<SubjectFilter> {
        let only_listed = match self.only_listed.as_deref() {
            None => None,
            Some("abnormal") => Some(Listed::Abnormal),
            Some("serious") => Some(Listed::Serious),
            Some(_) => {
                return Err(Error::field(
                    "/filter/only_listed",
                    "unknown_value",
                    "只能是 abnormal 或 serious",
                ));
            }
        };
        Ok(SubjectFilter {
            kinds: self.kinds.clone(),
            industries: self.industries.clone(),
            towns: self.towns.clone(),
            tags: self.tags.clone(),
            credits: self.credits.clone(),
            supervised_by: self.supervised_by.clone(),
            only_listed,
        })
    }
}

/// How many subjects; exactly one of the three.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuotaBody {
    /// This many in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100_000_000)]
    pub total: Option<u32>,
    /// A ratio as officials write it (`3%`, `10-20%`, `60-70家`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// A ratio for each credit-risk class; classes not named are not drawn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_class: Option<BTreeMap<String, String>>,
}

impl From<Quota> for QuotaBody {
    fn from(quota: Quota) -> Self {
        match quota {
            Quota::Total(n) => Self { total: Some(n), ..Self::default() },
            Quota::Share(text) => Self { share: Some(text), ..Self::default() },
            Quota::ByClass(classes) => Self { by_class: Some(classes), ..Self::default() },
        }
    }
}

impl QuotaBody {
    pub(super) fn quota(&self) -> Result<Quota> {
        match (&self.total, &self.share, &self.by_class) {
            (Some(n), None, None) => Ok(Quota::Total(*n)),
            (None, Some(text), None) => Ok(Quota::Share(text.clone())),
            (None, None, Some(classes)) => Ok(Quota::ByClass(classes.clone())),
            _ => Err(Error::field("/quota", "one_of", "total、share、by_class 须且只能给出一个")),
        }
    }
}

/// How subjects are drawn.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawRulesBody {
    /// `public`, `embargo` or `ceremony`.
    pub policy: String,
    /// Fewest witnesses.
    pub witnesses: u32,
    /// Hours the pool must have been frozen before a beacon may be known.
    #[serde(default)]
    #[schema(maximum = 8760)]
    pub pool_age_hours: u32,
}

impl DrawRulesBody {
    pub(super) fn rules(this: Option<&Self>) -> DrawRules {
        this.map_or_else(DrawRules::default, |d| DrawRules {
            policy: d.policy.clone(),
            witnesses: d.witnesses,
            pool_age_hours: d.pool_age_hours,
        })
    }
}

/// An inspection as its department writes it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectionBody {
    /// Name.
    pub name: String,
    /// 抽查领域.
    #[serde(default)]
    pub field: String,
    /// Which subjects.
    pub filter: ScopeBody,
    /// How many.
    pub quota: QuotaBody,
    /// First day of the visits.
    pub window_from: NaiveDate,
    /// Last day, included.
    pub window_to: NaiveDate,
    /// Officers of each department at a visit.
    #[serde(default)]
    pub people_per_department: Option<u32>,
    /// `announced`, `unannounced` or `either`.
    pub notice: String,
    /// How subjects are drawn.
    #[serde(default)]
    pub draw: Option<DrawRulesBody>,
    /// Own items.
    #[serde(default)]
    pub items: Vec<Id>,
    /// Own people; empty: all who can go.
    #[serde(default)]
    pub inspectors: Vec<Id>,
}

impl InspectionBody {
    fn draft(&self) -> Result<Draft> {
        let notice = match self.notice.as_str() {
            "announced" => Notice::Announced,
            "unannounced" => Notice::Unannounced,
            "either" => Notice::Either,
            _ => {
                return Err(Error::field(
                    "/notice",
                    "unknown_value",
                    "只能是 announced、unannounced 或 either",
                ));
            }
        };
        Ok(Draft {
            name: self.name.clone(),
            field: self.field.clone(),
            filter: self.filter.filter()?,
            quota: self.quota.quota()?,
            from: self.window_from,
            to: self.window_to,
            people: self.people_per_department,
            notice,
            draw: DrawRulesBody::rules(self.draw.as_ref()),
            own: Chosen {
                items: self.items.clone(),
                inspectors: self.inspectors.clone(),
                people: self.people_per_department,
            },
        })
    }
}

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
    pub invitations: Vec<super::invitations::InvitationView>,
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

/// Filters of the list of inspections.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InspectionQuery {
    /// In this state.
    pub state: Option<String>,
    /// Of this department: initiated, invited or taking part.
    pub department_id: Option<Id>,
    /// Whose window ends on this day or later.
    pub from: Option<NaiveDate>,
    /// Whose window begins on this day or before.
    pub to: Option<NaiveDate>,
    /// Cursor.
    #[param(value_type = Option<String>, max_length = 500)]
    pub after: Option<Cursor>,
    /// Entries of the page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// `GET /api/v1/inspections`
///
/// # Errors
/// Not allowed.
pub fn list(cx: &mut Cx<'_>, (): (), query: InspectionQuery) -> Result<Reply<Page<InspectionSummary>>> {
    let wanted = Wanted {
        department: query.department_id,
        state: query.state,
        from: query.from,
        to: query.to,
        ..Wanted::default()
    };
    let read = |after, most| inspections::list(cx, Wanted { after, ..wanted }, most);
    INSPECTIONS.page(query.after.as_ref(), query.limit, read, |i| i.id)
}

/// `GET /api/v1/inspections/{id}`
///
/// # Errors
/// Not visible.
pub fn get(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<InspectionView>> {
    Reply::of(inspections::get(cx, id)?)
}

/// `POST /api/v1/inspections`
///
/// # Errors
/// Not allowed; every fault of the fields.
pub fn create(cx: &mut Cx<'_>, (): (), body: &InspectionBody) -> Result<Reply<InspectionView>> {
    Reply::made(inspections::create(cx, &body.draft()?)?, "/api/v1/inspections")
}

/// `PUT /api/v1/inspections/{id}`
///
/// # Errors
/// Not allowed; not a draft; every fault of the fields.
pub fn change(cx: &mut Cx<'_>, id: Id, body: &InspectionBody) -> Result<Reply<InspectionView>> {
    Reply::of(inspections::change(cx, id, &body.draft()?)?)
}

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

/// `GET /api/v1/inspections/{id}/preview`
///
/// # Errors
/// Not visible.
pub fn preview(cx: &mut Cx<'_>, id: Id, _: NoQuery) -> Result<Reply<InspectionPreview>> {
    Ok(Reply::ok(eligible::preview(cx, id)?.into()))
}

/// `PUT /api/v1/inspections/{id}/participation`
///
/// # Errors
/// Not allowed; too late; every fault.
pub fn participate(cx: &mut Cx<'_>, id: Id, body: &ParticipationBody) -> Result<Reply<InspectionView>> {
    Reply::of(parts::change(cx, id, &body.chosen())?)
}

/// What a department brings.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParticipationBody {
    /// Its items; at an answer, empty: those of its plan.
    pub items: Vec<Id>,
    /// Its people; empty: all who can go.
    pub inspectors: Vec<Id>,
    /// Officers at each visit.
    pub people: Option<u32>,
}

impl ParticipationBody {
    pub(super) fn chosen(&self) -> Chosen {
        Chosen { items: self.items.clone(), inspectors: self.inspectors.clone(), people: self.people }
    }
}

/// A department to invite.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerBody {
    /// Which.
    pub department_id: Id,
    /// The inspection makes no sense without it.
    #[serde(default)]
    pub required: bool,
    /// What is written to it.
    #[serde(default)]
    pub message: String,
}

/// Departments to invite.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InviteBody {
    /// Named ones.
    pub partners: Vec<PartnerBody>,
    /// 相关部门: all that supervise subjects of the scope.
    pub related: bool,
    /// What is written to the related ones.
    pub message: String,
}

/// `POST /api/v1/inspections/{id}/invite`
///
/// # Errors
/// Not allowed; the state; every fault of the list.
pub fn invite(call: &Call, id: Id, body: InviteBody) -> Result<Answer> {
    if let Some(answer) = call.replayed()? {
        return Ok(answer);
    }
    let mut partners: Vec<Partner> = body
        .partners
        .iter()
        .map(|p| Partner {
            department: p.department_id,
            required: p.required,
            wildcard: false,
            message: p.message.clone(),
        })
        .collect();
    if body.related {
        let related = call.read(|cx| lifecycle::related(cx, id))?;
        partners.extend(related.into_iter().map(|department| Partner {
            department,
            required: false,
            wildcard: true,
            message: body.message.clone(),
        }));
    }
    call.write(move |cx| Reply::<InspectionView>::of(lifecycle::invite(cx, id, &partners)?))
}

/// `POST /api/v1/inspections/{id}/confirm`
///
/// # Errors
/// Not allowed; the state; answers that are missing.
pub fn confirm(cx: &mut Cx<'_>, id: Id, _: &Empty) -> Result<Reply<InspectionView>> {
    Reply::of(lifecycle::confirm(cx, id)?)
}

/// Why something is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectionReason {
    /// In words.
    pub reason: String,
}

/// `POST /api/v1/inspections/{id}/revise`
///
/// # Errors
/// Not allowed; the state.
pub fn revise(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InspectionView>> {
    Reply::of(lifecycle::revise(cx, id, &body.reason)?)
}

/// `POST /api/v1/inspections/{id}/abort`
///
/// # Errors
/// Not allowed; the state; a draw is open.
pub fn abort(cx: &mut Cx<'_>, id: Id, body: &InspectionReason) -> Result<Reply<InspectionView>> {
    Reply::of(lifecycle::abort(cx, id, &body.reason)?)
}
