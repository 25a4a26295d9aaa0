//! A whole process: two listeners, until it is told to stop or something ends.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{Extensions, HeaderMap};
use axum::routing::any;
use runtime::{Runtime, TokioTasks};
use serde_json::{Value, json};
use service::health::Health;
use service::http::address;
use service::serve::{Background, HEAD_WITHIN, Listen, Parts, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::harness::Shop;

struct Process {
    http: SocketAddr,
    internal: SocketAddr,
    health: Health,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Process {
    async fn start(background: Vec<Background>) -> Self {
        Self::start_with(Shop::open().router, background, HEAD_WITHIN).await
    }

    async fn serving(router: Router) -> Self {
        Self::start_with(router, vec![], HEAD_WITHIN).await
    }

    #[expect(clippy::disallowed_methods, reason = "the process runs beside the test")]
    async fn start_with(router: Router, background: Vec<Background>, head_within: Duration) -> Self {
        let (http, internal) = (listener().await, listener().await);
        let (health, stop) = (Health::new(), CancellationToken::new());
        let tasks = TokioTasks::default();
        let addresses = (http.local_addr().unwrap(), internal.local_addr().unwrap());
        let parts = Parts {
            router,
            http: Listen::On(http),
            internal: Listen::On(internal),
            health: health.clone(),
            metrics: service::metrics::install().unwrap(),
            runtime: Runtime::real(tasks.clone()),
            tasks,
            stop: stop.clone(),
            head_within,
            shutdown_grace: Duration::from_secs(5),
            background,
        };
        let running = tokio::spawn(run(parts));
        Self { http: addresses.0, internal: addresses.1, health, stop, running }
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let response = reqwest::get(format!("http://{address}{path}")).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn health_is_told_on_both_listeners_and_metrics_on_the_internal_one() {
    let process = Process::start(vec![]).await;
    let nats = process.health.dependency("nats");
    for address in [process.http, process.internal] {
        assert_eq!(get(address, "/healthz").await.0, 200);
        let (status, body) = get(address, "/readyz").await;
        let missing = json!({ "ready": false, "missing": [{ "name": "nats", "why": "not there yet" }] });
        assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (503, missing));
    }
    nats.up();
    assert_eq!(get(process.http, "/readyz").await.0, 200);

    assert_eq!(get(process.http, "/metrics").await.0, 404);
    let metrics = get(process.internal, "/metrics").await.1;
    let counted = r#"http_requests_total{method="GET",route="unmatched",status="404"}"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("http_request_duration_seconds_bucket"), "{metrics}");

    process.stop.cancel();
    process.running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_process_ends() {
    let process = Process::start(vec![]).await;
    let slow = get(process.http, "/slow");
    let stop = async {
        runtime::Clock::sleep(&runtime::SystemClock, Duration::from_millis(20)).await;
        process.stop.cancel();
    };
    let ((status, _), ()) = futures::join!(slow, stop);
    assert_eq!(status, 503);
    process.running.await.unwrap().unwrap();
}

/// As a proxy does: the head first, the body a moment later, and the next request on the same connection.
#[tokio::test]
async fn a_refused_request_leaves_its_connection_to_the_next_one() {
    let process = Process::start(vec![]).await;
    let mut connection = TcpStream::connect(process.http).await.unwrap();
    for (path, length, status) in
        [("/things/no-id", 20, 405), ("/nowhere", 20, 404), ("/list", 20, 405), ("/things", 300_000, 413)]
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        runtime::Clock::sleep(&runtime::SystemClock, Duration::from_millis(10)).await;
        connection.write_all(&vec![b'a'; length]).await.unwrap();
        let answer = answer_on(&mut connection).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(!answer.to_lowercase().contains("connection: close"), "{path}: {answer}");
    }
    process.stop.cancel();
    process.running.await.unwrap().unwrap();
}

/// Whoever stands before the service may have counted the length of the body, and not its chunks: then the second
/// request is somebody's body.
#[tokio::test]
async fn nothing_is_read_of_a_connection_behind_a_body_in_chunks() {
    let process = Process::start(vec![]).await;
    for (address, path) in
        [(process.http, "/raw"), (process.http, "/healthz"), (process.internal, "/metrics")]
    {
        for lengths in ["Transfer-Encoding: chunked", "Content-Length: 60\r\nTransfer-Encoding: chunked"] {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n0\r\n\r\n\
                 GET /request HTTP/1.1\r\nHost: localhost\r\n\r\n"
            );
            connection.write_all(request.as_bytes()).await.unwrap();
            let mut answers = String::new();
            connection.read_to_string(&mut answers).await.unwrap();
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{path} {lengths}: {answers}");
            assert!(answers.to_lowercase().contains("connection: close"), "{path} {lengths}: {answers}");
        }
    }
    process.stop.cancel();
    process.running.await.unwrap().unwrap();
}

/// Whoever sends a head for ever, or none, would hold one connection more for ever.
#[tokio::test]
async fn a_connection_over_which_no_request_comes_is_closed() {
    let process = Process::start_with(Shop::open().router, vec![], Duration::from_millis(200)).await;
    let one = "GET /request HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (address, sent, answers) in [
        (process.http, String::new(), 0),
        (process.http, "GET /request HTTP/1.1\r\nHost: loc".to_owned(), 0),
        (process.http, format!("{one}GET /request HTTP/1.1\r\n"), 1),
        (process.internal, "GET /metrics HTTP/1.1\r\n".to_owned(), 0),
    ] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(sent.as_bytes()).await.unwrap();
        let mut answered = String::new();
        connection.read_to_string(&mut answered).await.unwrap();
        assert_eq!(answered.matches("HTTP/1.1 200").count(), answers, "{sent}: {answered}");
    }
    assert_eq!(get(process.http, "/healthz").await.0, 200);
    process.stop.cancel();
    process.running.await.unwrap().unwrap();
}

