//! Orders as their service commits them: decided by it, and in documents of its form.

use contracts::tickets::{Category, TicketDetails};
use contracts::{Currency, Money, TicketId, Timestamp, UserId};
use eventsourcing::{Actor, Cause, Decider as _, Recorded, json_to_bson};
use mongodb::bson::{Bson, Document, doc};
use orders::order::{Order, OrderCommand, OrderPrivate, Placement};
use serde::Serialize;
use uuid::Uuid;

const BEGAN: i64 = 1_700_000_000_000;
const PRICE: Money = Money::new(12_500, Currency::Usd);

pub(crate) fn ticket(number: u128) -> TicketId {
    TicketId(Uuid::from_u128(0x71_0000_0000 + number))
}

pub(crate) fn buyer(number: u128) -> UserId {
    UserId(Uuid::from_u128(0xb0_0000_0000 + number))
}

/// In no order of their numbers, as the ids of real ones.
pub(crate) fn order(number: u128) -> Uuid {
    Uuid::new_v5(&Uuid::from_u128(0x0d), &number.to_be_bytes())
}

pub(crate) fn place(number: u128) -> OrderCommand {
    OrderCommand::Place(Placement {
        ticket_id: ticket(number),
        buyer_id: buyer(number),
        price: Some(PRICE),
        expires_at: Timestamp::from_millis(BEGAN + 900_000),
    })
}

pub(crate) fn reserve() -> OrderCommand {
    OrderCommand::ConfirmReservation {
        seller_id: UserId(Uuid::from_u128(0x5e)),
        ticket: TicketDetails {
            title: "Hamlet".to_owned(),
            category: Category::Theatre,
            venue: "Globe".to_owned(),
            city: "London".to_owned(),
            starts_at: Timestamp::from_millis(BEGAN + 9_000_000),
            section: None,
            row: Some("C".to_owned()),
            seat: Some("7".to_owned()),
            price: PRICE,
        },
        now: Timestamp::from_millis(BEGAN + 1),
    }
}

pub(crate) fn pay() -> OrderCommand {
    OrderCommand::AcceptPayment { now: Timestamp::from_millis(BEGAN + 2) }
}

pub(crate) fn cancel(number: u128) -> OrderCommand {
    OrderCommand::Cancel { by: buyer(number) }
}

pub(crate) fn cause(number: u128) -> Cause {
    Cause {
        causation_id: Uuid::from_u128(0xca_0000_0000 + number),
        correlation_id: Uuid::from_u128(0xc0_0000_0000 + number),
        actor: Actor::User(buyer(number)),
        traceparent: None,
    }
}

/// Of one that has gone through these; published unless it is said otherwise.
pub(crate) fn document(number: u128, commands: &[OrderCommand]) -> Document {
    let (mut state, mut events) = (Order::default(), Vec::new());
    for command in commands {
        for event in state.decide(command).unwrap() {
            state = state.evolve(&event);
            let version = events.len() as u64 + 1;
            let id = Uuid::new_v5(&order(number), &version.to_be_bytes());
            let at = Timestamp::from_millis(BEGAN + i64::try_from(version).unwrap());
            events.push(Recorded {
                id,
                version,
                event,
                at,
                cause: cause(number * 100 + u128::from(version)),
            });
        }
    }
    let at = |event: &Recorded<_>| event.at.to_string();
    doc! {
        "_id": order(number).to_string(),
        "created_at": events.first().map(at),
        "events": bson(&events),
        "version": events.len() as i64,
        "state": bson(&state),
        "updated_at": events.last().map(at),
        "private": bson(&OrderPrivate::default()),
    }
}

fn bson(value: &impl Serialize) -> Bson {
    json_to_bson(&serde_json::to_value(value).unwrap()).unwrap()
}

/// So many, each as far as its number says.
pub(crate) fn documents(numbers: std::ops::Range<u128>) -> Vec<Document> {
    numbers
        .map(|number| {
            let whole = [place(number), reserve(), pay(), OrderCommand::Complete];
            match number % 5 {
                steps @ 0..=3 => document(number, &whole[..=steps as usize]),
                _ => document(number, &[place(number), reserve(), cancel(number)]),
            }
        })
        .collect()
}
