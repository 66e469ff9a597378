//! Item lists and plans as they are published.

use super::{of, shared};
use onedoor::domain::ratio::Rule;
use onedoor::exchange::lists::{self, Category, ListKind, Method};
use onedoor::exchange::table::Limits;

fn read(text: &str, kind: ListKind) -> lists::List {
    lists::read_bytes("清单.csv", text.as_bytes(), kind, &Limits::default()).unwrap()
}

#[test]
fn a_list_with_chinese_headers_and_a_title() {
    let text = "某县市场监管领域部门联合抽查事项清单,,,,,,,\n\
        序号,抽查领域,抽查事项,检查对象,事项类别,发起部门,配合部门,检查方式,抽查依据\n\
        1,学校办学情况抽查,食堂食品安全检查,各类学校,一般检查事项,市场监管部门,教育部门、卫健部门,实地核查、网络检查,《食品安全法》第一百零九条;《条例》第三条\n\
        2,影院抽查,放映检查,电影院,重点检查事项,文旅部门|宣传部门(检查电影院时宣传部门发起),市场监管领域相关部门,非现场检查,\n\
        3,加油站抽查,成品油检查,加油站,一般检查事项,商务部门;市场监管部门,市场监管部门,抽查一番,\n\
        注:本清单由联席会议办公室解释\n";
    let list = read(text, ListKind::Items);
    assert_eq!(list.entries.len(), 3);
    let [a, b, c] = list.entries.as_slice() else { panic!() };
    assert_eq!(
        (a.row, a.category, a.methods.as_slice()),
        (3, Some(Category::General), &[Method::OnSite, Method::Online][..])
    );
    assert_eq!(a.partners.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["教育部门", "卫健部门"]);
    assert_eq!(a.legal_basis.len(), 2);
    assert!(b.any_partner && b.partners.is_empty());
    assert_eq!(b.methods, [Method::Online], "非现场 is not 现场");
    assert_eq!(b.initiators[1].condition.as_deref(), Some("检查电影院时宣传部门发起"));
    assert_eq!(c.initiators.len(), 2);
    for code in [
        "any_partner",
        "initiator_depends",
        "several_initiators",
        "partner_is_initiator",
        "method_not_understood",
        "remark_row",
    ] {
        assert!(!of(&list.warnings, code).is_empty(), "{code}");
    }
}

#[test]
fn faults_of_a_list_are_told_together() {
    let text = "序号,抽查领域,检查对象\n1,x,y\n";
    let faults =
        lists::read_bytes("x.csv", text.as_bytes(), ListKind::Items, &Limits::default()).unwrap_err();
    assert_eq!(of(&faults, "missing_column").len(), 1);
    let text = "序号,抽查事项,检查对象,抽查比例,比例\n1,,学校,3%,4%\n2,,医院,,\n";
    let faults =
        lists::read_bytes("x.csv", text.as_bytes(), ListKind::Items, &Limits::default()).unwrap_err();
    assert_eq!(of(&faults, "duplicate_column").len(), 1);
    let text = "序号,抽查事项,检查对象\n1,,学校\n2,,医院\n";
    let faults =
        lists::read_bytes("x.csv", text.as_bytes(), ListKind::Items, &Limits::default()).unwrap_err();
    assert_eq!(of(&faults, "empty_cell").len(), 2);
}

#[test]
fn plans_keep_what_is_not_understood_as_text() {
    let text = "抽查任务,抽查事项,抽查比例,抽查时间,牵头部门,参与部门\n\
        a,甲,10-20%,1—12月,教育局,市监局\nb,乙,根据实际情况确定,区级发起,教育局,市监局\nc,丙,1户,两批：7月20日前/10月15日前,教育局,\n";
    let list = read(text, ListKind::Plans);
    assert_eq!(
        list.entries[0].ratio.as_ref().unwrap().rule,
        Some(Rule::ShareRange { lo_bp: 1000, hi_bp: 2000 })
    );
    assert_eq!(list.entries[1].ratio.as_ref().unwrap().text, "根据实际情况确定");
    assert_eq!(list.entries[2].window.as_ref().unwrap().spans.len(), 2);
    assert_eq!(of(&list.warnings, "ratio_not_understood").len(), 1);
    assert_eq!(of(&list.warnings, "window_not_understood").len(), 1);
    assert_eq!(of(&list.warnings, "no_partner").len(), 1);
}

#[test]
fn the_real_lists_are_read() {
    for (file, kind, rows, ratios) in [
        ("dept_items_hainan2020.csv", ListKind::Items, 297, 0),
        ("dept_items_zhejiang2017.csv", ListKind::Items, 75, 53),
        ("joint_items.csv", ListKind::Items, 160, 0),
        ("joint_plans.csv", ListKind::Plans, 34, 31),
    ] {
        let Some(path) = shared(&format!("data/{file}")) else { continue };
        let list = lists::read(&path, kind).unwrap();
        assert_eq!(list.entries.len(), rows, "{file}");
        let understood =
            list.entries.iter().filter(|e| e.ratio.as_ref().is_some_and(|r| r.rule.is_some())).count();
        assert_eq!(understood, ratios, "{file}");
        // The same in the encoding and form that Excel gives it in China.
        let text = std::fs::read_to_string(&path).unwrap();
        let (gb, _, lossy) = encoding_rs::GB18030.encode(&text);
        assert!(!lossy);
        let again = lists::read_bytes(file, &gb, kind, &Limits::default()).unwrap();
        assert_eq!(again.entries, list.entries);
    }
}
