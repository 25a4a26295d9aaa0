//! A consumer's messages on their way, and its answers on theirs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use messaging::{BusError, Delivery, Receipt, Subscription};

use crate::faults::Fault;
use crate::machine::Turn;
use crate::mutant::Mutant;
use crate::ports::Link;
use crate::sometimes::Sometimes;

/// A consumer's messages, some of them twice, some of them late.
pub(super) struct SimulatedSubscription {
    inner: Box<dyn Subscription>,
    link: Link,
    /// What comes later, and when, the soonest first.
    held: VecDeque<(u64, Delivery)>,
}

impl SimulatedSubscription {
    pub(super) fn new(inner: Box<dyn Subscription>, link: Link) -> Self {
        Self { inner, link, held: VecDeque::new() }
    }

    fn hold(&mut self, delivery: Delivery, longest_us: u64) {
        let world = &self.link.world;
        let due_us = world.inside.now_us() + world.how(|how| how.spread(500, longest_us));
        let at = self.held.partition_point(|(due, _)| *due <= due_us);
        self.held.insert(at, (due_us, delivery));
    }

    fn due(&mut self, now_us: u64) -> Option<Delivery> {
        if self.held.front()?.0 > now_us {
            return None;
        }
        self.held.pop_front().map(|(_, delivery)| delivery)
    }

    /// What comes off the stream, or the time when something held is due.
    async fn fresh(&mut self) -> Option<Result<Delivery, BusError>> {
        let inside = Arc::clone(&self.link.world.inside);
        let Some((due_us, _)) = self.held.front() else { return Some(self.inner.next().await) };
        let wait_us = due_us.saturating_sub(inside.now_us());
        tokio::select! {
            biased;
            delivery = self.inner.next() => Some(delivery),
            () = inside.sleep_us(wait_us) => None,
        }
    }
}

fn again(delivery: &Delivery) -> Delivery {
    let Delivery { sequence, attempt, ref parcel, ref receipt } = *delivery;
    Delivery { sequence, attempt: attempt + 1, parcel: parcel.clone(), receipt: Arc::clone(receipt) }
}

#[async_trait]
impl Subscription for SimulatedSubscription {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        let world = Arc::clone(&self.link.world);
        loop {
            Turn::over().await;
            if world.strikes(Fault::SubscriptionBroken) {
                return Err(BusError("the connection was lost".to_owned()));
            }
            while world.is_away(self.link.server) {
                world.inside.sleep(Duration::from_millis(50)).await;
            }
            if let Some(delivery) = self.due(world.inside.now_us()) {
                return Ok(delivery);
            }
            let Some(delivery) = self.fresh().await else { continue };
            let mut delivery = delivery?;
            if delivery.attempt > 1 {
                world.met(Sometimes::Redelivered);
            }
            let gives_up = world.lacks(Mutant::NeverGiveUp) && delivery.attempt > 3;
            if gives_up || world.lacks(Mutant::AckAfterEffect) {
                delivery.receipt.terminate().await?;
            }
            if gives_up {
                continue;
            }
            delivery.receipt =
                Arc::new(SimulatedReceipt { inner: delivery.receipt, link: self.link.clone() });
            if world.strikes(Fault::DeliveredTwice) {
                self.hold(again(&delivery), 5_000_000);
            }
            if world.strikes(Fault::DeliveredOutOfOrder) {
                self.hold(delivery, 2_500_000);
                continue;
            }
            return Ok(delivery);
        }
    }
}

/// The way back of an acknowledgement.
struct SimulatedReceipt {
    inner: Arc<dyn Receipt>,
    link: Link,
}

impl SimulatedReceipt {
    async fn arrives(&self) -> Result<bool, BusError> {
        Turn::over().await;
        let world = &self.link.world;
        if world.is_away(self.link.server) {
            return Err(BusError("no answer".to_owned()));
        }
        Ok(!world.strikes(Fault::AckLost))
    }
}

#[async_trait]
impl Receipt for SimulatedReceipt {
    async fn acknowledge(&self) -> Result<(), BusError> {
        if self.arrives().await? { self.inner.acknowledge().await } else { Ok(()) }
    }

    async fn again_in(&self, pause: Duration) -> Result<(), BusError> {
        if self.arrives().await? { self.inner.again_in(pause).await } else { Ok(()) }
    }

    async fn in_hand(&self) -> Result<(), BusError> {
        if self.arrives().await? { self.inner.in_hand().await } else { Ok(()) }
    }

    async fn terminate(&self) -> Result<(), BusError> {
        if self.arrives().await? { self.inner.terminate().await } else { Ok(()) }
    }
}
