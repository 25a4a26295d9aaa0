//! Sets again the timers that the event log says should exist.

use std::collections::BTreeMap;
use std::time::Duration;

use messaging::{Bus, BusError, Heard};
use runtime::Runtime;
use uuid::Uuid;

use crate::policies::{Then, whenever};
use crate::timers::{Timers, TimersError};

/// Orders placed this long before a reservation's time are looked at too: clocks differ.
const MARGIN: Duration = Duration::from_secs(60);
const PAGE: usize = 1_000;

/// Log or timers could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error(transparent)]
    Timers(#[from] TimersError),
}

/// Sets a timer for each order of the last reservation window that is neither accepted nor cancelled, where there is
/// none, and says how many such orders there are.
pub async fn rebuild(
    timers: &dyn Timers,
    bus: &dyn Bus,
    runtime: &Runtime,
    reservation: Duration,
) -> Result<usize, RebuildError> {
    let this = runtime.new_id();
    timers.begin_rebuild(this).await?;
    let now = runtime.now();
    let mut sequence = bus.sequence_at(now - reservation - MARGIN).await?;
    let mut wanted = BTreeMap::new();
    loop {
        let page = bus.read(&["order"], sequence, PAGE).await?;
        let heard = page.iter().filter_map(|(_, parcel)| Heard::decode(&*parcel.open().ok()?).ok());
        for heard in heard {
            note(&mut wanted, whenever(&heard, now));
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE => sequence = last + 1,
            _ => break,
        }
    }
    for timer in wanted.values() {
        timers.set(timer).await?;
    }
    timers.mark_complete(this).await?;
    Ok(wanted.len())
}

fn note(wanted: &mut BTreeMap<Uuid, crate::Timer>, then: Option<Then>) {
    match then {
        Some(Then::Set(timer)) => {
            wanted.insert(timer.order_id.0, timer);
        }
        Some(Then::Cancel(order_id)) => {
            wanted.remove(&order_id.0);
        }
        Some(Then::TooLate) | None => {}
    }
}
