//! The cards of the test shop, by the names that the card processor has for them, and why it declines one.

use crate::api::Failure;
use crate::locale::Locale;

/// A card that is chosen instead of typed in.
pub(super) struct Card {
    /// The processor's name of it.
    pub method: &'static str,
    pub name: &'static str,
    /// The name of the words that say what becomes of it.
    pub outcome: &'static str,
}

pub(super) const CARDS: [Card; 5] = [
    Card { method: "pm_card_visa", name: "Visa 4242", outcome: "card-accepted" },
    Card { method: "pm_card_mastercard", name: "Mastercard 4444", outcome: "card-accepted" },
    Card { method: "pm_card_visa_chargeDeclined", name: "Visa 0002", outcome: "card-declined" },
    Card {
        method: "pm_card_visa_chargeDeclinedInsufficientFunds",
        name: "Visa 9995",
        outcome: "card-insufficient",
    },
    Card { method: "pm_card_chargeDeclinedExpiredCard", name: "Visa 0069", outcome: "card-expired" },
];

/// The card of this name, if it is one of ours.
pub(super) fn find(method: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.method == method)
}

/// Why the card was declined, in plain words. The issuer's code stands in the detail.
pub(super) fn declined(failure: &Failure, locale: &Locale) -> String {
    let detail = match failure {
        Failure::Refused(refusal) => refusal.detail.as_deref().unwrap_or_default(),
        Failure::Unreachable => "",
    };
    let mut codes = detail.split(|character: char| !character.is_ascii_lowercase() && character != '_');
    locale.say(codes.find_map(words).unwrap_or("declined"))
}

fn words(code: &str) -> Option<&'static str> {
    match code {
        "insufficient_funds" => Some("declined-insufficient"),
        "expired_card" => Some("declined-expired"),
        "incorrect_cvc" | "invalid_cvc" => Some("declined-cvc"),
        "processing_error" => Some("declined-processing"),
        "card_velocity_exceeded" => Some("declined-too-often"),
        "authentication_required" => Some("declined-authentication"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Refusal;

    fn told(detail: &str) -> String {
        let body = format!(r#"{{"type":"/problems/card-declined","detail":"{detail}"}}"#);
        let refusal = Refusal::for_tests(body.as_bytes());
        declined(&Failure::Refused(Box::new(refusal)), Locale::first())
    }

    #[test]
    fn a_declined_card_is_told_by_its_code_and_an_unknown_one_all_the_same() {
        let first = Locale::first();
        assert_eq!(told("The card was declined: insufficient_funds."), first.say("declined-insufficient"));
        assert_eq!(told("The card was declined: expired_card."), first.say("declined-expired"));
        assert_eq!(told("The card was declined: pickup_card."), first.say("declined"));
        assert_eq!(told(""), first.say("declined"));
    }

    #[test]
    fn no_card_is_taken_that_is_not_offered() {
        assert!(find("pm_card_visa").is_some());
        assert!(find("pm_card_authenticationRequired").is_none());
        assert!(find("").is_none());
    }
}
