//! 随机抽查人员工作派遣单, in three copies (一式三份): the office, the inspector and the local station keep one each
//! (practice report of Meilie).

use super::sheet::{Block, Cell, Row, Sheet, Table};
use super::{ItemLine, MemberLine, SubjectLine, or_dash};
use serde::Serialize;

/// Who keeps which copy.
pub const COPIES: [&str; 3] = ["第一联 办公室留存", "第二联 检查人员留存", "第三联 所在站所留存"];

/// A dispatch slip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DispatchSlip {
    /// Name of the county.
    pub county: String,
    /// Code of the visit.
    pub number: String,
    /// Joint inspections it belongs to: number and name.
    pub inspections: Vec<String>,
    /// Department that leads.
    pub lead: String,
    /// Whom it is about.
    pub subject: SubjectLine,
    /// Day and hour.
    pub when: String,
    /// When it was dispatched.
    pub dispatched_on: String,
    /// Whether the subject was told.
    pub announced: bool,
    /// The team: A post, B post, the others.
    pub team: Vec<MemberLine>,
    /// What is checked.
    pub items: Vec<ItemLine>,
    /// `draw_id` of the draws behind it.
    pub draws: Vec<String>,
}

impl DispatchSlip {
    /// The three copies, each a page of its own.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        COPIES.iter().map(|copy| self.copy(copy)).collect()
    }

    fn copy(&self, copy: &str) -> Sheet {
        let s = &self.subject;
        let pair = |a: &str, b: &str, c: &str, d: &str| {
            Row::of(vec![Cell::label(a), Cell::text(b), Cell::label(c), Cell::text(d)])
        };
        let wide = |a: &str, b: &str| Row::of(vec![Cell::label(a), Cell::text(b).over(3)]);
        let facts = Table {
            widths: vec![18, 36, 16, 30],
            head: Vec::new(),
            rows: vec![
                wide("联合抽查", &or_dash(&self.inspections.join("\n"))),
                wide("检查对象", &s.name),
                pair("统一社会信用代码（注册号）", &s.key, "联系人", &or_dash(&s.contact)),
                wide("检查地址", &or_dash(&s.address)),
                pair("检查时间", &self.when, "牵头部门", &or_dash(&self.lead)),
                pair(
                    "派遣日期",
                    &self.dispatched_on,
                    "告知方式",
                    if self.announced { "事先告知" } else { "不事先告知（突击检查）" },
                ),
            ],
        };
        let team = Table {
            widths: vec![14, 16, 26, 20, 24],
            head: ["岗位", "姓名", "部门", "科室（站所）", "执法证号"].map(str::to_owned).to_vec(),
            rows: self
                .team
                .iter()
                .map(|m| {
                    let texts = [&m.post, &m.name, &m.department, &m.unit, &m.certificate];
                    Row::of(texts.map(|t| Cell::center(or_dash(t))).to_vec())
                })
                .collect(),
        };
        let items = Table {
            widths: vec![8, 30, 62],
            head: ["序号", "部门", "抽查事项"].map(str::to_owned).to_vec(),
            rows: self
                .items
                .iter()
                .zip(1..)
                .map(|(i, n)| {
                    Row::of(vec![Cell::center(n.to_string()), Cell::text(&i.department), Cell::text(&i.name)])
                })
                .collect(),
        };
        let mut blocks = vec![
            Block::Table(facts),
            Block::Table(team),
            Block::Table(items),
            Block::Small(
                "A岗负责组织检查并录入结果，B岗负责复核。检查时执法人员不得少于两人，应当出示行政执法证件。\
                 抽取的人员原则上不得更换和交换；因回避等特殊原因确需更换的，须经其所在单位负责人批准。"
                    .to_owned(),
            ),
        ];
        if !self.announced {
            blocks.push(Block::Small(
                "本次为突击检查：开始检查前，不得向检查对象及无关人员透露本单内容。".to_owned(),
            ));
        }
        if !self.draws.is_empty() {
            blocks.push(Block::Small("抽取编号（可用 onedoor verify 核验）：".to_owned()));
            blocks.push(Block::Code(self.draws.join("\n")));
        }
        blocks.push(Block::Table(Table {
            widths: vec![18, 32, 18, 32],
            head: Vec::new(),
            rows: vec![Row::high(
                14,
                vec![
                    Cell::label("派遣单位\n（盖章）"),
                    Cell::text(""),
                    Cell::label("检查人员\n签收"),
                    Cell::text(""),
                ],
            )],
        }));
        Sheet {
            red_head: String::new(),
            title: "随机抽查人员工作派遣单".to_owned(),
            subtitle: format!("（{copy}）"),
            number: format!("{} {}", self.county, self.number),
            blocks,
        }
    }
}
