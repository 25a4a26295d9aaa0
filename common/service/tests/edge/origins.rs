//! What other sites make browsers send is not taken for what a person wants.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::harness::{ORIGIN, Shop};

const COOKIE: (&str, &str) = ("cookie", "theme=dark");

#[tokio::test]
async fn a_change_that_carries_cookies_comes_from_the_sites_own_origin() {
    let shop = Shop::open();
    for (headers, passes) in [
        (vec![COOKIE], true),
        (vec![COOKIE, ("sec-fetch-site", "same-origin")], true),
        (vec![COOKIE, ("sec-fetch-site", "none")], true),
        (vec![COOKIE, ("sec-fetch-site", "same-site")], false),
        (vec![COOKIE, ("sec-fetch-site", "cross-site")], false),
        (vec![COOKIE, ("sec-fetch-site", "cross-site"), ("origin", ORIGIN)], false),
        (vec![COOKIE, ("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:3000")], true),
        (vec![COOKIE, ("origin", ORIGIN)], true),
        (vec![COOKIE, ("origin", "http://localhost:3001")], false),
        (vec![COOKIE, ("origin", "https://localhost:3000")], false),
        (vec![COOKIE, ("origin", "http://localhost:3000.evil.example")], false),
        (vec![COOKIE, ("origin", "null")], false),
        (vec![("origin", "http://evil.example")], true),
        (vec![("sec-fetch-site", "cross-site"), ("authorization", "Bearer x")], true),
    ] {
        let mut request = Request::post("/sign-in");
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = shop.send(request.body(Body::empty()).unwrap()).await;
        if passes {
            assert_eq!(answer.status, 204, "{headers:?}");
        } else {
            answer.assert_problem(403, "cross-origin");
        }
    }
}

#[tokio::test]
async fn only_what_changes_something_is_guarded() {
    let shop = Shop::open();
    for (method, refused) in [
        (Method::GET, false),
        (Method::HEAD, false),
        (Method::OPTIONS, false),
        (Method::POST, true),
        (Method::PUT, true),
        (Method::PATCH, true),
        (Method::DELETE, true),
    ] {
        let request = Request::builder()
            .method(method.clone())
            .uri("/things")
            .header("cookie", "theme=dark")
            .header("sec-fetch-site", "cross-site")
            .body(Body::empty());
        let answer = shop.send(request.unwrap()).await;
        assert_eq!(answer.status == 403, refused, "{method}");
    }
}
