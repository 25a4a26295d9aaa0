//! Wants tickets: pays, pays with a card that is no good, cancels while paying, forgets, or asks twice.

use std::sync::atomic::Ordering;

use axum::http::Method;
use contracts::{OrderId, UserId};
use payments::Standing;
use serde_json::json;

use super::ask::Ask;
use super::{Listed, People};
use crate::machine::Chance;
use crate::shop::Service;
use crate::sometimes::Sometimes;

const TRIES: u32 = 12;
const GOOD_CARD: &str = "pm_card_visa";
const BAD_CARDS: [&str; 2] = ["pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"];
const CHECKED_CARD: &str = "pm_card_authenticationRequired";

/// What a buyer does about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mind {
    Pays,
    PaysTwice,
    PaysWithABadCardFirst,
    PaysAtTheBank,
    PaysAtTheLastMoment,
    CancelsWhilePaying,
    Cancels,
    Forgets,
}

const MINDS: [Mind; 14] = [
    Mind::Pays,
    Mind::Pays,
    Mind::Pays,
    Mind::Pays,
    Mind::Pays,
    Mind::PaysTwice,
    Mind::PaysWithABadCardFirst,
    Mind::PaysAtTheBank,
    Mind::PaysAtTheLastMoment,
    Mind::CancelsWhilePaying,
    Mind::CancelsWhilePaying,
    Mind::Cancels,
    Mind::Forgets,
    Mind::Forgets,
];

impl People {
    pub(super) async fn buys(&self, me: UserId, mut chance: Chance) {
        for _ in 0..self.shop.world.conditions.wishes {
            self.pause(&mut chance, 4_000_000).await;
            let Some(listed) = self.listed_soon(&mut chance).await else { return };
            let Some(order) = self.orders(me, listed, &mut chance).await else { continue };
            self.placed.fetch_add(1, Ordering::Relaxed);
            let mind = *chance.pick(&MINDS);
            self.makes_up_their_mind(me, order, mind, &mut chance).await;
        }
    }

    async fn listed_soon(&self, chance: &mut Chance) -> Option<Listed> {
        for _ in 0..20 {
            if let Some(listed) = self.pick(chance) {
                return Some(listed);
            }
            self.pause(chance, 1_000_000).await;
        }
        None
    }

    /// The order, where one was placed.
    async fn orders(&self, me: UserId, listed: Listed, chance: &mut Chance) -> Option<OrderId> {
        let price = json!({ "amount": listed.price, "currency": "USD" });
        let body = match chance.percent(40) {
            true => json!({ "ticket_id": listed.ticket, "price": price }),
            false => json!({ "ticket_id": listed.ticket }),
        };
        let mut ask = Ask::new(Service::Orders, Method::POST, "/api/orders", me);
        ask = ask.key(chance.uuid(0)).body(body);
        if chance.percent(50) {
            ask = ask.wait(chance.between(1, 5));
        }
        let mut first = None;
        for _ in 0..TRIES {
            match self.shop.ask(&ask).await {
                Some(answer) if answer.status == 201 => {
                    let id = answer.id("id")?;
                    if first.is_some() {
                        self.shop.world.met(Sometimes::SameOrderAgain);
                    } else if chance.percent(8) {
                        first = Some(id);
                        continue;
                    }
                    return Some(OrderId(id));
                }
                Some(answer) if !answer.is_passing() => return None,
                Some(_) | None => self.pause(chance, 1_500_000).await,
            }
        }
        None
    }

    async fn makes_up_their_mind(&self, me: UserId, order: OrderId, mind: Mind, chance: &mut Chance) {
        let reservation_us =
            u64::try_from(self.shop.world.conditions.reservation.as_micros()).unwrap_or(u64::MAX);
        match mind {
            Mind::Forgets => {}
            Mind::Cancels => {
                self.pause(chance, reservation_us).await;
                self.cancels(me, order, chance).await;
            }
            Mind::Pays => {
                self.pause(chance, 2_000_000).await;
                self.pays(me, order, GOOD_CARD, chance).await;
            }
            Mind::PaysTwice => {
                let other = &mut chance.clone();
                futures::join!(
                    self.pays(me, order, GOOD_CARD, chance),
                    self.pays(me, order, GOOD_CARD, other)
                );
            }
            Mind::PaysWithABadCardFirst => {
                let card = *chance.pick(&BAD_CARDS);
                self.pays(me, order, card, chance).await;
                self.pause(chance, 2_000_000).await;
                self.pays(me, order, GOOD_CARD, chance).await;
            }
            Mind::PaysAtTheBank => {
                self.pays(me, order, CHECKED_CARD, chance).await;
                self.pause(chance, reservation_us).await;
                self.shows_the_bank(order, chance.percent(80));
            }
            Mind::PaysAtTheLastMoment => {
                let early_us = chance.spread(100, reservation_us);
                self.shop.world.inside.sleep_us(reservation_us.saturating_sub(early_us)).await;
                self.pays(me, order, GOOD_CARD, chance).await;
            }
            Mind::CancelsWhilePaying => {
                let other = &mut chance.clone();
                futures::join!(self.pays(me, order, GOOD_CARD, chance), async {
                    self.pause(other, 300_000).await;
                    self.cancels(me, order, other).await;
                });
            }
        }
    }

    async fn pays(&self, me: UserId, order: OrderId, card: &str, chance: &mut Chance) {
        let mut ask = Ask::new(Service::Payments, Method::POST, "/api/payments", me);
        ask = ask.body(json!({ "order_id": order, "payment_method": card }));
        if chance.percent(60) {
            ask = ask.key(chance.uuid(0));
        }
        for _ in 0..TRIES {
            match self.shop.ask(&ask).await {
                // Payments may not have heard of the order yet.
                Some(answer) if answer.status == 404 && chance.percent(70) => {}
                Some(answer) if !answer.is_passing() => return,
                Some(_) | None => {}
            }
            self.pause(chance, 1_500_000).await;
        }
    }

    async fn cancels(&self, me: UserId, order: OrderId, chance: &mut Chance) {
        let ask = Ask::new(Service::Orders, Method::DELETE, format!("/api/orders/{order}"), me);
        for _ in 0..TRIES {
            if self.shop.ask(&ask).await.is_some_and(|answer| !answer.is_passing()) {
                return;
            }
            self.pause(chance, 1_500_000).await;
        }
    }

    /// The bank tells the card processor, not us.
    fn shows_the_bank(&self, order: OrderId, passes: bool) {
        let ledger = self.shop.cards.ledger();
        let intent =
            ledger.iter().find(|(of, intent)| *of == order && intent.standing == Standing::ActionRequired);
        if let Some((_, intent)) = intent {
            self.shop.cards.authenticate(&intent.id, passes);
        }
    }
}
