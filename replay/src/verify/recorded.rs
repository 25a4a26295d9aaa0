//! The promises by a recording alone: what its events come to is folded, as no store is there to say it.

use std::collections::BTreeMap;

use contracts::Timestamp;
use messaging::{Extent, Selection};
use uuid::Uuid;

use super::fault::Fault;
use super::promises::{Standing, Waits, of_order, of_payment, of_ticket};
use crate::Failure;
use crate::kinds::{Folding, Kind};
use crate::stream::Stream;

/// The recording is in memory as a whole already.
const ALL: usize = usize::MAX;

struct Folded {
    state: Box<dyn Folding>,
    version: u64,
    /// Each event followed the one before it, and could be read.
    is_whole: bool,
    at: Timestamp,
}

/// Only of aggregates that the recording tells from their beginning. Where it is a part of what was said, what it lacks
/// may stand elsewhere.
pub(super) async fn promises(
    stream: &Stream,
    is_part: bool,
    is_at_rest: bool,
) -> Result<Vec<Fault>, Failure> {
    let mut folded: BTreeMap<(&'static str, Uuid), Folded> = BTreeMap::new();
    let mut last = Timestamp::default();
    for numbered in stream.archive.part(&Selection::everything(), 1, ALL, Extent::Whole).await? {
        let Ok(message) = numbered.stored.parcel.open() else { continue };
        last = last.max(numbered.stored.stored_at);
        let Some(kind) = Kind::named(&message.category) else { continue };
        let recorded = &message.recorded;
        let one = folded.entry((kind.category, message.id)).or_insert_with(|| Folded {
            state: kind.begin(),
            version: 0,
            is_whole: true,
            at: recorded.at,
        });
        one.is_whole &= recorded.version == one.version + 1
            && one.state.apply(&recorded.event.event_type, &recorded.event.data).is_ok();
        (one.version, one.at) = (recorded.version, recorded.at);
    }
    let standings: BTreeMap<(&str, Uuid), Standing> = folded
        .iter()
        .filter(|(_, one)| one.is_whole)
        .map(|((category, id), one)| ((*category, *id), Standing::of(*id, &one.state.state(), one.at)))
        .collect();
    // What the recording has only a part of cannot be judged by.
    let is_cut =
        |category: &'static str, id: Uuid| folded.get(&(category, id)).map_or(is_part, |one| !one.is_whole);
    let waits = Waits::new(last, is_at_rest);
    let mut faults = Vec::new();
    for ((category, id), standing) in &standings {
        let find = |category, id: Option<Uuid>| id.and_then(|id| standings.get(&(category, id)));
        match *category {
            "order"
                if standing.ticket_id.is_some_and(|ticket| is_cut("ticket", ticket))
                    || is_cut("payment", *id) => {}
            "order" => {
                let (ticket, payment) = (find("ticket", standing.ticket_id), find("payment", Some(*id)));
                faults.extend(of_order(standing, ticket, payment, waits));
            }
            "ticket" if standing.order_id.is_some_and(|order| is_cut("order", order)) => {}
            "ticket" => faults.extend(of_ticket(standing, find("order", standing.order_id), waits)),
            "payment" if is_cut("order", *id) => {}
            "payment" => faults.extend(of_payment(standing, find("order", Some(*id)))),
            _ => {}
        }
    }
    Ok(faults)
}
