//! What is replayed, for as many replays as are wanted.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{OrderId, Timestamp};

use super::cards::{Call, Said};
use super::inputs::{self, Inputs};
use super::lacking::Lacking;
use super::past::Past;

/// What is replayed, for as many replays as are wanted.
pub(super) struct Plan {
    pub past: Past,
    pub inputs: Inputs,
    pub lacking: Option<Lacking>,
    /// When each order was accepted, or over.
    pub ended: BTreeMap<OrderId, Timestamp>,
    /// Orders whose timers went off.
    pub expired: BTreeSet<OrderId>,
    /// What the cards say to which attempt, and to the capture, by 0, where a history is made up.
    #[cfg(test)]
    pub scripted: BTreeMap<(OrderId, u32), Said>,
}

impl Plan {
    pub(super) fn new(past: Past, lacking: Option<Lacking>) -> Self {
        let inputs = Inputs::of(&past);
        let (mut ended, mut expired) = (BTreeMap::new(), BTreeSet::new());
        for recorded in &past.events {
            let order_id = OrderId(recorded.entry.aggregate_id);
            match recorded.entry.event_type.as_str() {
                "OrderCancelled" | "OrderCompleted" | "OrderAccepted" => {
                    ended.insert(order_id, recorded.moment);
                }
                "OrderExpired" => {
                    expired.insert(order_id);
                }
                _ => {}
            }
        }
        Self {
            past,
            inputs,
            lacking,
            ended,
            expired,
            #[cfg(test)]
            scripted: BTreeMap::new(),
        }
    }

    /// What the cards were recorded to answer, and the event that it led to.
    pub(super) fn answer_to(&self, call: &Call) -> (Option<usize>, Option<Said>) {
        #[cfg(test)]
        if let Some(said) = self.scripted_answer(call) {
            return (None, Some(said));
        }
        inputs::recorded_answer(&self.past, call)
    }
    #[cfg(test)]
    fn scripted_answer(&self, call: &Call) -> Option<Said> {
        let attempt = match call.asked {
            super::cards::Asked::Confirm { attempt } => attempt,
            super::cards::Asked::Capture => 0,
            super::cards::Asked::Create { .. } | super::cards::Asked::Cancel => return None,
        };
        self.scripted.get(&(call.order_id, attempt)).cloned()
    }
}
