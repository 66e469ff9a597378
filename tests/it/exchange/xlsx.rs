//! Workbooks: what Excel and WPS write, and what an attacker does.

use onedoor::exchange::table::{Kind, Limits, Sheet, read_xlsx};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn bytes(book: &mut Workbook) -> Vec<u8> {
    book.save_to_buffer().unwrap()
}

fn read(bytes: &[u8]) -> Vec<Sheet> {
    read_xlsx(bytes, &Limits::default()).unwrap()
}

fn refused(bytes: &[u8]) -> &'static str {
    read_xlsx(bytes, &Limits::default()).unwrap_err().code
}

fn table(sheet: &Sheet) -> Vec<(u32, Vec<String>)> {
    sheet.rows().map(|r| (r.number, r.texts().map(str::to_owned).collect())).collect()
}

/// A workbook of hand-written parts.
pub(crate) fn raw(sheet: &str, strings: Option<&str>, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let ns = "http://schemas.openxmlformats.org";
    let mut parts: Vec<(&str, Vec<u8>)> = vec![
        ("[Content_Types].xml", format!("<Types xmlns=\"{ns}/package/2006/content-types\"/>").into_bytes()),
        (
            "_rels/.rels",
            format!("<Relationships xmlns=\"{ns}/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{ns}/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>").into_bytes(),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{ns}/spreadsheetml/2006/main\" xmlns:r=\"{ns}/officeDocument/2006/relationships\"><sheets><sheet name=\"部门\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>").into_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{ns}/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{ns}/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>").into_bytes(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{ns}/spreadsheetml/2006/main\">{sheet}</worksheet>").into_bytes(),
        ),
    ];
    if let Some(strings) = strings {
        parts.push(("xl/sharedStrings.xml", strings.as_bytes().to_vec()));
    }
    for (name, content) in parts.iter().map(|(n, c)| (*n, c.as_slice())).chain(more.iter().copied()) {
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn every_kind_of_cell() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("检查对象").unwrap();
    let date = Format::new().set_num_format("yyyy/m/d");
    sheet.write_string(0, 0, "名称").unwrap();
    sheet.write_string(2, 0, " 甲\n乙 ").unwrap();
    sheet.write_number(2, 1, 440_301_103_097_413f64).unwrap();
    sheet.write_number(2, 2, 9.1469e17).unwrap();
    sheet.write_boolean(2, 3, true).unwrap();
    let day = ExcelDateTime::from_ymd(2026, 3, 2).unwrap();
    sheet.write_datetime_with_format(2, 4, &day, &date).unwrap();
    sheet.write_formula(2, 5, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write_formula(2, 6, Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write_number(2, 7, 46083).unwrap();
    sheet.write_number(2, 8, 0.1).unwrap();
    sheet.write_string(2, 10, "=1+1").unwrap();
    book.add_worksheet().set_name("空表").unwrap();
    let sheets = read(&bytes(&mut book));
    assert_eq!(sheets.len(), 2);
    assert_eq!((sheets[0].name.as_deref(), sheets[1].len()), (Some("检查对象"), 0));
    let row = sheets[0].row(1);
    assert_eq!(row.number, 3, "row numbers as Excel shows them");
    let got: Vec<&str> = row.texts().collect();
    assert_eq!(
        got,
        [
            " 甲\n乙 ",
            "440301103097413",
            "914690000000000000",
            "TRUE",
            "2026-03-02",
            "2",
            "#N/A",
            "46083",
            "0.1",
            "",
            "=1+1"
        ]
    );
    let kinds: Vec<Kind> = (0..9).map(|c| row.kind(c)).collect();
    use Kind::{Bool, Date, Error, Number, Text};
    assert_eq!(kinds, [Text, Number, Number, Bool, Date, Number, Error, Number, Number]);
}

#[test]
fn merged_cells_give_the_rows_below_the_same_value() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 2, "抽查事项清单", &plain).unwrap();
    for (c, title) in ["部门", "事项", "对象"].iter().enumerate() {
        sheet.write_string(1, u16::try_from(c).unwrap(), *title).unwrap();
    }
    sheet.merge_range(2, 0, 4, 0, "市场监管局", &plain).unwrap();
    for r in 2..6 {
        sheet.write_string(r, 1, format!("事项{r}")).unwrap();
    }
    sheet.write_string(5, 0, "消防").unwrap();
    let sheets = read(&bytes(&mut book));
    let got = table(&sheets[0]);
    assert_eq!(got[0].1, ["抽查事项清单"]);
    assert_eq!(got[2].1, ["市场监管局", "事项2"]);
    assert_eq!(got[4], (5, vec!["市场监管局".to_owned(), "事项4".to_owned()]));
    assert_eq!(got[5].1, ["消防", "事项5"]);
}

