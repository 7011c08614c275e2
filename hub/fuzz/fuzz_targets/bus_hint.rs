#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hub_fuzz::bus_hint(bytes));
