//! The ways on for whoever did not get a ticket: the same one as it is offered now, or others like it.

use contracts::{TicketId, Timestamp};
use uuid::Uuid;

use crate::api::{Asking, Search, Ticket, TicketStatus};
use crate::locale::Locale;
use crate::pages::line::Line;
use crate::site::Site;

/// How many others are shown.
const OTHERS: u8 = 5;

/// A ticket that can be reserved at the price it has now.
pub(super) struct Again {
    pub id: TicketId,
    pub amount: u64,
    pub currency: &'static str,
    /// As the visitor reads it.
    pub price: String,
    /// Tells this form, sent twice, from two.
    pub key: Uuid,
}

impl Again {
    /// Nothing, if it is not on offer any more.
    pub(super) fn of(ticket: &Ticket, site: &Site, locale: &Locale) -> Option<Self> {
        is_on_offer(ticket, site.runtime().now()).then(|| Self {
            id: ticket.id,
            amount: ticket.price.amount,
            currency: ticket.price.currency.code(),
            price: locale.customs.money(&ticket.price),
            key: site.runtime().new_id(),
        })
    }
}

fn is_on_offer(ticket: &Ticket, now: Timestamp) -> bool {
    ticket.status == TicketStatus::Available && ticket.starts_at > now
}

/// Others of the same title, the cheapest first. None is better than no page.
pub(super) async fn others(
    asking: Asking<'_>,
    title: &str,
    besides: TicketId,
    locale: &Locale,
    now: Timestamp,
) -> Vec<Line> {
    let search =
        Search { q: title.to_owned(), sort: "price".to_owned(), limit: OTHERS + 1, ..Search::default() };
    let found = asking.tickets(&search).await.map(|found| found.items).unwrap_or_default();
    let others = found.iter().filter(|other| other.id != besides).take(usize::from(OTHERS));
    others.map(|other| Line::of(other, locale, now)).collect()
}
