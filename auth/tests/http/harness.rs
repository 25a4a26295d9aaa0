//! Auth behind its edge, over stores in memory, with keys of its own and a clock that can be put forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::account::{self, Account, AccountCommand, PasswordChanged};
use auth::audit::{AuditTrail, MemoryAuditTrail, MongoAuditTrail};
use auth::session::{Session, SessionCommand};
use auth::throttle::{SignInLimits, Throttle};
use auth::{Auth, BootstrapAdmin, Settings, Signer, keys, views};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use contracts::{Timestamp, UserId};
use eventsourcing::{
    Actor, AfterCommit, Aggregates, Cause, Committed, EventStore, Gate, MemoryStore, MongoStore, Outbox,
    Query, RawEvent, Recorded, Snapshot,
};
use http_body_util::BodyExt as _;
use limits::{Limiter, Rate};
use mongodb::Database;
use runtime::{Clock, Ids as _, RandomIds, Runtime, SystemClock, TokioTasks};
use serde_json::{Value, json};
use service::caller::{Claims, Verifier};
use service::http::{EdgeLimits, EdgeOptions, Rates, edge};
use tempfile::TempDir;
use tower::ServiceExt as _;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "correct-horse-battery";
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One running auth.
pub(crate) struct House {
    pub(crate) auth: Auth,
    router: Router,
    pub(crate) verifier: Arc<Verifier>,
    accounts: Aggregates<Account>,
    sessions: Aggregates<Session>,
    pub(crate) trail: Arc<dyn AuditTrail>,
    heard: Arc<Heard>,
    ahead: Arc<Ahead>,
    tasks: TokioTasks,
    pub(crate) gate: Gate,
    pub(crate) keys: TempDir,
}

