//! How often an address may ask, and what it is told when that is over.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request};
use limits::{Limiter, Rate};
use local_servers::{Place, Toolbox};
use privileges::redis::{access_list, password_variable};
use runtime::{Runtime, TokioTasks};
use service::http::{EdgeLimits, Rates, RouteLimit};

use crate::harness::{Answer, Shop};

const READS: u32 = 8;
const CHANGES: u32 = 4;

fn runtime() -> Runtime {
    Runtime::real(TokioTasks::default())
}

/// In an hour, so that nothing comes back while a test runs.
fn limits(limiter: Limiter) -> EdgeLimits {
    let an_hour = |times| format!("{times}/hour").parse::<Rate>().unwrap();
    EdgeLimits {
        limiter,
        service: "orders",
        rates: Rates { reads: an_hour(READS), changes: an_hour(CHANGES) },
        routes: BTreeMap::from([
            ("/sign-in", RouteLimit::Entry(an_hour(1))),
            ("/maybe", RouteLimit::Entry(an_hour(2))),
            ("/raw", RouteLimit::Unlimited),
        ]),
    }
}

fn shop() -> Shop {
    Shop::limited(|runtime| limits(Limiter::in_memory(runtime)))
}

async fn ask(shop: &Shop, method: &Method, path: &str, address: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("x-forwarded-for", address);
    shop.send(request.body(Body::empty()).unwrap()).await
}

/// How many of twenty are let in; each of the others is told when to come again.
async fn let_in(shop: &Shop, method: &Method, path: &str, address: &str) -> u32 {
    let mut let_in = 0;
    for _ in 0..20 {
        let answer = ask(shop, method, path, address).await;
        if answer.status != 429 {
            let_in += 1;
            continue;
        }
        answer.assert_problem(429, "too-many-requests");
        let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3_600).contains(&wait), "{wait}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    let_in
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_again() {
    let shop = shop();
    assert_eq!(let_in(&shop, &Method::GET, "/list", "192.0.2.1").await, READS);
    let wait = ask(&shop, &Method::GET, "/list", "192.0.2.1").await;
    let wait: i64 = wait.header("retry-after").unwrap().parse().unwrap();
    shop.clock.advance(wait - 1);
    assert_eq!(ask(&shop, &Method::GET, "/list", "192.0.2.1").await.status, 429);
    shop.clock.advance(1);
    assert_eq!(let_in(&shop, &Method::GET, "/list", "192.0.2.1").await, 1);
}

#[tokio::test]
async fn one_who_asks_too_often_keeps_nobody_else_out() {
    let shop = shop();
    for address in ["192.0.2.1", "192.0.2.2", "198.51.100.7, 192.0.2.3", "nonsense"] {
        assert_eq!(let_in(&shop, &Method::GET, "/list", address).await, READS, "{address}");
    }
    assert_eq!(let_in(&shop, &Method::GET, "/list", "203.0.113.9, 192.0.2.3").await, 0, "hearsay");
}

#[tokio::test]
async fn who_has_an_ipv6_address_has_no_more_for_all_their_others() {
    let shop = shop();
    assert_eq!(let_in(&shop, &Method::GET, "/list", "2001:db8::1").await, READS);
    assert_eq!(let_in(&shop, &Method::GET, "/list", "2001:db8::ffff:2").await, 0);
    assert_eq!(let_in(&shop, &Method::GET, "/list", "2001:db8:0:1::1").await, READS);
}

#[tokio::test]
async fn what_is_read_changed_and_entered_is_counted_apart() {
    let shop = shop();
    let address = "192.0.2.1";
    assert_eq!(let_in(&shop, &Method::GET, "/list", address).await, READS);
    assert_eq!(ask(&shop, &Method::HEAD, "/request", address).await.status, 429, "of all that is read");
    assert_eq!(let_in(&shop, &Method::POST, "/key", address).await, CHANGES);
    for (method, path) in [
        (Method::DELETE, "/things/1"),
        (Method::PATCH, "/things/1"),
        (Method::PUT, "/nowhere"),
        (Method::OPTIONS, "/list"),
    ] {
        assert_eq!(let_in(&shop, &method, path, address).await, 0, "of all that is changed");
    }
    assert_eq!(let_in(&shop, &Method::POST, "/sign-in", address).await, 1);
    assert_eq!(let_in(&shop, &Method::POST, "/maybe", address).await, 2, "each by itself");
    assert_eq!(let_in(&shop, &Method::POST, "/raw", address).await, 20, "not limited");
}

/// What stays unread of it would be taken for the next request.
#[tokio::test]
async fn what_is_refused_is_read_to_its_end() {
    let shop = shop();
    assert_eq!(let_in(&shop, &Method::POST, "/key", "192.0.2.1").await, CHANGES);
    let read = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = read.clone();
    let end = futures::stream::once(async move {
        told.store(true, std::sync::atomic::Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>("{}")
    });
    let request = Request::post("/key").header("x-forwarded-for", "192.0.2.1");
    let answer = shop.send(request.body(Body::from_stream(end)).unwrap()).await;
    answer.assert_problem(429, "too-many-requests");
    assert!(read.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn replicas_count_together_and_each_alone_permits_less_while_redis_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users.acl");
    std::fs::write(&users, access_list(privileges::Shop::Local, str::to_owned)).unwrap();
    let place = Place::under(folder.path(), "redis");
    let server = local_servers::redis::guarded(&Toolbox::open().unwrap(), &place, &users).unwrap();
    let mut server = server.start().unwrap();
    let url = format!("redis://orders:{}@127.0.0.1:{}/", password_variable("orders"), server.port());
    let replica = || Shop::limited(|_| limits(Limiter::connect(Some(&url), runtime()).unwrap()));
    let (one, other) = (replica(), replica());
    for (method, path, together) in [(Method::GET, "/list", READS), (Method::POST, "/key", CHANGES)] {
        let first = ask(&other, &method, path, "192.0.2.1").await;
        assert_ne!(first.status, 429);
        assert_eq!(let_in(&one, &method, path, "192.0.2.1").await, together - 1);
        assert_eq!(let_in(&other, &method, path, "192.0.2.1").await, 0);
    }
    server.kill();
    for shop in [&one, &other] {
        assert_eq!(let_in(shop, &Method::GET, "/list", "192.0.2.1").await, READS / 4);
        assert_eq!(let_in(shop, &Method::POST, "/key", "192.0.2.1").await, CHANGES / 4);
        assert_eq!(let_in(shop, &Method::POST, "/sign-in", "192.0.2.1").await, 1, "one at least");
    }
}
