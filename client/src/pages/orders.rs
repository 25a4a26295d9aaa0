//! Buying: reserving a ticket, paying for it, and what somebody bought.

mod admission;
mod again;
mod cancel;
mod cards;
mod found;
mod history;
mod mine;
mod pay;
mod phase;
mod qr;
mod reason;
mod reserve;
mod show;
mod slip;

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;
use contracts::{OrderId, TicketId};

use crate::site::Site;
use crate::trouble::Trouble;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/tickets/{id}/reserve", get(to_ticket).post(reserve::reserve))
        .route("/orders", get(mine::mine))
        .route("/orders/{id}", get(show::show))
        .route("/orders/{id}/pay", get(to_order).post(pay::pay))
        .route("/orders/{id}/cancel", get(to_order).post(cancel::cancel))
}

/// Whoever reloads where a form was sent to, or comes there after signing in, is led to where the form stands.
async fn to_ticket(Path(id): Path<String>) -> Result<Redirect, Trouble> {
    let id: TicketId = id.parse().map_err(|_| Trouble::NotFound)?;
    Ok(Redirect::to(&format!("/tickets/{id}")))
}

async fn to_order(Path(id): Path<String>) -> Result<Redirect, Trouble> {
    Ok(page_of(order_id(&id)?))
}

fn order_id(text: &str) -> Result<OrderId, Trouble> {
    text.parse().map_err(|_| Trouble::NotFound)
}

fn page_of(id: OrderId) -> Redirect {
    Redirect::to(&format!("/orders/{id}"))
}

/// The page of an order with a notice on it.
fn page_with(id: OrderId, notice: &str) -> Redirect {
    Redirect::to(&format!("/orders/{id}?notice={notice}"))
}
