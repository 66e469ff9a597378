//! The joint inspection of the demonstration: who does what, in the order of a county's work.

use super::client::{Client, text};
use super::people::{Admins, PASSWORD, Person};
use super::{Hands, Offices, Teller, field};
use crate::domain::draw::verify::{Verdict, verify_bytes};
use crate::domain::planning::input::{CheckMode, Input, PoolKind};
use crate::ids::Id;
use crate::service::seed::Seeded;
use crate::web::run::FirstPassword;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Partners that are invited; the last declines.
const PARTNERS: usize = 5;
/// The share of the subjects that is drawn.
const SHARE: &str = "15%";

/// Where the demonstration plays.
pub(super) struct Stage<'a> {
    /// Address of the server.
    pub(super) base: &'a str,
    /// The administrators' one-time passwords.
    pub(super) first: &'a [FirstPassword],
    /// The county's tables.
    pub(super) input: &'a Input,
    /// Where its rows went.
    pub(super) seeded: &'a Seeded,
    /// The offices.
    pub(super) offices: &'a Offices,
    /// The clock.
    pub(super) hands: &'a Hands,
}

/// The trade that most departments want to inspect, and who they are with their items.
struct Case<'a> {
    /// Its division of GB/T 4754, as the beginning of the codes of its trades.
    division: &'a str,
    /// Its name.
    trade: &'a str,
    departments: Vec<(&'a str, Id, Vec<Id>)>,
}

/// A division of GB/T 4754—2017 by its name, where the demonstration may choose it; else the name of its first trade.
fn trade<'a>(input: &'a Input, division: &str) -> &'a str {
    match division {
        "C13" => "农副食品加工业",
        "C14" => "食品制造业",
        "C26" => "化学原料和化学制品制造业",
        "F51" => "批发业",
        "F52" => "零售业",
        "G54" => "道路运输业",
        "H61" => "住宿业",
        "H62" => "餐饮业",
        "O80" => "居民服务业",
        "P83" => "教育",
        "Q84" => "卫生",
        _ => input
            .subjects
            .iter()
            .find(|s| s.industry.starts_with(division))
            .map_or("各类", |s| s.industry_name.as_str()),
    }
}

fn case<'a>(stage: &Stage<'a>) -> Result<Case<'a>, String> {
    let input = stage.input;
    let divisions: HashMap<&str, &str> =
        input.subjects.iter().filter_map(|s| Some((s.key.as_str(), s.industry.get(..3)?))).collect();
    let officers: BTreeSet<&str> =
        input.departments.iter().filter(|d| d.pool == PoolKind::Officers).map(|d| d.id.as_str()).collect();
    let mut wanted: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for task in &input.tasks {
        if task.mode == CheckMode::OnSite
            && officers.contains(task.dept_id.as_str())
            && let Some(division) = divisions.get(task.subject.as_str())
        {
            let items = wanted.entry(division).or_default().entry(&task.dept_id).or_default();
            items.insert(&task.item_id);
        }
    }
    let subjects =
        |division: &str| input.subjects.iter().filter(|s| s.industry.starts_with(division)).count();
    let (division, departments) = wanted
        .into_iter()
        .max_by_key(|(division, departments)| (departments.len().min(PARTNERS + 1), subjects(division)))
        .ok_or("示范县没有任务")?;
    let mut departments: Vec<(&str, Id, Vec<Id>)> = departments
        .into_iter()
        .filter_map(|(code, items)| {
            let items = items.iter().filter_map(|item| {
                stage.seeded.items.iter().find(|((_, i), _)| i == item).map(|(_, id)| *id)
            });
            Some((code, *stage.seeded.departments.get(code)?, items.collect()))
        })
        .collect();
    departments.sort_by_key(|(code, ..)| input.departments.iter().find(|d| d.id == *code).map(|d| d.rank));
    departments.truncate(PARTNERS + 1);
    Ok(Case { division, trade: trade(input, division), departments })
}

