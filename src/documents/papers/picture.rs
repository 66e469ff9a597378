//! QR codes as pictures: SVG paths for HTML, one-bit PNG for Word files.

use std::fmt::Write as _;

/// Quiet zone around a code, modules (ISO/IEC 18004).
const QUIET: usize = 4;
/// Pixels of a module in a PNG, so that printers do not blur it.
const SCALE: usize = 8;

/// The modules of a code with its quiet zone: `true` is black. None for a text too long for a code.
fn modules(text: &str) -> Option<Vec<Vec<bool>>> {
    let code = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build().ok()?;
    let side = code.size + 2 * QUIET;
    let mut rows = vec![vec![false; side]; side];
    for (y, row) in rows.iter_mut().skip(QUIET).take(code.size).enumerate() {
        for (x, module) in code[y].iter().enumerate().take(code.size) {
            row[x + QUIET] = module.value();
        }
    }
    Some(rows)
}

/// A QR code as SVG, to be put into HTML as it is; empty for a text too long for a code. Nothing of the text is in it
/// but the modules.
#[must_use]
pub fn svg(text: &str) -> String {
    let Some(rows) = modules(text) else { return String::new() };
    let side = rows.len();
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                let n = run.len();
                let _ = write!(path, "M{x} {y}h{n}v1h-{n}z");
            }
            x += run.len();
        }
    }
    format!(
        "<svg viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"二维码\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    )
}

/// A QR code as a PNG of one bit a pixel; none for a text too long for a code. The image data are stored, not
/// compressed: the ZIP around them does that.
#[must_use]
pub fn png(text: &str) -> Option<Vec<u8>> {
    let rows = modules(text)?;
    let side = rows.len() * SCALE;
    let width = side.div_ceil(8);
    let mut pixels = Vec::with_capacity((width + 1) * side);
    for row in &rows {
        let mut line = vec![0_u8; width];
        for x in 0..side {
            // In a greyscale picture a set bit is white.
            if !row[x / SCALE] {
                line[x / 8] |= 0x80 >> (x % 8);
            }
        }
        for _ in 0..SCALE {
            pixels.push(0);
            pixels.extend_from_slice(&line);
        }
    }
    let size = u32::try_from(side).ok()?;
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&size.to_be_bytes());
    header.extend_from_slice(&size.to_be_bytes());
    header.extend_from_slice(&[1, 0, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &stored(&pixels));
    chunk(&mut file, b"IEND", &[]);
    Some(file)
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let from = file.len();
    file.extend_from_slice(kind);
    file.extend_from_slice(data);
    let crc = crc32(&file[from..]);
    file.extend_from_slice(&crc.to_be_bytes());
}

/// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        let len = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend_from_slice(&((b << 16) | a).to_be_bytes());
    out
}

/// CRC-32 as PNG and ZIP use it.
fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        // Adler-32 of "Wikipedia".
        assert!(stored(b"Wikipedia").ends_with(&0x11E6_0398_u32.to_be_bytes()));
    }

    #[test]
    fn both_pictures_show_the_same_modules() {
        let text = "https://example.gov.cn/public/visits/ABCD";
        let rows = modules(text).unwrap();
        assert!(rows[..QUIET].iter().flatten().all(|m| !m), "no quiet zone");
        let png = png(text).unwrap();
        let size = u32::from_be_bytes(png[16..20].try_into().unwrap()) as usize;
        assert_eq!(size, rows.len() * SCALE);
        // Header 8, IHDR 25, IDAT length and name 8, zlib 2, first block 5.
        let (data, width) = (&png[48..], size.div_ceil(8));
        for (y, row) in rows.iter().enumerate() {
            let line = &data[(y * SCALE) * (width + 1) + 1..][..width];
            for (x, black) in row.iter().enumerate() {
                let byte = line[x * SCALE / 8];
                assert_eq!(byte, if *black { 0 } else { 0xFF }, "{x} {y}");
            }
        }
        let drawn = svg(text);
        let black: usize = rows.iter().flatten().filter(|m| **m).count();
        let runs: usize = drawn
            .split('h')
            .skip(2)
            .filter_map(|t| t.split('v').next().and_then(|n| n.parse::<usize>().ok()))
            .sum();
        assert_eq!(runs - rows.len(), black, "the white ground is one more run");
    }

    #[test]
    fn a_text_too_long_has_no_code() {
        let long = "长".repeat(5_000);
        assert_eq!((svg(&long), png(&long)), (String::new(), None));
    }
}
