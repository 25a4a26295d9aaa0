//! What every card processor promises: the one in memory, and Stripe as the stand-in plays it.

use async_trait::async_trait;
use contracts::{Currency, Money, OrderId};
use payments::{CardError, CardFault, CardProcessor, Intent, MemoryCards, Standing, Stripe};
use serde_json::json;
use stripe_standin::{Fault, Faults, NextFault, Options, StandIn, When};
use uuid::Uuid;

const PRICE: Money = Money::new(12_500, Currency::Usd);

/// A processor, and what happens to it from elsewhere.
#[async_trait]
trait Processor {
    fn cards(&self) -> &dyn CardProcessor;
    /// The buyer leaves the bank's page.
    async fn authenticate(&self, intent: &Intent, passed: bool);
    /// What is set aside is held no longer.
    async fn lapse(&self, intent: &Intent);
    /// The next call goes wrong.
    fn go_wrong(&self, fault: CardFault);
}

struct InMemory(MemoryCards);

#[async_trait]
impl Processor for InMemory {
    fn cards(&self) -> &dyn CardProcessor {
        &self.0
    }

    async fn authenticate(&self, intent: &Intent, passed: bool) {
        self.0.authenticate(&intent.id, passed);
    }

    async fn lapse(&self, intent: &Intent) {
        self.0.lapse(&intent.id);
    }

    fn go_wrong(&self, fault: CardFault) {
        self.0.go_wrong([fault]);
    }
}

struct OverHttp {
    stripe: Stripe,
    standin: StandIn,
}

#[async_trait]
impl Processor for OverHttp {
    fn cards(&self) -> &dyn CardProcessor {
        &self.stripe
    }

    async fn authenticate(&self, intent: &Intent, passed: bool) {
        let (base, secret) = (&self.standin.base_url, intent.client_secret.as_deref().unwrap());
        let page = format!("{base}/3d_secure/{}?client_secret={secret}", intent.id);
        let outcome = [("outcome", if passed { "pass" } else { "fail" })];
        reqwest::Client::new().post(page).form(&outcome).send().await.unwrap().error_for_status().unwrap();
    }

    async fn lapse(&self, intent: &Intent) {
        let url = format!("{}/_standin/payment_intents/{}/expire", self.standin.base_url, intent.id);
        reqwest::Client::new().post(url).send().await.unwrap().error_for_status().unwrap();
    }

    fn go_wrong(&self, fault: CardFault) {
        let (fault, when) = match fault {
            CardFault::Lost => (Fault::Cut, When::Before),
            CardFault::AnswerLost => (Fault::Cut, When::After),
            CardFault::BrokenBefore => (Fault::Status500, When::Before),
            CardFault::BrokenAfter => (Fault::Status500, When::After),
        };
        let next = NextFault { path: String::new(), method: None, fault, when, slow_ms: 0, times: 1 };
        self.standin.set_faults(Faults { next: vec![next], ..Faults::default() });
    }
}

async fn processors() -> Vec<Box<dyn Processor>> {
    let standin = StandIn::start(Options::default()).await.unwrap();
    let stripe = Stripe::new("sk_test_conformance", Some(&standin.base_url)).unwrap();
    vec![Box::new(InMemory(MemoryCards::new())), Box::new(OverHttp { stripe, standin })]
}

fn key() -> String {
    format!("stagedoor-{}", Uuid::now_v7())
}

async fn created(processor: &dyn Processor) -> Intent {
    let order_id = OrderId(Uuid::now_v7());
    processor.cards().create_intent(&key(), order_id, PRICE).await.unwrap()
}

async fn confirmed(processor: &dyn Processor, card: &str) -> Intent {
    let intent = created(processor).await;
    processor.cards().confirm(&key(), &intent.id, card).await.unwrap()
}

fn held() -> Standing {
    Standing::Authorized { amount: PRICE }
}

fn is_taken(standing: &Standing) -> bool {
    matches!(standing, Standing::Captured { charge, amount } if charge.starts_with("ch_") && *amount == PRICE)
}

fn declined(code: &str) -> Standing {
    Standing::Open { declined: Some(code.to_owned()) }
}

fn is_refused(answer: &Result<Intent, CardError>, code: &str) -> bool {
    matches!(answer, Err(CardError::Refused { code: told }) if told == code)
}

