//! `lag`: how far each consumer of the stream is, and what waits there for how long.

use std::io::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use contracts::Timestamp;
use messaging::{Bus as _, ConsumerState, JetStream};
use runtime::{Runtime, TokioTasks};
use serde_json::{Value, json};

use crate::commands::Servers;
use crate::terminal::Terminal;
use crate::{Failure, SERVICE};

/// What waits longer than this is told to somebody.
const TOO_LONG: Duration = Duration::from_secs(60);
const AGAIN_AFTER: Duration = Duration::from_secs(2);
const WARNING: Style = AnsiColor::Yellow.on_default();
/// The cursor goes to the corner, and what stood there goes.
const CLEAR: &str = "\x1b[2J\x1b[H";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print JSON, a line for each look
    #[arg(long)]
    json: bool,
    /// Look again every two seconds
    #[arg(long)]
    watch: bool,
}

/// One look at all consumers.
#[derive(Debug)]
struct Lag {
    /// Where the stream ends.
    end: u64,
    at: Timestamp,
    consumers: Vec<ConsumerState>,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let Arguments { json, watch } = arguments;
    let runtime = Runtime::real(TokioTasks::default());
    let bus = servers.stream.open_bus(SERVICE, runtime.clone()).await?;
    loop {
        let lag = Lag::look(&bus, &runtime).await?;
        if json {
            writeln!(terminal, "{}", lag.to_json())?;
        } else {
            if watch && terminal.is_watched {
                write!(terminal, "{CLEAR}")?;
            }
            lag.print(terminal)?;
        }
        terminal.flush()?;
        if !watch {
            return lag.verdict();
        }
        runtime.sleep(AGAIN_AFTER).await;
    }
}

impl Lag {
    async fn look(bus: &JetStream, runtime: &Runtime) -> Result<Self, Failure> {
        let consumers = bus.consumers().await?;
        let end = bus.state().await?.last_sequence;
        Ok(Self { end, at: runtime.now(), consumers })
    }

    /// What stands in the way of a good night: by consumer, in words.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for consumer in &self.consumers {
            let name = &consumer.name;
            if consumer.is_paused {
                warnings.push(format!("{name} is paused"));
            }
            if let Some((sequence, _)) = consumer.oldest
                && let Some(age) = self.age(consumer)
                && age > TOO_LONG
            {
                warnings.push(format!("{name} has not finished #{sequence} in {}", in_words(age)));
            }
        }
        warnings
    }

    fn verdict(&self) -> Result<(), Failure> {
        match self.warnings().len() {
            0 => Ok(()),
            1 => Err(Failure::Found("something waits for too long".to_owned())),
            count => Err(Failure::Found(format!("{count} consumers wait for too long"))),
        }
    }

    /// How long the oldest event waits that is not acknowledged.
    fn age(&self, consumer: &ConsumerState) -> Option<Duration> {
        consumer.oldest.map(|(_, stored_at)| self.at.since(stored_at))
    }

    fn print(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        writeln!(terminal, "the stream ends at #{}", self.end)?;
        if self.consumers.is_empty() {
            return Ok(writeln!(terminal, "nobody consumes it")?);
        }
        writeln!(
            terminal,
            "{:<16} {:>12} {:>12} {:>9} {:>9} {:>11} {:>8}",
            "consumer", "acknowledged", "delivered", "pending", "in flight", "redelivered", "oldest"
        )?;
        for consumer in &self.consumers {
            let oldest = self.age(consumer).map_or_else(|| "-".to_owned(), in_words);
            let style = match self.age(consumer) {
                Some(age) if age > TOO_LONG => WARNING,
                _ if consumer.is_paused => WARNING,
                _ => Style::new(),
            };
            writeln!(
                terminal,
                "{style}{:<16} {:>12} {:>12} {:>9} {:>9} {:>11} {:>8}{}{style:#}",
                consumer.name,
                consumer.acknowledged,
                consumer.delivered,
                consumer.pending,
                consumer.unanswered,
                consumer.redelivered,
                oldest,
                if consumer.is_paused { "  paused" } else { "" },
            )?;
        }
        for warning in self.warnings() {
            writeln!(terminal, "{WARNING}warning:{WARNING:#} {warning}")?;
        }
        Ok(())
    }

    fn to_json(&self) -> Value {
        let consumer = |consumer: &ConsumerState| {
            json!({
                "consumer": consumer.name,
                "service": service_of(&consumer.name),
                "acknowledged": consumer.acknowledged,
                "delivered": consumer.delivered,
                "pending": consumer.pending,
                "in_flight": consumer.unanswered,
                "redelivered": consumer.redelivered,
                "is_paused": consumer.is_paused,
                "oldest_sequence": consumer.oldest.map(|(sequence, _)| sequence),
                "oldest_age_ms": self.age(consumer).map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
            })
        };
        json!({
            "at": self.at,
            "end": self.end,
            "consumers": self.consumers.iter().map(consumer).collect::<Vec<_>>(),
            "warnings": self.warnings(),
        })
    }
}

/// Of `orders-2` it is `orders`.
fn service_of(consumer: &str) -> &str {
    match consumer.rsplit_once('-') {
        Some((service, number)) if number.parse::<u32>().is_ok() => service,
        _ => consumer,
    }
}

fn in_words(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(consumers: Vec<ConsumerState>) -> Lag {
        Lag { end: 9, at: Timestamp::from_millis(100_000_000), consumers }
    }

    fn consumer(waits_ms: i64, is_paused: bool) -> ConsumerState {
        ConsumerState {
            name: "orders-2".to_owned(),
            subjects: Vec::new(),
            delivered: 8,
            acknowledged: 6,
            pending: 1,
            unanswered: 2,
            redelivered: 0,
            is_paused,
            oldest: Some((7, Timestamp::from_millis(100_000_000 - waits_ms))),
        }
    }

    #[test]
    fn what_waits_for_more_than_a_minute_is_said_and_so_is_who_is_paused() {
        assert!(lag(vec![consumer(60_000, false)]).warnings().is_empty());
        let late = lag(vec![consumer(61_000, false)]);
        assert_eq!(late.warnings(), ["orders-2 has not finished #7 in 61 s"]);
        assert!(late.verdict().is_err());
        assert_eq!(lag(vec![consumer(0, true)]).warnings(), ["orders-2 is paused"]);
        assert!(lag(vec![]).verdict().is_ok());
    }

    #[test]
    fn a_second_consumer_is_its_services() {
        assert_eq!(service_of("orders-2"), "orders");
        assert_eq!(service_of("orders"), "orders");
        assert_eq!(service_of("live-pages"), "live-pages");
    }
}
