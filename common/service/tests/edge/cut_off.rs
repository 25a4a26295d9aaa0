//! While it is not known who may not come in any more nothing is changed, and what is asked is answered.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use contracts::Timestamp;
use service::caller::{Claims, Revocations};

use crate::harness::{NOW_SECONDS, ORIGIN, Shop, token};

/// Has heard nothing for too long from this second on.
struct CutOffFrom(i64);

impl Revocations for CutOffFrom {
    fn refuses(&self, _: &Claims) -> bool {
        false
    }

    fn is_cut_off(&self, now: Timestamp) -> bool {
        now >= Timestamp::from_millis(self.0 * 1000)
    }
}

fn request(method: Method, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request.header("authorization", format!("Bearer {}", token())).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn nothing_is_changed_while_cut_off() {
    let shop = Shop::hearing(ORIGIN, Arc::new(CutOffFrom(NOW_SECONDS + 60)));
    shop.clock.advance(59);
    assert_eq!(shop.send(request(Method::POST, "/key")).await.status, 200);
    shop.clock.advance(1);
    for (method, path) in [
        (Method::POST, "/key"),
        (Method::POST, "/sign-in"),
        (Method::PUT, "/things"),
        (Method::PATCH, "/things/3"),
        (Method::DELETE, "/things/3"),
    ] {
        let answer = shop.send(request(method.clone(), path)).await;
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), Some("5"), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_asked_is_answered_while_cut_off() {
    let shop = Shop::hearing(ORIGIN, Arc::new(CutOffFrom(NOW_SECONDS)));
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(shop.send(request(method, "/me")).await.status, 200);
    }
}

#[tokio::test]
async fn another_site_is_refused_as_such_while_cut_off() {
    let shop = Shop::hearing(ORIGIN, Arc::new(CutOffFrom(NOW_SECONDS)));
    let request = Request::post("/key").header("cookie", "theme=dark").header("sec-fetch-site", "cross-site");
    let answer = shop.send(request.body(Body::empty()).unwrap()).await;
    answer.assert_problem(403, "cross-origin");
}
