//! Papers, notices, calendars, the digest and the archive over HTTP, on both databases, as the people who use them.

mod archive;
mod calendar;
mod digest;
mod layout;
mod notice;
mod print;
mod retention;

use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

/// The files of a ZIP by name.
pub(super) fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|i| {
            let mut file = zip.by_index(i).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// What was read of a Word file.
#[derive(Debug, Default)]
pub(crate) struct Word {
    /// All text, line by line.
    pub(crate) text: String,
    pub(crate) tables: usize,
    pub(crate) pictures: usize,
    pub(crate) page_breaks: usize,
}

/// Reads a Word file as a strict program would: every part is well-formed XML, every part and picture that is named is
/// there, every row of a table fills its grid.
#[track_caller]
pub(crate) fn word(bytes: &[u8]) -> Word {
    let parts = unzip(bytes);
    let names: BTreeSet<&str> = parts.keys().map(String::as_str).collect();
    for needed in ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml"] {
        assert!(names.contains(needed), "{needed} not in {names:?}");
    }
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    let mut styles: BTreeSet<String> = BTreeSet::new();
    for (name, content) in parts.iter().filter(|(n, _)| !n.ends_with(".png")) {
        let text = std::str::from_utf8(content).unwrap();
        let mut reader = Reader::from_str(text);
        let mut depth = 0_i64;
        loop {
            match reader.read_event().unwrap_or_else(|e| panic!("{name}: {e}")) {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Empty(e) if name == "word/_rels/document.xml.rels" => {
                    targets.insert(attribute(&e, "Id"), attribute(&e, "Target"));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{name}");
        if name == "word/styles.xml" {
            styles
                .extend(text.split("w:styleId=\"").skip(1).map(|t| t.split('"').next().unwrap().to_owned()));
        }
    }
    for target in targets.values() {
        assert!(names.contains(format!("word/{target}").as_str()), "{target}");
    }
    document(std::str::from_utf8(&parts["word/document.xml"]).unwrap(), &targets, &styles)
}

fn attribute(e: &quick_xml::events::BytesStart<'_>, name: &str) -> String {
    e.attributes()
        .map(Result::unwrap)
        .find(|a| a.key.0 == name)
        .map(|a| a.value.into_owned())
        .unwrap_or_default()
}

#[track_caller]
fn document(text: &str, targets: &BTreeMap<String, String>, styles: &BTreeSet<String>) -> Word {
    let mut read = Word::default();
    let mut reader = Reader::from_str(text);
    let (mut columns, mut filled, mut in_text) = (0_usize, 0_usize, false);
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(e) | Event::Empty(e) => match e.name().0 {
                "w:tbl" => {
                    read.tables += 1;
                    columns = 0;
                }
                "w:gridCol" => {
                    columns += 1;
                    assert!(attribute(e, "w:w").parse::<u32>().unwrap() > 0);
                }
                "w:tr" => filled = 0,
                "w:tcW" => filled += 1,
                "w:gridSpan" => filled += attribute(e, "w:val").parse::<usize>().unwrap() - 1,
                "w:pStyle" => assert!(styles.contains(&attribute(e, "w:val")), "{}", attribute(e, "w:val")),
                "w:pageBreakBefore" => read.page_breaks += 1,
                "a:blip" => {
                    read.pictures += 1;
                    assert!(targets[&attribute(e, "r:embed")].ends_with(".png"));
                }
                "w:t" => in_text = true,
                "w:br" => read.text.push('\n'),
                _ => {}
            },
            Event::End(e) => match e.name().0 {
                "w:tr" => assert_eq!(filled, columns, "a row does not fill its table"),
                "w:t" => in_text = false,
                "w:p" => read.text.push('\n'),
                _ => {}
            },
            Event::Text(t) if in_text => read.text.push_str(t),
            Event::GeneralRef(r) if in_text => {
                read.text.push(match &**r {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    other => panic!("{other:?}"),
                });
            }
            Event::Eof => return read,
            _ => {}
        }
    }
}
