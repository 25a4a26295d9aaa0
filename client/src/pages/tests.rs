//! Pages while no service answers: what needs none is there all the same, and nothing that was typed is lost.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use runtime::{Runtime, TokioTasks};
use tower::ServiceExt as _;

use crate::api::{Api, Upstreams};
use crate::site::{Site, router};

const ORIGIN: &str = "http://localhost:3000";
const CODE: &str = "AZcAAAAAcACAAAAAAAAAAj9n7TIjEVXg-d3CkrVpqF8";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn leads_to(&self) -> &str {
        self.headers.get(header::LOCATION).unwrap().to_str().unwrap()
    }
}

async fn ask(request: Request<Body>) -> Answer {
    let nobody: reqwest::Url = "http://127.0.0.1:9".parse().unwrap();
    let upstreams = Upstreams {
        auth: nobody.clone(),
        tickets: nobody.clone(),
        orders: nobody.clone(),
        payments: nobody.clone(),
        events: nobody,
    };
    let runtime = Runtime::real(TokioTasks::default());
    let site = Site::new(Api::new(upstreams).unwrap(), ORIGIN.parse().unwrap(), runtime);
    let response = router(site).oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn post(path: &str, form: &[(&str, &str)]) -> Request<Body> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Request::post(path).header(header::ORIGIN, ORIGIN).body(Body::from(body)).unwrap()
}

/// For show: no service would take it.
fn signed_in(mut request: Request<Body>) -> Request<Body> {
    let claims = r#"{"sub":"0197f000-0000-7000-8000-000000000001","roles":["user"],"exp":4000000000}"#;
    let cookie = format!("access_token=e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
    request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
    request
}

#[tokio::test]
async fn whoever_is_not_signed_in_comes_back_to_where_they_were() {
    assert_eq!(ask(get("/account")).await.leads_to(), "/sign-in?next=%2Faccount");
    let door = ask(get(&format!("/door?code={CODE}"))).await;
    assert_eq!(door.leads_to(), format!("/sign-in?next=%2Fdoor%3Fcode%3D{CODE}"));
    let mut sent = post("/account/name", &[("name", "Ada")]);
    sent.headers_mut().insert(header::REFERER, format!("{ORIGIN}/account").parse().unwrap());
    assert_eq!(ask(sent).await.leads_to(), "/sign-in?next=%2Faccount");
    assert_eq!(ask(signed_in(get("/account/password"))).await.leads_to(), "/account");
}

#[tokio::test]
async fn a_sign_in_that_nobody_can_judge_is_kept_but_for_the_password() {
    let form = [("email", "ada@example.com"), ("password", "lantern-orbit"), ("next", "/orders")];
    let answer = ask(post("/sign-in", &form)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("ada@example.com") && answer.body.contains("/orders"));
    assert!(!answer.body.contains("lantern-orbit"));
}

#[tokio::test]
async fn nobody_is_signed_out_while_auth_cannot_end_the_session() {
    let answer = ask(signed_in(post("/sign-out", &[]))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn an_offer_is_kept_until_somebody_takes_it() {
    let stranger = ask(get("/sell")).await;
    assert_eq!(stranger.status, StatusCode::OK);
    assert!(stranger.body.contains("/sign-in?next=/sell") && stranger.body.contains("/sign-up?next=/sell"));

    let empty = ask(signed_in(post("/sell", &[("currency", "EUR")]))).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [
        ("title", "The <Lanterns>"),
        ("category", "concert"),
        ("venue", "Old Mill"),
        ("city", "Łódź"),
        ("starts_at", "2095-05-01T19:30"),
        ("price", "125"),
        ("currency", "EUR"),
        ("key", "a-key"),
    ];
    let kept = ask(signed_in(post("/sell", &form))).await;
    assert_eq!(kept.status, StatusCode::SERVICE_UNAVAILABLE);
    for typed in ["The &#60;Lanterns&#62;", "Łódź", "2095-05-01T19:30", "value=\"a-key\""] {
        assert!(kept.body.contains(typed), "{typed}");
    }
}

#[tokio::test]
async fn a_link_lets_nobody_in_and_what_is_no_code_needs_no_service() {
    let link = ask(signed_in(get(&format!("/door?code={CODE}")))).await;
    assert_eq!(link.status, StatusCode::OK);
    assert!(link.body.contains(CODE) && !link.body.contains("class=\"verdict"));

    let other = ask(signed_in(post("/door", &[("code", "a ticket from elsewhere")]))).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.body.contains("class=\"verdict unknown\""));
    let unjudged = ask(signed_in(post("/door", &[("code", CODE)]))).await;
    assert_eq!(unjudged.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn another_site_sends_no_form_in_a_visitors_name() {
    for path in ["/sign-out", "/sell", "/door", "/account/sign-out-everywhere"] {
        let mut foreign = signed_in(post(path, &[]));
        foreign.headers_mut().insert(header::ORIGIN, "https://elsewhere.example".parse().unwrap());
        assert_eq!(ask(foreign).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
