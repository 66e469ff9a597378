//! Many at one moment: of all who try one transition one wins; a request under one key happens once.

use crate::support::{Client, TestApp, both};
use onedoor::domain::access::Role;
use serde_json::json;
use std::sync::{Arc, Barrier};

/// Starts `n` threads that each get a client of their own, let go at one moment for each of `rounds`.
fn race<T: Send + 'static>(
    client: &Client,
    n: usize,
    rounds: usize,
    work: impl Fn(&Client, usize) -> T + Send + Sync + 'static,
) -> Vec<Vec<T>> {
    let (gate, work) = (Arc::new(Barrier::new(n)), Arc::new(work));
    let threads: Vec<_> = (0..n)
        .map(|_| {
            let (gate, work, client) = (Arc::clone(&gate), Arc::clone(&work), client.clone());
            std::thread::spawn(move || {
                (0..rounds)
                    .map(|round| {
                        gate.wait();
                        work(&client, round)
                    })
                    .collect::<Vec<T>>()
            })
        })
        .collect();
    let mut by_round: Vec<Vec<T>> = (0..rounds).map(|_| Vec::new()).collect();
    for thread in threads {
        for (round, value) in thread.join().unwrap().into_iter().enumerate() {
            by_round[round].push(value);
        }
    }
    by_round
}

/// Of 64 who disable one account one does, 63 learn that it is disabled.
fn one_wins(app: &TestApp, cases: usize) {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let sec = app.user("sec", &[Role::SecurityAdmin], None);
    let ids: Vec<String> = (0..cases)
        .map(|i| sys.post("/api/v1/users", &json!({ "login": format!("c{i}"), "name": "c" })).id())
        .collect();
    let paths = ids.clone();
    let answers = race(&sec, 64, cases, move |client, case| {
        let answer = client.post(&format!("/api/v1/users/{}/disable", paths[case]), &json!({}));
        (answer.status, answer.json()["state"].as_str().unwrap_or_default().to_owned())
    });
    for (case, answers) in answers.iter().enumerate() {
        let won = answers.iter().filter(|a| a.0 == 200).count();
        let lost = answers.iter().filter(|a| a.0 == 409 && a.1 == "disabled").count();
        assert_eq!((won, lost), (1, 63), "case {case}: {answers:?}");
    }
    // And the journal has one event for each.
    let audit = app.user("audit", &[Role::AuditAdmin], None);
    for id in &ids {
        let events = audit.get(&format!("/api/v1/journal?act=user_disabled&object={id}")).expect(200);
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events}");
    }
}

/// 50 copies of one request under one key: one act, and the same bytes for all.
fn once(app: &TestApp, keys: usize) {
    let sys = app.user("sys", &[Role::SystemAdmin], None);
    let answers = race(&sys, 50, keys, |client, key| {
        let body = json!({ "login": format!("k{key}"), "name": "k" });
        let answer = client.key(&format!("key-{key}")).post("/api/v1/users", &body);
        (answer.status, answer.bytes.clone(), answer.header("location").map(str::to_owned))
    });
    for (key, answers) in answers.iter().enumerate() {
        assert_eq!(answers[0].0, 201, "{}", String::from_utf8_lossy(&answers[0].1));
        assert!(answers.iter().all(|a| *a == answers[0]), "key {key}");
    }
    let audit = app.user("audit", &[Role::AuditAdmin], None);
    let mut seen = 0;
    let mut after = String::new();
    loop {
        let page = audit.get(&format!("/api/v1/journal?act=user_created&limit=200{after}")).expect(200);
        seen += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, keys);
}

both!(of_64_one_wins, |app| {
    one_wins(app, 10);
});

both!(
    #[ignore = "the full figures: 64 clients, 200 cases"]
    of_64_one_wins_200_times,
    |app| {
        one_wins(app, 200);
    }
);

both!(under_one_key_an_act_happens_once, |app| {
    once(app, 8);
});

both!(
    #[ignore = "the full figures: 50 at a time, 500 keys"]
    under_one_key_an_act_happens_once_500_times,
    |app| {
        once(app, 500);
    }
);
