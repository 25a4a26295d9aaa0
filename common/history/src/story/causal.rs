//! Puts events in an order in which each stands behind its cause, and behind what its aggregate said before; what
//! neither decides, the time they were said at does, and then the stream.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use contracts::Timestamp;
use uuid::Uuid;

use super::Told;
use crate::entry::Entry;

type Turn = Reverse<(Timestamp, u64, usize)>;

pub(super) fn ordered(mut entries: Vec<Entry>) -> Vec<Told> {
    entries.sort_by_key(|entry| entry.sequence);
    let by_event: BTreeMap<Uuid, usize> =
        entries.iter().enumerate().map(|(number, entry)| (entry.event_id, number)).collect();
    let cause = |entry: &Entry| by_event.get(&entry.causation_id).copied();
    let mut followers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waits_for = vec![0_usize; entries.len()];
    let mut last_of_aggregate: BTreeMap<(&str, Uuid), usize> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let before = last_of_aggregate.insert((&entry.category, entry.aggregate_id), number);
        for earlier in before.into_iter().chain(cause(entry)) {
            followers.entry(earlier).or_default().push(number);
            waits_for[number] += 1;
        }
    }
    let turn = |number: usize| Reverse((entries[number].at, entries[number].sequence, number));
    let mut due: BinaryHeap<Turn> =
        (0..entries.len()).filter(|number| waits_for[*number] == 0).map(turn).collect();
    let mut order = Vec::with_capacity(entries.len());
    let mut place = vec![None; entries.len()];
    while order.len() < entries.len() {
        // Causes that go round in a circle are nobody's: the one that stands first is told first.
        let first_left = || (0..entries.len()).find(|number| place[*number].is_none());
        let Some(number) = due.pop().map(|Reverse((_, _, number))| number).or_else(first_left) else { break };
        if place[number].is_some() {
            continue;
        }
        place[number] = Some(order.len());
        order.push(number);
        for follower in followers.remove(&number).unwrap_or_default() {
            waits_for[follower] -= 1;
            if waits_for[follower] == 0 {
                due.push(turn(follower));
            }
        }
    }
    let causes: Vec<Option<usize>> =
        entries.iter().map(|entry| cause(entry).and_then(|number| place[number])).collect();
    let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
    let told = |number: &usize| Some(Told { entry: entries[*number].take()?, cause: causes[*number] });
    order.iter().filter_map(told).collect()
}
