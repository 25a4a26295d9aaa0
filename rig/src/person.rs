//! A person at the shop: signs up, sells, orders, pays, cancels and looks.

use std::time::{Duration, Instant};

use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    ask::{Answer, Ask},
    door::Door,
    error::{Error, Result},
    listing::Listing,
};

const PASSWORD: &str = "correct-horse-battery-staple";
/// Passwords are worked on two or so at a time.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(Clone, Debug)]
pub struct Person {
    pub id: Uuid,
    pub email: String,
    /// The access token.
    pub token: String,
    pub refresh_token: String,
    door: Door,
}

impl Person {
    /// Somebody whom nobody has seen before.
    pub async fn signs_up(door: &Door) -> Result<Self> {
        let email = format!("{}@example.com", Uuid::new_v4().simple());
        let body = json!({ "email": email, "password": PASSWORD, "name": "Somebody" });
        let signed_up = door.insist(&Ask::post("/api/users/signup", body), PATIENCE).await?;
        Ok(Self::entered(door, email, &signed_up.expect(201, "signing up")?))
    }

    pub async fn signs_in(door: &Door, email: &str, password: &str) -> Result<Self> {
        let body = json!({ "email": email, "password": password });
        let signed_in = door.insist(&Ask::post("/api/users/signin", body), PATIENCE).await?;
        Ok(Self::entered(door, email.to_owned(), &signed_in.expect(200, "signing in")?))
    }

    fn entered(door: &Door, email: String, answer: &Answer) -> Self {
        let cookie = |name: &str| {
            let values = answer.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
            let mut cookies = values.filter_map(|value| value.split(';').next()?.split_once('='));
            cookies.find(|(found, _)| *found == name).map_or_else(String::new, |(_, value)| value.to_owned())
        };
        Self {
            id: answer.id(),
            email,
            token: cookie("access_token"),
            refresh_token: cookie("refresh_token"),
            door: door.clone(),
        }
    }

    /// Of everybody who signs up here.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The same person with another access token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: token.into(), ..self.clone() }
    }

    /// Asks once, with the cookies a browser would send.
    pub async fn asks(&self, ask: Ask) -> Result<Answer> {
        self.door.ask(&self.signed(ask)).await
    }

    /// Asks again, as a sane client does, while nobody answers or is too busy to.
    pub async fn insists(&self, ask: Ask, within: Duration) -> Result<Answer> {
        self.door.insist(&self.signed(ask), within).await
    }

    fn signed(&self, ask: Ask) -> Ask {
        let Self { token, refresh_token, .. } = self;
        ask.header("Cookie", format!("access_token={token}; refresh_token={refresh_token}"))
    }

    /// The id of the ticket.
    pub async fn lists(&self, listing: &Listing) -> Result<Uuid> {
        let listed = self.asks(Ask::post("/api/tickets", listing.body())).await?;
        Ok(listed.expect(201, "listing a ticket")?.id())
    }

    /// Orders it, and prefers to wait up to ten seconds for the ticket's answer.
    pub async fn orders(&self, ticket: Uuid) -> Result<Answer> {
        self.asks(Ask::post("/api/orders", json!({ "ticket_id": ticket })).waiting(10)).await
    }

    /// The id of an order that may be paid.
    pub async fn gets(&self, ticket: Uuid) -> Result<Uuid> {
        let order = self.orders(ticket).await?.expect(201, "ordering")?;
        if order.text("status") == "awaiting_payment" {
            return Ok(order.id());
        }
        Err(Error::Refused { what: "ordering".to_owned(), answer: order.to_string() })
    }

    /// With one of Stripe's test methods, such as `pm_card_visa`.
    pub async fn pays(&self, order: Uuid, method: &str) -> Result<Answer> {
        self.asks(Ask::post("/api/payments", json!({ "order_id": order, "payment_method": method }))).await
    }

    pub async fn cancels(&self, order: Uuid) -> Result<Answer> {
        self.asks(Ask::delete(format!("/api/orders/{order}"))).await
    }

    pub async fn order(&self, order: Uuid) -> Result<Value> {
        self.sees(&format!("/api/orders/{order}")).await
    }

    pub async fn ticket(&self, ticket: Uuid) -> Result<Value> {
        self.sees(&format!("/api/tickets/{ticket}")).await
    }

    pub async fn payment(&self, order: Uuid) -> Result<Value> {
        self.sees(&format!("/api/payments/{order}")).await
    }

    async fn sees(&self, path: &str) -> Result<Value> {
        Ok(self.asks(Ask::get(path)).await?.expect(200, path)?.body)
    }

    /// Waits until the order is in this state.
    pub async fn order_becomes(&self, order: Uuid, status: &str, within: Duration) -> Result<Value> {
        self.becomes(&format!("/api/orders/{order}"), status, within).await
    }

    pub async fn ticket_becomes(&self, ticket: Uuid, status: &str, within: Duration) -> Result<Value> {
        self.becomes(&format!("/api/tickets/{ticket}"), status, within).await
    }

    pub async fn payment_becomes(&self, order: Uuid, status: &str, within: Duration) -> Result<Value> {
        self.becomes(&format!("/api/payments/{order}"), status, within).await
    }

    async fn becomes(&self, path: &str, status: &str, within: Duration) -> Result<Value> {
        let begun_at = Instant::now();
        loop {
            let answer = self.asks(Ask::get(path)).await?;
            if answer.text("status") == status {
                return Ok(answer.body);
            }
            if begun_at.elapsed() > within {
                let what = format!("{path} is {status} (it is {answer})");
                return Err(Error::Never { what, seconds: within.as_secs() });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
