//! The rules of tickets.

mod admitting;
mod listing;
mod reachable;
mod reserving;
mod withdrawing;

use contracts::tickets::{
    Category, TicketAdmitted, TicketCreated, TicketDetails, TicketEvent, TicketReleased, TicketReserved,
    TicketSold, TicketWithdrawalRequested, TicketWithdrawn,
};
use contracts::{Currency, Money, OrderId, Timestamp, UserId};
use uuid::Uuid;

use super::{Doorkeeper, TicketCommand, Wish};

const SELLER: UserId = UserId(Uuid::from_u128(1));
const BUYER: UserId = UserId(Uuid::from_u128(2));
const STRANGER: UserId = UserId(Uuid::from_u128(3));
const ORDER: OrderId = OrderId(Uuid::from_u128(4));
const OTHER_ORDER: OrderId = OrderId(Uuid::from_u128(5));
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const EXPIRES_AT: Timestamp = Timestamp::from_millis(1_800_000_900_000);
const STARTS_AT: Timestamp = Timestamp::from_millis(1_810_000_000_000);
const PRICE: Money = Money::new(12_500, Currency::Usd);

fn details() -> TicketDetails {
    TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: STARTS_AT,
        section: Some("Stalls".to_owned()),
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price: PRICE,
    }
}

fn created() -> TicketEvent {
    TicketCreated { seller_id: SELLER, details: details() }.into()
}

fn reserved() -> TicketEvent {
    TicketReserved {
        order_id: ORDER,
        buyer_id: BUYER,
        seller_id: SELLER,
        expires_at: EXPIRES_AT,
        details: details(),
    }
    .into()
}

fn released() -> TicketEvent {
    TicketReleased { order_id: ORDER }.into()
}

fn sold() -> TicketEvent {
    TicketSold { order_id: ORDER, buyer_id: BUYER, seller_id: SELLER, price: PRICE }.into()
}

fn admitted() -> TicketEvent {
    TicketAdmitted { order_id: ORDER, admitted_at: NOW }.into()
}

fn withdrawal_requested() -> TicketEvent {
    TicketWithdrawalRequested { order_id: ORDER }.into()
}

fn withdrawn() -> TicketEvent {
    TicketWithdrawn {}.into()
}

fn create() -> TicketCommand {
    TicketCommand::Create { seller: SELLER, details: details(), now: NOW }
}

fn reserve_for(order_id: OrderId, buyer_id: UserId) -> TicketCommand {
    TicketCommand::Reserve(Wish { order_id, buyer_id, price: Some(PRICE), expires_at: EXPIRES_AT, now: NOW })
}

fn reserve() -> TicketCommand {
    reserve_for(ORDER, BUYER)
}

fn release(order_id: OrderId) -> TicketCommand {
    TicketCommand::Release { order_id }
}

fn sell(order_id: OrderId) -> TicketCommand {
    TicketCommand::Sell { order_id }
}

fn admit(by: Doorkeeper, order_id: OrderId) -> TicketCommand {
    TicketCommand::Admit { by, order_id, now: NOW }
}
