//! What the stream tells of each aggregate: how far it goes, and a digest of it. There is room for so many aggregates
//! and no more: of a bigger shop those beyond are left for another pass, so that memory does not grow with it.

use std::collections::HashMap;

use uuid::Uuid;

use super::digest::Digest;

/// In some twenty megabytes.
pub(super) const ROOM: usize = 400_000;

/// An aggregate. Its category is a number: eight bytes less than a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub id: Uuid,
    pub category: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub version: u64,
    pub digest: Digest,
}

/// Which ids: those behind the first, up to the second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range {
    pub after: Option<Uuid>,
    pub until: Option<Uuid>,
}

#[derive(Debug)]
pub(super) struct Told {
    places: HashMap<Key, Place>,
    pub range: Range,
    room: usize,
}

impl Range {
    pub(super) fn has(self, id: Uuid) -> bool {
        self.after.is_none_or(|after| id > after) && self.until.is_none_or(|until| id <= until)
    }
}

impl Told {
    pub(super) fn new(room: usize) -> Self {
        Self { places: HashMap::with_capacity(room), range: Range::default(), room }
    }

    /// The rest, where there was no room for all.
    pub(super) fn begin_next(&mut self) -> bool {
        let Some(until) = self.range.until else { return false };
        self.range = Range { after: Some(until), until: None };
        self.places.clear();
        true
    }

    /// False for an event that does not follow the one before it.
    pub(super) fn note(&mut self, key: Key, version: u64, event: u64) -> bool {
        if !self.range.has(key.id) {
            return true;
        }
        if self.places.len() >= self.room && !self.places.contains_key(&key) {
            self.leave_half();
            if !self.range.has(key.id) {
                return true;
            }
        }
        let place = self.places.entry(key).or_default();
        place.digest = place.digest.and(event);
        let follows = version == place.version + 1;
        place.version = place.version.max(version);
        follows
    }

    pub(super) fn take(&mut self, key: Key) -> Option<Place> {
        self.places.remove(&key)
    }

    /// Those that nobody took, in their order.
    pub(super) fn left(&self) -> Vec<Key> {
        let mut left: Vec<Key> = self.places.keys().copied().collect();
        left.sort_unstable();
        left
    }

    fn leave_half(&mut self) {
        let mut ids: Vec<Uuid> = self.places.keys().map(|key| key.id).collect();
        let middle = ids.len() / 2;
        let (_, until, _) = ids.select_nth_unstable(middle);
        self.range.until = Some(*until);
        let range = self.range;
        self.places.retain(|key, _| range.has(key.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every aggregate has three events; some pass sees each of them whole.
    #[test]
    fn however_little_room_there_is_each_aggregate_is_seen_whole_in_one_pass() {
        let mut told = Told::new(10);
        let key = |number: u128| Key { id: Uuid::from_u128(number * 7_919 % 101), category: 0 };
        let mut seen = Vec::new();
        let mut passes = 0;
        loop {
            passes += 1;
            for version in 1..=3 {
                for number in 0..101 {
                    assert!(told.note(key(number), version, 1));
                }
            }
            assert!(told.places.len() <= 10);
            for left in told.left() {
                assert_eq!(told.take(left).unwrap().version, 3);
                seen.push(left.id);
            }
            if !told.begin_next() {
                break;
            }
        }
        assert!(passes > 10);
        let all: Vec<Uuid> = (0..101).map(Uuid::from_u128).collect();
        assert_eq!(seen, all);
    }

    #[test]
    fn a_hole_a_repetition_and_a_swap_are_noticed() {
        let key = Key { id: Uuid::nil(), category: 0 };
        for versions in [&[1, 3][..], &[1, 2, 2], &[1, 1], &[2, 1], &[2]] {
            let mut told = Told::new(10);
            assert!(!versions.iter().all(|version| told.note(key, *version, *version)), "{versions:?}");
        }
    }
}
