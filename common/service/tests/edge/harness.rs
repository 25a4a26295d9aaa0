//! A small service behind the edge, with an issuer of tokens and a clock that stands still.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Router, body::Bytes};
use contracts::users::Role;
use contracts::{Money, SessionId, TicketId, Timestamp, UserId};
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header};
use runtime::{Clock, RandomIds, Runtime, SystemClock, TokioTasks};
use serde::Deserialize;
use serde_json::{Value, json};
use service::caller::{
    ALGORITHM, Admin, Claims, CurrentUser, NoRevocations, Revocations, TOKEN_TYPE, Verifier,
};
use service::config::PublicOrigin;
use service::http::{
    EdgeLimits, EdgeOptions, Id, Idempotency, IfMatch, Json, Pagination, PreferWait, Query, RequestId,
    Versioned, edge,
};
use service::problem::{Problem, TOO_MANY_REQUESTS, UNAVAILABLE};
use tower::ServiceExt as _;
use uuid::Uuid;

pub(crate) const ORIGIN: &str = "http://localhost:3000";
pub(crate) const NOW_SECONDS: i64 = 1_800_000_000;

/// The service, its issuer of tokens and its clock.
pub(crate) struct Shop {
    pub(crate) router: Router,
    pub(crate) issuer: Issuer,
    pub(crate) clock: Arc<StandingClock>,
}

