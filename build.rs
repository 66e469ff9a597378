//! Tells cargo that the embedded migrations are part of the crate: it does not notice a new folder by itself.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
