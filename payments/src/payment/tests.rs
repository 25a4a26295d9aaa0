//! Every rule of a payment and every rejection; then every command in every state that can be reached.

use contracts::payments::*;
use contracts::{Currency, Money, OrderId, Timestamp, UserId};
use eventsourcing::Decider as _;
use testing::given;
use uuid::Uuid;

use super::{Call, DUE, Payment, PaymentCommand, PaymentRejection, Terms};
use PaymentCommand as Command;
use PaymentRejection as No;

const PRICE: Money = Money::new(12_500, Currency::Usd);
const INTENT: &str = "pi_1";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn terms() -> Terms {
    Terms { buyer_id: UserId(Uuid::from_u128(7)), amount: PRICE, expires_at: at(900) }
}

fn opened() -> PaymentEvent {
    let Terms { buyer_id, amount, expires_at } = terms();
    PaymentOpened { buyer_id, amount, expires_at }.into()
}

fn requested(attempt: u32) -> PaymentEvent {
    AuthorizationRequested { attempt }.into()
}

fn intent_created() -> PaymentEvent {
    PaymentIntentCreated { payment_intent: INTENT.to_owned() }.into()
}

fn action_required() -> PaymentEvent {
    PaymentActionRequired { attempt: 1 }.into()
}

fn authorized() -> PaymentEvent {
    PaymentAuthorized { payment_intent: INTENT.to_owned(), amount: PRICE }.into()
}

fn declined(attempt: u32) -> PaymentEvent {
    PaymentDeclined { attempt, code: "insufficient_funds".to_owned() }.into()
}

fn capture_requested() -> PaymentEvent {
    CaptureRequested {}.into()
}

fn charged() -> PaymentEvent {
    let (payment_intent, charge) = (INTENT.to_owned(), "ch_1".to_owned());
    ChargeCreated { payment_intent, charge, amount: PRICE }.into()
}

fn capture_failed() -> PaymentEvent {
    CaptureFailed { code: "expired".to_owned() }.into()
}

fn void_requested() -> PaymentEvent {
    VoidRequested {}.into()
}

fn voided() -> PaymentEvent {
    PaymentVoided {}.into()
}

fn intent_requested() -> PaymentEvent {
    PaymentIntentRequested {}.into()
}

fn authorize() -> Command {
    Command::Authorize { now: at(0) }
}

fn record_intent(id: &str) -> Command {
    Command::RecordIntent { payment_intent: id.to_owned() }
}

fn record_authorization() -> Command {
    Command::RecordAuthorization { payment_intent: INTENT.to_owned(), amount: PRICE }
}

fn record_decline(attempt: u32) -> Command {
    Command::RecordDecline { attempt, code: "insufficient_funds".to_owned() }
}

fn record_capture() -> Command {
    Command::RecordCapture { charge: "ch_1".to_owned() }
}

fn record_capture_failure() -> Command {
    Command::RecordCaptureFailure { code: "expired".to_owned() }
}

fn authorizing() -> Vec<PaymentEvent> {
    vec![opened(), requested(1), intent_created()]
}

fn held() -> Vec<PaymentEvent> {
    [authorizing(), vec![authorized()]].concat()
}

fn capturing() -> Vec<PaymentEvent> {
    [held(), vec![capture_requested()]].concat()
}

#[test]
fn a_payment_goes_from_open_to_captured() {
    given::<Payment>([]).when(Command::Open(terms())).then([opened()]);
    given::<Payment>([opened()]).when(authorize()).then([requested(1)]);
    given::<Payment>([opened(), requested(1)]).when(record_intent(INTENT)).then([intent_created()]);
    given::<Payment>(authorizing()).when(record_authorization()).then([authorized()]);
    given::<Payment>(held()).when(Command::Capture).then([capture_requested()]);
    given::<Payment>(capturing()).when(record_capture()).then([charged()]);
}

#[test]
fn an_order_is_opened_once() {
    given::<Payment>([opened()]).when(Command::Open(terms())).then_nothing();
    given::<Payment>(held()).when(Command::Open(terms())).then_nothing();
}

