//! What whoever stands at the door is told, to be understood at a glance.

use axum::http::StatusCode;
use contracts::Timestamp;

use crate::api::{Admission, Ticket};
use crate::locale::Locale;
use crate::pages::line::place;

/// From then on the hour is enough.
const AN_HOUR: u64 = 60 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VerdictKind {
    /// Now, for the first and only time.
    Valid,
    Used,
    /// A ticket of somebody else's offer.
    Foreign,
    Unknown,
}

pub(super) struct Verdict {
    pub kind: VerdictKind,
    pub title: String,
    pub advice: String,
    /// When somebody was let in with it.
    pub admitted: Option<(Timestamp, String)>,
    pub ticket: Option<Admitted>,
}

/// What they are let in to.
pub(super) struct Admitted {
    pub title: String,
    pub moment: String,
    pub starts_at: Timestamp,
    pub venue: String,
    pub city: String,
    pub place: String,
}

impl VerdictKind {
    /// Nothing, if it is no verdict on the code.
    pub(super) fn of_refusal(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::FORBIDDEN => Some(Self::Foreign),
            StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => Some(Self::Unknown),
            _ => None,
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Valid | Self::Used => StatusCode::OK,
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::Unknown => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// As words and styles name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Used => "used",
            Self::Foreign => "foreign",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// Without a ticket.
    pub(super) fn bare(kind: VerdictKind, locale: &Locale) -> Self {
        let name = kind.name();
        Self {
            kind,
            title: locale.say(&format!("verdict-{name}")),
            advice: locale.say(&format!("verdict-{name}-advice")),
            admitted: None,
            ticket: None,
        }
    }

    pub(super) fn of(
        admission: &Admission,
        ticket: Option<&Ticket>,
        locale: &Locale,
        now: Timestamp,
    ) -> Self {
        let at = admission.admitted_at;
        let is_first = admission.status == "valid";
        let kind = if is_first { VerdictKind::Valid } else { VerdictKind::Used };
        let admitted = (!is_first).then(|| (at, ago(locale, at, now)));
        Self {
            admitted,
            ticket: ticket.map(|ticket| Admitted::of(ticket, locale)),
            ..Self::bare(kind, locale)
        }
    }
}

impl Admitted {
    fn of(ticket: &Ticket, locale: &Locale) -> Self {
        let Ticket { section, row, seat, .. } = ticket;
        Self {
            title: ticket.title.clone(),
            moment: locale.customs.moment(ticket.starts_at),
            starts_at: ticket.starts_at,
            venue: ticket.venue.clone(),
            city: ticket.city.clone(),
            place: place(locale, section.as_deref(), row.as_deref(), seat.as_deref()),
        }
    }
}

/// `3 minutes ago, at 19:31 UTC`: a slip of the hand is told from a copy by how long ago it was.
fn ago(locale: &Locale, at: Timestamp, now: Timestamp) -> String {
    let hour = locale.customs.hour(at);
    let seconds = now.since(at).as_secs();
    let how_long = match seconds {
        0..60 => locale.count("door-seconds-ago", usize::try_from(seconds).unwrap_or_default()),
        60..AN_HOUR => locale.count("door-minutes-ago", usize::try_from(seconds / 60).unwrap_or_default()),
        _ => locale.customs.day(at, now),
    };
    locale.say_with("door-since", &[("when", how_long), ("hour", hour)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_long_ago_somebody_came_in() {
        let at: Timestamp = "2030-05-01T19:30:00Z".parse().unwrap();
        for (seconds, said) in [
            (0, "just now, at 19:30 UTC"),
            (1, "1 second ago, at 19:30 UTC"),
            (59, "59 seconds ago, at 19:30 UTC"),
            (119, "1 minute ago, at 19:30 UTC"),
            (3_600, "Wed 1 May, at 19:30 UTC"),
        ] {
            let now = at + std::time::Duration::from_secs(seconds);
            assert_eq!(ago(Locale::first(), at, now), said);
        }
    }

    #[test]
    fn a_refusal_is_a_verdict_only_where_it_is_about_the_code() {
        for (status, kind) in [
            (StatusCode::NOT_FOUND, Some(VerdictKind::Unknown)),
            (StatusCode::FORBIDDEN, Some(VerdictKind::Foreign)),
            (StatusCode::UNAUTHORIZED, None),
            (StatusCode::TOO_MANY_REQUESTS, None),
            (StatusCode::SERVICE_UNAVAILABLE, None),
        ] {
            assert_eq!(VerdictKind::of_refusal(status), kind, "{status}");
        }
    }

    #[test]
    fn the_second_time_a_code_is_used_and_says_since_when() {
        let now: Timestamp = "2030-05-01T19:30:00Z".parse().unwrap();
        let of = |status: &str| {
            let admission = Admission { status: status.to_owned(), admitted_at: now };
            Verdict::of(&admission, None, Locale::first(), now)
        };
        let (first, second) = (of("valid"), of("used"));
        assert_eq!((first.kind, second.kind), (VerdictKind::Valid, VerdictKind::Used));
        assert!(first.admitted.is_none() && second.admitted.is_some());
        assert_ne!(first.title, second.title);
    }
}
