//! Reserving a ticket at the price that was seen, and what is told to whoever does not get it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use contracts::{Currency, Money, TicketId};

use super::again::{Again, others};
use super::page_of;
use super::reason::{self, leaves_a_wish, of_refusal, of_status};
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::pages::line::Line;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "orders/refused.html")]
struct RefusedPage {
    frame: Frame,
    lead: String,
    /// What was asked for, if there is such a ticket.
    ticket: Option<Line>,
    /// The ticket at the price it has now.
    again: Option<Again>,
    others: Vec<Line>,
    /// Whether orders of the visitor's stand in the way.
    is_about_orders: bool,
}

/// Why there is no reservation, and what is told of it as a status.
struct Refused {
    reason: &'static str,
    status: StatusCode,
    /// The price that was asked for.
    seen: Money,
}

pub(super) async fn reserve(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let id: TicketId = id.parse().map_err(|_| Trouble::NotFound)?;
    if visitor.who.is_none() {
        let here = format!("/tickets/{id}");
        return Err(if visitor.is_unsure { Trouble::Unavailable(None) } else { Trouble::SignInFirst(here) });
    }
    let seen = price(&form).ok_or(Trouble::Senseless)?;
    let key = form.value("key");
    let refused = match site.api().as_caller(&visitor.caller).place_order(id, seen, key).await {
        Ok(order) if order.reason.as_deref() == Some("price_changed") => {
            Refused { reason: "price_changed", status: StatusCode::CONFLICT, seen }
        }
        Ok(order) => return Ok(page_of(order.id).into_response()),
        Err(failure) => {
            let status = failure.status();
            Refused { reason: of_refusal(&failure).ok_or(failure)?, status, seen }
        }
    };
    refused.page(&site, visitor, id).await
}

/// What the form said of the price.
fn price(form: &Form) -> Option<Money> {
    let currency = Currency::ALL.into_iter().find(|currency| currency.code() == form.value("currency"))?;
    Some(Money::new(form.value("amount").parse().ok()?, currency))
}

impl Refused {
    async fn page(self, site: &Site, visitor: Visitor, id: TicketId) -> Result<Response, Trouble> {
        let Self { mut reason, status, seen } = self;
        let (locale, now) = (visitor.locale, site.runtime().now());
        let asking = site.api().as_caller(&visitor.caller);
        // It says more than the refusal does, and without it the refusal is still to be told.
        let ticket = asking.ticket(id).await.ok();
        // Whoever holds or bought it already wants to go on with that.
        if let Some(order) = ticket.as_ref().and_then(|ticket| ticket.order_id) {
            return Ok(page_of(order).into_response());
        }
        let mut again = None;
        if let (Some(ticket), "price_changed") = (&ticket, reason) {
            again = Again::of(ticket, site, locale);
            if again.is_none() {
                reason = of_status(ticket.status);
            }
        }
        let words = reason::words(reason);
        let lead = match &again {
            Some(now) => {
                let prices = [("seen", locale.customs.money(&seen)), ("now", now.price.clone())];
                locale.say_with("price-was-and-is", &prices)
            }
            None => locale.say(words.lead),
        };
        let others = match &ticket {
            Some(ticket) if leaves_a_wish(reason) => others(asking, &ticket.title, id, locale, now).await,
            _ => Vec::new(),
        };
        let ticket = ticket.map(|ticket| Line::of(&ticket, locale, now));
        let is_about_orders = reason == "too_many_orders";
        let frame = Frame::new(site, visitor, locale.say(words.title)).section("find").hidden();
        let mut response =
            Page(RefusedPage { frame, lead, ticket, again, others, is_about_orders }).into_response();
        *response.status_mut() = status;
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(amount: &str, currency: &str) -> Form {
        Form::with([("amount", amount.to_owned()), ("currency", currency.to_owned())])
    }

    #[test]
    fn a_price_is_read_as_our_form_writes_it_and_nothing_else_is() {
        assert_eq!(price(&form("12550", "EUR")), Some(Money::new(12_550, Currency::Eur)));
        for (amount, currency) in [("", "EUR"), ("-1", "EUR"), ("12.50", "EUR"), ("1", "eur"), ("1", "XXX")] {
            assert_eq!(price(&form(amount, currency)), None, "{amount} {currency}");
        }
    }
}
