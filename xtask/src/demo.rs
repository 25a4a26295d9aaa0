//! One purchase in the running shop, told as it happens: each request, and beside it the events that follow from it.

mod narrator;

use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::{Timestamp, ToSpan as _};
use local_servers::Home;
use serde_json::json;
use uuid::Uuid;

use crate::{
    report::say,
    running,
    shopper::{Ask, Shopper},
};
use narrator::Narrator;

pub(crate) fn demo() -> anyhow::Result<()> {
    let addresses = running::addresses(&Home::find()?)?;
    let address =
        |name: &str| addresses.get(name).with_context(|| format!("the running shop does not say its {name}"));
    let (origin, nats) = (address("ORIGIN")?, address("NATS_URL")?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(purchase(origin, nats))
}

async fn purchase(origin: &str, nats: &str) -> anyhow::Result<()> {
    let mut narrator = Narrator::listen(nats).await?;
    let run = Uuid::new_v4().simple().to_string();
    let (seller, buyer) = (Shopper::new(origin)?, Shopper::new(origin)?);
    let account = |name: &str| {
        let email = format!("{}-{}@example.com", name.to_lowercase(), &run[..8]);
        Ask::post("/api/users/signup", json!({ "email": email, "password": run, "name": name }))
    };
    say(&format!("One purchase at {origin}\n"));

    narrator.tell("a seller comes", &seller, account("Seller")).await?.expect_success("signing up")?;
    narrator.tell("a buyer comes", &buyer, account("Buyer")).await?.expect_success("signing up")?;

    let ticket = narrator.tell("the seller lists a ticket", &seller, listing(&run)).await?;
    let ticket = ticket.expect_success("listing a ticket")?;

    let order = Ask::post("/api/orders", json!({ "ticket_id": ticket.text("id") })).keyed(&run).waiting(5);
    let order = narrator.tell("the buyer orders it", &buyer, order).await?.expect_success("ordering")?;
    if order.text("status") != "awaiting_payment" {
        bail!("the order is {}, and should be awaiting payment", order.body);
    }

    let body = json!({ "order_id": order.text("id"), "payment_method": "pm_card_visa" });
    let payment = Ask::post("/api/payments", body).keyed(&run);
    narrator.tell("the buyer pays", &buyer, payment).await?.expect_success("paying")?;

    for (path, status) in [("orders", order.text("id")), ("tickets", ticket.text("id"))]
        .map(|(name, id)| (format!("/api/{name}/{id}"), if name == "orders" { "complete" } else { "sold" }))
    {
        wait_until(&buyer, &path, status).await?;
        narrator
            .tell(&format!("it is {status}"), &buyer, Ask::get(&path))
            .await?
            .expect_success("reading")?;
    }
    say(&format!(
        "\nSold: the order is complete and the ticket is the buyer's, {} events in all.",
        narrator.heard()
    ));
    Ok(())
}

fn listing(run: &str) -> Ask<'_> {
    let starts_at = (Timestamp::now() + (24 * 30).hours()).as_millisecond();
    let starts_at =
        Timestamp::from_millisecond(starts_at).map(|time| format!("{time:.3}")).unwrap_or_default();
    let body = json!({
        "title": "The Paper Lanterns", "category": "concert", "venue": "Harbour Hall", "city": "Lisbon",
        "starts_at": starts_at, "section": "Stalls", "row": "A", "seat": &run[..6],
        "price": { "amount": 12_500, "currency": "USD" },
    });
    Ask::post("/api/tickets", body).keyed(run)
}

async fn wait_until(buyer: &Shopper, path: &str, status: &str) -> anyhow::Result<()> {
    let settled = async {
        while buyer.ask(Ask::get(path)).await?.text("status") != status {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    };
    let settled = tokio::time::timeout(Duration::from_secs(15), settled).await;
    settled.with_context(|| format!("{path} did not become {status} within 15 s"))?
}
