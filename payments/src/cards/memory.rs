//! The card processor in memory: for tests and for the simulator. It knows the published test cards that matter.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use contracts::{Money, OrderId};

use super::{CardError, CardProcessor, Intent, Standing};

/// Every clone is the same processor, so that it outlives whoever speaks to it.
#[derive(Clone, Default)]
pub struct MemoryCards {
    books: Arc<Mutex<Books>>,
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFault {
    /// It never arrives.
    Lost,
    /// It is carried out, and the answer never arrives.
    AnswerLost,
    /// The processor fails before it is carried out, and keeps that as its answer.
    BrokenBefore,
    /// The same after it was carried out.
    BrokenAfter,
}

#[derive(Default)]
struct Books {
    intents: BTreeMap<String, Entry>,
    answers: BTreeMap<String, KeptAnswer>,
    charges: u64,
    /// What happens to the next calls.
    faults: VecDeque<Option<CardFault>>,
    is_away: bool,
}

struct Entry {
    order_id: OrderId,
    amount: Money,
    /// The card that waits for the buyer to pass the bank's check.
    pending: Option<String>,
    standing: Standing,
}

struct KeptAnswer {
    request: String,
    answer: Answer,
}

type Answer = Result<Intent, CardError>;

impl MemoryCards {
    pub fn new() -> Self {
        Self::default()
    }

    /// The next so many calls go well.
    pub fn go_well(&self, calls: usize) {
        self.books().faults.extend(std::iter::repeat_n(None, calls));
    }

    /// The calls after those go wrong in this way, one after the other.
    pub fn go_wrong(&self, faults: impl IntoIterator<Item = CardFault>) {
        self.books().faults.extend(faults.into_iter().map(Some));
    }

    /// While it is away no call arrives.
    pub fn set_away(&self, is_away: bool) {
        self.books().is_away = is_away;
    }

    /// The buyer leaves the bank's page, having passed its check or not.
    pub fn authenticate(&self, payment_intent: &str, passed: bool) {
        let mut books = self.books();
        let Some(entry) = books.intents.get_mut(payment_intent) else { return };
        if entry.standing != Standing::ActionRequired {
            return;
        }
        let card = entry.pending.take().unwrap_or_default();
        entry.standing = match (passed, decline_of(&card)) {
            (true, None) => Standing::Authorized { amount: entry.amount },
            (true, Some(code)) => Standing::Open { declined: Some(code.to_owned()) },
            (false, _) => {
                Standing::Open { declined: Some("payment_intent_authentication_failure".to_owned()) }
            }
        };
    }

    /// What is set aside is held no longer, as banks do after a week.
    pub fn lapse(&self, payment_intent: &str) {
        let mut books = self.books();
        if let Some(entry) = books.intents.get_mut(payment_intent)
            && matches!(entry.standing, Standing::Authorized { .. })
        {
            entry.standing = Standing::Cancelled;
        }
    }

    /// Every payment there is, with the order it is for.
    pub fn ledger(&self) -> Vec<(OrderId, Intent)> {
        let books = self.books();
        books.intents.iter().map(|(id, entry)| (entry.order_id, entry.intent(id))).collect()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out a call unless its key has an answer already.
    fn perform(
        &self,
        key: &str,
        request: String,
        effect: impl FnOnce(&mut Books) -> Result<String, CardError>,
    ) -> Answer {
        let mut books = self.books();
        let fault = books.begin()?;
        let answer = match books.answers.get(key) {
            Some(kept) if kept.request == request => kept.answer.clone(),
            Some(_) => return Err(refused("idempotency_error")),
            None => {
                let answer = books.carry_out(fault, effect);
                books.answers.insert(key.to_owned(), KeptAnswer { request, answer: answer.clone() });
                answer
            }
        };
        if fault == Some(CardFault::AnswerLost) { Err(unavailable("the answer was lost")) } else { answer }
    }
}

impl Books {
    /// The call arrives, or does not; with what will go wrong after that.
    fn begin(&mut self) -> Result<Option<CardFault>, CardError> {
        if self.is_away {
            return Err(unavailable("it is away"));
        }
        match self.faults.pop_front().flatten() {
            Some(CardFault::Lost) => Err(unavailable("the call was lost")),
            fault => Ok(fault),
        }
    }

    fn carry_out(
        &mut self,
        fault: Option<CardFault>,
        effect: impl FnOnce(&mut Self) -> Result<String, CardError>,
    ) -> Answer {
        let broken = || Err(CardError::Broken("out of order".to_owned()));
        if fault == Some(CardFault::BrokenBefore) {
            return broken();
        }
        let outcome = effect(self);
        if fault == Some(CardFault::BrokenAfter) {
            return broken();
        }
        self.show(&outcome?)
    }

