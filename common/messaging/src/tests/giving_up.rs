//! What cannot be handled as it is becomes a dead letter after five tries, and is tried again by itself.

use std::iter::repeat_n;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use contracts::Timestamp;
use eventsourcing::StoreError;

use super::listening::{Reaction, World};
use crate::conformance::message;
use crate::{Bus as _, DeadLetter, DeadLetters, Fault, MemoryDeadLetters, Wire};

const LONG_AFTER: Timestamp = Timestamp::from_millis(4_000_000_000_000);

fn broken() -> Reaction {
    Reaction::Fault(Fault::Poison("broken".to_owned()))
}

async fn only_letter(world: &World) -> DeadLetter {
    let letters = world.letters.due(LONG_AFTER).await.unwrap();
    assert_eq!(letters.len(), 1);
    letters[0].clone()
}

#[tokio::test]
async fn what_cannot_be_handled_five_times_becomes_a_dead_letter() {
    let world = World::new();
    world.script((1, 1), repeat_n(broken(), 5));
    world.say(1, 1).await;
    world.start();
    world.pass(5_000).await;
    assert_eq!((world.begun().len(), world.letters().await), (5, 1));
    let letter = only_letter(&world).await;
    assert_eq!((letter.error.as_str(), letter.retries), ("broken", 0));
    assert_eq!(letter.id, message(1, 1).recorded.id.to_string());
    assert_eq!(letter.wire(), message(1, 1).to_wire());

    // The bus does not bring it again; after its minute it is tried again, and works.
    world.pass(50_000).await;
    assert_eq!(world.begun().len(), 5);
    world.pass(15_000).await;
    assert_eq!((world.done(), world.letters().await), (vec![(1, 1)], 0));
    world.pass(600_000).await;
    assert_eq!(world.begun().len(), 6);
}

#[tokio::test]
async fn what_works_before_the_fifth_time_is_no_dead_letter() {
    let world = World::new();
    world.script((1, 1), repeat_n(broken(), 4));
    world.say(1, 1).await;
    world.say(2, 1).await;
    world.start();
    world.pass(100).await;
    assert_eq!(world.done(), [(2, 1)], "others are not held up");
    world.pass(5_000).await;
    assert_eq!((world.done(), world.letters().await), (vec![(2, 1), (1, 1)], 0));
}

#[tokio::test]
async fn a_panic_becomes_a_dead_letter_and_harms_nobody_else() {
    let world = World::new();
    world.script((1, 1), repeat_n(Reaction::Panic, 6));
    world.say(1, 1).await;
    world.say(1, 2).await;
    world.start();
    world.pass(5_000).await;
    assert_eq!((world.done(), world.letters().await), (vec![(1, 2)], 1));
    assert!(only_letter(&world).await.error.contains("panicked"));
    // Also while it is tried again.
    world.pass(65_000).await;
    assert_eq!(only_letter(&world).await.retries, 1);
    world.pass(605_000).await;
    assert_eq!((world.done(), world.letters().await), (vec![(1, 2), (1, 1)], 0));
}

