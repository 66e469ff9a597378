//! The report page renders from its sample, is self-contained, and keeps to what old browsers know.

use onedoor::documents::report::{DrawMode, ReportView};

fn page(view: &ReportView) -> String {
    view.render().unwrap()
}

#[test]
fn the_sample_renders_with_everything_on_it() {
    let view = ReportView::sample();
    let html = page(&view);
    // For looking at the page: ONEDOOR_REPORT_SAMPLE would be a setting on the side, so it goes to target/.
    let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-sample.html");
    std::fs::write(place, &html).unwrap();
    for part in [
        "2026年9月1日至2026年11月27日",
        "演练结果，不得作为执法检查的依据",
        "市场监督管理局",
        "城关镇",
        "化工安全专家库",
        "onedoor verify",
        "以注册号识别",
        &view.draw.lines[0].draw_id,
        "2,956",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    assert!(!html.contains("<dt>公开随机源"), "an empty part shows");
}

#[test]
fn the_page_fetches_and_runs_nothing() {
    let html = page(&ReportView::sample());
    for word in [
        "<script",
        "http://",
        "https://",
        "url(",
        "@import",
        "<link",
        "<img",
        "<iframe",
        "javascript:",
        "onload",
    ] {
        assert!(!html.contains(word), "{word}");
    }
    // What Chromium 86 does not know.
    for word in [
        "inset:",
        "margin-inline",
        "aspect-ratio",
        ":is(",
        ":where(",
        ":has(",
        "@layer",
        "@container",
        "color-mix",
        "light-dark",
        "text-wrap",
    ] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let mut view = ReportView::sample();
    let evil = "<img src=x onerror=alert(1)>\"'&";
    view.county = evil.to_owned();
    view.title = evil.to_owned();
    view.departments[0].name = evil.to_owned();
    view.towns[0].name = evil.to_owned();
    view.issues[0].rows[0].subject = evil.to_owned();
    view.draw.checkpoint = evil.to_owned();
    view.notes.push(evil.to_owned());
    let html = page(&view);
    assert!(!html.contains("<img"), "a name became markup");
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
}

#[test]
fn formal_and_empty_results_render() {
    let mut view = ReportView::sample();
    view.draw.mode = DrawMode::Formal;
    view.issues.clear();
    view.departments.clear();
    view.towns.clear();
    view.days.clear();
    view.draw.lines.clear();
    view.headline = onedoor::documents::report::Headline::default();
    let html = page(&view);
    assert!(html.contains("没有遗留") && html.contains("没有需要上门的检查") && !html.contains("不得作为"));
    assert!(!html.contains("NaN") && !html.contains("class=\"qr\""));
}
