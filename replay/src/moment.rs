//! A point in a history, as people name one: a time, a place on the stream, or a version of an aggregate.

use std::str::FromStr;
use std::time::Duration;

use contracts::Timestamp;

use crate::Failure;

/// `2026-11-20T19:30:00Z`, `15m` ago, `#1234` on the stream, or `v3` of an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Time(Timestamp),
    Ago(Duration),
    /// On the stream.
    Sequence(u64),
    /// Of an aggregate.
    Version(u64),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number =
            |digits: &str| digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        if let Some(sequence) = text.strip_prefix('#').and_then(number).or_else(|| number(text)) {
            return Ok(Self::Sequence(sequence));
        }
        if let Some(version) = text.strip_prefix('v').and_then(number) {
            return Ok(Self::Version(version));
        }
        for (unit, seconds) in [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)] {
            if let Some(count) = text.strip_suffix(unit).and_then(number) {
                return Ok(Self::Ago(Duration::from_secs(count.saturating_mul(seconds))));
            }
        }
        text.parse().map(Self::Time).map_err(|_| {
            format!(
                "{text:?} is no moment: write a time (2026-11-20T19:30:00Z), how long ago (15m), a place on the stream \
                 (#1234), or a version (v3)"
            )
        })
    }
}

impl Moment {
    /// Fails for a time that has not come yet: nothing happened then.
    pub fn not_in_the_future(self, now: Timestamp) -> Result<Self, Failure> {
        match self {
            Self::Time(time) if time > now => {
                Err(Failure::BadInput(format!("{time} has not come yet: it is {now}")))
            }
            Self::Ago(ago) => Ok(Self::Time(now - ago)),
            other => Ok(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_write_it() {
        let read = |text: &str| text.parse::<Moment>();
        assert_eq!(read("#12"), Ok(Moment::Sequence(12)));
        assert_eq!(read("12"), Ok(Moment::Sequence(12)));
        assert_eq!(read("v3"), Ok(Moment::Version(3)));
        assert_eq!(read("15m"), Ok(Moment::Ago(Duration::from_secs(900))));
        assert_eq!(read("1970-01-01T00:00:01Z"), Ok(Moment::Time(Timestamp::from_millis(1_000))));
        for text in ["", "yesterday", "v", "#", "-1", "+1", "1w", "v-1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_has_not_come_yet_is_no_moment_of_the_past() {
        let now = Timestamp::from_millis(10_000);
        assert!(Moment::Time(Timestamp::from_millis(10_001)).not_in_the_future(now).is_err());
        let ago = Moment::Ago(Duration::from_secs(4)).not_in_the_future(now);
        assert_eq!(ago.unwrap(), Moment::Time(Timestamp::from_millis(6_000)));
    }
}