#[tokio::test]
async fn what_cannot_be_read_becomes_a_dead_letter_and_is_tried_for_ever() {
    let world = World::new();
    let undecodable = Wire { body: br#"{"roles":7}"#.to_vec(), ..message(2, 1).to_wire() };
    let strange = Wire { headers: Default::default(), ..message(1, 1).to_wire() };
    let sequence = world.bus.append_raw(strange.clone());
    world.bus.append_raw(undecodable);
    world.start();
    world.say(3, 1).await;
    world.pass(10_000).await;
    assert_eq!((world.done(), world.letters().await), (vec![(3, 1)], 2));
    let letters = world.letters.due(LONG_AFTER).await.unwrap();
    let letter = letters.iter().find(|letter| letter.id == sequence.to_string()).unwrap();
    assert_eq!(letter.wire(), strange);
    assert!(letter.error.contains("ce-type is missing"), "{}", letter.error);

    // A minute, ten minutes, then each hour.
    for (minutes, retries) in [(1, 1), (10, 2), (60, 3), (60, 4)] {
        world.pass(minutes * 60_000 + 10_000).await;
        let letters = world.letters.due(LONG_AFTER).await.unwrap();
        assert!(letters.iter().all(|letter| letter.retries == retries), "{letters:?}");
    }
    assert_eq!(world.letters().await, 2);
}

#[tokio::test]
async fn a_dead_letter_whose_server_is_away_stays() {
    let world = World::new();
    let away = Reaction::Fault(Fault::Unavailable("the store is away".to_owned()));
    world.script((1, 1), repeat_n(broken(), 5).chain([away]));
    world.say(1, 1).await;
    world.start();
    world.pass(70_000).await;
    assert_eq!(only_letter(&world).await.error, "the store is away");
    world.pass(610_000).await;
    assert_eq!((world.done(), world.letters().await), (vec![(1, 1)], 0));
}

/// Refuses to keep anything for a while.
struct FullLetters {
    refusals: AtomicU32,
    letters: Arc<MemoryDeadLetters>,
}

#[async_trait]
impl DeadLetters for FullLetters {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let left = self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(StoreError::Unavailable("full".to_owned())),
            Err(_) => self.letters.keep(letter).await,
        }
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        self.letters.due(now).await
    }

    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError> {
        self.letters.replace(before, after).await
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.letters.remove(id).await
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.letters.count().await
    }
}

#[tokio::test]
async fn a_message_is_not_let_go_of_before_its_letter_is_kept() {
    let world = World::new();
    world.script((1, 1), repeat_n(broken(), 30));
    world.say(1, 1).await;
    let letters = FullLetters { refusals: AtomicU32::new(10), letters: world.letters.clone() };
    world.start_with(Arc::new(letters));
    world.pass(8_000).await;
    assert_eq!(world.letters().await, 0);
    world.pass(12_000).await;
    assert_eq!(world.letters().await, 1);
    let tries = world.begun().len();
    assert_eq!(tries, 15);
    world.pass(20_000).await;
    assert_eq!(world.begun().len(), tries);
    assert_eq!(world.bus.delivered("scripted").await.unwrap(), Some(1));
}

/// Somebody mends each letter while the service tries it as it was.
struct MendedMeanwhile(Arc<MemoryDeadLetters>);

fn mended(letter: &DeadLetter) -> DeadLetter {
    letter.clone().edited(br#"{"roles":[]}"#, "ana", letter.first_at)
}

#[async_trait]
impl DeadLetters for MendedMeanwhile {
    async fn keep(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        self.0.keep(letter).await
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<DeadLetter>, StoreError> {
        let due = self.0.due(now).await?;
        for letter in due.iter().filter(|letter| letter.edits.is_empty()) {
            assert!(self.0.replace(letter, &mended(letter)).await?);
        }
        Ok(due)
    }

    async fn replace(&self, before: &DeadLetter, after: &DeadLetter) -> Result<bool, StoreError> {
        self.0.replace(before, after).await
    }

    async fn remove(&self, id: &str) -> Result<(), StoreError> {
        self.0.remove(id).await
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.0.count().await
    }
}

#[tokio::test]
async fn who_mends_a_letter_while_it_is_tried_has_the_last_word() {
    let world = World::new();
    // Given up as it was, tried once more as it was, and once mended.
    world.script((1, 1), repeat_n(broken(), 7));
    world.say(1, 1).await;
    world.start_with(Arc::new(MendedMeanwhile(world.letters.clone())));
    world.pass(67_000).await;
    assert_eq!(world.begun().len(), 6);
    let letter = only_letter(&world).await;
    assert_eq!((letter.retries, letter.wire().body), (0, br#"{"roles":[]}"#.to_vec()));
    assert_eq!(letter.edits[0].by, "ana");
    // As it is due, it is tried as it is now.
    world.pass(5_000).await;
    let letter = only_letter(&world).await;
    assert_eq!((world.begun().len(), letter.retries, letter.edits.len()), (7, 1, 1));
}
