//! A ticket in the words of schema.org, so that search engines show it as what it is: an event, and an offer.

use contracts::tickets::Category;
use serde_json::{Value, json};

use crate::api::{Ticket, TicketStatus};

pub(super) fn structured(ticket: &Ticket, address: &str) -> Value {
    let kind = match ticket.category {
        Category::Concert => "MusicEvent",
        Category::Sports => "SportsEvent",
        Category::Theatre => "TheaterEvent",
        Category::Other => "Event",
    };
    let availability = match ticket.status {
        TicketStatus::Available => "https://schema.org/InStock",
        TicketStatus::Reserved => "https://schema.org/LimitedAvailability",
        TicketStatus::Sold => "https://schema.org/SoldOut",
        TicketStatus::Withdrawn => "https://schema.org/Discontinued",
    };
    let price = format!("{}.{:02}", ticket.price.amount / 100, ticket.price.amount % 100);
    json!({
        "@context": "https://schema.org",
        "@type": kind,
        "name": ticket.title,
        "startDate": ticket.starts_at,
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": ticket.venue,
            "address": { "@type": "PostalAddress", "addressLocality": ticket.city },
        },
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": price,
            "priceCurrency": ticket.price.currency.code(),
            "availability": availability,
            "itemCondition": "https://schema.org/UsedCondition",
        },
    })
}
