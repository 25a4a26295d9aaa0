//! The two cookies of a session, as auth sets them.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::Cookie;
use service::caller::access_token_cookie;

/// The name of the cookie with the refresh token.
pub(super) fn refresh_token_cookie(secure: bool) -> &'static str {
    if secure { "__Host-refresh_token" } else { "refresh_token" }
}

/// What a browser brought under this name. An empty one was taken away.
pub(super) fn brought(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    let found = cookies.find(|cookie| cookie.name() == name)?;
    (!found.value().is_empty()).then(|| found.value().to_owned())
}

/// The access token that auth's answer sets.
pub(super) fn access_token_set(headers: &HeaderMap, secure: bool) -> Option<String> {
    let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = set.filter_map(|line| Cookie::parse(line).ok());
    let found = cookies.find(|cookie| cookie.name() == access_token_cookie(secure))?;
    (!found.value().is_empty()).then(|| found.value().to_owned())
}

/// As one cookie of a request.
pub(super) fn as_cookie(name: &str, value: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}={value}")).ok()
}

/// What auth sets or takes away goes on to the browser.
pub(crate) fn pass_cookies_on(from: &HeaderMap, to: &mut HeaderMap) {
    for value in from.get_all(header::SET_COOKIE) {
        to.append(header::SET_COOKIE, value.clone());
    }
}