/// Where it keeps what it knows.
pub(crate) struct Stores {
    pub(crate) accounts: Arc<dyn EventStore<Account>>,
    pub(crate) sessions: Arc<dyn EventStore<Session>>,
    pub(crate) trail: Arc<dyn AuditTrail>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Who gives commands that no route gives.
pub(crate) const ADMIN: UserId = UserId(Uuid::from_u128(99));

/// A person with a browser.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: Value,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::at("http://localhost:3000")
    }

    pub(crate) fn at(origin: &str) -> Self {
        Self::over(Stores::in_memory(), origin)
    }

    pub(crate) fn over(Stores { accounts, sessions, trail }: Stores, origin: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        keys::make(keys.path()).unwrap();
        let (ahead, tasks) = (Arc::new(Ahead::default()), TokioTasks::default());
        let clock: Arc<dyn Clock> = ahead.clone();
        let runtime = Runtime::new(clock, Arc::new(RandomIds), Arc::new(tasks.clone()));
        let (heard, gate) = (Arc::new(Heard::default()), Gate::default());
        let accounts = Aggregates::new(accounts, runtime.clone(), heard.clone(), gate.clone());
        let sessions = Aggregates::new(sessions, runtime.clone(), heard.clone(), gate.clone());
        let origin = origin.parse().unwrap();
        let jwks_file = keys.path().join(keys::JWKS_FILE);
        let key_file = keys.path().join(keys::SIGNING_KEY_FILE);
        let signer = Signer::open(&key_file, &jwks_file, "stagedoor", "stagedoor").unwrap();
        let verifier =
            Arc::new(Verifier::open(&jwks_file, "stagedoor", "stagedoor", &origin, runtime.clone()).unwrap());
        let (secure_cookies, session_lifetime) = (origin.is_secure(), 30 * DAY);
        let settings = Settings { secure_cookies, jwks_file, passwords_at_once: 2, session_lifetime };
        let auth =
            Auth::new(accounts.clone(), sessions.clone(), trail.clone(), signer, runtime.clone(), settings);
        let options = EdgeOptions::new(runtime, verifier.clone(), origin);
        let router = edge(auth.clone().routes(), options);
        Self { auth, router, verifier, accounts, sessions, trail, heard, ahead, tasks, gate, keys }
    }

    /// With limits on getting in, by address and, of passwords, by account.
    pub(crate) fn limited(self, entries: Rate, limits: SignInLimits) -> Self {
        let runtime = Runtime::new(self.ahead.clone(), Arc::new(RandomIds), Arc::new(self.tasks.clone()));
        let limiter = Limiter::in_memory(runtime.clone());
        let auth = self.auth.clone().with_throttle(Throttle::new(limiter.clone(), limits));
        let rates = Rates { reads: Rate::NONE, changes: Rate::NONE };
        let routes = auth::http::limits(entries).into();
        let at_the_edge = EdgeLimits { limiter, service: auth::SERVICE, rates, routes };
        let options =
            EdgeOptions::new(runtime, self.verifier.clone(), "http://localhost:3000".parse().unwrap())
                .limited(at_the_edge);
        Self { router: edge(auth.clone().routes(), options), auth, ..self }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(request("POST", path, &[], Some(body))).await
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Person {
        let body = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
        let answer = self.post("/api/users/signup", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.person()
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/users/signin", json!({ "email": email, "password": password })).await
    }

    /// As this person.
    pub(crate) async fn ask(&self, person: &Person, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(request(method, path, &[("cookie", &person.cookies())], body)).await
    }

    pub(crate) async fn get(&self, person: &Person, path: &str) -> Answer {
        self.ask(person, "GET", path, None).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        let cookie = format!("refresh_token={refresh_token}");
        self.send(request("POST", "/api/users/refresh", &[("cookie", &cookie)], None)).await
    }

    pub(crate) async fn admin(&self) -> Person {
        let (email, password) = ("admin@example.com".parse().unwrap(), PASSWORD.parse().unwrap());
        self.auth.bootstrap(BootstrapAdmin { email, password }).await.unwrap();
        self.sign_in("admin@example.com", PASSWORD).await.person()
    }

    pub(crate) async fn ban(&self, admin: &Person, person: &Person, reason: &str) -> Answer {
        let path = format!("/api/users/{}/ban", person.id());
        self.ask(admin, "POST", &path, Some(json!({ "reason": reason }))).await
    }

    pub(crate) async fn unban(&self, admin: &Person, person: &Person) -> Answer {
        self.ask(admin, "DELETE", &format!("/api/users/{}/ban", person.id()), None).await
    }

    /// What a change of password writes, without what follows from it.
    pub(crate) async fn password_changed(&self, person: &Person, changed: PasswordChanged) {
        let seen = self.account(person.id()).await.unwrap().version;
        let (id, actor) = (RandomIds.new_id(), Actor::User(person.id().into()));
        let cause = Cause { causation_id: id, correlation_id: id, actor, traceparent: None };
        let amend = move |known: &mut account::Person| known.password_changed = Some(changed);
        let command = AccountCommand::ChangePassword { seen };
        self.accounts.execute_and_amend(person.id(), cause, command, amend).await.ok().unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ahead.now()
    }

    pub(crate) fn put_clock_forward(&self, by: Duration) {
        self.ahead.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// From now on time passes only when the clock is put forward.
    pub(crate) fn stop_clock(&self) {
        self.ahead.1.store(SystemClock.now().as_millis(), Ordering::SeqCst);
    }

    pub(crate) fn claims(&self, person: &Person) -> Claims {
        self.verifier.verify(&person.access_token).unwrap()
    }

    pub(crate) async fn account(&self, id: Uuid) -> Option<Snapshot<Account>> {
        self.accounts.load(id).await.unwrap()
    }

    /// An admin's command about somebody's account, under this cause.
    pub(crate) async fn told(
        &self,
        account: UserId,
        causation_id: Uuid,
        command: AccountCommand,
        amend: impl Fn(&mut account::Person) + Send + Sync + 'static,
    ) -> Snapshot<Account> {
        let actor = Actor::User(ADMIN);
        let cause = Cause { causation_id, correlation_id: causation_id, actor, traceparent: None };
        let execution = self.accounts.execute_and_amend(account, cause, command, amend).await;
        execution.ok().unwrap().snapshot.unwrap()
    }

    /// As if it had been looked whether the user is banned before they were.
    pub(crate) async fn start_session(&self, user_id: UserId) -> Uuid {
        let id = RandomIds.new_id();
        let cause =
            Cause { causation_id: id, correlation_id: id, actor: Actor::User(user_id), traceparent: None };
        let command = SessionCommand::Start { user_id };
        self.sessions.create(id, cause, command, |_| {}).await.ok().unwrap();
        id
    }

    pub(crate) async fn session(&self, id: Uuid) -> Option<Snapshot<Session>> {
        self.sessions.load(id).await.unwrap()
    }

    pub(crate) async fn accounts(&self) -> u64 {
        self.accounts.count(&Query::new(1)).await.unwrap()
    }

    /// The types of all events so far, in the order of their commits, and nothing personal in any of them.
    pub(crate) async fn heard(&self) -> Vec<String> {
        self.tasks.finished().await;
        let heard = self.heard.0.lock().unwrap();
        for event in heard.iter() {
            let said = serde_json::to_string(event).unwrap();
            for personal in ["example.com", "Ada", "argon2", PASSWORD] {
                assert!(!said.contains(personal), "{said}");
            }
        }
        heard.iter().map(|recorded| recorded.event.event_type.clone()).collect()
    }

    pub(crate) async fn recorded(&self) -> Vec<Recorded<RawEvent>> {
        self.tasks.finished().await;
        self.heard.0.lock().unwrap().clone()
    }
}

impl Stores {
    pub(crate) fn in_memory() -> Self {
        Self {
            accounts: Arc::new(MemoryStore::new(views::account_schema())),
            sessions: Arc::new(MemoryStore::new(views::session_schema())),
            trail: Arc::new(MemoryAuditTrail::default()),
        }
    }

    pub(crate) async fn in_mongodb(database: &Database) -> Self {
        let runtime = || Runtime::real(TokioTasks::default());
        let accounts = MongoStore::open(database, views::account_schema(), runtime()).await.unwrap();
        let sessions = MongoStore::open(database, views::session_schema(), runtime()).await.unwrap();
        let trail = MongoAuditTrail::new(database, runtime());
        trail.prepare().await.unwrap();
        Self { accounts: Arc::new(accounts), sessions: Arc::new(sessions), trail: Arc::new(trail) }
    }
}

impl Answer {
    pub(crate) fn person(&self) -> Person {
        let cookie = |name: &str| {
            let cookies = self.cookies();
            let set = cookies.iter().find(|cookie| cookie.starts_with(name)).expect("both cookies are set");
            set.split(';').next().and_then(|pair| pair.split_once('=')).unwrap().1.to_owned()
        };
        Person {
            user: self.body.clone(),
            access_token: cookie("access_token="),
            refresh_token: cookie("refresh_token="),
        }
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The problem's kind, after its form was checked.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.body);
        assert_eq!(self.body["status"], self.status.as_u16());
        assert_eq!(self.body["instance"].as_str(), self.header("x-request-id"));
        let is_cleared = |cookie: &&str| cookie.contains("_token=;") && cookie.contains("Max-Age=0");
        assert!(self.cookies().iter().all(is_cleared), "who is refused is not signed in");
        (self.status.as_u16(), self.body["type"].as_str().unwrap().strip_prefix("/problems/").unwrap())
    }

    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
    }
}

impl Person {
    pub(crate) fn cookies(&self) -> String {
        format!("access_token={}; refresh_token={}", self.access_token, self.refresh_token)
    }

    pub(crate) fn id(&self) -> Uuid {
        self.user["id"].as_str().unwrap().parse().unwrap()
    }
}

pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

/// The system's clock, put forward by so many milliseconds; or one that stands still at the second, where it is set.
#[derive(Default)]
struct Ahead(AtomicI64, AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        let stopped = self.1.load(Ordering::SeqCst);
        let now = if stopped == 0 { SystemClock.now().as_millis() } else { stopped };
        Timestamp::from_millis(now + self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> futures::future::BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<Recorded<RawEvent>>>);

#[async_trait]
impl AfterCommit for Heard {
    async fn committed(&self, _outbox: &dyn Outbox, _id: Uuid, committed: Committed) {
        self.0.lock().unwrap().extend(committed.events);
    }
}
