//! The scope of a plan or joint inspection: which subjects it is about, and how many of them are asked for.

use super::ratio::{Bound, Ratio, Rule};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Official lists of subjects with faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// 经营异常名录.
    Abnormal,
    /// 严重违法失信名单.
    Serious,
}

/// Which subjects match. Values of one field are alternatives, fields must all hold; an empty field asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubjectFilter {
    /// 主体类型.
    pub kinds: Vec<String>,
    /// 行业代码 prefixes.
    pub industries: Vec<String>,
    /// 乡镇街道.
    pub towns: Vec<String>,
    /// 标签; one of them is enough.
    pub tags: Vec<String>,
    /// 信用风险分类.
    pub credits: Vec<String>,
    /// 监管部门 (identifiers); supervised by one of them.
    pub supervised_by: Vec<String>,
    /// Only subjects on this list.
    pub only_listed: Option<Listed>,
}

/// What a filter looks at in a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectFacts<'a> {
    /// 主体类型.
    pub kind: &'a str,
    /// 行业代码.
    pub industry: &'a str,
    /// 乡镇街道.
    pub town: &'a str,
    /// 标签.
    pub tags: &'a [String],
    /// 信用风险分类; empty = not classified.
    pub credit: &'a str,
    /// 监管部门.
    pub supervised_by: &'a [String],
    /// On the 经营异常名录.
    pub abnormal: bool,
    /// On the 严重违法失信名单.
    pub serious: bool,
}

/// Most values one field of a filter may name.
pub const VALUES_MAX: usize = 500;

impl SubjectFilter {
    /// Whether a subject is in the scope.
    #[must_use]
    pub fn matches(&self, subject: &SubjectFacts<'_>) -> bool {
        let one = |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|w| w == value);
        let any = |wanted: &[String], values: &[String]| {
            wanted.is_empty() || wanted.iter().any(|w| values.contains(w))
        };
        one(&self.kinds, subject.kind)
            && (self.industries.is_empty()
                || self.industries.iter().any(|prefix| subject.industry.starts_with(prefix.as_str())))
            && one(&self.towns, subject.town)
            && any(&self.tags, subject.tags)
            && one(&self.credits, subject.credit)
            && any(&self.supervised_by, subject.supervised_by)
            && match self.only_listed {
                None => true,
                Some(Listed::Abnormal) => subject.abnormal,
                Some(Listed::Serious) => subject.serious,
            }
    }

    fn fields(&self) -> [(&'static str, &[String]); 6] {
        [
            ("kinds", &self.kinds),
            ("industries", &self.industries),
            ("towns", &self.towns),
            ("tags", &self.tags),
            ("credits", &self.credits),
            ("supervised_by", &self.supervised_by),
        ]
    }

    /// Whether every subject matches.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        self.only_listed.is_none() && self.fields().iter().all(|(_, values)| values.is_empty())
    }

    /// Whether the draw is 定向 (aimed at some by tags, class or list) and not only at a kind of trade or place.
    #[must_use]
    pub fn is_targeted(&self) -> bool {
        self.only_listed.is_some() || !self.tags.is_empty() || !self.credits.is_empty()
    }

    /// All values that cannot be meant, as (field, Chinese sentence): blank ones (a blank prefix would match everybody), ones
    /// given twice, too many.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        for (field, values) in self.fields() {
            if values.len() > VALUES_MAX {
                faults.push((field, format!("最多{VALUES_MAX}个值,现有{}个", values.len())));
            }
            // An empty class is a class: subjects without one.
            if field != "credits" && values.iter().any(|v| v.trim().is_empty()) {
                faults.push((field, "不能有空白值".to_owned()));
            }
            let mut seen = BTreeSet::new();
            let twice: BTreeSet<&String> = values.iter().filter(|v| !seen.insert(*v)).collect();
            faults.extend(twice.into_iter().map(|v| (field, format!("“{v}”重复"))));
        }
        faults
    }
}

/// How many subjects are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// This many in all.
    Total(u32),
    /// A ratio as officials write it (`3%`, `10-20%`, `60-70家`).
    Share(String),
    /// A ratio text for each credit-risk class; classes not named are not drawn from.
    ByClass(BTreeMap<String, String>),
}

/// A quota as the ratios a plan entry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// For classes without an own ratio.
    pub ratio: Ratio,
    /// Own ratios.
    pub class_ratios: Vec<(String, Ratio)>,
}

/// Something allowed that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable snake_case code.
    pub code: &'static str,
    /// What, why, and the source of the rule, in Chinese.
    pub text: String,
}

/// Least share, in basis points, of an untargeted draw: 3 % (甘肃省政府令第129号; 工商总局令第67号).
pub const FLOOR_BP: u32 = 300;
/// Least share, in basis points, of a targeted draw: 10 % (甘肃省政府令第129号).
pub const FLOOR_TARGETED_BP: u32 = 1000;
/// Credit-risk classes from the lowest risk to the highest.
pub const CLASSES: [&str; 4] = ["A", "B", "C", "D"];

