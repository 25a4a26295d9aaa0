//! A person at the shop's one origin, as a browser would be: cookies are kept, and busy answers are asked again.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const TIME_LIMIT: Duration = Duration::from_secs(30);
const TRIES: u32 = 8;

pub(crate) struct Shopper {
    origin: String,
    client: reqwest::Client,
}

pub(crate) struct Ask<'ask> {
    pub(crate) method: Method,
    pub(crate) path: &'ask str,
    pub(crate) body: Option<Value>,
    pub(crate) idempotency_key: Option<&'ask str>,
    /// Seconds to wait until the matter is settled.
    pub(crate) wait: Option<u64>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// The id of the request, which is the correlation id of every event that follows.
    pub(crate) request_id: String,
}

impl Ask<'_> {
    pub(crate) fn get(path: &str) -> Ask<'_> {
        Ask { method: Method::GET, path, body: None, idempotency_key: None, wait: None }
    }

    pub(crate) fn post(path: &str, body: Value) -> Ask<'_> {
        Ask { method: Method::POST, body: Some(body), ..Ask::get(path) }
    }

    pub(crate) fn delete(path: &str) -> Ask<'_> {
        Ask { method: Method::DELETE, ..Ask::get(path) }
    }
}

impl<'ask> Ask<'ask> {
    pub(crate) fn keyed(self, key: &'ask str) -> Self {
        Self { idempotency_key: Some(key), ..self }
    }

    pub(crate) fn waiting(self, seconds: u64) -> Self {
        Self { wait: Some(seconds), ..self }
    }
}

impl Answer {
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// The answer, if it is one of success.
    pub(crate) fn expect_success(self, what: &str) -> anyhow::Result<Self> {
        if self.status.is_success() {
            return Ok(self);
        }
        bail!("{what}: {} {}", self.status.as_u16(), self.problem())
    }

    /// What a problem says, in one line.
    pub(crate) fn problem(&self) -> String {
        let (title, detail) = (self.text("title"), self.text("detail"));
        if detail.is_empty() { title.to_owned() } else { format!("{title}: {detail}") }
    }
}

impl Shopper {
    pub(crate) fn new(origin: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().cookie_store(true).timeout(TIME_LIMIT).no_proxy().build();
        Ok(Self { origin: origin.to_owned(), client: client.context("could not set up HTTP")? })
    }

    /// Signs up, or in where the account is there already.
    pub(crate) async fn enter(&self, email: &str, password: &str, name: &str) -> anyhow::Result<()> {
        let body = json!({ "email": email, "password": password, "name": name });
        let answer = self.ask(Ask::post("/api/users/signup", body)).await?;
        if answer.status == StatusCode::CONFLICT {
            let body = json!({ "email": email, "password": password });
            let answer = self.ask(Ask::post("/api/users/signin", body)).await?;
            return answer.expect_success(&format!("{email} could not sign in")).map(drop);
        }
        answer.expect_success(&format!("{email} could not sign up")).map(drop)
    }

    pub(crate) async fn ask(&self, ask: Ask<'_>) -> anyhow::Result<Answer> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (answer, retry_after) = self.ask_once(&ask).await?;
            let is_busy = matches!(
                answer.status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY
            );
            if !is_busy || tries == TRIES {
                return Ok(answer);
            }
            tokio::time::sleep(retry_after).await;
        }
    }

    async fn ask_once(&self, ask: &Ask<'_>) -> anyhow::Result<(Answer, Duration)> {
        let request_id = Uuid::new_v4().to_string();
        let url = format!("{}{}", self.origin, ask.path);
        let mut request = self.client.request(ask.method.clone(), url).header("X-Request-Id", &request_id);
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        if let Some(key) = ask.idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(seconds) = ask.wait {
            request = request.header("Prefer", format!("wait={seconds}"));
        }
        let response =
            request.send().await.with_context(|| format!("{} {} got no answer", ask.method, ask.path))?;
        let status = response.status();
        let pause = response.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse().ok());
        let pause = Duration::from_secs(pause.unwrap_or(1)).min(Duration::from_secs(10));
        let bytes =
            response.bytes().await.with_context(|| format!("{} {} was cut off", ask.method, ask.path))?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok((Answer { status, body, request_id }, pause))
    }
}
