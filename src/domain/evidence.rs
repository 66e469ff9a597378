//! What may be handed in as evidence: pictures and papers, told by their content and not by their name.
//!
//! A picture is kept as it came, with what the camera wrote into it (time, place, device). Electronic data prove something
//! only as the original whose hash can be checked (行政处罚法第四十六条 requires evidence to be verified; 电子数据取证 practice
//! works on hashes of originals), and where and when a picture was taken is part of what it proves. So nothing is stripped,
//! and evidence is never published: it is read by those who may see the result, and leaves the server in the archive only.

use super::states::words;

words! {
    /// Kinds of files that are taken.
    Media {
        /// A photograph.
        Jpeg = "image/jpeg", "JPEG 图片";
        /// A picture.
        Png = "image/png", "PNG 图片";
        /// A paper.
        Pdf = "application/pdf", "PDF 文件";
    }
}

/// Most bytes of a file.
pub const MOST_BYTES: usize = 10 << 20;

impl Media {
    /// The kind of a file by its first bytes; none of these: nothing that is taken.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    /// The ending of a file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_page_with_the_name_of_a_picture_is_none() {
        assert_eq!(Media::of(b"<html><script>"), None);
        assert_eq!(Media::of(b"GIF89a"), None);
        assert_eq!(Media::of(b""), None);
        assert_eq!(Media::of(&[0xFF, 0xD8]), None);
        assert_eq!(Media::of(&[0xFF, 0xD8, 0xFF, 0xE0, 0]), Some(Media::Jpeg));
        assert_eq!(Media::of(b"\x89PNG\r\n\x1a\n\0"), Some(Media::Png));
        assert_eq!(Media::of(b"%PDF-1.7"), Some(Media::Pdf));
    }
}
