//! What happened to an order, in plain words.

use contracts::Timestamp;

use super::reason;
use crate::api::Happening;
use crate::locale::Locale;

/// One thing that happened.
pub(super) struct Step {
    pub what: String,
    pub at: Timestamp,
    pub moment: String,
}

/// The oldest first. What an order says again, so that others hear it, happened once.
pub(super) fn steps(history: &[Happening], locale: &Locale) -> Vec<Step> {
    let first = |index: usize, kind: &str| history[..index].iter().all(|earlier| earlier.r#type != kind);
    let happened = history.iter().enumerate().filter(|(index, happening)| first(*index, &happening.r#type));
    let steps = happened.filter_map(|(_, happening)| {
        let what = locale.say(words(happening)?);
        Some(Step { what, at: happening.at, moment: locale.customs.moment(happening.at) })
    });
    steps.collect()
}

/// When it was paid.
pub(super) fn completed_at(history: &[Happening]) -> Option<Timestamp> {
    history.iter().find(|happening| happening.r#type == "OrderCompleted").map(|happening| happening.at)
}

fn words(happening: &Happening) -> Option<&'static str> {
    match happening.r#type.as_str() {
        "OrderCreated" => Some("history-created"),
        "OrderAwaitingPayment" => Some("history-held"),
        "OrderAccepted" => Some("history-accepted"),
        "OrderCompleted" => Some("history-completed"),
        "OrderCancelled" => Some(reason::words(happening.reason.as_deref().unwrap_or_default()).title),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happening(kind: &str, at: &str, reason: Option<&str>) -> Happening {
        Happening {
            r#type: kind.to_owned(),
            at: format!("2030-05-01T{at}:00Z").parse().unwrap(),
            reason: reason.map(str::to_owned),
        }
    }

    #[test]
    fn what_an_order_says_again_is_told_once_and_what_nobody_knows_not_at_all() {
        let history = [
            happening("OrderCreated", "10:00", None),
            happening("OrderWrapped", "10:01", None),
            happening("OrderCancelled", "10:02", Some("expired")),
            happening("OrderCancelled", "10:03", Some("expired")),
        ];
        let locale = Locale::first();
        let told: Vec<_> =
            steps(&history, locale).into_iter().map(|step| (step.what, step.at.to_string())).collect();
        assert_eq!(
            told,
            [
                (locale.say("history-created"), "2030-05-01T10:00:00.000Z".to_owned()),
                (locale.say("over-expired"), "2030-05-01T10:02:00.000Z".to_owned()),
            ]
        );
        assert_eq!(completed_at(&history), None);
    }
}
