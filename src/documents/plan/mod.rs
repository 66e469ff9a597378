//! A planning run as people get it: the tables handed over, the figures, and the view of the report.

pub mod changes;
pub mod packages;
pub mod summary;
pub mod tables;
pub mod view;

use crate::domain::allocate::Post;
use crate::domain::allocate::replan::visit_name;
use crate::service::plan::Planned;

/// The name of a visit (an index into the staffing's visits) as it is written: `V000001` for number 0.
#[must_use]
pub fn visit_id(planned: &Planned, visit: usize) -> String {
    planned.numbers.get(visit).map_or(String::new(), |n| visit_name(*n))
}

/// The word for a post.
#[must_use]
pub fn post(post: Post) -> &'static str {
    match post {
        Post::Lead => "主办",
        Post::Second => "协办",
        Post::Member => "队员",
        Post::Expert => "专家",
    }
}

/// How certain it is that a visit cannot be staffed, and why, in a sentence.
#[must_use]
pub fn certainty(planned: &Planned, unstaffed: &crate::service::plan::Unstaffed) -> String {
    use crate::domain::allocate::explain::{Status, words};
    let county = &planned.county;
    let why = words::status(county, &unstaffed.why);
    match (unstaffed.why.status, unstaffed.certificate.and_then(|c| planned.bounds.certificates.get(c))) {
        (Status::Crowded, Some(c)) => format!(
            "已证明至少{}个不能派齐,本次入企是其中之一:{}{}在{}至{}的工作量需求{}、能力{},涉及{}次入企。{why}",
            c.excess,
            county.input.departments[usize::from(c.pool)].name,
            c.qual.map_or(String::new(), |q| format!("({})", words::qual_name(county, q))),
            county.days[usize::from(c.from_day)],
            county.days[usize::from(c.to_day)],
            c.demand,
            c.supply,
            c.visits.len(),
        ),
        (Status::Crowded, None) => format!("未能证明不可行(搜索次数已用完):{why}"),
        _ => why,
    }
}
