//! What expiration says when an order's time is over.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, events};

/// The time to pay is over. Whether the order is, the order decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderExpired {
    pub expires_at: Timestamp,
}

events! {
    /// The events of a timer, which goes by its order's id.
    TimerEvent in "timer" { OrderExpired }
}
