//! An Atom feed (RFC 4287) of what was published: pure, and equal entries make equal bytes.

use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::Write as _;

/// A text for XML; letters that XML cannot hold become spaces.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push(' ')
            }
            _ => out.push(c),
        }
    }
    out
}

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifier that never changes: an IRI (RFC 4287, 4.2.6).
    pub id: String,
    /// Title.
    pub title: String,
    /// What kind of thing it is, as a word machines read and one people read.
    pub category: (&'static str, &'static str),
    /// In a sentence or two.
    pub summary: String,
    /// Where it can be read.
    pub link: String,
    /// When it was published, or changed in a way that matters.
    pub updated: DateTime<Utc>,
}

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Identifier that never changes.
    pub id: String,
    /// Title.
    pub title: String,
    /// Who publishes.
    pub author: String,
    /// Where the feed is.
    pub link: String,
    /// In any order.
    pub entries: Vec<Entry>,
}

/// An identifier for a feed, of its authority's name and nothing else, as a UUID (RFC 9562, version 8: of a hash).
#[must_use]
pub fn feed_id(authority: &str) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(format!("onedoor feed {authority}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash[..16]);
    format!("urn:uuid:{}", uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

impl Feed {
    /// The newest `most` entries as XML, the newest first. A feed without entries says the beginning of the epoch: nothing
    /// was ever published.
    #[must_use]
    pub fn xml(&self, most: usize) -> String {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id)));
        entries.truncate(most);
        let time = |t: DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::Secs, true);
        let updated = entries.first().map_or(DateTime::UNIX_EPOCH, |e| e.updated);
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        let _ = write!(
            out,
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"zh-CN\">\n<id>{}</id>\n<title>{}</title>\n\
             <updated>{}</updated>\n<author><name>{}</name></author>\n\
             <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n",
            escape(&self.id),
            escape(&self.title),
            time(updated),
            escape(&self.author),
            escape(&self.link),
        );
        for e in entries {
            let _ = write!(
                out,
                "<entry>\n<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n\
                 <category term=\"{}\" label=\"{}\"/>\n<link rel=\"alternate\" href=\"{}\"/>\n\
                 <summary>{}</summary>\n</entry>\n",
                escape(&e.id),
                escape(&e.title),
                time(e.updated),
                escape(e.category.0),
                escape(e.category.1),
                escape(&e.link),
                escape(&e.summary),
            );
        }
        out.push_str("</feed>\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(n: i64, title: &str) -> Entry {
        Entry {
            id: format!("urn:uuid:{n}"),
            title: title.to_owned(),
            category: ("result", "抽查结果"),
            summary: "未发现问题".to_owned(),
            link: "https://example.com/?a=1&b=2".to_owned(),
            updated: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(n),
        }
    }

    fn feed(entries: Vec<Entry>) -> Feed {
        Feed {
            id: feed_id("CN-350403"),
            title: "公示".to_owned(),
            author: "示范县".to_owned(),
            link: "https://example.com/feed.atom".to_owned(),
            entries,
        }
    }

    #[test]
    fn the_newest_come_first_and_the_feed_is_as_new_as_they() {
        let xml = feed(vec![entry(1, "甲"), entry(3, "丙<&>"), entry(2, "乙")]).xml(2);
        let titles: Vec<&str> =
            xml.split("<title>").skip(1).map(|t| t.split("</title>").next().unwrap()).collect();
        assert_eq!(titles, ["公示", "丙&lt;&amp;&gt;", "乙"]);
        let updated: Vec<&str> =
            xml.split("<updated>").skip(1).map(|t| t.split("</updated>").next().unwrap()).collect();
        assert_eq!(updated, ["1970-01-04T00:00:00Z", "1970-01-04T00:00:00Z", "1970-01-03T00:00:00Z"]);
        assert!(xml.contains("href=\"https://example.com/?a=1&amp;b=2\""));
        assert!(feed(Vec::new()).xml(9).contains("<updated>1970-01-01T00:00:00Z</updated>"));
    }

    #[test]
    fn identifiers_stay() {
        assert_eq!(feed_id("CN-350403"), feed_id("CN-350403"));
        assert_ne!(feed_id("CN-350403"), feed_id("CN-350404"));
        assert_eq!(feed_id("x").len(), "urn:uuid:".len() + 36);
        assert_eq!(escape("a\u{1}b'"), "a b&#39;");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out(title in "\\PC{0,40}") {
            let xml = feed(vec![entry(1, &title)]).xml(1);
            prop_assert_eq!(xml.matches("<entry>").count(), 1);
            prop_assert_eq!(xml.matches("<title>").count(), 2);
            prop_assert_eq!(xml.matches('<').count(), xml.matches('>').count());
        }
    }
}