/// Who is needed: a clerk, a head and a legal reviewer of each department, the coordinator, the overseer, two witnesses.
fn cast(stage: &Stage<'_>, case: &Case<'_>) -> Vec<Person> {
    let person = |login: &str, name: &str, role: &'static str, department: Option<Id>| Person {
        login: login.to_owned(),
        name: name.to_owned(),
        role,
        department: department.map(|d| d.to_string()),
        inspector: None,
    };
    let mut people = vec![
        person("xieban", "协调办经办人", "coordinator", Some(stage.offices.coordination)),
        person("jiandu", "行政执法监督员", "overseer", Some(stage.offices.oversight)),
        person("daibiao", "人大代表(见证人)", "witness", None),
        person("gongzheng", "公证员(见证人)", "witness", None),
    ];
    for (i, (code, id, _)) in case.departments.iter().enumerate() {
        let name = department_name(stage.input, code);
        people.push(person(
            &format!("jingban{}", i + 1),
            &format!("{name}经办人"),
            "department_clerk",
            Some(*id),
        ));
        people.push(person(
            &format!("fuze{}", i + 1),
            &format!("{name}负责人"),
            "department_head",
            Some(*id),
        ));
        people.push(person(
            &format!("fazhi{}", i + 1),
            &format!("{name}法制审核员"),
            "legal_reviewer",
            Some(*id),
        ));
    }
    people
}

fn department_name<'a>(input: &'a Input, code: &str) -> &'a str {
    input.departments.iter().find(|d| d.id == code).map_or("", |d| d.name.as_str())
}

fn period(input: &Input) -> Option<(chrono::NaiveDate, chrono::NaiveDate)> {
    Some((input.calendar.iter().map(|d| d.date).min()?, input.calendar.iter().map(|d| d.date).max()?))
}

fn list(ids: &[Id]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Plays it.
///
/// # Errors
/// What the server refuses: a defect of the demonstration.
pub(super) fn play(stage: &Stage<'_>, teller: &mut Teller) -> Result<(), String> {
    let case = case(stage)?;
    teller.doing("管理员建立账号");
    let admins = Admins::enter(stage.base, stage.first)?;
    let people = cast(stage, &case);
    let by_login = admins.admit(stage.base, &people)?;
    teller.done(&format!("系统管理员建立 {} 个账号,安全管理员授予角色,各人首次登录修改密码", people.len()));

    let inspection = invite(stage, &case, &by_login, teller)?;
    let drawn = draw(stage, &by_login, &inspection, teller)?;
    let planning = plan(stage, &by_login, &inspection, drawn, teller)?;
    let visits = dispatch(stage, &by_login, &inspection, &planning, teller)?;
    field::notify(who(&by_login, "xieban")?, &visits, teller)?;
    let departments: Vec<(usize, String)> =
        case.departments.iter().enumerate().map(|(i, (_, id, _))| (i + 1, id.to_string())).collect();
    let published = field::inspect(stage, &visits, &departments, teller)?;
    field::publish(stage, &departments, &inspection, published, teller)?;
    proof(stage, teller)?;

    teller.say(&format!("\n可登录的账号(密码均为 {PASSWORD}):"));
    for person in &people {
        teller.say(&format!("    {:<12} {}", person.login, person.name));
    }
    let officer = visits.first().map_or("", |v| v["seats"][0]["code"].as_str().unwrap_or_default());
    teller.say(&format!("    {:<12} 各名执法检查人员,账号即人员编号(小写)", officer.to_lowercase()));
    Ok(())
}

fn who<'a>(by_login: &'a BTreeMap<String, Client>, login: &str) -> Result<&'a Client, String> {
    by_login.get(login).ok_or_else(|| format!("no account {login}"))
}

