//! The short form of `cargo xtask chaos`: whatever is killed while people buy, every order ends and the books agree.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails where it stands, and says what it counted"
)]

use rig::chaos::{Chaos, Outcome, chaos};

/// Long enough to be paid though a killed service's messages come again only after some seconds.
const RESERVATION_SECONDS: u64 = 15;

async fn survives(kind: Chaos) -> Outcome {
    let outcome =
        chaos(&Chaos { buyers: 4, reservation_seconds: RESERVATION_SECONDS, ..kind }).await.unwrap();
    println!("{outcome}");
    assert!(outcome.is_good(), "{outcome}");
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_every_order_ends_and_the_books_agree() {
    let kind = Chaos { kills: 1, ..Chaos::default() };
    let outcome = survives(kind).await;
    assert_eq!(outcome.kills.len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_lost_while_people_buy_is_written_again_and_nothing_is_sold_twice() {
    let victims = ["nats", "tickets", "orders"].map(str::to_owned).into();
    survives(Chaos { kills: 1, victims, lose_stream: true, ..Chaos::default() }).await;
}
