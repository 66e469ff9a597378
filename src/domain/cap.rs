//! The cap on planned on-site checks of one subject by one department in one year, and what does not count against it
//! (国办发〔2024〕54号; cap of 2: 嘉善, 咸宁 2025).

use super::states::words;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Planned on-site checks per department, subject and calendar year, unless the county sets another number.
pub const DEFAULT_CAP: u32 = 2;

words! {
    /// The ten causes for which a check does not count against the cap.
    Exemption {
        /// 12345 and other complaints.
        Complaint = "complaint", "12345热线及投诉举报";
        /// Ordered by a higher authority.
        HigherOrder = "higher_order", "上级交办、转办";
        /// Accompanying a check of a higher authority.
        AssistingHigher = "assisting_higher", "配合上级检查";
        /// 稽查.
        CaseAudit = "case_audit", "稽查";
        /// A lead from off-site supervision.
        OffSiteLead = "off_site_lead", "非现场监管发现线索";
        /// Exposed by the media.
        Media = "media", "媒体曝光";
        /// Checking that an ordered rectification was done.
        Recheck = "recheck", "整改复查";
        /// The business asked for it.
        OwnRequest = "own_request", "企业申请";
        /// On-site verification for a licence.
        Licensing = "licensing", "许可现场核查";
        /// Another urgent cause fixed by law.
        Urgent = "urgent", "其他法定紧急情形";
    }
}

/// One on-site check in the ledger of a department and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The day it was or will be held.
    pub date: NaiveDate,
    /// Identifier of the visit: several items in one visit are one check.
    pub visit: String,
    /// Why it does not count; none = it counts.
    pub exemption: Option<Exemption>,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

/// How a department stands with a subject in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Checks that count.
    pub counted: u32,
    /// Checks that do not.
    pub exempt: u32,
    /// The cap.
    pub cap: u32,
}

/// In words a board can colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Room for more.
    Free,
    /// The next one uses the cap up.
    Last,
    /// No further planned check.
    Reached,
    /// More were held than allowed: the supervising body must look.
    Exceeded,
}

impl Status {
    /// Planned checks still allowed.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.cap.saturating_sub(self.counted)
    }

    /// The level.
    #[must_use]
    pub const fn level(&self) -> Level {
        if self.counted > self.cap {
            Level::Exceeded
        } else if self.counted == self.cap {
            Level::Reached
        } else if self.counted + 1 == self.cap {
            Level::Last
        } else {
            Level::Free
        }
    }

    /// Whether one more check may be planned; exempt ones always may.
    #[must_use]
    pub const fn allows(&self, exemption: Option<Exemption>) -> bool {
        exemption.is_some() || self.counted < self.cap
    }
}

/// Whether an item may be checked once more at a subject in a calendar year: 年度频次上限 of the item list, beside the cap
/// of the department (国办发〔2024〕54号; Zhejiang 2017 item list: "一般不超过2次/年"). `made` are the checks of the item that
/// were made or are to be made there in the year; those for a cause that does not count against the cap do not count here
/// either, and are always allowed. No cap: as often as the department may come.
#[must_use]
pub const fn item_allows(made: u32, cap: Option<u32>, exemption: Option<Exemption>) -> bool {
    match cap {
        Some(cap) => exemption.is_some() || made < cap,
        None => true,
    }
}

/// The standing of one department with one subject in a calendar year. Entries of other years and cancelled ones do not
/// count; entries of one visit count once, and as planned if any of them is.
#[must_use]
pub fn status(entries: &[Entry], year: i32, cap: u32) -> Status {
    let mut visits: std::collections::BTreeMap<&str, bool> = std::collections::BTreeMap::new();
    for entry in entries.iter().filter(|e| e.date.year() == year && !e.cancelled) {
        *visits.entry(&entry.visit).or_default() |= entry.exemption.is_none();
    }
    let counted = visits.values().filter(|planned| **planned).count();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Status { counted: number(counted), exempt: number(visits.len() - counted), cap }
}
