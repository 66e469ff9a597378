//! What happens after the dispatch: every visit is held by its team, every department publishes its own results.

use super::Teller;
use super::client::{Client, text};
use super::people::PASSWORD;
use super::story::Stage;
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Results handled at once.
const AT_ONCE: usize = 500;

/// Departments publish when so many days have passed since they last did.
const ROUND_DAYS: i64 = 14;

/// One in so many visits finds something that is put right on the spot, one in so many something that is not.
const CORRECTED: usize = 6;
const PENDING: usize = 11;

/// The teams hold their visits, day by day.
///
/// # Errors
/// What the server refuses: a defect of the demonstration.
pub(super) fn inspect(
    stage: &Stage<'_>,
    visits: &[Value],
    departments: &[(usize, String)],
    teller: &mut Teller,
) -> Result<usize, String> {
    let mut teams: BTreeMap<String, Client> = BTreeMap::new();
    let mut today = None;
    let (mut published, mut round) = (0, None);
    for (n, visit) in visits.iter().enumerate() {
        teller.doing(&format!("现场检查 {}/{}", n + 1, visits.len()));
        let day: NaiveDate = text(visit, "day")?.parse().map_err(|e| format!("{e}"))?;
        if today != Some(day) {
            // Nine in the morning in China; yesterday's sessions have ended.
            let there = day.and_hms_opt(1, 0, 0).ok_or("no such hour")?.and_utc();
            stage.hands.wait((there - stage.hands.now()).max(TimeDelta::zero()));
            teams.clear();
            today = Some(day);
            let last: NaiveDate = *round.get_or_insert(day);
            if (day - last).num_days() >= ROUND_DAYS {
                published += publish_ready(stage, departments)?;
                round = Some(day);
            }
        }
        hold(stage, visit, n, &mut teams)?;
        stage.hands.wait(TimeDelta::minutes(1));
    }
    let first = visits.first().and_then(|v| v["day"].as_str()).unwrap_or_default();
    let last = visits.last().and_then(|v| v["day"].as_str()).unwrap_or_default();
    teller.done(&format!(
        "{first} 至 {last} 各检查组按派遣入企 {} 次:凭码签到、各部门 A 岗录入本部门事项、B 岗复核、结束",
        visits.len()
    ));
    Ok(published)
}

/// A visit: each department's A post enters, another confirms, the lead ends it.
fn hold(
    stage: &Stage<'_>,
    visit: &Value,
    number: usize,
    teams: &mut BTreeMap<String, Client>,
) -> Result<(), String> {
    let at = format!("/api/v1/visits/{}", text(visit, "id")?);
    let codes: BTreeMap<&str, String> = visit["seats"]
        .as_array()
        .into_iter()
        .flatten()
        // Experts assist; they have no account.
        .filter(|s| s["role"] != "expert")
        .filter_map(|s| Some((s["inspector_id"].as_str()?, s["code"].as_str()?.to_lowercase())))
        .collect();
    let mut enter = |inspector: &str| -> Result<Client, String> {
        let login = codes.get(inspector).ok_or("somebody who is not on the team")?;
        if let Some(known) = teams.get(login) {
            return Ok(known.clone());
        }
        let client = Client::login(stage.base, login, PASSWORD)?;
        teams.insert(login.clone(), client.clone());
        Ok(client)
    };
    let seats: Vec<&str> = codes.keys().copied().collect();
    let office = Client::login(stage.base, "xieban", PASSWORD)?;
    let conduct = office.get(&format!("{at}/conduct"))?;
    let code = json!({ "method": "code", "code": text(&conduct, "code")? });
    for inspector in seats {
        enter(inspector)?.post(&format!("{at}/check-in"), &code)?;
    }
    for desk in conduct["desks"].as_array().into_iter().flatten() {
        let results: Vec<Value> = visit["tasks"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|t| t["department_id"] == desk["department_id"])
            .enumerate()
            .map(|(n, task)| {
                let mut found = finding(number, n);
                found["task_id"] = task["id"].clone();
                found
            })
            .collect();
        if results.is_empty() {
            continue;
        }
        let enters = enter(desk["enters"].as_str().unwrap_or_default())?;
        enters.put_anew(&format!("{at}/results"), &json!({ "submit": true, "results": results }))?;
        let confirms = enter(desk["confirms"][0].as_str().unwrap_or_default())?;
        confirms.post(&format!("{at}/results/confirm"), &json!({}))?;
    }
    let lead = visit["seats"].as_array().into_iter().flatten().find(|s| s["role"] == "lead_inspector");
    let lead = lead.and_then(|s| s["inspector_id"].as_str()).ok_or("a visit without an A post")?;
    let lead = enter(lead)?;
    let words = json!({ "text": "对检查情况无异议", "signer": "经营者", "signed": "signed" });
    lead.post(&format!("{at}/statement"), &words)?;
    lead.post(&format!("{at}/finish"), &json!({}))?;
    Ok(())
}

/// What is found at a visit: mostly nothing.
fn finding(visit: usize, task: usize) -> Value {
    if task == 0 && visit % PENDING == PENDING - 1 {
        return json!({
            "outcomes": ["pending_follow_up"], "methods": ["on_site"], "law": "《食品安全法》第三十三条",
            "other": "冷藏温度记录不全,责令限期整改", "follow_up": ["rectification"],
        });
    }
    if task == 0 && visit % CORRECTED == CORRECTED - 1 {
        return json!({
            "outcomes": ["corrected_on_order"], "methods": ["on_site"], "law": "《消防法》第二十八条",
            "other": "疏散通道堆放纸箱,当场清理", "follow_up": ["rectification"],
        });
    }
    json!({ "outcomes": ["no_problem_found"], "methods": ["on_site"], "follow_up": ["nothing"] })
}