#[test]
fn a_far_cell_is_cheap_and_refused_with_its_place() {
    let far = raw(
        "<dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
         <row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>x</t></is></c></row></sheetData>",
        None,
        &[],
    );
    assert!(far.len() < 1_900, "{}", far.len());
    let fault = read_xlsx(&far, &Limits::default()).unwrap_err();
    assert_eq!((fault.code, fault.row, fault.column.as_str()), ("far_cell", 1_048_576, "XFD"));
    assert!(fault.why.contains("XFD1048576") && fault.sheet.as_deref() == Some("部门"));
    // A far row alone costs nothing and is read; far cells without content are no content.
    let low = raw(
        "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"XFD1\"/></row><row r=\"1048576\"><c r=\"B1048576\"><v>2</v></c></row></sheetData>",
        None,
        &[],
    );
    let sheets = read(&low);
    assert_eq!(
        table(&sheets[0]),
        [(1, vec!["1".to_owned()]), (1_048_576, vec![String::new(), "2".to_owned()])]
    );
}

#[test]
fn archives_that_are_no_harmless_workbook_are_refused() {
    let good = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>";
    let bomb = vec![b' '; 80 << 20];
    let big = raw(good, None, &[("xl/media/image1.png", &bomb)]);
    assert!(big.len() < 200_000);
    assert_eq!(refused(&big), "zip_bomb");
    let many: Vec<String> = (0..3000).map(|i| format!("xl/x{i}.xml")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), &b"x"[..])).collect();
    assert_eq!(refused(&raw(good, None, &many)), "too_big");
    let lying = "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" uniqueCount=\"99999999999999\"><si><t>x</t></si></sst>";
    assert_eq!(refused(&raw(good, Some(lying), &[])), "too_big");
    // The announcement may be hidden behind any amount of blanks, across any border of a buffer.
    let far = lying.replace(
        "uniqueCount=",
        &format!("{}uniqueCount{}={}", " ".repeat(65_400), " ".repeat(90_000), " ".repeat(70_000)),
    );
    assert_eq!(refused(&raw(good, Some(&far), &[])), "too_big");
    assert_eq!(refused(b"PK\x03\x04 not really"), "damaged_workbook");
    let whole = raw(good, None, &[]);
    assert_eq!(refused(&whole[..whole.len() / 2]), "damaged_workbook");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("表.csv", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"a,b").unwrap();
    assert_eq!(refused(&zip.finish().unwrap().into_inner()), "not_a_workbook");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("mimetype", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    assert_eq!(refused(&zip.finish().unwrap().into_inner()), "opendocument");
}

#[test]
fn hostile_parts_never_panic() {
    for sheet in [
        "<dimension ref=\"B2:A1\"/><sheetData/>",
        "<sheetData><row r=\"99999999999999\"><c r=\"A1\"><v>1</v></c></row></sheetData>",
        "<sheetData><row><c r=\"ZZZZZZZZZZZZ1\"><v>1</v></c></row></sheetData>",
        "<sheetData><row><c r=\"A0\"><v>1</v></c></row></sheetData>",
        "<sheetData><row r=\"5\"><c r=\"A5\"><v>1</v></c></row><row r=\"3\"><c r=\"A3\"><v>1</v></c></row></sheetData>",
        "<sheetData><row><c t=\"s\"><v>7</v></c></row></sheetData>",
        "<sheetData><row><c t=\"zz\"><v>7</v></c></row></sheetData>",
        "<sheetData><row><c><v>1e999</v></c><c><v>NaN</v></c><c><v>-inf</v></c></row></sheetData>",
        "<sheetData><row><c>",
        "<sheetData/><mergeCells><mergeCell ref=\"Z9:A1\"/></mergeCells>",
        "<sheetData><row><c t=\"inlineStr\"><is><t>&bomb;</t></is></c></row></sheetData>",
        "<sheetData><row><c t=\"inlineStr\"><is><t>a_x0000_b</t></is></c></row></sheetData>",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><sheetData/>",
    ] {
        let _ = read_xlsx(&raw(sheet, None, &[]), &Limits::default());
    }
    let code = refused(&raw(
        "<sheetData><row><c t=\"inlineStr\"><is><t>a_x0000_b</t></is></c></row></sheetData>",
        None,
        &[],
    ));
    assert_eq!(code, "nul_character");
}

#[test]
fn dates_of_a_1904_workbook() {
    let ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let styles = format!(
        "<styleSheet xmlns=\"{ns}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"><v>44621</v></c><c r=\"B1\"><v>44621</v></c></row></sheetData>";
    let book = raw(sheet, None, &[("xl/styles.xml", styles.as_bytes())]);
    // The same archive with the workbook part changed to the other epoch.
    let mut old = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..old.len() {
        let mut part = old.by_index(i).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = String::new();
        std::io::Read::read_to_string(&mut part, &mut content).unwrap();
        new.start_file(&name, SimpleFileOptions::default()).unwrap();
        new.write_all(content.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>").as_bytes())
            .unwrap();
    }
    let sheets = read(&new.finish().unwrap().into_inner());
    assert!(sheets[0].epoch_1904);
    assert_eq!(sheets[0].row(0).text(0), "2026-03-02");
    let bare = onedoor::exchange::value::date(sheets[0].row(0).text(1), sheets[0].epoch_1904).unwrap();
    assert_eq!(bare.to_string(), "2026-03-02");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_flipped_byte_never_panics(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut book = raw("<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData>", Some("<sst uniqueCount=\"1\"><si><t>x</t></si></sst>"), &[]);
        let i = at.index(book.len());
        book[i] ^= with;
        let _ = read_xlsx(&book, &Limits::default());
    }
}
