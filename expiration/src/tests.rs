//! What is promised of timers, whichever store they live in, and of those who use them.

mod policies;
mod timers;
mod worker;

use std::time::Duration;

use contracts::{OrderId, Timestamp};
use runtime::{Runtime, TokioTasks};
use uuid::Uuid;

use crate::Timer;

fn runtime() -> Runtime {
    Runtime::real(TokioTasks::default())
}

fn order(number: u128) -> OrderId {
    OrderId(Uuid::from_u128(number))
}

fn timer(number: u128, due_at: Timestamp) -> Timer {
    Timer {
        order_id: order(number),
        due_at,
        causation_id: Uuid::from_u128(number + 1_000),
        correlation_id: Uuid::from_u128(number + 2_000),
        traceparent: None,
    }
}

const SOON: Duration = Duration::from_millis(80);
const LONG: Duration = Duration::from_secs(600);
