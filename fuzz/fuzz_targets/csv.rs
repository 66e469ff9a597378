//! CSV bytes.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
libfuzzer_sys::fuzz_target!(|data: &[u8]| onedoor_fuzz::csv(data));

#[cfg(not(feature = "libfuzzer"))]
fn main() {
    onedoor_fuzz::drive("csv", &onedoor_fuzz::csv_seeds(), onedoor_fuzz::csv);
}