/// As limits are counted where there is no proxy.
#[tokio::test]
async fn a_listener_knows_from_where_it_is_asked() {
    let router = Router::new().route(
        "/",
        any(|headers: HeaderMap, extensions: Extensions| async move {
            address(&headers, &extensions).map_or_else(String::new, |address| address.to_string())
        }),
    );
    let process = Process::serving(router).await;
    let ask = async |forwarded: Option<&str>| {
        let mut request = reqwest::Client::new().get(format!("http://{}/", process.http));
        if let Some(addresses) = forwarded {
            request = request.header("x-forwarded-for", addresses);
        }
        request.send().await.unwrap().text().await.unwrap()
    };
    assert_eq!(ask(None).await, "127.0.0.1");
    assert_eq!(ask(Some("203.0.113.9, 192.0.2.3")).await, "192.0.2.3");
    assert_eq!(ask(Some("203.0.113.9, somebody")).await, "127.0.0.1");
    process.stop.cancel();
    process.running.await.unwrap().unwrap();
}

#[tokio::test]
async fn health_and_metrics_are_nothing_to_run_or_embed_either() {
    let process = Process::start(vec![]).await;
    for (address, path) in [
        (process.http, "/healthz"),
        (process.http, "/nowhere"),
        (process.internal, "/metrics"),
        (process.internal, "/a"),
    ] {
        let response = reqwest::get(format!("http://{address}{path}")).await.unwrap();
        let policy = response.headers().get("content-security-policy").map(|value| value.to_str().unwrap());
        assert_eq!(
            policy,
            Some("default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
            "{path}"
        );
    }
    process.stop.cancel();
    process.running.await.unwrap().unwrap();
}

async fn answer_on(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let mut part = [0; 4096];
        let read = connection.read(&mut part).await.unwrap();
        assert!(read > 0, "the connection was closed after {:?}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn whatever_ends_first_ends_the_process() {
    for (work, expected) in [
        (Background::new("the relay", async { Ok(()) }), "the relay ended, which it must not"),
        (Background::new("the relay", async { anyhow::bail!("no bus") }), "the relay ended: no bus"),
        (Background::new("the relay", async { panic!("oh") }), "the relay ended: it panicked"),
    ] {
        let process = Process::start(vec![work]).await;
        let error = process.running.await.unwrap().unwrap_err();
        assert_eq!(format!("{error:#}"), expected);
        assert!(process.stop.is_cancelled());
    }
}
