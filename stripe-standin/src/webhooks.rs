//! Webhooks: each event is sent to one endpoint, signed, and again with growing pauses until it is taken.
//! Source: <https://docs.stripe.com/webhooks>.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::app::App;
use crate::clock;
use crate::events::Event;
use crate::store::Change;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// Stripe gives up after three days.
const TRIED_FOR_SECONDS: i64 = 3 * 24 * 60 * 60;

/// Where events go, and the secret they are signed with (`whsec_…`).
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookEndpoint {
    pub url: String,
    pub secret: String,
}

/// Sends the event beside the requests. Nothing happens without an endpoint.
pub(crate) fn deliver(app: &App, event: &Event) {
    let Some(endpoint) = app.endpoint().clone().filter(|_| event.pending_webhooks > 0) else { return };
    let plan = app.faults().webhook_plan();
    if plan.lost {
        return is_delivered(app, &event.id);
    }
    let delay = Duration::from_millis(plan.delay_ms);
    for _ in 0..=usize::from(plan.duplicated) {
        app.spawn(send_until_taken(app.clone(), endpoint.clone(), event.clone(), delay));
    }
}

/// What an earlier process left undelivered.
pub(crate) fn deliver_pending(app: &App) {
    let pending: Vec<Event> =
        app.store().state.events.iter().filter(|event| event.pending_webhooks > 0).cloned().collect();
    for event in &pending {
        deliver(app, event);
    }
}

/// `t=…,v1=…`, the HMAC-SHA256 of the time and the body under the endpoint's secret.
pub(crate) fn signature(secret: &str, time: i64, body: &str) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{time}.{body}").as_bytes());
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={digest}")
}

async fn send_until_taken(app: App, endpoint: WebhookEndpoint, event: Event, delay: Duration) {
    tokio::time::sleep(delay).await;
    let body = event.json().to_string();
    let mut pause = FIRST_PAUSE;
    while !is_taken(&app, &endpoint, &body).await {
        if clock::now_seconds() - event.created > TRIED_FOR_SECONDS {
            tracing::warn!(event.id, "the webhook for {} was given up", event.id);
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    is_delivered(&app, &event.id);
}

async fn is_taken(app: &App, endpoint: &WebhookEndpoint, body: &str) -> bool {
    let signature = signature(&endpoint.secret, clock::now_seconds(), body);
    let request = app
        .http()
        .post(&endpoint.url)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("Stripe-Signature", signature)
        .body(body.to_owned())
        .timeout(ANSWERS_WITHIN);
    match request.send().await {
        Ok(answer) => answer.status().is_success(),
        Err(error) => {
            tracing::debug!(%error, "the webhook endpoint does not answer");
            false
        }
    }
}

fn is_delivered(app: &App, id: &str) {
    let kept = app.work(|work| {
        if let Some(event) = work.state.events.get(id) {
            let event = Event { pending_webhooks: 0, ..event.clone() };
            work.put(Change::Event(Box::new(event)));
        }
    });
    if let Err(error) = kept {
        tracing::error!(%error, "a delivery could not be recorded");
    }
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_that_of_an_independent_implementation() {
        // printf '1492774577.{}' | openssl dgst -sha256 -hmac whsec_test
        let expected = "t=1492774577,v1=0d0602f6611bd2252dd4b74b58a4528355a7380639a15e6cc21e3059d56d5b8b";
        assert_eq!(signature("whsec_test", 1_492_774_577, "{}"), expected);
    }
}
