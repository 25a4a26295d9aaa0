//! A shop in which something of everything has happened.

use std::time::Duration;

use browser::Cookie;
use contracts::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stops::{At, Order, Stop, Ticket, Who};
use crate::{
    ask::Ask,
    error::Result,
    listing::in_seconds,
    person::Person,
    shop::{Options, Shop},
};

/// Long enough for whoever looks, short enough to be waited for.
const RESERVATION: Duration = Duration::from_secs(40);
const SOON: Duration = Duration::from_secs(30);
const A_DAY: u64 = 24 * 60 * 60;

/// Opened for a tour.
pub struct Stage {
    shop: Shop,
    seller: Person,
    buyer: Person,
    newcomer: Person,
    admin: Person,
    available: Uuid,
    reserved: Uuid,
    sold: Uuid,
    withdrawn: Uuid,
    long: Uuid,
    complete: Uuid,
    cancelled: Uuid,
    expired: Uuid,
    price_changed: Uuid,
    code: String,
}

/// What is on offer: invented acts in invented houses.
struct Show {
    title: &'static str,
    category: &'static str,
    venue: &'static str,
    city: &'static str,
    days_ahead: u64,
    price: u64,
    currency: &'static str,
}

const fn show(
    title: &'static str,
    category: &'static str,
    venue: &'static str,
    city: &'static str,
    days_ahead: u64,
    price: u64,
    currency: &'static str,
) -> Show {
    Show { title, category, venue, city, days_ahead, price, currency }
}

const SHOWS: [Show; 12] = [
    show("The Paper Lanterns", "concert", "Harbour Hall", "Lisbon", 12, 4_500, "EUR"),
    show("Velvet Static", "concert", "The Old Cannery", "Chicago", 19, 6_200, "USD"),
    show("Midnight Cartographers", "concert", "Harbour Hall", "Lisbon", 26, 5_400, "EUR"),
    show("Tramway United – Old Port FC", "sports", "Tramway Ground", "Porto", 23, 3_500, "EUR"),
    show("Seven Umbrellas", "theatre", "Little Atlas Theatre", "New York", 18, 9_500, "USD"),
    show("Winter Keeps Its Coat", "theatre", "Spiegelhaus", "Vienna", 88, 5_200, "EUR"),
    show("Indoor Regatta Finals", "sports", "Canal Dome", "Amsterdam", 44, 2_900, "EUR"),
    show("Planetarium at Midnight", "other", "Observatory Hill", "Edinburgh", 14, 1_800, "GBP"),
    show("Saltwater Choir", "concert", "Cathedral Yard", "Seville", 96, 3_200, "EUR"),
    show("A House Without Doors", "theatre", "Playhouse on the Quay", "Dublin", 32, 3_800, "EUR"),
    show("City Velodrome Night", "sports", "Copper Oval", "Ghent", 58, 2_700, "EUR"),
    show("Tiny Robots World Final", "other", "Exhibition Hall 4", "San Jose", 54, 3_600, "USD"),
];

/// Seats of each show: section, row, seat, and the price in hundredths of the lowest.
const SEATS: [(&str, &str, &str, u64); 3] =
    [("Balcony", "C", "14", 100), ("Stalls", "A", "7", 160), ("Stalls", "F", "21", 140)];

impl Stage {
    pub async fn set() -> Result<Self> {
        let options =
            Options::default().variable("RESERVATION_SECONDS", RESERVATION.as_secs()).max_open_orders(1_000);
        let shop = Shop::open(options).await?;
        let (seller, buyer) = (shop.person().await?, shop.person().await?);
        let (newcomer, admin) = (shop.person().await?, shop.admin().await?);
        for (person, name) in [(&seller, "Front Row"), (&buyer, "Night Owl"), (&newcomer, "Early Bird")] {
            person
                .asks(Ask::patch("/api/users/me", json!({ "name": name })))
                .await?
                .expect(200, "renaming")?;
        }

        let long = lists(&seller, long()).await?;
        let mut tickets = Vec::new();
        for show in &SHOWS {
            for seat in &SEATS {
                tickets.push(lists(&seller, body(show, seat)).await?);
            }
        }
        let [available, reserved, sold, withdrawn, to_expire, to_cancel, repriced] =
            [0, 3, 6, 9, 12, 15, 18].map(|number| tickets[number]);
        let expired = buyer.gets(to_expire).await?;
        let complete = buyer.gets(sold).await?;
        buyer.payment_becomes(complete, "payable", SOON).await?;
        buyer.pays(complete, "pm_card_visa").await?.expect(201, "paying")?;
        buyer.order_becomes(complete, "complete", SOON).await?;
        let code =
            buyer.ticket_becomes(sold, "sold", SOON).await?["code"].as_str().unwrap_or_default().to_owned();
        let cancelled = buyer.gets(to_cancel).await?;
        buyer.cancels(cancelled).await?.expect(204, "cancelling")?;
        seller.asks(Ask::delete(format!("/api/tickets/{withdrawn}"))).await?.expect(204, "withdrawing")?;
        let seen = json!({ "ticket_id": repriced, "price": { "amount": 1, "currency": "EUR" } });
        let price_changed =
            buyer.asks(Ask::post("/api/orders", seen).waiting(10)).await?.expect(201, "ordering")?.id();
        buyer.order_becomes(expired, "cancelled", RESERVATION + SOON).await?;
        Ok(Self {
            shop,
            seller,
            buyer,
            newcomer,
            admin,
            available,
            reserved,
            sold,
            withdrawn,
            long,
            complete,
            cancelled,
            expired,
            price_changed,
            code,
        })
    }

