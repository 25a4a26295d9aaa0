//! The sign that auth still says who may not come in any more, and how many that are.

use contracts::Timestamp;
use messaging::{Bus, BusError};
use serde::{Deserialize, Serialize};

/// Where it is told; nothing is kept there.
pub(super) const SUBJECT: &str = "heartbeat.revocations";

/// Who knows fewer has missed some. A stream that was lost and is being told again looks complete to who follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heartbeat {
    /// So that clocks that are a little apart count the same.
    pub since: Timestamp,
    pub until: Timestamp,
    /// How many were said between.
    pub revocations: u64,
}

impl Heartbeat {
    pub(super) async fn tell(&self, bus: &dyn Bus) -> Result<(), BusError> {
        let body = serde_json::to_vec(self).map_err(|error| BusError(error.to_string()))?;
        bus.mention(SUBJECT, body).await
    }

    /// None where it is no heartbeat.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}
