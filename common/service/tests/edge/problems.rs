//! Every way of being refused has the one form.

use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use serde_json::json;
use service::problem;

use crate::harness::Shop;

const TOO_MUCH: usize = 64 * 1024 + 1;

#[tokio::test]
async fn a_wrong_path_and_a_wrong_method_are_problems() {
    let shop = Shop::open();
    shop.get("/nowhere").await.assert_problem(404, "not-found");
    let answer = shop.send(Request::put("/things").body(Body::empty()).unwrap()).await;
    answer.assert_problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"));
}

#[tokio::test]
async fn a_path_id_that_is_no_id_names_nothing() {
    let shop = Shop::open();
    shop.get("/things/7").await.assert_problem(404, "not-found");
    shop.get("/things/%FF").await.assert_problem(404, "not-found");
}

#[tokio::test]
async fn a_body_that_is_not_json_says_where() {
    let shop = Shop::open();
    for (body, place) in [
        ("{", "line 1, column 1"),
        ("{\"title\": \"a\",\n \"price\": }", "line 2, column 11"),
        ("", "line 1, column 0"),
        ("{\"owner\": 1, \"price\": 1", "line 1, column 23"),
        ("{} {}", "line 1, column 4"),
    ] {
        let problem = shop.post("/things", body).await.assert_problem(400, "malformed-json");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(place), "{body}: {detail}");
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_form_says_which_field() {
    let shop = Shop::open();
    let price = r#""price": {"amount": 1, "currency": "USD"}"#;
    for (body, pointer, detail) in [
        (r#"{"title": "a"}"#.to_owned(), "/price", "is missing"),
        (r#"{"title": "a", "price": {"currency": "USD"}}"#.to_owned(), "/price/amount", "is missing"),
        (format!(r#"{{"title": "a", {price}, "owner": "b"}}"#), "/owner", "is not a field of this request"),
        (format!(r#"{{"title": "a", {price}, "a/b~c": 1}}"#), "/a~1b~0c", "is not a field of this request"),
        (format!(r#"{{"title": 5, {price}}}"#), "/title", "invalid type"),
        (
            r#"{"title": "a", "price": {"amount": -1, "currency": "USD"}}"#.to_owned(),
            "/price/amount",
            "invalid",
        ),
        (
            r#"{"title": "a", "price": {"amount": 1.5, "currency": "USD"}}"#.to_owned(),
            "/price/amount",
            "invalid",
        ),
        (
            r#"{"title": "a", "price": {"amount": 1, "currency": "XXX"}}"#.to_owned(),
            "/price/currency",
            "unknown",
        ),
        (r#"{"title": "a", "price": {"amount": 1, "tax": 2}}"#.to_owned(), "/price/tax", "is not a field"),
        (r#"["a", [1, "USD"]]"#.to_owned(), "", "expected an object"),
    ] {
        let problem = shop.post("/things", body.clone()).await.assert_problem(422, "validation");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
        let said = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(said.contains(detail) && !said.contains("line"), "{body}: {said}");
    }
}

#[tokio::test]
async fn a_body_has_to_say_that_it_is_json() {
    let shop = Shop::open();
    for (content_type, status) in [
        (None, 415),
        (Some("text/plain"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("application/jsonp"), 415),
        (Some("application/json; charset=utf-8"), 422),
        (Some("Application/JSON"), 422),
        (Some("application/merge-patch+json"), 422),
    ] {
        let mut request = Request::post("/things");
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let answer = shop.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type:?}");
        answer.assert_problem(status, if status == 415 { "unsupported-media-type" } else { "validation" });
    }
}

#[tokio::test]
async fn a_wrong_query_parameter_is_pointed_at() {
    let shop = Shop::open();
    for (path, pointer) in [
        ("/things", "/city"),
        ("/things?city=Oslo&min_price=cheap", "/min_price"),
        ("/list?limit=0", "/limit"),
        ("/list?limit=101", "/limit"),
        ("/list?limit=-1", "/limit"),
    ] {
        let problem = shop.get(path).await.assert_problem(422, "validation");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{path}: {problem}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_comes() {
    let shop = Shop::open();
    for path in ["/things", "/raw"] {
        let announced = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, TOO_MUCH)
            .body(Body::from(vec![b' '; TOO_MUCH]))
            .unwrap();
        shop.send(announced).await.assert_problem(413, "body-too-large");

        shop.post(path, in_chunks()).await.assert_problem(413, "body-too-large");

        let lying = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, 10)
            .body(in_chunks())
            .unwrap();
        shop.send(lying).await.assert_problem(413, "body-too-large");
    }
    let longest = shop.post("/raw", vec![b' '; TOO_MUCH - 1]).await;
    assert_eq!(longest.json(), json!(TOO_MUCH - 1));
}

/// A body without a length.
fn in_chunks() -> Body {
    let chunks = std::iter::repeat_n(Bytes::from(vec![b' '; 1000]), TOO_MUCH / 1000 + 1);
    Body::from_stream(futures::stream::iter(chunks.map(Ok::<_, std::convert::Infallible>)))
}

#[tokio::test]
async fn who_may_come_back_is_told_when() {
    let shop = Shop::open();
    for (path, status, slug, retry_after) in [
        ("/down", 503, "unavailable", "7"),
        ("/busy", 429, "too-many-requests", "1"),
        ("/slow", 503, "timeout", "1"),
    ] {
        let answer = shop.get(path).await;
        answer.assert_problem(status, slug);
        assert_eq!(answer.header("retry-after"), Some(retry_after), "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_problem_that_tells_nothing() {
    let answer = Shop::open().get("/panic").await;
    answer.assert_problem(500, "internal");
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
}

#[test]
fn each_kind_of_problem_has_its_own_slug() {
    let mut slugs: Vec<&str> = problem::ALL.iter().map(|kind| kind.slug).collect();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), problem::ALL.len());
    for kind in problem::ALL {
        assert!(kind.slug.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{}", kind.slug);
        assert!(kind.status.is_client_error() || kind.status.is_server_error(), "{}", kind.slug);
    }
}
