//! The pictures of the README: `tests/pictures.sh` has them made.

use super::county::{County, MARKET, list, text};
use super::driver::{Browser, DESK, PHONE};
use crate::support::TestApp;

/// Where pictures go, relative to the project's folder; without it none is made.
#[expect(clippy::disallowed_methods, reason = "where pictures go is for whoever has them made to say")]
pub(super) fn folder() -> Option<String> {
    std::env::var("ONEDOOR_PICTURES").ok()
}

/// The language in which every page is looked at: Chinese, as everybody finds it, unless asked for in the other.
#[expect(clippy::disallowed_methods, reason = "which language is for whoever has them looked at to say")]
pub(super) fn language() -> String {
    std::env::var("ONEDOOR_LANGUAGE").unwrap_or_else(|_| "zh-CN".to_owned())
}

/// A page from top to bottom, on an office screen and on a telephone.
pub(super) fn of_page(b: &Browser, folder: &str, kind: &str) {
    let name = kind.trim_matches('/').replace(['/', '{', '}'], "-");
    for (look, (width, height), dark) in [("desk", DESK, false), ("phone", PHONE, true)] {
        b.dark(dark);
        b.size((width, height));
        let whole = b.js("return document.documentElement.scrollHeight", &[]).as_u64().unwrap();
        b.size((width, height.max(u32::try_from(whole.min(3000)).unwrap())));
        b.picture_as(&format!("{folder}/pages/{look}-{name}.png"));
    }
    b.dark(false);
    b.size(DESK);
}

#[test]
fn pictures_of_the_readme() {
    let Some(folder) = folder() else { return };
    let app = TestApp::sqlite_in("青澜县", "");
    let c = County::new(&app);
    let keep = |b: &Browser, name: &str| b.picture_as(&format!("{folder}/{name}.png"));
    let b = Browser::open(&app, "pictures");
    // Plans of all departments have been filed.
    b.sits("xieban").goes("/overlap?year=2026").sees(&["合并为一次"]);
    keep(&b, "overlap-board");
    let visits = c.dispatched();
    let draws = c.office().get("/api/v1/inspections?limit=1").expect(200);
    let inspection = text(&list(&draws["items"])[0]["id"]);
    let draws = c.office().get(&format!("/api/v1/inspections/{inspection}/draws")).expect(200);
    let draw = text(&list(&draws["items"])[0]["id"]);
    b.goes(&format!("/draws/{draw}/screen")).sees(&["户中抽出"]);
    keep(&b, "draw-ceremony");
    b.stands_up().goes(&format!("/public/draws/{draw}")).sees(&["全部属实"]);
    keep(&b, "public-draw");
    let visit = c.goes_to_first(&visits);
    let desk = c.desk(&visit, MARKET);
    let code = text(&c.conduct(&visit)["code"]);
    b.size(PHONE);
    b.sits(&desk.enters)
        .follows("开始检查")
        .fills("检查码", &code)
        .presses("我已到场，签到")
        .follows("录入检查结果");
    b.ticks("未发现问题").ticks("实地检查");
    // From the first item on, as it stands after scrolling.
    b.js("document.querySelector('.item').scrollIntoView(); document.activeElement.blur()", &[]);
    keep(&b, "phone-form");
}