fn invite(
    stage: &Stage<'_>,
    case: &Case<'_>,
    by_login: &BTreeMap<String, Client>,
    teller: &mut Teller,
) -> Result<String, String> {
    let (lead, partners) = case.departments.split_first().ok_or("示范县没有部门")?;
    let clerk = who(by_login, "jingban1")?;
    let (first, last) = period(stage.input).ok_or("示范县没有日历")?;
    let made = clerk.post(
        "/api/v1/inspections",
        &json!({
            "name": format!("{}部门联合抽查", case.trade),
            "field": case.trade,
            "filter": { "industries": [case.division] },
            "quota": { "share": SHARE },
            "window_from": first, "window_to": last,
            "notice": "either",
            "draw": { "policy": "ceremony", "witnesses": 2, "pool_age_hours": 0 },
            "items": list(&lead.2),
        }),
    )?;
    let id = text(&made, "id")?;
    let preview = clerk.get(&format!("/api/v1/inspections/{id}/preview"))?;
    teller.done(&format!(
        "{}发起“{}部门联合抽查”({}):符合条件 {} 户,抽取 {SHARE}",
        department_name(stage.input, lead.0),
        case.trade,
        text(&made, "number")?,
        preview["eligible"],
    ));
    let invited: Vec<Value> = partners
        .iter()
        .map(|(_, id, _)| json!({ "department_id": id.to_string(), "message": "请参加本次联合抽查" }))
        .collect();
    clerk.post(&format!("/api/v1/inspections/{id}/invite"), &json!({ "partners": invited }))?;
    for (i, (code, department, items)) in partners.iter().enumerate() {
        let partner = who(by_login, &format!("jingban{}", i + 2))?;
        let waiting = partner.get("/api/v1/invitations?state=pending")?;
        let invitation = waiting["items"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|v| v["department_id"] == json!(department.to_string()))
            .ok_or("没有收到邀请")?;
        let path = format!("/api/v1/invitations/{}", text(invitation, "id")?);
        let name = department_name(stage.input, code);
        if i + 1 == partners.len() && partners.len() > 1 {
            let reason = "本季度已完成同类专项检查,为不重复打扰企业,本次不参加";
            partner.post(&format!("{path}/decline"), &json!({ "reason": reason }))?;
            teller.say(&format!("      {name}拒绝:{reason}"));
        } else {
            partner.post(&format!("{path}/accept"), &json!({ "items": list(items) }))?;
            teller.say(&format!("      {name}接受,带来 {} 项事项", items.len()));
        }
    }
    let confirmed = clerk.post(&format!("/api/v1/inspections/{id}/confirm"), &json!({}))?;
    let taking_part = confirmed["participants"].as_array().map_or(0, Vec::len);
    teller
        .done(&format!("邀请 {} 个部门,全部已答复;联合抽查已确认,{taking_part} 个部门参加", partners.len()));
    Ok(id)
}

fn draw(
    stage: &Stage<'_>,
    by_login: &BTreeMap<String, Client>,
    inspection: &str,
    teller: &mut Teller,
) -> Result<u64, String> {
    let office = who(by_login, "xieban")?;
    let pool = office.post(&format!("/api/v1/inspections/{inspection}/freeze-pool"), &json!({}))?;
    teller.done(&format!(
        "协调办锁定名单:{} 户、{} 名执法检查人员,名单根值 {}…",
        pool["subjects"],
        pool["inspectors"],
        &text(&pool, "root")?.chars().take(16).collect::<String>()
    ));
    let at = |minutes: i64| {
        (stage.hands.now() + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true)
    };
    let witnesses = ["daibiao", "gongzheng"];
    let mut parties = Vec::new();
    for (login, token) in witnesses.iter().zip(["RD-1", "GZ-1"]) {
        parties.push(json!({ "user_id": who(by_login, login)?.user_id, "token": token }));
    }
    let opened = office.post(
        &format!("/api/v1/inspections/{inspection}/draws"),
        &json!({ "witnesses": parties, "not_before": at(10), "deadline": at(120) }),
    )?;
    let id = text(&opened, "id")?;
    for (login, value) in witnesses.iter().zip(["4719 海阔凭鱼跃", "天高任鸟飞 8206"]) {
        who(by_login, login)?.post(&format!("/api/v1/draws/{id}/commitment"), &json!({ "value": value }))?;
    }
    office.post(&format!("/api/v1/draws/{id}/seal"), &json!({}))?;
    stage.hands.wait(TimeDelta::minutes(3));
    office.post(&format!("/api/v1/draws/{id}/reveal"), &json!({}))?;
    stage.hands.wait(TimeDelta::minutes(10));
    let result = office.post(&format!("/api/v1/draws/{id}/result"), &json!({}))?;
    let drawn = result["drawn"].as_u64().unwrap_or_default();
    teller.done(&format!("两名见证人各投入一个只有自己知道的内容;封存、揭示后抽出 {drawn} 户"));
    let public = Client::anonymous(stage.base);
    let bundle = public.bytes("GET", &format!("/api/v1/public/draws/{id}"), None, None)?;
    let report = verify_bytes(&bundle, None);
    match report.verdict() {
        Verdict::Failed => return Err("公开的抽取包未通过核验".to_owned()),
        verdict => teller.done(&format!(
            "任何人可下载抽取包({} 字节)核验:{} 条结论全部成立({verdict:?};含突击检查的,入企前只公开到封存的承诺)",
            bundle.len(),
            report.statements.len()
        )),
    }
    Ok(drawn)
}

