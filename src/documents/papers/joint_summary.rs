//! 联合总表: what all departments found at all subjects of a joint inspection, for the leading department.

use super::or_dash;
use super::sheet::{Block, Cell, Row, Sheet, Table};
use serde::Serialize;

/// A visit in the summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// Code of the visit.
    pub code: String,
    /// Name of the subject; empty where it must not be told yet.
    pub subject: String,
    /// Its key; the same.
    pub key: String,
    /// Day of the visit.
    pub day: String,
    /// State, in words.
    pub state: String,
    /// Department by department: name and what it published, or that it has not.
    pub parts: Vec<(String, String)>,
    /// What it comes to; empty until all have published.
    pub conclusion: String,
}

/// A joint summary form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JointSummary {
    /// Name of the county.
    pub county: String,
    /// Number of the joint inspection.
    pub number: String,
    /// Its name.
    pub name: String,
    /// 抽查领域.
    pub field: String,
    /// Initiating department.
    pub initiator: String,
    /// Departments that take part.
    pub partners: Vec<String>,
    /// Period.
    pub period: String,
    /// Figures: name and number.
    pub figures: Vec<(String, usize)>,
    /// Its visits.
    pub rows: Vec<SummaryRow>,
}

impl JointSummary {
    /// The form.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let wide = |a: &str, b: &str| Row::of(vec![Cell::label(a), Cell::text(or_dash(b)).over(3)]);
        let facts = vec![
            wide("联合抽查", &self.name),
            Row::of(vec![
                Cell::label("抽查领域"),
                Cell::text(or_dash(&self.field)),
                Cell::label("检查时间"),
                Cell::text(&self.period),
            ]),
            wide("发起部门", &self.initiator),
            wide("配合部门", &self.partners.join("、")),
        ];
        let figures: Vec<String> = self.figures.iter().map(|(name, n)| format!("{name}{n}")).collect();
        let row = |(r, n): (&SummaryRow, usize)| {
            let subject = if r.subject.is_empty() {
                "（突击检查，检查开始前不列名）".to_owned()
            } else {
                format!("{}\n{}", r.subject, r.key)
            };
            let parts: Vec<String> = r.parts.iter().map(|(d, found)| format!("{d}：{found}")).collect();
            Row::of(vec![
                Cell::center(n.to_string()),
                Cell::text(subject),
                Cell::center(format!("{}\n{}", r.day, r.state)),
                Cell::text(parts.join("\n")),
                Cell::center(or_dash(&r.conclusion)),
            ])
        };
        let sign = |text: &str| vec![Cell::label(text), Cell::text("")];
        vec![Sheet {
            red_head: String::new(),
            title: "部门联合抽查情况总表".to_owned(),
            subtitle: self.county.clone(),
            number: self.number.clone(),
            blocks: vec![
                Block::Table(Table { widths: vec![15, 35, 15, 35], head: Vec::new(), rows: facts }),
                Block::Paragraph(format!("{}。", figures.join(","))),
                Block::Table(Table {
                    widths: vec![7, 29, 16, 34, 14],
                    head: ["序号", "检查对象", "日期和状态", "各部门结果", "联合结论"]
                        .map(str::to_owned)
                        .to_vec(),
                    rows: self.rows.iter().zip(1..).map(row).collect(),
                }),
                Block::Table(Table {
                    widths: vec![15, 35, 15, 35],
                    head: Vec::new(),
                    rows: vec![Row::high(12, [sign("填表人"), sign("负责人")].concat())],
                }),
            ],
        }]
    }
}
