//! What the targets do with bytes, and a driver that mutates seeds where libFuzzer is not to be had.

use onedoor::exchange::lists::{self, ListKind};
use onedoor::exchange::table::{Limits, Sheet, read_csv, read_xlsx};
use onedoor::exchange::{county, headers, value};
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

/// Limits small enough that a run is quick and the limits themselves are met.
pub fn limits() -> Limits {
    Limits {
        file_bytes: 1 << 20,
        text_bytes: 2 << 20,
        rows: 400,
        columns: 64,
        cells: 5_000,
        cell_bytes: 4_000,
        ..Limits::default()
    }
}

fn typed(sheet: &Sheet) {
    for row in sheet.rows() {
        for (c, text) in row.texts().enumerate() {
            let kind = row.kind(c);
            let _ = value::identity(text, kind).map(|id| assert!(!id.key.is_empty()));
            let _ = value::registration(text, kind);
            let _ = (
                value::date(text, sheet.epoch_1904),
                value::minutes(text, 1_000),
                value::season(text),
                value::clock(text),
            );
            let _ = value::degrees(text);
            let _ = onedoor::domain::ratio::Ratio::parse(text);
            let _ = onedoor::domain::window::WindowText::parse(text).dates(2026);
        }
    }
    for table in headers::tables() {
        let _ = headers::Layout::find(table, sheet);
    }
}

fn as_files(name: &str, data: &[u8]) {
    let files: Vec<(String, Vec<u8>)> =
        headers::tables().iter().map(|t| (format!("{}.{name}", t.id), data.to_vec())).collect();
    if let Err(faults) = county::read_files(&files, &limits()) {
        assert!(faults.has_errors());
        let _ = (faults.to_string(), faults.to_json().to_string(), faults.to_csv());
    }
    for kind in [ListKind::Items, ListKind::Plans] {
        let _ = lists::read_bytes(name, data, kind, &limits());
    }
}

/// CSV bytes.
pub fn csv(data: &[u8]) {
    if let Ok(sheet) = read_csv(data, &limits()) {
        let mut last = 0;
        for row in sheet.rows() {
            assert!(row.number > last, "row numbers ascend");
            last = row.number;
        }
        typed(&sheet);
    }
    as_files("csv", data);
}

/// XLSX bytes, or a part of a workbook.
pub fn xlsx(data: &[u8]) {
    let book = if data.starts_with(b"PK") { data.to_vec() } else { wrapped(data) };
    if let Ok(sheets) = read_xlsx(&book, &limits()) {
        sheets.iter().for_each(typed);
    }
    as_files("xlsx", &book);
}

const NS: &str = "http://schemas.openxmlformats.org";

