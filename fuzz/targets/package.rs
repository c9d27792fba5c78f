//! Any bytes as a package: an error or definitions, never a panic, and never more than the limits allow.

use std::path::Path;

use overdracht::fhir::pack::{Entry, slim};
use overdracht::fhir::package::{self, Limits};

pub fn run(bytes: &[u8]) {
    let limits = Limits { file_bytes: 1 << 16, total_bytes: 1 << 20, files: 100 };
    let _ = package::read_archive(bytes, Path::new("fuzz.tgz"), &limits, &mut |_, text| {
        assert!(text.len() as u64 <= limits.file_bytes);
        if let Ok(mut definition) = serde_json::from_slice(&text) {
            let _ = Entry::of(&definition);
            slim(&mut definition);
        }
        Ok(())
    });
}
