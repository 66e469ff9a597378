//! The QR code of the report: which draw, and which state of its log, the page is about.

use super::DrawView;
use std::fmt::Write as _;

/// A QR code with the draw and the checkpoint; empty when there is no draw or the text is too long for one.
pub(super) fn picture(draw: &DrawView) -> String {
    let Some(line) = draw.lines.first() else { return String::new() };
    let text = format!("vdr/1 draw {}\n{}", line.draw_id, draw.checkpoint);
    let Ok(code) = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build() else { return String::new() };
    let mut path = String::new();
    for y in 0..code.size {
        for (x, module) in code[y].iter().enumerate() {
            if module.value() {
                // Four modules of quiet zone, as the standard asks.
                let _ = write!(path, "M{} {}h1v1h-1z", x + 4, y + 4);
            }
        }
    }
    let size = code.size + 8;
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\" role=\"img\" \
         aria-label=\"二维码：抽取编号和日志检查点\"><title>二维码：抽取编号和日志检查点</title>\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}h-{size}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    )
}
