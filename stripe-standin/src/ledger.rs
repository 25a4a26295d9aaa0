//! What was really taken and given back, for tests to hold their own books against.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::intents::Intent;
use crate::store::State;

/// The money of every PaymentIntent, and the sums over all of them by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub payment_intents: Vec<LedgerEntry>,
    pub captured: BTreeMap<String, i64>,
    pub refunded: BTreeMap<String, i64>,
    /// Authorised, neither captured nor released.
    pub held: BTreeMap<String, i64>,
}

/// Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub id: String,
    pub status: String,
    pub currency: String,
    pub amount: i64,
    pub held: i64,
    pub captured: i64,
    pub refunded: i64,
    /// Charges that were approved; more than one would be a fault of the stand-in.
    pub charges: usize,
    pub metadata: BTreeMap<String, String>,
}

impl Ledger {
    pub(crate) fn of(state: &State) -> Self {
        let mut ledger = Self::default();
        let mut approved: BTreeMap<&str, (usize, i64, i64)> = BTreeMap::new();
        for charge in state.charges.iter().filter(|charge| charge.failure.is_none()) {
            let (count, captured, refunded) = approved.entry(&charge.payment_intent).or_default();
            *count += 1;
            if charge.captured {
                *captured += charge.amount_captured;
                *refunded += charge.amount_refunded;
            }
        }
        for intent in state.intents.iter() {
            let (charges, captured, refunded) = approved.get(intent.id.as_str()).copied().unwrap_or_default();
            *ledger.captured.entry(intent.currency.clone()).or_default() += captured;
            *ledger.refunded.entry(intent.currency.clone()).or_default() += refunded;
            *ledger.held.entry(intent.currency.clone()).or_default() += intent.amount_capturable;
            ledger.payment_intents.push(LedgerEntry::of(intent, charges, captured, refunded));
        }
        ledger
    }
}

impl LedgerEntry {
    fn of(intent: &Intent, charges: usize, captured: i64, refunded: i64) -> Self {
        Self {
            id: intent.id.clone(),
            status: intent.status.to_string(),
            currency: intent.currency.clone(),
            amount: intent.amount,
            held: intent.amount_capturable,
            captured,
            refunded,
            charges,
            metadata: intent.metadata.clone(),
        }
    }
}
