//! The pictures of the README: `tests/pictures.sh` has them made.

use super::county::{County, MARKET, list, text};
use super::driver::{Browser, PHONE};
use crate::support::TestApp;

/// The folder, relative to the project's; without it nothing is made.
const WHERE: &str = "ONEDOOR_PICTURES";

#[test]
#[expect(clippy::disallowed_methods, reason = "where pictures go is for whoever has them made to say")]
fn pictures_of_the_readme() {
    let Ok(folder) = std::env::var(WHERE) else { return };
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
