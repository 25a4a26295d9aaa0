//! The whole stream, read by the tool's reader and by a bare consumer of the client, in turns.

use std::time::{Duration, Instant};

use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, DeliverPolicy, push},
};
use futures::StreamExt as _;
use messaging::{Archive as _, JetStream};
use runtime::{Runtime, TokioTasks};

use super::making::measuring;
use super::{best, median, say, verdict};
use crate::{Error, Result};

/// A message that takes longer does not come any more.
const PATIENCE: Duration = Duration::from_secs(30);

const HEARTBEAT: Duration = Duration::from_secs(5);

/// Events a second, round by round.
pub(super) struct Read {
    bare: Vec<f64>,
    ours: Vec<f64>,
}

pub(super) async fn read(url: &str, events: u64, rounds: usize) -> Result<Read> {
    let bus =
        JetStream::connect(url, "bench", Runtime::real(TokioTasks::default())).await.map_err(measuring)?;
    let mut read = Read { bare: Vec::new(), ours: Vec::new() };
    // The first reading finds the stream's files cold.
    bare(url, events).await?;
    for _ in 0..rounds {
        read.bare.push(rate(events, bare(url, events).await?));
        read.ours.push(rate(events, ours(&bus, events).await?));
    }
    Ok(read)
}

fn rate(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64()
}

async fn bare(url: &str, events: u64) -> Result<Duration> {
    // Room for all: nothing that came too fast is thrown away.
    let room = usize::try_from(events).unwrap_or(usize::MAX).max(65_536);
    let options = async_nats::ConnectOptions::new().subscription_capacity(room);
    let client = options.connect(url).await.map_err(measuring)?;
    let stream = jetstream::new(client.clone()).get_stream("EVENTS").await.map_err(measuring)?;
    let begun_at = Instant::now();
    let config = push::Config {
        deliver_subject: client.new_inbox(),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        // Without it a server cuts off who reads a long stream more slowly than it is sent.
        flow_control: true,
        idle_heartbeat: HEARTBEAT,
        memory_storage: true,
        ..push::Config::default()
    };
    let consumer = stream.create_consumer(config).await.map_err(measuring)?;
    let mut messages = consumer.messages().await.map_err(measuring)?;
    for _ in 0..events {
        let message = tokio::time::timeout(PATIENCE, messages.next()).await.map_err(measuring)?;
        std::hint::black_box(message.ok_or(Error::Gone)?.map_err(measuring)?);
    }
    Ok(begun_at.elapsed())
}

async fn ours(bus: &JetStream, events: u64) -> Result<Duration> {
    let begun_at = Instant::now();
    let mut came = 0;
    let mut each = |glimpse: messaging::Glimpse<'_>| {
        std::hint::black_box(glimpse);
        came += 1;
    };
    bus.pass(1, u64::MAX, &mut each).await.map_err(measuring)?;
    let took = begun_at.elapsed();
    if came == events { Ok(took) } else { Err(Error::Measuring(format!("{came} of {events} events came"))) }
}

impl Read {
    pub(super) fn tell(&self, aim: f64) {
        say("  reading the stream                  at best        median");
        for (name, rates) in [("a bare consumer", &self.bare), ("the tool's reader", &self.ours)] {
            say(&format!("    {name:<22} {:>9.0} /s {:>11.0} /s", best(rates), median(rates)));
        }
        let ratio = |of: fn(&[f64]) -> f64| of(&self.ours) / of(&self.bare);
        say(&format!("    {:<22} {:>9.2}    {:>11.2}", "ratio", ratio(best), ratio(median)));
        say(&format!("  aim: {aim} of the bare consumer's rate: {}\n", verdict(ratio(median) >= aim)));
    }
}
