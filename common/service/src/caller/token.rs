//! Where a token is found in a request, what its header has to say, and what may be wrong with it.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::Cookie;
use serde::Deserialize;

use super::TOKEN_TYPE;

/// Why a token is not good: enough for a caller to know what to do, nothing about keys or people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("The access token cannot be read.")]
    Malformed,
    #[error("The request brings more than one access token.")]
    Ambiguous,
    #[error("The access token is not signed with EdDSA.")]
    WrongAlgorithm,
    #[error("The token is not an access token.")]
    WrongType,
    #[error("The access token is signed with a key that is not known.")]
    UnknownKey,
    #[error("The signature of the access token does not match.")]
    WrongSignature,
    #[error("The access token is from another issuer.")]
    WrongIssuer,
    #[error("The access token is for another audience.")]
    WrongAudience,
    #[error("The access token has expired.")]
    Expired,
    #[error("The access token is from the future.")]
    FromTheFuture,
    #[error("The access token has been revoked.")]
    Revoked,
}

/// The name of the cookie with the access token. Over HTTPS the prefix makes browsers refuse it from anybody else.
pub fn access_token_cookie(secure: bool) -> &'static str {
    if secure { "__Host-access_token" } else { "access_token" }
}

/// The token of a request: of `Authorization: Bearer`, of the cookie, or the same of both. Another scheme is nobody's
/// token. Which of several is meant is not guessed: what stands before this service may have looked at another.
pub(super) fn token_in(headers: &HeaderMap, cookie_name: &str) -> Result<Option<String>, TokenFault> {
    let bearer = bearer(headers)?;
    let mut cookies = cookies(headers, cookie_name);
    let token = bearer.or_else(|| cookies.first().cloned());
    cookies.retain(|cookie| Some(cookie) != token.as_ref());
    if !cookies.is_empty() {
        return Err(TokenFault::Ambiguous);
    }
    Ok(token)
}

/// An empty one is a token too, and not a good one.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, TokenFault> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(TokenFault::Ambiguous);
    }
    let line = line.to_str().map_err(|_| TokenFault::Malformed)?;
    let (scheme, token) = line.split_once(' ').unwrap_or((line, ""));
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' ').to_owned()))
}

fn cookies(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    let found: Vec<_> =
        cookies.filter(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned()).collect();
    // A cookie that was cleared.
    if found == [""] { Vec::new() } else { found }
}

/// What the header of a token has to say before its signature is looked at, and nothing else: no key of its own, and no
/// extension that would have to be understood.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

/// The id of the key that an access token says it is signed with.
pub(super) fn key_id(token: &str) -> Result<String, TokenFault> {
    let (header, _) = token.split_once('.').ok_or(TokenFault::Malformed)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenFault::Malformed)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| TokenFault::Malformed)?;
    if header.alg != "EdDSA" {
        return Err(TokenFault::WrongAlgorithm);
    }
    if header.typ.as_deref() != Some(TOKEN_TYPE) {
        return Err(TokenFault::WrongType);
    }
    header.kid.ok_or(TokenFault::UnknownKey)
}
