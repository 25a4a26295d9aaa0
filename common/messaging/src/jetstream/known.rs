//! How somebody is known to a NATS server: by the user that the URL names, with an inbox of his own.

use async_nats::{ConnectOptions, ServerAddr};

use super::unavailable;
use crate::bus::BusError;

/// Nobody else may listen to what `name` is answered.
pub fn known_as(name: &str, url: &str) -> Result<ConnectOptions, BusError> {
    let options = ConnectOptions::new().name(name).custom_inbox_prefix(format!("_INBOX_{name}"));
    // Of several servers all know the same users. The client reads no user out of a URL.
    let address: ServerAddr = url.split(',').next().unwrap_or_default().parse().map_err(unavailable)?;
    Ok(match (address.username(), address.password()) {
        (Some(user), Some(password)) => options.user_and_password(user.to_owned(), password.to_owned()),
        _ => options,
    })
}
