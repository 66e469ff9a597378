//! Many at once: one wins, the others are told the present state; numbers have no gaps and no doubles.

use super::County;
use crate::support::{Answer, Client, both};
use serde_json::{Value, json};

/// Sends the same request from `n` threads at once.
fn at_once(n: usize, client: &Client, path: &str, body: &Value) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(n);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n)
            .map(|_| {
                let (client, barrier) = (client.clone(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    client.post(path, body)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

#[track_caller]
fn one_wins(answers: &[Answer], status: u16, state: &str) {
    assert_eq!(answers.iter().filter(|a| a.status == status).count(), 1);
    for lost in answers.iter().filter(|a| a.status != status) {
        assert_eq!(lost.problem(409, "wrong_state")["state"], state);
    }
}

both!(of_sixty_four_one_wins, |app| {
    let c = County::new(app);
    let id = c.start(&c.body());
    let path = format!("/api/v1/inspections/{id}");
    let invite = json!({ "partners": [{ "department_id": c.dept("JYJ01") }] });
    let view = c.market.post(&format!("{path}/invite"), &invite).expect(200);
    let invitation = format!("/api/v1/invitations/{}", view["invitations"][0]["id"].as_str().unwrap());
    let accept = json!({ "items": [c.item("JYJ-1")] });
    one_wins(&at_once(64, &c.school, &format!("{invitation}/accept"), &accept), 200, "accepted");
    one_wins(&at_once(64, &c.market, &format!("{path}/confirm"), &json!({})), 200, "confirmed");
    one_wins(&at_once(64, &c.office, &format!("{path}/freeze-pool"), &json!({})), 201, "pool_frozen");
    let opened = at_once(64, &c.office, &format!("{path}/draws"), &c.parties());
    one_wins(&opened, 201, "opened");
    let draw = opened.iter().find(|a| a.status == 201).unwrap().id();
    let draw = format!("/api/v1/draws/{draw}");
    let commit = at_once(64, &c.witnesses[0], &format!("{draw}/commitment"), &json!({ "value": "7" }));
    one_wins(&commit, 200, "opened");
    c.witnesses[1].post(&format!("{draw}/commitment"), &json!({ "value": "8" })).expect(200);
    one_wins(&at_once(64, &c.office, &format!("{draw}/seal"), &json!({})), 200, "sealed");
    one_wins(&at_once(64, &c.office, &format!("{draw}/reveal"), &json!({})), 200, "revealed");
    one_wins(&at_once(64, &c.office, &format!("{draw}/result"), &json!({})), 200, "resulted");
});

both!(numbers_have_no_gaps, |app| {
    let c = County::new(app);
    let answers = at_once(64, &c.market, "/api/v1/inspections", &c.body());
    let mut numbers: Vec<String> =
        answers.iter().map(|a| a.expect(201)["number"].as_str().unwrap().to_owned()).collect();
    numbers.sort_by_key(|n| (n.len(), n.clone()));
    let wanted: Vec<String> = (1..=64).map(|n| format!("示抽查〔2026〕{n}号")).collect();
    assert_eq!(numbers, wanted);
});
