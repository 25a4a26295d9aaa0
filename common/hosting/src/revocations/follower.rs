//! Follows what auth says of revocations, for as long as the process runs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use messaging::{Bus, BusError, Heard, Stored};
use metrics::gauge;
use runtime::Runtime;
use service::caller::Revocations as _;
use service::health::Dependency;

use super::heartbeat::{Heartbeat, SUBJECT};
use super::known::{HEARS, REMEMBERED};
use super::{Figures, Revocations};

const PAUSE_AFTER_LOSS: Duration = Duration::from_millis(100);
const MEASURE_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Follower {
    pub revocations: Arc<Revocations>,
    pub bus: Arc<dyn Bus>,
    pub runtime: Runtime,
    /// Up once all was heard that was said before the start; being cut off later does not change that.
    pub health: Dependency,
}

impl Follower {
    /// For as long as it is polled.
    pub(crate) async fn run(&self) {
        tokio::join!(self.follow(), self.overhear(), self.measure());
    }

    /// What was said in the last minutes, and all that is said from then on; after each loss from there again.
    async fn follow(&self) {
        loop {
            let Err(error) = self.follow_one_connection().await;
            tracing::debug!(%error, "revocations cannot be followed");
            self.revocations.note_loss();
            self.runtime.sleep(PAUSE_AFTER_LOSS).await;
        }
    }

    async fn follow_one_connection(&self) -> Result<Infallible, BusError> {
        let mut following = self.bus.follow_from(HEARS, self.runtime.now() - REMEMBERED).await?;
        loop {
            gauge!("revocations_lag").set(following.behind() as f64);
            if following.behind() == 0 {
                self.revocations.note_complete();
                self.tell_health();
            }
            self.hear(&following.next().await?);
        }
    }

    fn hear(&self, stored: &Stored) {
        let opened = stored.parcel.open();
        let heard = opened.and_then(|message| Heard::decode(&message).map_err(|error| error.to_string()));
        match heard {
            Ok(heard) => self.revocations.hear(&heard),
            Err(error) => tracing::error!(error, "a revocation cannot be read"),
        }
    }

    async fn overhear(&self) {
        loop {
            match self.bus.overhear(SUBJECT).await {
                Ok(mut mentions) => {
                    while let Some(body) = mentions.next().await {
                        if let Some(heartbeat) = Heartbeat::read(&body) {
                            self.revocations.hear_heartbeat(heartbeat);
                            self.tell_health();
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "heartbeats cannot be heard"),
            }
            self.runtime.sleep(PAUSE_AFTER_LOSS).await;
        }
    }

    async fn measure(&self) {
        let mut was_cut_off = false;
        loop {
            self.revocations.forget_expired();
            let Figures { known, age } = self.revocations.figures();
            gauge!("revocations").set(known as f64);
            gauge!("revocations_age_seconds").set(age.as_secs_f64());
            let is_ready = self.revocations.missing().is_none();
            let is_cut_off = is_ready && self.revocations.is_cut_off(self.runtime.now());
            match (was_cut_off, is_cut_off) {
                (false, true) => {
                    tracing::warn!(age = age.as_secs(), "cut off from auth: nothing is changed here")
                }
                (true, false) => tracing::info!("auth is heard again: changes are taken"),
                _ => {}
            }
            was_cut_off = is_cut_off;
            self.runtime.sleep(MEASURE_EVERY).await;
        }
    }

    fn tell_health(&self) {
        match self.revocations.missing() {
            None => self.health.up(),
            Some(why) => self.health.down(why),
        }
    }
}
