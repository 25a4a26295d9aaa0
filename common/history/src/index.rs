//! Where the events of each request stand, in memory: 24 bytes an event, and as much again for a moment when runs of
//! it are put together.
//!
//! It is a row of sorted runs, each at least twice as long as the next, so that millions of events are taken in
//! without any of them being moved more than some twenty times.

use uuid::Uuid;

/// What came last is searched one by one until there is so much of it.
const SHORTEST_RUN: usize = 4_096;

/// By the id of the request, as bytes: a number of that length would be aligned, and cost a third more.
type Place = ([u8; 16], u64);

pub(crate) struct Index {
    runs: Vec<Vec<Place>>,
    latest: Vec<Place>,
    /// So many are kept, and up to an eighth more.
    most: usize,
}

impl Index {
    pub(crate) fn new(most: usize) -> Self {
        Self { runs: Vec::new(), latest: Vec::new(), most: most.max(1) }
    }

    pub(crate) fn len(&self) -> usize {
        self.runs.iter().map(Vec::len).sum::<usize>() + self.latest.len()
    }

    /// Each sequence is noted once, one after the other.
    pub(crate) fn note(&mut self, correlation_id: Uuid, sequence: u64) {
        self.latest.push((correlation_id.into_bytes(), sequence));
        if self.latest.len() >= SHORTEST_RUN {
            self.settle();
        }
    }

    /// In the stream's order.
    pub(crate) fn find(&self, correlation_id: Uuid) -> Vec<u64> {
        let id = correlation_id.into_bytes();
        let mut found = Vec::new();
        for run in &self.runs {
            let begin = run.partition_point(|(other, _)| *other < id);
            found.extend(run[begin..].iter().take_while(|(other, _)| *other == id).map(|(_, at)| *at));
        }
        found.extend(self.latest.iter().filter(|(other, _)| *other == id).map(|(_, at)| *at));
        found.sort_unstable();
        found
    }

    fn settle(&mut self) {
        let mut run = std::mem::take(&mut self.latest);
        run.sort_unstable();
        while let Some(longer) = self.runs.pop_if(|longer| longer.len() < 2 * run.len()) {
            let mut both = longer;
            both.reserve_exact(run.len());
            both.append(&mut run);
            // Two runs that are sorted already are only merged by this sort.
            both.sort();
            run = both;
        }
        self.runs.push(run);
        if self.len() > self.most + self.most / 8 {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let mut sequences: Vec<u64> = self.runs.iter().flatten().map(|(_, at)| *at).collect();
        let excess = sequences.len().saturating_sub(self.most);
        if excess == 0 {
            return;
        }
        let (_, kept_from, _) = sequences.select_nth_unstable(excess);
        for run in &mut self.runs {
            run.retain(|(_, at)| *at >= *kept_from);
            run.shrink_to_fit();
        }
        self.runs.retain(|run| !run.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::{Index, SHORTEST_RUN};
    use uuid::Uuid;

    fn request(number: u64) -> Uuid {
        Uuid::from_u128(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
    }

    #[test]
    fn all_that_a_request_led_to_is_found_in_order_however_much_came_since() {
        let mut index = Index::new(1_000_000);
        for sequence in 1..=100_000 {
            index.note(request(sequence % 3_000), sequence);
        }
        assert_eq!(index.len(), 100_000);
        for asked in [0, 1, 7, 2_999] {
            let expected: Vec<u64> = (1..=100_000).filter(|sequence| sequence % 3_000 == asked).collect();
            assert_eq!(index.find(request(asked)), expected);
        }
        assert!(index.find(request(3_000)).is_empty());
    }

    #[test]
    fn it_stays_a_row_of_few_runs_each_much_longer_than_the_next() {
        let mut index = Index::new(10_000_000);
        for sequence in 0..300_000 {
            index.note(request(sequence), sequence);
        }
        let lengths: Vec<usize> = index.runs.iter().map(Vec::len).collect();
        assert!(lengths.windows(2).all(|pair| pair[0] >= 2 * pair[1]), "{lengths:?}");
        assert!(index.runs.iter().all(|run| run.is_sorted()));
        assert_eq!(size_of::<super::Place>(), 24);
    }

    #[test]
    fn no_more_than_so_many_of_the_newest_are_kept() {
        let most = 3 * SHORTEST_RUN;
        let mut index = Index::new(most);
        let last = 20 * SHORTEST_RUN as u64;
        for sequence in 1..=last {
            index.note(request(sequence), sequence);
            assert!(index.len() <= most + most / 8 + SHORTEST_RUN, "{}", index.len());
        }
        assert!(index.find(request(1)).is_empty());
        for sequence in last - most as u64 + 1..=last {
            assert_eq!(index.find(request(sequence)), [sequence]);
        }
    }
}
