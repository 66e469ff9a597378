//! The archive of a joint inspection (健全档案, the last of the six steps of Ningde): which files must be in it given how
//! far the inspection has come, what is missing, and who has to act. And how long data are kept.
//!
//! "全程留痕,责任可追溯" (国办发〔2015〕58号). Retention: network logs at least six months (网络安全法 article 21), here
//! 180 days.

use super::inspection;
use super::result;
use super::visit_state;
use crate::ids::Id;

/// Fewest days that the journal is kept.
pub const LEAST_DAYS: u32 = 180;

/// Refuses to keep the journal for less than the law allows.
///
/// # Errors
/// In words.
pub fn retention(days: u32) -> Result<(), String> {
    if days >= LEAST_DAYS {
        return Ok(());
    }
    Err(format!(
        "设置有误:retention.journal_days 为{days},日志和归档数据至少保存{LEAST_DAYS}天(网络安全法第二十一条)"
    ))
}

/// A draw: an attempt or a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawFact {
    /// Identifier.
    pub id: Id,
    /// Its file in the archive.
    pub file: String,
    /// Whether its result stands.
    pub resulted: bool,
}

/// A task of a visit that was not cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFact {
    /// Code.
    pub code: String,
    /// The department that owns the item.
    pub department: Id,
    /// State of its newest result; none: nothing was entered.
    pub result: Option<result::State>,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFact {
    /// Its file in the archive.
    pub file: String,
    /// Department whose it is.
    pub department: Id,
    /// Whether the file is there and is what it was.
    pub intact: bool,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitFact {
    /// Code.
    pub code: String,
    /// State.
    pub state: visit_state::State,
    /// Department that leads.
    pub lead: Option<Id>,
    /// Whether a notice had to be delivered before.
    pub announced: bool,
    /// Whether a delivery is recorded.
    pub delivered: bool,
    /// How many of the team checked in.
    pub check_ins: usize,
    /// Whether the team was kept out.
    pub obstructed: bool,
    /// Whether the business signed, or refused to.
    pub signed: bool,
    /// Its tasks.
    pub tasks: Vec<TaskFact>,
    /// Its evidence.
    pub evidence: Vec<EvidenceFact>,
}

/// What is known of a joint inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// State.
    pub state: inspection::State,
    /// The initiating department.
    pub initiator: Id,
    /// Draws, in their order.
    pub draws: Vec<DrawFact>,
    /// Visits.
    pub visits: Vec<VisitFact>,
    /// Events of it that are not sealed yet.
    pub waiting: usize,
    /// Whether the log has a signed checkpoint.
    pub checkpoint: bool,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A department.
    Department(Id),
    /// 协调办.
    Office,
    /// 系统管理员.
    Machine,
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Stable snake_case code.
    pub code: &'static str,
    /// What it is about: a code of a visit, a file; empty: the whole.
    pub about: String,
    /// Who has to act.
    pub who: Who,
    /// What to do, in Chinese.
    pub text: String,
}

/// The archive as it must be, and as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files that must be in it, sorted; the manifest itself not among them.
    pub files: Vec<String>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// Endings of every paper.
const FORMS: [&str; 2] = ["docx", "html"];

/// Whether a visit was sent out and not called off.
const fn sent(state: visit_state::State) -> bool {
    state.is_visible_to_team()
}

/// The files that must be there, and what is missing.
#[must_use]
pub fn check(facts: &Facts) -> Checked {
    let mut checked = Checked { files: files(facts), gaps: Vec::new() };
    whole(facts, &mut checked.gaps);
    for visit in &facts.visits {
        of_visit(facts, visit, &mut checked.gaps);
    }
    checked
}

/// The files that must be in the archive, given how far the inspection has come.
#[must_use]
pub fn files(facts: &Facts) -> Vec<String> {
    let mut files = vec!["inspection.json".to_owned(), "journal/events.json".to_owned()];
    let mut paper = |name: &str| files.extend(FORMS.iter().map(|form| format!("papers/{name}.{form}")));
    if facts.draws.iter().any(|d| d.resulted) {
        paper("draw-record");
    }
    let out: Vec<&VisitFact> = facts.visits.iter().filter(|v| sent(v.state)).collect();
    if !out.is_empty() {
        paper("dispatch-slip");
        paper("visit-form");
        paper("joint-summary");
        files.push("visits.json".to_owned());
    }
    if out.iter().any(|v| super::paper::may_be_named(v.state, v.announced)) {
        files.extend(FORMS.iter().map(|form| format!("papers/notice.{form}")));
    }
    if out.iter().any(|v| v.state == visit_state::State::Done) {
        files.push("results/results.csv".to_owned());
        files.push("results/results.json".to_owned());
    }
    files.extend(facts.draws.iter().map(|d| d.file.clone()));
    files.extend(facts.visits.iter().flat_map(|v| &v.evidence).filter(|e| e.intact).map(|e| e.file.clone()));
    if facts.visits.iter().any(|v| !v.evidence.is_empty()) {
        files.push("evidence/index.json".to_owned());
    }
    if facts.checkpoint {
        files.push("journal/checkpoint.txt".to_owned());
    }
    files.sort();
    files.dedup();
    files
}

