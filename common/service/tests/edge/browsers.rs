//! What browsers are told with every answer, whatever the answer is.

use axum::body::Body;
use axum::http::{Request, header};

use crate::harness::{Answer, Shop};

const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-resource-policy", "same-origin"),
];

async fn answers(shop: &Shop) -> Vec<Answer> {
    let mut answers = Vec::new();
    for path in
        ["/anybody", "/me", "/admin", "/nowhere", "/things", "/things/7", "/down", "/busy", "/slow", "/panic"]
    {
        answers.push(shop.get(path).await);
    }
    for (path, body) in [("/things", "{"), ("/things", "{}"), ("/me", ""), ("/sign-in", ""), ("/maybe", "")] {
        answers.push(shop.post(path, body).await);
    }
    answers.push(shop.post("/things", vec![b' '; 100_000]).await);
    let foreign = Request::post("/sign-in").header("cookie", "a=b").header("sec-fetch-site", "cross-site");
    answers.push(shop.send(foreign.body(Body::empty()).unwrap()).await);
    for method in ["HEAD", "OPTIONS", "TRACE"] {
        answers.push(
            shop.send(Request::builder().method(method).uri("/list").body(Body::empty()).unwrap()).await,
        );
    }
    answers
}

#[tokio::test]
async fn every_answer_says_that_it_is_nothing_to_run_frame_or_embed() {
    for (origin, secure) in [("http://localhost:3000", false), ("https://stagedoor.example", true)] {
        let shop = Shop::at(origin);
        for answer in answers(&shop).await {
            for (name, value) in ALWAYS {
                assert_eq!(answer.header(name), Some(value), "{name} of {} at {origin}", answer.status);
            }
            let lasting = secure.then_some("max-age=31536000");
            assert_eq!(answer.header("strict-transport-security"), lasting, "{} at {origin}", answer.status);
        }
    }
}

/// No other site may read an answer, and none is told what it may send.
#[tokio::test]
async fn no_other_site_is_let_in() {
    let shop = Shop::open();
    for method in ["GET", "OPTIONS"] {
        let request = Request::builder()
            .method(method)
            .uri("/list")
            .header(header::ORIGIN, "https://evil.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        let answer = shop.send(request.body(Body::empty()).unwrap()).await;
        let allowed: Vec<_> =
            answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
        assert!(allowed.is_empty(), "{method}: {allowed:?}");
    }
}
