//! The whole sample county: several joint inspections and single tasks at once, and the answer held against the rules by
//! eyes of its own.

use super::fixture::{County, load, pages};
use crate::support::both;
use chrono::NaiveDate;
use onedoor::domain::planning::input::{Input, PoolKind};
use onedoor::sample::{Preset, county};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

fn minutes(clock: &str) -> u32 {
    let (h, m) = clock.split_once(':').unwrap();
    h.parse::<u32>().unwrap() * 60 + m.parse::<u32>().unwrap()
}

/// Everything that is wrong with the visits of a plan, by the tables they were made from.
pub(super) fn faults(input: &Input, visits: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    let tasks: HashMap<&str, _> = input.tasks.iter().map(|t| (t.id.as_str(), t)).collect();
    let items: HashMap<&str, _> = input.items.iter().map(|i| (i.id.as_str(), i)).collect();
    let people: HashMap<&str, _> = input.inspectors.iter().map(|p| (p.id.as_str(), p)).collect();
    let days: HashMap<NaiveDate, _> = input.calendar.iter().map(|d| (d.date, d)).collect();
    let recused: HashSet<(&str, &str)> =
        input.recusals.iter().map(|r| (r.person_id.as_str(), r.subject.as_str())).collect();
    let holds = |p: &str, q: &str, on: NaiveDate| {
        input.qualifications.iter().any(|x| x.person_id == p && x.qual == q && x.from <= on && on <= x.to)
    };
    let mut certificates: HashMap<(&str, &str), Vec<(NaiveDate, NaiveDate)>> = HashMap::new();
    for q in &input.qualifications {
        certificates.entry((&q.person_id, &q.qual)).or_default().push((q.from, q.to));
    }
    let base = |p: &str, on: NaiveDate| {
        certificates.get(&(p, "Q-ZFZ")).is_some_and(|c| c.iter().any(|(a, b)| *a <= on && on <= *b))
    };
    let mut seen: HashSet<String> = HashSet::new();
    let mut taken: HashMap<(String, NaiveDate), Vec<(u32, u32)>> = HashMap::new();
    let mut spent: HashMap<(String, NaiveDate), u32> = HashMap::new();
    for v in visits {
        let code = v["code"].as_str().unwrap();
        let mut bad = |text: String| faults.push(format!("{code}: {text}"));
        let subject = v["subject"]["key"].as_str().unwrap();
        let list: Vec<&str> =
            v["tasks"].as_array().unwrap().iter().map(|t| t["code"].as_str().unwrap()).collect();
        let mut groups: BTreeMap<&str, u32> = BTreeMap::new();
        for t in &list {
            if !seen.insert((*t).to_owned()) {
                bad(format!("task {t} twice"));
            }
            let task = tasks[t];
            if task.subject != subject {
                bad(format!("task {t} of another subject"));
            }
            let item = items[task.item_id.as_str()];
            let group = if item.equiv.is_empty() { item.id.as_str() } else { item.equiv.as_str() };
            let longest = groups.entry(group).or_default();
            *longest = (*longest).max(task.minutes);
        }
        let length = 15 + groups.values().sum::<u32>();
        if i64::from(length) != v["minutes"].as_i64().unwrap() {
            bad(format!("{length} minutes, not {}", v["minutes"]));
        }
        if groups.len() > 1 && length > 180 {
            bad(format!("{length} minutes"));
        }
        let depts: BTreeSet<&str> = list.iter().map(|t| tasks[t].dept_id.as_str()).collect();
        if depts.len() > 6 {
            bad("too many departments".to_owned());
        }
        let seats = v["seats"].as_array().unwrap();
        if v["day"].is_null() {
            if !seats.is_empty() || v["blockers"].as_array().is_none_or(Vec::is_empty) {
                bad("no day, but people, or no reason".to_owned());
            }
            continue;
        }
        let on: NaiveDate = v["day"].as_str().unwrap().parse().unwrap();
        if !days[&on].workday || days[&on].quiet {
            bad(format!("on {on}"));
        }
        for t in &list {
            let item = items[tasks[t].item_id.as_str()];
            if on < tasks[t].earliest || on > tasks[t].latest || item.season.is_some_and(|s| !s.contains(on))
            {
                bad(format!("{t} outside its window"));
            }
        }
        let start = minutes(v["start"].as_str().unwrap());
        let end = start + (length + 30).div_ceil(30) * 30;
        if !((start >= 510 && end <= 720) || (start >= 810 && end <= 1050)) || !start.is_multiple_of(30) {
            bad(format!("{start} to {end}"));
        }
        let mut by_dept: BTreeMap<&str, usize> = BTreeMap::new();
        for s in seats {
            let person = people[s["code"].as_str().unwrap()];
            if person.post == PoolKind::Officers {
                *by_dept.entry(&person.dept_id).or_default() += 1;
                if !base(&person.id, on) {
                    bad(format!("{} not certified", person.id));
                }
            }
            if input.leave.iter().any(|l| l.person_id == person.id && l.from <= on && on <= l.to) {
                bad(format!("{} on leave", person.id));
            }
            if recused.contains(&(person.id.as_str(), subject)) {
                bad(format!("{} recused", person.id));
            }
            let key = (person.id.clone(), on);
            let others = taken.entry(key.clone()).or_default();
            if others.iter().any(|(a, b)| start < *b && *a < end) {
                bad(format!("{} twice at a time", person.id));
            }
            others.push((start, end));
            let day = spent.entry(key).or_default();
            *day += length + 30;
            if *day > person.daily_minutes {
                bad(format!("{} works {day} minutes", person.id));
            }
        }
        if by_dept.values().any(|n| *n < 2)
            || by_dept.keys().any(|d| !depts.contains(d))
            || by_dept.is_empty()
        {
            bad(format!("officers {by_dept:?} of {depts:?}"));
        }
        // A group that several departments ask for is checked by its owner alone: the lowest in rank among those with a
        // group of their own, else the lowest in rank.
        let group_of = |t: &str| {
            let item = items[tasks[t].item_id.as_str()];
            if item.equiv.is_empty() { item.id.clone() } else { item.equiv.clone() }
        };
        let asks = |g: &str| -> BTreeSet<&str> {
            list.iter().filter(|t| group_of(t) == g).map(|t| tasks[*t].dept_id.as_str()).collect()
        };
        let alone: BTreeSet<&str> = list
            .iter()
            .filter(|t| asks(&group_of(t)).len() == 1)
            .map(|t| tasks[*t].dept_id.as_str())
            .collect();
        let rank = |d: &&str| {
            let row = input.departments.iter().find(|x| x.id == **d).unwrap();
            (row.rank, row.id.clone())
        };
        for t in &list {
            let asking = asks(&group_of(t));
            let owner = asking.iter().copied().filter(|d| alone.contains(d)).min_by_key(rank);
            let owner = owner.or_else(|| asking.iter().copied().min_by_key(rank)).unwrap();
            if owner != tasks[t].dept_id {
                continue;
            }
            let item = items[tasks[t].item_id.as_str()];
            for q in [&item.qual, &item.expert].into_iter().filter(|q| !q.is_empty()) {
                if !seats.iter().any(|s| holds(s["code"].as_str().unwrap(), q, on)) {
                    bad(format!("nobody holds {q} for {t}"));
                }
            }
        }
        let posts: Vec<&str> = seats.iter().map(|s| s["role"].as_str().unwrap()).collect();
        if posts.iter().filter(|p| **p == "lead_inspector").count() != 1 {
            bad("not one A post".to_owned());
        }
    }
    faults
}

