//! A sample view with every part of the page in use, for tests and for looking at the page.

use super::{
    DayView, DepartmentView, DrawLine, DrawMode, DrawView, Headline, IssueRow, IssueView, ReportView,
    TownView,
};
use chrono::{Datelike, Days, NaiveDate, Weekday};

const DEPARTMENTS: &[(&str, u32, u32, u32)] = &[
    ("市场监督管理局", 702, 598, 74),
    ("应急管理局", 208, 171, 22),
    ("消防救援大队", 331, 287, 25),
    ("生态环境局", 186, 154, 19),
    ("卫生健康局", 204, 170, 26),
    ("公安局", 158, 131, 17),
    ("文化广电旅游局", 92, 81, 6),
    ("教育体育局", 76, 66, 8),
    ("住房和城乡建设局", 244, 195, 31),
    ("交通运输局", 88, 52, 34),
    ("农业农村局", 62, 20, 41),
    ("人力资源和社会保障局", 120, 96, 14),
    ("自然资源局", 31, 22, 8),
    ("城市管理局", 173, 150, 16),
    ("民政局", 17, 14, 3),
    ("水利局", 38, 26, 11),
    ("商务局", 64, 57, 4),
    ("烟草专卖局", 129, 118, 11),
    ("气象局", 24, 23, 1),
    ("发展和改革局", 9, 7, 2),
];
const TOWNS: &[(&str, u32)] = &[
    ("城关镇", 21),
    ("青澜街道", 14),
    ("北岭镇", 10),
    ("桥头镇", 8),
    ("白沙镇", 7),
    ("枫林镇", 6),
    ("双溪镇", 5),
    ("大塘镇", 5),
    ("石门镇", 4),
    ("黄田镇", 4),
    ("樟树坪镇", 3),
    ("沙洲镇", 3),
    ("莲塘乡", 3),
    ("竹山乡", 2),
    ("云峰乡", 2),
    ("南坑乡", 2),
];

fn hex(seed: u32) -> String {
    (0..8_u32)
        .map(|word| format!("{:08x}", (seed + word).wrapping_mul(2_654_435_761) ^ 0x5bd1_e995))
        .collect()
}

