#![no_main]

#[path = "../targets/common.rs"]
mod common;
#[path = "../targets/fhirpath.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
