//! Idempotency keys: the first answer is kept for a day with the parameters it belongs to, errors included,
//! once the endpoint has begun to execute. Source: <https://docs.stripe.com/api/idempotent_requests>.

use serde::{Deserialize, Serialize};

use crate::errors::ApiError;
use crate::store::Store;

const KEPT_FOR_SECONDS: i64 = 24 * 60 * 60;
const LONGEST_KEY: usize = 255;

/// The answer that every later request under the key gets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptAnswer {
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) request_id: String,
    pub(crate) created: i64,
}

impl KeptAnswer {
    pub(crate) fn is_over(&self, now: i64) -> bool {
        now - self.created > KEPT_FOR_SECONDS
    }
}

/// The key may be used: with an answer when there is one, else it is now in flight.
pub(crate) fn begin(
    store: &mut Store,
    key: &str,
    path: &str,
    fingerprint: &str,
    now: i64,
) -> Result<Option<KeptAnswer>, ApiError> {
    if key.chars().count() > LONGEST_KEY {
        let message = format!("Idempotency keys can have up to {LONGEST_KEY} characters.");
        return Err(ApiError::invalid(None, message));
    }
    let advice = format!("Try using a key other than '{key}' if you meant to execute a different request.");
    match store.state.answers.get(key).filter(|answer| !answer.is_over(now)) {
        Some(answer) if answer.path != path => Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for \
             ('{path}' vs '{first}'). {advice}",
            first = answer.path
        ))),
        Some(answer) if answer.fingerprint != fingerprint => Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. {advice}"
        ))),
        Some(answer) => Ok(Some(answer.clone())),
        None if store.in_flight.insert(key.to_owned()) => Ok(None),
        None => {
            let message = format!(
                "There is currently another in-progress request using this Idempotent Key (that probably \
                 means you submitted twice, and the other request is still going through): {key}. Please try \
                 again later."
            );
            let conflict = ApiError::idempotency(message).status(409);
            Err(ApiError { code: Some("idempotency_key_in_use"), ..conflict })
        }
    }
}
