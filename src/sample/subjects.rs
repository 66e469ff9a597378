//! The invented county's directory of subjects, and who must not inspect whom.

use super::catalogue::{Body, TRADES, Trade};
use super::lots::Lots;
use super::words::{brand, person_name, street};
use super::{Place, Scale, codes};
use crate::domain::planning::input::{Input, PoolKind, Recusal, Subject};
use chrono::{Days, NaiveDate};
use std::collections::HashSet;

/// Fills the directory; returns the trade of each subject, in the order of the table.
pub(super) fn fill(
    input: &mut Input,
    seed: u64,
    scale: &Scale,
    places: &[Place],
    start: NaiveDate,
) -> Vec<&'static Trade> {
    let weights: Vec<u32> = TRADES.iter().map(|t| t.weight).collect();
    let mut trades = Vec::new();
    let mut used = HashSet::new();
    for place in places {
        let mut lots = Lots::new(seed, &["subjects", &place.division]);
        // Half of the businesses sit in the first quarter of the towns.
        let town_weights: Vec<u32> =
            (0..place.towns.len()).map(|t| 840 / (u32::try_from(t).unwrap_or(0) + 2)).collect();
        for row in 0..scale.subjects {
            let trade = &TRADES[lots.weighted(&weights)];
            let (kind, prefix) = body(&mut lots, trade.body);
            let registered = kind == "个体工商户" && lots.chance(scale.uncoded);
            let key = if registered {
                codes::registration_number(&place.division, row + 1)
            } else {
                loop {
                    let code = codes::drawn_credit_code(&mut lots, prefix, &place.division);
                    if !used.contains(&code) {
                        break code;
                    }
                }
            };
            used.insert(key.clone());
            let at = lots.weighted(&town_weights);
            let town = &place.towns[at];
            let (contact, _) = person_name(&mut lots, 380);
            let (lon, lat) = place.centres[at];
            input.subjects.push(Subject {
                key,
                has_uscc: !registered,
                name: title(&mut lots, place, town, kind, trade),
                kind: kind.to_owned(),
                division: format!("{}{:03}", place.division, at + 1),
                town: town.clone(),
                address: format!("{}{town}{}", place.county, street(&mut lots)),
                industry: trade.code.to_owned(),
                industry_name: trade.name.to_owned(),
                credit: ["A", "B", "C", "D"][lots.weighted(&[30, 44, 19, 7])].to_owned(),
                founded: Some(start - Days::new(u64::from(lots.between(150, 7000)))),
                lon: Some(lon + spread(&mut lots)),
                lat: Some(lat + spread(&mut lots)),
                contact,
            });
            trades.push(trade);
        }
    }
    trades
}

/// Millionths of a degree from the middle of a town: up to some three kilometres, more often near.
fn spread(lots: &mut Lots) -> i32 {
    let steps = i32::try_from(lots.below(31) + lots.below(31)).unwrap_or(30);
    (steps - 30) * 1000
}

fn body(lots: &mut Lots, body: Body) -> (&'static str, &'static str) {
    match body {
        Body::Company => ("企业", "91"),
        Body::Small if lots.chance(660) => ("个体工商户", "92"),
        Body::Small => ("企业", "91"),
        Body::Public if lots.chance(600) => ("事业单位", "12"),
        Body::Public => ("民办非企业单位", "52"),
        Body::Cooperative if lots.chance(500) => ("农民专业合作社", "93"),
        Body::Cooperative => ("企业", "91"),
    }
}

fn title(lots: &mut Lots, place: &Place, town: &str, kind: &str, trade: &Trade) -> String {
    let short = place.county.trim_end_matches(['县', '区']);
    let brand = brand(lots);
    let sign = trade.sign;
    match kind {
        "个体工商户" => format!("{}{town}{brand}{sign}", place.county),
        "事业单位" => {
            format!("{}{town}{}{sign}", place.county, ["第一", "第二", "中心", "实验"][lots.place(4)])
        }
        "农民专业合作社" => format!("{short}{brand}{sign}农民专业合作社"),
        "民办非企业单位" => format!("{}{brand}{sign}", place.county),
        _ if sign.ends_with(['店', '站', '馆', '部', '行', '厂']) => {
            format!("{}{brand}{sign}", place.county)
        }
        _ => format!("{short}{brand}{sign}有限公司"),
    }
}

/// Declared conflicts of interest: a few per officer, with subjects of the own county.
pub(super) fn recusals(input: &mut Input, seed: u64, scale: &Scale) {
    const REASONS: &[&str] = &[
        "近亲属在该单位任职",
        "本人曾在该单位任职",
        "近亲属持有股份",
        "与负责人有亲属关系",
        "本人申报利害关系",
    ];
    let mut lots = Lots::new(seed, &["recusals"]);
    // Most pairs drawn in a city fall into different counties and are dropped.
    let counties = scale.counties;
    let mut rows = Vec::new();
    for person in input.inspectors.iter().filter(|p| p.post == PoolKind::Officers) {
        let division = person.dept_id.rsplit('-').next().unwrap_or_default();
        for _ in 0..lots.below(2 * scale.recusals * counties + 10) / 10 {
            let subject = &input.subjects[lots.place(input.subjects.len())];
            if subject.division.starts_with(division) {
                let reason = (*lots.pick(REASONS)).to_owned();
                rows.push(Recusal { person_id: person.id.clone(), subject: subject.key.clone(), reason });
            }
        }
    }
    rows.sort_by(|a, b| (&a.person_id, &a.subject).cmp(&(&b.person_id, &b.subject)));
    rows.dedup_by(|a, b| a.person_id == b.person_id && a.subject == b.subject);
    input.recusals = rows;
}
