//! A ZIP whose last entry, `manifest.json`, names every file before it with length and SHA-256. The same files in the
//! same order are the same bytes.

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::io::{self, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Name of the last entry.
pub const MANIFEST: &str = "manifest.json";

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Where it lies in the bundle.
    pub path: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

/// The file that is being written.
struct Open {
    path: String,
    bytes: u64,
    hash: Sha256,
}

/// A bundle that is being written.
pub struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    files: Vec<Listed>,
    open: Option<Open>,
}

impl<W: Write + Seek> std::fmt::Debug for Bundle<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("files", &self.files).finish_non_exhaustive()
    }
}

/// What is compressed already is only stored.
fn options(path: &str) -> SimpleFileOptions {
    let packed = [".docx", ".jpg", ".png", ".pdf"].iter().any(|e| path.ends_with(e));
    let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    SimpleFileOptions::DEFAULT.compression_method(method).large_file(true)
}

impl<W: Write + Seek> Bundle<W> {
    /// Begins a bundle.
    pub fn new(inner: W) -> Self {
        Self { zip: ZipWriter::new(inner), files: Vec::new(), open: None }
    }

    /// Begins a file; what is written from now on is its content.
    ///
    /// # Errors
    /// Writing fails; a name that is there already.
    pub fn start(&mut self, path: &str) -> io::Result<()> {
        self.close();
        self.zip.start_file(path, options(path))?;
        self.open = Some(Open { path: path.to_owned(), bytes: 0, hash: Sha256::new() });
        Ok(())
    }

    /// Adds a whole file.
    ///
    /// # Errors
    /// As [`Bundle::start`].
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.start(path)?;
        self.write_all(bytes)
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let sha256 = hex::encode(open.hash.finalize());
            self.files.push(Listed { path: open.path, bytes: open.bytes, sha256 });
        }
    }

    /// The files so far.
    pub fn files(&mut self) -> &[Listed] {
        self.close();
        &self.files
    }

    /// Ends the bundle with the manifest: `facts` and the list of files; answers where it was written to.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self, mut facts: Map<String, Value>) -> io::Result<W> {
        self.close();
        facts.insert("files".to_owned(), serde_json::to_value(&self.files)?);
        let mut text = serde_json::to_vec_pretty(&Value::Object(facts))?;
        text.push(b'\n');
        self.zip.start_file(MANIFEST, options(MANIFEST))?;
        self.zip.write_all(&text)?;
        Ok(self.zip.finish()?)
    }
}

impl<W: Write + Seek> Write for Bundle<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(open) = &mut self.open else { return Err(io::Error::other("no file was begun")) };
        let n = self.zip.write(bytes)?;
        open.hash.update(&bytes[..n]);
        open.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    fn made() -> Vec<u8> {
        let mut bundle = Bundle::new(Cursor::new(Vec::new()));
        bundle.add("a/one.json", b"{}").unwrap();
        bundle.start("b/two.docx").unwrap();
        bundle.write_all(b"half ").unwrap();
        bundle.write_all(b"and half").unwrap();
        let facts = Map::from_iter([("form".to_owned(), Value::from("x/1"))]);
        bundle.finish(facts).unwrap().into_inner()
    }

    #[test]
    fn the_manifest_says_what_is_inside_and_the_bytes_are_always_the_same() {
        let bytes = made();
        assert_eq!(bytes, made());
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let read = |zip: &mut zip::ZipArchive<Cursor<Vec<u8>>>, name: &str| {
            let mut text = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut text).unwrap();
            text
        };
        let manifest: Value = serde_json::from_slice(&read(&mut zip, MANIFEST)).unwrap();
        assert_eq!(manifest["form"], "x/1");
        let files = manifest["files"].as_array().unwrap();
        assert_eq!(files.len() + 1, zip.len());
        for file in files {
            let content = read(&mut zip, file["path"].as_str().unwrap());
            assert_eq!(file["bytes"], content.len());
            assert_eq!(file["sha256"], hex::encode(Sha256::digest(&content)));
        }
        let last = zip.len() - 1;
        assert_eq!(zip.by_index(last).unwrap().name().unwrap(), MANIFEST);
    }
}
