//! Going out: here, or everywhere.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::sessions::end_gone;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Member, Visitor, pass_cookies_on};

/// Whoever is not signed in is out already.
pub(super) async fn leave(State(site): State<Site>, visitor: Visitor) -> Result<Response, Trouble> {
    // The session may well go on, and its cookies must not be lost before it has ended.
    if visitor.is_unsure {
        return Err(Trouble::Unavailable(None));
    }
    out(&site, &visitor, "/sign-in?notice=left").await
}

/// The others first, so that this one is still there to try again if one of them cannot be ended.
pub(super) async fn leave_everywhere(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
) -> Result<Response, Trouble> {
    let asking = site.api().as_caller(&visitor.caller);
    let sessions = asking.sessions().await?;
    for other in sessions.items.iter().filter(|session| !session.current) {
        end_gone(asking.end_session(other.id).await)?;
    }
    out(&site, &visitor, "/sign-in?notice=left-everywhere").await
}

async fn out(site: &Site, visitor: &Visitor, to: &str) -> Result<Response, Trouble> {
    let cleared = site.api().as_caller(&visitor.caller).sign_out().await?;
    let mut response = Redirect::to(to).into_response();
    pass_cookies_on(&cleared, response.headers_mut());
    Ok(response)
}
