//! The port behind which the card processor is.
//!
//! A call is made under a key: however often it is made under one key, it has its effect once.

mod memory;

use async_trait::async_trait;
use contracts::{Money, OrderId};

pub use memory::{CardFault, MemoryCards};

/// Sets money aside, takes it, or gives it back.
#[async_trait]
pub trait CardProcessor: Send + Sync + 'static {
    /// Tells it of a payment that is captured only when that is asked for.
    async fn create_intent(&self, key: &str, order_id: OrderId, amount: Money) -> Result<Intent, CardError>;

    /// Sets the money aside on this card. A card that is declined is an answer, not an error.
    async fn confirm(
        &self,
        key: &str,
        payment_intent: &str,
        payment_method: &str,
    ) -> Result<Intent, CardError>;

    /// Takes what is set aside.
    async fn capture(&self, key: &str, payment_intent: &str) -> Result<Intent, CardError>;

    /// Gives back what is set aside; nothing can be set aside afterwards.
    async fn cancel(&self, key: &str, payment_intent: &str) -> Result<Intent, CardError>;

    /// How the payment stands.
    async fn fetch(&self, payment_intent: &str) -> Result<Intent, CardError>;
}

/// A payment as the processor knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Intent {
    /// `pi_…`.
    pub id: String,
    /// With it the buyer's browser may speak to the processor about this payment: a secret.
    pub client_secret: Option<String>,
    pub standing: Standing,
}

/// How a payment stands at the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a card; after a decline with the processor's word for why.
    Open {
        declined: Option<String>,
    },
    /// The buyer has to show the bank that it is really them.
    ActionRequired,
    /// The processor itself does not know yet.
    Processing,
    Authorized {
        amount: Money,
    },
    Captured {
        charge: String,
        amount: Money,
    },
    Cancelled,
}

/// A call without an answer that counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Whether it happened is not known. Try again under the same key.
    #[error("the card processor is unavailable: {0}")]
    Unavailable(String),
    /// The processor failed, whether it happened is not known, and the key gives this answer for ever.
    #[error("the card processor failed: {0}")]
    Broken(String),
    /// It did not happen, and will not under whatever key.
    #[error("the card processor refused: {code}")]
    Refused { code: String },
}

impl std::fmt::Debug for Intent {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, standing, .. } = self;
        formatter.debug_struct("Intent").field("id", id).field("standing", standing).finish_non_exhaustive()
    }
}
