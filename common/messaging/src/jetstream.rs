//! The bus over NATS JetStream: one stream, `EVENTS`, from which nothing is ever deleted.

mod archive;
mod consumers;
mod following;
mod known;
mod passing;
mod reading;
mod subscription;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::{Context, GetStreamErrorKind, PublishErrorKind};
use async_nats::jetstream::stream::{self, LastRawMessageErrorKind, StorageType, Stream};
use async_nats::jetstream::{ErrorCode, message::PublishMessage};
use async_nats::{Client, Event, HeaderMap};
use async_trait::async_trait;
use contracts::Timestamp;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use runtime::Runtime;
use tokio::sync::watch;
use uuid::Uuid;

use crate::bus::{
    Bus, BusError, ConsumerSpec, DUPLICATES, Following, LastMessage, PublishError, Stored, StreamState,
    Subscription,
};
use crate::message::{Message, Parcel, SUBJECT_PREFIX, Wire};
pub use consumers::ConsumerState;
use consumers::durable;
pub use known::known_as;

const STREAM: &str = "EVENTS";
/// How long the server may take for one request; after that its outcome is unknown.
const LIMIT: Duration = Duration::from_secs(3);
/// A burst of messages that come too early must not hold up the others.
const UNANSWERED: i64 = 20_000;
/// No constant of the client's names it.
const EXPECTED_SUBJECT: &str = "Nats-Expected-Last-Subject-Sequence-Subject";
/// Another write to this subject is under way.
const IN_FLIGHT: u64 = 10_164;
/// This message id is being stored just now.
const DUPLICATE_IN_PROCESS: u64 = 10_158;

/// The stream of events on a NATS server.
#[derive(Clone)]
pub struct JetStream {
    client: Client,
    context: Context,
    runtime: Runtime,
    connections: watch::Receiver<u64>,
    /// How often a connection was lost.
    losses: watch::Receiver<u64>,
}

impl JetStream {
    /// Connects in the background, now and whenever the connection is lost.
    pub async fn connect(url: &str, service: &str, runtime: Runtime) -> Result<Self, BusError> {
        let (connected, connections) = watch::channel(0_u64);
        let (lost, losses) = watch::channel(0_u64);
        let options = known_as(service, url)?
            .retry_on_initial_connect()
            .request_timeout(Some(LIMIT))
            .event_callback(move |event| {
                match event {
                    Event::Connected => connected.send_modify(|count| *count += 1),
                    Event::Disconnected => lost.send_modify(|count| *count += 1),
                    Event::ServerError(error) => tracing::warn!(%error, "NATS refused something"),
                    event => tracing::debug!(%event, "NATS"),
                }
                std::future::ready(())
            });
        let client = options.connect(url).await.map_err(unavailable)?;
        let mut context = async_nats::jetstream::new(client.clone());
        context.set_timeout(LIMIT);
        Ok(Self { client, context, runtime, connections, losses })
    }

    /// Sends what is still under way. For the end of a process.
    pub async fn flush(&self) {
        // Whoever stops does not wait for a server that is away.
        let _ = self.runtime.timeout(LIMIT, self.client.flush()).await;
    }

    async fn within<T, E: std::fmt::Display>(
        &self,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, BusError> {
        self.answer(LIMIT + Duration::from_secs(1), request).await?.map_err(unavailable)
    }

    /// Nobody answers what was asked over a connection that is lost: then it need not be waited for.
    async fn answer<T>(&self, limit: Duration, request: impl Future<Output = T>) -> Result<T, BusError> {
        let mut losses = self.losses();
        let lost = async {
            if losses.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            answer = request => Ok(answer),
            () = lost => Err(BusError("the connection to NATS was lost".to_owned())),
            () = self.runtime.sleep(limit) => Err(BusError("no answer from NATS".to_owned())),
        }
    }

    /// Changes when the connection that there is now is lost.
    fn losses(&self) -> watch::Receiver<u64> {
        let mut losses = self.losses.clone();
        losses.mark_unchanged();
        losses
    }

    fn stream(&self) -> impl Future<Output = Result<Stream<()>, BusError>> {
        self.within(self.context.get_stream_no_info(STREAM))
    }
}

#[async_trait]
impl Bus for JetStream {
    async fn prepare(&self) -> Result<(), BusError> {
        let config = stream::Config {
            name: STREAM.to_owned(),
            subjects: vec![format!("{SUBJECT_PREFIX}.>")],
            storage: StorageType::File,
            deny_delete: true,
            deny_purge: true,
            duplicate_window: DUPLICATES,
            ..stream::Config::default()
        };
        self.within(self.context.get_or_create_stream(config)).await.map(drop)
    }

    async fn state(&self) -> Result<StreamState, BusError> {
        let stream = self.stream().await?;
        let info = self.within(stream.get_info()).await?;
        Ok(StreamState { created: timestamp(info.created), last_sequence: info.state.last_sequence })
    }

