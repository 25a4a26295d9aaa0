//! Each credential tries each forbidden thing at the real servers and is refused; what a service needs it may do.
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod nats;
mod needed;
mod redis;
mod speak;

use std::collections::BTreeMap;

/// As the servers' settings name them.
fn password(variable: &str) -> String {
    format!("the-{}", variable.to_lowercase().replace('_', "-"))
}

fn passwords(names: impl IntoIterator<Item = String>) -> BTreeMap<String, String> {
    names.into_iter().map(|name| (name.clone(), password(&name))).collect()
}