#[test]
fn an_order_cancelled_before_it_was_payable_is_never_authorised() {
    given::<Payment>([]).when(Command::Void).then([voided()]);
    let state = given::<Payment>([voided()]).when(Command::Open(terms())).then_nothing();
    assert_eq!(state.terms(), None);
    given::<Payment>([voided()]).when(authorize()).then_rejected(No::NotPayable);
    given::<Payment>([voided()]).when(Command::Prepare { now: at(0) }).then_rejected(No::NotPayable);
}

#[test]
fn a_payment_is_not_authorised_when_the_time_to_pay_is_over() {
    for (past, attempt) in [
        (vec![opened()], 1),
        (vec![opened(), intent_requested()], 1),
        ([authorizing(), vec![action_required()]].concat(), 2),
    ] {
        given::<Payment>(past.clone()).when(Command::Authorize { now: at(900) }).then_rejected(No::Expired);
        given::<Payment>(past).when(Command::Authorize { now: at(899) }).then([requested(attempt)]);
    }
}

#[test]
fn a_second_request_joins_the_attempt_that_is_under_way() {
    given::<Payment>([opened(), requested(1)]).when(authorize()).then_nothing();
    given::<Payment>(authorizing()).when(authorize()).then_nothing();
    given::<Payment>(authorizing()).when(Command::Prepare { now: at(0) }).then_nothing();
}

#[test]
fn a_declined_card_leaves_it_payable_with_another() {
    let past = [authorizing(), vec![declined(1)]].concat();
    let state = given::<Payment>(authorizing()).when(record_decline(1)).then([declined(1)]);
    assert_eq!((state.due(), state.payment_intent()), (None, Some(INTENT)));
    let state = given::<Payment>(past).when(authorize()).then([requested(2)]);
    assert_eq!(state.due(), Some(Call::Confirm { payment_intent: INTENT.to_owned(), attempt: 2 }));
}

#[test]
fn the_answer_to_an_attempt_before_is_no_answer_to_this_one() {
    let past = [authorizing(), vec![declined(1), requested(2)]].concat();
    given::<Payment>(past.clone()).when(record_decline(1)).then_nothing();
    given::<Payment>(past).when(Command::RecordActionRequired { attempt: 1 }).then_nothing();
}

#[test]
fn the_buyer_may_have_to_act_and_may_take_another_card_instead() {
    let required = Command::RecordActionRequired { attempt: 1 };
    given::<Payment>(authorizing()).when(required.clone()).then([action_required()]);
    let acting = [authorizing(), vec![action_required()]].concat();
    given::<Payment>(acting.clone()).when(required).then_nothing();
    given::<Payment>(acting.clone()).when(record_authorization()).then([authorized()]);
    given::<Payment>(acting.clone()).when(record_decline(1)).then([declined(1)]);
    given::<Payment>(acting).when(authorize()).then([requested(2)]);
}

#[test]
fn without_a_card_the_processor_is_told_first() {
    let prepare = Command::Prepare { now: at(0) };
    let state = given::<Payment>([opened()]).when(prepare.clone()).then([intent_requested()]);
    assert_eq!(state.due(), Some(Call::CreateIntent { amount: PRICE, attempt: Some(0) }));
    let preparing = vec![opened(), intent_requested()];
    given::<Payment>(preparing.clone()).when(prepare.clone()).then_nothing();
    let state = given::<Payment>(preparing.clone()).when(record_intent(INTENT)).then([intent_created()]);
    assert_eq!((state.due(), state.waits_for_the_buyer()), (None, Some(INTENT)));
    given::<Payment>(preparing).when(record_decline(0)).then([declined(0)]);
    let prepared = vec![opened(), intent_requested(), intent_created()];
    given::<Payment>(prepared.clone()).when(prepare).then_nothing();
    given::<Payment>(prepared).when(record_authorization()).then([authorized()]);
    given::<Payment>([opened()]).when(Command::Prepare { now: at(900) }).then_rejected(No::Expired);
}

