//! The machine's time, in microseconds since it was switched on, and what sleeps until when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Inside;

/// What sleeps. An entry of the heap whose place was given up means nothing any more.
#[derive(Default)]
pub(super) struct Sleepers {
    heap: BinaryHeap<Reverse<(u64, u64, usize)>>,
    places: Vec<Place>,
    free: Vec<usize>,
    slept: u64,
}

struct Place {
    number: u64,
    waker: Option<Waker>,
}

impl Sleepers {
    fn add(&mut self, due_us: u64, waker: Waker) -> (u64, usize) {
        self.slept += 1;
        let number = self.slept;
        let place = Place { number, waker: Some(waker) };
        let at = match self.free.pop() {
            Some(at) => {
                self.places[at] = place;
                at
            }
            None => {
                self.places.push(place);
                self.places.len() - 1
            }
        };
        self.heap.push(Reverse((due_us, number, at)));
        (number, at)
    }

    /// Who is to be woken may have changed.
    fn wakes(&mut self, number: u64, at: usize, waker: &Waker) {
        if let Some(place) = self.places.get_mut(at).filter(|place| place.number == number)
            && place.waker.as_ref().is_none_or(|known| !known.will_wake(waker))
        {
            place.waker = Some(waker.clone());
        }
    }

    fn give_up(&mut self, number: u64, at: usize) {
        if let Some(place) = self.places.get_mut(at).filter(|place| place.number == number) {
            place.number = 0;
            place.waker = None;
            self.free.push(at);
        }
    }

    /// When the next one wakes.
    pub(super) fn next_due(&mut self) -> Option<u64> {
        loop {
            let Reverse((due_us, number, at)) = *self.heap.peek()?;
            if self.places.get(at).is_some_and(|place| place.number == number) {
                return Some(due_us);
            }
            self.heap.pop();
        }
    }

    /// One that is due by now.
    pub(super) fn wake(&mut self, now_us: u64) -> Option<Waker> {
        if self.next_due()? > now_us {
            return None;
        }
        let Reverse((_, number, at)) = self.heap.pop()?;
        let waker = self.places[at].waker.take();
        self.give_up(number, at);
        waker
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Sleeps until its time. Of no length it only lets the others have a turn.
pub(super) struct Sleep {
    inside: Arc<Inside>,
    due_us: u64,
    asleep: Option<(u64, usize)>,
    has_yielded: bool,
}

impl Sleep {
    pub(super) fn new(inside: Arc<Inside>, length_us: u64) -> Self {
        let due_us = inside.now_us().saturating_add(length_us);
        Self { inside, due_us, asleep: None, has_yielded: length_us > 0 }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.has_yielded {
            self.has_yielded = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.inside.now_us() >= self.due_us {
            return Poll::Ready(());
        }
        let Self { inside, due_us, asleep, .. } = &mut *self;
        let sleepers = &mut inside.inbox().sleepers;
        match *asleep {
            Some((number, at)) => sleepers.wakes(number, at, context.waker()),
            None => *asleep = Some(sleepers.add(*due_us, context.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some((number, at)) = self.asleep.take() {
            self.inside.inbox().sleepers.give_up(number, at);
        }
    }
}
