//! Stripe's API at the edge: who calls, which operation, the faults, the idempotency key, the work, the
//! answer.

mod answer;
mod authentication;
mod operations;

use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::operations::Operation;
use crate::app::App;
use crate::connection::Connection;
use crate::errors::ApiError;
use crate::expand;
use crate::faults::{Interruption, Plan};
use crate::form::Form;
use crate::idempotency::{self, KeptAnswer};
use crate::intents;
use crate::store::{Change, Work};

const LARGEST_BODY: usize = 256 * 1024;

/// What an operation is asked.
pub(crate) struct Call {
    /// The object that the path names, or nothing.
    pub(crate) id: String,
    pub(crate) form: Form,
}

/// A request whose caller, operation and parameters are known.
struct Ready {
    operation: Operation,
    call: Call,
    method: Method,
    path: String,
    key: Option<String>,
    request_id: String,
}

pub(crate) fn router() -> Router<App> {
    Router::new().route("/v1/{*path}", any(serve))
}

/// A task of its own: what has begun is finished although the caller hangs up.
async fn serve(
    State(app): State<App>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request_id = app.request_id();
    let version = parts.headers.get("stripe-version").cloned();
    let key = key(&parts.headers, &parts.method);
    let query = parts.uri.query().unwrap_or_default();
    let encoded = if parts.method == Method::POST { &body[..] } else { query.as_bytes() };
    let path = parts.uri.path().to_owned();
    let ready = ready(&parts.headers, parts.method, path, encoded, key.clone(), request_id.clone());
    let answer = match ready {
        Err(error) => Some(Answer::refusal(&error)),
        Ok(ready) => app.clone().spawn(process(app, ready)).await.ok().flatten().flatten(),
    };
    match answer {
        Some(answer) => answer.into_response(&request_id, version, key.as_deref()),
        None => {
            connection.cut();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn ready(
    headers: &HeaderMap,
    method: Method,
    path: String,
    encoded: &[u8],
    key: Option<String>,
    request_id: String,
) -> Result<Ready, ApiError> {
    authentication::check(headers)?;
    let (operation, id) = operations::find(&method, &path)?;
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("application/json") {
        let message = "Invalid request (check that your POST content type is \
                       application/x-www-form-urlencoded). If you have questions, we can help at \
                       https://support.stripe.com/.";
        return Err(ApiError::invalid(None, message));
    }
    let form = Form::parse(encoded)?;
    expand::check(&form)?;
    Ok(Ready { operation, call: Call { id, form }, method, path, key, request_id })
}

/// Only what changes something has a use for a key.
fn key(headers: &HeaderMap, method: &Method) -> Option<String> {
    let key = headers.get("idempotency-key").filter(|_| method == Method::POST)?;
    key.to_str().ok().map(str::to_owned)
}

/// `None` when the connection is to be cut.
async fn process(app: App, ready: Ready) -> Option<Answer> {
    let plan = app.faults().plan(ready.method.as_str(), &ready.path);
    if plan.rate_limited {
        return Some(Answer::refusal(&ApiError::rate_limit()));
    }
    let kept = match begin(&app, &ready) {
        Ok(kept) => kept,
        Err(error) => return Some(Answer::refusal(&error)),
    };
    let _in_flight = InFlight { app: &app, key: ready.key.as_deref().filter(|_| kept.is_none()) };
    tokio::time::sleep(Duration::from_millis(plan.slow_ms)).await;
    match plan.before {
        Some(Interruption::Cut) => return None,
        Some(Interruption::Status500) => return Some(Answer::refusal(&ApiError::internal())),
        None => {}
    }
    let answer = match kept {
        Some(kept) => Answer::replay(kept),
        None => execute(&app, &ready, &plan),
    };
    (plan.after != Some(Interruption::Cut)).then_some(answer)
}

fn begin(app: &App, ready: &Ready) -> Result<Option<KeptAnswer>, ApiError> {
    let Some(key) = &ready.key else { return Ok(None) };
    let now = app.context().now;
    idempotency::begin(&mut app.store(), key, &ready.path, ready.call.form.fingerprint(), now)
}

/// The effect, its events and the kept answer are one line of the state file.
fn execute(app: &App, ready: &Ready, plan: &Plan) -> Answer {
    let mut context = app.context();
    context.request_id.clone_from(&ready.request_id);
    context.idempotency_key.clone_from(&ready.key);
    let now = context.now;
    let mut store = app.store();
    let mut work = Work::begin(&mut store.state, context);
    if plan.authorization_expired
        && let Some(intent) = work.state.intents.get(&ready.call.id).cloned()
    {
        intents::lapse(&mut work, intent);
    }
    let mut result = run(&mut work, ready);
    if plan.after == Some(Interruption::Status500) {
        result = Err(ApiError::internal());
    }
    let executed = result.as_ref().map_or_else(|error| error.executed, |_| true);
    let answer = Answer::of(result);
    if let Some(key) = ready.key.as_ref().filter(|_| executed) {
        work.put(Change::Answer(Box::new(KeptAnswer {
            key: key.clone(),
            path: ready.path.clone(),
            fingerprint: ready.call.form.fingerprint().to_owned(),
            status: answer.status,
            body: answer.body.clone(),
            request_id: ready.request_id.clone(),
            created: now,
        })));
    }
    let changes = work.finish();
    let committed = store.commit(changes.clone());
    drop(store);
    if let Err(error) = committed {
        return Answer::refusal(&error);
    }
    app.deliver(&changes);
    answer
}

fn run(work: &mut Work<'_>, ready: &Ready) -> Result<Value, ApiError> {
    let mut value = (ready.operation)(work, &ready.call)?;
    expand::apply(work, &ready.call.form, &mut value);
    Ok(value)
}

/// A key in use, until the request is over in whatever way.
struct InFlight<'a> {
    app: &'a App,
    key: Option<&'a str>,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.app.store().in_flight.remove(key);
        }
    }
}
