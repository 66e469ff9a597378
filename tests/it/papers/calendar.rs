//! Calendars of inspectors and departments.

use crate::planning::fixture::{day, small_committed, travel};
use crate::results::{Sent, dispatched, text};
use crate::support::{Client, both};
use onedoor::domain::access::Role;
use onedoor::domain::planning::input::Notice;
use serde_json::json;

const FEED: &str = "/api/v1/calendar.ics";

/// The lines of a calendar with folds undone, after looking at the form.
#[track_caller]
fn lines(client: &Client, path: &str) -> Vec<String> {
    let answer = client.get(path);
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    let text = answer.text();
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|l| l.len() <= 75));
    text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

fn begins<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
    lines.iter().filter_map(|l| l.strip_prefix(name)).collect()
}

both!(an_inspector_subscribes_to_his_visits_and_a_department_to_its_own, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Either);
    let visit = county.visits(&planning)[0].clone();
    let on = text(&visit["seats"][0]["code"]);
    let mine = county.inspector(app, &on);
    assert_eq!(begins(&lines(&mine, FEED), "BEGIN:VEVENT").len(), 0, "seen before dispatch");
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let own = lines(&mine, FEED);
    let own_visits = mine.get("/api/v1/my/visits").expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(begins(&own, "BEGIN:VEVENT").len(), own_visits.len());
    assert!(begins(&own, "UID:").contains(&format!("{}@cn-350403", text(&visit["id"])).as_str()));
    let shown = own_visits.iter().find(|v| v["id"] == visit["id"]).unwrap();
    let date = shown["day"].as_str().unwrap().replace('-', "");
    assert!(begins(&own, "DTSTART;TZID=Asia/Shanghai:").iter().any(|t| t.starts_with(&date)), "{own:#?}");
    assert!(own.iter().any(|l| l == &format!("SUMMARY:入企检查:{}", text(&visit["subject"]["name"]))));
    assert_eq!(begins(&own, "TZOFFSETTO:"), ["+0800"]);
    assert!(begins(&own, "SEQUENCE:").iter().all(|n| n.parse::<i64>().unwrap() >= 1));

    let clerk = county.clerk(app, "XF");
    assert_eq!(begins(&lines(&clerk, FEED), "BEGIN:VEVENT").len(), 4);
    let (sj, xf) = (county.ids.departments["SJ"], county.ids.departments["XF"]);
    clerk.get(&format!("{FEED}?department_id={sj}")).problem(404, "not_found");
    mine.get(&format!("{FEED}?department_id={sj}")).problem(404, "not_found");
    county.coordinator.get(FEED).problem(422, "invalid");
    let office = format!("{FEED}?department_id={xf}");
    assert_eq!(begins(&lines(&county.coordinator, &office), "BEGIN:VEVENT").len(), 4);
    let other = app.department("ZZ", "示范县林业局", "inspecting");
    let foreign = app.user("forest", &[Role::DepartmentClerk], Some(other));
    assert_eq!(begins(&lines(&foreign, FEED), "BEGIN:VEVENT").len(), 0);
    app.user("witness", &[Role::Witness], None).get(FEED).problem(403, "denied");
    app.anonymous().get(FEED).problem(401, "login_required");
});

both!(a_change_raises_the_sequence_and_keeps_the_uid, |app| {
    let s = dispatched(app);
    let feed = format!("{FEED}?department_id={}", s.county.ids.departments["SJ"]);
    let of = |lines: &[String]| {
        let at = lines.iter().position(|l| l.contains(&text(&s.visit["id"]))).unwrap();
        let sequence = lines[at..].iter().find_map(|l| l.strip_prefix("SEQUENCE:")).unwrap();
        sequence.parse::<i64>().unwrap()
    };
    let before = of(&lines(&s.office(app), &feed));
    travel(app, day(s.visit["day"].as_str().unwrap()));
    s.check_in(app, &s.visit);
    assert!(of(&lines(&s.office(app), &feed)) > before);
});

both!(an_unannounced_visit_is_a_time_without_a_name, |app| {
    let (county, inspection, planning) = small_committed(app, Notice::Unannounced);
    county.coordinator.post(&format!("/api/v1/inspections/{inspection}/dispatch"), &json!({})).expect(200);
    let mut visits = county.visits(&planning);
    visits.sort_by_key(|v| v["day"].as_str().unwrap().to_owned());
    let on = text(&visits[0]["seats"][0]["code"]);
    for client in [county.inspector(app, &on), county.clerk(app, "SJ")] {
        let text = lines(&client, FEED).join("\n");
        assert!(text.contains("突击检查") && text.contains("BEGIN:VEVENT"));
        for subject in &county.input.subjects {
            for secret in [&subject.name, &subject.key, &subject.address] {
                assert!(!text.contains(secret.as_str()), "{secret}");
            }
        }
    }
    let s = Sent { visit: visits[0].clone(), visits, county, inspection };
    travel(app, day(s.visit["day"].as_str().unwrap()));
    s.check_in(app, &s.visit);
    let feed = format!("{FEED}?department_id={}", s.county.ids.departments["SJ"]);
    let now = lines(&s.office(app), &feed).join("\n");
    assert!(now.contains(&text(&s.visit["subject"]["name"])));
    assert!(!now.contains(&text(&s.visits[1]["subject"]["name"])));
});
