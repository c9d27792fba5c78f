#![no_main]

#[path = "../targets/common.rs"]
mod common;
#[path = "../targets/json.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
