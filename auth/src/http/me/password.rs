//! The caller's password.

use axum::extract::State;
use axum::http::StatusCode;
use contracts::Event;
use eventsourcing::ExecutionError;
use service::caller::CurrentUser;
use service::http::{Json, RequestId};
use service::problem::{Problem, ProblemDocument, UNAVAILABLE};

use crate::Auth;
use crate::account::{AccountCommand, AccountRejection, PasswordChanged, Person};
use crate::audit::{AuditType, Client};
use crate::http::requests::{ChangePassword, PasswordChange};
use crate::http::{BAD_CREDENTIALS, account_problem, begun, password_problem, too_many};

/// The account may change while the password is looked at, and then it is looked at again, this often.
const TRIES: usize = 5;

/// Changes the caller's password. Every other session ends.
#[utoipa::path(
    post,
    path = "/api/users/me/password",
    security(("cookie" = []), ("bearer" = [])),
    request_body = ChangePassword,
    responses(
        (status = NO_CONTENT),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json",
            description = "`bad-credentials` where the current password is wrong"),
        (status = UNPROCESSABLE_ENTITY, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change(
    State(auth): State<Auth>,
    caller: CurrentUser,
    request: RequestId,
    client: Client,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let PasswordChange { current, new } = body.check()?;
    // Whoever found an open browser guesses as one who signs in.
    let email = auth.account(caller.id).await?.private.email;
    auth.throttle.sign_in(client.ip, &email).await.map_err(too_many)?;
    for _ in 0..TRIES {
        let account = auth.account(caller.id).await?;
        let hash = Some(account.private.password_hash.clone());
        if !auth.passwords.is_of(hash, current.clone()).await.map_err(password_problem)? {
            let (user, session) = (Some(caller.id), Some(caller.session));
            auth.note(AuditType::SignInFailed, user, session, request, &client).await;
            return Err(Problem::new(BAD_CREDENTIALS).detail("The current password is wrong."));
        }
        let password_hash = auth.passwords.hash(new.clone()).await.map_err(password_problem)?;
        let command = AccountCommand::ChangePassword { seen: account.version };
        let cause = auth.cause(request, caller.id);
        let changed = PasswordChanged { at: auth.runtime.now(), within: caller.session };
        let amend = move |person: &mut Person| {
            person.password_hash.clone_from(&password_hash);
            person.password_changed = Some(changed);
        };
        match auth.accounts.execute_and_amend(caller.id, cause, command, amend).await {
            Ok(changed) => {
                auth.tell(caller.id, &changed, Event::User, &client).await;
                tracing::info!(user.id = %caller.id, "user {} has another password", caller.id);
                begun::end_others(&auth, request, &client, caller.id, caller.session).await?;
                return Ok(StatusCode::NO_CONTENT);
            }
            Err(ExecutionError::Rejected(AccountRejection::Stale { .. })) => {}
            Err(error) => return Err(account_problem(error)),
        }
    }
    Err(Problem::new(UNAVAILABLE))
}
