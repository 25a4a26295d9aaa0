//! Beginning and ending a session.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use contracts::users::Role;
use contracts::{SessionId, UserId};
use eventsourcing::Snapshot;
use service::caller::CurrentUser;
use service::http::{Json, RequestId, Versioned};
use service::problem::{INTERNAL, Problem, ProblemDocument};

use super::client::Client;
use super::cookies::{self, SetCookies};
use super::requests::{Registration, SignIn, SignUp};
use super::{BAD_CREDENTIALS, account_problem, password_problem, session_problem, too_many, unavailable};
use crate::account::{Account, AccountCommand, Person};
use crate::email::Email;
use crate::passwords::Password;
use crate::secrets::RefreshToken;
use crate::session::{Device, SessionCommand};
use crate::throttle::Doing;
use crate::views::{self, UserResource};
use crate::{Auth, Subject};

/// Opens an account and signs in.
#[utoipa::path(
    post,
    path = "/api/users/signup",
    request_body = SignUp,
    responses(
        (status = CREATED, body = UserResource, headers(("Set-Cookie" = String, description = "Both tokens"))),
        (status = CONFLICT, body = ProblemDocument, content_type = "application/problem+json",
            description = "`email-taken`"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_up(
    State(auth): State<Auth>,
    request: RequestId,
    client: Client,
    Json(body): Json<SignUp>,
) -> Result<impl IntoResponse, Problem> {
    auth.throttle.enter(Doing::SignUp, client.ip).await.map_err(too_many)?;
    let Registration { email, password, name } = body.check()?;
    let password_hash = auth.passwords.hash(password).await.map_err(password_problem)?;
    let id = UserId(auth.runtime.new_id());
    let person = Person {
        email: email.as_str().to_owned(),
        email_key: email.key(),
        name: name.as_str().to_owned(),
        password_hash,
        ban_reason: None,
    };
    let command = AccountCommand::Register { roles: vec![Role::User] };
    let created =
        auth.accounts.create(id, auth.cause(request, id), command, move |private| *private = person.clone());
    let account = created.await.map_err(account_problem)?.snapshot.ok_or(Problem::new(INTERNAL))?;
    tracing::info!(user.id = %id, "user {id} signed up");
    Ok((StatusCode::CREATED, start_session(&auth, request, client, &account).await?))
}

/// Signs in. Whether the address or the password was wrong is not said, nor to be told from the time it takes.
#[utoipa::path(
    post,
    path = "/api/users/signin",
    request_body = SignIn,
    responses(
        (status = OK, body = UserResource, headers(("Set-Cookie" = String, description = "Both tokens"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json",
            description = "`bad-credentials`"),
        (status = TOO_MANY_REQUESTS, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_in(
    State(auth): State<Auth>,
    request: RequestId,
    client: Client,
    Json(SignIn { email, password }): Json<SignIn>,
) -> Result<impl IntoResponse, Problem> {
    auth.throttle.sign_in(client.ip, &email).await.map_err(too_many)?;
    let account = match email.parse::<Email>() {
        Ok(email) => {
            auth.accounts.find(&views::account_of(&email)).await.map_err(|error| unavailable(&error))?.pop()
        }
        Err(_) => None,
    };
    let hash = account.as_ref().map(|account| account.private.password_hash.clone());
    let is_right = auth.passwords.is_of(hash, Password::typed(password)).await.map_err(password_problem)?;
    match account {
        Some(account) if is_right => {
            auth.throttle.signed_in(client.ip, &email).await;
            start_session(&auth, request, client, &account).await
        }
        _ => Err(Problem::new(BAD_CREDENTIALS)),
    }
}

/// Ends the session that the caller's tokens belong to, and takes the tokens away. Without any it is done already.
#[utoipa::path(
    post,
    path = "/api/users/signout",
    responses((status = NO_CONTENT, headers(("Set-Cookie" = String, description = "Clears both tokens"))))
)]
pub(super) async fn sign_out(
    State(auth): State<Auth>,
    request: RequestId,
    caller: Result<CurrentUser, Problem>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let secure = auth.settings.secure_cookies;
    let by_access_token = caller.ok().map(|caller| caller.session);
    // An access token is often the first to expire.
    let by_refresh_token = match cookies::refresh_token(secure, &headers) {
        Some(token) => {
            let found =
                auth.sessions.find(&views::session_of(&token)).await.map_err(|error| unavailable(&error))?;
            found.first().map(|session| SessionId(session.id)).filter(|id| Some(*id) != by_access_token)
        }
        None => None,
    };
    for session in by_access_token.into_iter().chain(by_refresh_token) {
        end_session(&auth, request, session).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookies::clear(secure)))
}

async fn start_session(
    auth: &Auth,
    request: RequestId,
    Client { user_agent, ip }: Client,
    account: &Snapshot<Account>,
) -> Result<(SetCookies, Versioned<UserResource>), Problem> {
    let user = UserResource::of(account).ok_or(Problem::new(INTERNAL))?;
    let session = SessionId(auth.runtime.new_id());
    let refresh_token = RefreshToken::make().map_err(|error| broken(&error))?;
    let device = Device { refresh_hash: refresh_token.hash(), user_agent, ip };
    let command = SessionCommand::Start { user_id: user.id };
    let cause = auth.cause(request, user.id);
    let started = auth.sessions.create(session, cause, command, move |private| *private = device.clone());
    started.await.map_err(session_problem)?;
    tracing::info!(user.id = %user.id, session.id = %session, "session {session} started");

    let subject = Subject { user: user.id, roles: user.roles.clone(), session };
    let access_token = auth.signer.sign(subject, auth.runtime.new_id(), auth.runtime.now());
    let access_token = access_token.map_err(|error| broken(&error))?;
    let cookies = cookies::set(auth.settings.secure_cookies, &access_token, &refresh_token);
    Ok((cookies, Versioned { version: user.version, body: user }))
}

/// A session that is not there is over.
async fn end_session(auth: &Auth, request: RequestId, session: SessionId) -> Result<(), Problem> {
    let loaded = auth.sessions.load(session).await.map_err(|error| unavailable(&error))?;
    let Some(user) = loaded.and_then(|loaded| loaded.state.user()) else { return Ok(()) };
    let ended = auth.sessions.execute(session, auth.cause(request, user), SessionCommand::End).await;
    ended.map_err(session_problem)?;
    tracing::info!(user.id = %user, session.id = %session, "session {session} ended");
    Ok(())
}

fn broken(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "no tokens can be made");
    Problem::new(INTERNAL)
}