#[test]
fn a_void_ends_whatever_may_still_be_set_aside() {
    for (past, due) in [
        ([authorizing(), vec![]].concat(), Call::Void { payment_intent: INTENT.to_owned() }),
        ([authorizing(), vec![action_required()]].concat(), Call::Void { payment_intent: INTENT.to_owned() }),
        ([authorizing(), vec![declined(1)]].concat(), Call::Void { payment_intent: INTENT.to_owned() }),
        (held(), Call::Void { payment_intent: INTENT.to_owned() }),
        (vec![opened(), requested(1)], Call::CreateIntent { amount: PRICE, attempt: None }),
        (vec![opened(), intent_requested()], Call::CreateIntent { amount: PRICE, attempt: None }),
    ] {
        let state = given::<Payment>(past.clone()).when(Command::Void).then([void_requested()]);
        assert_eq!(state.due(), Some(due));
        let voiding = [past, vec![void_requested()]].concat();
        given::<Payment>(voiding.clone()).when(Command::Void).then_nothing();
        given::<Payment>(voiding).when(Command::RecordVoid).then([voided()]);
    }
    given::<Payment>([opened()]).when(Command::Void).then([voided()]);
    given::<Payment>([opened(), voided()]).when(Command::Void).then_nothing();
}

#[test]
fn an_authorisation_answered_after_a_void_is_never_captured() {
    let voiding = [authorizing(), vec![void_requested()]].concat();
    let state = given::<Payment>(voiding.clone()).when(record_authorization()).then_nothing();
    assert_eq!(state.due(), Some(Call::Void { payment_intent: INTENT.to_owned() }));
    given::<Payment>(voiding).when(Command::Capture).then_rejected(No::NotAuthorized);
}

#[test]
fn an_intent_that_turns_up_during_a_void_is_voided() {
    let voiding = vec![opened(), requested(1), void_requested()];
    let state = given::<Payment>(voiding).when(record_intent(INTENT)).then([intent_created()]);
    assert_eq!(state.due(), Some(Call::Void { payment_intent: INTENT.to_owned() }));
}

#[test]
fn what_the_order_accepted_is_not_voided() {
    given::<Payment>(capturing()).when(Command::Void).then_rejected(No::CaptureRequested);
    let captured = [capturing(), vec![charged()]].concat();
    given::<Payment>(captured).when(Command::Void).then_rejected(No::CaptureRequested);
    let failed = [capturing(), vec![capture_failed()]].concat();
    given::<Payment>(failed).when(Command::Void).then_nothing();
}

#[test]
fn only_what_is_authorised_is_captured() {
    for past in [vec![], vec![opened()], authorizing(), vec![voided()]] {
        given::<Payment>(past.clone()).when(Command::Capture).then_rejected(No::NotAuthorized);
        given::<Payment>(past.clone()).when(record_capture()).then_rejected(No::CaptureNotRequested);
        given::<Payment>(past).when(record_capture_failure()).then_rejected(No::CaptureNotRequested);
    }
    given::<Payment>(held()).when(record_capture()).then_rejected(No::CaptureNotRequested);
}

#[test]
fn a_capture_that_is_refused_for_good_is_the_end() {
    given::<Payment>(capturing()).when(record_capture_failure()).then([capture_failed()]);
    let failed = [capturing(), vec![capture_failed()]].concat();
    given::<Payment>(failed.clone()).when(record_capture_failure()).then_nothing();
    given::<Payment>(failed.clone()).when(Command::Capture).then_nothing();
    given::<Payment>(failed.clone()).when(authorize()).then_rejected(No::NotPayable);
    given::<Payment>(failed).when(record_capture()).then_rejected(No::CaptureNotRequested);
}

#[test]
fn an_authorisation_of_another_payment_or_amount_is_none() {
    let of = |payment_intent: &str, amount: Money| Command::RecordAuthorization {
        payment_intent: payment_intent.to_owned(),
        amount,
    };
    let less = Money::new(1, Currency::Usd);
    given::<Payment>(authorizing()).when(of("pi_2", PRICE)).then_rejected(No::OtherIntent);
    given::<Payment>(authorizing())
        .when(of(INTENT, less))
        .then_rejected(No::OtherAmount { authorized: less });
    given::<Payment>(authorizing()).when(record_intent("pi_2")).then_rejected(No::OtherIntent);
}