impl ReportView {
    /// An invented result of an invented county, with something in every part of the page.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one field after the other")]
    pub fn sample() -> Self {
        let from = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap_or_default();
        let days: Vec<DayView> = (0..88)
            .map(|n| from + Days::new(n))
            .filter(|d| !matches!(d.weekday(), Weekday::Sat | Weekday::Sun))
            .filter(|d| !(d.month() == 10 && d.day() < 8))
            .map(|date| DayView { date, quiet: date.month() > 9 && date.day() <= 5 })
            .collect();
        let towns: Vec<TownView> = (0_u32..)
            .zip(TOWNS)
            .map(|(t, (name, weight))| TownView {
                name: (*name).to_owned(),
                visits: (0_u32..)
                    .zip(&days)
                    .map(|(d, day)| if day.quiet { 0 } else { weight * ((d * 7 + t * 5) % 11 + 2) / 15 })
                    .collect(),
            })
            .collect();
        let visits: u32 = towns.iter().flat_map(|t| &t.visits).sum();
        let departments: Vec<DepartmentView> = (0_u32..)
            .zip(DEPARTMENTS)
            .map(|(d, (name, separate, joint, own))| {
                let people = 6 + separate / 20;
                let mean = (joint + own) * 190 / people;
                DepartmentView {
                    name: format!("青澜县{name}"),
                    experts: false,
                    separate_visits: *separate,
                    joint_visits: *joint,
                    own_visits: *own,
                    loads_minutes: (0..people)
                        .map(|p| mean * (78 + (p * 13 + d * 7) % (35 + d)) / 100)
                        .collect(),
                    least_max_minutes: mean * 104 / 100,
                }
            })
            .chain([DepartmentView {
                name: "青澜县联合检查专家库".to_owned(),
                experts: true,
                separate_visits: 0,
                joint_visits: 0,
                own_visits: 0,
                loads_minutes: vec![2400, 2280, 2190, 1980, 1500, 1470, 1380, 900, 870, 780, 0, 0, 0],
                least_max_minutes: 2130,
            }])
            .collect();
        let issue = |subject: &str, what: &str, why: &str, cure: &str| IssueRow {
            subject: subject.to_owned(),
            what: what.to_owned(),
            why: why.to_owned(),
            cure: cure.to_owned(),
        };
        Self {
            county: "青澜县".to_owned(),
            title: "2026年秋季跨部门联合抽查排定结果".to_owned(),
            from,
            to: from + Days::new(87),
            made_on: from - Days::new(12),
            headline: Headline {
                subjects: 1236,
                tasks: 5185,
                tasks_done: 5168,
                off_site_tasks: 526,
                separate_visits: departments.iter().map(|d| d.separate_visits).sum(),
                visits: visits + 7,
                joint_visits: visits * 7 / 10,
                staffed_visits: visits,
                people: 287,
                people_total: 324,
            },
            departments,
            days,
            towns,
            issues: vec![
                IssueView {
                    title: "有日期但派不齐人员的上门检查".to_owned(),
                    total: 7,
                    rows: vec![
                        issue(
                            "青澜恒源化工有限公司（桥头镇）",
                            "应急管理局：危险化学品储存使用检查",
                            "9月8日至14日内，化工安全专家库的 5 人中 2 人请假、3 人已满额",
                            "延长期限至9月16日，或从邻县专家库借调 1 人",
                        ),
                        issue(
                            "青澜县第一医院（城关镇）",
                            "卫生健康局：医疗机构依法执业检查",
                            "持“医疗卫生监督”资格的 7 人中，5 人申报回避、2 人证书9月20日到期",
                            "为 2 人办理换证，或由上级卫生监督机构派员",
                        ),
                        issue(
                            "青澜兴隆矿业有限公司（云峰乡）",
                            "应急管理局：非煤矿山现场检查",
                            "需连续 3.5 小时，兼职人员每日只有 4 小时且当日已有任务",
                            "增加 1 名全日人员的派出时间",
                        ),
                    ],
                    file: "未派齐.csv".to_owned(),
                },
                IssueView {
                    title: "未能并入同一次上门的任务".to_owned(),
                    total: 212,
                    rows: vec![
                        issue(
                            "青澜泰和大酒店（城关镇）",
                            "消防救援大队 与 教育体育局",
                            "一项要求突击检查，一项要求提前告知",
                            "把“办学条件与收费公示检查”改为“均可”",
                        ),
                        issue(
                            "青澜县北岭镇中心幼儿园",
                            "市场监督管理局 与 卫生健康局",
                            "两个计划的检查期没有共同的工作日（9月1日至9月9日；10月20日至11月12日）",
                            "任一计划的检查期放宽到有共同工作日",
                        ),
                        issue(
                            "青澜金隆钢构有限公司（沙洲镇）",
                            "7 个部门的 9 项任务",
                            "合在一起需 245 分钟，超过单次上门 180 分钟的上限",
                            "上限调整为 250 分钟，或分为两次（已分为两次）",
                        ),
                    ],
                    file: "未合并.csv".to_owned(),
                },
            ],
            draw: DrawView {
                mode: DrawMode::Rehearsal,
                policy: "现场抽取（封存卡片，无需联网）".to_owned(),
                lines: vec![
                    DrawLine {
                        purpose: "抽取检查对象".to_owned(),
                        draw_id: hex(1),
                        subject_pool: hex(2),
                        inspector_pool: String::new(),
                        seed: hex(3),
                    },
                    DrawLine {
                        purpose: "派定检查人员".to_owned(),
                        draw_id: hex(4),
                        subject_pool: hex(5),
                        inspector_pool: hex(6),
                        seed: hex(7),
                    },
                ],
                witnesses: vec!["县人大代表 吴敏".to_owned(), "县公证处 高立".to_owned()],
                beacons: Vec::new(),
                checkpoint: format!(
                    "qinglan.example/onedoor\n9\n{}\n",
                    "b7y0mQnCw1qv3cO0m0J9mZ4cV0b1m7w2k5s8t1u4x7A="
                ),
                verify: "onedoor verify 抽取记录".to_owned(),
            },
            notes: vec![
                "检查对象名录 1,400 户中 150 户没有统一社会信用代码，以注册号识别。".to_owned(),
                "9 名执法人员的执法证在检查期内到期，到期后不再派出。".to_owned(),
                "本期未导入“双随机”历史派工数据，公平下限只按本期任务计算。".to_owned(),
            ],
            files: vec![
                ("结果.xlsx".to_owned(), "全部上门检查、人员、未排入任务及原因".to_owned()),
                ("抽取记录".to_owned(), "抽取全过程记录，供任何人核验".to_owned()),
            ],
        }
    }
}
