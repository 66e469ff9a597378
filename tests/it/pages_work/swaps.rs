//! Replacing an inspector.

use super::{desk, guarded, officer, page, stranger};
use crate::results::{dispatched, text};
use crate::support::both;
use onedoor::domain::access::Role;

both!(journey_a_seat_is_drawn_again, |app| {
    let s = dispatched(app);
    let visit = &s.visit;
    let team = s.team(app, visit, "SJ");
    let a = officer(&s, app, &team.a_id);
    let here = page(visit);
    let shown = a.get(&here).text();
    assert!(shown.contains("申请更换"), "{shown}");
    let seats = visit["seats"].as_array().unwrap();
    let seat = text(&seats.iter().find(|x| x["inspector_id"] == team.a_id.as_str()).unwrap()["id"]);
    let path = format!("{here}/replacements");
    guarded(&a, &path);
    let refused = a.post(&path, &path, &[("seat_id", &seat), ("cause", "ill"), ("reason", "")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("#reason"));
    let made =
        a.post(&path, &path, &[("seat_id", &seat), ("cause", "recusal"), ("reason", "店主是我的亲属")]);
    let request = a.done(&made);
    assert!(a.get(&request).text().contains("店主是我的亲属"));
    // Decided by the head of his own department, by nobody else.
    let (head, other) =
        (desk(&s, app, "SJ", Role::DepartmentHead), desk(&s, app, "XF", Role::DepartmentHead));
    assert_eq!(other.get(&request).status, 404);
    assert_eq!(stranger(app).get(&request).status, 404);
    assert!(head.get("/replacements?state=requested").text().contains(&request));
    let reject = head.post(&request, &format!("{request}/reject"), &[("note", "")]);
    assert_eq!(reject.status, 422);
    guarded(&head, &format!("{request}/approve"));
    let done = head.post(&request, &format!("{request}/approve"), &[("note", "同意")]);
    let shown = head.follow(&done).text();
    assert!(shown.contains("已批准并补抽") && shown.contains("同意") && shown.contains("抽中"), "{shown}");
    assert_eq!(a.get(&here).status, 404);
    // The papers of the inspection are listed, and open.
    let clerk = desk(&s, app, "SJ", Role::DepartmentClerk);
    let list = format!("/inspections/{}/papers", s.inspection);
    let shown = clerk.get(&list).text();
    assert!(shown.contains("dispatch-slip") && shown.contains("format=docx"), "{shown}");
    let slip = clerk.get(&format!("/papers/inspections/{}/dispatch-slip", s.inspection));
    assert!(slip.status == 200 && slip.text().contains("派遣单"));
    assert_eq!(stranger(app).get(&list).status, 404);
});
