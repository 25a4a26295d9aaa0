//! The caller's own account.

pub(super) mod password;
pub(super) mod sessions;

use axum::extract::State;
use eventsourcing::Snapshot;
use service::caller::CurrentUser;
use service::http::{IfMatch, Json, RequestId, Versioned};
use service::problem::{Problem, ProblemDocument, UNAUTHENTICATED};

use super::account_problem;
use super::requests::UpdateMe;
use crate::Auth;
use crate::account::{Account, AccountCommand, Person};
use crate::views::UserResource;

/// The caller's account.
#[utoipa::path(
    get,
    path = "/api/users/me",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = UserResource, headers(("ETag" = String, description = "The version"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(auth): State<Auth>,
    caller: CurrentUser,
) -> Result<Versioned<UserResource>, Problem> {
    shown(&auth.account(caller.id).await?)
}

/// Changes the caller's account.
#[utoipa::path(
    patch,
    path = "/api/users/me",
    security(("cookie" = []), ("bearer" = [])),
    params(("If-Match" = Option<String>, Header, description = "The ETag of the account as the caller saw it")),
    request_body = UpdateMe,
    responses(
        (status = OK, body = UserResource, headers(("ETag" = String, description = "The version"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = PRECONDITION_FAILED, body = ProblemDocument, content_type = "application/problem+json",
            description = "`stale`"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn update(
    State(auth): State<Auth>,
    caller: CurrentUser,
    request: RequestId,
    if_match: IfMatch,
    Json(body): Json<UpdateMe>,
) -> Result<Versioned<UserResource>, Problem> {
    let name = body.check()?;
    let account = auth.account(caller.id).await?;
    if_match.check(account.version)?;
    let Some(name) = name.filter(|name| name.as_str() != account.private.name) else {
        return shown(&account);
    };
    let command = AccountCommand::Update { seen: if_match.0 };
    let cause = auth.cause(request, caller.id);
    let amend = move |person: &mut Person| person.name = name.as_str().to_owned();
    let execution = auth.accounts.execute_and_amend(caller.id, cause, command, amend).await;
    let account = execution.map_err(account_problem)?.snapshot.ok_or(Problem::new(UNAUTHENTICATED))?;
    tracing::info!(user.id = %caller.id, "user {} updated", caller.id);
    shown(&account)
}

fn shown(account: &Snapshot<Account>) -> Result<Versioned<UserResource>, Problem> {
    let body = UserResource::of(account).ok_or_else(|| Problem::new(UNAUTHENTICATED))?;
    Ok(Versioned { version: body.version, body })
}
