//! Signing up, in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use contracts::users::Role;
use contracts::{Event, UserId};
use service::caller::CurrentUser;
use service::http::{Json, RequestId};
use service::problem::{Problem, ProblemDocument};

use super::requests::{Registration, SignIn, SignUp};
use super::{
    BAD_CREDENTIALS, BANNED, account_problem, begun, cookies, password_problem, too_many, unavailable,
};
use crate::Auth;
use crate::account::{AccountCommand, Person};
use crate::audit::{AuditType, Client};
use crate::email::Email;
use crate::passwords::Password;
use crate::session::Worth;
use crate::views::{self, UserResource};

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
    let Registration { email, password, name } = body.check()?;
    let password_hash = auth.passwords.hash(password).await.map_err(password_problem)?;
    let id = UserId(auth.runtime.new_id());
    let person = Person {
        email: email.as_str().to_owned(),
        email_key: email.key(),
        name: name.as_str().to_owned(),
        password_hash: password_hash.clone(),
        ..Person::default()
    };
    let command = AccountCommand::Register { roles: vec![Role::User] };
    let created =
        auth.accounts.create(id, auth.cause(request, id), command, move |private| *private = person.clone());
    let created = created.await.map_err(account_problem)?;
    auth.tell(id, &created, Event::User, &client).await;
    tracing::info!(user.id = %id, "user {id} signed up");
    Ok((StatusCode::CREATED, begun::start_session(&auth, request, &client, id, &password_hash).await?))
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
        (status = FORBIDDEN, body = ProblemDocument, content_type = "application/problem+json",
            description = "`banned`"),
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
    let user = account.as_ref().map(|account| UserId(account.id));
    match account.filter(|account| is_right && !account.state.is_banned()) {
        Some(account) => {
            auth.throttle.signed_in(client.ip, &email).await;
            let (user, hash) = (UserId(account.id), &account.private.password_hash);
            begun::start_session(&auth, request, &client, user, hash).await
        }
        None => {
            auth.note(AuditType::SignInFailed, user, None, request, &client).await;
            // Who knows the password may know of the ban.
            Err(Problem::new(if is_right { BANNED } else { BAD_CREDENTIALS }))
        }
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
    client: Client,
    caller: Result<CurrentUser, Problem>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let secure = auth.settings.secure_cookies;
    let by_access_token = caller.ok().map(|caller| caller.session);
    // An access token is often the first to expire.
    let by_refresh_token = match cookies::refresh_token(secure, &headers) {
        Some(token) => {
            let session = auth.sessions.load(token.session()).await.map_err(|error| unavailable(&error))?;
            let longest = auth.settings.session_lifetime;
            let is_its = session.is_some_and(|session| {
                Worth::of(&token, &session, longest, auth.runtime.now()) != Worth::Nothing
            });
            Some(token.session()).filter(|session| is_its && Some(*session) != by_access_token)
        }
        None => None,
    };
    for session in by_access_token.into_iter().chain(by_refresh_token) {
        begun::end_session(&auth, request, &client, session).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookies::clear(secure)))
}
