//! The words of the registries: kinds of departments, the life of recusals and plan entries, and what an item or plan
//! entry says beyond the columns everybody searches by.

use super::planning::input::{CheckMode, Notice, PoolKind, Season};
use super::states::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a department is there for.
    DepartmentKind {
        /// 执法部门: the only kind that inspects.
        Inspecting = "inspecting", "执法部门";
        /// 协调办: a coordinating body may not inspect (国办发〔2024〕54号).
        Coordination = "coordination", "协调办";
        /// 监督机构.
        Oversight = "oversight", "监督机构";
        /// 专家库: its people accompany and never count as inspectors.
        ExpertPool = "expert_pool", "专家库";
    }
}

/// Words in the name of a body that coordinates and may not inspect (国办发〔2024〕54号).
const COORDINATING: &[&str] = &[
    "协调办",
    "议事协调",
    "协调机构",
    "协调小组",
    "联席会议",
    "领导小组",
    "工作专班",
    "指挥部",
    "双随机办",
    "安委办",
    "食安办",
    "安全生产委员会",
    "食品安全委员会",
];

/// Whether a name is that of a body that coordinates and may not inspect.
#[must_use]
pub fn is_coordinating(name: &str) -> bool {
    COORDINATING.iter().any(|word| name.contains(word))
}

/// The kind of department whose directory holds such people.
#[must_use]
pub const fn kind_of(pool: PoolKind) -> DepartmentKind {
    match pool {
        PoolKind::Officers => DepartmentKind::Inspecting,
        PoolKind::Experts => DepartmentKind::ExpertPool,
    }
}

/// The stable name of 岗位类别: `officers` or `experts`.
#[must_use]
pub const fn post_name(post: PoolKind) -> &'static str {
    match post {
        PoolKind::Officers => "officers",
        PoolKind::Experts => "experts",
    }
}

/// The stable name of 检查方式.
#[must_use]
pub const fn mode_name(mode: CheckMode) -> &'static str {
    match mode {
        CheckMode::OnSite => "on_site",
        CheckMode::Written => "written",
        CheckMode::Online => "online",
    }
}

/// 检查方式 by its stable name.
#[must_use]
pub fn mode_named(name: &str) -> Option<CheckMode> {
    [CheckMode::OnSite, CheckMode::Written, CheckMode::Online].into_iter().find(|m| mode_name(*m) == name)
}

/// The stable name of 告知方式.
#[must_use]
pub const fn notice_name(notice: Notice) -> &'static str {
    match notice {
        Notice::Unannounced => "unannounced",
        Notice::Announced => "announced",
        Notice::Either => "either",
    }
}

/// 告知方式 by its stable name.
#[must_use]
pub fn notice_named(name: &str) -> Option<Notice> {
    [Notice::Unannounced, Notice::Announced, Notice::Either].into_iter().find(|n| notice_name(*n) == name)
}

words! {
    /// Which list an item stands on.
    ListLevel {
        /// 本级清单: the department's own.
        Own = "own", "本级清单";
        /// 上级清单: kept by the coordination office, for departments to claim from.
        Upper = "upper", "上级清单";
    }
}

words! {
    /// 事项类别 (国市监信〔2019〕38号): general items have a limited ratio, key items none.
    Category {
        /// 一般检查事项.
        General = "general", "一般检查事项";
        /// 重点检查事项.
        Key = "key", "重点检查事项";
        /// Not told.
        None = "", "未分类";
    }
}

/// What an item says beyond its columns; the JSON of `item.details`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemDetails {
    /// 抽查依据, one legal text each.
    pub basis: Vec<String>,
    /// 行业代码 prefixes (GB/T 4754) it applies to; empty = all.
    pub industries: Vec<String>,
    /// 检查内容, 抽查子项.
    pub content: String,
    /// What a business is to have ready for it (抽查检查材料清单).
    pub materials: Vec<String>,
    /// 检查方式 as written.
    pub method: String,
    /// 检查主体.
    pub executing_body: String,
    /// 抽查频次 as written.
    pub frequency: String,
    /// 人员要求 as written.
    pub requirement: String,
    /// 备注.
    pub remark: String,
    /// 序号 in the published list.
    pub list_no: String,
    /// 部门类别: the short key of the kind of department that owns it.
    pub dept_key: String,
    /// 等价组名称.
    pub equivalence_name: String,
    /// 季节限制.
    pub season: Option<Season>,
    /// 所需专家: qualification code of an expert who must come; empty = none.
    pub expert: String,
    /// 发起部门 of a joint item, as written.
    pub initiators: Vec<String>,
    /// 配合部门 of a joint item, as written.
    pub partners: Vec<String>,
    /// Whether the partners are whoever else is concerned (市场监管领域相关部门).
    pub any_partner: bool,
}

