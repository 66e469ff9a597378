//! Record bytes and bundle bytes of the draw.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
libfuzzer_sys::fuzz_target!(|data: &[u8]| onedoor_fuzz::record(data));

#[cfg(not(feature = "libfuzzer"))]
fn main() {
    onedoor_fuzz::drive("record", &onedoor_fuzz::record_seeds(), onedoor_fuzz::record);
}
