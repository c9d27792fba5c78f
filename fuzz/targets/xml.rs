//! Any text as a resource in XML: issues at places that are there, never a panic.

use crate::common;

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.trim_start().starts_with('<') {
        common::places_are_there(text, &common::validator().validate_text(text, &[]));
    }
}
