//! 检查通知书 with the two lists that go with it (双清单): what is checked and by whom, and what to have ready.
//!
//! 司法部《行政检查文书基本格式文本(试行)》 (2025): the notice states basis, items, frequency, and the rights to state one's
//! case and to ask that an inspector withdraw. "需要企业提供的证照、财务资料等,要一次告知" (南陵 2024).

use super::sheet::{Block, Cell, Row, Sheet, Table};
use super::{ItemLine, MemberLine, SubjectLine, numbered, or_dash};
use serde::Serialize;

/// How often a department has come and may come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FrequencyLine {
    /// Department.
    pub department: String,
    /// Checks in the year that count, this one included.
    pub nth: usize,
    /// Most in a year.
    pub cap: u32,
}

/// A notice to the business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Name of the county.
    pub county: String,
    /// Code of the visit.
    pub number: String,
    /// Joint inspections it belongs to: number and name.
    pub inspections: Vec<String>,
    /// Department that leads and signs.
    pub lead: String,
    /// Departments that take part.
    pub departments: Vec<String>,
    /// Whom it is for.
    pub subject: SubjectLine,
    /// Day and hour of the visit.
    pub when: String,
    /// When it was dispatched.
    pub dispatched_on: String,
    /// Whether it is given before the visit; an unannounced one is handed over when the team has come.
    pub announced: bool,
    /// Working days it must be given before.
    pub days_before: u32,
    /// The team.
    pub team: Vec<MemberLine>,
    /// What is checked.
    pub items: Vec<ItemLine>,
    /// How often.
    pub frequencies: Vec<FrequencyLine>,
    /// Where the business sees its visit; none for a reader who must not have the code.
    pub link: Option<String>,
    /// Code of the visit, by which the team proves that it came.
    pub code: Option<String>,
}

