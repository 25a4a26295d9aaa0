//! The only place that reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since the Unix epoch, as Stripe writes every time.
pub(crate) fn now_seconds() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}
