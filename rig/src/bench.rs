//! How long things take.

mod ban;
mod bare;
mod flood;
mod replay;
mod reserve;
mod sign_in;
mod site;

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::{Error, Result};

pub use ban::{Ban, ban};
pub use flood::{Flood, flood};
pub use replay::{Replay, replay};
pub use reserve::{Reserve, reserve};
pub use sign_in::{SignIn, sign_in};
pub use site::{Site, site};

/// Longer than this no sample is told apart; in microseconds.
const LONGEST_MICROS: u64 = 60_000_000;

fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, LONGEST_MICROS, 3).map_err(|error| Error::Measuring(error.to_string()))
}

fn record(histogram: &mut Histogram<u64>, took: Duration) {
    histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_MICROS));
}

fn millis(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1_000.0
}
