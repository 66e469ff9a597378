//! 企业评价卡: what a business needs to rate the visit it had, anonymously and once. It is printed and handed out by the
//! coordination office or the oversight, never by those who are rated (龙华 2025: 匿名评价,被评价单位不可见、不可追溯).

use super::sheet::{Block, Sheet};
use serde::Serialize;

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RatingCard {
    /// Name of the county.
    pub county: String,
    /// Who hands it out.
    pub office: String,
    /// Code of the visit.
    pub number: String,
    /// Name of the business; empty while nobody may know whom the visit is for.
    pub subject: String,
    /// Day and hour of the visit.
    pub when: String,
    /// Where it rates.
    pub link: String,
    /// What it types there instead of scanning.
    pub code: String,
}

impl RatingCard {
    /// The card.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let to = if self.subject.is_empty() {
            "受检企业：".to_owned()
        } else {
            format!("{}：", self.subject)
        };
        vec![Sheet {
            red_head: String::new(),
            title: "企业评价卡".to_owned(),
            subtitle: self.county.clone(),
            number: self.number.clone(),
            blocks: vec![
                Block::Address(to),
                Block::Paragraph(format!(
                    "请您在检查（{}）之后扫描下方二维码，对检查人员是否亮证告知、是否文明廉洁、是否影响经营、是否讲解指导作出评价。",
                    self.when
                )),
                Block::Paragraph(
                    "评价是匿名的，被评价的部门看不到评价，也查不到是谁评价的；每次检查只能评价一次。"
                        .to_owned(),
                ),
                Block::Paragraph(
                    "本卡由您保管，请不要交给检查人员；检查人员索要本卡或者代为评价的，可以投诉。".to_owned(),
                ),
                Block::Qr { text: self.link.clone(), caption: format!("评价码 {}", grouped(&self.code)) },
                Block::Signature(self.office.clone()),
            ],
        }]
    }
}

/// A long code in groups of four, for typing.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|g| g.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_without_a_name_names_nobody() {
        let card = RatingCard { code: "23456789AB".to_owned(), ..RatingCard::default() };
        let sheet = card.sheets().remove(0);
        assert_eq!(sheet.blocks[0], Block::Address("受检企业：".to_owned()));
        assert!(matches!(&sheet.blocks[4], Block::Qr { caption, .. } if caption == "评价码 2345-6789-AB"));
    }
}
