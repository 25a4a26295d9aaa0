//! How often something may happen, as the configuration writes it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const UNITS: [(&str, Duration); 3] = [
    ("second", Duration::from_secs(1)),
    ("minute", Duration::from_secs(60)),
    ("hour", Duration::from_secs(60 * 60)),
];

/// So often within so long. Used up at once it comes back evenly.
///
/// Written `3000/minute`, `50/second` or `100/hour`; a number alone is a minute's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub times: u32,
    pub within: Duration,
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("has to be a number from 1 on, by the second, minute or hour: 3000/minute")]
pub struct ParseRateError;

impl Rate {
    /// For whoever has others to keep the crowd out.
    pub const NONE: Self = Self { times: u32::MAX, within: Duration::from_secs(1) };

    pub const fn a_minute(times: u32) -> Self {
        Self { times, within: Duration::from_secs(60) }
    }

    /// A part of it, and at least one.
    #[must_use]
    pub fn share(self, parts: u32) -> Self {
        Self { times: (self.times / parts.max(1)).max(1), ..self }
    }

    /// How much time one takes up, in microseconds.
    pub(crate) fn interval_us(self) -> u64 {
        (self.within_us() / u64::from(self.times.max(1))).max(1)
    }

    pub(crate) fn within_us(self) -> u64 {
        u64::try_from(self.within.as_micros()).unwrap_or(u64::MAX)
    }
}

impl FromStr for Rate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (times, unit) = text.split_once('/').unwrap_or((text, "minute"));
        let times = times.trim().parse().ok().filter(|times| *times > 0).ok_or(ParseRateError)?;
        let (_, within) = UNITS.into_iter().find(|(name, _)| *name == unit.trim()).ok_or(ParseRateError)?;
        Ok(Self { times, within })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, within)| *within == self.within) {
            Some((unit, _)) => write!(formatter, "{}/{unit}", self.times),
            None => write!(formatter, "{} within {:?}", self.times, self.within),
        }
    }
}
