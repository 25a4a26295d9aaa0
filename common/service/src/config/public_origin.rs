//! The one origin that browsers see, in the form in which they write it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::Uri;

/// A scheme, a host and, if it is not the scheme's own, a port: `https://stagedoor.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    text: String,
    secure: bool,
}

/// The text is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an origin, such as https://stagedoor.example")]
pub struct ParseOriginError;

impl PublicOrigin {
    /// Whether browsers reach the site over HTTPS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is on the browser's own machine, where nobody reads along.
    pub fn is_local(&self) -> bool {
        let host = self.text.split_once("://").map_or("", |(_, authority)| authority);
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the value of an `Origin` header names this origin.
    pub fn is(&self, origin: &str) -> bool {
        origin.eq_ignore_ascii_case(&self.text)
    }
}

impl fmt::Display for PublicOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for PublicOrigin {
    type Err = ParseOriginError;

    /// A trailing slash, capitals and the scheme's own port are taken off, as browsers do.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| ParseOriginError)?;
        let (secure, own_port) = match uri.scheme_str() {
            Some("https") => (true, 443),
            Some("http") => (false, 80),
            _ => return Err(ParseOriginError),
        };
        let authority = uri.authority().ok_or(ParseOriginError)?;
        let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if !is_bare || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(ParseOriginError);
        }
        let scheme = if secure { "https" } else { "http" };
        let host = authority.host().to_ascii_lowercase();
        let text = match authority.port_u16().filter(|port| *port != own_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Self { text, secure })
    }
}
