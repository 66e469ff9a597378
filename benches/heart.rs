//! Benches of the heart: draw, merge, allocation.

fn main() {}