    pub fn shop(&self) -> &Shop {
        &self.shop
    }

    /// The path of a ticket that is on offer.
    pub fn ticket_page(&self) -> String {
        format!("/tickets/{}", self.available)
    }

    pub(super) fn origin(&self) -> &str {
        self.shop.door().origin()
    }

    pub(super) fn person(&self, who: Who) -> Option<&Person> {
        match who {
            Who::Nobody => None,
            Who::Seller => Some(&self.seller),
            Who::Buyer => Some(&self.buyer),
            Who::Newcomer => Some(&self.newcomer),
            Who::Admin => Some(&self.admin),
        }
    }

    /// As a browser keeps them. Without the refresh token: many come with it at once, and only one may use it.
    pub(super) fn cookies(&self, who: Who) -> Vec<Cookie> {
        let cookie = |person: &Person| Cookie {
            name: "access_token".to_owned(),
            value: person.token.clone(),
            domain: "localhost".to_owned(),
            path: "/".to_owned(),
            http_only: true,
            secure: false,
            same_site: Some("Lax".to_owned()),
        };
        self.person(who).map(cookie).into_iter().collect()
    }

    /// What has to be there first is made now.
    pub(super) async fn path(&self, stop: &Stop) -> Result<String> {
        Ok(match stop.at {
            At::Path(path) => path.to_owned(),
            At::Ticket(Ticket::Reserved) => {
                self.held(self.reserved).await?;
                format!("/tickets/{}", self.reserved)
            }
            At::Ticket(ticket) => format!("/tickets/{}", self.ticket(ticket)),
            At::Change(ticket) => format!("/sell/{}", self.ticket(ticket)),
            At::Withdraw(ticket) => format!("/sell/{}/withdraw", self.ticket(ticket)),
            At::Order(Order::AwaitingPayment) => format!("/orders/{}", self.held(self.reserved).await?),
            At::Order(Order::Complete) => format!("/orders/{}", self.complete),
            At::Order(Order::Cancelled) => format!("/orders/{}", self.cancelled),
            At::Order(Order::Expired) => format!("/orders/{}", self.expired),
            At::Order(Order::PriceChanged) => format!("/orders/{}", self.price_changed),
            At::Door => format!("/door?code={}", self.code),
            At::WrongDoor => "/door?code=AAAA".to_owned(),
            At::Person => format!("/admin/people/{}", self.buyer.id),
            At::Ban => format!("/admin/people/{}/ban", self.buyer.id),
            At::Story => format!("/admin/story/{}", self.complete),
        })
    }

    fn ticket(&self, ticket: Ticket) -> Uuid {
        match ticket {
            Ticket::Available => self.available,
            Ticket::Reserved => self.reserved,
            Ticket::Sold => self.sold,
            Ticket::Withdrawn => self.withdrawn,
            Ticket::Long => self.long,
        }
    }

    /// An order that holds the ticket, with all its time before it: the one before is called off.
    async fn held(&self, ticket: Uuid) -> Result<Uuid> {
        let open =
            self.buyer.asks(Ask::get("/api/orders?status=awaiting_payment")).await?.expect(200, "looking")?;
        let before = open.body["items"].as_array().into_iter().flatten();
        for order in before.filter(|order| order["ticket"]["id"] == ticket.to_string()) {
            let id = order["id"].as_str().unwrap_or_default();
            self.buyer.asks(Ask::delete(format!("/api/orders/{id}"))).await?;
        }
        self.buyer.ticket_becomes(ticket, "available", SOON).await?;
        self.buyer.gets(ticket).await
    }
}

async fn lists(seller: &Person, body: Value) -> Result<Uuid> {
    Ok(seller.asks(Ask::post("/api/tickets", body)).await?.expect(201, "listing a ticket")?.id())
}

fn body(show: &Show, (section, row, seat, hundredths): &(&str, &str, &str, u64)) -> Value {
    json!({
        "title": show.title, "category": show.category, "venue": show.venue, "city": show.city,
        "starts_at": evening(show.days_ahead), "section": section, "row": row, "seat": seat,
        "price": { "amount": show.price * hundredths / 100, "currency": show.currency },
    })
}

/// At half past seven.
fn evening(days_ahead: u64) -> Timestamp {
    let day = 1_000 * A_DAY as i64;
    let midnight = in_seconds(days_ahead * A_DAY).as_millis() / day * day;
    Timestamp::from_millis(midnight) + Duration::from_secs(19 * 60 * 60 + 30 * 60)
}

fn long() -> Value {
    json!({
        "title": "أوركسترا الميناء القديم 🎻 & <The Very Long Named Philharmonic Society of the Lower Harbour and its Friends>, with Guests",
        "category": "other",
        "venue": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Assembly Rooms",
        "city": "Hoofdplaatvandeallerlangstestraatnamen",
        "starts_at": evening(40),
        "section": "Upper Gallery, left", "row": "AAA", "seat": "1001",
        "price": { "amount": 9_999_999, "currency": "SEK" },
    })
}
