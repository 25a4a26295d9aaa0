//! The stream on its way to one who follows it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use messaging::{BusError, Following, Stored};

use crate::faults::Fault;
use crate::machine::Turn;
use crate::ports::Link;

/// It comes in order or not at all.
pub(super) struct SimulatedFollowing {
    inner: Box<dyn Following>,
    link: Link,
}

impl SimulatedFollowing {
    pub(super) fn new(inner: Box<dyn Following>, link: Link) -> Self {
        Self { inner, link }
    }
}

#[async_trait]
impl Following for SimulatedFollowing {
    fn behind(&self) -> u64 {
        self.inner.behind()
    }

    async fn next(&mut self) -> Result<Stored, BusError> {
        let world = Arc::clone(&self.link.world);
        Turn::over().await;
        if world.strikes(Fault::SubscriptionBroken) {
            return Err(BusError("the connection was lost".to_owned()));
        }
        while world.is_away(self.link.server) {
            world.inside.sleep(Duration::from_millis(50)).await;
        }
        self.inner.next().await
    }
}
