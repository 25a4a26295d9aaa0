//! A session on behalf of a request: begun, shown to its holder, ended.

use contracts::{Event, SessionId, UserId};
use eventsourcing::Snapshot;
use service::http::{RequestId, Versioned};
use service::problem::{INTERNAL, Problem};

use super::cookies::{self, SetCookies};
use super::{BAD_CREDENTIALS, BANNED, broken, session_problem, unavailable};
use crate::account::Account;
use crate::audit::Client;
use crate::secrets::{RefreshToken, Salt};
use crate::session::{Device, SessionCommand};
use crate::views::{self, UserResource};
use crate::{Auth, Subject};

/// How many sessions a person may have at once.
const MOST_SESSIONS: usize = 10;

/// What whoever signed in is told: both tokens, and whose they are.
pub(super) type SignedIn = (SetCookies, Versioned<UserResource>);

/// Begins a session of who knew the password of this hash. Of too many the oldest ends.
pub(super) async fn start_session(
    auth: &Auth,
    request: RequestId,
    client: &Client,
    user: UserId,
    password_hash: &str,
) -> Result<SignedIn, Problem> {
    let session = SessionId(auth.runtime.new_id());
    let sealing = Salt::make().map_err(|error| broken(&error))?;
    let token = RefreshToken::first(session, &sealing).map_err(|error| broken(&error))?;
    let Client { user_agent, ip } = client.clone();
    let device =
        Device { refresh_hash: token.hash(), replaced: None, sealing: sealing.text(), user_agent, ip };
    let command = SessionCommand::Start { user_id: user };
    let cause = auth.cause(request, user);
    let started = auth.sessions.create(session, cause, command, move |private| *private = device.clone());
    auth.tell(session, &started.await.map_err(session_problem)?, Event::Session, client).await;
    tracing::info!(user.id = %user, session.id = %session, "session {session} started");

    // Read after the session began: a ban or a new password that is not seen here sees the session.
    let account = auth.account(user).await?;
    let fault = match account.state.is_banned() {
        true => Some(BANNED),
        false => (account.private.password_hash != password_hash).then_some(BAD_CREDENTIALS),
    };
    if let Some(fault) = fault {
        end_session(auth, request, client, session).await?;
        return Err(Problem::new(fault));
    }
    end_oldest(auth, request, client, user).await?;
    signed_in(auth, &account, &token)
}

/// A new access token, and the refresh token as it is given.
pub(super) fn signed_in(
    auth: &Auth,
    account: &Snapshot<Account>,
    refresh_token: &RefreshToken,
) -> Result<SignedIn, Problem> {
    let user = UserResource::of(account).ok_or(Problem::new(INTERNAL))?;
    let subject = Subject { user: user.id, roles: user.roles.clone(), session: refresh_token.session() };
    let access_token = auth.signer.sign(subject, auth.runtime.new_id(), auth.runtime.now());
    let access_token = access_token.map_err(|error| broken(&error))?;
    let cookies = cookies::set(auth.settings.secure_cookies, &access_token, refresh_token);
    Ok((cookies, Versioned { version: user.version, body: user }))
}

/// A session that is not there is over.
pub(super) async fn end_session(
    auth: &Auth,
    request: RequestId,
    client: &Client,
    session: SessionId,
) -> Result<(), Problem> {
    let loaded = auth.sessions.load(session).await.map_err(|error| unavailable(&error))?;
    let Some(user) = loaded.and_then(|loaded| loaded.state.user()) else { return Ok(()) };
    let ended = auth.sessions.execute(session, auth.cause(request, user), SessionCommand::End).await;
    let ended = ended.map_err(session_problem)?;
    auth.tell(session, &ended, Event::Session, client).await;
    if !ended.events.is_empty() {
        tracing::info!(user.id = %user, session.id = %session, "session {session} ended");
    }
    Ok(())
}

/// Ends every session of the user but this one.
pub(super) async fn end_others(
    auth: &Auth,
    request: RequestId,
    client: &Client,
    user: UserId,
    but: SessionId,
) -> Result<(), Problem> {
    loop {
        let others: Vec<_> = live(auth, user).await?.into_iter().filter(|live| *live != but).collect();
        if others.is_empty() {
            return Ok(());
        }
        for other in others {
            end_session(auth, request, client, other).await?;
        }
    }
}

/// Of many who sign in at once all mean the same sessions.
async fn end_oldest(auth: &Auth, request: RequestId, client: &Client, user: UserId) -> Result<(), Problem> {
    let live = live(auth, user).await?;
    let surplus = live.len().saturating_sub(MOST_SESSIONS);
    for session in &live[..surplus] {
        end_session(auth, request, client, *session).await?;
    }
    Ok(())
}

/// The oldest first.
async fn live(auth: &Auth, user: UserId) -> Result<Vec<SessionId>, Problem> {
    let found = auth.sessions.find(&views::live_sessions_of(user)).await;
    let found = found.map_err(|error| unavailable(&error))?;
    Ok(found.iter().map(|session| SessionId(session.id)).collect())
}