/// A sound workbook with one part replaced: the first byte tells which.
fn wrapped(data: &[u8]) -> Vec<u8> {
    let (which, part) = data.split_first().map_or((0, data), |(b, rest)| (b % 6, rest));
    let sheet = format!(
        "<worksheet xmlns=\"{NS}/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>46083</v></c></row></sheetData><mergeCells><mergeCell ref=\"A1:A3\"/></mergeCells></worksheet>"
    );
    let mut parts: Vec<(&str, Vec<u8>)> = vec![
        ("xl/worksheets/sheet1.xml", sheet.into_bytes()),
        ("xl/sharedStrings.xml", b"<sst uniqueCount=\"1\"><si><t>x</t></si></sst>".to_vec()),
        ("xl/styles.xml", b"<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy/m/d\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>".to_vec()),
        ("xl/workbook.xml", format!("<workbook xmlns=\"{NS}/spreadsheetml/2006/main\" xmlns:r=\"{NS}/officeDocument/2006/relationships\"><workbookPr date1904=\"0\"/><sheets><sheet name=\"tasks\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>").into_bytes()),
        ("xl/_rels/workbook.xml.rels", format!("<Relationships><Relationship Id=\"rId1\" Type=\"{NS}/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>").into_bytes()),
        ("_rels/.rels", format!("<Relationships><Relationship Id=\"r1\" Type=\"{NS}/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>").into_bytes()),
        ("[Content_Types].xml", b"<Types/>".to_vec()),
    ];
    parts[usize::from(which)].1 = part.to_vec();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in parts {
        zip.start_file(name, options).expect("in memory");
        zip.write_all(&content).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

/// Seeds for [`csv`].
pub fn csv_seeds() -> Vec<Vec<u8>> {
    [
        "任务编号,计划名称,部门编码,事项编码,统一社会信用代码,最早日期,最晚日期,预计分钟,检查方式,告知方式,优先级\nT1,计划,SJ-1,SJ-001,91350100M000100Y43,2026-03-11,2026年4月8日,30,现场检查,均可,2\n",
        "\u{feff}person_id;name;dept_id;daily_minutes;can_lead\r\nP1;\"王\"\"一\";SJ-1;1小时;是\r\n\r\nP2;x;y;60.0;√\r\n",
        "统一社会信用代码\t注册号\t市场主体名称\t成立日期\t经度\n\t440301103097413.0\t甲\t46083\t120.5\n9.1469E+17\t4.40301103097413E+14\t乙\t2026/3/2\t\n",
        "抽查任务,抽查事项,抽查比例,抽查时间,牵头部门,参与部门\na,甲,10-20%,1—12月,教育局(检查学校时),市监局\nb,乙,≤10所不少于2所;>10所不低于50%,两批：7月20日前/10月15日前,教育局,\n",
        "sep=;\nplan_id;dept_id;items;ratio;class_ratios;window\nP;S;I1;百分之三;A:1%；B:2%;2026年3月\n",
    ]
    .iter()
    .map(|s| s.as_bytes().to_vec())
    .chain([b"\xff\xfea\x00,\x00b\x00".to_vec(), b"\xc8\xcb\xd4\xb1\xb1\xe0\xba\xc5,\xd0\xd5\xc3\xfb\n1,\xbc\xd7\n".to_vec()])
    .collect()
}

/// Seeds for [`xlsx`].
pub fn xlsx_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [
        "\u{0}<worksheet><dimension ref=\"A1:B2\"/><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>任务编号</t></is></c><c r=\"B1\"><f>1+1</f><v>2</v></c></row><row r=\"3\" ><c r=\"C3\" t=\"e\"><v>#N/A</v></c><c t=\"b\"><v>1</v></c><c s=\"1\"><v>46083.5</v></c></row></sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:A9\"/></mergeCells></worksheet>",
        "\u{1}<sst uniqueCount=\"2\"><si><t xml:space=\"preserve\"> a </t></si><si><r><t>b_x000D_</t></r><rPh><t>c</t></rPh></si></sst>",
        "\u{2}<styleSheet><numFmts count=\"1\"><numFmt numFmtId=\"170\" formatCode=\"yyyy&quot;年&quot;m\"/></numFmts><fonts><font><b/></font></fonts><cellXfs><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>",
        "\u{3}<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"部门\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/><sheet name=\"items\" r:id=\"rId1\"/></sheets><definedNames><definedName name=\"x\">a!$A$1</definedName></definedNames></workbook>",
        "\u{4}<Relationships><Relationship Id=\"rId1\" Target=\"/xl/worksheets/sheet1.xml\" Type=\"worksheet\"/></Relationships>",
        "\u{5}<Relationships><Relationship Id=\"r\" Target=\"xl/workbook.xml\" Type=\"officeDocument\"/></Relationships>",
    ]
    .iter()
    .map(|s| s.as_bytes().to_vec())
    .collect();
    seeds.push(wrapped(&seeds[0].clone()));
    seeds
}

/// xorshift64*: enough for mutation.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Pieces that matter to the readers.
const WORDS: &[&str] = &[
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\r\n",
    "\n",
    "\u{feff}",
    "\u{0}",
    "\u{3000}",
    "\u{200b}",
    "=",
    "'",
    "<c r=\"XFD1048576\">",
    "<v>",
    "</v>",
    "</c>",
    "<row r=\"99999999999\">",
    "AAAAAAAAAA1",
    "A0",
    "B2:A1",
    "uniqueCount=\"999999999999\"",
    "&amp;",
    "&#x0;",
    "_x0000_",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "1E308",
    "-1",
    "1e999",
    "NaN",
    "9.1469E+17",
    "440301103097413.0",
    "2026-02-30",
    "46083",
    "99999",
    "月",
    "日",
    "前",
    "底",
    "批",
    "-",
    "10%",
    "‰",
    "百分之",
    "≤10所",
    "部门编码",
    "人员编号",
    "tasks",
    "18446744073709551616",
    "%",
    "t=\"s\"",
    "s=\"99\"",
    "date1904=\"1\"",
];

fn mutate(rng: &mut Rng, pool: &[Vec<u8>]) -> Vec<u8> {
    let mut data = pool[rng.below(pool.len())].clone();
    for _ in 0..=rng.below(6) {
        let at = rng.below(data.len() + 1);
        match rng.below(8) {
            0 if at < data.len() => data[at] ^= 1 << rng.below(8),
            1 if at < data.len() => data[at] = rng.next() as u8,
            2 if at < data.len() => {
                let end = (at + 1 + rng.below(16)).min(data.len());
                data.drain(at..end);
            }
            3 => data.truncate(at),
            4 => {
                let other = &pool[rng.below(pool.len())];
                let from = rng.below(other.len() + 1);
                let end = (from + rng.below(64)).min(other.len());
                let piece = other[from..end].to_vec();
                data.splice(at..at, piece);
            }
            5 => {
                let end = (at + rng.below(64)).min(data.len());
                let piece = data[at..end].to_vec();
                for _ in 0..rng.below(20) {
                    data.splice(at..at, piece.iter().copied());
                }
            }
            _ => {
                let word = WORDS[rng.below(WORDS.len())].as_bytes().to_vec();
                data.splice(at..at, word);
            }
        }
        data.truncate(20_000);
    }
    data
}

/// Runs a target on mutated seeds: `NAME SECONDS [SEED]`. A panic prints the input in hex and ends the program.
pub fn drive(name: &str, seeds: &[Vec<u8>], target: fn(&[u8])) {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let limit = Duration::from_secs(args.first().copied().unwrap_or(60));
    let seed = args.get(1).copied().unwrap_or(1);
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut pool = seeds.to_vec();
    let start = Instant::now();
    let (mut runs, mut slowest) = (0u64, Duration::ZERO);
    for seed in seeds {
        target(seed);
    }
    while start.elapsed() < limit {
        let data = mutate(&mut rng, &pool);
        let begin = Instant::now();
        if std::panic::catch_unwind(|| target(&data)).is_err() {
            let hex: String = data.iter().map(|b| format!("{b:02x}")).collect();
            eprintln!("{name}: panic after {runs} runs on {hex}");
            std::process::exit(1);
        }
        slowest = slowest.max(begin.elapsed());
        runs += 1;
        // The pool wanders, so that mutations add up.
        if rng.below(50) == 0 {
            if pool.len() < 400 {
                pool.push(data);
            } else {
                let at = seeds.len() + rng.below(pool.len() - seeds.len());
                pool[at] = data;
            }
        }
    }
    println!("{name}: {runs} runs in {:.1?}, slowest {slowest:.1?}, no panic", start.elapsed());
}

/// Bytes as a record of the draw and as a bundle. A record that is accepted must serialise to the same bytes.
pub fn record(data: &[u8]) {
    use onedoor::domain::draw::{record, verify};
    if let Ok(parsed) = record::parse_record(data) {
        assert_eq!(parsed.to_bytes(), data, "the bytes are the authority");
    }
    let report = verify::verify_bytes(data, None);
    assert!(!report.statements.is_empty());
}

/// The records and the bundles of the published vectors.
pub fn record_seeds() -> Vec<Vec<u8>> {
    let vectors = include_bytes!("../../tests/it/vectors/draw.json");
    let value: serde_json::Value = serde_json::from_slice(vectors).expect("our own file");
    let mut seeds = Vec::new();
    for name in ["public", "ceremony"] {
        for text in value[name]["records"].as_object().into_iter().flatten().filter_map(|(_, r)| r.as_str()) {
            seeds.push(text.as_bytes().to_vec());
        }
        let mut small = value[name].clone();
        for heavy in ["audit", "derived"] {
            small.as_object_mut().map(|o| o.remove(heavy));
        }
        seeds.push(small.to_string().into_bytes());
    }
    seeds
}
