//! `/_standin/…`: what tests ask of the stand-in itself and Stripe does not have.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::App;
use crate::faults::{FaultSwitch, Faults};
use crate::intents;
use crate::ledger::Ledger;
use crate::webhooks::WebhookEndpoint;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/_standin/faults", get(faults).post(set_faults).delete(clear_faults))
        .route("/_standin/ledger", get(ledger))
        .route("/_standin/webhooks", post(set_webhooks).delete(clear_webhooks))
        .route("/_standin/payment_intents/{id}/expire", post(expire))
}

async fn faults(State(app): State<App>) -> Json<Faults> {
    Json(app.faults().faults().clone())
}

/// Replaces whatever was switched on.
async fn set_faults(State(app): State<App>, Json(faults): Json<Faults>) -> Json<Faults> {
    *app.faults() = FaultSwitch::new(faults.clone());
    Json(faults)
}

async fn clear_faults(State(app): State<App>) -> StatusCode {
    *app.faults() = FaultSwitch::new(Faults::default());
    StatusCode::NO_CONTENT
}

async fn ledger(State(app): State<App>) -> Json<Ledger> {
    Json(Ledger::of(&app.store().state))
}

async fn set_webhooks(State(app): State<App>, Json(endpoint): Json<WebhookEndpoint>) -> StatusCode {
    *app.endpoint() = Some(endpoint);
    StatusCode::NO_CONTENT
}

async fn clear_webhooks(State(app): State<App>) -> StatusCode {
    *app.endpoint() = None;
    StatusCode::NO_CONTENT
}

/// Lets an authorisation lapse now instead of after seven days.
async fn expire(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    let expired = app.work(|work| {
        let intent = work.state.intents.get(&id).cloned()?;
        let intent = intents::lapse(work, intent);
        Some(work.intent_json(&intent))
    });
    match expired {
        Ok(Some(intent)) => Ok(Json(intent)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
