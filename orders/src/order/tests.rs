//! Every rule of an order, and every no.

mod calling_off;
mod exhaustive;

use contracts::orders::{
    CancellationReason, OrderAccepted, OrderAwaitingPayment, OrderCancelled, OrderCompleted, OrderCreated,
    OrderEvent,
};
use contracts::tickets::{Category, ReservationRefusal, TicketDetails};
use contracts::{Currency, Money, TicketId, Timestamp, UserId};
use eventsourcing::Decider as _;
use testing::given;
use uuid::Uuid;

use exhaustive::every_command;

use super::{Agreement, Cancellation, Order, OrderCommand, OrderRejection, Placement};

const TICKET: TicketId = TicketId(Uuid::from_u128(7));
const BUYER: UserId = UserId(Uuid::from_u128(8));
const SELLER: UserId = UserId(Uuid::from_u128(9));
const SEEN: Money = Money::new(12_500, Currency::Usd);
const EXPIRES_AT: Timestamp = Timestamp::from_millis(900_000);
const IN_TIME: Timestamp = Timestamp::from_millis(899_999);
const TOO_LATE: Timestamp = Timestamp::from_millis(900_001);

fn placement() -> Placement {
    Placement { ticket_id: TICKET, buyer_id: BUYER, price: Some(SEEN), expires_at: EXPIRES_AT }
}

fn details() -> TicketDetails {
    TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: Timestamp::from_millis(9_000_000),
        section: None,
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price: SEEN,
    }
}

fn agreement() -> Agreement {
    Agreement { placement: placement(), seller_id: SELLER, total: SEEN, ticket: details() }
}

fn created() -> OrderEvent {
    OrderCreated { ticket_id: TICKET, buyer_id: BUYER, price: Some(SEEN), expires_at: EXPIRES_AT }.into()
}

fn awaiting_payment() -> OrderEvent {
    OrderAwaitingPayment {
        ticket_id: TICKET,
        buyer_id: BUYER,
        seller_id: SELLER,
        total: SEEN,
        expires_at: EXPIRES_AT,
        ticket: details(),
    }
    .into()
}

fn accepted() -> OrderEvent {
    OrderAccepted { ticket_id: TICKET }.into()
}

fn completed() -> OrderEvent {
    OrderCompleted { ticket_id: TICKET }.into()
}

fn cancelled(reason: CancellationReason) -> OrderEvent {
    OrderCancelled { ticket_id: TICKET, reason }.into()
}

fn pending_order() -> Vec<OrderEvent> {
    vec![created()]
}

fn awaiting_order() -> Vec<OrderEvent> {
    vec![created(), awaiting_payment()]
}

fn accepted_order() -> Vec<OrderEvent> {
    vec![created(), awaiting_payment(), accepted()]
}

fn complete_order() -> Vec<OrderEvent> {
    vec![created(), awaiting_payment(), accepted(), completed()]
}

fn cancelled_order() -> Vec<OrderEvent> {
    vec![created(), cancelled(CancellationReason::Buyer)]
}

fn confirm(now: Timestamp) -> OrderCommand {
    OrderCommand::ConfirmReservation { seller_id: SELLER, ticket: details(), now }
}

const REFUSE: OrderCommand = OrderCommand::RefuseReservation { reason: ReservationRefusal::TicketSold };
const CANCEL: OrderCommand = OrderCommand::Cancel { by: BUYER };

#[test]
fn an_order_that_is_placed_is_pending() {
    let order = given::<Order>([]).when(OrderCommand::Place(placement())).then([created()]);
    assert_eq!(order, Order::Pending(placement()));
}

#[test]
fn an_order_is_placed_once() {
    for past in [pending_order(), awaiting_order(), accepted_order(), complete_order(), cancelled_order()] {
        given::<Order>(past).when(OrderCommand::Place(placement())).then_nothing();
    }
}

#[test]
fn what_was_never_placed_takes_no_other_command() {
    let commands = every_command().into_iter().filter(|command| !matches!(command, OrderCommand::Place(_)));
    for command in commands {
        given::<Order>([]).when(command).then_rejected(OrderRejection::NotPlaced);
    }
}

