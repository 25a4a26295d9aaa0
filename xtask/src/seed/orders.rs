//! Orders of the demo data, brought to each state that lasts.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use crate::shopper::{Ask, Shopper};

/// How far an order is brought.
#[derive(Clone, Copy)]
enum Until {
    AwaitingPayment,
    Cancelled,
    /// The card was declined, and another can be tried.
    Declined,
    Complete,
}

/// By whom, for which listing, how far.
const ORDERS: [(usize, usize, Until); 6] = [
    (0, 2, Until::Complete),
    (1, 31, Until::Complete),
    (0, 45, Until::Complete),
    (0, 8, Until::AwaitingPayment),
    (1, 21, Until::Cancelled),
    (1, 33, Until::Declined),
];

/// The states they are in now.
pub(super) async fn place(
    buyers: &[Shopper],
    tickets: &[(&'static str, Option<String>)],
) -> anyhow::Result<Vec<String>> {
    let mut states = Vec::new();
    for (number, (buyer, ticket, until)) in ORDERS.into_iter().enumerate() {
        if let Some((_, Some(ticket))) = tickets.get(ticket) {
            states.push(bring(&buyers[buyer], number, ticket, until).await?);
        }
    }
    Ok(states)
}

async fn bring(buyer: &Shopper, number: usize, ticket: &str, until: Until) -> anyhow::Result<String> {
    let key = format!("seed-order-{number}");
    let order = Ask::post("/api/orders", json!({ "ticket_id": ticket })).keyed(&key).waiting(10);
    let order = buyer.ask(order).await?.expect_success("an order was refused")?;
    let path = format!("/api/orders/{}", order.text("id"));
    // Asked for before, it may have gone further since, or have expired.
    if order.text("status") == "awaiting_payment" {
        match until {
            Until::AwaitingPayment => {}
            Until::Cancelled => {
                buyer.ask(Ask::delete(&path)).await?.expect_success("an order could not be cancelled")?;
            }
            Until::Declined => {
                pay(buyer, number, order.text("id"), "pm_card_visa_chargeDeclined").await?;
                return Ok("awaiting_payment after a declined card".to_owned());
            }
            Until::Complete => {
                pay(buyer, number, order.text("id"), "pm_card_visa").await?;
                wait_until_complete(buyer, &path).await?;
            }
        }
    }
    let order = buyer.ask(Ask::get(&path)).await?.expect_success("an order could not be read")?;
    Ok(order.text("status").to_owned())
}

async fn pay(buyer: &Shopper, number: usize, order: &str, method: &str) -> anyhow::Result<()> {
    let key = format!("seed-payment-{number}");
    let body = json!({ "order_id": order, "payment_method": method });
    let answer = buyer.ask(Ask::post("/api/payments", body).keyed(&key)).await?;
    // A declined card is what some of them are for.
    if answer.status.as_u16() == 402 {
        Ok(())
    } else {
        answer.expect_success("a payment was refused").map(drop)
    }
}

async fn wait_until_complete(buyer: &Shopper, path: &str) -> anyhow::Result<()> {
    let complete = async {
        while buyer.ask(Ask::get(path)).await?.text("status") != "complete" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(20), complete).await.context("a paid order was not completed")?
}