    async fn last(&self, category: &str, id: Uuid) -> Result<Option<LastMessage>, BusError> {
        let stream = self.stream().await?;
        let subject = all_of(category, id);
        let request = async {
            match stream.get_last_raw_message_by_subject(&subject).await {
                Ok(message) => Ok(Some(message)),
                Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let Some(message) = self.within(request).await? else { return Ok(None) };
        let header = |name: &str| message.headers.get(name).map(async_nats::HeaderValue::as_str);
        let last = || {
            Some(LastMessage {
                sequence: message.sequence,
                version: header("ce-sequence")?.parse().ok()?,
                event_id: header("ce-id")?.parse().ok()?,
            })
        };
        last().map(Some).ok_or_else(|| BusError(format!("the last message of {subject} is no event of ours")))
    }

    async fn publish(&self, message: &Message, expected_last: u64) -> Result<u64, PublishError> {
        let Wire { subject, headers, body } = message.to_wire();
        let mut header_map = HeaderMap::new();
        for (name, value) in &headers {
            header_map.insert(name.as_str(), value.as_str());
        }
        header_map.insert(EXPECTED_SUBJECT, all_of(&message.category, message.id));
        let publication = PublishMessage::build()
            .headers(header_map)
            .payload(body.into())
            .message_id(message.recorded.id.to_string())
            .expected_last_subject_sequence(expected_last);
        let request = async { self.context.send_publish(subject, publication).await?.await };
        match self.answer(LIMIT, request).await {
            Ok(Ok(stored)) => Ok(stored.sequence),
            Ok(Err(error)) => Err(match error.kind() {
                PublishErrorKind::WrongLastSequence => PublishError::Conflict,
                _ if is_conflict(&error) => PublishError::Conflict,
                _ => PublishError::Unavailable(error.to_string()),
            }),
            Err(BusError(why)) => Err(PublishError::Unavailable(why)),
        }
    }

    async fn get(&self, sequence: u64) -> Result<Option<Stored>, BusError> {
        let stream = self.stream().await?;
        let request = async {
            match stream.get_raw_message(sequence).await {
                Ok(message) => Ok(Some(message)),
                Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let message = self.within(request).await?;
        Ok(message.map(|message| Stored {
            parcel: Parcel::Wired(wire(message.subject.as_str(), Some(&message.headers), &message.payload)),
            stored_at: timestamp(message.time),
        }))
    }

    async fn sequence_at(&self, time: Timestamp) -> Result<u64, BusError> {
        let stream = self.stream().await?;
        let config = pull::Config {
            deliver_policy: stored_since(time)?,
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(1),
            memory_storage: true,
            ..pull::Config::default()
        };
        let consumer = self.within(stream.create_consumer(config)).await?;
        Ok(consumer.cached_info().delivered.stream_sequence + 1)
    }

    async fn read(
        &self,
        categories: &[&str],
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Parcel)>, BusError> {
        reading::read(self, categories, sequence, limit).await
    }

    async fn subscribe(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        let stream = self.stream().await?;
        let mut missing = subjects(spec.hears);
        let wanted = missing.clone();
        let durables = self.durables(&stream, spec.name).await?;
        let mut consumers = Vec::new();
        for name in &durables {
            let consumer: consumer::Consumer<pull::Config> = self.within(stream.get_consumer(name)).await?;
            let config = &consumer.cached_info().config;
            let heard = |subject: &String| {
                config.filter_subject == *subject || config.filter_subjects.contains(subject)
            };
            // What only replicas of another version hear is left to them.
            if wanted.iter().any(heard) {
                missing.retain(|subject| !heard(subject));
                consumers.push(consumer);
            }
        }
        if !missing.is_empty() {
            // A filter is never changed: replicas of another version go on with theirs.
            let mut names = (1..).map(|number| durable(spec.name, number));
            let name = names.find(|name| !durables.contains(name));
            let config = pull::Config {
                durable_name: name,
                ack_policy: AckPolicy::Explicit,
                ack_wait: spec.ack_wait,
                max_deliver: -1,
                max_ack_pending: UNANSWERED,
                filter_subjects: missing,
                ..pull::Config::default()
            };
            // Of two versions that take the same name one gets it, and the other looks again.
            consumers.push(self.within(stream.create_consumer_strict(config)).await?);
        }
        subscription::open(consumers, self.clone()).await
    }

    async fn delivered(&self, consumer: &str) -> Result<Option<u64>, BusError> {
        let stream = self.stream().await?;
        let mut delivered = None;
        for name in self.durables(&stream, consumer).await? {
            let info = self.within(stream.consumer_info(&name)).await?;
            delivered = delivered.max(Some(info.delivered.stream_sequence));
        }
        Ok(delivered)
    }

    async fn rewind(&self, consumer: &str, sequence: u64) -> Result<(), BusError> {
        let stream = self.stream().await?;
        for name in self.durables(&stream, consumer).await? {
            let mut consumer: consumer::Consumer<pull::Config> =
                self.within(stream.get_consumer(&name)).await?;
            let acknowledged = consumer.cached_info().ack_floor.stream_sequence;
            self.within(consumer.reset(Some(sequence.min(acknowledged) + 1))).await?;
        }
        Ok(())
    }

    async fn forget(&self, consumer: &str) -> Result<(), BusError> {
        let stream = self.stream().await?;
        for name in self.durables(&stream, consumer).await? {
            self.within(stream.delete_consumer(&name)).await?;
        }
        Ok(())
    }

    async fn follow(&self, category: &str) -> Result<BoxStream<'static, Message>, BusError> {
        let subject = format!("{SUBJECT_PREFIX}.{category}.>");
        let messages = self.within(self.client.subscribe(subject)).await?;
        let read = |message: async_nats::Message| {
            let wire = wire(&message.subject, message.headers.as_ref(), &message.payload);
            std::future::ready(Message::from_wire(&wire).ok())
        };
        Ok(messages.filter_map(read).boxed())
    }

    async fn follow_from(
        &self,
        hears: &'static [(&'static str, &'static str)],
        since: Timestamp,
    ) -> Result<Box<dyn Following>, BusError> {
        following::open(self.clone(), hears, since).await
    }

    async fn mention(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        // The client would keep it until there is a connection again.
        if self.client.connection_state() != State::Connected {
            return Err(BusError("there is no connection to NATS".to_owned()));
        }
        self.within(self.client.publish(subject.to_owned(), body.into())).await
    }

    async fn overhear(&self, subject: &str) -> Result<BoxStream<'static, Vec<u8>>, BusError> {
        let mentions = self.within(self.client.subscribe(subject.to_owned())).await?;
        // Whoever reads the stream may have the server deliver an event to any subject: it bears its own.
        let subject = subject.to_owned();
        let heard = move |mention: async_nats::Message| {
            let is_mention = mention.subject.as_str() == subject;
            std::future::ready(is_mention.then(|| mention.payload.to_vec()))
        };
        Ok(mentions.filter_map(heard).boxed())
    }

    fn connections(&self) -> watch::Receiver<u64> {
        self.connections.clone()
    }
}

impl JetStream {
    /// Whether the stream is there at all.
    pub async fn has_stream(&self) -> Result<bool, BusError> {
        let found = self.answer(LIMIT, self.context.get_stream(STREAM)).await?;
        match found {
            Ok(_) => Ok(true),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Ok(false)
                }
                _ => Err(unavailable(error)),
            },
        }
    }
}

/// The subjects of these events of whatever aggregate.
fn subjects(hears: &[(&str, &str)]) -> Vec<String> {
    let subject =
        |(category, event_type): &(&str, &str)| format!("{SUBJECT_PREFIX}.{category}.*.{event_type}");
    let mut subjects: Vec<_> = hears.iter().map(subject).collect();
    subjects.sort_unstable();
    subjects
}

fn stored_since(time: Timestamp) -> Result<DeliverPolicy, BusError> {
    let nanos = i128::from(time.as_millis()) * 1_000_000;
    let start_time = async_nats::datetime::from_nanos(nanos).map_err(unavailable)?;
    Ok(DeliverPolicy::ByStartTime { start_time })
}

fn timestamp(time: async_nats::datetime::DateTime) -> Timestamp {
    Timestamp::from_millis(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default())
}

fn all_of(category: &str, id: Uuid) -> String {
    format!("{SUBJECT_PREFIX}.{category}.{id}.>")
}

fn unavailable(error: impl std::fmt::Display) -> BusError {
    BusError(error.to_string())
}

/// Somebody else is writing just now: look again where the aggregate stands.
fn is_conflict(error: &async_nats::jetstream::context::PublishError) -> bool {
    let api_error = error.source().and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>());
    let code = api_error.map(|error| error.error_code());
    code == Some(ErrorCode(IN_FLIGHT)) || code == Some(ErrorCode(DUPLICATE_IN_PROCESS))
}

fn wire(subject: &str, headers: Option<&HeaderMap>, body: &[u8]) -> Wire {
    let header = |(name, values): (&async_nats::HeaderName, &Vec<async_nats::HeaderValue>)| {
        Some((name.to_string().to_ascii_lowercase(), values.first()?.as_str().to_owned()))
    };
    let headers: BTreeMap<_, _> = headers.into_iter().flat_map(HeaderMap::iter).filter_map(header).collect();
    Wire { subject: subject.to_owned(), headers, body: body.to_vec() }
}