impl Notice {
    /// The notice and its lists, on one paper.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let mut blocks =
            vec![Block::Address(format!("{}：", self.subject.name)), Block::Paragraph(self.opening())];
        blocks.push(Block::Heading("一、检查依据".to_owned()));
        for text in self.basis() {
            blocks.push(Block::Paragraph(text));
        }
        blocks.push(Block::Heading("二、检查频次".to_owned()));
        blocks.push(Block::Paragraph(self.frequency()));
        blocks.push(Block::Heading("三、您的权利和义务".to_owned()));
        for text in RIGHTS {
            blocks.push(Block::Paragraph((*text).to_owned()));
        }
        blocks.push(Block::Heading("四、联合抽查事项清单".to_owned()));
        blocks.push(Block::Table(self.item_list()));
        blocks.push(Block::Heading("五、检查人员".to_owned()));
        blocks.push(Block::Table(self.people()));
        blocks.push(Block::Heading("六、抽查检查材料清单".to_owned()));
        blocks.push(self.material_list());
        self.code_block(&mut blocks);
        blocks.push(Block::Signature(or_dash(&self.lead)));
        blocks.push(Block::Signature(self.dispatched_on.clone()));
        blocks.push(Block::Table(Table {
            widths: vec![18, 32, 18, 32],
            head: Vec::new(),
            rows: vec![Row::high(
                12,
                vec![Cell::label("送达人"), Cell::text(""), Cell::label("签收人及时间"), Cell::text("")],
            )],
        }));
        vec![Sheet {
            red_head: self.lead.clone(),
            title: "检查通知书".to_owned(),
            subtitle: String::new(),
            number: self.number.clone(),
            blocks,
        }]
    }

    fn opening(&self) -> String {
        let of = if self.inspections.is_empty() {
            String::new()
        } else {
            format!("按照{}，", self.inspections.join("、"))
        };
        let told = if self.announced {
            format!("本通知至少提前{}个工作日送达。", self.days_before)
        } else {
            "本次检查依法不事先告知，本通知于检查开始时当场送达。".to_owned()
        };
        format!(
            "{of}经随机抽取，定于{}由{}对你单位（{}，地址：{}）实施{}检查。{told}",
            self.when,
            self.departments.join("、"),
            self.subject.key,
            or_dash(&self.subject.address),
            if self.departments.len() > 1 { "联合" } else { "" },
        )
    }

    fn basis(&self) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for text in self.items.iter().flat_map(|i| &i.basis) {
            if !seen.contains(text) {
                seen.push(text.clone());
            }
        }
        if seen.is_empty() {
            return vec!["见各部门公示的抽查事项清单。".to_owned()];
        }
        seen.iter().zip(1..).map(|(text, n)| format!("（{n}）{text}")).collect()
    }

    fn frequency(&self) -> String {
        let mut parts: Vec<String> = self
            .frequencies
            .iter()
            .map(|f| {
                if f.nth == 0 {
                    format!("{}本次检查依法不计入年度频次（上限{}次）", f.department, f.cap)
                } else {
                    format!("{}本年度第{}次（上限{}次）", f.department, f.nth, f.cap)
                }
            })
            .collect();
        let own: Vec<String> = self
            .items
            .iter()
            .filter(|i| !i.frequency.is_empty())
            .map(|i| format!("“{}”{}", i.name, i.frequency))
            .collect();
        if !own.is_empty() {
            parts.push(format!("事项清单规定的频次：{}", own.join("；")));
        }
        format!("{}。", parts.join("；"))
    }

    fn item_list(&self) -> Table {
        let row = |(i, n): (&ItemLine, usize)| {
            let points = if i.points.is_empty() { i.method.clone() } else { numbered(&i.points) };
            Row::of(vec![
                Cell::center(n.to_string()),
                Cell::text(&i.department),
                Cell::text(&i.name),
                Cell::text(or_dash(&points)),
            ])
        };
        Table {
            widths: vec![8, 22, 28, 42],
            head: ["序号", "部门", "抽查事项", "检查内容"].map(str::to_owned).to_vec(),
            rows: self.items.iter().zip(1..).map(row).collect(),
        }
    }

    fn people(&self) -> Table {
        let row = |m: &MemberLine| {
            Row::of([&m.name, &m.department, &m.certificate].map(|t| Cell::center(or_dash(t))).to_vec())
        };
        Table {
            widths: vec![24, 44, 32],
            head: ["姓名", "部门", "执法证号"].map(str::to_owned).to_vec(),
            rows: self.team.iter().map(row).collect(),
        }
    }

    fn material_list(&self) -> Block {
        let with: Vec<&ItemLine> = self.items.iter().filter(|i| !i.materials.is_empty()).collect();
        if with.is_empty() {
            return Block::Paragraph(
                "本次检查无须事先准备材料；现场需要的材料由检查人员一次告知。".to_owned(),
            );
        }
        let row = |(i, n): (&&ItemLine, usize)| {
            Row::of(vec![
                Cell::center(n.to_string()),
                Cell::text(&i.name),
                Cell::text(numbered(&i.materials)),
            ])
        };
        Block::Table(Table {
            widths: vec![8, 36, 56],
            head: ["序号", "抽查事项", "请准备的材料"].map(str::to_owned).to_vec(),
            rows: with.iter().zip(1..).map(row).collect(),
        })
    }

    fn code_block(&self, blocks: &mut Vec<Block>) {
        match (&self.link, &self.code) {
            (Some(link), Some(code)) => {
                blocks.push(Block::Qr {
                    text: link.clone(),
                    caption: format!("扫码查看本次检查、核对检查人员、投诉；检查码 {code}"),
                });
            }
            _ => blocks.push(Block::Small("检查码见送达检查对象的通知书。".to_owned())),
        }
    }
}

/// Rights and duties, as every notice states them.
const RIGHTS: &[&str] = &[
    "（1）检查人员不得少于两人并应当出示行政执法证件；未出示证件或者未送达本通知书的，你单位有权拒绝检查。",
    "（2）你单位有权进行陈述和申辩；认为检查人员与检查事项有直接利害关系或者其他可能影响公正检查的关系的，有权申请其回避。",
    "（3）你单位应当如实提供有关情况和材料，配合检查；不得拒绝、阻挠或者隐瞒。",
    "（4）对检查行为有意见的，可以扫描下方二维码投诉，凭协调机构发放的《企业评价卡》评价，也可以拨打12345。",
];
