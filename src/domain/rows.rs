//! What an import file says, row by row, as typed values: read by `exchange`, judged and applied by the use cases.

use super::planning::input::{
    CheckMode, Department, Inspector, Leave, Notice, Qualification, Recusal, Subject,
};
use super::ratio::Ratio;
use super::registry::{Category, ItemDetails, PlanDetails};
use super::scope::SubjectFilter;
use super::states::words;
use chrono::NaiveDate;
use std::collections::BTreeSet;

words! {
    /// What an import file holds.
    Kind {
        /// 部门.
        Departments = "departments", "部门";
        /// 抽查事项清单.
        Items = "items", "抽查事项";
        /// 检查对象名录.
        Subjects = "subjects", "检查对象";
        /// 执法检查人员 and experts.
        Inspectors = "inspectors", "执法人员";
        /// 资格证件.
        Certificates = "certificates", "资格";
        /// 请假.
        Leave = "leave", "请假";
        /// 回避.
        Recusals = "recusals", "回避";
        /// 抽查计划.
        Plans = "plans", "计划";
    }
}

/// Something about a row that somebody must mend (an error) or look at (a warning).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Row as a spreadsheet shows it.
    pub row: u32,
    /// Column, by its Chinese name; empty = the whole row.
    pub column: String,
    /// Stable snake_case code.
    pub code: &'static str,
    /// What stands there.
    pub value: String,
    /// Why it cannot be used.
    pub why: String,
    /// What to do.
    pub cure: &'static str,
    /// Whether the row can be used all the same.
    pub warning: bool,
}

/// A row with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// Row as a spreadsheet shows it.
    pub number: u32,
    /// Whether every cell could be read.
    pub sound: bool,
    /// What it says.
    pub value: T,
}

/// A table read: its rows, and which columns it has at all; a column that is not there says nothing about rows that
/// are known already.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table<T> {
    /// Rows, in file order.
    pub rows: Vec<Row<T>>,
    /// English names of the columns that are there.
    pub columns: BTreeSet<&'static str>,
}

impl<T> Table<T> {
    /// Whether a column is there.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains(column)
    }
}

/// A row of 部门.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentRow {
    /// As in the planning files.
    pub base: Department,
    /// 别名: other names it goes by.
    pub aliases: Vec<String>,
    /// 联系方式.
    pub contact: String,
}

/// A row of an item list, whichever of its two forms the file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// 事项编码; empty: made from the text.
    pub code: String,
    /// The department as written (code, name or alias), several parted by `;`; may be empty.
    pub department: String,
    /// 事项名称.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// 检查对象 as written.
    pub object: String,
    /// 检查方式; none: not told or not understood.
    pub mode: Option<CheckMode>,
    /// 告知方式.
    pub notice: Option<Notice>,
    /// 预计时长(分钟).
    pub minutes: Option<u32>,
    /// 所需资格.
    pub qualification: String,
    /// 等价组.
    pub equivalence_group: String,
    /// 年度频次上限; none: no cap.
    pub cap: Option<u32>,
    /// 事项类别.
    pub category: Category,
    /// 抽查比例; none: the list has none.
    pub ratio: Option<Ratio>,
    /// All else.
    pub details: ItemDetails,
}

/// A row of 检查对象.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// As in the planning files.
    pub base: Subject,
    /// 注册号 besides a credit code.
    pub registration_no: String,
    /// 联系电话.
    pub phone: String,
    /// 标签.
    pub tags: Vec<String>,
    /// 监管部门 as written.
    pub departments: Vec<String>,
    /// On the 经营异常名录.
    pub abnormal: bool,
    /// On the 严重违法失信名单.
    pub serious: bool,
}

/// A row of 执法人员.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectorRow {
    /// As in the planning files.
    pub base: Inspector,
    /// 后备库.
    pub reserve: bool,
    /// 邮箱.
    pub email: String,
}

/// A row of a plan, whichever of its two forms the file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// 计划编号; empty: made from the text.
    pub code: String,
    /// The department as written (code, name or alias), several parted by `;`.
    pub department: String,
    /// 计划名称.
    pub name: String,
    /// 事项编码.
    pub items: Vec<String>,
    /// Who may be drawn.
    pub filter: SubjectFilter,
    /// 抽查比例; its text may be empty.
    pub ratio: Ratio,
    /// 分类比例.
    pub class_ratios: Vec<(String, Ratio)>,
    /// 最早日期.
    pub from: Option<NaiveDate>,
    /// 最晚日期.
    pub to: Option<NaiveDate>,
    /// 检查时间 as written.
    pub window: String,
    /// 优先级.
    pub priority: u32,
    /// All else.
    pub details: PlanDetails,
}

/// All rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// 部门.
    Departments(Table<DepartmentRow>),
    /// 事项.
    Items(Table<ItemRow>),
    /// 检查对象.
    Subjects(Table<SubjectRow>),
    /// 执法人员.
    Inspectors(Table<InspectorRow>),
    /// 资格.
    Certificates(Table<Qualification>),
    /// 请假.
    Leave(Table<Leave>),
    /// 回避.
    Recusals(Table<Recusal>),
    /// 计划.
    Plans(Table<PlanRow>),
}

impl Rows {
    /// What they are.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Departments(_) => Kind::Departments,
            Self::Items(_) => Kind::Items,
            Self::Subjects(_) => Kind::Subjects,
            Self::Inspectors(_) => Kind::Inspectors,
            Self::Certificates(_) => Kind::Certificates,
            Self::Leave(_) => Kind::Leave,
            Self::Recusals(_) => Kind::Recusals,
            Self::Plans(_) => Kind::Plans,
        }
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Departments(t) => t.rows.len(),
            Self::Items(t) => t.rows.len(),
            Self::Subjects(t) => t.rows.len(),
            Self::Inspectors(t) => t.rows.len(),
            Self::Certificates(t) => t.rows.len(),
            Self::Leave(t) => t.rows.len(),
            Self::Recusals(t) => t.rows.len(),
            Self::Plans(t) => t.rows.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
