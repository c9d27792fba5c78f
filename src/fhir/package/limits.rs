//! What a package may cost at most, so that a crafted archive cannot fill memory.

use std::io::Read;

use super::Cause;

/// Bounds on what is read from one package.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one file, unpacked.
    pub file_bytes: u64,
    /// Bytes of all that is unpacked, skipped files included.
    pub total_bytes: u64,
    /// Files, skipped ones included.
    pub files: usize,
}

impl Default for Limits {
    /// Ten times what the largest published R4 packages need.
    fn default() -> Self {
        Limits { file_bytes: 64 << 20, total_bytes: 1 << 30, files: 100_000 }
    }
}

impl Limits {
    /// Reads to the end, at most `file_bytes`.
    pub(super) fn read_all(&self, reader: impl Read, file: &str) -> Result<Vec<u8>, Cause> {
        let mut bytes = Vec::new();
        reader.take(self.file_bytes + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.file_bytes {
            return Err(Cause::FileTooLarge { file: file.to_owned(), limit: self.file_bytes });
        }
        Ok(bytes)
    }
}
