//! Listens to the bus, and prints beside each request the events that it caused.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_nats::{ConnectOptions, HeaderMap, Message, ServerAddr, Subscriber};
use futures::StreamExt as _;

use crate::{
    report::say,
    shopper::{Answer, Ask, Shopper},
};

/// Events that come later than this after one another belong to nothing that is still going on.
const QUIET: Duration = Duration::from_millis(200);

pub(super) struct Narrator {
    events: Subscriber,
    /// The ids of our requests: all other traffic of the shop is none of this story.
    ours: BTreeSet<String>,
    steps: usize,
    heard: usize,
    /// Held so that the subscription lives.
    _client: async_nats::Client,
}

impl Narrator {
    pub(super) async fn listen(nats: &str) -> anyhow::Result<Self> {
        let client = known_to(nats)?.connect(nats).await.context("the shop's NATS does not answer")?;
        let events = client.subscribe("events.>").await.context("could not listen to the events")?;
        client.flush().await.context("could not listen to the events")?;
        Ok(Self { events, ours: BTreeSet::new(), steps: 0, heard: 0, _client: client })
    }

    /// How many events the whole story had.
    pub(super) fn heard(&self) -> usize {
        self.heard
    }

    pub(super) async fn tell(&mut self, what: &str, who: &Shopper, ask: Ask<'_>) -> anyhow::Result<Answer> {
        let line = format!("{} {}", ask.method, ask.path);
        let wait = ask.wait.map_or_else(String::new, |seconds| format!("   Prefer: wait={seconds}"));
        let asked_at = Instant::now();
        let answer = who.ask(ask).await?;
        let took = asked_at.elapsed();
        self.ours.insert(answer.request_id.clone());
        self.steps += 1;
        let outcome =
            if answer.status.is_success() { answer.text("status").to_owned() } else { answer.problem() };
        say(&format!("{:>2}  {what}\n    {line}{wait}", self.steps));
        say(&format!("    → {} {outcome}   {} ms", answer.status.as_u16(), took.as_millis()));
        self.follow().await;
        Ok(answer)
    }

    /// Prints what comes until it is quiet.
    async fn follow(&mut self) {
        while let Ok(Some(message)) = tokio::time::timeout(QUIET, self.events.next()).await {
            if let Some(line) = self.describe(&message) {
                self.heard += 1;
                say(&line);
            }
        }
    }

    fn describe(&self, message: &Message) -> Option<String> {
        let headers = message.headers.as_ref()?;
        if !self.ours.contains(header(headers, "ce-correlationid")) {
            return None;
        }
        let category = message.subject.split('.').nth(1).unwrap_or_default();
        let id = header(headers, "ce-subject");
        let short = id.get(id.len().saturating_sub(6)..).unwrap_or(id);
        let (sequence, kind) = (header(headers, "ce-sequence"), header(headers, "ce-type"));
        let kind = kind.rsplit('.').next().unwrap_or(kind);
        Some(format!("         {:<12} …{short}  {sequence:>2}  {kind}", category))
    }
}

/// By the user that the URL names: the client reads none out of it.
fn known_to(nats: &str) -> anyhow::Result<ConnectOptions> {
    let address: ServerAddr = nats.parse().context("the address of the shop's NATS")?;
    Ok(match (address.username(), address.password()) {
        (Some(user), Some(password)) => {
            ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        }
        _ => ConnectOptions::new(),
    })
}

fn header<'headers>(headers: &'headers HeaderMap, name: &str) -> &'headers str {
    headers.get(name).map_or("", |value| value.as_str())
}
