//! Papers as a Word file (ECMA-376 WordprocessingML, transitional) that WPS and LibreOffice open. Written sheet by
//! sheet into a ZIP that is never read back, so that thousands of sheets need no more memory than one.

use super::picture;
use super::sheet::{Block, Cell, Row, Sheet, Table};
use std::fmt::Write as _;
use std::io::{self, Write};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Width of the text between the margins of 22 mm on A4, twentieths of a point.
const TEXT_WIDTH: u32 = 11_906 - 2 * 1_247;
/// Side of a QR code, English metric units: 32 mm.
const QR_SIDE: u32 = 32 * 36_000;
/// Twentieths of a point in a millimetre, times 100.
const MM: u32 = 5_669;

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// Fonts as the habits of GB/T 9704-2012 name them, each with one that every system has.
const FONTS: [(&str, &str); 4] =
    [("方正小标宋简体", "宋体"), ("仿宋_GB2312", "仿宋"), ("黑体", "SimHei"), ("宋体", "SimSun")];

/// Paragraph styles: name, East Asian font, letters, half points, spacing and place in the line (in the order the
/// schema wants), colour.
const STYLES: [(&str, &str, &str, u32, &str, &str); 13] = [
    (
        "Red",
        "方正小标宋简体",
        "Times New Roman",
        64,
        "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"24\" w:space=\"6\" w:color=\"D7000F\"/></w:pBdr>\
         <w:spacing w:after=\"240\"/><w:jc w:val=\"center\"/>",
        "<w:color w:val=\"D7000F\"/>",
    ),
    (
        "Title",
        "方正小标宋简体",
        "Times New Roman",
        44,
        "<w:spacing w:after=\"120\"/><w:jc w:val=\"center\"/>",
        "",
    ),
    ("Sub", "仿宋_GB2312", "Times New Roman", 28, "<w:jc w:val=\"center\"/>", ""),
    (
        "Number",
        "仿宋_GB2312",
        "Times New Roman",
        28,
        "<w:spacing w:after=\"80\"/><w:jc w:val=\"right\"/>",
        "",
    ),
    ("Address", "仿宋_GB2312", "Times New Roman", 28, "<w:spacing w:line=\"440\" w:lineRule=\"exact\"/>", ""),
    (
        "Paragraph",
        "仿宋_GB2312",
        "Times New Roman",
        28,
        "<w:spacing w:line=\"440\" w:lineRule=\"exact\"/><w:ind w:firstLineChars=\"200\" w:firstLine=\"560\"/>\
         <w:jc w:val=\"both\"/>",
        "",
    ),
    (
        "Heading",
        "黑体",
        "Times New Roman",
        28,
        "<w:keepNext/><w:spacing w:before=\"120\" w:after=\"40\"/>",
        "",
    ),
    ("Small", "仿宋_GB2312", "Times New Roman", 21, "", ""),
    ("Code", "宋体", "Consolas", 16, "", ""),
    (
        "Sign",
        "仿宋_GB2312",
        "Times New Roman",
        28,
        "<w:keepLines/><w:ind w:right=\"1120\"/><w:jc w:val=\"right\"/>",
        "",
    ),
    ("Cell", "仿宋_GB2312", "Times New Roman", 24, "<w:snapToGrid w:val=\"0\"/>", ""),
    ("Label", "黑体", "Times New Roman", 24, "<w:snapToGrid w:val=\"0\"/>", ""),
    ("Gap", "仿宋_GB2312", "Times New Roman", 10, "<w:spacing w:line=\"120\" w:lineRule=\"exact\"/>", ""),
];

/// A Word file that is being written.
pub struct Docx<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// What the QR codes say, in order: their pictures follow the text.
    codes: Vec<String>,
    sheets: usize,
}

impl<W: Write> std::fmt::Debug for Docx<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Docx").field("sheets", &self.sheets).field("codes", &self.codes.len()).finish()
    }
}

/// The time in it is always the same, so that the same papers are the same bytes.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated)
}

