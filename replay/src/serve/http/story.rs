//! One matter over all services.

use axum::extract::State;
use service::caller::Admin;
use service::http::{Id, Json};
use service::problem::{NOT_FOUND, Problem, ProblemDocument};
use uuid::Uuid;

use super::unavailable;
use crate::serve::Replay;
use crate::serve::views::StoryResource;

/// The story of an order, a ticket, a payment, a user, a session or a request, each event behind its cause.
///
/// An order's has its reservation, its timer, its payment, and what its ticket said that concerns it; a ticket's its
/// whole life, and that of the orders it was held for.
#[utoipa::path(get, path = "/api/events/story/{id}", params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = StoryResource),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub(super) async fn tell(
    State(replay): State<Replay>,
    _: Admin,
    Id(id): Id<Uuid>,
) -> Result<Json<StoryResource>, Problem> {
    let story = replay.history.story(id).await.map_err(|error| unavailable(&error))?;
    let story = story.ok_or_else(|| Problem::new(NOT_FOUND).detail("Nothing happened under this id."))?;
    Ok(Json(StoryResource::of(id, &story)))
}
