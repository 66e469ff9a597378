//! Every paper as HTML and as a Word file, with hostile names in every field: what is inside comes out again, and
//! nothing else.

use super::word;
use onedoor::documents::papers::dispatch_slip::{COPIES, DispatchSlip};
use onedoor::documents::papers::draw_record::{DrawLine, DrawRecord, DrawnLine, WitnessLine};
use onedoor::documents::papers::joint_summary::{JointSummary, SummaryRow};
use onedoor::documents::papers::listing::{ListingApproval, MailingLine, Opinion};
use onedoor::documents::papers::notice::{FrequencyLine, Notice};
use onedoor::documents::papers::sheet::Sheet;
use onedoor::documents::papers::visit_form::{FormItem, Section, Tick, VisitForm};
use onedoor::documents::papers::{Book, Format, ItemLine, MemberLine, SubjectLine, html};
use std::path::Path;

/// A name that is markup in HTML, XML and askama, holds a character XML forbids, and one beyond the first plane.
const EVIL: &str = "</td><script>alert('1')</script>&amp;\"{{ x }}\u{1}\u{20000}";
/// The same as it must come out of a Word file.
const CLEAN: &str = "</td><script>alert('1')</script>&amp;\"{{ x }}\u{20000}";

fn evil() -> String {
    EVIL.to_owned()
}

fn subject() -> SubjectLine {
    SubjectLine {
        name: evil(),
        key: evil(),
        kind: evil(),
        industry: evil(),
        address: evil(),
        contact: evil(),
        phone: evil(),
    }
}

fn member() -> MemberLine {
    MemberLine {
        post: "A岗".to_owned(), name: evil(), department: evil(), unit: evil(), certificate: evil()
    }
}

fn item() -> ItemLine {
    ItemLine {
        department: evil(),
        name: evil(),
        basis: vec![evil(), "消防法".to_owned()],
        points: vec![evil(), evil()],
        method: evil(),
        frequency: evil(),
        materials: vec![evil()],
    }
}

fn tick(on: bool) -> Tick {
    Tick { text: evil(), on }
}

/// Every paper, each with a word of its own that it must show.
fn papers() -> Vec<(&'static str, Vec<Sheet>)> {
    let slip = DispatchSlip {
        number: evil(),
        inspections: vec![evil()],
        subject: subject(),
        team: vec![member(), member()],
        items: vec![item()],
        draws: vec!["ab".repeat(32)],
        ..DispatchSlip::default()
    };
    let notice = Notice {
        lead: evil(),
        departments: vec![evil(), "应急局".to_owned()],
        subject: subject(),
        team: vec![member()],
        items: vec![item()],
        frequencies: vec![FrequencyLine { department: evil(), nth: 1, cap: 2 }],
        link: Some("https://example.gov.cn/v/AB".to_owned()),
        code: Some("AB".to_owned()),
        ..Notice::default()
    };
    let form_item = FormItem {
        name: evil(),
        points: vec![evil()],
        guidance: evil(),
        outcomes: vec![tick(true), tick(false)],
        methods: vec![tick(false)],
        found: evil(),
        follow_up: evil(),
    };
    let form = VisitForm {
        subject: subject(),
        sections: vec![Section {
            department: evil(),
            enters: evil(),
            confirms: evil(),
            items: vec![form_item],
        }],
        statement: evil(),
        ..VisitForm::default()
    };
    let draw = DrawLine {
        draw_id: "cd".repeat(32),
        reason: evil(),
        checkpoint: format!("{EVIL}\n12\n"),
        witnesses: vec![WitnessLine { token: evil(), ..WitnessLine::default() }],
        ..DrawLine::default()
    };
    let record = DrawRecord {
        name: evil(),
        draws: vec![draw],
        drawn: vec![DrawnLine { name: evil(), key: evil(), ..DrawnLine::default() }, DrawnLine::default()],
        ..DrawRecord::default()
    };
    let summary = JointSummary {
        name: evil(),
        figures: vec![("应查户次".to_owned(), 7)],
        rows: vec![SummaryRow { subject: evil(), parts: vec![(evil(), evil())], ..SummaryRow::default() }],
        ..JointSummary::default()
    };
    let listing = ListingApproval {
        subject: subject(),
        mailings: vec![MailingLine { carrier: evil(), ..MailingLine::default() }; 2],
        opinions: vec![Opinion { of: "所长意见".to_owned(), ..Opinion::default() }],
        ..ListingApproval::default()
    };
    vec![
        ("签收", slip.sheets()),
        ("申请其回避", notice.sheets()),
        ("陈述意见", form.sheets()),
        ("抽取编号", record.sheets()),
        ("应查户次7", summary.sheets()),
        ("第2次邮寄", listing.sheets()),
    ]
}

