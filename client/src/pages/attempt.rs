//! A form that could not be judged just now: it is kept, and said when to send it again.

use axum::http::StatusCode;

use crate::api::Failure;
use crate::form::Form;
use crate::locale::Locale;
use crate::trouble::Trouble;

/// From then on minutes are said.
const MANY_SECONDS: u32 = 90;

/// Says it in the form, and with which status that is shown. What nobody expected is trouble.
pub(crate) fn put_off(failure: Failure, form: &mut Form, locale: &Locale) -> Result<StatusCode, Trouble> {
    let text = match failure.status() {
        StatusCode::TOO_MANY_REQUESTS => wait(locale, retry_after(&failure)),
        status if status.is_server_error() => locale.say("attempt-unavailable"),
        _ => return Err(failure.into()),
    };
    form.refuse("", text);
    Ok(failure.status())
}

fn retry_after(failure: &Failure) -> u32 {
    match failure {
        Failure::Refused(refusal) => refusal.retry_after.unwrap_or(MANY_SECONDS),
        Failure::Unreachable => MANY_SECONDS,
    }
}

fn wait(locale: &Locale, seconds: u32) -> String {
    if seconds > MANY_SECONDS {
        locale.count("attempt-too-many-minutes", seconds.div_ceil(60) as usize)
    } else {
        locale.count("attempt-too-many-seconds", seconds.max(1) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Refusal;

    #[test]
    fn whoever_was_too_fast_is_told_how_long_to_wait() {
        let locale = Locale::first();
        assert!(wait(locale, 1).contains("in 1 second."), "{}", wait(locale, 1));
        assert!(wait(locale, 60).contains("in 60 seconds."), "{}", wait(locale, 60));
        assert!(wait(locale, 121).contains("in 3 minutes."), "{}", wait(locale, 121));
    }

    #[test]
    fn a_form_is_kept_while_nobody_can_judge_it_and_not_where_it_makes_no_sense() {
        let mut form = Form::default();
        let status = put_off(Failure::Unreachable, &mut form, Locale::first()).unwrap();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!form.is_good());
        let senseless = Failure::Refused(Box::new(Refusal::for_tests(b"{}")));
        assert!(put_off(senseless, &mut form, Locale::first()).is_err());
    }
}
