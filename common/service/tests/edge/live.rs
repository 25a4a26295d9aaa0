//! Streams of events: what they begin with, what keeps them open, and all that ends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::get;
use contracts::users::Role;
use contracts::{Timestamp, UserId};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use runtime::{RandomIds, Runtime, TokioTasks};
use serde_json::json;
use service::caller::{Claims, Revocations, Verifier};
use service::health::Health;
use service::http::{EdgeOptions, Live, LiveEvent, Streams, edge};
use service::serve::{HEAD_WITHIN, Listen, Parts, run};
use testing::{Issuer, ManualClock};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Refuses everybody, once it is told.
#[derive(Default)]
struct Ban(AtomicBool);

impl Revocations for Ban {
    fn refuses(&self, _: &Claims) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn is_cut_off(&self, _: Timestamp) -> bool {
        false
    }
}

/// A service that streams whatever is said.
struct Station {
    router: Router,
    clock: ManualClock,
    issuer: Issuer,
    ban: Arc<Ban>,
    stop: CancellationToken,
    said: broadcast::Sender<u64>,
}

/// A stream that somebody listens to.
struct Heard {
    status: StatusCode,
    headers: HeaderMap,
    frames: BoxStream<'static, String>,
}

impl Station {
    fn with_places(places: usize) -> Self {
        let clock = ManualClock::at(START);
        let runtime =
            Runtime::new(Arc::new(clock.clone()), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        let (issuer, ban, stop) = (Issuer::default(), Arc::new(Ban::default()), CancellationToken::new());
        let origin = "http://localhost:3000".parse().unwrap();
        let verifier =
            Verifier::open(&issuer.jwks_file(), "stagedoor", "stagedoor", &origin, runtime.clone()).unwrap();
        let verifier = Arc::new(verifier.with_revocations(ban.clone()));
        let mut options = EdgeOptions::new(runtime.clone(), verifier, origin);
        options.streams = Streams::new(runtime, stop.clone(), places);
        let said = broadcast::Sender::new(16);
        let router = edge(routes(&said), options);
        Self { router, clock, issuer, ban, stop, said }
    }

    async fn listens(&self, token: Option<String>) -> Heard {
        let mut request = Request::get("/live");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = |data: axum::body::Bytes| String::from_utf8(data.to_vec()).unwrap();
        let frames = body.into_data_stream().map(move |data| text(data.unwrap())).boxed();
        Heard { status: parts.status, headers: parts.headers, frames }
    }

    fn token(&self) -> String {
        self.issuer.token(UserId(Uuid::from_u128(1)), &[Role::User], runtime::Clock::now(&self.clock))
    }

    /// What is heard while time passes, and whether the stream went on.
    async fn hears(&self, heard: &mut Heard, seconds: u64) -> (Vec<String>, bool) {
        let mut frames = Vec::new();
        let hearing = async {
            while let Some(frame) = heard.frames.next().await {
                frames.push(frame);
            }
        };
        let goes_on = tokio::select! {
            biased;
            () = hearing => false,
            () = self.clock.pass(Duration::from_secs(seconds)) => true,
        };
        (frames, goes_on)
    }
}

fn routes(said: &broadcast::Sender<u64>) -> Router {
    let said = said.clone();
    let live = async move |live: Live| {
        let events = futures::stream::unfold(said.subscribe(), async |mut said| {
            let number = said.recv().await.ok()?;
            Some((LiveEvent::new("number", format!("n:{number}"), &json!({ "number": number })), said))
        });
        live.answer(events)
    };
    Router::new().route("/live", get(live))
}

#[tokio::test]
async fn a_stream_says_when_to_come_back_and_then_what_happens() {
    let station = Station::with_places(1);
    let mut heard = station.listens(None).await;
    assert_eq!(heard.status, 200);
    for (name, value) in
        [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
    {
        assert_eq!(heard.headers[name], value, "{name}");
    }
    station.said.send(7).unwrap();
    let (frames, goes_on) = station.hears(&mut heard, 3).await;
    assert_eq!(frames, ["retry: 2000\n\n", "event: number\nid: n:7\ndata: {\"number\":7}\n\n"]);
    assert!(goes_on);
}

#[tokio::test]
async fn a_silent_stream_says_every_fifteen_seconds_that_it_is_there() {
    let station = Station::with_places(1);
    let mut heard = station.listens(None).await;
    assert_eq!(station.hears(&mut heard, 14).await, (vec!["retry: 2000\n\n".to_owned()], true));
    assert_eq!(station.hears(&mut heard, 2).await, (vec![": \n\n".to_owned()], true));
    assert_eq!(station.hears(&mut heard, 31).await, (vec![": \n\n".to_owned(); 2], true));
}

#[tokio::test]
async fn a_stream_ends_within_a_second_of_its_callers_ban() {
    let station = Station::with_places(2);
    let (mut own, mut anybodys) = (station.listens(Some(station.token())).await, station.listens(None).await);
    assert!(station.hears(&mut own, 20).await.1);
    station.ban.0.store(true, Ordering::SeqCst);
    assert!(!station.hears(&mut own, 2).await.1);
    assert!(station.hears(&mut anybodys, 20).await.1);
    assert_eq!(station.listens(Some(station.token())).await.status, 401);
}

#[tokio::test]
async fn who_is_banned_hears_nothing_of_what_happens_afterwards() {
    let station = Station::with_places(1);
    let mut heard = station.listens(Some(station.token())).await;
    assert!(station.hears(&mut heard, 0).await.1);
    station.ban.0.store(true, Ordering::SeqCst);
    station.said.send(7).unwrap();
    assert_eq!(station.hears(&mut heard, 0).await, (vec![], false));
}

#[tokio::test]
async fn a_stream_lasts_no_longer_than_its_callers_token() {
    let station = Station::with_places(1);
    let token = station.token();
    station.clock.pass(Duration::from_secs(890)).await;
    let mut heard = station.listens(Some(token)).await;
    assert!(station.hears(&mut heard, 8).await.1);
    assert!(!station.hears(&mut heard, 4).await.1);
}

#[tokio::test]
async fn a_stream_lasts_for_ten_minutes_at_most_however_much_there_is_to_say() {
    let station = Station::with_places(1);
    let mut heard = station.listens(None).await;
    for number in 0..599 {
        station.said.send(number).unwrap();
        assert!(station.hears(&mut heard, 1).await.1, "second {number}");
    }
    station.said.send(0).unwrap();
    assert!(!station.hears(&mut heard, 2).await.1);
}

#[tokio::test]
async fn who_finds_no_place_is_told_when_to_come_again() {
    let station = Station::with_places(2);
    let (one, _other) = (station.listens(None).await, station.listens(None).await);
    let third = station.listens(None).await;
    assert_eq!((third.status.as_u16(), &third.headers["retry-after"]), (503, &"5".parse().unwrap()));
    drop(one);
    assert_eq!(station.listens(None).await.status, 200);
}

#[tokio::test]
async fn a_stop_ends_every_stream() {
    let station = Station::with_places(1);
    let mut heard = station.listens(None).await;
    station.stop.cancel();
    assert_eq!(station.hears(&mut heard, 0).await, (vec!["retry: 2000\n\n".to_owned()], false));
}

/// Over a socket: the grace for open requests is not used up by those that would never end.
#[tokio::test]
async fn a_process_with_open_streams_stops_at_once() {
    let station = Station::with_places(1);
    let [http, internal] = [TcpListener::bind("127.0.0.1:0"), TcpListener::bind("127.0.0.1:0")];
    let (http, internal) = (http.await.unwrap(), internal.await.unwrap());
    let address = http.local_addr().unwrap();
    let tasks = TokioTasks::default();
    let runtime = Runtime::real(tasks.clone());
    let running = run(Parts {
        router: station.router.clone(),
        http: Listen::On(http),
        internal: Listen::On(internal),
        health: Health::new(),
        metrics: service::metrics::install().unwrap(),
        runtime: runtime.clone(),
        tasks,
        stop: station.stop.clone(),
        shutdown_grace: Duration::from_secs(60),
        head_within: HEAD_WITHIN,
        background: vec![],
    });
    let listening = async {
        let mut stream = reqwest::get(format!("http://{address}/live")).await.unwrap().bytes_stream();
        assert_eq!(stream.next().await.unwrap().unwrap(), "retry: 2000\n\n");
        station.stop.cancel();
        assert!(stream.next().await.is_none());
    };
    let both = async { futures::join!(running, listening).0 };
    runtime.timeout(Duration::from_secs(30), both).await.expect("it stops").unwrap();
}
