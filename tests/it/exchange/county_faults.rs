//! Whole counties with faults: every check of a table, between tables and of settings.

use super::county::{Files, bad, good, one, sorted, warned};
use super::{business, changed, code, county, folder, of};
use onedoor::domain::planning::input::TeamMode;
use onedoor::exchange::county::read;
use onedoor::exchange::fault::Severity;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let mut files = changed("任务.csv", "SJ-001", "SJ-999");
    let people = files.get_mut("执法人员.csv").unwrap();
    *people = people.replace("P3,王三,男,XF-339901", "P3,王三,男,XX-1").replace("450,否", "很久,也许");
    *files.get_mut("事项.csv").unwrap() = "事项编码,部门类别,事项名称\nSJ-001,SJ,证照公示检查\n".to_owned();
    let faults = bad(&files);
    for (code, file) in [
        ("unknown_reference", "执法人员.csv"),
        ("bad_number", "执法人员.csv"),
        ("unknown_word", "执法人员.csv"),
        ("missing_column", "事项.csv"),
    ] {
        assert!(of(&faults, code).iter().any(|f| f.file == file), "{code} {file}\n{faults}");
    }
    // Nothing refers to a table that could not be read.
    assert!(!of(&faults, "unknown_reference").iter().any(|f| f.file == "任务.csv"), "{faults}");
    let mut order = faults.list.clone();
    order.sort();
    assert_eq!(order, faults.list);
    let json = faults.to_json();
    assert_eq!(json["errors"], faults.count(Severity::Error));
    assert!(faults.to_string().contains("第4行"));
    assert!(faults.to_csv().starts_with('\u{feff}') && faults.to_csv().contains("\r\n"));
}

#[test]
fn many_faults_of_one_kind_are_counted_not_listed() {
    let mut files = county();
    let mut text = String::from("人员编号,开始日期,结束日期,类型\n");
    for i in 0..5000 {
        text.push_str(&format!("P1,2026-03-0{},某日,x\n", i % 9 + 1));
    }
    files.insert("请假.csv".to_owned(), text);
    let faults = bad(&files);
    assert_eq!(faults.count(Severity::Error), 5000);
    assert!(faults.list.len() <= 400 && faults.omitted.iter().map(|o| o.count).sum::<usize>() >= 4600);
    assert!(faults.to_string().contains("未逐一列出"));
}

#[test]
fn keys_and_references() {
    let (a, b) = (business(1), business(2));
    one(&changed("部门.csv", "XF-339901", "SJ-339901"), "duplicate", "部门.csv", 3, "部门编码");
    warned(
        &changed("请假.csv", "类型\n", "类型\n人员编号,开始日期,结束日期,类型\n"),
        "repeated_header",
        "请假.csv",
        2,
    );
    one(&changed("部门.csv", "云溪县消防救援大队", "云溪县,消防救援大队"), "extra_cells", "部门.csv", 3, "");
    one(&changed("任务.csv", "T2", "T1"), "duplicate", "任务.csv", 3, "任务编号");
    let files = changed("检查对象.csv", &b, &a);
    one(&files, "duplicate", "检查对象.csv", 3, "统一社会信用代码");
    let faults = bad(&files);
    let twin = of(&faults, "duplicate")[0];
    assert!(
        twin.why.contains("第 2 行") && twin.why.contains("云溪甲饭店") && twin.why.contains("云溪乙饭店"),
        "{twin}"
    );
    one(&changed("回避.csv", "P1", "P9"), "unknown_reference", "回避.csv", 2, "人员编号");
    one(&changed("回避.csv", &b, &business(99)), "unknown_reference", "回避.csv", 2, "统一社会信用代码");
    one(&changed("请假.csv", "P2", "P9"), "unknown_reference", "请假.csv", 2, "人员编号");
    one(&changed("资格.csv", "P1", "p1"), "unknown_reference", "资格.csv", 2, "人员编号");
    assert!(bad(&changed("资格.csv", "P1", "p1")).to_string().contains("是否应为“P1”"));
    let numbered: Files = county().into_iter().map(|(n, t)| (n, t.replace("P1", "007"))).collect();
    let mut files = numbered.clone();
    files.insert("回避.csv".to_owned(), numbered["回避.csv"].replace("007", "7"));
    assert!(bad(&files).to_string().contains("是否应为“007”"), "leading zeros lost by a spreadsheet");
    one(&changed("任务.csv", "XF-339901", "XF-000000"), "unknown_reference", "任务.csv", 3, "部门编码");
    one(&changed("任务.csv", "SJ-339901", "ZJ0-339901"), "expert_department", "任务.csv", 2, "部门编码");
    one(
        &changed("检查对象.csv", "330000000000017", "330000000000025"),
        "same_registration",
        "检查对象.csv",
        3,
        "注册号",
    );
    // A subject may be named by its registration number though it has a code.
    let (input, _) = good(&changed("任务.csv", &b, "330000000000017"));
    assert_eq!(input.tasks[1].subject, b);
    warned(&changed("任务.csv", "SJ-339901,SJ-001", "XF-339901,SJ-001"), "foreign_item", "任务.csv", 2);
}