impl ItemDetails {
    /// Reads what a row keeps; what is missing is empty.
    #[must_use]
    pub fn of(value: &serde_json::Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }

    /// The JSON a row keeps.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// What a plan entry says beyond its columns; the JSON of `plan_entry.details`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanDetails {
    /// 抽查事项 as written, where the list names them without codes.
    pub item_names: Vec<String>,
    /// 检查对象 as written.
    pub object: String,
    /// 检查方式 as written.
    pub method: String,
    /// 信用分类规则 as written.
    pub credit_rule: String,
    /// 发起部门 as written; more than one where they act jointly or by turns.
    pub initiators: Vec<String>,
    /// 配合部门 as written.
    pub partners: Vec<String>,
    /// Departments among the partners that are registered, by code.
    pub partner_codes: Vec<String>,
    /// Whether the partners are whoever else is concerned; the coordination office resolves it.
    pub any_partner: bool,
    /// 备注.
    pub remark: String,
}

impl PlanDetails {
    /// Reads what a row keeps; what is missing is empty.
    #[must_use]
    pub fn of(value: &serde_json::Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }

    /// The JSON a row keeps.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The life of a recusal (回避): declared by the inspector or the clerk, or asked for by the business; the head of the
/// inspector's own department decides (行政处罚法 art. 43).
pub mod recusal {
    use crate::domain::states::{cycle, words};

    words! {
        /// Where it stands.
        State {
            /// 待决定.
            Pending = "pending", "待决定";
            /// 同意回避.
            Approved = "approved", "同意回避";
            /// 驳回.
            Rejected = "rejected", "驳回";
            /// The reason has gone.
            Ended = "ended", "已解除";
        }
    }

    words! {
        /// What moves it.
        Act {
            /// 同意.
            Approve = "approve", "同意回避";
            /// 驳回.
            Reject = "reject", "驳回";
            /// 解除.
            End = "end", "解除";
            /// Taken up again after it was rejected or had ended.
            Reopen = "reopen", "重新申请";
        }
    }

    cycle! {
        "recusal", "回避", Pending;
        Pending: Approve => Approved;
        Pending: Reject => Rejected;
        Approved: End => Ended;
        Rejected: Reopen => Pending;
        Ended: Reopen => Pending;
    }

    impl State {
        /// Whether the inspector must not be drawn for the subject: also while nothing is decided, for a visit with
        /// somebody who may have to go is planned for nothing.
        #[must_use]
        pub const fn blocks(self) -> bool {
            matches!(self, Self::Pending | Self::Approved)
        }
    }

    words! {
        /// Who raised it.
        Source {
            /// The inspector himself.
            Inspector = "inspector", "本人申报";
            /// The department's clerk.
            Clerk = "clerk", "部门登记";
            /// The business, through the department.
            Business = "business", "当事人申请";
            /// A list of recusals that was imported.
            List = "list", "名单导入";
        }
    }
}

/// The life of a plan entry: 无计划不检查; the annual plan is filed with the next higher authority and published
/// (国市监信〔2019〕38号).
pub mod plan_state {
    use crate::domain::states::{cycle, words};

    words! {
        /// Where it stands.
        State {
            /// 草稿.
            Draft = "draft", "草稿";
            /// 已备案.
            Filed = "filed", "已备案";
            /// 已公示.
            Published = "published", "已公示";
            /// 已撤销.
            Withdrawn = "withdrawn", "已撤销";
        }
    }

    words! {
        /// What moves it.
        Act {
            /// 备案.
            File = "file", "备案";
            /// 公示.
            Publish = "publish", "公示";
            /// Taken back for changes.
            Recall = "recall", "退回修改";
            /// 撤销.
            Withdraw = "withdraw", "撤销";
        }
    }

    cycle! {
        "plan_entry", "计划", Draft;
        Draft: File => Filed;
        Draft: Withdraw => Withdrawn;
        Filed: Publish => Published;
        Filed: Recall => Draft;
        Filed: Withdraw => Withdrawn;
        Published: Withdraw => Withdrawn;
    }
}
