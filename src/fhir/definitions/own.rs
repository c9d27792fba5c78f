//! Overdracht's own definitions, which the binary carries.

/// File name and JSON of everything in `profiles/overdracht`; listed by `build.rs`.
pub(super) const OWN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/own_definitions.rs"));