#[tokio::test]
async fn money_is_set_aside_then_taken() {
    for processor in processors().await {
        let cards = processor.cards();
        let intent = created(&*processor).await;
        assert_eq!(intent.standing, Standing::Open { declined: None });
        assert!(intent.id.starts_with("pi_") && intent.client_secret.is_some());
        let standing = cards.confirm(&key(), &intent.id, "pm_card_visa").await.unwrap().standing;
        assert_eq!(standing, held());
        let taken = cards.capture(&key(), &intent.id).await.unwrap();
        assert!(is_taken(&taken.standing), "{taken:?}");
        assert_eq!(cards.fetch(&intent.id).await.unwrap(), taken);
        let again = cards.capture(&key(), &intent.id).await;
        assert!(is_refused(&again, "payment_intent_unexpected_state"), "{again:?}");
        let cancelled = cards.cancel(&key(), &intent.id).await;
        assert!(is_refused(&cancelled, "payment_intent_unexpected_state"), "{cancelled:?}");
    }
}

#[tokio::test]
async fn a_declined_card_is_an_answer_with_the_issuers_word() {
    for processor in processors().await {
        for (card, code) in [
            ("pm_card_visa_chargeDeclined", "generic_decline"),
            ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
            ("pm_card_visa_chargeDeclinedLostCard", "lost_card"),
            ("pm_card_visa_chargeDeclinedStolenCard", "stolen_card"),
            ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
            ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
            ("pm_card_chargeDeclinedProcessingError", "processing_error"),
        ] {
            let intent = confirmed(&*processor, card).await;
            assert_eq!(intent.standing, declined(code), "{card}");
            assert_eq!(processor.cards().fetch(&intent.id).await.unwrap().standing, declined(code), "{card}");
            let another = processor.cards().confirm(&key(), &intent.id, "pm_card_visa").await.unwrap();
            assert_eq!(another.standing, held());
        }
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    for processor in processors().await {
        let cards = processor.cards();
        let intent = created(&*processor).await;
        let unknown = cards.confirm(&key(), &intent.id, "pm_unknown").await;
        assert!(is_refused(&unknown, "resource_missing"), "{unknown:?}");
        let missing = cards.fetch("pi_missing").await;
        assert!(is_refused(&missing, "resource_missing"), "{missing:?}");
        let early = cards.capture(&key(), &intent.id).await;
        assert!(is_refused(&early, "payment_intent_unexpected_state"), "{early:?}");
        let cents = Money::new(1, Currency::Usd);
        let small = cards.create_intent(&key(), OrderId(Uuid::now_v7()), cents).await;
        assert!(is_refused(&small, "amount_too_small"), "{small:?}");
    }
}

#[tokio::test]
async fn what_is_cancelled_stays_cancelled() {
    for processor in processors().await {
        let cards = processor.cards();
        for card in ["pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_authenticationRequired"] {
            let intent = confirmed(&*processor, card).await;
            let standing = cards.cancel(&key(), &intent.id).await.unwrap().standing;
            assert_eq!(standing, Standing::Cancelled, "{card}");
            for answer in [
                cards.cancel(&key(), &intent.id).await,
                cards.capture(&key(), &intent.id).await,
                cards.confirm(&key(), &intent.id, "pm_card_visa").await,
            ] {
                assert!(is_refused(&answer, "payment_intent_unexpected_state"), "{card}: {answer:?}");
            }
            assert_eq!(cards.fetch(&intent.id).await.unwrap().standing, Standing::Cancelled);
        }
    }
}

#[tokio::test]
async fn a_buyer_at_the_bank_passes_or_fails() {
    for processor in processors().await {
        for (card, passed, standing) in [
            ("pm_card_authenticationRequired", true, held()),
            ("pm_card_threeDSecure2Required", true, held()),
            ("pm_card_threeDSecureRequired", false, declined("payment_intent_authentication_failure")),
            ("pm_card_threeDSecureRequiredChargeDeclined", true, declined("generic_decline")),
        ] {
            let intent = confirmed(&*processor, card).await;
            assert_eq!(intent.standing, Standing::ActionRequired, "{card}");
            processor.authenticate(&intent, passed).await;
            assert_eq!(processor.cards().fetch(&intent.id).await.unwrap().standing, standing, "{card}");
        }
    }
}

#[tokio::test]
async fn what_lapsed_cannot_be_captured() {
    for processor in processors().await {
        let intent = confirmed(&*processor, "pm_card_visa").await;
        processor.lapse(&intent).await;
        let answer = processor.cards().capture(&key(), &intent.id).await;
        assert!(is_refused(&answer, "payment_intent_unexpected_state"), "{answer:?}");
        assert_eq!(processor.cards().fetch(&intent.id).await.unwrap().standing, Standing::Cancelled);
    }
}

#[tokio::test]
async fn one_key_has_one_effect_and_one_answer() {
    for processor in processors().await {
        let (cards, order_id, create, confirm) = (processor.cards(), OrderId(Uuid::now_v7()), key(), key());
        let intent = cards.create_intent(&create, order_id, PRICE).await.unwrap();
        assert_eq!(cards.create_intent(&create, order_id, PRICE).await.unwrap(), intent);
        let declining = "pm_card_visa_chargeDeclined";
        let first = cards.confirm(&confirm, &intent.id, declining).await.unwrap();
        assert_eq!(cards.confirm(&confirm, &intent.id, declining).await.unwrap().standing, first.standing);
        cards.confirm(&key(), &intent.id, "pm_card_visa").await.unwrap();
        assert_eq!(
            cards.confirm(&confirm, &intent.id, declining).await.unwrap().standing,
            first.standing,
            "the answer is kept, whatever has happened since"
        );
        let capture = key();
        let taken = cards.capture(&capture, &intent.id).await.unwrap();
        assert_eq!(cards.capture(&capture, &intent.id).await.unwrap().standing, taken.standing);
        let other = cards.create_intent(&create, order_id, Money::new(99_900, Currency::Usd)).await;
        assert!(matches!(other, Err(CardError::Refused { .. })), "{other:?}");
    }
}

#[tokio::test]
async fn a_call_or_an_answer_that_is_lost_may_be_repeated_under_its_key() {
    for processor in processors().await {
        let cards = processor.cards();
        for fault in [CardFault::Lost, CardFault::AnswerLost] {
            let (order_id, create) = (OrderId(Uuid::now_v7()), key());
            processor.go_wrong(fault);
            let lost = cards.create_intent(&create, order_id, PRICE).await;
            assert!(matches!(lost, Err(CardError::Unavailable(_))), "{fault:?}: {lost:?}");
            let intent = cards.create_intent(&create, order_id, PRICE).await.unwrap();

            let confirm = key();
            processor.go_wrong(fault);
            let lost = cards.confirm(&confirm, &intent.id, "pm_card_visa").await;
            assert!(matches!(lost, Err(CardError::Unavailable(_))), "{fault:?}: {lost:?}");
            let known = cards.fetch(&intent.id).await.unwrap().standing;
            assert_eq!(known == held(), fault == CardFault::AnswerLost);
            assert_eq!(cards.confirm(&confirm, &intent.id, "pm_card_visa").await.unwrap().standing, held());
        }
    }
}

#[tokio::test]
async fn a_processor_that_failed_says_so_again_under_the_same_key() {
    for processor in processors().await {
        let cards = processor.cards();
        let intent = confirmed(&*processor, "pm_card_visa").await;
        let capture = key();
        processor.go_wrong(CardFault::BrokenAfter);
        for _ in 0..2 {
            let answer = cards.capture(&capture, &intent.id).await;
            assert!(matches!(answer, Err(CardError::Broken(_))), "{answer:?}");
        }
        assert!(is_taken(&cards.fetch(&intent.id).await.unwrap().standing));

        let intent = confirmed(&*processor, "pm_card_visa").await;
        processor.go_wrong(CardFault::BrokenBefore);
        let answer = cards.capture(&key(), &intent.id).await;
        assert!(matches!(answer, Err(CardError::Broken(_))), "{answer:?}");
        assert!(is_taken(&cards.capture(&key(), &intent.id).await.unwrap().standing), "under another key");
    }
}

#[tokio::test]
async fn a_key_that_stripe_does_not_know_is_ours_to_mend() {
    let standin = StandIn::start(Options::default()).await.unwrap();
    let stripe = Stripe::new("nonsense", Some(&standin.base_url)).unwrap();
    let answer = stripe.create_intent(&key(), OrderId(Uuid::now_v7()), PRICE).await;
    assert!(matches!(answer, Err(CardError::Unavailable(_))), "{answer:?}");
    drop(standin);
    let answer = stripe.fetch("pi_1").await;
    assert!(matches!(answer, Err(CardError::Unavailable(_))), "{answer:?}");
}

#[tokio::test]
async fn stripe_knows_which_order_a_payment_is_for() {
    let standin = StandIn::start(Options::default()).await.unwrap();
    let stripe = Stripe::new("sk_test_conformance", Some(&standin.base_url)).unwrap();
    let order_id = OrderId(Uuid::now_v7());
    let intent = stripe.create_intent(&key(), order_id, PRICE).await.unwrap();
    let url = format!("{}/v1/payment_intents/{}", standin.base_url, intent.id);
    let client = reqwest::Client::new().get(url).bearer_auth("sk_test_conformance");
    let known: serde_json::Value = client.send().await.unwrap().json().await.unwrap();
    assert_eq!(known["metadata"], json!({ "order_id": order_id }));
    assert_eq!((&known["capture_method"], &known["amount"]), (&json!("manual"), &json!(12_500)));
}
