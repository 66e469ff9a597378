//! The life of an inspection item (抽查事项): only what passed legal review takes effect, and only what is published may be
//! inspected (清单之外无检查, 国办发〔2024〕54号).

use super::states::{cycle, words};

words! {
    /// Where a version of an item stands.
    State {
        /// 草稿.
        Draft = "draft", "草稿";
        /// 法制审核中.
        InReview = "in_review", "法制审核中";
        /// 退回, with the reviewer's reason.
        Returned = "returned", "已退回";
        /// 已生效: passed, not yet published.
        Effective = "effective", "已生效";
        /// 已公示.
        Published = "published", "已公示";
        /// 停用, or replaced by a newer version.
        Retired = "retired", "已停用";
    }
}

words! {
    /// What moves an item.
    Act {
        /// 提交法制审核.
        Submit = "submit", "提交法制审核";
        /// Taken back by its department before the review ends.
        Recall = "recall", "撤回送审";
        /// 审核通过.
        Approve = "approve", "审核通过";
        /// 审核退回.
        Return = "return", "审核退回";
        /// The department takes up a returned item again.
        Revise = "revise", "修改";
        /// 公示.
        Publish = "publish", "公示";
        /// 停用.
        Retire = "retire", "停用";
    }
}

cycle! {
    "item", "抽查事项", Draft;
    Draft: Submit => InReview;
    Draft: Retire => Retired;
    InReview: Recall => Draft;
    InReview: Approve => Effective;
    InReview: Return => Returned;
    Returned: Revise => Draft;
    Returned: Submit => InReview;
    Returned: Retire => Retired;
    Effective: Publish => Published;
    Effective: Retire => Retired;
    Published: Retire => Retired;
}

impl State {
    /// Whether subjects may be inspected for it: unpublished items must not be (国办发〔2024〕54号).
    #[must_use]
    pub const fn may_inspect(self) -> bool {
        matches!(self, Self::Published)
    }

    /// Whether its text may still be edited; later changes need a new version.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

/// Whether an item is for a subject: by its 主体类型 and by the beginning of its 行业代码 (GB/T 4754); what the item does
/// not name asks nothing.
#[must_use]
pub fn applies(kinds: &[String], industries: &[String], kind: &str, industry: &str) -> bool {
    (kinds.is_empty() || kinds.iter().any(|k| k == kind))
        && (industries.is_empty() || industries.iter().any(|prefix| industry.starts_with(prefix.as_str())))
}

#[cfg(test)]
mod tests {
    use super::applies;

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn an_item_is_for_the_kinds_and_trades_it_names_and_for_all_where_it_names_none() {
        let (kinds, trades) = (list(&["企业", "个体工商户"]), list(&["H62", "F5212"]));
        assert!(applies(&kinds, &trades, "企业", "H6210"));
        assert!(applies(&kinds, &trades, "个体工商户", "F5212"));
        assert!(!applies(&kinds, &trades, "企业", "F5211"), "another trade");
        assert!(!applies(&kinds, &trades, "事业单位", "H6210"), "another kind");
        assert!(!applies(&kinds, &trades, "企业", ""), "a subject whose trade is not known");
        assert!(applies(&[], &trades, "事业单位", "H6210") && applies(&kinds, &[], "企业", ""));
    }
}
