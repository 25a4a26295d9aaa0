//! How long something took, as people say it: the two largest units, and no more than anybody reads.

use std::time::Duration;

use crate::locale::Locale;

pub(super) fn written(lapse: Duration, locale: &Locale) -> String {
    let parts = parts(lapse).into_iter();
    let said: Vec<_> = parts.map(|(unit, value)| locale.say_with(unit, &[("value", value)])).collect();
    said.join(" ")
}

/// The names of the units' words, with how many of them.
fn parts(lapse: Duration) -> Vec<(&'static str, String)> {
    let (seconds, millis) = (lapse.as_secs(), lapse.subsec_millis());
    if seconds == 0 {
        return vec![("lapse-millis", millis.to_string())];
    }
    if seconds < 60 {
        return vec![("lapse-seconds", format!("{seconds}.{millis:03}"))];
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let (larger, smaller) = if days > 0 {
        (("lapse-days", days), ("lapse-hours", hours % 24))
    } else if hours > 0 {
        (("lapse-hours", hours), ("lapse-minutes", minutes % 60))
    } else {
        (("lapse-minutes", minutes), ("lapse-seconds", seconds % 60))
    };
    let parts = [larger, smaller].into_iter().filter(|(_, value)| *value > 0);
    parts.map(|(unit, value)| (unit, value.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lapse_is_said_in_the_units_that_matter() {
        let written = |millis| written(Duration::from_millis(millis), Locale::first());
        assert_eq!(written(0), "0 ms");
        assert_eq!(written(999), "999 ms");
        assert_eq!(written(1_234), "1.234 s");
        assert_eq!(written(59_999), "59.999 s");
        assert_eq!(written(60_000), "1 min");
        assert_eq!(written(899_999), "14 min 59 s");
        assert_eq!(written(3_600_000), "1 h");
        assert_eq!(written(90_000_000), "1 d 1 h");
    }
}
