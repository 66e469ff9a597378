//! Names of departments resolved to codes.

use onedoor::domain::alias::{Aliases, Resolved, is_wildcard};

fn table() -> Aliases {
    Aliases::new([
        ("SCJG", "市场监管部门"),
        ("SCJG", "市场监督管理局"),
        ("WLT", "文化和旅游部门"),
        ("WSJK", "卫生健康部门"),
        ("XC", "宣传部门"),
        ("JT", "交通局"),
        ("JTJ", "交通局"),
        ("RS", "人社（劳动）局"),
    ])
}

#[test]
fn names_are_found_exactly_and_never_guessed() {
    let t = table();
    let one = |code: &str| Resolved::One(code.to_owned());
    assert_eq!(t.resolve("市场监管部门"), one("SCJG"));
    assert_eq!(t.resolve(" 市 场监督\u{3000}管理局\u{200b}"), one("SCJG"));
    assert_eq!(t.resolve("ｓｃｊｇ"), one("SCJG"));
    assert_eq!(t.resolve("人社(劳动)局"), one("RS"));
    assert_eq!(t.resolve("市场监管"), Resolved::Unknown);
    assert_eq!(t.resolve(""), Resolved::Unknown);
    assert_eq!(t.resolve("交通局"), Resolved::Ambiguous(vec!["JT".to_owned(), "JTJ".to_owned()]));
    assert_eq!(t.ambiguous(), [("交通局", vec!["JT", "JTJ"])]);
    for name in ["市场监管领域相关部门", "相关部门", " 各 有关部门 "] {
        assert_eq!(t.resolve(name), Resolved::Wildcard);
        assert!(is_wildcard(name));
    }
    assert!(!is_wildcard("相关") && !is_wildcard("教育等相关部门"));
    assert_eq!(Aliases::new([("X", "相关部门")]).resolve("相关部门"), one("X"));
}

#[test]
fn fields_are_split_and_conditions_kept() {
    let t = table();
    let parts =
        t.resolve_list("文化和旅游部门|卫生健康部门；宣传部门（检查电影院、剧场时宣传部门发起）、某局;");
    let seen: Vec<_> = parts.iter().map(|p| (p.name.as_str(), p.note.as_deref(), &p.resolved)).collect();
    assert_eq!(
        seen,
        [
            ("文化和旅游部门", None, &Resolved::One("WLT".to_owned())),
            ("卫生健康部门", None, &Resolved::One("WSJK".to_owned())),
            ("宣传部门", Some("检查电影院、剧场时宣传部门发起"), &Resolved::One("XC".to_owned())),
            ("某局", None, &Resolved::Unknown),
        ]
    );
    assert_eq!(t.resolve_list("人社（劳动）局").len(), 1);
    assert_eq!(t.resolve_list("市场监管领域相关部门")[0].resolved, Resolved::Wildcard);
    assert!(t.resolve_list(" ; 、").is_empty());
    assert_eq!(t.resolve_list("未关（括号;甲")[0].resolved, Resolved::Unknown);
    assert_eq!(t.resolve_list("（只有说明）")[0].note, None);
}

#[test]
fn every_name_of_the_real_lists_is_cut_into_whole_names() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/joint_items.csv");
    let Ok(text) = std::fs::read_to_string(data) else { return };
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (t, mut wild) = (Aliases::default(), 0);
    for row in reader.records().map(Result::unwrap) {
        for part in t.resolve_list(&row[3]).into_iter().chain(t.resolve_list(&row[4])) {
            assert!(
                !part.name.contains([';', '|', '（', '）', ' ']) || part.name.contains("脱敏"),
                "{part:?}"
            );
            wild += usize::from(part.resolved == Resolved::Wildcard);
        }
    }
    assert_eq!(wild, 55);
}
