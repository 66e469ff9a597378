//! The scorecard of 14 indicators: weights, evidence, figures.

use super::{overseer, two_held};
use crate::results::{sent, text};
use crate::support::both;
use onedoor::domain::access::Role;
use serde_json::{Value, json};

const PDF: &[u8] = b"%PDF-1.7 evidence";

fn line(card: &Value, indicator: u64) -> &Value {
    card["lines"].as_array().unwrap().iter().find(|l| l["indicator"] == indicator).unwrap()
}

both!(departments_are_scored_by_figures_and_by_confirmed_evidence, |app| {
    let s = two_held(app);
    let (sj, xf) = (s.county.ids.departments["SJ"], s.county.ids.departments["XF"]);
    let own = format!("/api/v1/scorecards/2026/{sj}");
    let clerk = s.desk(app, "SJ", Role::DepartmentClerk);
    let card = clerk.get(&own).expect(200);
    assert_eq!(card["lines"].as_array().unwrap().len(), 14);
    assert_eq!((&line(&card, 1)["share_bp"], &line(&card, 12)["share_bp"]), (&json!(0), &json!(10_000)));
    assert_eq!(
        line(&card, 12)["figures"],
        json!([{ "name": "应公示", "value": 2 }, { "name": "按时公示", "value": 2 }])
    );
    // Six officers, all with a certificate; it led the inspection; it found no problem, so there was nothing to follow up.
    assert_eq!(line(&card, 6)["figures"][1], json!({ "name": "证件有效", "value": 6 }));
    assert_eq!((&line(&card, 11)["share_bp"], &line(&card, 13)["share_bp"]), (&json!(10_000), &Value::Null));
    let fire =
        s.desk(app, "XF", Role::DepartmentClerk).get(&format!("/api/v1/scorecards/2026/{xf}")).expect(200);
    // It wrote down that the businesses must put things right, and ordered none of them to.
    assert_eq!(line(&fire, 13)["share_bp"], 0);
    let before = card["points_hundredths"].as_i64().unwrap();

    // Evidence: only of one's own department, only where evidence is asked for, only papers and pictures.
    let at = |indicator: u32| format!("{own}/evidence?indicator={indicator}&name=%E6%96%B9%E6%A1%88.pdf");
    let pdf = "application/pdf";
    s.desk(app, "XF", Role::DepartmentClerk).upload(&at(1), pdf, PDF).problem(404, "not_found");
    s.office(app).upload(&at(1), pdf, PDF).problem(403, "denied");
    assert_eq!(clerk.upload(&at(12), pdf, PDF).problem(422, "invalid")["errors"][0]["code"], "by_figures");
    clerk.upload(&at(15), pdf, PDF).problem(422, "invalid");
    clerk.upload(&at(1), pdf, b"<html>").problem(415, "unsupported_media_type");
    let made = clerk.upload(&at(1), pdf, PDF);
    assert_eq!(made.expect(201)["state"], "handed_in");
    let place = made.header("location").unwrap().to_owned();
    assert_eq!(clerk.upload(&at(1), pdf, PDF).id(), made.id());
    assert_eq!(clerk.get(&place).bytes, PDF);
    assert_eq!(overseer(app).get(&place).bytes, PDF);
    s.desk(app, "XF", Role::DepartmentClerk).get(&place).problem(404, "not_found");
    // Handed in is not confirmed.
    let card = clerk.get(&own).expect(200);
    assert_eq!((&line(&card, 1)["share_bp"], &card["evidence"][0]["id"]), (&json!(0), &json!(made.id())));
    clerk.post(&format!("{place}/confirm"), &json!({})).problem(403, "denied");
    overseer(app).post(&format!("{place}/confirm"), &json!({})).problem(403, "denied");
    let office = s.office(app);
    office.post(&format!("{place}/reject"), &json!({})).problem(422, "invalid");
    assert_eq!(office.post(&format!("{place}/confirm"), &json!({})).expect(200)["state"], "confirmed");
    office.post(&format!("{place}/confirm"), &json!({})).problem(409, "wrong_state");
    let card = clerk.get(&own).expect(200);
    assert_eq!(line(&card, 1)["share_bp"], 10_000);
    // The default weight of 10.
    assert_eq!(card["points_hundredths"].as_i64().unwrap(), before + 1000);
    office.post(&format!("{place}/reject"), &json!({ "note": "不是本年度的" })).expect(200);
    assert_eq!(clerk.get(&own).expect(200)["points_hundredths"], before);

    // Weights of a year.
    let all = office.get("/api/v1/scorecards/2026");
    let view = all.expect(200);
    assert_eq!((&view["weights"], &view["version"]), (&json!(vec![10; 14]), &json!(0)));
    let ranked: Vec<i64> =
        view["departments"].as_array().unwrap().iter().map(|d| d["share_bp"].as_i64().unwrap()).collect();
    assert!(ranked.len() == 2 && ranked[0] >= ranked[1], "{ranked:?}");
    let mut weights = [0; 14];
    weights[11] = 100;
    let body = json!({ "weights": weights });
    let year = "/api/v1/scorecards/2026";
    office.put(year, &body).problem(428, "precondition_required");
    clerk.if_match(0).put(year, &body).problem(403, "denied");
    office.if_match(0).put(year, &json!({ "weights": [1, 2] })).problem(422, "invalid");
    office.if_match(0).put(year, &json!({ "weights": vec![0; 14] })).problem(422, "invalid");
    let set = office.if_match(0).put(year, &body);
    assert_eq!((set.status, set.header("etag")), (200, Some("\"1\"")));
    office.if_match(0).put(year, &body).problem(412, "stale");
    office.if_match(1).put(year, &body).expect(200);
    let card = clerk.get(&own).expect(200);
    assert_eq!((&card["points_hundredths"], &card["possible_hundredths"]), (&json!(10_000), &json!(10_000)));
    // Another year has its own.
    assert_eq!(office.get("/api/v1/scorecards/2027").expect(200)["weights"], json!(vec![10; 14]));
    office.get("/api/v1/scorecards/1900").problem(404, "not_found");
    office.get("/api/v1/scorecards/next").problem(404, "not_found");

    // A department sees its own card only.
    assert_eq!(clerk.get(year).expect(200)["departments"].as_array().unwrap().len(), 1);
    clerk.get(&format!("/api/v1/scorecards/2026/{xf}")).problem(404, "not_found");
    let book = office.get(&format!("{year}?format=xlsx"));
    let sheets = onedoor::exchange::table::read_xlsx(&book.bytes, &Default::default()).unwrap();
    // All departments, then each.
    assert_eq!(sheets.len(), 3);
    assert_eq!((sheets[0].len(), sheets[1].len()), (3, 15));
    let names: Vec<String> =
        view["departments"].as_array().unwrap().iter().map(|d| text(&d["department"])).collect();
    assert!(sheets[0].rows().skip(1).all(|r| names.contains(&r.text(0).to_owned())));
    assert_eq!(clerk.get(&format!("{own}?format=xlsx")).status, 200);
});

both!(the_scorecard_says_when_the_directory_was_kept_last, |app| {
    let s = sent(app);
    let sj = s.county.ids.departments["SJ"];
    let key = s.county.input.subjects[0].key.clone();
    let path = format!("/api/v1/subjects/{}", s.county.ids.subjects[&key]);
    crate::planning::fixture::travel(app, crate::planning::fixture::day("2026-05-06"));
    // Half past seven in the evening of the day before in Greenwich.
    app.advance(chrono::TimeDelta::minutes(-5 * 60 - 30));
    let clerk = s.desk(app, "SJ", Role::DepartmentClerk);
    let now = clerk.get(&path).expect(200);
    let body = json!({ "tags": ["夜市"], "department_ids": [sj] });
    clerk.if_match(now["version"].as_i64().unwrap()).patch(&path, &body).expect(200);
    let card = clerk.get(&format!("/api/v1/scorecards/2026/{sj}")).expect(200);
    let figures = line(&card, 5)["figures"].as_array().unwrap().clone();
    let last = figures.iter().find(|f| f["name"] == "最近更新(年月日)").unwrap();
    assert_eq!(last["value"], 20_260_506, "{figures:?}");
});
