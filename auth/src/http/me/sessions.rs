//! The caller's own sessions.

use axum::extract::State;
use axum::http::StatusCode;
use contracts::SessionId;
use service::caller::CurrentUser;
use service::http::{Id, Json, Page, Pagination, RequestId};
use service::problem::{NOT_FOUND, Problem, ProblemDocument};

use crate::Auth;
use crate::audit::Client;
use crate::http::{begun, place_in_list, unavailable};
use crate::views::{self, SessionResource};

/// The caller's sessions that are not over, the newest first.
#[utoipa::path(
    get,
    path = "/api/users/me/sessions",
    params(Pagination),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = Page<SessionResource>),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(auth): State<Auth>,
    caller: CurrentUser,
    pagination: Pagination,
) -> Result<Json<Page<SessionResource>>, Problem> {
    let after = pagination.cursor.as_deref().map(place_in_list).transpose()?;
    let (longest, now) = (auth.settings.session_lifetime, auth.runtime.now());
    let query = views::usable_sessions_of(caller.id, longest, now, after, pagination.limit as usize + 1);
    let found = auth.sessions.find(&query).await.map_err(|error| unavailable(&error))?;
    let shown = |session: &_| Some(SessionResource::of(session, caller.session));
    Ok(Json(views::page(&query, found, shown)))
}

/// Ends one of the caller's sessions: its tokens are good for nothing any more.
#[utoipa::path(
    delete,
    path = "/api/users/me/sessions/{id}",
    params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = NO_CONTENT),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end(
    State(auth): State<Auth>,
    caller: CurrentUser,
    request: RequestId,
    client: Client,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    let session = auth.sessions.load(id).await.map_err(|error| unavailable(&error))?;
    // Nobody learns whether somebody else's exists.
    let is_own = session.is_some_and(|session| session.state.user() == Some(caller.id));
    if !is_own {
        return Err(Problem::new(NOT_FOUND));
    }
    begun::end_session(&auth, request, &client, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