fn committed(county: &County, visits: &[Value], made: &Value) {
    let summary = &made["summary"];
    let on_site = county
        .input
        .tasks
        .iter()
        .filter(|t| t.mode == onedoor::domain::planning::input::CheckMode::OnSite)
        .count();
    let housed: usize = visits.iter().map(|v| v["tasks"].as_array().unwrap().len()).sum();
    let blocked = summary["tasks_blocked"].as_u64().unwrap() + summary["tasks_unplaced"].as_u64().unwrap();
    assert_eq!(housed + usize::try_from(blocked).unwrap(), on_site, "every task is in a visit or told");
    assert_eq!(summary["visits"], json!(visits.len()));
    let saved = summary["separate_visits"].as_u64().unwrap() - summary["visits"].as_u64().unwrap();
    assert_eq!(summary["visits_saved"].as_u64(), Some(saved));
}

both!(the_sample_county_is_planned_by_the_rules, |app| {
    let mut county = load(app, county(Preset::County, 1));
    let first = county.drawn_inspection(app, "示抽查〔2026〕1号", &county.input.departments[0].id.clone());
    let second = county.drawn_inspection(app, "示抽查〔2026〕2号", &county.input.departments[1].id.clone());
    // By plan name, so that the tasks of one subject are spread over inspections and single tasks.
    county.add_tasks(app, |t| match t.id.bytes().map(u32::from).sum::<u32>() % 3 {
        0 => Some(first),
        1 => Some(second),
        _ => None,
    });
    let body = county.whole(&[first, second], true);
    let made = county.coordinator.key("one").post("/api/v1/plannings", &body);
    let preview = made.expect(201);
    assert_eq!(preview["state"], "preview");
    assert!(preview["draw_ref"].as_str().unwrap().starts_with("draws:"));
    // The same key answers the same bytes, without computing again.
    let again = county.coordinator.key("one").post("/api/v1/plannings", &body);
    assert_eq!(again.bytes, made.bytes);
    let visits = county.visits(&made.id());
    let wrong = faults(&county.input, &visits);
    assert!(wrong.is_empty(), "{} faults: {:?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    committed(&county, &visits, &preview);
    // Another run over the same tables comes to the same teams: nothing can be re-rolled.
    let other = county.coordinator.post("/api/v1/plannings", &body);
    assert_eq!(other.expect(201)["input_digest"], preview["input_digest"]);
    let strip = |list: Vec<Value>| -> BTreeMap<String, (Value, BTreeSet<String>)> {
        let team = |v: &Value| {
            v["seats"].as_array().unwrap().iter().map(|s| format!("{} {}", s["code"], s["role"])).collect()
        };
        list.iter().map(|v| (v["code"].to_string(), (v["day"].clone(), team(v)))).collect()
    };
    assert_eq!(strip(county.visits(&other.id())), strip(visits.clone()));
    let path = format!("/api/v1/plannings/{}", made.id());
    county.coordinator.post(&format!("{path}/commit"), &json!({})).expect(200);
    county.coordinator.post(&format!("{path}/commit"), &json!({})).problem(409, "wrong_state");
    // The twin saw the same tasks ready; they are taken now.
    county
        .coordinator
        .post(&format!("/api/v1/plannings/{}/commit", other.id()), &json!({}))
        .problem(409, "tasks_changed");
    county.coordinator.post(&format!("/api/v1/plannings/{}/discard", other.id()), &json!({})).expect(200);
    let planned = pages(&county.coordinator, "/api/v1/tasks?state=planned&limit=200");
    let housed: usize = visits.iter().map(|v| v["tasks"].as_array().unwrap().len()).sum();
    assert_eq!(planned.len(), housed);
});
