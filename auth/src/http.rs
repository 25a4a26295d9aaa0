//! Commands in, over HTTP.

mod client;
mod cookies;
mod me;
mod requests;
mod sign_in;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use contracts::UserId;
use eventsourcing::{Actor, Cause, ExecutionError, Snapshot, StoreError};
use service::http::RequestId;
use service::problem::{
    INTERNAL, Problem, ProblemDocument, ProblemType, STALE, TOO_MANY_REQUESTS, UNAUTHENTICATED, UNAVAILABLE,
};
use service::{openapi, telemetry};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::account::{Account, AccountRejection};
use crate::keys::public_keys;
use crate::session::SessionRejection;
use crate::throttle::TooMany;
use crate::views::EMAIL_KEY;
use crate::{Auth, PasswordsError};

pub const EMAIL_TAKEN: ProblemType =
    ProblemType::new("email-taken", StatusCode::CONFLICT, "There is an account with this e-mail address");
pub const BAD_CREDENTIALS: ProblemType = ProblemType::new(
    "bad-credentials",
    StatusCode::UNAUTHORIZED,
    "The e-mail address or the password is wrong",
);

/// The kinds of problem that are auth's own.
pub const PROBLEMS: &[ProblemType] = &[EMAIL_TAKEN, BAD_CREDENTIALS];

pub(crate) fn routes() -> Router<Auth> {
    let document = openapi::document("auth", "Accounts, sessions and the public keys of access tokens.");
    let router = OpenApiRouter::with_openapi(document)
        .routes(routes!(sign_in::sign_up))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(me::show, me::update))
        .routes(routes!(jwks));
    openapi::serve("users", router)
}

/// The public keys that access tokens are verified with.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    responses(
        (status = OK, content_type = "application/jwk-set+json", description = "A set of JSON web keys"),
        (status = SERVICE_UNAVAILABLE, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn jwks(State(auth): State<Auth>) -> Result<impl IntoResponse, Problem> {
    let path = &auth.settings.jwks_file;
    let unavailable = |error: &dyn std::error::Error| {
        tracing::error!(%error, "the public keys cannot be shown");
        Problem::new(UNAVAILABLE)
    };
    let text = tokio::fs::read(path).await.map_err(|error| unavailable(&error))?;
    let keys = public_keys(path, &text).map_err(|error| unavailable(&error))?;
    let headers =
        [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=60")];
    Ok((headers, serde_json::to_vec(&keys).map_err(|error| unavailable(&error))?))
}

impl Auth {
    /// Whoever holds a good token of an account that is not there any more is nobody.
    async fn account(&self, id: UserId) -> Result<Snapshot<Account>, Problem> {
        let account = self.accounts.load(id).await.map_err(|error| unavailable(&error))?;
        account.ok_or_else(|| Problem::new(UNAUTHENTICATED).detail("There is no such account any more."))
    }

    /// A command that `user` gives by this request.
    fn cause(&self, RequestId(request): RequestId, user: UserId) -> Cause {
        Cause {
            causation_id: self.runtime.new_id(),
            correlation_id: request,
            actor: Actor::User(user),
            traceparent: telemetry::current_traceparent(),
        }
    }
}

fn unavailable(error: &StoreError) -> Problem {
    tracing::warn!(%error, "no answer from the store");
    Problem::new(UNAVAILABLE)
}

fn account_problem(error: ExecutionError<AccountRejection>) -> Problem {
    failed(error, |rejection| match rejection {
        AccountRejection::NoSuchAccount => {
            Problem::new(UNAUTHENTICATED).detail("There is no such account any more.")
        }
        AccountRejection::Stale { version } => {
            Problem::new(STALE).detail(format!("It is at version {version} now."))
        }
        // Answers a ban and the end of one, which no route gives.
        AccountRejection::OwnAccount => {
            tracing::error!(?rejection, "a caller's own command was answered like an admin's");
            Problem::new(INTERNAL)
        }
    })
}

fn session_problem(error: ExecutionError<SessionRejection>) -> Problem {
    failed(error, |rejection| match rejection {
        // The ids of sessions are made here, so neither is anything a caller can cause.
        SessionRejection::NoSuchSession | SessionRejection::NotNew => {
            tracing::error!(?rejection, "a session is not what it was made as");
            Problem::new(INTERNAL)
        }
    })
}

fn failed<R: std::fmt::Debug>(error: ExecutionError<R>, rejected: impl FnOnce(R) -> Problem) -> Problem {
    match error {
        ExecutionError::Rejected(rejection) => rejected(rejection),
        ExecutionError::Taken(index) if index == EMAIL_KEY => Problem::new(EMAIL_TAKEN),
        ExecutionError::Taken(index) => {
            tracing::error!(index, "a unique index that nobody expected");
            Problem::new(INTERNAL)
        }
        ExecutionError::Broken(why) => {
            tracing::error!(why, "a command cannot be carried out");
            Problem::new(INTERNAL)
        }
        ExecutionError::Unavailable(why) => {
            tracing::warn!(why, "a command may not have been carried out");
            Problem::new(UNAVAILABLE)
        }
    }
}

/// In whole seconds, and one at least.
fn too_many(TooMany(wait): TooMany) -> Problem {
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    Problem::new(TOO_MANY_REQUESTS).detail("Too many have tried to get in.").retry_after(seconds)
}

fn password_problem(error: PasswordsError) -> Problem {
    match error {
        PasswordsError::Busy => Problem::new(UNAVAILABLE).detail("Too many people are signing in."),
        PasswordsError::Lost
        | PasswordsError::Hash(_)
        | PasswordsError::Unreadable(_)
        | PasswordsError::Cost(_) => {
            tracing::error!(%error, "a password could not be looked at");
            Problem::new(INTERNAL)
        }
    }
}
