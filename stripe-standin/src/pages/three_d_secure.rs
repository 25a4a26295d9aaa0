//! The bank's page of 3-D Secure: the buyer passes the check or fails it, and is sent back to the shop.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::app::App;
use crate::intents::{self, AuthenticationResult, Intent, Status};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/3d_secure/{intent}", get(show).post(decide))
}

#[derive(Deserialize)]
struct Access {
    client_secret: String,
}

#[derive(Deserialize)]
struct Decision {
    outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Pass,
    Fail,
}

async fn show(State(app): State<App>, Path(id): Path<String>, Query(access): Query<Access>) -> Response {
    match visible(&app, &id, &access) {
        Some(intent) if intent.status == Status::RequiresAction => page(
            "Confirm your payment",
            r#"<form method="post">
<button name="outcome" value="pass">Complete authentication</button>
<button name="outcome" value="fail">Fail authentication</button>
</form>"#,
        ),
        Some(_) => page("Nothing to confirm", "<p>This payment does not wait for authentication.</p>"),
        None => {
            (StatusCode::NOT_FOUND, page("Not found", "<p>There is no such payment.</p>")).into_response()
        }
    }
}

/// Sends the buyer to the `return_url` with the outcome, as Stripe does; without one the page says it.
async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(access): Query<Access>,
    Form(decision): Form<Decision>,
) -> Response {
    if visible(&app, &id, &access).is_none() {
        return (StatusCode::NOT_FOUND, page("Not found", "<p>There is no such payment.</p>"))
            .into_response();
    }
    let result = match decision.outcome {
        Outcome::Pass => AuthenticationResult::Passed,
        Outcome::Fail => AuthenticationResult::Failed,
    };
    // A second click finds the payment decided: the buyer goes where the first one went.
    let Ok(intent) = app.work(|work| {
        intents::authenticate(work, &id, result).or_else(|| work.state.intents.get(&id).cloned())
    }) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Some(intent) = intent else { return StatusCode::NOT_FOUND.into_response() };
    match &intent.return_url {
        Some(return_url) => Redirect::to(&returning(return_url, &intent)).into_response(),
        None if is_good(&intent) => page("Authentication complete", "<p>You may close this page.</p>"),
        None => page("Authentication failed", "<p>You may close this page.</p>"),
    }
}

fn visible(app: &App, id: &str, access: &Access) -> Option<Intent> {
    app.store().state.intents.get(id).filter(|intent| intent.client_secret == access.client_secret).cloned()
}

fn returning(return_url: &str, intent: &Intent) -> String {
    let (address, fragment) = return_url.split_once('#').unwrap_or((return_url, ""));
    let separator = if address.contains('?') { '&' } else { '?' };
    let status = if is_good(intent) { "succeeded" } else { "failed" };
    let hash = if fragment.is_empty() { "" } else { "#" };
    let (id, secret) = (&intent.id, &intent.client_secret);
    let outcome =
        format!("payment_intent={id}&payment_intent_client_secret={secret}&redirect_status={status}");
    format!("{address}{separator}{outcome}{hash}{fragment}")
}

fn is_good(intent: &Intent) -> bool {
    matches!(intent.status, Status::RequiresCapture | Status::Succeeded)
}

fn page(title: &str, content: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
         <body><main><h1>{title}</h1>\n{content}\n</main></body></html>\n"
    );
    Html(page).into_response()
}
