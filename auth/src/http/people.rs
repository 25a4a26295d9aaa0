//! Everybody's accounts, for admins: who there is, who is shut out, and who is let in again.

use axum::extract::State;
use contracts::{Event, EventType as _, UserId};
use eventsourcing::Snapshot;
use serde::Deserialize;
use service::caller::Admin;
use service::http::{Id, Json, Page, Pagination, Query, RequestId, Versioned};
use service::problem::{NOT_FOUND, Problem, ProblemDocument, VALIDATION};
use utoipa::IntoParams;

use super::requests::BanUser;
use super::{account_problem, place_in_list, unavailable};
use crate::Auth;
use crate::account::{Account, AccountCommand, Ban, Person, Unban};
use crate::audit::Client;
use crate::views::{self, UserResource};

const LONGEST: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Stands somewhere in the name or the address, in whatever case.
    #[serde(default)]
    #[param(required = false, max_length = 200)]
    q: String,
}

/// Everybody who has an account, the newest first. For admins.
#[utoipa::path(
    get,
    path = "/api/users",
    params(Search, Pagination),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = Page<UserResource>),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(auth): State<Auth>,
    _: Admin,
    Query(Search { q }): Query<Search>,
    pagination: Pagination,
) -> Result<Json<Page<UserResource>>, Problem> {
    if q.chars().count() > LONGEST {
        let detail = format!("has to have at most {LONGEST} characters");
        return Err(Problem::new(VALIDATION).error("/q", detail));
    }
    let after = pagination.cursor.as_deref().map(place_in_list).transpose()?;
    let query = views::accounts_with(q.trim(), after, pagination.limit as usize + 1);
    let found = auth.accounts.find(&query).await.map_err(|error| unavailable(&error))?;
    Ok(Json(views::page(&query, found, UserResource::of)))
}

/// Somebody's account. For admins.
#[utoipa::path(
    get,
    path = "/api/users/{id}",
    params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = UserResource, headers(("ETag" = String, description = "The version"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(auth): State<Auth>,
    _: Admin,
    Id(id): Id<UserId>,
) -> Result<Versioned<UserResource>, Problem> {
    let account = auth.accounts.load(id).await.map_err(|error| unavailable(&error))?;
    shown(account.as_ref())
}

/// Shuts somebody out of the shop. Who is shut out already stays so, for the reason that was given first. For admins.
#[utoipa::path(
    post,
    path = "/api/users/{id}/ban",
    params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    request_body = BanUser,
    responses(
        (status = OK, body = UserResource, headers(("ETag" = String, description = "The version"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, body = ProblemDocument, content_type = "application/problem+json",
            description = "`own-account`"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ban(
    State(auth): State<Auth>,
    Admin(admin): Admin,
    request: RequestId,
    client: Client,
    Id(account): Id<UserId>,
    Json(body): Json<BanUser>,
) -> Result<Versioned<UserResource>, Problem> {
    let reason = body.check()?;
    let ban = Ban { account, by: admin.id, reason, now: auth.runtime.now() };
    let amend = ban.amend();
    auth.judge(account, admin.id, AccountCommand::Ban(ban), amend, request, &client).await
}

/// Lets somebody in again. For admins.
#[utoipa::path(
    delete,
    path = "/api/users/{id}/ban",
    params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = OK, body = UserResource, headers(("ETag" = String, description = "The version"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json"),
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, body = ProblemDocument, content_type = "application/problem+json",
            description = "`own-account`"),
    )
)]
pub(super) async fn unban(
    State(auth): State<Auth>,
    Admin(admin): Admin,
    request: RequestId,
    client: Client,
    Id(account): Id<UserId>,
) -> Result<Versioned<UserResource>, Problem> {
    let command = AccountCommand::Unban(Unban { account, by: admin.id });
    auth.judge(account, admin.id, command, Unban::amend, request, &client).await
}

impl Auth {
    /// What an admin decides about somebody.
    async fn judge(
        &self,
        account: UserId,
        admin: UserId,
        command: AccountCommand,
        amend: impl Fn(&mut Person) + Send + Sync + 'static,
        request: RequestId,
        client: &Client,
    ) -> Result<Versioned<UserResource>, Problem> {
        let there = self.accounts.load(account).await.map_err(|error| unavailable(&error))?;
        shown(there.as_ref())?;
        let cause = self.cause(request, admin);
        let judged = self.accounts.execute_and_amend(account, cause, command, amend).await;
        let judged = judged.map_err(account_problem)?;
        self.tell(account, &judged, Event::User, client).await;
        for judgement in &judged.events {
            let said = judgement.event.event_type();
            tracing::info!(user.id = %account, admin.id = %admin, "{said}: user {account}");
        }
        shown(judged.snapshot.as_ref())
    }
}

fn shown(account: Option<&Snapshot<Account>>) -> Result<Versioned<UserResource>, Problem> {
    let body = account.and_then(UserResource::of).ok_or(Problem::new(NOT_FOUND))?;
    Ok(Versioned { version: body.version, body })
}