#[test]
fn a_reserved_ticket_may_be_paid_at_the_price_it_was_reserved_at() {
    let order = given::<Order>(pending_order()).when(confirm(IN_TIME)).then([awaiting_payment()]);
    assert_eq!(order, Order::AwaitingPayment(agreement()));
}

#[test]
fn a_reservation_that_comes_too_late_is_let_go() {
    for now in [EXPIRES_AT, TOO_LATE] {
        given::<Order>(pending_order()).when(confirm(now)).then([cancelled(CancellationReason::Expired)]);
    }
}

#[test]
fn a_cancelled_order_says_so_again_when_the_ticket_is_reserved_for_it() {
    let again = cancelled(CancellationReason::Buyer);
    given::<Order>(cancelled_order()).when(confirm(IN_TIME)).then([again.clone()]);
    given::<Order>(cancelled_order()).when(confirm(TOO_LATE)).then([again]);
}

#[test]
fn a_reservation_that_is_confirmed_again_changes_nothing() {
    for past in [awaiting_order(), accepted_order(), complete_order()] {
        given::<Order>(past.clone()).when(confirm(IN_TIME)).then_nothing();
        given::<Order>(past).when(confirm(TOO_LATE)).then_nothing();
    }
}

#[test]
fn a_refused_reservation_ends_the_order_for_the_tickets_reason() {
    for (refusal, reason) in [
        (ReservationRefusal::TicketNotFound, CancellationReason::TicketNotFound),
        (ReservationRefusal::OwnTicket, CancellationReason::OwnTicket),
        (ReservationRefusal::TicketReserved, CancellationReason::TicketReserved),
        (ReservationRefusal::TicketSold, CancellationReason::TicketSold),
        (ReservationRefusal::TicketWithdrawn, CancellationReason::TicketWithdrawn),
        (ReservationRefusal::TicketPast, CancellationReason::TicketPast),
        (ReservationRefusal::PriceChanged, CancellationReason::PriceChanged),
    ] {
        let order = given::<Order>(pending_order())
            .when(OrderCommand::RefuseReservation { reason: refusal })
            .then([cancelled(reason)]);
        let nothing_known = Cancellation { placement: placement(), reason, total: None, ticket: None };
        assert_eq!(order, Order::Cancelled(nothing_known));
    }
}

#[test]
fn a_refusal_does_not_give_a_cancelled_order_another_reason() {
    given::<Order>(cancelled_order()).when(REFUSE).then_nothing();
}

#[test]
fn a_refusal_after_the_reservation_cannot_be() {
    for past in [awaiting_order(), accepted_order(), complete_order()] {
        given::<Order>(past).when(REFUSE).then_rejected(OrderRejection::TicketReserved);
    }
}

#[test]
fn its_buyer_cancels_an_order_that_is_not_paid() {
    given::<Order>(pending_order()).when(CANCEL).then([cancelled(CancellationReason::Buyer)]);
    let order = given::<Order>(awaiting_order()).when(CANCEL).then([cancelled(CancellationReason::Buyer)]);
    let Order::Cancelled(order) = order else { panic!("it is cancelled") };
    assert_eq!((order.total, order.ticket), (Some(SEEN), Some(details())));
}

#[test]
fn nobody_else_cancels_it() {
    for past in [pending_order(), awaiting_order(), accepted_order(), complete_order(), cancelled_order()] {
        given::<Order>(past)
            .when(OrderCommand::Cancel { by: SELLER })
            .then_rejected(OrderRejection::NotYours);
    }
}

#[test]
fn an_order_whose_payment_was_accepted_cannot_be_cancelled() {
    for past in [accepted_order(), complete_order()] {
        given::<Order>(past).when(CANCEL).then_rejected(OrderRejection::PaymentAccepted);
    }
}

#[test]
fn cancelling_again_changes_nothing() {
    given::<Order>(cancelled_order()).when(CANCEL).then_nothing();
}

