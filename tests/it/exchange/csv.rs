//! CSV of every dirt.

use onedoor::exchange::table::{Limits, Sheet, read_csv};
use proptest::prelude::*;

fn cells(sheet: &Sheet) -> Vec<(u32, Vec<String>)> {
    sheet.rows().map(|r| (r.number, r.texts().map(str::to_owned).collect())).collect()
}

fn read(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
    cells(&read_csv(bytes, &Limits::default()).unwrap())
}

fn refused(bytes: &[u8]) -> &'static str {
    read_csv(bytes, &Limits::default()).unwrap_err().code
}

fn rows(list: &[(u32, &[&str])]) -> Vec<(u32, Vec<String>)> {
    list.iter().map(|(n, cells)| (*n, cells.iter().map(|c| (*c).to_owned()).collect())).collect()
}

const PLAIN: &str = "人员编号,姓名\nP1,王一\nP2,欧阳娜\n";

#[test]
fn every_encoding_gives_the_same_rows() {
    let want = rows(&[(1, &["人员编号", "姓名"]), (2, &["P1", "王一"]), (3, &["P2", "欧阳娜"])]);
    assert_eq!(read(PLAIN.as_bytes()), want);
    assert_eq!(read(format!("\u{feff}{PLAIN}").as_bytes()), want);
    let (gb, _, _) = encoding_rs::GB18030.encode(PLAIN);
    let sheet = read_csv(&gb, &Limits::default()).unwrap();
    assert_eq!((cells(&sheet), sheet.encoding), (want.clone(), "GB18030"));
    for big in [false, true] {
        let mut bytes = if big { vec![0xfe, 0xff] } else { vec![0xff, 0xfe] };
        for unit in PLAIN.replace(',', "\t").encode_utf16() {
            bytes.extend(if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
        assert_eq!(read(&bytes), want, "UTF-16 as Excel's Unicode text");
    }
    // A rare character of four bytes in GB18030.
    let (gb, _, _) = encoding_rs::GB18030.encode("姓名,单位\n𬱖某,㐂记\n");
    assert_eq!(read(&gb)[1].1, ["𬱖某", "㐂记"]);
}

#[test]
fn damaged_text_is_refused_with_its_row() {
    let mut bytes =
        "人员编号,姓名,所属单位\nP1,王一,城关市场监督管理所\nP2,王二,石桥所\n".as_bytes().to_vec();
    let at = bytes.len() - 4;
    bytes[at] = 0xff;
    let fault = read_csv(&bytes, &Limits::default()).unwrap_err();
    assert_eq!((fault.code, fault.row), ("bad_encoding", 3));
    assert_eq!(refused(b"a,b\n1,\xff\xfe\xfa\n"), "bad_encoding");
    assert_eq!(refused(b"a,b\n1,\x002\n"), "nul_character");
    assert_eq!(refused(b"\xef\xbb\xbfa,b\n\xb1\xb2,1\n"), "bad_encoding");
    assert_eq!(refused(b"\xff\xfea\x00,\x00\x00\xd8"), "bad_encoding");
}

#[test]
fn other_kinds_of_file_are_named() {
    assert_eq!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "old_or_encrypted_workbook");
    assert_eq!(refused(b"<html><table><tr><td>1</td></tr></table></html>"), "web_page");
    assert_eq!(refused(b"\xef\xbb\xbf  <?xml version=\"1.0\"?><Workbook/>"), "web_page");
    assert_eq!(refused(b"%PDF-1.7"), "pdf");
}

#[test]
fn delimiters_are_found_by_the_header() {
    for d in [",", ";", "\t"] {
        let text = format!(
            "检查对象名录{d}{d}\n统一社会信用代码{d}市场主体名称{d}地址\nX{d}甲{d}\"一,二;三,四,五,六,七\t八\"\n"
        );
        let got = read(text.as_bytes());
        assert_eq!(got[2].1, ["X", "甲", "一,二;三,四,五,六,七\t八"], "{d:?}");
    }
    let got = read("sep=;\r\nperson_id;name\r\nP1;a,b,c\r\n".as_bytes());
    assert_eq!(got, rows(&[(2, &["person_id", "name"]), (3, &["P1", "a,b,c"])]));
    // Unquoted commas in a semicolon file are text.
    assert_eq!(read("编号;姓名\n1;a,b,c,d\n".as_bytes())[1].1, ["1", "a,b,c,d"]);
}

#[test]
fn row_numbers_are_those_of_the_spreadsheet() {
    let text =
        "姓名,备注\r\n甲,\"一\r\n二\"\r\n\r\n,,\r\n \u{3000},\u{200b}\r\n乙,\"她说\"\"好\"\"\"\r丙,x\n\n丁";
    let want = rows(&[
        (1, &["姓名", "备注"]),
        (2, &["甲", "一\r\n二"]),
        (6, &["乙", "她说\"好\""]),
        (7, &["丙", "x"]),
        (9, &["丁"]),
    ]);
    assert_eq!(read(text.as_bytes()), want);
}

#[test]
fn quotes_as_people_leave_them() {
    assert_eq!(read("姓名,备注\n5\"管,\"x\"y\n".as_bytes())[1].1, ["5\"管", "xy"]);
    let fault = read_csv("姓名,备注\n甲,\"没有结束\n乙,x\n".as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!((fault.code, fault.row), ("open_quote", 2));
    assert_eq!(read(b""), []);
    assert_eq!(read(b"\n\n\n"), []);
}

#[test]
fn limits_hold() {
    let small =
        Limits { rows: 3, columns: 4, cells: 10, cell_bytes: 8, file_bytes: 1000, ..Limits::default() };
    let code = |text: &str| read_csv(text.as_bytes(), &small).map(|s| s.len()).map_err(|f| f.code);
    assert_eq!(code("a\nb\nc\n"), Ok(3));
    assert_eq!(code("a\nb\nc\nd\n"), Err("too_big"));
    assert_eq!(code("a,b,c,d,,,,,\n"), Ok(1), "empty columns at the end are no content");
    assert_eq!(code("a,b,c,d,e\n"), Err("too_big"));
    assert_eq!(code("123456789\n"), Err("too_big"));
    assert_eq!(code(&"x".repeat(1001)), Err("too_big"));
    // Many delimiters in one line must not take quadratic time.
    let line = ",".repeat(3_000_000);
    assert_eq!(read_csv(line.as_bytes(), &Limits::default()).unwrap().len(), 0);
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_csv(&bytes, &Limits::default());
    }

    #[test]
    fn nor_with_the_right_characters(text in "[a,;\t\"\r\n人 =\u{3000}]{0,60}") {
        let _ = read_csv(text.as_bytes(), &Limits::default());
    }

    #[test]
    fn what_is_quoted_reads_back(table in prop::collection::vec(prop::collection::vec("[a-c,;\t\"\r\n人 =']{0,6}", 2..4), 1..6)) {
        let mut text = String::from("人员编号,姓名,备注\n");
        for row in &table {
            let cells: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        let blank = |c: &String| c.trim().is_empty();
        let want: Vec<_> = table.iter().zip(2u32..).filter(|(row, _)| !row.iter().all(blank)).map(|(row, n)| (n, row.clone())).collect();
        prop_assert_eq!(&read(text.as_bytes())[1..], &want[..]);
    }
}
