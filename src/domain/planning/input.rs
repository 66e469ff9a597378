//! The tables of a planning run, row by row, as typed values.
//!
//! `exchange` fills them from files and guarantees what each field's comment says; nothing here is read from a
//! file. Row order carries no meaning: [`Input::sort`] puts every table in canonical order.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Which kind of people a department's directory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolKind {
    /// 执法人员: certified officers of an inspecting department.
    Officers,
    /// 专家: experts; they accompany a visit and never count as inspectors.
    Experts,
}

/// A department (部门) or an expert pool (专家库).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// 部门编码, unique.
    pub id: String,
    /// 统一社会信用代码 of the department; empty when it has none.
    pub uscc: String,
    /// 部门名称.
    pub name: String,
    /// 层级 (县级, 市级 ...).
    pub level: String,
    /// 管辖区划代码: a prefix of the divisions it is responsible for.
    pub division: String,
    /// 队伍类型.
    pub pool: PoolKind,
    /// 牵头顺位; the lowest leads.
    pub rank: u32,
}

/// How an item is checked (检查方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckMode {
    /// 现场检查: needs an entry; the only mode that is merged and staffed.
    OnSite,
    /// 书面检查.
    Written,
    /// 网络监测.
    Online,
}

/// Whether the business is told beforehand (告知方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// 突击: unannounced.
    Unannounced,
    /// 提前告知: announced.
    Announced,
    /// 均可: goes with either.
    Either,
}

/// 季节限制: the part of the year in which an item may be checked, both ends included; it may wrap over new year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Season {
    /// First (month, day).
    pub from: (u8, u8),
    /// Last (month, day).
    pub to: (u8, u8),
}

impl Season {
    /// Whether the (month, day) of a date lies in the season.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        use chrono::Datelike;
        #[expect(clippy::cast_possible_truncation, reason = "months and days are below 32")]
        let md = (date.month() as u8, date.day() as u8);
        if self.from <= self.to { self.from <= md && md <= self.to } else { md >= self.from || md <= self.to }
    }
}

/// An inspection item (抽查事项).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// 事项编码, unique.
    pub id: String,
    /// 部门类别: the short key of the kind of department that owns it.
    pub dept_key: String,
    /// 事项名称.
    pub name: String,
    /// 预计时长(分钟), at least 1.
    pub minutes: u32,
    /// 检查方式.
    pub mode: CheckMode,
    /// 告知方式.
    pub notice: Notice,
    /// 等价组: items of one group on one subject are checked once; empty = none.
    pub equiv: String,
    /// 等价组名称.
    pub equiv_name: String,
    /// 所需资格: qualification code somebody of the owning department must hold; empty = none.
    pub qual: String,
    /// 年度频次上限 of this item per subject; 0 = no cap.
    pub freq: u32,
    /// 季节限制.
    pub season: Option<Season>,
    /// 所需专家: qualification code of an expert who must come; empty = none.
    pub expert: String,
}

/// A subject of inspection (检查对象) at one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What other tables call it: the credit code (18 characters, check digit right, upper case) or, when it has
    /// none, the registration number exactly as written. Unique.
    pub key: String,
    /// Whether `key` is a credit code (else a registration number).
    pub has_uscc: bool,
    /// 市场主体名称.
    pub name: String,
    /// 主体类型 (企业, 个体工商户 ...).
    pub kind: String,
    /// 区划代码, at least 6 digits where known.
    pub division: String,
    /// 乡镇街道.
    pub town: String,
    /// 地址.
    pub address: String,
    /// 行业代码 (GB/T 4754).
    pub industry: String,
    /// 行业名称.
    pub industry_name: String,
    /// 信用风险分类; empty = not classified.
    pub credit: String,
    /// 成立日期.
    pub founded: Option<NaiveDate>,
    /// 经度, in millionths of a degree.
    pub lon: Option<i32>,
    /// 纬度, in millionths of a degree.
    pub lat: Option<i32>,
    /// 联系人.
    pub contact: String,
}

impl Subject {
    /// The token under which the draw knows it (VDR/1 section 2.1): the credit code, else `R:` and the
    /// registration number.
    #[must_use]
    pub fn token(&self) -> String {
        if self.has_uscc { self.key.clone() } else { format!("R:{}", self.key) }
    }
}

/// The kind of unit a person works in, as team modes tell them apart (组队方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// 科室, 股室, 机关: an office section.
    Section,
    /// 所, 站, 分局: a local station.
    Station,
    /// 大队, 中队, 支队: an enforcement brigade.
    Brigade,
    /// None of these, or not told.
    #[default]
    Other,
}