#[test]
fn an_order_expires_when_its_time_is_over_and_not_before() {
    for past in [pending_order(), awaiting_order()] {
        given::<Order>(past.clone())
            .when(OrderCommand::Expire { now: IN_TIME })
            .then_rejected(OrderRejection::NotDue { expires_at: EXPIRES_AT });
        for now in [EXPIRES_AT, TOO_LATE] {
            given::<Order>(past.clone())
                .when(OrderCommand::Expire { now })
                .then([cancelled(CancellationReason::Expired)]);
        }
    }
}

#[test]
fn what_is_paid_or_over_does_not_expire() {
    for past in [accepted_order(), complete_order(), cancelled_order()] {
        given::<Order>(past.clone()).when(OrderCommand::Expire { now: IN_TIME }).then_nothing();
        given::<Order>(past).when(OrderCommand::Expire { now: TOO_LATE }).then_nothing();
    }
}

#[test]
fn a_payment_in_time_is_accepted() {
    for now in [IN_TIME, EXPIRES_AT] {
        let order =
            given::<Order>(awaiting_order()).when(OrderCommand::AcceptPayment { now }).then([accepted()]);
        assert_eq!(order, Order::Accepted(agreement()));
    }
}

#[test]
fn a_payment_after_expiry_is_refused() {
    given::<Order>(awaiting_order())
        .when(OrderCommand::AcceptPayment { now: TOO_LATE })
        .then([cancelled(CancellationReason::Expired)]);
}

#[test]
fn a_cancelled_order_says_so_again_when_it_is_paid() {
    for now in [IN_TIME, TOO_LATE] {
        given::<Order>(cancelled_order())
            .when(OrderCommand::AcceptPayment { now })
            .then([cancelled(CancellationReason::Buyer)]);
    }
}

#[test]
fn a_payment_is_accepted_once() {
    for past in [accepted_order(), complete_order()] {
        given::<Order>(past.clone()).when(OrderCommand::AcceptPayment { now: IN_TIME }).then_nothing();
        given::<Order>(past).when(OrderCommand::AcceptPayment { now: TOO_LATE }).then_nothing();
    }
}

#[test]
fn a_payment_waits_for_the_tickets_answer() {
    given::<Order>(pending_order())
        .when(OrderCommand::AcceptPayment { now: IN_TIME })
        .then_rejected(OrderRejection::TicketPending);
}

#[test]
fn an_accepted_order_is_complete_once_the_money_is_captured() {
    let order = given::<Order>(accepted_order()).when(OrderCommand::Complete).then([completed()]);
    assert_eq!(order, Order::Complete(agreement()));
    given::<Order>(complete_order()).when(OrderCommand::Complete).then_nothing();
}

#[test]
fn money_that_was_captured_without_being_asked_for_is_an_alarm() {
    for past in [pending_order(), awaiting_order(), cancelled_order()] {
        given::<Order>(past).when(OrderCommand::Complete).then_rejected(OrderRejection::PaymentNotAccepted);
    }
}

#[test]
fn an_accepted_order_whose_money_cannot_be_captured_is_cancelled() {
    given::<Order>(accepted_order())
        .when(OrderCommand::FailPayment)
        .then([cancelled(CancellationReason::PaymentFailed)]);
    given::<Order>(cancelled_order()).when(OrderCommand::FailPayment).then_nothing();
}

#[test]
fn a_capture_that_was_never_asked_for_cannot_fail() {
    for past in [pending_order(), awaiting_order()] {
        given::<Order>(past)
            .when(OrderCommand::FailPayment)
            .then_rejected(OrderRejection::PaymentNotAccepted);
    }
    given::<Order>(complete_order())
        .when(OrderCommand::FailPayment)
        .then_rejected(OrderRejection::PaymentCaptured);
}

#[test]
fn a_reason_that_was_given_once_stays() {
    let past = [created(), cancelled(CancellationReason::Buyer), cancelled(CancellationReason::Expired)];
    let Order::Cancelled(order) = Order::fold(&past) else { panic!("it is cancelled") };
    assert_eq!(order.reason, CancellationReason::Buyer);
}
