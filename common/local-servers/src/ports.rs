//! Free ports on 127.0.0.1, from below the range that outgoing connections take theirs from, so that a server that is
//! restarted finds its port still free.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, TcpListener},
    sync::{Mutex, PoisonError},
};

use crate::error::{Error, Result};

const RANGE: std::ops::Range<u16> = 10_000..32_000;

/// Not handed out twice by one process, even when nobody listens there yet.
static HANDED_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

pub fn free() -> Result<u16> {
    let mut handed_out = HANDED_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let size = usize::from(RANGE.end - RANGE.start);
    // Every process begins elsewhere: tests that run side by side choose at the same moment.
    let start = RandomState::new().hash_one(std::process::id()) as usize % size;
    let port = RANGE
        .cycle()
        .skip(start)
        .take(size)
        .find(|port| !handed_out.contains(port) && is_free(*port))
        .ok_or(Error::NoFreePort)?;
    handed_out.insert(port);
    Ok(port)
}

pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
