//! An inspector's day.

use super::{guarded, officer, page, stranger};
use crate::results::{sent, text, wrong};
use crate::support::both;
use crate::support::browser::hidden;

both!(journey_a_team_at_the_door, |app| {
    let s = sent(app);
    let visit = &s.visit;
    let (sj, xf) = (s.team(app, visit, "SJ"), s.team(app, visit, "XF"));
    let (a, b) = (officer(&s, app, &sj.a_id), officer(&s, app, &sj.b_id));
    let here = page(visit);
    let name = text(&visit["subject"]["name"]);
    // The route of the day, and the visit on it.
    let list = a.get("/visits").text();
    assert!(list.contains(&name) && list.contains(&format!("href=\"{here}\"")), "{list}");
    for view in ["coming", "done", "all"] {
        assert_eq!(a.get(&format!("/visits?view={view}")).status, 200);
    }
    let shown = a.get(&here).text();
    let code = s.code(app, visit);
    assert!(shown.contains("签到") && !shown.contains(&code), "{shown}");
    assert_eq!(a.get(&format!("{here}/code")).status, 409);
    // Check-in: a wrong code comes back with what was typed.
    let door = format!("{here}/check-in");
    guarded(&a, &door);
    let wrong_code = a.post(&here, &door, &[("method", "code"), ("code", "ABCD"), ("place", "后门")]);
    assert_eq!(wrong_code.status, 422);
    let said = wrong_code.text();
    assert!(
        said.contains("<title>错误：") && said.contains("value=\"ABCD\"") && said.contains("value=\"后门\""),
        "{said}"
    );
    for browser in [&a, &b] {
        let done = browser.post(&here, &door, &[("method", "code"), ("code", &code.to_lowercase())]);
        assert!(browser.follow(&done).text().contains("已签到"));
    }
    let screen = a.get(&format!("{here}/code")).text();
    assert!(screen.contains("<svg") && screen.contains(&code[..4]), "{screen}");

    // The form: own items only, a draft, faults, several outcomes, handed in once.
    let form = format!("{here}/results");
    let tasks = s.tasks(visit, "SJ");
    let shown = a.get(&form).text();
    for task in &tasks {
        assert!(shown.contains(&format!("value=\"{task}\"")));
    }
    for task in s.tasks(visit, "XF") {
        assert!(!shown.contains(&format!("value=\"{task}\"")));
    }
    guarded(&a, &form);
    let names: Vec<String> = (0..tasks.len()).map(|i| format!("results/{i}/task_id")).collect();
    let mut fields: Vec<(&str, &str)> =
        names.iter().zip(&tasks).map(|(name, task)| (name.as_str(), task.as_str())).collect();
    fields.push(("results/0/note", "门口没有招牌"));
    let mut draft = fields.clone();
    draft.push(("submit", "false"));
    assert!(a.follow(&a.post(&form, &form, &draft)).text().contains("门口没有招牌"));
    let mut bad = fields.clone();
    bad.extend([
        ("submit", "true"),
        ("results/0/outcomes", "no_problem_found"),
        ("results/0/outcomes", "unreachable"),
    ]);
    let refused = a.post(&form, &form, &bad);
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("href=\"#results-0-outcomes\"") && said.contains("门口没有招牌"), "{said}");
    let foreign = s.tasks(visit, "XF")[0].clone();
    let stolen = a.post(&form, &form, &[("results/0/task_id", foreign.as_str()), ("submit", "false")]);
    assert_eq!(stolen.status, 422);
    let mut good: Vec<(String, String)> =
        fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    for i in 0..tasks.len() {
        good.push((format!("results/{i}/outcomes"), "corrected_on_order".to_owned()));
        good.push((format!("results/{i}/outcomes"), "not_disclosed".to_owned()));
        good.push((format!("results/{i}/methods"), "on_site".to_owned()));
        good.push((format!("results/{i}/other"), "未公示年报".to_owned()));
    }
    good.push(("submit".to_owned(), "true".to_owned()));
    let shown = a.get(&form).text();
    good.push(("csrf".to_owned(), hidden(&shown, "csrf")));
    good.push(("once".to_owned(), hidden(&shown, "once")));
    // Sent twice, because the first answer was lost on the way.
    for _ in 0..2 {
        let sent = a.post_as(&form, &good);
        assert_eq!(sent.status, 303, "{}", sent.text());
    }
    assert!(a.get(&form).text().contains("已全部提交"));

    // The B post: returns, then confirms.
    let shown = b.get(&form).text();
    assert!(shown.contains("等您复核") && shown.contains("未公示年报"), "{shown}");
    let reject = format!("{form}/reject");
    let refused = b.post(&form, &reject, &[("reason", " ")]);
    assert_eq!(refused.status, 422);
    let done = b.post(&form, &reject, &[("reason", "请补充照片")]);
    b.follow(&done);
    assert!(a.get(&form).text().contains("请补充照片"));
    // Evidence beside the item.
    let shown = a.get(&form).text();
    let body = format!(
        "--xy\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--xy\r\nContent-Disposition: form-data; \
         name=\"task_id\"\r\n\r\n{}\r\n--xy\r\nContent-Disposition: form-data; name=\"file\"; filename=\"门头.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\n%PDF-1.7 x\r\n--xy--\r\n",
        hidden(&shown, "csrf"),
        tasks[0]
    );
    let origin = app.base.clone();
    let upload = a.with("Origin", &origin).send_raw(
        &format!("{here}/evidence"),
        "multipart/form-data; boundary=xy",
        &body,
    );
    let kept = a.follow(&upload).text();
    let at = kept.find("/evidence/").map(|at| kept[at..].split('"').next().unwrap().to_owned());
    let links: Vec<&str> = kept
        .match_indices("href=\"/evidence/")
        .map(|(i, _)| kept[i + 6..].split('"').next().unwrap())
        .collect();
    assert!(at.is_some() && kept.contains("门头.pdf") && links.len() == 1, "{kept}");
    let file = a.get(links[0]);
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/pdf")));
    let shown = a.get(&form).text();
    for (name, value) in good.iter_mut().filter(|(n, _)| n == "csrf" || n == "once") {
        *value = hidden(&shown, name);
    }
    assert_eq!(a.post_as(&form, &good).status, 303);
    guarded(&b, &format!("{form}/confirm"));
    let done = b.post(&form, &format!("{form}/confirm"), &[]);
    assert!(b.follow(&done).text().contains("已复核确认"));

    // The statement; the end only when the other department has handed in too.
    let done = a.post(
        &here,
        &format!("{here}/statement"),
        &[("text", "没有意见"), ("signer", ""), ("signed", "signed")],
    );
    assert_eq!(done.status, 422);
    assert!(done.text().contains("没有意见") && done.text().contains("#signer"));
    let done = a.post(
        &here,
        &format!("{here}/statement"),
        &[("text", "没有意见"), ("signer", "李四"), ("signed", "signed")],
    );
    assert!(a.follow(&done).text().contains("已保存企业的陈述"));
    let early = a.post(&here, &format!("{here}/finish"), &[]);
    assert_eq!(early.status, 422);
    assert!(early.text().contains("尚未提交"));
    let body = serde_json::json!({ "method": "code", "code": code });
    for person in [&xf.a, &xf.b] {
        person.post(&format!("{}/check-in", crate::results::path(visit)), &body).expect(200);
    }
    s.enter(app, visit, "XF", &wrong());
    guarded(&a, &format!("{here}/finish"));
    let done = a.post(&here, &format!("{here}/finish"), &[]);
    assert!(a.follow(&done).text().contains("现场检查已结束"));
    assert!(a.get("/visits?view=done").text().contains(&name));

    // Papers of the visit, for the team and not for others.
    for (paper, word) in [("dispatch-slip", "派遣单"), ("notice", "通知书"), ("visit-form", "记录表")]
    {
        let path = format!("/papers{here}/{paper}");
        let html = a.get(&path);
        assert_eq!(html.status, 200, "{path}");
        assert!(html.text().contains(word), "{path}");
        assert!(html.header("content-security-policy").unwrap().contains("default-src 'none'"));
        let docx = a.get(&format!("{path}?format=docx"));
        assert!(docx.header("content-disposition").unwrap().contains(".docx"), "{path}");
    }
    let other = stranger(app);
    for path in [
        here.clone(),
        form.clone(),
        format!("{here}/code"),
        format!("/papers{here}/notice"),
        links[0].to_owned(),
    ] {
        assert_eq!(other.get(&path).status, 404, "{path}");
    }
    assert!(!other.get("/visits?view=all").text().contains(&name));
});

