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

/// The token of a request: of `Authorization: Bearer`, else of the cookie. Another scheme is nobody's token.
pub(super) fn token_in(headers: &HeaderMap, cookie_name: &str) -> Option<String> {
    bearer(headers).map(str::to_owned).or_else(|| cookie(headers, cookie_name))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    let value = cookies.find(|cookie| cookie.name() == name)?.value().to_owned();
    (!value.is_empty()).then_some(value)
}

/// What the header of a token has to say before its signature is looked at.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
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
    // Extensions that have to be understood are not.
    if header.crit.is_some() {
        return Err(TokenFault::Malformed);
    }
    header.kid.ok_or(TokenFault::UnknownKey)
}
