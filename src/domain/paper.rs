//! Which papers there are, and which may be printed when.

use super::states::words;
use super::visit_state::State;

words! {
    /// A paper of a visit.
    VisitPaper {
        /// 随机抽查人员工作派遣单, three copies.
        DispatchSlip = "dispatch-slip", "派遣单";
        /// 检查通知书.
        Notice = "notice", "检查通知书";
        /// 实地核查记录表.
        VisitForm = "visit-form", "实地核查记录表";
    }
}

words! {
    /// A paper of a joint inspection as a whole.
    WholePaper {
        /// 抽取记录.
        DrawRecord = "draw-record", "抽取记录";
        /// 联合总表.
        JointSummary = "joint-summary", "联合总表";
    }
}

/// Why a paper is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// The visit was not sent out, or was called off.
    NotDispatched,
    /// 突击检查: a notice before the team is there would give the visit away.
    Embargoed,
}

/// Whether the subject of a visit may be named to people outside the visit: always when it was announced; of an
/// unannounced one only from the moment the team was there.
#[must_use]
pub const fn may_be_named(state: State, announced: bool) -> bool {
    announced || matches!(state, State::InProgress | State::Obstructed | State::Done)
}

/// Whether a paper of a visit may be printed: after dispatch (inspectors see only dispatched visits, domain notes 3), and
/// the notice of an unannounced visit only once the visit has begun: announcing it would defeat it.
///
/// # Errors
/// Why not.
pub const fn may_print(paper: VisitPaper, state: State, announced: bool) -> Result<(), Withheld> {
    if !state.is_visible_to_team() {
        return Err(Withheld::NotDispatched);
    }
    match paper {
        VisitPaper::Notice if !may_be_named(state, announced) => Err(Withheld::Embargoed),
        _ => Ok(()),
    }
}

/// The sub-items of an item's content: its lines, or its sentences between semicolons, without the numbers before them.
#[must_use]
pub fn points(content: &str) -> Vec<String> {
    content
        .split(['\n', ';', '\u{ff1b}'])
        .map(bare)
        .filter(|point| !point.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A point without its number: `1.`, `1、`, `(1)`, `(一)`, `一、`, and without the full stop at its end.
fn bare(point: &str) -> &str {
    let point = point.trim().trim_end_matches('。').trim_end();
    let digit = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let opened = point.strip_prefix(['(', '\u{ff08}']);
    let rest = opened.unwrap_or(point).trim_start_matches(digit);
    let numbered = rest.len() < opened.unwrap_or(point).len();
    let closed = if opened.is_some() {
        rest.strip_prefix([')', '\u{ff09}'])
    } else {
        rest.strip_prefix(['.', '、', '\u{ff0e}'])
    };
    match closed {
        // A decimal number is no numbering.
        Some(text) if numbered && !text.starts_with(|c: char| c.is_ascii_digit()) => text.trim_start(),
        _ => point,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_printed_before_dispatch_and_no_unannounced_notice_before_the_visit() {
        for paper in VisitPaper::ALL {
            for announced in [true, false] {
                for state in [State::Planned, State::Staffed, State::Cancelled] {
                    assert_eq!(may_print(*paper, state, announced), Err(Withheld::NotDispatched));
                }
                for state in [State::InProgress, State::Done, State::Obstructed] {
                    assert_eq!(may_print(*paper, state, announced), Ok(()));
                }
                let waiting = may_print(*paper, State::Dispatched, announced);
                let secret = *paper == VisitPaper::Notice && !announced;
                assert_eq!(waiting, if secret { Err(Withheld::Embargoed) } else { Ok(()) });
            }
        }
    }

    #[test]
    fn points_lose_their_numbers_and_nothing_else() {
        assert_eq!(
            points("1.证照是否公示\u{ff1b}2、是否有3.5米通道。\n\u{ff08}三\u{ff09}灭火器(年检)"),
            ["证照是否公示", "是否有3.5米通道", "灭火器(年检)"]
        );
        assert_eq!(points("3.5米通道是否畅通"), ["3.5米通道是否畅通"]);
        assert_eq!(points("一般情况;一、资质"), ["一般情况", "资质"]);
        assert_eq!(points(" ;\n"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_point_is_empty_or_holds_a_separator(text in "[a-c一二0-9.、();\u{ff1b}\\n 。]{0,60}") {
            for point in points(&text) {
                prop_assert!(!point.trim().is_empty());
                let separator = point.contains(['\n', ';', '\u{ff1b}']);
                prop_assert!(!separator);
                prop_assert!(text.contains(&point));
            }
        }
    }
}
