//! What is on offer in the demo data: invented acts in invented houses, over the months to come.

use anyhow::bail;
use jiff::{ToSpan as _, civil::Date};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::shopper::{Ask, Shopper};

pub(super) struct Listing {
    pub(super) category: &'static str,
    pub(super) body: Value,
}

struct Show {
    category: &'static str,
    title: &'static str,
    venue: &'static str,
    city: &'static str,
    days_ahead: i64,
    hour: i8,
    /// Of the cheaper seat, in minor units.
    price: u64,
    currency: &'static str,
}

/// Two seats of each show.
const SEATS: [(&str, &str, &str, u64); 2] = [("Balcony", "C", "14", 100), ("Stalls", "A", "7", 160)];

#[rustfmt::skip]
const SHOWS: [Show; 25] = [
    concert("The Paper Lanterns", "Harbour Hall", "Lisbon", 12, 20, 4_500, "EUR"),
    concert("Velvet Static", "The Old Cannery", "Chicago", 19, 21, 6_200, "USD"),
    concert("Midnight Cartographers", "Harbour Hall", "Lisbon", 26, 20, 5_400, "EUR"),
    concert("Glass Orchard", "Lantern Rooms", "Berlin", 33, 20, 3_900, "EUR"),
    concert("Slow Comet", "Riverside Bowl", "Austin", 40, 19, 7_500, "USD"),
    concert("The Tin Sparrows", "Copper Street Hall", "Dublin", 47, 20, 4_100, "EUR"),
    concert("Northern Ferry", "Lantern Rooms", "Berlin", 61, 20, 5_900, "EUR"),
    concert("Electric Allotment", "The Old Cannery", "Chicago", 75, 21, 8_800, "USD"),
    concert("Saltwater Choir", "Cathedral Yard", "Seville", 96, 19, 3_200, "EUR"),
    sports("Harbour City Herons – Eastgate Foxes", "Heron Park", "Boston", 9, 19, 5_500, "USD"),
    sports("Mill Town Otters – Lakeside Rams", "Otter Arena", "Denver", 16, 18, 4_800, "USD"),
    sports("Tramway United – Old Port FC", "Tramway Ground", "Porto", 23, 17, 3_500, "EUR"),
    sports("Indoor Regatta Finals", "Canal Dome", "Amsterdam", 44, 14, 2_900, "EUR"),
    sports("City Velodrome Night", "Copper Oval", "Ghent", 58, 19, 2_700, "EUR"),
    sports("Eastgate Foxes – Lakeside Rams", "Foxgate Field", "Seattle", 72, 19, 6_900, "USD"),
    theatre("The Clockmaker's Understudy", "Playhouse on the Quay", "Dublin", 11, 19, 4_200, "EUR"),
    theatre("Seven Umbrellas", "Little Atlas Theatre", "New York", 18, 20, 9_500, "USD"),
    theatre("A House Without Doors", "Playhouse on the Quay", "Dublin", 32, 19, 3_800, "EUR"),
    theatre("The Last Tram to Elsewhere", "Teatro das Nuvens", "Porto", 46, 21, 3_100, "EUR"),
    theatre("Moths, a Musical", "Little Atlas Theatre", "New York", 67, 20, 12_500, "USD"),
    theatre("Winter Keeps Its Coat", "Spiegelhaus", "Vienna", 88, 19, 5_200, "EUR"),
    other("Planetarium at Midnight", "Observatory Hill", "Edinburgh", 14, 23, 1_800, "EUR"),
    other("Lantern Parade Grandstand", "Harbour Front", "Lisbon", 28, 18, 1_500, "EUR"),
    other("Tiny Robots World Final", "Exhibition Hall 4", "San Jose", 54, 10, 3_600, "USD"),
    other("An Evening of Bad Magic", "The Crooked Hat", "Toronto", 81, 20, 2_200, "USD"),
];

macro_rules! shows {
    ($($category:ident),+) => { $(
        const fn $category(
            title: &'static str,
            venue: &'static str,
            city: &'static str,
            days_ahead: i64,
            hour: i8,
            price: u64,
            currency: &'static str,
        ) -> Show {
            Show { category: stringify!($category), title, venue, city, days_ahead, hour, price, currency }
        }
    )+ };
}
shows!(concert, sports, theatre, other);

pub(super) fn listings(today: Date) -> Vec<Listing> {
    SHOWS.iter().flat_map(|show| SEATS.iter().map(move |seat| listing(show, seat, today))).collect()
}

fn listing(show: &Show, (section, row, seat, percent): &(&str, &str, &str, u64), today: Date) -> Listing {
    let starts_at = format!("{}T{:02}:00:00.000Z", today.saturating_add(show.days_ahead.days()), show.hour);
    let body = json!({
        "title": show.title, "category": show.category, "venue": show.venue, "city": show.city,
        "starts_at": starts_at, "section": section, "row": row, "seat": seat,
        "price": { "amount": show.price * percent / 100, "currency": show.currency },
    });
    Listing { category: show.category, body }
}

/// The id of the ticket, where it can be told: on data that an earlier day seeded, the listing is there under another
/// date and is left alone.
pub(super) async fn list(
    seller: &Shopper,
    number: usize,
    listing: &Listing,
) -> anyhow::Result<Option<String>> {
    let key = format!("seed-ticket-{number}");
    let answer = seller.ask(Ask::post("/api/tickets", listing.body.clone()).keyed(&key)).await?;
    match answer.status {
        status if status.is_success() => Ok(Some(answer.text("id").to_owned())),
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY if is_known(answer.text("type")) => Ok(None),
        status => {
            bail!("a listing was refused: {} {} for {}", status.as_u16(), answer.problem(), listing.body)
        }
    }
}

fn is_known(problem: &str) -> bool {
    ["seat-listed", "idempotency-mismatch"].iter().any(|slug| problem.ends_with(slug))
}
