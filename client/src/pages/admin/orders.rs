//! Everybody's orders, the newest first.

use askama::Template;
use axum::extract::{Query, State};
use contracts::{OrderId, TicketId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::names::{Named, Names};
use super::{address, frame, known};
use crate::api::{Order, OrderSearch, OrderStatus};
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Admin;

/// As orders calls them, in the order in which an order passes them.
pub(crate) const STATUSES: [&str; 5] = ["pending", "awaiting_payment", "accepted", "complete", "cancelled"];

#[derive(Template)]
#[template(path = "admin/orders.html")]
pub(crate) struct OrdersPage {
    frame: Frame,
    area: &'static str,
    filter: Filter,
    buyer: Option<Named>,
    lines: Vec<Line>,
    /// The same for everybody.
    of_all: String,
    first: String,
    next: Option<String>,
}

/// As it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Filter {
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    /// An id.
    #[serde(skip_serializing_if = "String::is_empty")]
    buyer: String,
    /// Where the page begins.
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

struct Line {
    id: OrderId,
    at: Timestamp,
    day: String,
    hour: String,
    ticket: Option<(TicketId, String)>,
    buyer: Named,
    status: String,
    /// How it looks: `good` where all is paid.
    tone: &'static str,
    /// Why it was cancelled.
    reason: Option<String>,
    total: Option<String>,
    refunded: Option<String>,
}

pub(crate) async fn list(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Query(filter): Query<Filter>,
) -> Result<Page<OrdersPage>, Trouble> {
    let (asking, locale) = (site.api().as_caller(&visitor.caller), visitor.locale);
    let buyer: Option<UserId> = match filter.buyer.trim() {
        "" => None,
        id => Some(id.parse().map_err(|_| Trouble::NotFound)?),
    };
    let status = known(&filter.status, &STATUSES);
    let search = OrderSearch { status, buyer, cursor: filter.after.clone() };
    let found = asking.all_orders(&search).await?;
    let buyers = found.items.iter().map(|order| order.buyer_id).chain(buyer).collect();
    let names = Names::of(asking, buyers).await;
    let now = site.runtime().now();
    let lines = found.items.iter().map(|order| Line::of(order, &names, locale, now)).collect();
    let buyer = buyer.map(|id| names.named(id));
    let (first, next) = (filter.page(""), found.next_cursor.map(|cursor| filter.page(&cursor)));
    let of_all = Filter { buyer: String::new(), ..filter.clone() }.page("");
    let frame = frame(&site, visitor, locale.say("admin-orders"));
    Ok(Page(OrdersPage { frame, area: "orders", filter, buyer, lines, of_all, first, next }))
}

impl OrdersPage {
    fn status(&self, name: &str) -> String {
        self.frame.say(&format!("admin-status-{name}"))
    }
}

impl Filter {
    /// The page of the same list that begins at this cursor.
    fn page(&self, cursor: &str) -> String {
        address("/admin/orders", &Self { after: cursor.to_owned(), ..self.clone() })
    }
}

impl Line {
    fn of(order: &Order, names: &Names, locale: &Locale, now: Timestamp) -> Self {
        let (status, tone) = match order.status {
            OrderStatus::Pending => ("pending", ""),
            OrderStatus::AwaitingPayment => ("awaiting_payment", ""),
            OrderStatus::Accepted => ("accepted", "good"),
            OrderStatus::Complete => ("complete", "good"),
            OrderStatus::Cancelled => ("cancelled", ""),
        };
        let because = |reason: &String| {
            locale.find(&format!("admin-reason-{reason}")).unwrap_or_else(|| reason.clone())
        };
        Self {
            id: order.id,
            at: order.created_at,
            day: locale.customs.day(order.created_at, now),
            hour: locale.customs.hour(order.created_at),
            ticket: order.ticket.as_ref().map(|ticket| (ticket.id, ticket.title.clone())),
            buyer: names.named(order.buyer_id),
            status: locale.say(&format!("admin-status-{status}")),
            tone,
            reason: order.reason.as_ref().map(because),
            total: order.total.as_ref().map(|total| locale.customs.money(total)),
            refunded: order.refunded.as_ref().map(|refunded| locale.customs.money(refunded)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_and_every_reason_has_words() {
        let find = |name: String| Locale::first().find(&name);
        for status in STATUSES {
            assert!(find(format!("admin-status-{status}")).is_some(), "{status}");
        }
        // As the contract says them.
        let reasons = "buyer expired ticket_not_found own_ticket ticket_reserved ticket_sold ticket_withdrawn \
             ticket_past price_changed payment_failed banned";
        for reason in reasons.split_whitespace() {
            assert!(find(format!("admin-reason-{reason}")).is_some(), "{reason}");
        }
    }

    #[test]
    fn a_page_keeps_whose_orders_are_shown() {
        let filter = Filter { buyer: "b".to_owned(), status: "complete".to_owned(), ..Filter::default() };
        assert_eq!(filter.page("x"), "/admin/orders?status=complete&buyer=b&after=x");
    }
}
