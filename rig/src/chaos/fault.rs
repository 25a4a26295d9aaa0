//! What can be broken: processes, the ways between them, what servers keep, clocks and disks.

use std::{fmt, time::Duration};

use clap::ValueEnum;

use super::links::Link;
use crate::between::Passage;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FaultKind {
    /// A process is killed (-9)
    Kill,
    /// A process is stopped and goes on later (SIGSTOP)
    Pause,
    /// The way from one process to another is cut, both ways or one
    Cut,
    /// Redis loses everything it keeps
    WipeRedis,
    /// JetStream's folder is deleted while NATS is down
    WipeStream,
    /// An older copy of JetStream's folder is put back while NATS is down
    OldStream,
    /// One service's clock is moved
    Clock,
    /// The disk of NATS is full for a while
    FullDisk,
}

/// One thing that breaks, from when on after the beginning, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub at: Duration,
    pub lasts: Duration,
    pub deed: Deed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Kill(&'static str),
    Pause(&'static str),
    Cut(Link, Passage),
    /// `FLUSHALL`.
    FlushRedis,
    /// Its folder is deleted while it is down.
    LoseRedis,
    LoseStream,
    /// A copy is taken in the beginning, and put back in the end.
    OldStream,
    /// By so many seconds.
    MoveClock(&'static str, i64),
    FillDisk,
}

impl FaultKind {
    pub const ALL: [Self; 8] = [
        Self::Kill,
        Self::Pause,
        Self::Cut,
        Self::WipeRedis,
        Self::WipeStream,
        Self::OldStream,
        Self::Clock,
        Self::FullDisk,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "killed",
            Self::Pause => "paused",
            Self::Cut => "cut off",
            Self::WipeRedis => "Redis wiped",
            Self::WipeStream => "JetStream wiped",
            Self::OldStream => "older JetStream put back",
            Self::Clock => "clock moved",
            Self::FullDisk => "disk full",
        }
    }
}

impl Deed {
    pub fn kind(self) -> FaultKind {
        match self {
            Self::Kill(_) => FaultKind::Kill,
            Self::Pause(_) => FaultKind::Pause,
            Self::Cut(..) => FaultKind::Cut,
            Self::FlushRedis | Self::LoseRedis => FaultKind::WipeRedis,
            Self::LoseStream => FaultKind::WipeStream,
            Self::OldStream => FaultKind::OldStream,
            Self::MoveClock(..) => FaultKind::Clock,
            Self::FillDisk => FaultKind::FullDisk,
        }
    }

    /// What no other fault may touch meanwhile.
    pub(super) fn touches(self) -> &'static str {
        match self {
            Self::Kill(process) | Self::Pause(process) => process,
            Self::Cut(link, _) => link.name,
            Self::FlushRedis | Self::LoseRedis => "redis",
            Self::LoseStream | Self::OldStream | Self::FillDisk => "nats",
            Self::MoveClock(..) => "a clock",
        }
    }

    /// Whether orders may be late because of it: it keeps the sweep of overdue orders from its work. Neither Redis nor
    /// expiration does.
    pub(super) fn hinders_orders(self) -> bool {
        match self {
            Self::Cut(link, _) => link.from == "orders",
            Self::MoveClock(process, _) => process == "orders",
            _ => ["orders", "mongo", "nats"].contains(&self.touches()),
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(process) => write!(formatter, "{process} is killed"),
            Self::Pause(process) => write!(formatter, "{process} is paused"),
            Self::Cut(link, passage) => write!(formatter, "{}: {passage}", link.name),
            Self::FlushRedis => formatter.write_str("Redis is flushed"),
            Self::LoseRedis => formatter.write_str("Redis is killed, and its folder deleted"),
            Self::LoseStream => formatter.write_str("NATS is killed, and JetStream's folder deleted"),
            Self::OldStream => formatter.write_str("an older copy of JetStream's folder is put back"),
            Self::MoveClock(process, seconds) => {
                write!(formatter, "the clock of {process} is moved by {seconds} s")
            }
            Self::FillDisk => formatter.write_str("the disk of NATS is full"),
        }
    }
}
