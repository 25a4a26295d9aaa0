//! Every answer to every call: none may lose money, and none may end a call that is not over.

use contracts::{Currency, Money};

use super::{Source, Verdict, judge};
use crate::cards::{Intent, Standing};
use crate::payment::{Call, PaymentCommand as Command};

const PRICE: Money = Money::new(12_500, Currency::Usd);

fn pi() -> String {
    "pi_1".to_owned()
}

fn intent(standing: Standing) -> Intent {
    Intent { id: pi(), client_secret: None, standing }
}

fn standings() -> Vec<Standing> {
    vec![
        Standing::Open { declined: None },
        Standing::Open { declined: Some("lost_card".to_owned()) },
        Standing::ActionRequired,
        Standing::Processing,
        held(),
        taken(),
        Standing::Cancelled,
    ]
}

fn held() -> Standing {
    Standing::Authorized { amount: PRICE }
}

fn taken() -> Standing {
    Standing::Captured { charge: "ch_1".to_owned(), amount: PRICE }
}

fn refusal() -> Source {
    Source::Refusal("no".to_owned())
}

fn sources() -> [Source; 4] {
    [Source::Answer, Source::Look, refusal(), Source::Failure]
}

fn confirm() -> Call {
    Call::Confirm { payment_intent: pi(), attempt: 2 }
}

fn capture() -> Call {
    Call::Capture { payment_intent: pi() }
}

fn void() -> Call {
    Call::Void { payment_intent: pi() }
}

fn verdict(call: &Call, standing: Standing, source: &Source) -> Verdict {
    judge(call, Some(&intent(standing)), source)
}

fn declined(code: &str) -> Verdict {
    Verdict::Record(Command::RecordDecline { attempt: 2, code: code.to_owned() })
}

fn failed(code: &str) -> Verdict {
    Verdict::Record(Command::RecordCaptureFailure { code: code.to_owned() })
}

#[test]
fn what_is_set_aside_is_told_however_it_is_known() {
    let authorized = Command::RecordAuthorization { payment_intent: pi(), amount: PRICE };
    for source in sources() {
        assert_eq!(verdict(&confirm(), held(), &source), Verdict::Record(authorized.clone()));
    }
}

#[test]
fn a_capture_is_told_only_when_the_money_is_taken_and_a_void_only_when_it_is_given_back() {
    let captured = Verdict::Record(Command::RecordCapture { charge: "ch_1".to_owned() });
    for source in sources() {
        for standing in standings() {
            let capturing = verdict(&capture(), standing.clone(), &source);
            assert_eq!(capturing == captured, standing == taken(), "{standing:?} {source:?}");
            let voiding = verdict(&void(), standing.clone(), &source);
            let is_cancelled = standing == Standing::Cancelled;
            assert_eq!(
                voiding == Verdict::Record(Command::RecordVoid),
                is_cancelled,
                "{standing:?} {source:?}"
            );
        }
    }
}

#[test]
fn a_refused_card_is_declined_with_the_best_word_there_is() {
    let lost = Standing::Open { declined: Some("lost_card".to_owned()) };
    assert_eq!(verdict(&confirm(), lost.clone(), &Source::Answer), declined("lost_card"));
    assert_eq!(verdict(&confirm(), lost.clone(), &refusal()), declined("no"));
    assert_eq!(verdict(&confirm(), Standing::ActionRequired, &refusal()), declined("no"));
    // The decline may be that of the card before.
    assert_eq!(verdict(&confirm(), lost, &Source::Failure), Verdict::SpentKey);
}

#[test]
fn a_capture_that_is_refused_gives_back_what_is_still_set_aside() {
    assert_eq!(verdict(&capture(), held(), &refusal()), Verdict::GiveBack { code: "no".to_owned() });
    assert_eq!(verdict(&capture(), Standing::Cancelled, &refusal()), failed("no"));
    assert_eq!(verdict(&capture(), Standing::Cancelled, &Source::Failure), failed("payment_intent_canceled"));
    assert_eq!(verdict(&capture(), held(), &Source::Answer), Verdict::Undecided);
}

#[test]
fn a_key_under_which_the_processor_failed_is_left_behind() {
    for call in [confirm(), capture(), void()] {
        let still_to_be_done = match call {
            Call::Confirm { .. } => Standing::Open { declined: None },
            _ => held(),
        };
        assert_eq!(judge(&call, None, &Source::Failure), Verdict::Undecided, "it is looked at first");
        assert_eq!(verdict(&call, still_to_be_done, &Source::Failure), Verdict::SpentKey);
    }
}

#[test]
fn what_the_processor_does_not_know_itself_is_left_open() {
    for call in [confirm(), capture(), void()] {
        for source in sources() {
            assert_eq!(verdict(&call, Standing::Processing, &source), Verdict::Undecided);
        }
    }
}

#[test]
fn an_intent_that_cannot_be_made_ends_the_attempt_or_the_void() {
    let create = |attempt| Call::CreateIntent { amount: PRICE, attempt };
    assert_eq!(judge(&create(Some(2)), None, &refusal()), declined("no"));
    assert_eq!(judge(&create(None), None, &refusal()), Verdict::Record(Command::RecordVoid));
    assert_eq!(judge(&create(Some(2)), None, &Source::Failure), Verdict::SpentKey);
    let made = intent(Standing::Open { declined: None });
    assert_eq!(judge(&create(Some(2)), Some(&made), &Source::Answer), Verdict::Learn(made));
}
