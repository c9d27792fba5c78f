#![no_main]

#[path = "../targets/snapshot.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