fn plan(
    stage: &Stage<'_>,
    by_login: &BTreeMap<String, Client>,
    inspection: &str,
    drawn: u64,
    teller: &mut Teller,
) -> Result<String, String> {
    let office = who(by_login, "xieban")?;
    let (first, last) = period(stage.input).ok_or("示范县没有日历")?;
    teller.doing("合并任务、派员");
    let made = office.post(
        "/api/v1/plannings",
        &json!({ "period_from": first, "period_to": last, "inspections": [inspection] }),
    )?;
    let id = text(&made, "id")?;
    let s = &made["summary"];
    teller.done(&format!(
        "合并与派员(预排):{drawn} 户、{} 项现场任务;分头上门需 {} 次,合并后 {} 次,少上门 {} 次",
        s["tasks"], s["separate_visits"], s["visits"], s["visits_saved"]
    ));
    let blockers = made["blockers"].as_array().map_or(0, Vec::len);
    teller.say(&format!(
        "      已派齐 {} 次(其中联合 {} 次),{} 人次;未派齐 {} 次,需处理的问题 {blockers} 项",
        s["staffed"], s["joint_visits"], s["seats"], s["unstaffed"]
    ));
    for blocker in made["blockers"].as_array().into_iter().flatten().take(3) {
        teller.say(&format!(
            "        · {}:{}",
            blocker["subject"].as_str().unwrap_or_default(),
            blocker["why"].as_str().unwrap_or_default()
        ));
    }
    office.post(&format!("/api/v1/plannings/{id}/commit"), &json!({}))?;
    teller.done("协调办确认排期");
    Ok(id)
}

fn dispatch(
    stage: &Stage<'_>,
    by_login: &BTreeMap<String, Client>,
    inspection: &str,
    planning: &str,
    teller: &mut Teller,
) -> Result<Vec<Value>, String> {
    let office = who(by_login, "xieban")?;
    let mut visits = office.all(&format!("/api/v1/plannings/{planning}/visits?limit=200"))?;
    visits.sort_by_key(|v| (v["day"].to_string(), v["start"].to_string(), v["id"].to_string()));
    let joint = visits
        .iter()
        .max_by_key(|v| v["departments"].as_array().map_or(0, Vec::len))
        .ok_or("没有入企")?
        .clone();
    who(by_login, "jingban1")?.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({}))?;
    teller.done("牵头部门派发:检查人员从现在起能看到自己的入企");
    teller.say(&format!(
        "      例:{} {} 到 {}({}),{} 个部门、{} 项任务一次完成",
        joint["day"].as_str().unwrap_or_default(),
        joint["start"].as_str().unwrap_or_default(),
        joint["subject"]["name"].as_str().unwrap_or_default(),
        joint["subject"]["town"].as_str().unwrap_or_default(),
        joint["departments"].as_array().map_or(0, Vec::len),
        joint["tasks"].as_array().map_or(0, Vec::len)
    ));
    for seat in joint["seats"].as_array().into_iter().flatten() {
        let department =
            joint["departments"].as_array().into_iter().flatten().find(|d| d["id"] == seat["department_id"]);
        teller.say(&format!(
            "        {} {} {}",
            match seat["role"].as_str() {
                Some("lead_inspector") => "A岗",
                Some("second_inspector") => "B岗",
                Some("expert") => "专家",
                _ => "成员",
            },
            seat["name"].as_str().unwrap_or_default(),
            department.map_or("", |d| d["name"].as_str().unwrap_or_default())
        ));
    }
    let seat = joint["seats"].get(0).ok_or("入企没有人员")?;
    let login = text(seat, "code")?.to_lowercase();
    let mine = Client::login(stage.base, &login, PASSWORD)?.get("/api/v1/my/visits")?;
    teller.say(&format!(
        "      {}(账号 {login})看到自己的 {} 次入企",
        seat["name"].as_str().unwrap_or_default(),
        mine["items"].as_array().map_or(0, Vec::len)
    ));
    Ok(visits)
}

fn proof(stage: &Stage<'_>, teller: &mut Teller) -> Result<(), String> {
    let public = Client::anonymous(stage.base);
    // The sequencer is at most a moment behind.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let note = public.bytes("GET", "/api/v1/journal/checkpoint", None, None)?;
    let note = String::from_utf8_lossy(&note).into_owned();
    let size = note.lines().nth(1).unwrap_or_default().to_owned();
    teller.done(&format!("全程留痕:操作日志已入序 {size} 条,检查点可由任何人保存,日后核对有无改动"));
    Ok(())
}
