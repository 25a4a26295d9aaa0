//! Somebody who sells while things break: lists, changes the price, and now and then thinks better of it.

use std::time::Duration;

use rand::{RngExt as _, rngs::StdRng};
use serde_json::json;

use super::{buyer::insists, crowd::Market};
use crate::{ask::Ask, door::Door, error::Result, invariants::Told, listing::Listing, person::Person};

const PAUSE_MS: std::ops::Range<u64> = 200..2_000;
/// How often the price is changed, and how often the ticket is withdrawn in the end.
const EDITS: f64 = 0.6;
const WITHDRAWS: f64 = 0.3;
/// After so many listings somebody else comes: nobody's access is for ever.
const LISTINGS_EACH: usize = 20;

pub(super) struct Seller {
    pub(super) person: Person,
    pub(super) door: Door,
    pub(super) market: Market,
    pub(super) dice: StdRng,
}

impl Seller {
    pub(super) async fn sells(mut self) {
        let mut listings = 0;
        while !self.market.is_closing() {
            let end = self.listing().await;
            self.market.notes().ended("sells", end.unwrap_or("gave up"));
            listings += 1;
            if listings >= LISTINGS_EACH
                && let Ok(person) = self.market.newcomer(&self.door).await
            {
                (self.person, listings) = (person, 0);
            }
            let pause = self.dice.random_range(PAUSE_MS);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn listing(&mut self) -> Result<&'static str> {
        let listing = Listing::any();
        let ticket = self.market.list(&self.person, &listing).await?;
        let path = format!("/api/tickets/{ticket}");
        if self.dice.random_bool(EDITS) {
            let price = listing.price + 100 * self.dice.random_range(1..50);
            let body = json!({ "price": { "amount": price, "currency": "USD" } });
            let edited = insists(&self.person, Ask::patch(&path, body)).await?;
            if self.market.expects(edited, &[200, 409], "changing a price")?.status == 200 {
                self.market.told(Told::Edited(ticket, price));
            }
        }
        if self.dice.random_bool(WITHDRAWS) {
            let withdrawn = insists(&self.person, Ask::delete(&path)).await?;
            if self.market.expects(withdrawn, &[204, 409], "withdrawing a ticket")?.status == 204 {
                self.market.told(Told::Withdrawn(ticket));
                return Ok("withdrawn again");
            }
            return Ok("somebody was faster");
        }
        Ok("on offer")
    }
}
