//! The service over Stripe's stand-in, while that fails at random: in the end its books are as they should be.

use std::sync::Arc;

use payments::Stripe;
use stripe_standin::{Faults, LedgerEntry, Options, Probability, StandIn};

use crate::harness::{PRICE, Shop};

const AMOUNT: i64 = PRICE.amount as i64;

async fn shop_over(standin: &StandIn) -> Shop {
    let stripe = Stripe::new("sk_test_payments", Some(&standin.base_url)).unwrap();
    Shop::over(Arc::new(stripe))
}

fn entries(standin: &StandIn, order: contracts::OrderId) -> Vec<LedgerEntry> {
    let mut entries = standin.ledger().payment_intents;
    entries.retain(|entry| entry.metadata["order_id"] == order.to_string());
    entries
}

#[tokio::test]
async fn a_purchase_and_a_cancellation_go_through_stripe() {
    let standin = StandIn::start(Options::default()).await.unwrap();
    let shop = shop_over(&standin).await;
    let bought = shop.payable().await;
    shop.pay(bought, "pm_card_visa_chargeDeclinedInsufficientFunds")
        .await
        .assert_problem(402, "card-declined");
    let payment = shop.pay(bought, "pm_card_visa").await.assert_created("authorized");
    shop.accept(bought).await.unwrap();
    let cancelled = shop.payable().await;
    shop.pay(cancelled, "pm_card_visa").await.assert_created("authorized");
    shop.cancel(cancelled).await.unwrap();
    shop.settle().await;

    let [entry] = &entries(&standin, bought)[..] else { panic!("one payment for one order") };
    assert_eq!(
        (entry.captured, entry.held, entry.id.as_str()),
        (AMOUNT, 0, payment["stripe_payment_intent"].as_str().unwrap())
    );
    let [entry] = &entries(&standin, cancelled)[..] else { panic!("one payment for one order") };
    assert_eq!((entry.captured, entry.held), (0, 0));
    assert_eq!(shop.said(bought).last().unwrap(), "ChargeCreated");
    assert_eq!(shop.said(cancelled).last().unwrap(), "PaymentVoided");
}

#[tokio::test]
async fn while_stripe_fails_at_random_money_is_taken_once_or_not_at_all() {
    let standin = StandIn::start(Options::default()).await.unwrap();
    let shop = shop_over(&standin).await;
    for seed in 0..12 {
        standin.set_faults(Faults {
            seed,
            cut: Probability::Either(0.2),
            status_500: Probability::Either(0.2),
            rate_limit: 0.1,
            ..Faults::default()
        });
        let order = shop.payable().await;
        // It may be authorised, or go on by itself later.
        shop.pay(order, "pm_card_visa").await;
        shop.settle().await;
        let is_bought = seed % 2 == 0;
        if is_bought {
            shop.accept(order).await.unwrap();
        } else {
            shop.cancel(order).await.unwrap();
        }
        shop.settle().await;
        let entries = entries(&standin, order);
        let captured: i64 = entries.iter().map(|entry| entry.captured).sum();
        let held: i64 = entries.iter().map(|entry| entry.held).sum();
        assert_eq!((captured, held), (if is_bought { AMOUNT } else { 0 }, 0), "seed {seed}: {entries:?}");
        let last = shop.said(order).last().unwrap().clone();
        assert_eq!(last, if is_bought { "ChargeCreated" } else { "PaymentVoided" }, "seed {seed}");
    }
}
