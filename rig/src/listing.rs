//! What a seller puts on offer, and points in time from now.

use std::time::Duration;

use contracts::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Listing {
    pub title: String,
    pub starts_at: Timestamp,
    /// In cents.
    pub price: u64,
    /// No two of them are alike.
    pub seat: String,
}

impl Listing {
    /// A concert in a month, at 125 dollars, on a seat of its own.
    pub fn any() -> Self {
        let seat = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let starts_at = in_seconds(30 * 24 * 60 * 60);
        Self { title: "The Paper Lanterns".to_owned(), starts_at, price: 12_500, seat }
    }

    pub fn at_price(self, price: u64) -> Self {
        Self { price, ..self }
    }

    pub fn starting_at(self, starts_at: Timestamp) -> Self {
        Self { starts_at, ..self }
    }

    pub fn body(&self) -> Value {
        json!({
            "title": self.title, "category": "concert", "venue": "Harbour Hall", "city": "Lisbon",
            "starts_at": self.starts_at, "section": "Stalls", "row": "A", "seat": self.seat,
            "price": { "amount": self.price, "currency": "USD" },
        })
    }
}

pub fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

pub fn in_seconds(seconds: u64) -> Timestamp {
    now() + Duration::from_secs(seconds)
}
