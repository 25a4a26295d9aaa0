//! Over the stream of a running shop: what happens while one looks is seen.

use std::time::Duration;

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use local_servers::{Place, Toolbox, nats};
use messaging::{Bus as _, JetStream, Message};
use runtime::{Runtime, TokioTasks};
use serde_json::json;

use crate::script::{ORDERS, id};
use crate::terminal::Terminal;

fn message(version: u64, event_type: &str, data: serde_json::Value) -> Message {
    let cause = Cause {
        causation_id: id(0xc1),
        correlation_id: id(0xc1),
        actor: Actor::Service("orders".to_owned()),
        traceparent: None,
    };
    let event = RawEvent { event_type: event_type.to_owned(), data };
    let at = Timestamp::from_millis(1_800_000_000_000);
    let recorded = Recorded { id: id(0xe0 + u128::from(version)), version, event, at, cause };
    Message { category: "order".to_owned(), id: ORDERS[0], recorded }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_while_one_looks_is_seen_and_followed() {
    let runtime = Runtime::real(TokioTasks::default());
    let folder = tempfile::tempdir().unwrap();
    let server = nats::server(&Toolbox::open().unwrap(), &Place::under(folder.path(), "nats")).unwrap();
    let mut server = server.start().unwrap();
    let bus = JetStream::connect(server.url(), "tests", runtime.clone()).await.unwrap();
    while bus.prepare().await.is_err() {
        runtime.sleep(Duration::from_millis(20)).await;
    }
    let terminal = Terminal::open_with(folder.path(), &["explore"], (80, 24), &[("NATS_URL", server.url())]);
    tokio::task::block_in_place(|| terminal.sees("nothing has happened yet"));

    let ticket = json!({ "ticket_id": id(0x71) });
    let first = bus.publish(&message(1, "OrderAccepted", ticket.clone()), 0).await.unwrap();
    tokio::task::block_in_place(|| {
        terminal.sees("#1 of #1 · following");
        terminal.is_at("OrderAccepted");
    });
    let second = bus.publish(&message(2, "OrderCompleted", ticket.clone()), first).await.unwrap();
    tokio::task::block_in_place(|| {
        terminal.is_at("OrderCompleted");
        // Who stays is not taken away, but knows that something came.
        terminal.types("k");
        terminal.sees("staying");
    });
    let third = bus.publish(&message(3, "OrderCancelled", json!({})), second).await.unwrap();
    tokio::task::block_in_place(|| {
        terminal.sees("#1 of #3 · staying");
        terminal.types("f");
        terminal.is_at("OrderCancelled");
        // And so it is where an aggregate is looked at.
        terminal.types("\r");
        terminal.sees("v3 of v3");
    });
    bus.publish(&message(4, "OrderGifted", json!({})), third).await.unwrap();
    tokio::task::block_in_place(|| {
        terminal.sees("v3 of v4");
        terminal.types("\x1b[F");
        terminal.sees("this build cannot read the event");
        // What the request led to is known when the stream was read, and then at once.
        terminal.types("S");
        terminal.sees("Story of request");
        terminal.sees("of 4");
        terminal.types("qq");
        terminal.sees("#4 of #4 · following");
    });
    // A connection that is lost comes back.
    tokio::task::block_in_place(|| server.restart().unwrap());
    let last = message(5, "OrderCompleted", ticket);
    while !bus.state().await.is_ok_and(|state| state.last_sequence == 5) {
        // The server may not be there again yet.
        let _ = bus.publish(&last, 4).await;
        runtime.sleep(Duration::from_millis(50)).await;
    }
    tokio::task::block_in_place(|| {
        terminal.sees("#5 of #5 · following");
        terminal.types("q");
    });
    let (status, _) = tokio::task::block_in_place(|| terminal.ends());
    assert!(status.success(), "{status}");
}
