//! What the visitor ordered, newest first.

use askama::Template;
use axum::extract::{Query, State};
use contracts::{OrderId, Timestamp};
use serde::Deserialize;

use super::phase::Phase;
use super::slip::Slip;
use crate::api::Order;
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Member;

#[derive(Template)]
#[template(path = "orders/mine.html")]
pub(super) struct MinePage {
    frame: Frame,
    orders: Vec<Ordered>,
    is_first: bool,
    next: Option<String>,
}

/// One order as a line.
struct Ordered {
    id: OrderId,
    /// Nothing where the ticket has not answered, or said no: then the state is all there is to say.
    slip: Option<Slip>,
    placed_at: Timestamp,
    day: String,
    state: String,
    /// Whether something is left for the buyer to do.
    is_waiting: bool,
    is_over: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    after: String,
}

pub(super) async fn mine(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Query(part): Query<Part>,
) -> Result<Page<MinePage>, Trouble> {
    let found = site.api().as_caller(&visitor.caller).orders(&part.after).await?;
    let (locale, now) = (visitor.locale, site.runtime().now());
    let orders = found.items.iter().map(|order| Ordered::of(order, locale, now)).collect();
    let next = found.next_cursor.map(|cursor| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("after", &cursor).finish();
        format!("/orders?{query}")
    });
    let frame = Frame::new(&site, visitor, locale.say("orders-title")).section("orders").hidden();
    Ok(Page(MinePage { frame, orders, is_first: part.after.is_empty(), next }))
}

impl Ordered {
    fn of(order: &Order, locale: &Locale, now: Timestamp) -> Self {
        let phase = Phase::of(order, None);
        let state = match phase {
            Phase::Held => {
                let hour = locale.customs.hour(order.expires_at);
                locale.say_with("orders-held", &[("hour", hour)])
            }
            Phase::Asking | Phase::TimeUp | Phase::Paying | Phase::Bought | Phase::Over => {
                locale.say(phase.words(order).title)
            }
        };
        Self {
            id: order.id,
            slip: order.ticket.as_ref().map(|ticket| Slip::of(ticket, locale)),
            placed_at: order.created_at,
            day: locale.customs.day(order.created_at, now),
            state,
            is_waiting: phase == Phase::Held,
            is_over: phase == Phase::Over,
        }
    }
}
