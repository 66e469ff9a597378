//! Filters of subjects and quotas.

use onedoor::domain::ratio::{Bound, Rule};
use onedoor::domain::scope::{Listed, Quota, SubjectFacts, SubjectFilter, Warning};
use std::collections::BTreeMap;

fn list(values: &[&str]) -> Vec<String> {
    values.iter().map(|v| (*v).to_owned()).collect()
}

#[test]
fn values_are_alternatives_and_fields_add_up() {
    let (tags, by) = (list(&["冷链", "学校"]), list(&["d1", "d2"]));
    let subject = SubjectFacts {
        kind: "企业",
        industry: "F5212",
        town: "城关镇",
        tags: &tags,
        credit: "C",
        supervised_by: &by,
        abnormal: true,
        serious: false,
    };
    let full = SubjectFilter {
        kinds: list(&["个体工商户", "企业"]),
        industries: list(&["H", "F52"]),
        towns: list(&["城关镇"]),
        tags: list(&["学校", "医院"]),
        credits: list(&["C", "D"]),
        supervised_by: list(&["d2"]),
        only_listed: Some(Listed::Abnormal),
    };
    assert!(full.matches(&subject) && SubjectFilter::default().matches(&subject));
    for other in [
        SubjectFilter { kinds: list(&["个体工商户"]), ..full.clone() },
        SubjectFilter { industries: list(&["F521x"]), ..full.clone() },
        SubjectFilter { industries: list(&["F52121"]), ..full.clone() },
        SubjectFilter { towns: list(&["城关"]), ..full.clone() },
        SubjectFilter { tags: list(&["医院"]), ..full.clone() },
        SubjectFilter { credits: list(&["A"]), ..full.clone() },
        SubjectFilter { supervised_by: list(&["d3"]), ..full.clone() },
        SubjectFilter { only_listed: Some(Listed::Serious), ..full.clone() },
    ] {
        assert!(!other.matches(&subject), "{other:?}");
    }
    assert!(
        full.is_targeted()
            && !SubjectFilter { kinds: list(&["企业"]), ..SubjectFilter::default() }.is_targeted()
    );
    assert!(full.faults().is_empty());
    let blank = SubjectFilter { industries: list(&["", "F", "F"]), ..SubjectFilter::default() };
    assert_eq!(blank.faults().iter().map(|f| f.0).collect::<Vec<_>>(), ["industries", "industries"]);
    assert!(serde_json::from_str::<SubjectFilter>(r#"{"kinds":["企业"],"kind":["企业"]}"#).is_err());
}

fn by_class(pairs: &[(&str, &str)]) -> Quota {
    Quota::ByClass(pairs.iter().map(|(c, r)| ((*c).to_owned(), (*r).to_owned())).collect())
}

#[test]
fn quotas_are_ratios_or_refused_with_all_faults() {
    assert_eq!(serde_json::from_str::<Quota>(r#"{"total":12}"#).unwrap(), Quota::Total(12));
    assert!(serde_json::from_str::<Quota>(r#"{"total":-1}"#).is_err());
    assert!(serde_json::from_str::<Quota>(r#"{"all":1}"#).is_err());
    let asked = Quota::Share("10-20%".to_owned()).asked().unwrap();
    assert_eq!(asked.ratio.rule, Some(Rule::ShareRange { lo_bp: 1000, hi_bp: 2000 }));
    assert_eq!(Quota::Total(3).asked().unwrap().ratio.rule, Some(Rule::Count { n: 3, bound: Bound::Exact }));
    let fields = |q: Quota| q.asked().unwrap_err().into_iter().map(|f| f.0).collect::<Vec<_>>();
    assert_eq!(fields(Quota::Total(0)), ["total"]);
    assert_eq!(fields(Quota::Share("根据实际情况确定".to_owned())), ["share"]);
    assert_eq!(fields(Quota::Share("0%".to_owned())), ["share"]);
    assert_eq!(fields(by_class(&[("A", "?"), ("B", "2%"), ("C", "多")])), ["by_class.A", "by_class.C"]);
    assert_eq!(fields(by_class(&[])), ["by_class"]);
    assert_eq!(fields(by_class(&[("A", "0%")])), ["by_class"]);
}

fn codes(quota: &Quota, targeted: bool, sizes: &[(&str, u64)]) -> Vec<&'static str> {
    let sizes: BTreeMap<String, u64> = sizes.iter().map(|(c, n)| ((*c).to_owned(), *n)).collect();
    let warnings: Vec<Warning> = quota.warnings(targeted, sizes.values().sum(), &sizes);
    warnings.into_iter().map(|w| w.code).collect()
}

#[test]
fn ratios_that_fall_with_risk_or_below_the_floors_are_pointed_out() {
    let even = [("A", 100), ("B", 100), ("C", 100), ("D", 100)];
    // Henan 2021: rising, and in all (1+2+10+30)/4 = 10.75 %.
    let henan = by_class(&[("A", "1%"), ("B", "2%"), ("C", "10%"), ("D", "30%")]);
    assert!(codes(&henan, true, &even).is_empty());
    // The same on a county of mostly low risk comes below 3 %.
    assert_eq!(codes(&henan, false, &[("A", 900), ("B", 90), ("C", 9), ("D", 1)]), ["below_floor"]);
    let falling = by_class(&[("A", "20%"), ("B", "10%"), ("D", "5%")]);
    assert_eq!(codes(&falling, false, &even), ["not_monotone", "not_monotone"]);
    // Counts are compared by the share they come to.
    let counts = by_class(&[("A", "10户"), ("D", "5户")]);
    assert_eq!(codes(&counts, false, &[("A", 1000), ("D", 5)]), ["below_floor"]);
    assert_eq!(codes(&counts, false, &[("A", 20), ("D", 100)]), ["not_monotone"]);
    assert!(codes(&Quota::Total(3), false, &[("A", 100)]).is_empty());
    assert_eq!(codes(&Quota::Total(2), false, &[("A", 100)]), ["below_floor"]);
    assert_eq!(codes(&Quota::Total(3), true, &[("A", 100)]), ["below_floor"]);
    assert_eq!(codes(&Quota::Share("不低于2%".to_owned()), false, &even), ["below_floor"]);
    assert!(codes(&Quota::Share("全部".to_owned()), true, &even).is_empty());
    assert!(codes(&Quota::Total(3), false, &[]).is_empty(), "nobody eligible is another matter");
}