both!(journey_nobody_lets_them_in, |app| {
    let s = sent(app);
    let visit = &s.visit;
    let team = s.team(app, visit, "SJ");
    let a = officer(&s, app, &team.a_id);
    let here = page(visit);
    let path = format!("{here}/obstruct");
    guarded(&a, &path);
    let refused = a.post(&here, &path, &[("obstacle", "refused"), ("note", "")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("href=\"#note\""));
    let done = a.post(&here, &path, &[("obstacle", "refused"), ("note", "店主锁门离开")]);
    let shown = a.follow(&done).text();
    assert!(shown.contains("已登记检查受阻") && shown.contains("店主锁门离开"), "{shown}");
    let done = a.post(&here, &format!("{here}/resume"), &[]);
    assert!(a.follow(&done).text().contains("已恢复检查"));
});

both!(an_inspector_sees_the_form_of_his_department_and_reads_the_others, |app| {
    let s = sent(app);
    s.check_in(app, &s.visit);
    let team = s.team(app, &s.visit, "XF");
    let a = officer(&s, app, &team.a_id);
    let other = s.county.ids.departments["SJ"];
    let shown = a.get(&format!("{}/results?department_id={other}", page(&s.visit))).text();
    assert!(shown.contains("谁检查、谁录入") && !shown.contains("results/0/task_id"), "{shown}");
});
