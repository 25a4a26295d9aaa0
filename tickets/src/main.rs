//! tickets.

fn main() {}