fn docx(sheets: &[Sheet]) -> Vec<u8> {
    let mut book = Book::new(Format::Docx, "x", Vec::new()).unwrap();
    for sheet in sheets {
        book.sheet(sheet).unwrap();
    }
    book.finish().unwrap()
}

#[test]
fn every_paper_shows_what_it_holds_and_runs_nothing() {
    for (own, sheets) in papers() {
        let title = sheets[0].title.clone();
        let page = html::page(EVIL, &sheets).unwrap();
        assert!(page.contains(own), "{own} not in {title}");
        assert!(!page.contains("<script") && !page.contains("alert('"), "{title} is not escaped");
        assert_eq!(page.matches("<section").count(), sheets.len());
        for fetched in ["src=", "href=", "url(", "@import", "http-equiv", "style=\"", "onload"] {
            assert!(!page.contains(fetched), "{fetched} in {title}");
        }
        for pair in [("<table>", "</table>"), ("<tr", "</tr>"), ("<td", "</td>"), ("<p ", "</p>")] {
            assert_eq!(page.matches(pair.0).count(), page.matches(pair.1).count(), "{pair:?} in {title}");
        }
        let bytes = docx(&sheets);
        assert_eq!(bytes, docx(&sheets), "{title} is not the same twice");
        // For whoever wants to see how it looks.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("papers");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{title}.docx")), &bytes).unwrap();
        std::fs::write(folder.join(format!("{title}.html")), &page).unwrap();
        let read = word(&bytes);
        assert!(read.text.contains(own), "{own} not in {title}:\n{}", read.text);
        assert!(read.text.contains(CLEAN), "the name is not in {title}");
        assert_eq!(read.page_breaks, sheets.len() - 1, "{title}");
        assert!(read.tables > 0);
    }
}

#[test]
fn a_slip_has_three_copies_with_the_same_content() {
    let (_, sheets) = papers().remove(0);
    assert_eq!(sheets.len(), 3);
    for (sheet, copy) in sheets.iter().zip(COPIES) {
        assert_eq!(sheet.subtitle, format!("（{copy}）"));
        assert_eq!(sheet.blocks, sheets[0].blocks);
    }
}

#[test]
fn qr_codes_are_in_both_forms_and_a_notice_without_code_has_none() {
    let notice = Notice {
        link: Some("https://example.gov.cn/v/ABCD".to_owned()),
        code: Some("ABCD".to_owned()),
        ..Notice::default()
    };
    let with = notice.sheets();
    assert!(html::page("", &with).unwrap().contains("<svg"));
    assert_eq!(word(&docx(&with)).pictures, 1);
    let hidden = Notice { link: None, code: None, ..notice }.sheets();
    let page = html::page("", &hidden).unwrap();
    assert!(!page.contains("<svg") && !page.contains("ABCD"));
    assert_eq!(word(&docx(&hidden)).pictures, 0);
    assert!(word(&docx(&hidden)).text.contains("检查码见送达检查对象的通知书"));
}

#[test]
fn a_form_ticks_only_what_was_found() {
    let (_, sheets) = papers().remove(2);
    let text = word(&docx(&sheets)).text;
    assert_eq!((text.matches('☑').count(), text.matches('□').count()), (1, 2));
}

#[test]
fn the_policy_names_the_style_of_the_page() {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};
    let page = html::page("", &[]).unwrap();
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
    assert!(html::policy().contains(&format!("style-src 'sha256-{hash}'")));
}

#[test]
fn a_file_without_sheets_is_still_a_document() {
    assert_eq!(word(&docx(&[])).tables, 0);
}

// Thousands of slips one after another: the writer keeps nothing but the text of the codes.
#[test]
fn many_slips_make_one_file() {
    let (_, sheets) = papers().remove(0);
    let mut book = Book::new(Format::Docx, "x", Vec::new()).unwrap();
    for _ in 0..300 {
        for sheet in &sheets {
            book.sheet(sheet).unwrap();
        }
    }
    let read = word(&book.finish().unwrap());
    assert_eq!(read.page_breaks, 3 * 300 - 1);
}
