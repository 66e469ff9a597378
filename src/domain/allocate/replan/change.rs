//! What moved, visit by visit.

use super::super::staff::Post;
use chrono::NaiveDate;

/// Why a person no longer goes on a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// No longer in the directory.
    Gone,
    /// Works for a department that does not attend.
    OtherDepartment,
    /// On leave that day.
    OnLeave,
    /// 执法证 not valid that day.
    NotCertified,
    /// 回避.
    Recused,
    /// The minutes of the day do not suffice.
    Minutes,
    /// Busy with another visit at that time since one of the two takes longer.
    Overlap,
    /// The visit no longer needs as many people.
    NotNeeded,
    /// Makes room for somebody who holds a certificate that the team now lacks.
    LacksCertificate,
    /// Needed on another visit (its number): a swap of level 1.
    Swapped(u32),
    /// Cannot come at the visit's new time.
    NewTime,
    /// The visit was moved by the search of level 4 and its people drawn again.
    DrawnAgain,
    /// The visit no longer takes place, or has no team.
    NoVisit,
}

impl Why {
    /// The reason in words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Gone => "已不在名录库".to_owned(),
            Self::OtherDepartment => "所在部门不再参加".to_owned(),
            Self::OnLeave => "当日请假".to_owned(),
            Self::NotCertified => "当日执法证无效".to_owned(),
            Self::Recused => "应回避".to_owned(),
            Self::Minutes => "当日可用分钟不足".to_owned(),
            Self::Overlap => "与另一次入企时间冲突".to_owned(),
            Self::NotNeeded => "不再需要".to_owned(),
            Self::LacksCertificate => "让出席位给持有所需资格的人员".to_owned(),
            Self::Swapped(to) => format!("调往{}", super::visit_name(to)),
            Self::NewTime => "新时间不能参加".to_owned(),
            Self::DrawnAgain => "入企改期,人员重新抽取".to_owned(),
            Self::NoVisit => "本次入企取消或暂无人员".to_owned(),
        }
    }
}

/// Somebody who no longer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// 人员编号.
    pub person: String,
    /// Why.
    pub why: Why,
}

/// A place in the order in which substitutes were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Substitute {
    /// Person, by index.
    pub person: u32,
    /// Lot.
    pub lot: u128,
    /// Weight.
    pub weight: u64,
}

/// Somebody who now goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// 人员编号.
    pub person: String,
    /// For whom (人员编号); empty when the seat is new.
    pub instead_of: String,
    /// 候补名单 of this seat in the order drawn, the one who came included; those before it could not complete the
    /// team. Empty when the whole team was drawn anew.
    pub substitutes: Vec<Substitute>,
}

/// When a visit takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Day.
    pub date: NaiveDate,
    /// Start, in minutes since midnight.
    pub start: u32,
}

/// A kind of change of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 换人.
    Replaced,
    /// 改岗: somebody who stays has another post.
    Posts,
    /// 改时间: same day, other start.
    MovedTime,
    /// 改日期.
    MovedDay,
    /// 减少任务.
    Shrunk,
    /// 并入新任务.
    Grown,
    /// 取消: none of its tasks is left.
    Vanished,
    /// 新增.
    New,
    /// 拆出: split off a visit that could not be staffed.
    SplitOff,
    /// 转为未派齐.
    BecameUnstaffed,
    /// 转为派齐: had no team before.
    BecameStaffed,
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Replaced => "换人",
            Self::Posts => "改岗",
            Self::MovedTime => "改时间",
            Self::MovedDay => "改日期",
            Self::Shrunk => "减少任务",
            Self::Grown => "并入新任务",
            Self::Vanished => "取消",
            Self::New => "新增",
            Self::SplitOff => "拆出",
            Self::BecameUnstaffed => "转为未派齐",
            Self::BecameStaffed => "转为派齐",
        }
    }
}

/// All that changed on one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Number of the visit.
    pub number: u32,
    /// Key of its subject.
    pub subject: String,
    /// What kinds, ascending; at least one.
    pub kinds: Vec<Kind>,
    /// Level at which the people were found, if any had to be: 0 to 4.
    pub level: Option<u8>,
    /// The visit it was split off from.
    pub split_from: Option<u32>,
    /// Tasks it no longer has.
    pub tasks_out: Vec<String>,
    /// Tasks it has got.
    pub tasks_in: Vec<String>,
    /// When it was to be.
    pub before: Option<Spot>,
    /// When it will be.
    pub after: Option<Spot>,
    /// Who no longer goes.
    pub left: Vec<Left>,
    /// Who now goes.
    pub came: Vec<Came>,
    /// New posts of those who stay: (人员编号, post).
    pub posts: Vec<(String, Post)>,
}
