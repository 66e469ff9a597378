//! How soon every page is painted with twenty thousand businesses in the directory: `tests/paint.sh` has it measured.

use super::access::pages_of;
use super::county::County;
use super::driver::Browser;
use crate::support::TestApp;

const SUBJECTS: usize = 20_000;
/// Each page is asked for so often; the middle one counts.
const TIMES: usize = 5;

/// Milliseconds to the first paint, and bytes over the line without what the browser keeps.
const LOOK: &str = "
const at = performance.getEntriesByType('paint').find((e) => e.name === 'first-paint');
const page = performance.getEntriesByType('navigation')[0];
return [at ? at.startTime - page.fetchStart : null, page.responseEnd - page.requestStart, page.transferSize]";

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to measure is for whoever runs it to say")]
#[expect(clippy::print_stdout, reason = "the figures")]
fn first_paint_of_every_page() {
    if std::env::var("ONEDOOR_PAINT").is_err() {
        return;
    }
    let app = TestApp::sqlite();
    let c = County::with(&app, |input| {
        let pattern = input.subjects.clone();
        for n in pattern.len()..SUBJECTS {
            let mut subject = pattern[n % pattern.len()].clone();
            subject.key = format!("3504999{n:08}");
            subject.name = format!("{}（{n}号分店）", subject.name);
            input.subjects.push(subject);
        }
    });
    let (pages, _) = pages_of(&c);
    let b = Browser::open(&app, "paint");
    let mut list: Vec<_> = pages.iter().collect();
    list.sort_by_key(|(_, place)| place.login.clone());
    let mut lines = Vec::new();
    for (kind, place) in list {
        if place.login.is_empty() {
            b.stands_up();
        } else {
            b.sits(&place.login);
        }
        let mut looks: Vec<(f64, f64, i64)> = (0..TIMES)
            .filter_map(|_| {
                b.goes(&place.path);
                std::thread::sleep(std::time::Duration::from_millis(60));
                let look = b.js(LOOK, &[]);
                Some((look[0].as_f64()?, look[1].as_f64()?, look[2].as_i64()?))
            })
            .collect();
        looks.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((paint, server, bytes)) = looks.get(looks.len() / 2) {
            lines.push((
                *paint,
                format!(
                    "{paint:6.0} ms painted {server:6.0} ms server {bytes:7} bytes  {kind} ({})",
                    place.login
                ),
            ));
        }
    }
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, line) in &lines {
        println!("{line}");
    }
    let late = lines.iter().filter(|(ms, _)| *ms >= 100.0).count();
    println!("{} pages, {late} of them painted after 100 ms or later", lines.len());
}
