//! The public portal.

use crate::support::both;
use crate::support::browser::Browser;

both!(everybody_may_read_and_caches_may_keep, |app| {
    let browser = Browser::new(app);
    for path in [
        "/public",
        "/public/results",
        "/public/items",
        "/public/plans",
        "/public/announcements",
        "/public/draws",
    ] {
        let answer = browser.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("cache-control").unwrap().starts_with("public"), "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        let vary: Vec<&str> =
            answer.headers.iter().filter(|(n, _)| n == "vary").map(|(_, v)| v.as_str()).collect();
        assert!(vary.iter().any(|v| v.to_lowercase().contains("cookie")), "{path}: {vary:?}");
        let etag = answer.header("etag").unwrap().to_owned();
        assert_eq!(browser.with("If-None-Match", &etag).get(path).status, 304, "{path}");
        assert!(!answer.text().contains("name=\"csrf\""), "{path}");
    }
    assert_eq!(browser.get("/public/results?q=%E6%9F%90%E5%BA%97").status, 200);
    assert_eq!(browser.get("/public/results?after=x").status, 422);
    assert_eq!(browser.get("/public/results?unknown=1").status, 422);
    assert_eq!(browser.get("/public/draws/0199aaaa-0000-7000-8000-000000000000").status, 404);
    assert_eq!(browser.get("/public/visits/ABCDEF").status, 404);
});

both!(the_same_for_those_who_are_logged_in, |app| {
    app.user("clerk", &[], None);
    let (somebody, nobody) = (Browser::new(app), Browser::new(app));
    somebody.login("clerk");
    assert_eq!(somebody.get("/public").text(), nobody.get("/public").text());
});