#[test]
fn an_intent_that_the_processor_cancelled_cannot_be_paid_any_more() {
    given::<Payment>(authorizing()).when(Command::RecordVoid).then([voided()]);
    given::<Payment>(held()).when(Command::RecordVoid).then_nothing();
}

#[test]
fn nothing_is_recorded_of_a_payment_that_was_never_opened() {
    for command in [
        authorize(),
        Command::Prepare { now: at(0) },
        record_intent(INTENT),
        Command::RecordActionRequired { attempt: 1 },
        record_authorization(),
        record_decline(1),
        Command::RecordVoid,
    ] {
        given::<Payment>([]).when(command).then_rejected(No::NotOpen);
    }
}

#[test]
fn every_call_has_its_own_key() {
    let order = OrderId(Uuid::nil());
    let payment_intent = INTENT.to_owned();
    let keys = [
        Call::CreateIntent { amount: PRICE, attempt: None },
        Call::Confirm { payment_intent: payment_intent.clone(), attempt: 2 },
        Call::Capture { payment_intent: payment_intent.clone() },
        Call::Void { payment_intent },
    ]
    .map(|call| call.key(order));
    assert_eq!(
        keys,
        ["create", "confirm-2", "capture", "void"].map(|call| format!("stagedoor-{order}-{call}"))
    );
}

fn every_command() -> Vec<Command> {
    let attempts = 0..=3;
    let mut commands = vec![
        Command::Open(terms()),
        Command::Prepare { now: at(0) },
        Command::Prepare { now: at(901) },
        authorize(),
        Command::Authorize { now: at(901) },
        record_intent(INTENT),
        record_intent("pi_2"),
        record_authorization(),
        Command::Capture,
        record_capture(),
        record_capture_failure(),
        Command::Void,
        Command::RecordVoid,
    ];
    commands.extend(attempts.clone().map(|attempt| Command::RecordActionRequired { attempt }));
    commands.extend(attempts.map(record_decline));
    commands
}

/// Every state within three attempts.
fn every_state() -> Vec<Payment> {
    let mut states = vec![Payment::default()];
    let mut next = 0;
    while let Some(state) = states.get(next).cloned() {
        for command in every_command() {
            let reached =
                state.decide(&command).unwrap_or_default().iter().fold(state.clone(), Payment::evolve);
            let attempts = match &reached {
                Payment::Payable(open) | Payment::Authorizing(open) => open.attempts,
                _ => 0,
            };
            if attempts <= 3 && !states.contains(&reached) {
                states.push(reached);
            }
        }
        next += 1;
    }
    states
}

#[test]
fn every_command_in_every_state_settles_at_once() {
    let states = every_state();
    assert!(states.len() > 20, "{}", states.len());
    for state in &states {
        for command in every_command() {
            let first = state.decide(&command);
            assert_eq!(first, state.decide(&command));
            let Ok(events) = first else { continue };
            let after = events.iter().fold(state.clone(), Payment::evolve);
            let again = after.decide(&command);
            assert!(again.is_err() || again == Ok(vec![]), "{command:?} twice in {state:?}: {again:?}");
        }
    }
}

#[test]
fn what_is_over_stays_as_it_is_and_what_is_voided_is_never_captured() {
    let is_over =
        |state: &Payment| matches!(state, Payment::Captured(_) | Payment::Failed(_) | Payment::Voided(_));
    for state in every_state() {
        for command in every_command() {
            let after =
                state.decide(&command).unwrap_or_default().iter().fold(state.clone(), Payment::evolve);
            if is_over(&state) {
                assert_eq!(after, state);
            }
            if matches!(state, Payment::Voiding(_)) {
                assert!(matches!(after, Payment::Voiding(_) | Payment::Voided(_)), "{command:?}");
            }
        }
    }
}

#[test]
fn the_document_says_whether_a_call_is_due() {
    for state in every_state() {
        let document = serde_json::to_value(&state).unwrap();
        let status = document["status"].as_str().unwrap();
        assert_eq!(DUE.contains(&status), state.due().is_some(), "{status}");
        assert_eq!(serde_json::from_value::<Payment>(document).unwrap(), state);
    }
}