#[test]
fn dates_and_windows() {
    one(
        &changed("任务.csv", "2026-03-02,2026-03-06,15", "2026-03-06,2026-03-02,15"),
        "reversed_dates",
        "任务.csv",
        2,
        "最晚日期",
    );
    one(
        &changed("请假.csv", "2026-03-03,2026-03-04", "2026-03-04,2026-03-03"),
        "reversed_dates",
        "请假.csv",
        2,
        "结束日期",
    );
    one(
        &changed("资格.csv", "2024-01-01,2029-01-01", "2029-01-01,2024-01-01"),
        "reversed_dates",
        "资格.csv",
        2,
        "失效日期",
    );
    one(
        &changed("任务.csv", "2026-03-02,2026-03-06,15", "2026-05-02,2026-05-06,15"),
        "outside_calendar",
        "任务.csv",
        2,
        "最早日期",
    );
    one(
        &changed("任务.csv", "2026-03-02,2026-03-06,15", ",2026-03-06,15"),
        "empty_cell",
        "任务.csv",
        2,
        "最早日期",
    );
    one(
        &changed("任务.csv", "2026-03-02,2026-03-06,15", "3/2/2026,2026-03-06,15"),
        "ambiguous_date",
        "任务.csv",
        2,
        "最早日期",
    );
    warned(
        &changed("任务.csv", "2026-03-02,2026-03-06,15", "2026-03-04,2026-03-04,15"),
        "quiet_only",
        "任务.csv",
        2,
    );
    one(&changed("日历.csv", "2026-03-03", "2026-03-02"), "duplicate", "日历.csv", 3, "日期");
    warned(&changed("日历.csv", "2026-03-05,是,否\n", ""), "calendar_gap", "日历.csv", 0);
    warned(&changed("日历.csv", "2026-03-06,是", "2026-03-06,否"), "differs_from_notice", "日历.csv", 0);
    warned(&changed("事项.csv", "03-01~06-30", "07-01~08-31"), "out_of_season", "任务.csv", 3);
}

#[test]
fn people_and_departments_of_the_right_kind() {
    for name in
        ["云溪县双随机联席会议办公室", "县协调办", "县安全生产委员会办公室", "县优化营商环境工作领导小组"]
    {
        one(&changed("部门.csv", "云溪县消防救援大队", name), "coordination_body", "部门.csv", 3, "部门名称");
    }
    one(
        &changed("执法人员.csv", "一科,执法人员,Z2", "一科,协管员,Z2"),
        "forbidden_post",
        "执法人员.csv",
        3,
        "岗位类别",
    );
    one(
        &changed("执法人员.csv", "一科,执法人员,Z2", "一科,专家,Z2"),
        "expert_among_officers",
        "执法人员.csv",
        3,
        "岗位类别",
    );
    warned(
        &changed("资格.csv", "C1,2024-01-01,2029-01-01", "C1,2020-01-01,2025-01-01"),
        "never_certified",
        "执法人员.csv",
        2,
    );
    warned(&changed("执法人员.csv", "Z2", "Z1"), "shared_certificate", "执法人员.csv", 3);
    warned(&changed("事项.csv", "Z-XF", "Z-YY"), "nobody_holds", "事项.csv", 3);
    let files =
        changed("config.json", "\"min_per_dept\"", "\"base_qualification\": \"执法证\", \"min_per_dept\"");
    warned(&files, "nobody_certified", "执法人员.csv", 0);
    one(
        &changed("事项.csv", "证照公示检查,15", "证照公示检查,0"),
        "zero_minutes",
        "事项.csv",
        2,
        "预计时长(分钟)",
    );
    one(&changed("任务.csv", "2026-03-06,15", "2026-03-06,0"), "zero_minutes", "任务.csv", 2, "预计分钟");
}

