//! What the draw commands print: where a draw stands, and who was drawn.

use super::Failure;
use crate::domain::draw::session::{Session, Stage};

/// One line of success.
pub(super) fn done(json: bool, text: &str) {
    if json {
        println!("{}", serde_json::json!({"ok": true, "text": text}));
    } else {
        println!("{text}");
    }
}

/// What is due next.
fn next(session: &Session) -> String {
    let Ok(open) = session.opening() else { return "开启记录损坏".to_owned() };
    match session.stage() {
        Stage::Opened => format!("seal:见证人{}交卡封存", open.witnesses.join("、")),
        Stage::Sealed => "reveal:揭示".to_owned(),
        Stage::Revealed if open.beacons.is_empty() => "result:出结果".to_owned(),
        Stage::Revealed => {
            let names: Vec<String> =
                open.beacons.iter().map(|b| format!("{} {}", b.kind.word(), b.reference)).collect();
            format!("beacon:not-before({})之后记入{}", open.not_before, names.join("、"))
        }
        Stage::Lit => "result:出结果".to_owned(),
        Stage::Drawn if open.publish_by.is_some() => {
            format!("publish:在{}之前公布", open.publish_by.unwrap_or_default())
        }
        Stage::Drawn | Stage::Published => "已完成;如有对象不能检查或席位空缺,可补抽(round)".to_owned(),
        Stage::Aborted => "已作废;可以下一次序重新开启(again)".to_owned(),
    }
}

/// Where a draw stands.
pub(super) fn status(session: &Session, json: bool) {
    let id = hex::encode(session.draw_id());
    let (stage, next) = (session.stage(), next(session));
    let (seq, round) = session.opening().map_or((0, 0), |o| (o.seq, o.round));
    if json {
        println!(
            "{}",
            serde_json::json!({
                "ok": true, "draw_id": id, "stage": format!("{stage:?}").to_lowercase(), "seq": seq, "round": round,
                "finished": session.finished(), "next": next, "log_root": session.public.log.root,
                "entries": session.public.log.entries.len(),
            })
        );
        return;
    }
    println!("抽取编号 {id}");
    println!("次序 {seq}  轮次 {round}  状态 {}", stage.word());
    println!("日志 {} 条,根 {}", session.public.log.entries.len(), session.public.log.root);
    println!("下一步 {next}");
}

/// Who was drawn and who goes.
pub(super) fn roster(session: &Session, json: bool) -> Result<(), Failure> {
    let (outcome, open) = (session.outcome()?, session.opening()?);
    let people = session.people()?;
    let name = |number: u64| {
        usize::try_from(number).ok().and_then(|n| people.members().get(n)).map_or("?", |m| m.id.as_str())
    };
    let seats = outcome.seats.as_deref().unwrap_or_default();
    if json {
        let rows: Vec<_> = outcome
            .selection
            .winners
            .iter()
            .map(|w| {
                serde_json::json!({
                    "stratum": open.strata.get(w.stratum).map(|s| &s.code), "rank": w.rank, "number": w.number,
                    "id": outcome.after.ids.get(&w.number),
                })
            })
            .collect();
        let seats: Vec<_> = seats
            .iter()
            .map(|s| {
                serde_json::json!({
                    "number": s.subject, "id": outcome.after.ids.get(&s.subject), "unit": s.unit, "slot": s.slot,
                    "inspector": s.inspector.map(name),
                })
            })
            .collect();
        println!("{}", serde_json::json!({"ok": true, "drawn": rows, "seats": seats}));
        return Ok(());
    }
    if !session.finished() {
        println!("【保密期内,不得外传】");
    }
    for w in &outcome.selection.winners {
        let id = outcome.after.ids.get(&w.number).map_or("?", String::as_str);
        let code = open.strata.get(w.stratum).map_or("", |s| &s.code);
        println!("层{code} 第{}  编号{}  {id}", w.rank, w.number);
        if let Some(text) = session.private.documents.get(id) {
            let fields: Vec<&str> = text.lines().collect();
            println!("    {}", fields.join("  "));
        }
    }
    let mut last = None;
    for s in seats {
        if last != Some(s.subject) {
            println!("编号{} {}:", s.subject, outcome.after.ids.get(&s.subject).map_or("?", String::as_str));
            last = Some(s.subject);
        }
        let lead = open.teams.iter().any(|t| t.unit == s.unit && s.slot < t.leads);
        println!(
            "    {} {}  {}",
            s.unit,
            if lead { "A岗" } else { "B岗" },
            s.inspector.map_or("(无人可派)", name)
        );
    }
    Ok(())
}