/// An inspector (执法检查人员) or expert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspector {
    /// 人员编号, unique.
    pub id: String,
    /// 姓名.
    pub name: String,
    /// 性别.
    pub sex: String,
    /// 部门编码 of the pool it belongs to.
    pub dept_id: String,
    /// 单位类型 (机关科室, 基层所, 外聘 ...).
    pub unit_type: String,
    /// What `unit_type` (or, where it says nothing, `unit`) means for team modes.
    pub unit_kind: UnitKind,
    /// 所属单位: section or station.
    pub unit: String,
    /// 岗位类别: 执法人员 or 专家.
    pub post: PoolKind,
    /// 执法证号; empty for experts.
    pub cert_no: String,
    /// 每日可用分钟.
    pub daily_minutes: u32,
    /// 可任主办: may hold the A post.
    pub can_lead: bool,
    /// 本年已派工分钟: load from earlier rounds of the year.
    pub load0: u32,
}

/// A certificate of a person with its validity (资格).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualification {
    /// 人员编号.
    pub person_id: String,
    /// 资格代码.
    pub qual: String,
    /// 资格名称.
    pub qual_name: String,
    /// 证书编号.
    pub no: String,
    /// 生效日期, included.
    pub from: NaiveDate,
    /// 失效日期, included.
    pub to: NaiveDate,
}

/// A person who must not inspect a subject (回避).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recusal {
    /// 人员编号.
    pub person_id: String,
    /// [`Subject::key`].
    pub subject: String,
    /// 回避事由.
    pub reason: String,
}

/// Days a person is away (请假), both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// 人员编号.
    pub person_id: String,
    /// 开始日期.
    pub from: NaiveDate,
    /// 结束日期.
    pub to: NaiveDate,
    /// 类型.
    pub kind: String,
}

/// Time for which a person is taken already by visits that are settled and not planned again (已派定的入企).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Busy {
    /// 人员编号.
    pub person_id: String,
    /// 日期.
    pub date: NaiveDate,
    /// From and to, minutes since midnight, travel included.
    pub span: (u32, u32),
    /// Minutes that count against the person's day.
    pub minutes: u32,
}

/// One day of the planning period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// 日期, unique.
    pub date: NaiveDate,
    /// 是否工作日.
    pub workday: bool,
    /// 企业安静日: no on-site visits.
    pub quiet: bool,
}

/// A drawn task: one item of one department at one subject within a window (抽查任务).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// 任务编号, unique.
    pub id: String,
    /// 计划名称.
    pub plan: String,
    /// 部门编码.
    pub dept_id: String,
    /// 事项编码.
    pub item_id: String,
    /// [`Subject::key`].
    pub subject: String,
    /// 最早日期.
    pub earliest: NaiveDate,
    /// 最晚日期, included.
    pub latest: NaiveDate,
    /// 预计分钟.
    pub minutes: u32,
    /// 检查方式.
    pub mode: CheckMode,
    /// 告知方式.
    pub notice: Notice,
    /// 优先级; 1 is the most urgent.
    pub priority: u32,
    /// Officers the department sends for it, where it agreed to more than the rules ask; 0 = as the rules ask.
    pub people: u32,
}

/// A plan entry from which tasks are drawn (抽查计划): items of one department on a share of the subjects that
/// match the filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEntry {
    /// 计划编号, unique; a VDR/1 token.
    pub id: String,
    /// 计划名称.
    pub name: String,
    /// 部门编码.
    pub dept_id: String,
    /// 事项编码, at least one.
    pub items: Vec<String>,
    /// 主体类型 that match; empty = all.
    pub kinds: Vec<String>,
    /// 行业代码 prefixes that match; empty = all.
    pub industries: Vec<String>,
    /// 乡镇街道 that match; empty = all.
    pub towns: Vec<String>,
    /// 信用风险分类 that match; empty = all.
    pub credits: Vec<String>,
    /// 抽查比例 as written and as understood.
    pub ratio: crate::domain::ratio::Ratio,
    /// 分类比例: own ratio per credit class, in the order written; empty = `ratio` for all.
    pub class_ratios: Vec<(String, crate::domain::ratio::Ratio)>,
    /// 最早日期.
    pub earliest: NaiveDate,
    /// 最晚日期, included.
    pub latest: NaiveDate,
    /// 优先级.
    pub priority: u32,
}

/// How teams of a department are put together (组队方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamMode {
    /// 全局随机: anybody with anybody.
    #[default]
    Bureau,
    /// 股所(科所)组合: one from an office section, one from a station.
    SectionStation,
    /// 所队组合: one from a station, one from a brigade.
    StationBrigade,
    /// 所所(跨所)组合: two from different stations, none from the subject's own.
    StationStation,
    /// 本所(同所)组合: all from one station.
    SameStation,
}