#[test]
fn codes_destroyed_by_a_spreadsheet_are_refused_row_by_row() {
    let (a, b) = (business(1), business(2));
    let files = changed("检查对象.csv", &a, "9.13399E+17");
    one(&files, "uscc_destroyed", "检查对象.csv", 2, "统一社会信用代码");
    assert!(bad(&files).to_string().contains("Excel 已将"));
    one(
        &changed("检查对象.csv", &b, &format!("{}0", &b[..17])),
        "bad_uscc",
        "检查对象.csv",
        3,
        "统一社会信用代码",
    );
    one(
        &changed("检查对象.csv", ",330000000000025,", ",,"),
        "no_identity",
        "检查对象.csv",
        4,
        "统一社会信用代码",
    );
    one(
        &changed("检查对象.csv", ",330000000000025,", ",3.3E+14,"),
        "registration_destroyed",
        "检查对象.csv",
        4,
        "注册号",
    );
    // Lower case, spaces and full-width letters are put right, in every table that names the subject.
    let lower = a.to_lowercase();
    let files: Files = county()
        .into_iter()
        .map(|(n, t)| if n == "任务.csv" { (n, t.replace(&a, &format!(" {lower} "))) } else { (n, t) })
        .collect();
    let (input, notes) = good(&files);
    assert_eq!(input.tasks[0].subject, a);
    assert!(notes.repairs.iter().any(|r| r.file == "任务.csv" && r.cells == 1));
    let files = changed("检查对象.csv", "330000000000025", "330000000000025.0");
    assert_eq!(sorted(&files), sorted(&county()));
    warned(&changed("检查对象.csv", "丙面馆", ""), "no_name", "检查对象.csv", 4);
}