impl<W: Write> Docx<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(inner: W) -> io::Result<Self> {
        let mut docx = Self { zip: ZipWriter::new_stream(inner), codes: Vec::new(), sheets: 0 };
        docx.part("[Content_Types].xml", &content_types())?;
        docx.part("_rels/.rels", &relations(&[("rId1", "officeDocument", "word/document.xml")]))?;
        docx.part("word/styles.xml", &styles())?;
        docx.part("word/fontTable.xml", &font_table())?;
        docx.part("word/settings.xml", &settings())?;
        docx.part("word/footer1.xml", &footer())?;
        docx.zip.start_file("word/document.xml", options().large_file(true))?;
        let open = format!(
            "{XML}<w:document xmlns:w=\"{MAIN}\" xmlns:r=\"{RELATIONS}\" \
             xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
             xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
             xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>"
        );
        docx.zip.write_all(open.as_bytes())?;
        Ok(docx)
    }

    fn part(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.zip.start_file(name, options())?;
        self.zip.write_all(text.as_bytes())
    }

    /// Adds a sheet on a new page.
    ///
    /// # Errors
    /// Writing fails.
    pub fn sheet(&mut self, sheet: &Sheet) -> io::Result<()> {
        let mut out = String::with_capacity(8 << 10);
        let mut first = self.sheets > 0;
        self.sheets += 1;
        let heads = [
            ("Red", &sheet.red_head),
            ("Title", &sheet.title),
            ("Sub", &sheet.subtitle),
            ("Number", &sheet.number),
        ];
        for (style, text) in heads {
            if !text.is_empty() {
                paragraph(&mut out, style, text, "", first);
                first = false;
            }
        }
        for block in &sheet.blocks {
            match block {
                Block::Address(text) => paragraph(&mut out, "Address", text, "", false),
                Block::Paragraph(text) => paragraph(&mut out, "Paragraph", text, "", false),
                Block::Heading(text) => paragraph(&mut out, "Heading", text, "", false),
                Block::Small(text) => paragraph(&mut out, "Small", text, "", false),
                Block::Code(text) => paragraph(&mut out, "Code", text, "", false),
                Block::Signature(text) => paragraph(&mut out, "Sign", text, "", false),
                Block::Table(table) => tabular(&mut out, table),
                Block::Qr { text, caption } => {
                    self.codes.push(text.clone());
                    drawing(&mut out, self.codes.len());
                    paragraph(&mut out, "Small", caption, "<w:jc w:val=\"center\"/>", false);
                }
            }
        }
        self.zip.write_all(out.as_bytes())
    }

    /// Ends the file; answers where it was written to.
    ///
    /// # Errors
    /// Writing fails; a QR code whose text is too long for one.
    pub fn finish(mut self) -> io::Result<W> {
        if self.sheets == 0 {
            // A body without a paragraph is no document.
            self.zip.write_all(b"<w:p/>")?;
        }
        let end = "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId4\"/>\
                   <w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
                   <w:pgMar w:top=\"1247\" w:right=\"1247\" w:bottom=\"1247\" w:left=\"1247\" w:header=\"851\" \
                   w:footer=\"737\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>";
        self.zip.write_all(end.as_bytes())?;
        let codes = std::mem::take(&mut self.codes);
        for (i, code) in codes.iter().enumerate() {
            let png = picture::png(code).ok_or_else(|| io::Error::other("text too long for a QR code"))?;
            self.zip.start_file(format!("word/media/qr{}.png", i + 1), options())?;
            self.zip.write_all(&png)?;
        }
        let mut parts: Vec<(String, &str, String)> = [
            ("rId1", "styles", "styles.xml"),
            ("rId2", "fontTable", "fontTable.xml"),
            ("rId3", "settings", "settings.xml"),
            ("rId4", "footer", "footer1.xml"),
        ]
        .map(|(id, kind, target)| (id.to_owned(), kind, target.to_owned()))
        .to_vec();
        for i in 1..=codes.len() {
            parts.push((format!("qr{i}"), "image", format!("media/qr{i}.png")));
        }
        let parts: Vec<(&str, &str, &str)> =
            parts.iter().map(|(id, kind, target)| (id.as_str(), *kind, target.as_str())).collect();
        self.part("word/_rels/document.xml.rels", &relations(&parts))?;
        Ok(self.zip.finish()?.into_inner())
    }
}

/// Text as XML holds it: marked characters escaped, those XML 1.0 forbids left out.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}

fn paragraph(out: &mut String, style: &str, text: &str, place: &str, new_page: bool) {
    let page = if new_page { "<w:pageBreakBefore/>" } else { "" };
    let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{page}{place}</w:pPr>");
    if !text.is_empty() {
        out.push_str("<w:r>");
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                out.push_str("<w:br/>");
            }
            out.push_str("<w:t xml:space=\"preserve\">");
            escape(out, line);
            out.push_str("</w:t>");
        }
        out.push_str("</w:r>");
    }
    out.push_str("</w:p>");
}