/// The businesses that are told beforehand get their notice.
///
/// # Errors
/// What the server refuses: a defect of the demonstration.
pub(super) fn notify(office: &Client, visits: &[Value], teller: &mut Teller) -> Result<(), String> {
    let mut told = 0;
    for visit in visits.iter().filter(|v| v["announced"] == true) {
        let at = format!("/api/v1/visits/{}/notice/delivery", text(visit, "id")?);
        office.post(&at, &json!({ "channel": "electronic", "receiver": "经营者" }))?;
        told += 1;
    }
    teller.done(&format!(
        "送达检查通知书 {told} 份(事项、人员和证号、依据、权利、材料清单);突击检查 {} 次不事先告知",
        visits.len() - told
    ));
    Ok(())
}

/// Each department reviews, approves and publishes what its teams have entered.
fn publish_ready(stage: &Stage<'_>, departments: &[(usize, String)]) -> Result<usize, String> {
    let mut published = 0;
    for (number, department) in departments {
        let steps = [
            ("fazhi", "confirmed", "review"),
            ("fuze", "reviewed", "approve"),
            ("jingban", "approved", "publish"),
        ];
        for (login, state, verb) in steps {
            let person = Client::login(stage.base, &format!("{login}{number}"), PASSWORD)?;
            let list = format!("/api/v1/results?state={state}&department_id={department}&limit=200");
            let rows = person.all(&list)?;
            let ids: Vec<&Value> = rows.iter().map(|r| &r["id"]).collect();
            for part in ids.chunks(AT_ONCE) {
                person.post(&format!("/api/v1/results/{verb}"), &json!({ "ids": part }))?;
                published += if verb == "publish" { part.len() } else { 0 };
            }
        }
    }
    Ok(published)
}

/// The last results are published; then the inspection is closed.
///
/// # Errors
/// What the server refuses: a defect of the demonstration.
pub(super) fn publish(
    stage: &Stage<'_>,
    departments: &[(usize, String)],
    inspection: &str,
    before: usize,
    teller: &mut Teller,
) -> Result<(), String> {
    teller.doing("各部门审核、公示");
    // The next morning.
    stage.hands.wait(TimeDelta::hours(24));
    let published = before + publish_ready(stage, departments)?;
    let office = Client::login(stage.base, "xieban", PASSWORD)?;
    let state = text(&office.get(&format!("/api/v1/inspections/{inspection}"))?, "state")?;
    if state != "closed" {
        return Err(format!("全部结果公示后联合抽查应已完成,却是 {state}"));
    }
    teller.done(&format!(
        "各部门分别审核、批准、公示本部门的结果,共 {published} 项;全部公示后联合抽查自动办结"
    ));
    // Nothing is a surprise any more, so the draw is open to everybody.
    let draws = office.get(&format!("/api/v1/inspections/{inspection}/draws"))?;
    let drawn = office.get(&format!("/api/v1/inspections/{inspection}/drawn"))?;
    if let (Some(draw), Some(key)) = (draws["items"][0]["id"].as_str(), drawn["items"][0]["key"].as_str()) {
        let at = format!("/api/v1/public/draws/{draw}/check?id={key}");
        let answer = Client::anonymous(stage.base).get(&at)?;
        teller.say(&format!("      企业自查示例:{}", answer["text"].as_str().unwrap_or_default()));
    }
    figures(stage, &office, teller)?;
    let public = Client::anonymous(stage.base).get("/api/v1/public/results?limit=1")?;
    let shown = &public["items"][0];
    if shown.is_object() {
        let part = |key: &str| shown[key].as_str().unwrap_or_default().to_owned();
        teller.say(&format!(
            "      公众查询示例:{} {}({}):{}",
            part("inspected_on"),
            part("subject"),
            part("item"),
            shown["outcome_words"][0].as_str().unwrap_or_default()
        ));
    }
    let archive = office.get(&format!("/api/v1/inspections/{inspection}/archive/check"))?;
    teller.done(&format!(
        "归档检查:应归档 {} 个文件,{}",
        archive["files"].as_array().map_or(0, Vec::len),
        if archive["complete"] == json!(true) { "齐全" } else { "尚缺:" }
    ));
    for gap in archive["missing"].as_array().into_iter().flatten().take(5) {
        let part = |key: &str| gap[key].as_str().unwrap_or_default();
        teller.say(&format!("      {} {}({})", part("about"), part("text"), part("who")));
    }
    Ok(())
}

/// What the year looks like now.
fn figures(stage: &Stage<'_>, office: &Client, teller: &mut Teller) -> Result<(), String> {
    let today = stage.hands.now() + TimeDelta::hours(8);
    let from = format!("{}-01-01", today.format("%Y"));
    let view = office.get(&format!("/api/v1/figures?from={from}&to={}", today.format("%Y-%m-%d")))?;
    let total = &view["total"];
    let percent = |key: &str| {
        total[key].as_i64().map_or_else(|| "—".to_owned(), |bp| format!("{}.{:02}%", bp / 100, bp % 100))
    };
    teller.say(&format!(
        "      本年:入企 {} 次,其中联合 {} 次(联合检查实施率 {}),少上门 {} 次;按时公示率 {},问题发现率 {}",
        total["visits"],
        total["joint_visits"],
        percent("joint_bp"),
        total["visits_avoided"],
        percent("on_time_bp"),
        percent("hit_bp")
    ));
    Ok(())
}
