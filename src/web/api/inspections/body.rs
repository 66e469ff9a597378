//! What is sent about an inspection.

use crate::domain::planning::input::Notice;
use crate::domain::scope::{Listed, Quota, SubjectFilter};
use crate::error::{Error, Result};
use crate::ids::Id;
use crate::service::inspections::parts::Chosen;
use crate::service::inspections::{Draft, DrawRules};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
    pub(in crate::web::api) fn filter(&self) -> Result<SubjectFilter> {
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

/// How many subjects; one of the three, or none: the ratios by class of the county's settings.
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
    pub(in crate::web::api) fn quota(&self) -> Result<Quota> {
        match (&self.total, &self.share, &self.by_class) {
            (Some(n), None, None) => Ok(Quota::Total(*n)),
            (None, Some(text), None) => Ok(Quota::Share(text.clone())),
            (None, None, Some(classes)) => Ok(Quota::ByClass(classes.clone())),
            (None, None, None) => Ok(Quota::ByClass(BTreeMap::new())),
            _ => Err(Error::field("/quota", "one_of", "total、share、by_class 只能给出一个")),
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
    pub(in crate::web::api) fn rules(this: Option<&Self>) -> DrawRules {
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
    #[serde(default)]
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
    pub(in crate::web) fn draft(&self) -> Result<Draft> {
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
    pub(in crate::web) fn chosen(&self) -> Chosen {
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

/// Why something is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InspectionReason {
    /// In words.
    pub reason: String,
}
