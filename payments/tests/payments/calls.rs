//! Calls that go wrong, processes that are killed between a call and its record, and replicas that do the same at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use contracts::{Money, OrderId, Timestamp};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use payments::{CardError, CardFault, CardProcessor, Intent, Standing, Unfinished};
use runtime::{Clock, RandomIds, Runtime, TokioTasks};

use crate::harness::{Shop, charged, held};

const FAULTS: [CardFault; 4] =
    [CardFault::Lost, CardFault::AnswerLost, CardFault::BrokenBefore, CardFault::BrokenAfter];

fn captured(books: &[Standing]) -> usize {
    books.iter().filter(|standing| **standing == charged()).count()
}

#[tokio::test]
async fn whatever_goes_wrong_with_one_call_the_money_is_taken_once() {
    for fault in FAULTS {
        for calls_before in 0..4 {
            let shop = Shop::open();
            let order = shop.payable().await;
            shop.cards.go_well(calls_before);
            shop.cards.go_wrong([fault]);
            shop.pay(order, "pm_card_visa").await.assert_created("authorized");
            shop.accept(order).await.unwrap();
            shop.settle().await;
            let books = shop.books(order);
            assert_eq!(captured(&books), 1, "{fault:?} after {calls_before}: {books:?}");
            assert_eq!(shop.status(order).await, "captured", "{fault:?} after {calls_before}");
        }
    }
}

#[tokio::test]
async fn whatever_goes_wrong_with_call_after_call_it_ends_as_it_should() {
    for fault in FAULTS {
        for is_cancelled in [false, true] {
            let shop = Shop::open();
            let order = shop.payable().await;
            shop.cards.go_wrong([fault; 7]);
            shop.pay(order, "pm_card_visa").await;
            if is_cancelled {
                shop.cancel(order).await.unwrap();
            }
            shop.settle().await;
            if !is_cancelled {
                shop.cards.go_wrong([fault; 7]);
                shop.accept(order).await.unwrap();
                shop.settle().await;
            }
            let (books, status) = (shop.books(order), shop.status(order).await);
            let expected = if is_cancelled { (0, "voided") } else { (1, "captured") };
            assert_eq!((captured(&books), status.as_str()), expected, "{fault:?}: {books:?}");
            assert!(!books.contains(&held()), "{fault:?}: {books:?}");
        }
    }
}

#[tokio::test]
async fn a_declined_card_is_declined_whatever_goes_wrong() {
    for fault in FAULTS {
        let shop = Shop::open();
        let order = shop.payable().await;
        shop.cards.go_well(1);
        shop.cards.go_wrong([fault]);
        let problem =
            shop.pay(order, "pm_card_visa_chargeDeclined").await.assert_problem(402, "card-declined");
        assert!(problem["detail"].as_str().unwrap().contains("generic_decline"), "{fault:?}: {problem}");
    }
}

#[tokio::test]
async fn a_process_killed_before_it_recorded_a_call_makes_it_again_under_the_same_key() {
    for calls_before in 0..2 {
        let mut shop = Shop::open();
        let order = shop.payable().await;
        shop.cards.go_well(calls_before);
        shop.cards.go_wrong([CardFault::AnswerLost; 3]);
        shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
        shop.restart();
        shop.clock.advance(Duration::from_secs(2));
        let payments = shop.payments.clone();
        assert_eq!(tokio::spawn(async move { payments.sweep_due().await }).await.unwrap().unwrap(), 1);
        assert_eq!((shop.books(order), shop.status(order).await.as_str()), (vec![held()], "authorized"));
    }
}

#[tokio::test]
async fn two_replicas_that_make_the_same_calls_are_as_one() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.cards.set_away(true);
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
    shop.cards.set_away(false);
    let other = shop.another(Arc::new(shop.cards.clone()));
    let (one, two) = tokio::join!(shop.payments.carry_out(order), other.carry_out(order));
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!(shop.books(order), [held()]);
    let authorizations = shop.said(order).iter().filter(|said| *said == "PaymentAuthorized").count();
    assert_eq!(authorizations, 1);
}

#[tokio::test]
async fn a_processor_that_fails_again_and_again_is_left_alone_for_longer_and_longer() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.cards.set_away(true);
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
    shop.cards.set_away(false);
    assert_eq!(shop.payments.sweep_due().await.unwrap(), 0, "it rests");
    shop.clock.advance(Duration::from_secs(2));
    assert_eq!(shop.payments.sweep_due().await.unwrap(), 1);
    assert_eq!(shop.payments.sweep_due().await.unwrap(), 0, "nothing is due");
}

#[tokio::test]
async fn a_processor_that_never_answers_is_not_waited_for() {
    let shop = Shop::open();
    let order = shop.payable().await;
    shop.cards.set_away(true);
    shop.pay(order, "pm_card_visa").await.assert_problem(503, "payments-unavailable");
    let runtime =
        Runtime::new(Arc::new(JumpingClock::default()), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
    let payments = shop.another_on(Arc::new(Silent), &runtime);
    let Err(Unfinished::Card(CardError::Unavailable(_))) = payments.carry_out(order).await else {
        panic!("it is due still");
    };
    // Three tries of ten seconds.
    assert!(runtime.now() >= Timestamp::from_millis(30_000));
}

/// Takes every call, and answers none.
struct Silent;

type Answer = Result<Intent, CardError>;

#[async_trait]
impl CardProcessor for Silent {
    async fn create_intent(&self, _: &str, _: OrderId, _: Money) -> Answer {
        std::future::pending().await
    }

    async fn confirm(&self, _: &str, _: &str, _: &str) -> Answer {
        std::future::pending().await
    }

    async fn capture(&self, _: &str, _: &str) -> Answer {
        std::future::pending().await
    }

    async fn cancel(&self, _: &str, _: &str) -> Answer {
        std::future::pending().await
    }

    async fn fetch(&self, _: &str) -> Answer {
        std::future::pending().await
    }
}

/// Whoever sleeps wakes at once, that much later.
#[derive(Default)]
struct JumpingClock {
    now_ms: AtomicI64,
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.now_ms.fetch_add(duration.as_millis() as i64, Ordering::SeqCst);
        futures::future::ready(()).boxed()
    }
}