/// The rules of a planning run (`config.json`); every field has a default, times are minutes since midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Longest visit with more than one group, entry overhead included.
    pub max_visit_minutes: u32,
    /// Most departments in one visit.
    pub max_depts_per_visit: u32,
    /// Most people behind one door, experts included (“严控入企检查人员数量”, 13 measures of 2025); 0: no limit. Counted as if
    /// each department with a matter there sent its own, also where the owner of a shared group comes for another; a
    /// single department may send as many as it must.
    pub max_people_per_visit: u32,
    /// Minutes a visit needs besides its items.
    pub entry_overhead_minutes: u32,
    /// Travel added to a visit when it occupies people.
    pub travel_minutes: u32,
    /// Length of a slot of the time grid.
    pub slot_minutes: u32,
    /// Morning, from and to.
    pub am: (u32, u32),
    /// Afternoon, from and to.
    pub pm: (u32, u32),
    /// Officers each attending department sends at least.
    pub min_per_dept: u32,
    /// Officers a visit has at least.
    pub min_total_officers: u32,
    /// The certificate without which nobody inspects (执法证).
    pub base_qualification: String,
    /// 组队方式.
    pub team_mode: TeamMode,
    /// 组队方式不成时: the mode for a requirement that `team_mode` can never meet, whatever else there is to do; none: such
    /// a visit stays without a team, with that as the reason.
    pub team_mode_fallback: Option<TeamMode>,
    /// Whether the A post prefers those who may lead.
    pub lead_required: bool,
    /// Join visits of the same town, half-day and departments into one trip before staffing.
    pub bundle_towns: bool,
    /// 名单包数: teams drawn for the whole period to which as many packages of subjects are dealt by lot; 0: the people
    /// of each visit are drawn for it alone.
    pub packages: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_visit_minutes: 180,
            max_depts_per_visit: 6,
            max_people_per_visit: 0,
            entry_overhead_minutes: 15,
            travel_minutes: 30,
            slot_minutes: 30,
            am: (8 * 60 + 30, 12 * 60),
            pm: (13 * 60 + 30, 17 * 60 + 30),
            min_per_dept: 2,
            min_total_officers: 2,
            base_qualification: "Q-ZFZ".to_owned(),
            team_mode: TeamMode::Bureau,
            team_mode_fallback: None,
            lead_required: true,
            bundle_towns: false,
            packages: 0,
        }
    }
}

/// All tables of a planning run. References between tables have been checked by whoever filled it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// 部门.
    pub departments: Vec<Department>,
    /// 事项.
    pub items: Vec<Item>,
    /// 检查对象.
    pub subjects: Vec<Subject>,
    /// 执法人员 and experts.
    pub inspectors: Vec<Inspector>,
    /// 资格.
    pub qualifications: Vec<Qualification>,
    /// 回避.
    pub recusals: Vec<Recusal>,
    /// 请假.
    pub leave: Vec<Leave>,
    /// Settled visits that keep people from others; a county read from files has none.
    #[serde(default)]
    pub busy: Vec<Busy>,
    /// 日历.
    pub calendar: Vec<CalendarDay>,
    /// 任务 already drawn; empty when `plans` are to be drawn.
    pub tasks: Vec<Task>,
    /// 计划 to draw from; empty when `tasks` are given.
    pub plans: Vec<PlanEntry>,
    /// 规则.
    pub rules: Rules,
}

impl Input {
    /// Puts every table in canonical order (by identifier bytes, then by all other fields), so that nothing
    /// computed from it depends on the order of rows in a file.
    pub fn sort(&mut self) {
        self.departments.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.items.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.subjects.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        self.inspectors.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.qualifications.sort_unstable_by(|a, b| {
            (&a.person_id, &a.qual, a.from, a.to, &a.no).cmp(&(&b.person_id, &b.qual, b.from, b.to, &b.no))
        });
        self.recusals.sort_unstable_by(|a, b| {
            (&a.person_id, &a.subject, &a.reason).cmp(&(&b.person_id, &b.subject, &b.reason))
        });
        self.leave.sort_unstable_by(|a, b| {
            (&a.person_id, a.from, a.to, &a.kind).cmp(&(&b.person_id, b.from, b.to, &b.kind))
        });
        self.busy.sort_unstable();
        self.calendar.sort_unstable_by_key(|d| d.date);
        self.tasks.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.plans.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    }
}