/// What a request was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Shop {
    pub(crate) fn open() -> Self {
        Self::at(ORIGIN)
    }

    pub(crate) fn at(origin: &str) -> Self {
        Self::hearing(origin, Arc::new(NoRevocations))
    }

    pub(crate) fn hearing(origin: &str, revocations: Arc<dyn Revocations>) -> Self {
        Self::with(origin, revocations, |_| None)
    }

    pub(crate) fn limited(limits: impl FnOnce(Runtime) -> EdgeLimits) -> Self {
        Self::with(ORIGIN, Arc::new(NoRevocations), |runtime| Some(limits(runtime)))
    }

    fn with(
        origin: &str,
        revocations: Arc<dyn Revocations>,
        limits: impl FnOnce(Runtime) -> Option<EdgeLimits>,
    ) -> Self {
        let clock = Arc::new(StandingClock(AtomicI64::new(NOW_SECONDS * 1000)));
        let issuer = Issuer::new();
        issuer.publish(&[("first", 1)]);
        let mut shop = Self { router: Router::new(), issuer, clock };
        let origin: PublicOrigin = origin.parse().unwrap();
        let verifier = Arc::new(shop.verifier_for(&origin).with_revocations(revocations));
        let mut options = EdgeOptions::new(shop.runtime(), verifier, origin);
        options.time_limit = Duration::from_millis(50);
        options.limits = limits(shop.runtime());
        shop.router = edge(routes(), options);
        shop
    }

    pub(crate) fn verifier(&self) -> Verifier {
        self.verifier_for(&ORIGIN.parse().unwrap())
    }

    fn verifier_for(&self, origin: &PublicOrigin) -> Verifier {
        Verifier::open(&self.issuer.jwks_file(), "stagedoor", "stagedoor", origin, self.runtime()).unwrap()
    }

    fn runtime(&self) -> Runtime {
        Runtime::new(self.clock.clone(), Arc::new(RandomIds), Arc::new(TokioTasks::default()))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.send(Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    /// Demands a problem of this kind, in the one form.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, slug: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!((self.status.as_u16(), &problem["status"]), (status, &json!(status)));
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(problem["instance"].as_str(), self.header("x-request-id"));
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        problem
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewThing {
    title: String,
    price: Money,
}

#[derive(Deserialize)]
struct Search {
    min_price: Option<u64>,
    city: String,
}

fn routes() -> Router {
    Router::new()
        .route("/things", get(search).post(create))
        .route("/things/{id}", get(show).patch(async |IfMatch(version): IfMatch| Json(json!(version))))
        .route("/list", get(async |page: Pagination| Json(json!([page.limit, page.cursor]))))
        .route("/maybe", post(async |body: Option<Json<NewThing>>| Json(json!(body.is_some()))))
        .route("/raw", post(async |body: Bytes| Json(json!(body.len()))))
        .route("/key", post(key))
        .route(
            "/wait",
            post(async |PreferWait(wait): PreferWait| Json(json!(wait.map(|wait| wait.as_secs())))),
        )
        .route("/request", get(async |RequestId(id): RequestId| Json(json!(id))))
        .route("/me", get(async |user: CurrentUser| Json(json!({ "id": user.id, "roles": user.roles }))))
        .route("/anybody", get(async |user: Option<CurrentUser>| Json(json!(user.map(|user| user.id)))))
        .route("/admin", get(async |Admin(user): Admin| Json(json!(user.id))))
        .route("/sign-in", post(async || ([(header::SET_COOKIE, "access_token=x")], StatusCode::NO_CONTENT)))
        .route("/down", get(async || Problem::new(UNAVAILABLE).retry_after(7)))
        .route("/busy", get(async || Problem::new(TOO_MANY_REQUESTS)))
        .route("/slow", get(async || SystemClock.sleep(Duration::from_secs(5)).await))
        .route("/panic", get(panics))
}

async fn panics() -> StatusCode {
    panic!("a secret")
}

async fn search(Query(search): Query<Search>) -> impl IntoResponse {
    Json(json!([search.min_price, search.city]))
}

async fn create(Json(thing): Json<NewThing>) -> impl IntoResponse {
    (StatusCode::CREATED, Json(json!([thing.title, thing.price])))
}

async fn show(Id(id): Id<TicketId>) -> impl IntoResponse {
    Versioned { version: 3, body: json!(id) }
}

async fn key(user: CurrentUser, Idempotency(key): Idempotency) -> impl IntoResponse {
    Json(json!(key.map(|key| key.id(user.id, "POST /key"))))
}

/// Stands still until it is moved.
pub(crate) struct StandingClock(AtomicI64);

impl StandingClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// Signs tokens, as auth does.
pub(crate) struct Issuer {
    folder: tempfile::TempDir,
}

impl Issuer {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn jwks_file(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    /// Replaces the public keys; each is named, and made from a seed.
    pub(crate) fn publish(&self, keys: &[(&str, u8)]) {
        let keys = keys.iter().map(|(key_id, seed)| {
            let mut key = Jwk::from_encoding_key(&private_key(*seed), ALGORITHM).unwrap();
            key.common.key_id = Some((*key_id).to_owned());
            key
        });
        let set = serde_json::to_vec(&JwkSet { keys: keys.collect() }).unwrap();
        let next = self.folder.path().join("next.json");
        std::fs::write(&next, set).unwrap();
        std::fs::rename(next, self.jwks_file()).unwrap();
    }
}

pub(crate) fn claims() -> Claims {
    Claims {
        iss: "stagedoor".to_owned(),
        aud: "stagedoor".to_owned(),
        sub: UserId(Uuid::from_u128(1)),
        sid: SessionId(Uuid::from_u128(2)),
        roles: vec![Role::User],
        iat: NOW_SECONDS,
        exp: NOW_SECONDS + 900,
        jti: Uuid::from_u128(3),
    }
}

pub(crate) fn token_header() -> Header {
    let mut header = Header::new(ALGORITHM);
    header.typ = Some(TOKEN_TYPE.to_owned());
    header.kid = Some("first".to_owned());
    header
}

pub(crate) fn token() -> String {
    sign(&token_header(), &claims(), 1)
}

pub(crate) fn sign(header: &Header, claims: &Claims, seed: u8) -> String {
    jsonwebtoken::encode(header, claims, &private_key(seed)).unwrap()
}

/// An Ed25519 key in PKCS #8: the fixed head of that form, then the seed.
pub(crate) fn private_key(seed: u8) -> EncodingKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    EncodingKey::from_ed_der(&[&head[..], &[seed; 32]].concat())
}
