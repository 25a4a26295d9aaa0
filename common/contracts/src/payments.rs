//! What payments says about the one payment of an order, which goes by the order's id.
//!
//! A call to the card processor is due when its request is recorded, and settled when its outcome is.

use serde::{Deserialize, Serialize};

use crate::{Money, Timestamp, UserId, events};

/// The buyer may pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentOpened {
    pub buyer_id: UserId,
    pub amount: Money,
    /// When the order's time to pay ends.
    pub expires_at: Timestamp,
}

/// The buyer wants to pay in a form of the card processor's own: the processor is to be told of the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentIntentRequested {}

/// The buyer asked to pay: the card processor is to be asked under this attempt's idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthorizationRequested {
    /// 1 for the first card, 2 for the one after it.
    pub attempt: u32,
}

/// The card processor knows of the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentIntentCreated {
    /// The processor's id of it, `pi_…`.
    pub payment_intent: String,
}

/// The buyer has to show the bank that it is really them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentActionRequired {
    pub attempt: u32,
}

/// The money is set aside, and not yet taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentAuthorized {
    pub payment_intent: String,
    pub amount: Money,
}

/// The card was declined; another may be tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentDeclined {
    /// 0 when it was declined before any card was tried.
    pub attempt: u32,
    /// The processor's word for why, such as `insufficient_funds`.
    pub code: String,
}

/// The order accepted the payment: the money is to be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaptureRequested {}

/// The money is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChargeCreated {
    pub payment_intent: String,
    /// The processor's id of the charge, `ch_…`.
    pub charge: String,
    pub amount: Money,
}

/// The money cannot be taken any more, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaptureFailed {
    /// The processor's word for why.
    pub code: String,
}

/// The order is over: what was set aside is to be given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VoidRequested {}

/// Nothing is set aside, and nothing will ever be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentVoided {}

events! {
    /// The events of a payment.
    PaymentEvent in "payment" {
        PaymentOpened, PaymentIntentRequested, AuthorizationRequested, PaymentIntentCreated,
        PaymentActionRequired, PaymentAuthorized, PaymentDeclined, CaptureRequested, ChargeCreated,
        CaptureFailed, VoidRequested, PaymentVoided,
    }
}
