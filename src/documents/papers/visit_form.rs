//! 实地核查记录表 (一户一表): one form per subject, shared by all departments (practice report of Zhangzhou),
//! with the sub-items and guidance of each department and room for what is found. What was entered is filled in; nothing
//! is ticked before somebody entered it.

use super::sheet::{Block, Cell, Row, Sheet, Table};
use super::{MemberLine, SubjectLine, numbered, or_dash};
use serde::Serialize;

/// A thing that may be ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tick {
    /// What it says.
    pub text: String,
    /// Whether it holds.
    pub on: bool,
}

/// An item on the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FormItem {
    /// Name.
    pub name: String,
    /// 抽查子项.
    pub points: Vec<String>,
    /// How to check, and by which law.
    pub guidance: String,
    /// Results to choose from.
    pub outcomes: Vec<Tick>,
    /// Methods to choose from.
    pub methods: Vec<Tick>,
    /// What was found, in words; empty while nothing was entered.
    pub found: String,
    /// What follows; empty while nothing was entered.
    pub follow_up: String,
}

/// The part of a department.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Department.
    pub department: String,
    /// Who enters.
    pub enters: String,
    /// Who confirms.
    pub confirms: String,
    /// Its items.
    pub items: Vec<FormItem>,
}

/// A form for one visit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VisitForm {
    /// Name of the county.
    pub county: String,
    /// Code of the visit.
    pub number: String,
    /// Joint inspections it belongs to.
    pub inspections: Vec<String>,
    /// Whom it is about.
    pub subject: SubjectLine,
    /// Day and hour.
    pub when: String,
    /// Begin and end on site; empty before.
    pub held: String,
    /// The team.
    pub team: Vec<MemberLine>,
    /// Department by department.
    pub sections: Vec<Section>,
    /// What kept the team out; empty: nothing.
    pub obstacle: String,
    /// Statement of the business; empty before.
    pub statement: String,
    /// Who signed for it, or that it refused; empty before.
    pub signed: String,
}

fn ticks(list: &[Tick]) -> String {
    list.iter().map(|t| format!("{}{}", if t.on { "☑" } else { "□" }, t.text)).collect::<Vec<_>>().join("  ")
}

impl VisitForm {
    /// The form.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let s = &self.subject;
        let pair = |a: &str, b: &str, c: &str, d: &str| {
            Row::of(vec![Cell::label(a), Cell::text(b), Cell::label(c), Cell::text(d)])
        };
        let wide = |a: &str, b: &str| Row::of(vec![Cell::label(a), Cell::text(b).over(3)]);
        let team: Vec<String> = self
            .team
            .iter()
            .map(|m| format!("{} {} {}（证号{}）", m.post, m.department, m.name, or_dash(&m.certificate)))
            .collect();
        let mut blocks = vec![Block::Table(Table {
            widths: vec![18, 34, 16, 32],
            head: Vec::new(),
            rows: vec![
                wide("联合抽查", &or_dash(&self.inspections.join("\n"))),
                wide("检查对象", &s.name),
                pair("统一社会信用代码（注册号）", &s.key, "主体类型", &or_dash(&s.kind)),
                pair("联系人", &or_dash(&s.contact), "电话", &or_dash(&s.phone)),
                wide("行业", &or_dash(&s.industry)),
                wide("检查地址", &or_dash(&s.address)),
                pair("计划时间", &self.when, "实际时间", &self.held),
                wide("检查人员", &team.join("\n")),
            ],
        })];
        for section in &self.sections {
            blocks.push(Block::Heading(format!("【{}】", section.department)));
            for (item, n) in section.items.iter().zip(1..) {
                blocks.push(Block::Table(item_table(item, n)));
            }
            blocks.push(Block::Small(format!(
                "录入（A岗）：{}　签名：＿＿＿＿＿＿　　复核（B岗）：{}　签名：＿＿＿＿＿＿",
                or_dash(&section.enters),
                or_dash(&section.confirms)
            )));
        }
        blocks.push(Block::Heading("【检查对象】".to_owned()));
        blocks.push(Block::Table(Table {
            widths: vec![18, 82],
            head: Vec::new(),
            rows: vec![
                Row::high(10, vec![Cell::label("受阻情况"), Cell::text(&self.obstacle)]),
                Row::high(22, vec![Cell::label("陈述意见"), Cell::text(&self.statement)]),
                Row::high(14, vec![Cell::label("签名（盖章）"), Cell::text(&self.signed)]),
            ],
        }));
        vec![Sheet {
            red_head: String::new(),
            title: "实地核查记录表".to_owned(),
            subtitle: "（一户一表，各参检部门共用）".to_owned(),
            number: format!("{} {}", self.county, self.number),
            blocks,
        }]
    }
}

fn item_table(item: &FormItem, n: usize) -> Table {
    let row = |name: &str, text: String| Row::of(vec![Cell::label(name), Cell::text(text)]);
    Table {
        widths: vec![18, 82],
        head: Vec::new(),
        rows: vec![
            row("抽查事项", format!("{n}.{}", item.name)),
            row("检查子项", or_dash(&numbered(&item.points))),
            row("检查指引", or_dash(&item.guidance)),
            row("检查方式", ticks(&item.methods)),
            row("检查结果", ticks(&item.outcomes)),
            Row::high(16, vec![Cell::label("发现的情形"), Cell::text(&item.found)]),
            Row::high(8, vec![Cell::label("后续处置"), Cell::text(&item.follow_up)]),
        ],
    }
}
