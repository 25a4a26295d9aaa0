//! The two cookies that sign-in is: set together, cleared together.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, header};
use axum::response::AppendHeaders;
use cookie::{Cookie, SameSite, time};
use service::caller::{ACCESS_TOKEN_LIFETIME, access_token_cookie};

use crate::secrets::{REFRESH_TOKEN_LIFETIME, RefreshToken};

pub(super) type SetCookies = AppendHeaders<[(HeaderName, String); 2]>;

pub(super) fn set(secure: bool, access_token: &str, refresh_token: &RefreshToken) -> SetCookies {
    both(
        cookie(secure, access_token_cookie(secure), access_token, ACCESS_TOKEN_LIFETIME),
        cookie(secure, refresh_token_cookie(secure), &refresh_token.text(), REFRESH_TOKEN_LIFETIME),
    )
}

pub(super) fn clear(secure: bool) -> SetCookies {
    let cleared = |name| cookie(secure, name, "", Duration::ZERO);
    both(cleared(access_token_cookie(secure)), cleared(refresh_token_cookie(secure)))
}

/// The refresh token that a browser brings, if it can be one of ours.
pub(super) fn refresh_token(secure: bool, headers: &HeaderMap) -> Option<RefreshToken> {
    RefreshToken::brought(brought(secure, headers)?.value())
}

/// Whatever it is worth.
pub(super) fn brings_refresh_token(secure: bool, headers: &HeaderMap) -> bool {
    brought(secure, headers).is_some()
}

fn brought(secure: bool, headers: &HeaderMap) -> Option<Cookie<'_>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == refresh_token_cookie(secure))
}

fn refresh_token_cookie(secure: bool) -> &'static str {
    if secure { "__Host-refresh_token" } else { "refresh_token" }
}

fn cookie(secure: bool, name: &'static str, value: &str, lifetime: Duration) -> Cookie<'static> {
    let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    Cookie::build((name, value.to_owned()))
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .path("/")
        .max_age(time::Duration::seconds(seconds))
        .build()
}

fn both(access: Cookie<'_>, refresh: Cookie<'_>) -> SetCookies {
    AppendHeaders([access, refresh].map(|cookie| (header::SET_COOKIE, cookie.to_string())))
}
