//! QUESTIONS: what happened, for admins.

mod list;
mod live;
mod story;

use std::sync::LazyLock;

use axum::Router;
use history::HistoryError;
use messaging::Selection;
use service::openapi;
use service::problem::{Problem, UNAVAILABLE, VALIDATION};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::serve::Replay;

/// In its paths.
const NAME: &str = "events";

/// Described once, however many are opened in one process.
static ROUTES: LazyLock<Router<Replay>> = LazyLock::new(|| {
    let document = openapi::document(NAME, "What happened in the shop, event by event. For admins.");
    let router = OpenApiRouter::with_openapi(document)
        .routes(routes!(list::list))
        .routes(routes!(live::live))
        .routes(routes!(story::tell));
    openapi::serve(NAME, router)
});

pub(crate) fn routes(replay: Replay) -> Router {
    ROUTES.clone().with_state(replay)
}

/// Nothing else is let into what the server filters by.
fn selection(
    aggregate: Option<String>,
    id: Option<uuid::Uuid>,
    event_type: Option<String>,
) -> Result<Selection, Problem> {
    for (pointer, word) in [("/aggregate", &aggregate), ("/type", &event_type)] {
        if word.as_ref().is_some_and(|word| !messaging::is_word(word)) {
            return Err(Problem::new(VALIDATION).error(pointer, messaging::NotAWord.to_string()));
        }
    }
    Selection::new(aggregate, id, event_type)
        .map_err(|error| Problem::new(VALIDATION).error("", error.to_string()))
}

fn unavailable(error: &HistoryError) -> Problem {
    match error {
        HistoryError::Bus(error) => {
            tracing::debug!(%error, "the stream cannot be read");
            Problem::new(UNAVAILABLE).detail("The stream of events cannot be read at the moment.")
        }
        HistoryError::NotReadYet => {
            Problem::new(UNAVAILABLE).detail("The stream of events is still being read.")
        }
    }
}
