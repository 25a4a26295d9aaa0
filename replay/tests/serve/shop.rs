//! The server over a stream in memory, with an issuer of tokens, a clock that can be moved, and somebody to ban.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use contracts::users::Role;
use contracts::{Timestamp, UserId};
use eventsourcing::Actor;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use history::History;
use http_body_util::BodyExt as _;
use messaging::{Bus as _, MemoryBus};
use replay::serve::Replay;
use runtime::{RandomIds, Runtime, TokioTasks};
use serde_json::Value;
use service::caller::{Claims, Revocations, Verifier};
use service::http::{EdgeOptions, Streams, edge};
use testing::{ForwardClock, Issuer};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::said::Say;

const SOON: Duration = Duration::from_secs(20);

/// The server and the world around it.
pub(crate) struct Shop {
    pub(crate) clock: Arc<ForwardClock>,
    pub(crate) stop: CancellationToken,
    pub(crate) bus: MemoryBus,
    runtime: Runtime,
    history: History,
    router: Router,
    issuer: Issuer,
    banned: Arc<Banned>,
}

#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    role: Role,
}

/// What a request was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A live stream under way.
pub(crate) struct Listening {
    runtime: Runtime,
    parts: BoxStream<'static, Bytes>,
    text: String,
}

#[derive(Default)]
struct Banned(Mutex<BTreeSet<UserId>>);

impl Revocations for Banned {
    fn refuses(&self, claims: &Claims) -> bool {
        self.0.lock().unwrap().contains(&claims.sub)
    }

    fn is_cut_off(&self, _: Timestamp) -> bool {
        false
    }
}

pub(crate) fn admin() -> Person {
    Person { id: UserId(Uuid::from_u128(0xad_0000)), role: Role::Admin }
}

pub(crate) fn somebody() -> Person {
    Person { id: UserId(Uuid::from_u128(0xb0_0000)), role: Role::User }
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

impl Shop {
    pub(crate) fn open() -> Self {
        let clock = Arc::new(ForwardClock::default());
        let runtime = Runtime::new(clock.clone(), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        let bus = MemoryBus::new(runtime.clone());
        let history = History::new(Arc::new(bus.clone()), runtime.clone(), 1_000);
        let issuer = Issuer::default();
        let origin = "http://localhost:3000".parse().unwrap();
        let verifier =
            Verifier::open(&issuer.jwks_file(), "stagedoor", "stagedoor", &origin, runtime.clone()).unwrap();
        let banned = Arc::new(Banned::default());
        let verifier = verifier.with_revocations(banned.clone());
        let stop = CancellationToken::new();
        let mut options = EdgeOptions::new(runtime.clone(), Arc::new(verifier), origin);
        options.streams = Streams::new(runtime.clone(), stop.clone(), 10);
        let router = edge(Replay::new(history.clone()).routes(), options);
        Self { clock, stop, bus, runtime, history, router, issuer, banned }
    }

    /// Follows the stream until the test ends.
    pub(crate) async fn keeping_up() -> Self {
        let shop = Self::open();
        let history = shop.history.clone();
        shop.runtime.spawn("keeps up", async move { history.keep_up().await });
        shop.knows_all().await;
        shop
    }

    pub(crate) async fn knows_all(&self) {
        let all = async {
            let end = self.bus.state().await.unwrap().last_sequence;
            while self.history.progress() != (history::Progress { is_complete: true, sequence: end }) {
                self.runtime.sleep(Duration::from_millis(5)).await;
            }
        };
        self.runtime.timeout(SOON, all).await.expect("all is known");
    }

    /// Puts an event on the stream, whose id is this number, and says where it stands.
    pub(crate) async fn says(
        &self,
        subject: (&str, u128, &str),
        event: u128,
        cause: u128,
        data: Value,
    ) -> u64 {
        let (category, aggregate, event_type) = subject;
        let say = Say {
            subject: (category, id(aggregate), event_type),
            event_id: id(event),
            causation_id: id(cause),
            correlation_id: id(0xc0),
            actor: Actor::User(somebody().id),
            at: self.runtime.now(),
            data,
        };
        say.on(&self.bus).await
    }

    pub(crate) fn ban(&self, person: Person) {
        self.banned.0.lock().unwrap().insert(person.id);
    }

    fn request(&self, person: Option<Person>, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
        let mut request = Request::builder().method(Method::GET).uri(path);
        if let Some(person) = person {
            let token = self.issuer.token(person.id, &[person.role], self.runtime.now());
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    pub(crate) async fn get(&self, person: Option<Person>, path: &str) -> Answer {
        self.get_with(person, path, &[]).await
    }

    pub(crate) async fn get_with(
        &self,
        person: Option<Person>,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let response = self.router.clone().oneshot(self.request(person, path, headers)).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// What an admin is answered who may have it.
    pub(crate) async fn shows(&self, path: &str) -> Value {
        let answer = self.get(Some(admin()), path).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        answer.json()
    }

    pub(crate) async fn listens(&self, path: &str, headers: &[(&str, &str)]) -> Listening {
        let response = self.router.clone().oneshot(self.request(Some(admin()), path, headers)).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let parts = response.into_body().into_data_stream().filter_map(async |part| part.ok()).boxed();
        Listening { runtime: self.runtime.clone(), parts, text: String::new() }
    }
}

impl Listening {
    /// The id of the next event, and what it says; none where the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let mut lines = block.lines();
                    lines.find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
                };
                if let Some(data) = field("data:") {
                    assert_eq!(field("event:").as_deref(), Some("event"));
                    let sequence = field("id:").unwrap().parse().unwrap();
                    return Some((sequence, serde_json::from_str(&data).unwrap()));
                }
            }
            let part = self.runtime.timeout(SOON, self.parts.next()).await.expect("something comes");
            self.text.push_str(std::str::from_utf8(&part?).unwrap());
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    /// Demands a problem of this kind.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, slug: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!(self.status.as_u16(), status);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        problem
    }
}