fn tabular(out: &mut String, table: &Table) {
    let widths: Vec<u32> = table.widths.iter().map(|w| TEXT_WIDTH * u32::from(*w) / 100).collect();
    let _ = write!(out, "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/>", widths.iter().sum::<u32>());
    out.push_str("<w:tblBorders>");
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(out, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
    }
    out.push_str("</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
    for width in &widths {
        let _ = write!(out, "<w:gridCol w:w=\"{width}\"/>");
    }
    out.push_str("</w:tblGrid>");
    if !table.head.is_empty() {
        let cells = table.head.iter().map(Cell::label).collect();
        line(out, &Row::of(cells), &widths, true);
    }
    for row in &table.rows {
        line(out, row, &widths, false);
    }
    // Without a paragraph between them two tables become one.
    out.push_str("</w:tbl>");
    paragraph(out, "Gap", "", "", false);
}

fn line(out: &mut String, row: &Row, widths: &[u32], head: bool) {
    out.push_str("<w:tr><w:trPr><w:cantSplit/>");
    if row.height > 0 {
        let height = u32::from(row.height) * MM / 100;
        let _ = write!(out, "<w:trHeight w:val=\"{height}\" w:hRule=\"atLeast\"/>");
    }
    if head {
        out.push_str("<w:tblHeader/>");
    }
    out.push_str("</w:trPr>");
    let mut at = 0;
    for cell in &row.cells {
        let span = cell.span.max(1);
        let width: u32 = widths.iter().skip(at).take(span).sum();
        at += span;
        let _ = write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>");
        if span > 1 {
            let _ = write!(out, "<w:gridSpan w:val=\"{span}\"/>");
        }
        out.push_str("<w:vAlign w:val=\"center\"/></w:tcPr>");
        let place = format!("<w:jc w:val=\"{}\"/>", cell.align.as_str());
        paragraph(out, if cell.label { "Label" } else { "Cell" }, &cell.text, &place, false);
        out.push_str("</w:tc>");
    }
    out.push_str("</w:tr>");
}

fn drawing(out: &mut String, n: usize) {
    let _ = write!(
        out,
        "<w:p><w:pPr><w:pStyle w:val=\"Sub\"/></w:pPr><w:r><w:drawing>\
         <wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{QR_SIDE}\" cy=\"{QR_SIDE}\"/>\
         <wp:docPr id=\"{n}\" name=\"二维码{n}\" descr=\"二维码\"/><wp:cNvGraphicFramePr/>\
         <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
         <pic:nvPicPr><pic:cNvPr id=\"{n}\" name=\"qr{n}.png\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip r:embed=\"qr{n}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{QR_SIDE}\" cy=\"{QR_SIDE}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
         </wp:inline></w:drawing></w:r></w:p>"
    );
}

fn content_types() -> String {
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let mut text = format!(
        "{XML}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>"
    );
    let parts = [
        ("document", "document.main"),
        ("styles", "styles"),
        ("fontTable", "fontTable"),
        ("settings", "settings"),
        ("footer1", "footer"),
    ];
    for (part, name) in parts {
        let _ = write!(text, "<Override PartName=\"/word/{part}.xml\" ContentType=\"{kind}.{name}+xml\"/>");
    }
    text + "</Types>"
}

fn relations(list: &[(&str, &str, &str)]) -> String {
    let mut text = format!("{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (id, kind, target) in list {
        let _ = write!(text, "<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>");
    }
    text + "</Relationships>"
}

fn run_style(east: &str, letters: &str, half_points: u32, colour: &str) -> String {
    format!(
        "<w:rPr><w:rFonts w:ascii=\"{letters}\" w:hAnsi=\"{letters}\" w:eastAsia=\"{east}\" w:cs=\"{letters}\"/>\
         {colour}<w:sz w:val=\"{half_points}\"/><w:szCs w:val=\"{half_points}\"/></w:rPr>"
    )
}

fn styles() -> String {
    let mut text = format!(
        "{XML}<w:styles xmlns:w=\"{MAIN}\"><w:docDefaults><w:rPrDefault>\
         <w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"仿宋_GB2312\" \
         w:cs=\"Times New Roman\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>\
         <w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>"
    );
    for (name, east, letters, size, place, colour) in STYLES {
        let _ = write!(
            text,
            "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"{name}\"><w:name w:val=\"onedoor {name}\"/>\
             <w:basedOn w:val=\"Normal\"/><w:pPr>{place}</w:pPr>{}</w:style>",
            run_style(east, letters, size, colour)
        );
    }
    text + "</w:styles>"
}

fn font_table() -> String {
    let mut text = format!("{XML}<w:fonts xmlns:w=\"{MAIN}\">");
    for (name, other) in FONTS {
        let _ = write!(
            text,
            "<w:font w:name=\"{name}\"><w:altName w:val=\"{other}\"/><w:charset w:val=\"86\"/>\
             <w:family w:val=\"auto\"/></w:font>"
        );
    }
    text + "</w:fonts>"
}

fn settings() -> String {
    format!(
        "{XML}<w:settings xmlns:w=\"{MAIN}\"><w:compat><w:compatSetting w:name=\"compatibilityMode\" \
         w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat></w:settings>"
    )
}

fn footer() -> String {
    format!(
        "{XML}<w:ftr xmlns:w=\"{MAIN}\"><w:p><w:pPr><w:pStyle w:val=\"Sub\"/></w:pPr>\
         <w:r><w:t xml:space=\"preserve\">— </w:t></w:r><w:fldSimple w:instr=\" PAGE \"><w:r><w:t>1</w:t></w:r>\
         </w:fldSimple><w:r><w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>"
    )
}
