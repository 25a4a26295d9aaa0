//! The card processor, at the far end of a network.

use async_trait::async_trait;
use contracts::{Money, OrderId};
use futures::FutureExt as _;
use payments::{CardError, CardFault, CardProcessor, Intent, MemoryCards, Standing};

use super::link::{Link, Lost};
use crate::faults::Fault;
use crate::mutant::Mutant;
use crate::sometimes::Sometimes;

type Answer = Result<Intent, CardError>;

/// One process's view of the card processor.
pub(crate) struct SimulatedCards {
    inner: MemoryCards,
    link: Link,
}

fn unavailable(_: Lost) -> CardError {
    CardError::Unavailable("no answer".to_owned())
}

impl SimulatedCards {
    pub(crate) fn new(inner: MemoryCards, link: Link) -> Self {
        Self { inner, link }
    }

    /// A call on its way there, at the processor, and back.
    async fn call<F>(&self, key: &str, creates: Option<OrderId>, make: impl Fn(String) -> F + Sync) -> Answer
    where
        F: Future<Output = Answer> + Send,
    {
        let world = &self.link.world;
        self.link.there().await.map_err(unavailable)?;
        let key = if world.lacks(Mutant::IdempotencyKey) {
            format!("{key}-{}", world.how(|how| how.below(u64::MAX)))
        } else {
            key.to_owned()
        };
        let mut is_broken = false;
        for (fault, card_fault) in [
            (Fault::CardsBrokenBefore, CardFault::BrokenBefore),
            (Fault::CardsBrokenAfter, CardFault::BrokenAfter),
        ] {
            if world.strikes(fault) {
                world.met(Sometimes::CardsBroken);
                is_broken = true;
                self.inner.go_wrong([card_fault]);
                break;
            }
        }
        if let Some(order_id) = creates.filter(|_| is_broken) {
            // The key is of no use any more: the payment may be told of again under another.
            *world.audit().spare_intents.entry(order_id.0).or_default() += 1;
        }
        let answer = make(key.clone()).await;
        if world.strikes(Fault::CardsAskedTwice) {
            world.met(Sometimes::CalledTwice);
            let _ = make(key).await;
        }
        self.note_captured();
        self.link.back().await.map_err(unavailable)?;
        answer
    }

    fn note_captured(&self) {
        for (order_id, intent) in self.inner.ledger() {
            if let Standing::Captured { amount, charge } = intent.standing {
                self.link.world.audit().captured_by(order_id.0, charge, amount);
            }
        }
    }
}

#[async_trait]
impl CardProcessor for SimulatedCards {
    async fn create_intent(&self, key: &str, order_id: OrderId, amount: Money) -> Answer {
        self.call(key, Some(order_id), async |key: String| {
            self.inner.create_intent(&key, order_id, amount).await
        })
        .await
    }

    async fn confirm(&self, key: &str, payment_intent: &str, payment_method: &str) -> Answer {
        self.call(key, None, async |key: String| {
            let answer = self.inner.confirm(&key, payment_intent, payment_method).await;
            if self.link.world.lacks(Mutant::ManualCapture) {
                return self.inner.capture(&format!("{key}-at-once"), payment_intent).await.or(answer);
            }
            answer
        })
        .await
    }

    async fn capture(&self, key: &str, payment_intent: &str) -> Answer {
        self.call(key, None, async |key: String| self.inner.capture(&key, payment_intent).await).await
    }

    async fn cancel(&self, key: &str, payment_intent: &str) -> Answer {
        self.call(key, None, async |key: String| self.inner.cancel(&key, payment_intent).await).await
    }

    async fn fetch(&self, payment_intent: &str) -> Answer {
        self.link.ask().await.map_err(unavailable)?;
        let answer = self.inner.fetch(payment_intent).now_or_never();
        answer.unwrap_or_else(|| Err(unavailable(Lost)))
    }
}
