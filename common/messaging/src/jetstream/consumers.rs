//! The durable consumers of the stream: what a service calls its own, and how far all are, for whoever looks after it.

use async_nats::jetstream::consumer;
use async_nats::jetstream::stream::{ConsumersErrorKind, Stream};
use contracts::Timestamp;
use futures::StreamExt as _;

use super::{JetStream, reading};
use crate::archive::Extent;
use crate::bus::BusError;

/// One durable consumer, as the server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerState {
    /// A service's name, and behind it a number where it has several.
    pub name: String,
    /// What it is filtered to; nothing where it hears everything.
    pub subjects: Vec<String>,
    /// Up to here on the stream everything was delivered once.
    pub delivered: u64,
    /// Up to here everything was acknowledged.
    pub acknowledged: u64,
    /// What was not delivered yet.
    pub pending: u64,
    /// What was delivered, and is not acknowledged.
    pub unanswered: u64,
    /// What of it was delivered more than once.
    pub redelivered: u64,
    pub is_paused: bool,
    /// The first message that is not acknowledged: where it stands, and since when.
    pub oldest: Option<(u64, Timestamp)>,
}

impl JetStream {
    /// The durable consumers of a service: the first one, and one for each set of types that it came to hear later.
    pub(super) async fn durables(&self, stream: &Stream<()>, service: &str) -> Result<Vec<String>, BusError> {
        let listing = async {
            let mut names = stream.consumer_names();
            let mut ours = Vec::new();
            while let Some(name) = names.next().await {
                let name = name?;
                if is_durable_of(service, &name) {
                    ours.push(name);
                }
            }
            Ok::<_, async_nats::jetstream::stream::ConsumersError>(ours)
        };
        let mut ours = self.within(listing).await?;
        ours.sort_unstable();
        Ok(ours)
    }

    /// Every durable consumer of the stream, by name. Nothing is asked for that would change one.
    pub async fn consumers(&self) -> Result<Vec<ConsumerState>, BusError> {
        let stream = self.stream().await?;
        let listing = async {
            let mut listed = stream.consumer_names();
            let mut names = Vec::new();
            while let Some(name) = listed.next().await {
                names.push(name?);
            }
            Ok::<_, async_nats::error::Error<ConsumersErrorKind>>(names)
        };
        let mut names = self.within(listing).await?;
        names.sort_unstable();
        let mut states = Vec::new();
        for name in names {
            let info = self.within(stream.consumer_info(&name)).await;
            match info {
                Ok(info) if info.config.durable_name.is_some() => states.push(self.standing(info).await?),
                Ok(_) => {}
                // One without a name may have ended since it was listed.
                Err(error) => tracing::debug!(name, %error, "no such consumer any more"),
            }
        }
        Ok(states)
    }

    async fn standing(&self, info: consumer::Info) -> Result<ConsumerState, BusError> {
        let config = info.config;
        let mut subjects = config.filter_subjects;
        subjects.extend((!config.filter_subject.is_empty()).then_some(config.filter_subject));
        let (acknowledged, unanswered) = (info.ack_floor.stream_sequence, info.num_ack_pending as u64);
        let oldest = if info.num_pending + unanswered > 0 {
            let first = reading::part(self, subjects.clone(), acknowledged + 1, 1, Extent::Ids).await?;
            first.first().map(|first| (first.sequence, first.stored.stored_at))
        } else {
            None
        };
        Ok(ConsumerState {
            name: info.name,
            subjects,
            delivered: info.delivered.stream_sequence,
            acknowledged,
            pending: info.num_pending,
            unanswered,
            redelivered: info.num_redelivered as u64,
            is_paused: info.paused,
            oldest,
        })
    }
}

/// `orders`, `orders-2`, `orders-3` …: few names, so that the server can be told whose they are.
pub(super) fn durable(service: &str, number: u32) -> String {
    if number == 1 { service.to_owned() } else { format!("{service}-{number}") }
}

fn is_durable_of(service: &str, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(service) else { return false };
    rest.is_empty() || rest.strip_prefix('-').is_some_and(|number| number.parse::<u32>().is_ok())
}