#[test]
fn tables_missing_twice_or_at_odds() {
    let without = |name: &str| {
        let mut files = county();
        files.remove(name);
        files
    };
    for name in ["部门.csv", "事项.csv", "检查对象.csv", "执法人员.csv", "资格.csv", "任务.csv"]
    {
        assert!(!of(&bad(&without(name)), "missing_table").is_empty(), "{name}");
    }
    for name in ["回避.csv", "请假.csv", "config.json"] {
        good(&without(name));
    }
    let (input, _) = good(&without("日历.csv"));
    assert_eq!(input.calendar.len(), 5);
    assert!(input.calendar.iter().all(|d| d.workday), "by the built-in table");
    let mut files = without("日历.csv");
    files.remove("config.json");
    warned(&files, "period_derived", "config.json", 0);
    let mut files = county();
    files.insert("departments.csv".to_owned(), files["部门.csv"].clone());
    one(&files, "two_files", "部门.csv", 0, "");
    let mut files = county();
    files.insert("计划.csv".to_owned(), "计划编号,部门编码,事项编码,抽查比例,最早日期,最晚日期\n".to_owned());
    assert!(!of(&bad(&files), "tasks_and_plans").is_empty());
    let mut files = county();
    files.insert("子项.csv".to_owned(), "a,b\n".to_owned());
    warned(&files, "unused_file", "子项.csv", 0);
    files.insert(
        "部门.csv".to_owned(),
        "部门编码,部门名称,传真\nSJ-339901,市场监管局,1\nXF-339901,消防,2\nZJ0-339901,库,3\n".to_owned(),
    );
    let dir = folder(&files);
    std::fs::write(dir.path().join("请假.csv"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").unwrap();
    let faults = read(dir.path()).unwrap_err();
    assert!(
        !of(&faults, "old_or_encrypted_workbook").is_empty() && !of(&faults, "unknown_column").is_empty()
    );
    let nowhere = read(std::path::Path::new("/nonexistent/县")).unwrap_err();
    assert!(!of(&nowhere, "not_found").is_empty());
}

#[test]
fn formula_errors_are_told_once() {
    let files = changed("任务.csv", "T2,甲计划,XF-339901", "T2,甲计划,#N/A");
    let faults = bad(&files);
    assert_eq!(of(&faults, "formula_error").len(), 1, "{faults}");
    assert!(of(&faults, "empty_cell").is_empty(), "{faults}");
}

#[test]
fn settings_are_strict() {
    let set = |text: &str| {
        let mut files = county();
        files.insert("config.json".to_owned(), text.to_owned());
        files
    };
    let (input, notes) = good(&set(
        "{\"am\": [\"09:00\", \"11:30\"], \"team_mode\": \"股所\", \"lead_required\": false, \"colour\": 1, \"seed\": \"1\"}",
    ));
    assert_eq!(
        (input.rules.am, input.rules.team_mode, input.rules.lead_required),
        ((540, 690), TeamMode::SectionStation, false)
    );
    assert_eq!(of(&notes.warnings, "unknown_setting").len(), 1);
    for word in ["全局随机", "所队", "所所", "跨所", "本所", "同所", "same_station", "bureau", "科所"]
    {
        good(&set(&format!("{{\"team_mode\": \"{word}\"}}")));
    }
    for wrong in [
        "{\"min_per_dept\": \"2\"}",
        "{\"min_per_dept\": 0}",
        "{\"min_per_dept\": 2.5}",
        "{\"min_per_dept\": -1}",
        "{\"am\": [\"12:00\", \"08:30\"]}",
        "{\"am\": \"08:30-12:00\"}",
        "{\"am\": [\"08:30\"]}",
        "{\"pm\": [\"11:00\", \"17:00\"]}",
        "{\"team_mode\": \"随便\"}",
        "{\"lead_required\": \"是\"}",
        "{\"slot_minutes\": 1}",
        "{\"slot_minutes\": 0}",
        "{\"start\": \"2026-13-01\"}",
        "{\"start\": \"2026-03-06\", \"end\": \"2026-03-02\"}",
        "{\"base_qualification\": 7}",
        "[1]",
        "{",
        "",
        "{\"travel_minutes\": 99999999999}",
    ] {
        let faults = bad(&set(wrong));
        assert!(
            faults.list.iter().any(|f| f.file == "config.json" && f.severity == Severity::Error),
            "{wrong}\n{faults}"
        );
    }
    warned(&set("{\"min_total_officers\": 1}"), "fewer_than_two", "config.json", 0);
}

#[test]
fn plans_instead_of_tasks() {
    let mut files = county();
    files.remove("任务.csv");
    files.insert(
        "抽查计划.csv".to_owned(),
        "计划编号,计划名称,部门编码,事项编码,主体类型,行业代码,乡镇街道,信用风险分类,抽查比例,分类比例,最早日期,最晚日期,检查时间\n\
         PL-1,饭店,SJ-339901,SJ-001,企业,,全部,,不少于3%,A:1%；B:2%,2026-03-02,2026-03-06,\n\
         PL-2,全部,XF-339901,XF-001,,,石桥镇、城关街道,A级,1户,,,,3月\n"
            .to_owned(),
    );
    let (input, notes) = good(&files);
    assert!(notes.warnings.is_empty(), "{}", notes.warnings);
    assert_eq!((input.plans.len(), input.tasks.len()), (2, 0));
    assert_eq!(input.plans[0].class_ratios.len(), 2);
    assert!(
        input.plans[0].towns.is_empty() && input.plans[1].towns.len() == 2 && input.plans[1].credits == ["A"]
    );
    assert_eq!(input.plans[1].latest.to_string(), "2026-03-31");
    let text = files["抽查计划.csv"].clone();
    let mut with = |from: &str, to: &str| {
        assert!(text.contains(from));
        files.insert("抽查计划.csv".to_owned(), text.replace(from, to));
        files.clone()
    };
    one(&with("不少于3%,A:1%；B:2%", "酌情,"), "ratio_not_understood", "抽查计划.csv", 2, "抽查比例");
    one(&with("A:1%；B:2%", "A:1%；A:2%"), "bad_class_ratio", "抽查计划.csv", 2, "分类比例");
    one(&with("PL-2", "PL-1"), "duplicate", "抽查计划.csv", 3, "计划编号");
    one(&with("PL-1", "计划一"), "bad_plan_id", "抽查计划.csv", 2, "计划编号");
    one(&with(",,,3月", ",,,两批：3月2日前/3月6日前"), "several_windows", "抽查计划.csv", 3, "检查时间");
    one(&with(",,,3月", ",,,适时"), "window_not_understood", "抽查计划.csv", 3, "检查时间");
    one(&with("SJ-001,企业", "SJ-001;SJ-001,企业"), "duplicate", "抽查计划.csv", 2, "事项编码");
    one(&with("SJ-001,企业", "SJ-001;SJ-777,企业"), "unknown_reference", "抽查计划.csv", 2, "事项编码");
    warned(&with("SJ-001,企业", "SJ-001,合作社"), "matches_nothing", "抽查计划.csv", 2);
}

#[test]
fn a_whole_list_with_codes_only_as_numbers() {
    // As a county really had it: codes turned into floats, registration numbers as numbers, blank names.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("检查对象").unwrap();
    for (c, title) in ["企业名称", "统一社会信用代码", "注册号", "成立日期"].iter().enumerate()
    {
        sheet.write_string(0, u16::try_from(c).unwrap(), *title).unwrap();
    }
    sheet.write_string(1, 0, "甲").unwrap();
    sheet.write_number(1, 2, 469_006_600_012_345f64).unwrap();
    sheet.write_number(1, 3, 43_000).unwrap();
    sheet.write_number(2, 1, 9.146_900_012_345e17).unwrap();
    sheet.write_number(2, 2, 469_006_600_012_346f64).unwrap();
    let mut files = county();
    files.remove("检查对象.csv");
    let dir = folder(&files);
    book.save(dir.path().join("检查对象.xlsx")).unwrap();
    let faults = read(dir.path()).unwrap_err();
    let destroyed = of(&faults, "uscc_destroyed");
    assert_eq!(destroyed.len(), 1);
    assert_eq!((destroyed[0].row, destroyed[0].sheet.as_deref()), (3, Some("检查对象")));
    assert!(of(&faults, "no_name").iter().any(|f| f.row == 3));
    assert!(!faults.list.iter().any(|f| f.row == 2 && f.file == "检查对象.xlsx"), "{faults}");
    assert!(code("91469006MA5T00000").len() == 18);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Order of rows and columns changes nothing.
    #[test]
    fn permuted_files_give_the_same_tables(seed in any::<u64>()) {
        let mut state = seed | 1;
        let mut next = move |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % (n as u64)).unwrap()
        };
        let mut shuffle = |n: usize| {
            let mut order: Vec<usize> = (0..n).collect();
            for i in (1..n).rev() {
                order.swap(i, next(i + 1));
            }
            order
        };
        let files: Files = county().into_iter().map(|(name, text)| {
            if !name.ends_with("csv") {
                return (name, text);
            }
            let lines: Vec<&str> = text.lines().collect();
            let columns = shuffle(lines[0].split(',').count());
            let rows = shuffle(lines.len() - 1);
            let line = |l: &str| { let cells: Vec<&str> = l.split(',').collect(); columns.iter().map(|c| cells[*c]).collect::<Vec<_>>().join(",") };
            let mut out = line(lines[0]) + "\n";
            for r in rows {
                out.push_str(&line(lines[r + 1]));
                out.push('\n');
            }
            (name, out)
        }).collect();
        prop_assert_eq!(sorted(&files), sorted(&county()));
    }

    /// Whatever stands in a cell, reading ends with tables or with faults that have a place.
    #[test]
    fn no_cell_makes_reading_panic(file in 0usize..9, at in any::<prop::sample::Index>(), with in "[ -~是否年月日％\u{3000}]{0,12}") {
        let mut files = county();
        let name = files.keys().filter(|n| n.ends_with("csv")).nth(file).unwrap().clone();
        let text = files[&name].clone();
        let commas: Vec<usize> = text.match_indices([',', '\n']).map(|(i, _)| i).collect();
        let i = at.index(commas.len() - 1);
        files.insert(name, format!("{},{}{}", &text[..commas[i]], with, &text[commas[i + 1]..]));
        let dir = folder(&files);
        if let Err(faults) = read(dir.path()) {
            prop_assert!(faults.has_errors());
            prop_assert!(faults.list.iter().all(|f| !f.file.is_empty() && !f.why.is_empty()));
        }
    }
}
