//! How fast a replay goes, and when it waits for whoever looks on.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::str::FromStr;
use std::time::Duration;

use contracts::Timestamp;
use runtime::Runtime;

/// Nobody waits longer than this for one step.
const LONGEST: Duration = Duration::from_secs(3_600);

/// As fast as it goes, or so many times as fast as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    Full,
    Times(f64),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "full" => Ok(Self::Full),
            "original" => Ok(Self::Times(1.0)),
            _ => {
                let times = text.strip_suffix('x').and_then(|times| times.parse().ok());
                let times = times.filter(|times: &f64| times.is_finite() && *times > 0.0);
                times
                    .map(Self::Times)
                    .ok_or_else(|| format!("{text:?} is no speed: write full, original or 10x"))
            }
        }
    }
}

impl Speed {
    /// As long as it was between these two, by this speed.
    pub(super) fn between(self, earlier: Timestamp, later: Timestamp) -> Duration {
        match self {
            Self::Full => Duration::ZERO,
            Self::Times(times) => {
                let seconds = later.since(earlier).as_secs_f64() / times;
                Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST)
            }
        }
    }
}

/// Who looks on.
pub(super) struct Onlooker {
    speed: Speed,
    /// Somebody is there to press Enter.
    is_there: bool,
    last: Option<Timestamp>,
    runtime: Runtime,
}

impl Onlooker {
    pub(super) fn new(speed: Speed, is_batch: bool, is_watched: bool, runtime: Runtime) -> Self {
        let is_there = !is_batch && is_watched && io::stdin().is_terminal();
        Self { speed, is_there, last: None, runtime }
    }

    /// Until it is time for what happens then.
    pub(super) async fn wait_until(&mut self, moment: Timestamp) {
        let pause = self.last.map_or(Duration::ZERO, |last| self.speed.between(last, moment));
        self.last = Some(moment);
        if !pause.is_zero() {
            self.runtime.sleep(pause).await;
        }
    }

    /// Until Enter is pressed, where anybody is there. False for `q`.
    pub(super) fn wait_for_enter(&self) -> io::Result<bool> {
        if !self.is_there {
            return Ok(true);
        }
        anstream::eprint!("Enter goes on, q ends: ");
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok(read > 0 && line.trim() != "q")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_as_it_did_or_so_many_times_as_fast() {
        let (earlier, later) = (Timestamp::from_millis(0), Timestamp::from_millis(5_000));
        let between = |speed: &str| speed.parse::<Speed>().unwrap().between(earlier, later);
        assert_eq!(between("full"), Duration::ZERO);
        assert_eq!(between("original"), Duration::from_secs(5));
        assert_eq!(between("10x"), Duration::from_millis(500));
        assert_eq!(between("0.5x"), Duration::from_secs(10));
        for text in ["", "x", "0x", "-1x", "fast", "infx", "nanx"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }
}
