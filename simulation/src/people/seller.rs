//! Lists tickets, and changes prices when it suits nobody.

use axum::http::Method;
use contracts::{TicketId, UserId};
use serde_json::json;

use super::ask::Ask;
use super::{Listed, People};
use crate::machine::Chance;
use crate::shop::Service;
use crate::sometimes::Sometimes;

const LISTING_TRIES: u32 = 40;

impl People {
    pub(super) async fn sells(&self, me: UserId, number: u64, mut chance: Chance) {
        let conditions = &self.shop.world.conditions;
        for ticket in (0..conditions.tickets).filter(|ticket| ticket % conditions.sellers == number) {
            self.lists(me, ticket, &mut chance).await;
        }
        for _ in 0..chance.between(0, 2) {
            self.pause(&mut chance, 8_000_000).await;
            let Some(listed) = self.pick(&mut chance).filter(|listed| listed.seller == me) else { continue };
            let path = format!("/api/tickets/{}", listed.ticket);
            if chance.percent(12) {
                let _ = self.shop.ask(&Ask::new(Service::Tickets, Method::DELETE, path, me)).await;
                continue;
            }
            let price = 5_000 + chance.below(50) * 100;
            let body = json!({ "price": { "amount": price, "currency": "USD" } });
            let answer = self.shop.ask(&Ask::new(Service::Tickets, Method::PATCH, path, me).body(body)).await;
            if answer.is_some_and(|answer| answer.problem() == "ticket-reserved") {
                self.shop.world.met(Sometimes::RepricingRefused);
            }
        }
    }

    async fn lists(&self, me: UserId, ticket: u64, chance: &mut Chance) {
        let key = chance.uuid(0);
        let price = 5_000 + ticket * 1_000;
        let body = json!({
            "title": "The Lanterns", "category": "concert", "venue": "Old Mill", "city": "Leeds",
            "starts_at": "2027-05-01T19:30:00.000Z", "price": { "amount": price, "currency": "USD" },
        });
        let ask = Ask::new(Service::Tickets, Method::POST, "/api/tickets", me).key(key).body(body);
        for _ in 0..LISTING_TRIES {
            let answer = self.shop.ask(&ask).await;
            if let Some(id) = answer.as_ref().and_then(|answer| answer.id("id")) {
                self.list(Listed { ticket: TicketId(id), seller: me, price });
                return;
            }
            self.pause(chance, 1_000_000).await;
        }
    }
}