fn whole(facts: &Facts, gaps: &mut Vec<Gap>) {
    use inspection::State;
    let mut gap = |code, who, text: String| gaps.push(Gap { code, about: String::new(), who, text });
    if !matches!(facts.state, State::Closed | State::Aborted) {
        let text = format!("联合抽查处于“{}”,尚未办结", facts.state.word());
        gap("not_closed", Who::Department(facts.initiator), text);
    }
    let drawn = !matches!(
        facts.state,
        State::Draft | State::Inviting | State::Confirmed | State::PoolFrozen | State::Aborted
    );
    if drawn && !facts.draws.iter().any(|d| d.resulted) {
        gap("no_draw", Who::Office, "没有已出结果的抽取记录".to_owned());
    }
    if facts.waiting > 0 {
        gap(
            "not_sealed",
            Who::Machine,
            format!("{}条操作日志尚未入序,请稍候;长时间不变时检查入序服务", facts.waiting),
        );
    }
    if !facts.checkpoint {
        gap("no_checkpoint", Who::Machine, "日志还没有签名的检查点".to_owned());
    }
}

fn of_visit(facts: &Facts, visit: &VisitFact, gaps: &mut Vec<Gap>) {
    use visit_state::State;
    let lead = Who::Department(visit.lead.unwrap_or(facts.initiator));
    let mut gap = |code, who, text: String| gaps.push(Gap { code, about: visit.code.clone(), who, text });
    for e in visit.evidence.iter().filter(|e| !e.intact) {
        gap("evidence_lost", Who::Machine, format!("证据文件{}缺失或已被改动,请从备份恢复", e.file));
    }
    match visit.state {
        State::Cancelled => return,
        State::Planned | State::Staffed => {
            gap("not_dispatched", Who::Department(facts.initiator), "入企尚未派发".to_owned());
            return;
        }
        State::Dispatched | State::InProgress | State::Obstructed => {
            gap("not_finished", lead, format!("入企处于“{}”,现场检查尚未结束", visit.state.word()));
        }
        State::Done => {}
    }
    if visit.announced && !visit.delivered {
        gap("notice_not_recorded", lead, "检查通知书的送达没有登记".to_owned());
    }
    let was_inside = visit.state == State::Done && !visit.obstructed;
    if was_inside && visit.check_ins < 2 {
        gap("check_in_missing", lead, format!("只有{}名检查人员签到,执法人员不得少于两人", visit.check_ins));
    }
    if was_inside && !visit.signed {
        gap("not_signed", lead, "检查对象没有签名,也没有登记拒签".to_owned());
    }
    for task in &visit.tasks {
        use result::State as Stage;
        let who = Who::Department(task.department);
        match task.result {
            Some(Stage::Published | Stage::Corrected) => {}
            None => gap("result_not_entered", who, format!("任务{}没有检查结果", task.code)),
            Some(stage) => {
                gap(
                    "result_not_published",
                    who,
                    format!("任务{}的结果处于“{}”,尚未公示", task.code, stage.word()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn visit() -> VisitFact {
        VisitFact {
            code: "V1".to_owned(),
            state: visit_state::State::Done,
            lead: Some(id(1)),
            announced: true,
            delivered: true,
            check_ins: 4,
            obstructed: false,
            signed: true,
            tasks: vec![TaskFact {
                code: "T1".to_owned(),
                department: id(2),
                result: Some(result::State::Published),
            }],
            evidence: vec![EvidenceFact {
                file: "evidence/aa.png".to_owned(),
                department: id(2),
                intact: true,
            }],
        }
    }

    fn facts(visits: Vec<VisitFact>) -> Facts {
        Facts {
            state: inspection::State::Closed,
            initiator: id(1),
            draws: vec![DrawFact { id: id(7), file: "draws/01-ab.json".to_owned(), resulted: true }],
            visits,
            waiting: 0,
            checkpoint: true,
        }
    }

    fn gaps(visit: VisitFact) -> Vec<(&'static str, Who)> {
        check(&facts(vec![visit])).gaps.iter().map(|g| (g.code, g.who)).collect()
    }

    #[test]
    fn a_closed_inspection_with_everything_is_complete() {
        let checked = check(&facts(vec![visit()]));
        assert_eq!(checked.gaps, []);
        let wanted = [
            "draws/01-ab.json",
            "evidence/aa.png",
            "evidence/index.json",
            "inspection.json",
            "journal/checkpoint.txt",
            "journal/events.json",
            "papers/dispatch-slip.docx",
            "papers/dispatch-slip.html",
            "papers/draw-record.docx",
            "papers/draw-record.html",
            "papers/joint-summary.docx",
            "papers/joint-summary.html",
            "papers/notice.docx",
            "papers/notice.html",
            "papers/visit-form.docx",
            "papers/visit-form.html",
            "results/results.csv",
            "results/results.json",
            "visits.json",
        ];
        assert_eq!(checked.files, wanted);
    }

    #[test]
    fn each_gap_names_who_must_act() {
        let lead = Who::Department(id(1));
        assert_eq!(gaps(VisitFact { delivered: false, ..visit() }), [("notice_not_recorded", lead)]);
        assert_eq!(gaps(VisitFact { delivered: false, announced: false, ..visit() }), []);
        assert_eq!(gaps(VisitFact { signed: false, ..visit() }), [("not_signed", lead)]);
        assert_eq!(gaps(VisitFact { signed: false, check_ins: 0, obstructed: true, ..visit() }), []);
        assert_eq!(gaps(VisitFact { check_ins: 1, ..visit() }), [("check_in_missing", lead)]);
        let task = |result| TaskFact { code: "T1".to_owned(), department: id(2), result };
        let other = Who::Department(id(2));
        assert_eq!(gaps(VisitFact { tasks: vec![task(None)], ..visit() }), [("result_not_entered", other)]);
        let waiting = vec![task(Some(result::State::Approved))];
        assert_eq!(gaps(VisitFact { tasks: waiting, ..visit() }), [("result_not_published", other)]);
        let mut lost = visit();
        lost.evidence[0].intact = false;
        assert_eq!(gaps(lost.clone()), [("evidence_lost", Who::Machine)]);
        assert!(!files(&facts(vec![lost])).contains(&"evidence/aa.png".to_owned()));
        let state = visit_state::State::Staffed;
        assert_eq!(gaps(VisitFact { state, ..visit() }), [("not_dispatched", lead)]);
        let state = visit_state::State::Cancelled;
        assert_eq!(gaps(VisitFact { state, ..visit() }), []);
    }

    #[test]
    fn the_whole_has_gaps_of_its_own() {
        let codes = |f: &Facts| check(f).gaps.iter().map(|g| g.code).collect::<Vec<_>>();
        let base = facts(Vec::new());
        assert_eq!(codes(&Facts { state: inspection::State::Inspecting, ..base.clone() }), ["not_closed"]);
        assert_eq!(codes(&Facts { draws: Vec::new(), ..base.clone() }), ["no_draw"]);
        assert_eq!(
            codes(&Facts { waiting: 3, checkpoint: false, ..base.clone() }),
            ["not_sealed", "no_checkpoint"]
        );
        let draft = Facts { state: inspection::State::Draft, draws: Vec::new(), ..base };
        assert_eq!(codes(&draft), ["not_closed"]);
    }

    #[test]
    fn an_unannounced_visit_has_no_notice_before_it_begins() {
        let waiting = VisitFact { state: visit_state::State::Dispatched, announced: false, ..visit() };
        assert!(!files(&facts(vec![waiting.clone()])).iter().any(|f| f.contains("notice")));
        let told = VisitFact { announced: true, ..waiting };
        assert!(files(&facts(vec![told])).iter().any(|f| f.contains("notice")));
    }

    #[test]
    fn the_journal_is_kept_for_half_a_year_at_least() {
        assert!(retention(LEAST_DAYS).is_ok() && retention(10_000).is_ok());
        assert!(retention(LEAST_DAYS - 1).unwrap_err().contains("180"));
    }

    proptest! {
        // What was taken away is missed: no fact of a complete visit can go without a gap.
        #[test]
        fn nothing_goes_unnoticed(which in 0_usize..6, stage in 0_usize..6) {
            let mut v = visit();
            match which {
                0 => v.delivered = false,
                1 => v.check_ins = 1,
                2 => v.signed = false,
                3 => v.evidence[0].intact = false,
                4 => v.tasks[0].result = result::State::ALL.get(stage).copied().filter(|s| !s.is_public()),
                _ => v.state = visit_state::State::InProgress,
            }
            let checked = check(&facts(vec![v]));
            prop_assert!(!checked.gaps.is_empty());
            prop_assert!(checked.gaps.iter().all(|g| g.about == "V1" && !g.text.is_empty()));
            let mut sorted = checked.files.clone();
            sorted.sort();
            sorted.dedup();
            prop_assert_eq!(sorted, checked.files);
        }
    }
}