impl Quota {
    /// The quota as ratios.
    ///
    /// # Errors
    /// Every text that says no number a draw could go by, as (field, Chinese sentence); no class at all; a total of 0.
    pub fn asked(&self) -> Result<Asked, Vec<(String, String)>> {
        let none =
            || Ratio { text: "0户".to_owned(), rule: Some(Rule::Count { n: 0, bound: Bound::Exact }) };
        let unread =
            |text: &str| format!("“{text}”定不出抽取数量;请写成比例或数量,如 3%、10-20%、15户、全部");
        match self {
            Self::Total(0) => Err(vec![("total".to_owned(), "抽取总数须至少为1".to_owned())]),
            Self::Total(n) => Ok(Asked {
                ratio: Ratio {
                    text: format!("{n}户"),
                    rule: Some(Rule::Count { n: *n, bound: Bound::Exact }),
                },
                class_ratios: Vec::new(),
            }),
            Self::Share(text) => {
                let ratio = Ratio::parse(text);
                if ratio.rule.is_none() || is_nothing(&ratio) {
                    return Err(vec![("share".to_owned(), unread(text))]);
                }
                Ok(Asked { ratio, class_ratios: Vec::new() })
            }
            Self::ByClass(classes) => {
                let class_ratios: Vec<(String, Ratio)> =
                    classes.iter().map(|(class, text)| (class.clone(), Ratio::parse(text))).collect();
                let mut faults: Vec<(String, String)> = class_ratios
                    .iter()
                    .filter(|(_, ratio)| ratio.rule.is_none())
                    .map(|(class, ratio)| (format!("by_class.{class}"), unread(&ratio.text)))
                    .collect();
                if class_ratios.iter().all(|(_, ratio)| is_nothing(ratio)) && faults.is_empty() {
                    faults.push(("by_class".to_owned(), "至少一个分类的抽取比例须大于0".to_owned()));
                }
                if faults.is_empty() { Ok(Asked { ratio: none(), class_ratios }) } else { Err(faults) }
            }
        }
    }

    /// What should be looked at: ratios that do not rise with the risk (the 2024 plans demand 递加), and shares below the
    /// floors of the regulations. `eligible` subjects match, of which the classes have the numbers given; a total or a
    /// count is judged by the share it comes to.
    #[must_use]
    pub fn warnings(&self, targeted: bool, eligible: u64, by_class: &BTreeMap<String, u64>) -> Vec<Warning> {
        let Ok(asked) = self.asked() else { return Vec::new() };
        let mut warnings = Vec::new();
        let size = |class: &str| by_class.get(class).copied().unwrap_or(0);
        let rated: Vec<(&str, u64)> = CLASSES
            .iter()
            .filter_map(|class| {
                let ratio = asked.class_ratios.iter().find(|(c, _)| c == class)?;
                Some((*class, least_bp(&ratio.1, size(class))?))
            })
            .collect();
        for pair in rated.windows(2).filter(|pair| pair[0].1 > pair[1].1) {
            warnings.push(Warning {
                code: "not_monotone",
                text: format!(
                    "风险较低的{}类比例({})高于风险较高的{}类({});抽查比例应随信用风险递增(国办发〔2015〕58号)",
                    pair[0].0,
                    percent(pair[0].1),
                    pair[1].0,
                    percent(pair[1].1)
                ),
            });
        }
        let (floor, word, source) = if targeted {
            (FLOOR_TARGETED_BP, "定向", "甘肃省政府令第129号")
        } else {
            (FLOOR_BP, "不定向", "甘肃省政府令第129号、工商总局令第67号")
        };
        if let Some(bp) = self.whole_bp(&asked, eligible, by_class)
            && bp < u64::from(floor)
        {
            warnings.push(Warning {
                code: "below_floor",
                text: format!(
                    "抽取比例约{},低于{word}抽查下限{}({source})",
                    percent(bp),
                    percent(floor.into())
                ),
            });
        }
        warnings
    }

    /// The share of all eligible it comes to at least, in basis points; none when nobody is eligible.
    fn whole_bp(&self, asked: &Asked, eligible: u64, by_class: &BTreeMap<String, u64>) -> Option<u64> {
        if asked.class_ratios.is_empty() {
            return least_bp(&asked.ratio, eligible);
        }
        let mut taken = 0_u128;
        for (class, ratio) in &asked.class_ratios {
            let size = by_class.get(class).copied().unwrap_or(0);
            taken += u128::from(least_bp(ratio, size).unwrap_or(0)) * u128::from(size);
        }
        u64::try_from(taken.checked_div(u128::from(eligible))?).ok()
    }
}

fn is_nothing(ratio: &Ratio) -> bool {
    matches!(ratio.rule, Some(Rule::Share { bp: 0, .. } | Rule::Count { n: 0, .. }))
}

/// What a ratio takes of `size` subjects at least (an upper bound counts as itself), in basis points.
fn least_bp(ratio: &Ratio, size: u64) -> Option<u64> {
    let of_count = |n: u32| (u64::from(n).min(size) * 10_000).checked_div(size);
    match ratio.rule? {
        Rule::Share { bp, .. } | Rule::ShareRange { lo_bp: bp, .. } => Some(bp.into()),
        Rule::Count { n, .. } | Rule::CountRange { lo: n, .. } => of_count(n),
        Rule::AtLeastAndShare { min, bp } => Some(u64::from(bp).max(of_count(min).unwrap_or(0))),
        Rule::All => Some(10_000),
    }
}

/// Basis points as a percentage with at most two places.
fn percent(bp: u64) -> String {
    let text = format!("{}.{:02}", bp / 100, bp % 100);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
