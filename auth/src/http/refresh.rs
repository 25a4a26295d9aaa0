//! Carrying a session on: each refresh token is good once, and for two tabs at once.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use contracts::SessionId;
use eventsourcing::{ExecutionError, Snapshot};
use service::http::RequestId;
use service::problem::{Problem, ProblemDocument, UNAUTHENTICATED, UNAVAILABLE};

use super::begun::{SignedIn, end_session, signed_in};
use super::cookies::SetCookies;
use super::{broken, cookies, session_problem, unavailable};
use crate::Auth;
use crate::account::Account;
use crate::audit::{AuditType, Client};
use crate::secrets::{RefreshToken, Salt};
use crate::session::{Device, Holder, Replaced, Session, SessionCommand, SessionRejection, Worth};
use crate::views::UserResource;

/// Whoever loses this often against others who carry the same session on is told to come again.
const TRIES: usize = 10;

/// Carries the session of the refresh token on, and replaces both tokens. A refresh token that was replaced more than
/// ten seconds ago ends the session: either its holder or somebody else is a thief. Tokens that are good for nothing any
/// more are taken away.
#[utoipa::path(
    post,
    path = "/api/users/refresh",
    responses(
        (status = OK, body = UserResource, headers(("Set-Cookie" = String, description = "Both tokens"))),
        (status = UNAUTHORIZED, body = ProblemDocument, content_type = "application/problem+json",
            headers(("Set-Cookie" = String, description = "Clears both tokens, where they were brought"))),
    )
)]
pub(super) async fn refresh(
    State(auth): State<Auth>,
    request: RequestId,
    client: Client,
    headers: HeaderMap,
) -> Result<SignedIn, (Option<SetCookies>, Problem)> {
    let secure = auth.settings.secure_cookies;
    let carried_on = match cookies::refresh_token(secure, &headers) {
        Some(token) => carry_on(&auth, &token, request, &client).await,
        None => Err(Problem::new(UNAUTHENTICATED)),
    };
    carried_on.map_err(|problem| {
        // From whoever brought none nothing is taken: another site may have sent them, and has not shown us theirs.
        let is_dead =
            problem.status() == StatusCode::UNAUTHORIZED && cookies::brings_refresh_token(secure, &headers);
        (is_dead.then(|| cookies::clear(secure)), problem)
    })
}

async fn carry_on(
    auth: &Auth,
    token: &RefreshToken,
    request: RequestId,
    client: &Client,
) -> Result<SignedIn, Problem> {
    for _ in 0..TRIES {
        let session = auth.sessions.load(token.session()).await.map_err(|error| unavailable(&error))?;
        let session = session.ok_or(Problem::new(UNAUTHENTICATED))?;
        let now = auth.runtime.now();
        match Worth::of(token, &session, auth.settings.session_lifetime, now) {
            Worth::Present(holder, sealing) => {
                let account = auth.in_good_standing(holder, &session, request, client).await?;
                if let Some(next) = auth.replace(token, holder, &sealing, request, client).await? {
                    return signed_in(auth, &account, &next);
                }
            }
            Worth::JustReplaced(holder, next) => {
                let account = auth.in_good_standing(holder, &session, request, client).await?;
                return signed_in(auth, &account, &next);
            }
            Worth::Reused(user) => {
                let session = token.session();
                tracing::warn!(user.id = %user, session.id = %session, "a refresh token was used again");
                auth.note(AuditType::RefreshTokenReused, Some(user), Some(session), request, client).await;
                return Err(auth.over(session, request, client, "The refresh token was used before.").await);
            }
            Worth::Expired => {
                return Err(auth.over(token.session(), request, client, "The session has ended.").await);
            }
            Worth::Nothing => return Err(Problem::new(UNAUTHENTICATED).detail("The session has ended.")),
        }
    }
    Err(Problem::new(UNAVAILABLE))
}

impl Auth {
    /// The account of who carries a session on. Whoever may take part no more loses the session, and so does whoever
    /// began it with an older password.
    async fn in_good_standing(
        &self,
        holder: Holder,
        session: &Snapshot<Session>,
        request: RequestId,
        client: &Client,
    ) -> Result<Snapshot<Account>, Problem> {
        let account = self.account(holder.user_id).await?;
        let id = SessionId(session.id);
        if account.state.is_banned() {
            return Err(self.over(id, request, client, "The account is banned.").await);
        }
        if account.private.has_outlived(id, session.created_at) {
            return Err(self.over(id, request, client, "The password was changed.").await);
        }
        Ok(account)
    }

    /// The token that replaces this one, unless somebody else was faster.
    async fn replace(
        &self,
        token: &RefreshToken,
        holder: Holder,
        sealing: &Salt,
        request: RequestId,
        client: &Client,
    ) -> Result<Option<RefreshToken>, Problem> {
        let salt = Salt::make().map_err(|error| broken(&error))?;
        let next = token.successor(&salt, sealing);
        let Client { user_agent, ip } = client.clone();
        let replaced = Replaced { hash: token.hash(), salt: salt.text(), at: self.runtime.now() };
        let (refresh_hash, replaced, sealing) = (next.hash(), Some(replaced), sealing.text());
        let device = Device { refresh_hash, replaced, sealing, user_agent, ip };
        let command = SessionCommand::Refresh { seen: holder.refreshes };
        let cause = self.cause(request, holder.user_id);
        let amend = move |private: &mut Device| *private = device.clone();
        match self.sessions.execute_and_amend(token.session(), cause, command, amend).await {
            Ok(_) => Ok(Some(next)),
            Err(ExecutionError::Rejected(SessionRejection::Stale | SessionRejection::Over)) => Ok(None),
            Err(error) => Err(session_problem(error)),
        }
    }

    /// Ends a session that is not to be carried on, and says why.
    async fn over(
        &self,
        session: SessionId,
        request: RequestId,
        client: &Client,
        why: &'static str,
    ) -> Problem {
        match end_session(self, request, client, session).await {
            Ok(()) => Problem::new(UNAUTHENTICATED).detail(why),
            Err(problem) => problem,
        }
    }
}
