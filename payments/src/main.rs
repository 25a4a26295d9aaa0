//! payments.

fn main() {}
