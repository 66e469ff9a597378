//! The feed of what was published: results, announcements, draws. Nothing in it that the public lists do not show.

use crate::domain::draw_state;
use crate::domain::feed::{Entry, Feed, feed_id};
use crate::error::Result;
use crate::ids::Id;
use crate::service::cx::Cx;
use crate::service::draws::embargo;
use crate::service::privacy;
use crate::service::results::public;
use crate::store::{draws, oversight};

/// The newest of everything that is public.
///
/// # Errors
/// The database.
pub fn feed(cx: &mut Cx<'_>) -> Result<Feed> {
    let region = cx.region().to_owned();
    let most = i64::from(cx.rules.oversight.feed_entries);
    let base = cx.rules.mail.link.trim_end_matches('/').to_owned();
    let at = |path: &str| format!("{base}/api/v1/public/{path}");
    let id = |id: Id| format!("urn:uuid:{id}");
    let mut entries = Vec::new();
    for p in public::results_of(cx, None, None, None, most)? {
        let corrected = if p.state == "corrected" { "(已更正)" } else { "" };
        let words: Vec<&str> = p.outcomes.iter().map(|o| o.word()).collect();
        entries.push(Entry {
            id: id(p.id),
            title: format!("抽查结果{corrected}:{} {}", p.subject, p.item),
            category: ("result", "抽查结果公告"),
            summary: format!("{}:{}", p.department, words.join("、")),
            link: at(&format!("results?subject={}", encoded(&p.subject_key))),
            updated: p.published_at,
        });
    }
    let announced = oversight::newest_announced(cx.db, &region, most)?;
    let held = embargo::held(cx, &announced)?;
    for i in announced.into_iter().filter(|i| !held.contains(&i.id)) {
        entries.push(Entry {
            id: id(i.id),
            title: format!("抽查任务:{} {}", i.number, privacy::title(cx, &i.name)?),
            category: ("announcement", "抽查任务公告"),
            summary: format!("检查时间{}至{}", i.window_from, i.window_to),
            link: at("announcements"),
            updated: i.updated_at.0,
        });
    }
    for d in draws::list(cx.db, &region, None, most)? {
        let state = draw_state::State::parse(&d.state).map_or("", draw_state::State::word);
        entries.push(Entry {
            id: id(d.id),
            title: format!("随机抽取:{}第{}次", d.list_token, d.attempt),
            category: ("draw", "随机抽取"),
            summary: format!("{state},名录{}户", d.pool_size),
            link: at(&format!("draws/{}", d.id)),
            updated: d.updated_at.0,
        });
    }
    Ok(Feed {
        id: feed_id(&cx.rules.region.token),
        title: format!("{}“双随机、一公开”公示", cx.rules.region.name),
        author: cx.rules.region.name.clone(),
        link: at("feed.atom"),
        entries,
    })
}

/// A text as the value of a query parameter (RFC 3986: all but unreserved letters escaped).
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_travel_in_addresses() {
        assert_eq!(super::encoded("R:3504 0甲"), "R%3A3504%200%E7%94%B2");
    }
}
