//! Somebody who buys while things break, as a sane client does: whatever is not answered, or answered with "busy", is
//! asked again under the same key.

use std::time::{Duration, Instant};

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;
use uuid::Uuid;

use super::crowd::Market;
use crate::{
    ask::{Answer, Ask},
    door::Door,
    error::{Error, Result},
    invariants::Told,
    listing::Listing,
    person::Person,
};

/// For one answer, however often it is asked for; then for the order to end.
const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// After so many purchases somebody else comes.
const PURCHASES_EACH: usize = 10;
/// How often somebody wants what somebody else may have.
const COVETS: f64 = 0.15;
const LONGEST_PAUSE_MS: u64 = 1_200;

pub(super) struct Buyer {
    pub(super) person: Person,
    /// Who sells what this buyer wants alone.
    pub(super) seller: Person,
    pub(super) door: Door,
    pub(super) market: Market,
    pub(super) dice: StdRng,
}

/// What somebody is going to do about an order.
#[derive(Clone, Copy)]
enum Wish {
    Pay,
    /// With a card that is declined, and then with another.
    PayAtSecondTry,
    Cancel,
    /// Never comes back: the order expires.
    Forget,
}

impl Wish {
    fn drawn(dice: &mut StdRng) -> Self {
        match dice.random_range(0..100) {
            0..84 => Self::Pay,
            84..92 => Self::PayAtSecondTry,
            92..96 => Self::Cancel,
            _ => Self::Forget,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pay => "pays",
            Self::PayAtSecondTry => "is declined, then pays",
            Self::Cancel => "cancels",
            Self::Forget => "forgets",
        }
    }
}

impl Buyer {
    pub(super) async fn buys(mut self) {
        let mut purchases = 0;
        while !self.market.is_closing() {
            let wish = Wish::drawn(&mut self.dice);
            let begun_at = Instant::now();
            let end = self.purchase(wish).await.unwrap_or_else(|error| gave_up(&error));
            if end == "complete" {
                self.market.notes().bought(begun_at.elapsed());
            }
            self.market.notes().ended(wish.name(), &end);
            purchases += 1;
            if purchases >= PURCHASES_EACH && self.somebody_else_comes().await {
                purchases = 0;
            }
            let pause = self.dice.random_range(0..LONGEST_PAUSE_MS);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn somebody_else_comes(&mut self) -> bool {
        let both = futures::join!(self.market.newcomer(&self.door), self.market.newcomer(&self.door));
        let (Ok(person), Ok(seller)) = both else { return false };
        (self.person, self.seller) = (person, seller);
        true
    }

    /// How it ended.
    async fn purchase(&mut self, wish: Wish) -> Result<String> {
        let ticket = self.finds_a_ticket().await?;
        let ask = Ask::post("/api/orders", json!({ "ticket_id": ticket })).waiting(10);
        let order = self.insists(ask.keyed(Uuid::new_v4())).await?;
        if order.status == 409 {
            return Ok(format!("no: {}", order.problem()));
        }
        let order = self.expects(order, &[201], "ordering")?.id();
        self.market.told(Told::Placed(order));
        match wish {
            Wish::Forget => return Ok("left".to_owned()),
            Wish::Cancel => {
                let cancelled = self.insists(Ask::delete(format!("/api/orders/{order}"))).await?;
                self.expects(cancelled, &[204], "cancelling")?;
                self.market.told(Told::Cancelled(order));
            }
            Wish::Pay => self.pays(order, "pm_card_visa", &[201, 409]).await?,
            Wish::PayAtSecondTry => {
                self.pays(order, "pm_card_visa_chargeDeclined", &[402, 409]).await?;
                self.pays(order, "pm_card_visa", &[201, 409]).await?;
            }
        }
        self.sees_the_end_of(order).await
    }

    async fn finds_a_ticket(&mut self) -> Result<Uuid> {
        let coveted = self.market.recent().make_contiguous().choose(&mut self.dice).copied();
        if let Some(ticket) = coveted.filter(|_| self.dice.random_bool(COVETS)) {
            return Ok(ticket);
        }
        self.market.list(&self.seller, &Listing::any()).await
    }

    /// An order that payments has not heard of yet is not found, and asked for again.
    async fn pays(&self, order: Uuid, method: &str, expected: &[u16]) -> Result<()> {
        let body = json!({ "order_id": order, "payment_method": method });
        let ask = Ask::post("/api/payments", body).keyed(Uuid::new_v4());
        let begun_at = Instant::now();
        loop {
            let paid = self.insists(ask.clone()).await?;
            if paid.status != 404 {
                let paid = self.expects(paid, expected, "paying")?;
                if ["authorized", "captured"].contains(&paid.text("status")) {
                    self.market.told(Told::Authorized(order));
                }
                return Ok(());
            }
            if begun_at.elapsed() > PATIENCE {
                let what = "payments hears of the order".to_owned();
                return Err(Error::Never { what, seconds: PATIENCE.as_secs() });
            }
        }
    }

    async fn sees_the_end_of(&self, order: Uuid) -> Result<String> {
        let begun_at = Instant::now();
        loop {
            let seen = self.insists(Ask::get(format!("/api/orders/{order}"))).await?;
            let seen = self.expects(seen, &[200], "looking at an order")?;
            match seen.text("status") {
                "complete" => {
                    self.market.told(Told::Complete(order));
                    return Ok("complete".to_owned());
                }
                "cancelled" => return Ok(format!("cancelled, {}", seen.text("reason"))),
                status if begun_at.elapsed() > PATIENCE => {
                    return Ok(format!("{status} for {} s", PATIENCE.as_secs()));
                }
                _ => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    async fn insists(&self, ask: Ask) -> Result<Answer> {
        insists(&self.person, ask).await
    }

    fn expects(&self, answer: Answer, expected: &[u16], what: &str) -> Result<Answer> {
        self.market.expects(answer, expected, what)
    }
}

fn gave_up(error: &Error) -> String {
    match error {
        Error::NoAnswer { .. } => "gave up (no answer)".to_owned(),
        Error::Refused { what, answer } => format!("gave up ({what}: {answer})"),
        other => format!("gave up ({other})"),
    }
}

pub(super) async fn insists(person: &Person, ask: Ask) -> Result<Answer> {
    let begun_at = Instant::now();
    loop {
        let answer = person.insists(ask.clone(), PATIENCE).await?;
        if !is_from_the_edge(&answer) || begun_at.elapsed() > PATIENCE {
            return Ok(answer);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// An edge that has just been started does not know its routes yet, and one whose service dies under a request may call
/// that a fault: both in words of its own, where a service states its problem.
pub(super) fn is_from_the_edge(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 404 | 500) && answer.body.is_null()
}
