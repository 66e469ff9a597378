//! 经营异常名录审批表: printed by the local station when a subject could not be reached by two mailings, for the station
//! head and then the bureau (district plan of 丰泽 2024).

use super::sheet::{Block, Cell, Row, Sheet, Table};
use super::{SubjectLine, or_dash};
use serde::Serialize;

/// A mailing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MailingLine {
    /// Carrier: registered letter or EMS.
    pub carrier: String,
    /// Number of the letter.
    pub number: String,
    /// When it was sent.
    pub sent_on: String,
    /// What became of it, and when.
    pub outcome: String,
}

/// An opinion on the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Opinion {
    /// Whose.
    pub of: String,
    /// What it says; empty: to be written by hand.
    pub text: String,
    /// Who, and when; empty: to be written by hand.
    pub signed: String,
}

/// A form for the approval of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ListingApproval {
    /// Name of the county.
    pub county: String,
    /// Number of the case.
    pub number: String,
    /// The authority that decides.
    pub authority: String,
    /// Whom it is about.
    pub subject: SubjectLine,
    /// Why it is to be listed.
    pub cause: String,
    /// Legal basis.
    pub basis: Vec<String>,
    /// How the facts were established.
    pub facts: String,
    /// Both mailings.
    pub mailings: Vec<MailingLine>,
    /// 列异提醒: how and when it was reminded before.
    pub reminder: String,
    /// Last day to decide: 10 working days after the facts were verified.
    pub due: String,
    /// Opinions in their order: who deals with it, head of the station, head of the bureau.
    pub opinions: Vec<Opinion>,
}

impl ListingApproval {
    /// The form.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let s = &self.subject;
        let wide = |a: &str, b: &str| Row::of(vec![Cell::label(a), Cell::text(or_dash(b)).over(3)]);
        let mut rows = vec![
            wide("企业名称", &s.name),
            Row::of(vec![
                Cell::label("统一社会信用代码（注册号）"),
                Cell::text(&s.key),
                Cell::label("联系人及电话"),
                Cell::text(or_dash(format!("{} {}", s.contact, s.phone).trim())),
            ]),
            wide("住所（经营场所）", &s.address),
            wide("列入事由", &self.cause),
            wide("法律依据", &self.basis.join("\n")),
            wide("核实情况", &self.facts),
        ];
        for (m, n) in self.mailings.iter().zip(1..) {
            let text = format!("{} {}，{}寄出，{}", m.carrier, m.number, m.sent_on, or_dash(&m.outcome));
            rows.push(wide(&format!("第{n}次邮寄"), &text));
        }
        rows.push(wide("列异提醒", &self.reminder));
        rows.push(wide("办理期限", &self.due));
        for o in &self.opinions {
            let text = format!("{}\n\n签名：{}", o.text, o.signed);
            rows.push(Row::high(26, vec![Cell::label(&o.of), Cell::text(text).over(3)]));
        }
        vec![Sheet {
            red_head: String::new(),
            title: "经营异常名录审批表".to_owned(),
            subtitle: format!("（列入）{}", self.authority),
            number: format!("{} {}", self.county, self.number),
            blocks: vec![Block::Table(Table { widths: vec![20, 34, 16, 30], head: Vec::new(), rows })],
        }]
    }
}
