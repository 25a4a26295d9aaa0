//! How late orders ended whose time was over. Whatever becomes of Redis and of expiration, orders sees to it itself
//! within 20 s, as long as it is left alone with its store and the stream.

use std::time::Duration;

use contracts::{
    Event, Timestamp,
    orders::{CancellationReason, OrderCancelled, OrderEvent},
};
use uuid::Uuid;

use super::strike::Struck;
use crate::behind::Books;

const PROMISED: Duration = Duration::from_secs(20);
/// Whoever was broken needs this long to be at work again.
const AFTERWARDS: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, Default)]
pub struct Lateness {
    pub expired: usize,
    pub latest: Duration,
    /// Of those that nothing hindered.
    pub unhindered: usize,
    pub latest_unhindered: Duration,
    too_late: Vec<(Uuid, Duration)>,
}

impl Lateness {
    pub(super) fn of(books: &Books, struck: &[Struck]) -> Self {
        let hindrances: Vec<(Timestamp, Timestamp)> = struck
            .iter()
            .filter(|struck| struck.deed.hinders_orders())
            .map(|struck| (struck.began_at, struck.ended_at + AFTERWARDS))
            .collect();
        let mut lateness = Self::default();
        let mut expires_at = std::collections::BTreeMap::new();
        let mut over = std::collections::BTreeSet::new();
        for said in &books.said {
            match &said.event {
                Event::Order(OrderEvent::OrderCreated(created)) => {
                    expires_at.insert(said.id, created.expires_at);
                }
                Event::Order(OrderEvent::OrderCancelled(OrderCancelled {
                    reason: CancellationReason::Expired,
                    ..
                })) if over.insert(said.id) => {
                    if let Some(due) = expires_at.get(&said.id) {
                        lateness.note(said.id, *due, said.recorded.at, &hindrances);
                    }
                }
                _ => {}
            }
        }
        lateness
    }

    /// Each in a sentence.
    pub(super) fn complaints(&self) -> Vec<String> {
        let say = |(order, late): &(Uuid, Duration)| {
            format!("order {order} expired {:.1} s late, and nothing kept it from that", late.as_secs_f64())
        };
        self.too_late.iter().map(say).collect()
    }

    fn note(&mut self, order: Uuid, due: Timestamp, at: Timestamp, hindrances: &[(Timestamp, Timestamp)]) {
        let late = at.since(due);
        self.expired += 1;
        self.latest = self.latest.max(late);
        if hindrances.iter().any(|(from, to)| *from <= at && *to >= due) {
            return;
        }
        self.unhindered += 1;
        self.latest_unhindered = self.latest_unhindered.max(late);
        if late > PROMISED {
            self.too_late.push((order, late));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn what_is_late_for_no_reason_is_said_and_what_was_hindered_is_not() {
        let (order, at) = (Uuid::from_u128(1), DUE + Duration::from_secs(21));
        let mut lateness = Lateness::default();
        lateness.note(order, DUE, at, &[(at + Duration::from_secs(1), at + Duration::from_secs(2))]);
        assert_eq!(lateness.complaints().len(), 1);
        lateness.note(order, DUE, at, &[(DUE, DUE)]);
        assert_eq!((lateness.complaints().len(), lateness.expired, lateness.unhindered), (1, 2, 1));
    }
}
