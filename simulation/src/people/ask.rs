//! One question over HTTP: to some replica, which may be gone before it answers.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use contracts::{SessionId, Timestamp, UserId};
use futures::FutureExt as _;
use http_body_util::BodyExt as _;
use serde_json::Value;
use service::caller::CurrentUser;
use service::http::RequestId;
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::faults::Fault;
use crate::machine::{Pid, Turn};
use crate::shop::{Service, Shop};

/// How long anybody waits for an answer.
const PATIENCE_US: u64 = 20_000_000;

pub(super) struct Ask {
    pub(super) service: Service,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) who: UserId,
    pub(super) key: Option<Uuid>,
    pub(super) wait_seconds: Option<u64>,
    pub(super) body: Option<Value>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    /// What went wrong, by the last part of its type.
    pub(super) fn problem(&self) -> &str {
        let problem_type = self.body["type"].as_str().unwrap_or_default();
        problem_type.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn id(&self, field: &str) -> Option<Uuid> {
        self.body[field].as_str()?.parse().ok()
    }

    /// Whether asking once more may help.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 500..=599)
    }
}

impl Ask {
    pub(super) fn new(service: Service, method: Method, path: impl Into<String>, who: UserId) -> Self {
        Self { service, method, path: path.into(), who, key: None, wait_seconds: None, body: None }
    }

    pub(super) fn key(mut self, key: Uuid) -> Self {
        self.key = Some(key);
        self
    }

    pub(super) fn wait(mut self, seconds: u64) -> Self {
        self.wait_seconds = Some(seconds);
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn request(&self, now: Timestamp, request_id: Uuid) -> Option<Request<Body>> {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        if let Some(key) = self.key {
            request = request.header("idempotency-key", key.to_string());
        }
        if let Some(seconds) = self.wait_seconds {
            request = request.header("prefer", format!("wait={seconds}"));
        }
        let body = match &self.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let user = CurrentUser {
            id: self.who,
            roles: Vec::new(),
            session: SessionId(Uuid::nil()),
            token_id: Uuid::nil(),
            expires_at: now,
        };
        request.extension(user).extension(RequestId(request_id)).body(body).ok()
    }
}

impl Shop {
    /// None where nobody answered: nothing is known then of what became of it.
    pub(super) async fn ask(&self, ask: &Ask) -> Option<Answer> {
        let world = &self.world;
        let replicas: Vec<usize> = (0..world.processes.len())
            .filter(|at| world.processes[*at].service == ask.service as usize)
            .collect();
        let at = world.how(|how| *how.pick(&replicas));
        Turn::over().await;
        let Some(router) = world.processes[at].door() else {
            world.inside.sleep_us(5_000).await;
            return None;
        };
        let request_id = world.how(|how| how.uuid(0));
        let request = ask.request(world.inside.now(), request_id)?;
        let (answer, answered) = oneshot::channel();
        world.inside.spawn(Pid(at + 1), serve(router, request, answer));
        let patience_us = if world.strikes(Fault::CallerHangsUp) {
            world.how(|how| how.spread(1, 2_000_000))
        } else {
            PATIENCE_US
        };
        let response = tokio::select! {
            biased;
            response = answered => response.ok()?,
            () = world.inside.sleep_us(patience_us) => return None,
        };
        let (status, body) = response;
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).ok()? };
        Some(Answer { status: status.as_u16(), body })
    }
}

type Response = (StatusCode, axum::body::Bytes);

/// What the server does; a caller who goes away ends it wherever it is.
async fn serve(router: axum::Router, request: Request<Body>, mut answer: oneshot::Sender<Response>) {
    let handling = async {
        let response = router.oneshot(request).await.ok()?;
        let (parts, body) = response.into_parts();
        Some((parts.status, body.collect().await.ok()?.to_bytes()))
    };
    let response = {
        let mut handling = std::pin::pin!(handling.fuse());
        tokio::select! {
            biased;
            () = answer.closed() => return,
            response = &mut handling => response,
        }
    };
    if let Some(response) = response {
        // Whoever asked may be gone.
        let _ = answer.send(response);
    }
}