    fn entry(&mut self, id: &str) -> Result<&mut Entry, CardError> {
        self.intents.get_mut(id).ok_or_else(|| refused("resource_missing"))
    }

    fn show(&self, id: &str) -> Answer {
        let entry = self.intents.get(id).ok_or_else(|| refused("resource_missing"))?;
        Ok(entry.intent(id))
    }
}

impl Entry {
    fn intent(&self, id: &str) -> Intent {
        let client_secret = Some(format!("{id}_secret"));
        Intent { id: id.to_owned(), client_secret, standing: self.standing.clone() }
    }
}

#[async_trait]
impl CardProcessor for MemoryCards {
    async fn create_intent(&self, key: &str, order_id: OrderId, amount: Money) -> Answer {
        self.perform(key, format!("create {order_id} {amount}"), |books| {
            if amount.amount < 50 {
                return Err(refused("amount_too_small"));
            }
            let id = format!("pi_memory{}", books.intents.len() + 1);
            let standing = Standing::Open { declined: None };
            books.intents.insert(id.clone(), Entry { order_id, amount, pending: None, standing });
            Ok(id)
        })
    }

    async fn confirm(&self, key: &str, payment_intent: &str, payment_method: &str) -> Answer {
        self.perform(key, format!("confirm {payment_intent} {payment_method}"), |books| {
            let entry = books.entry(payment_intent)?;
            if !matches!(entry.standing, Standing::Open { .. } | Standing::ActionRequired) {
                return Err(refused("payment_intent_unexpected_state"));
            }
            if !payment_method.starts_with("pm_card_") {
                return Err(refused("resource_missing"));
            }
            entry.standing = match decline_of(payment_method) {
                _ if wants_authentication(payment_method) => {
                    entry.pending = Some(payment_method.to_owned());
                    Standing::ActionRequired
                }
                Some(code) => Standing::Open { declined: Some(code.to_owned()) },
                None => Standing::Authorized { amount: entry.amount },
            };
            Ok(payment_intent.to_owned())
        })
    }

    async fn capture(&self, key: &str, payment_intent: &str) -> Answer {
        self.perform(key, format!("capture {payment_intent}"), |books| {
            let charge = format!("ch_memory{}", books.charges + 1);
            let entry = books.entry(payment_intent)?;
            let Standing::Authorized { amount } = entry.standing else {
                return Err(refused("payment_intent_unexpected_state"));
            };
            entry.standing = Standing::Captured { charge, amount };
            books.charges += 1;
            Ok(payment_intent.to_owned())
        })
    }

    async fn cancel(&self, key: &str, payment_intent: &str) -> Answer {
        self.perform(key, format!("cancel {payment_intent}"), |books| {
            let entry = books.entry(payment_intent)?;
            if matches!(entry.standing, Standing::Captured { .. } | Standing::Cancelled) {
                return Err(refused("payment_intent_unexpected_state"));
            }
            entry.standing = Standing::Cancelled;
            Ok(payment_intent.to_owned())
        })
    }

    async fn fetch(&self, payment_intent: &str) -> Answer {
        let mut books = self.books();
        match books.begin()? {
            Some(CardFault::AnswerLost) => Err(unavailable("the answer was lost")),
            Some(_) => Err(CardError::Broken("out of order".to_owned())),
            None => books.show(payment_intent),
        }
    }
}

/// The issuer's word against it, by the card's published name.
fn decline_of(card: &str) -> Option<&'static str> {
    let reasons = [
        ("InsufficientFunds", "insufficient_funds"),
        ("LostCard", "lost_card"),
        ("StolenCard", "stolen_card"),
        ("ExpiredCard", "expired_card"),
        ("IncorrectCvc", "incorrect_cvc"),
        ("ProcessingError", "processing_error"),
        ("hargeDeclined", "generic_decline"),
    ];
    reasons.into_iter().find(|(name, _)| card.ends_with(name)).map(|(_, code)| code)
}

fn wants_authentication(card: &str) -> bool {
    ["pm_card_authenticationRequired", "pm_card_threeDSecureRequired", "pm_card_threeDSecure2Required"]
        .into_iter()
        .any(|name| card.starts_with(name))
}

fn refused(code: &str) -> CardError {
    CardError::Refused { code: code.to_owned() }
}

fn unavailable(why: &str) -> CardError {
    CardError::Unavailable(why.to_owned())
}
