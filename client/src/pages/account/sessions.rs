//! Where somebody is signed in, in words that they know it by.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use contracts::{SessionId, Timestamp};

use super::device::Device;
use crate::api::{Failure, Session};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Member;

pub(super) struct SessionShown {
    pub id: SessionId,
    pub device: String,
    pub ip: String,
    pub since: String,
    pub created_at: Timestamp,
    pub last_used: String,
    pub last_used_at: Timestamp,
    pub is_current: bool,
}

impl SessionShown {
    pub(super) fn of(session: &Session, locale: &Locale, now: Timestamp) -> Self {
        let moment = |at| format!("{}, {} UTC", locale.customs.day(at, now), locale.customs.hour(at));
        Self {
            id: session.id,
            device: Device::of(session.user_agent.as_deref().unwrap_or_default()).said(locale),
            ip: session.ip.clone().unwrap_or_default(),
            since: moment(session.created_at),
            created_at: session.created_at,
            last_used: moment(session.last_used_at),
            last_used_at: session.last_used_at,
            is_current: session.current,
        }
    }
}

/// Ends one of the visitor's sessions, on whatever device.
pub(super) async fn end(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Path(id): Path<String>,
) -> Result<Redirect, Trouble> {
    let id: SessionId = id.parse().map_err(|_| Trouble::NotFound)?;
    end_gone(site.api().as_caller(&visitor.caller).end_session(id).await)?;
    Ok(Redirect::to("/account?notice=session-ended"))
}

/// One that is not there any more has ended.
pub(super) fn end_gone(ended: Result<(), Failure>) -> Result<(), Failure> {
    match ended {
        Err(failure) if failure.status() == StatusCode::NOT_FOUND => Ok(()),
        ended => ended,
    }
}
