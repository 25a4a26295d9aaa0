//! Commands in, over HTTP.

mod audit;
mod begun;
mod client;
mod cookies;
mod me;
mod people;
mod refresh;
mod requests;
mod sign_in;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use contracts::UserId;
use eventsourcing::{Actor, Cause, Cursor, ExecutionError, Snapshot, StoreError};
use limits::{Rate, TooMany};
use service::http::{RequestId, RouteLimit};
use service::problem::{
    INTERNAL, Problem, ProblemDocument, ProblemType, STALE, UNAUTHENTICATED, UNAVAILABLE, VALIDATION,
};
use service::{openapi, telemetry};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::account::{Account, AccountRejection};
use crate::keys::public_keys;
use crate::session::SessionRejection;
use crate::views::EMAIL_KEY;
use crate::{Auth, PasswordsError};

pub const EMAIL_TAKEN: ProblemType =
    ProblemType::new("email-taken", StatusCode::CONFLICT, "There is an account with this e-mail address");
pub const BAD_CREDENTIALS: ProblemType = ProblemType::new(
    "bad-credentials",
    StatusCode::UNAUTHORIZED,
    "The e-mail address or the password is wrong",
);
pub const BANNED: ProblemType = ProblemType::new("banned", StatusCode::FORBIDDEN, "The account is banned");
pub const OWN_ACCOUNT: ProblemType =
    ProblemType::new("own-account", StatusCode::CONFLICT, "Nobody bans themselves, or ends their own ban");

/// The kinds of problem that are auth's own.
pub const PROBLEMS: &[ProblemType] = &[EMAIL_TAKEN, BAD_CREDENTIALS, BANNED, OWN_ACCOUNT];

/// Where one gets in, and what costs a password's work: each is asked no more often than `entries` by one address.
pub fn limits(entries: Rate) -> [(&'static str, RouteLimit); 4] {
    ["/api/users/signup", "/api/users/signin", "/api/users/refresh", "/api/users/me/password"]
        .map(|path| (path, RouteLimit::Entry(entries)))
}

pub(crate) fn routes() -> Router<Auth> {
    let document = openapi::document("auth", "Accounts, sessions and the public keys of access tokens.");
    let router = OpenApiRouter::with_openapi(document)
        .routes(routes!(sign_in::sign_up))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(refresh::refresh))
        .routes(routes!(me::show, me::update))
        .routes(routes!(me::password::change))
        .routes(routes!(me::sessions::list))
        .routes(routes!(me::sessions::end))
        .routes(routes!(people::list))
        .routes(routes!(people::show))
        .routes(routes!(people::ban, people::unban))
        .routes(routes!(audit::list))
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

/// Lists are sorted by time, which is written as text.
fn place_in_list(text: &str) -> Result<Cursor, Problem> {
    Cursor::decode(text).ok().filter(|cursor| cursor.0.is_string()).ok_or_else(not_a_cursor)
}

fn not_a_cursor() -> Problem {
    Problem::new(VALIDATION).error("/cursor", "is not a cursor of this list")
}

fn account_problem(error: ExecutionError<AccountRejection>) -> Problem {
    failed(error, |rejection| match rejection {
        AccountRejection::NoSuchAccount => {
            Problem::new(UNAUTHENTICATED).detail("There is no such account any more.")
        }
        AccountRejection::Stale { version } => {
            Problem::new(STALE).detail(format!("It is at version {version} now."))
        }
        AccountRejection::OwnAccount => Problem::new(OWN_ACCOUNT),
    })
}

fn session_problem(error: ExecutionError<SessionRejection>) -> Problem {
    failed(error, |rejection| match rejection {
        // The ids of sessions are made here, and who is late to carry one on looks again: no caller can cause any.
        SessionRejection::NoSuchSession
        | SessionRejection::NotNew
        | SessionRejection::Stale
        | SessionRejection::Over => {
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

fn too_many(refused: TooMany) -> Problem {
    service::http::too_many(refused).detail("Too many have tried to get in.")
}

fn broken(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "no tokens can be made");
    Problem::new(INTERNAL)
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
