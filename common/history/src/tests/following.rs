//! Whoever follows gets all that comes, from where they left off, and whatever becomes of the connection.

use messaging::Selection;

use super::bench::{Bench, SOON, Say, id};
use super::promises;
use crate::{Ended, Reader};

promises! {
    what_comes_is_told_to_everybody_who_follows,
    who_left_off_is_told_what_was_missed,
    who_was_told_more_by_another_process_is_told_nothing_twice,
    only_what_was_selected_is_told,
    what_came_while_the_connection_was_lost_is_told_too,
    a_stream_that_was_lost_and_told_again_is_read_again,
}

async fn next(bench: &Bench, reader: &mut Reader) -> u64 {
    bench.runtime.timeout(SOON, reader.next()).await.expect("an event comes").unwrap().sequence
}

async fn follow(bench: &Bench, selection: Selection, after: Option<u64>) -> Reader {
    bench.history.follow(selection, after).await.unwrap()
}

async fn says(bench: &Bench, events: std::ops::RangeInclusive<u128>) {
    for event in events {
        bench.says(&Say::new("user", event % 2, "UserUpdated", event)).await;
    }
}

async fn what_comes_is_told_to_everybody_who_follows(bench: &Bench) {
    says(bench, 1..=3).await;
    bench.keeps_up().await;
    let mut first = follow(bench, Selection::everything(), None).await;
    let mut second = follow(bench, Selection::everything(), None).await;
    says(bench, 4..=60).await;
    for sequence in 4..=60 {
        assert_eq!(next(bench, &mut first).await, sequence);
        assert_eq!(next(bench, &mut second).await, sequence);
    }
}

async fn who_left_off_is_told_what_was_missed(bench: &Bench) {
    says(bench, 1..=250).await;
    bench.keeps_up().await;
    says(bench, 251..=260).await;
    bench.knows_all().await;
    let mut reader = follow(bench, Selection::everything(), Some(10)).await;
    let mut lately = follow(bench, Selection::everything(), Some(255)).await;
    // Who is ahead of the stream has seen another one.
    let mut ahead = follow(bench, Selection::everything(), Some(900)).await;
    says(bench, 261..=262).await;
    for sequence in 11..=262 {
        assert_eq!(next(bench, &mut reader).await, sequence);
    }
    for sequence in 256..=262 {
        assert_eq!(next(bench, &mut lately).await, sequence);
    }
    assert_eq!(next(bench, &mut ahead).await, 261);
}

async fn who_was_told_more_by_another_process_is_told_nothing_twice(bench: &Bench) {
    says(bench, 1..=5).await;
    let history = bench.history.clone();
    let reads = async {
        let complete = history.progress_after(history.progress());
        tokio::select! {
            () = history.keep_up() => {}
            _ = complete => {}
        }
    };
    bench.runtime.timeout(SOON, reads).await.expect("it is read");
    says(bench, 6..=9).await;
    assert_eq!(bench.history.progress().sequence, 5);
    let mut reader = follow(bench, Selection::everything(), Some(8)).await;
    bench.keeps_up().await;
    says(bench, 10..=10).await;
    assert_eq!(next(bench, &mut reader).await, 9);
    assert_eq!(next(bench, &mut reader).await, 10);
}

async fn only_what_was_selected_is_told(bench: &Bench) {
    says(bench, 1..=230).await;
    bench.keeps_up().await;
    let mut even = follow(bench, Selection::of_aggregate(id(0)), Some(3)).await;
    says(bench, 231..=300).await;
    for sequence in (4..=300).step_by(2) {
        assert_eq!(next(bench, &mut even).await, sequence);
    }
}

async fn what_came_while_the_connection_was_lost_is_told_too(bench: &Bench) {
    bench.keeps_up().await;
    let mut reader = follow(bench, Selection::everything(), None).await;
    says(bench, 1..=5).await;
    for sequence in 1..=5 {
        assert_eq!(next(bench, &mut reader).await, sequence);
    }
    bench.loses_its_connection();
    bench.prepared().await;
    says(bench, 6..=40).await;
    for sequence in 6..=40 {
        assert_eq!(next(bench, &mut reader).await, sequence);
    }
    bench.knows_all().await;
    let story = bench.history.story(id(1_000_010)).await.unwrap().expect("what the request led to");
    assert_eq!(story.told[0].entry.sequence, 10);
}

async fn a_stream_that_was_lost_and_told_again_is_read_again(bench: &Bench) {
    says(bench, 1..=5).await;
    bench.keeps_up().await;
    let mut reader = follow(bench, Selection::everything(), None).await;
    bench.loses_its_stream().await;
    says(bench, 20..=29).await;
    let ended = bench.runtime.timeout(SOON, reader.next()).await.expect("it ends");
    assert!(matches!(ended, Err(Ended::AnotherStream)), "{ended:?}");
    bench.knows_all().await;
    assert!(bench.history.story(id(1_000_003)).await.unwrap().is_none());
    assert!(bench.history.story(id(1_000_023)).await.unwrap().is_some());
}
