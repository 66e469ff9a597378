//! XLSX bytes.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
libfuzzer_sys::fuzz_target!(|data: &[u8]| onedoor_fuzz::xlsx(data));

#[cfg(not(feature = "libfuzzer"))]
fn main() {
    onedoor_fuzz::drive("xlsx", &onedoor_fuzz::xlsx_seeds(), onedoor_fuzz::xlsx);
}
