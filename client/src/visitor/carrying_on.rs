//! Tells who is visiting, and carries a session on whose access token has run out, so that nobody has to sign in each
//! quarter of an hour. Auth gives two tabs that come at once the same tokens.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use contracts::Timestamp;
use service::caller::access_token_cookie;

use super::cookies::{access_token_set, as_cookie, brought, pass_cookies_on, refresh_token_cookie};
use super::forwarded::SEC_FETCH_SITE;
use super::{Caller, Visitor, Who, came_from};
use crate::api::Failure;
use crate::locale::Locale;
use crate::site::Site;

/// In milliseconds: a token that ends sooner might end before a question with it arrives.
const TOO_SOON: i64 = 5_000;

/// How the session stands, and what the browser is to be told of it.
struct Standing {
    access_token: Option<String>,
    cookies: HeaderMap,
    is_unsure: bool,
}

pub(crate) async fn carry_on(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(mut caller) = Caller::from_request_parts(&mut parts, &()).await;
    let standing = standing(&site, &caller, &parts.headers).await;

    let secure = site.public_origin().is_secure();
    let who = standing.access_token.as_deref().and_then(Who::read);
    if let Some(token) = &standing.access_token
        && let Some(cookie) = as_cookie(access_token_cookie(secure), token)
    {
        caller.forwarded.insert(header::COOKIE, cookie);
    }
    let here = here(&parts.method, &parts.uri, &parts.headers);
    let locale = Locale::of(&parts.headers);
    parts.extensions.insert(Visitor { caller, who, locale, here, is_unsure: standing.is_unsure });

    let mut response = next.run(Request::from_parts(parts, body)).await;
    // A page that signs in or out sets them itself.
    if !response.headers().contains_key(header::SET_COOKIE) {
        pass_cookies_on(&standing.cookies, response.headers_mut());
    }
    response
}

/// The page that somebody looks at: of a form that was sent the one that it stands on.
fn here(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let asked = if method == Method::POST { None } else { uri.path_and_query() };
    let asked = asked.map(|asked| asked.as_str().to_owned());
    asked.or_else(|| came_from(headers)).unwrap_or_else(|| "/".to_owned())
}

async fn standing(site: &Site, caller: &Caller, headers: &HeaderMap) -> Standing {
    let secure = site.public_origin().is_secure();
    let known = |access_token| Standing { access_token, cookies: HeaderMap::new(), is_unsure: false };
    let access = brought(headers, access_token_cookie(secure));
    if access.as_deref().and_then(Who::read).is_some_and(|who| lasts(&who, site.runtime().now())) {
        return known(access);
    }
    let Some(refresh) = brought(headers, refresh_token_cookie(secure)) else { return known(None) };
    // Where a link to this page stood is of no concern here: nobody gains anything by another's session going on.
    let mut caller = caller.clone();
    caller.forwarded.remove(SEC_FETCH_SITE);
    caller.forwarded.remove(header::ORIGIN);
    match site.api().as_caller(&caller).refresh(refresh_token_cookie(secure), &refresh).await {
        Ok(cookies) => {
            Standing { access_token: access_token_set(&cookies, secure), cookies, is_unsure: false }
        }
        Err(Failure::Refused(refusal)) if refusal.status == StatusCode::UNAUTHORIZED => {
            Standing { access_token: None, cookies: refusal.headers, is_unsure: false }
        }
        Err(_) => Standing { access_token: None, cookies: HeaderMap::new(), is_unsure: true },
    }
}

fn lasts(who: &Who, now: Timestamp) -> bool {
    who.expires_at.as_millis() > now.as_millis() + TOO_SOON
}
