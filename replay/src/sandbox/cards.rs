//! The card processor: what it was recorded to say of an order it says again. What nobody asked it then it answers as one
//! does whose every card is good, and that is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use contracts::{Money, OrderId};
use payments::payment::Payment;
use payments::{CardError, CardProcessor, Intent, Standing};
use tokio::sync::oneshot;

type Answer = Result<Intent, CardError>;

/// What is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Create { amount: Money },
    Confirm { attempt: u32 },
    Capture,
    Cancel,
}

/// What it was recorded to say to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It knows the payment by this id.
    Known(String),
    Authorized,
    ActionRequired,
    Declined(String),
    Charged(String),
    CaptureRefused(String),
}

/// A call that was not answered yet.
pub(super) struct Call {
    pub order_id: OrderId,
    pub asked: Asked,
    key: String,
    answer: oneshot::Sender<Answer>,
}

#[derive(Clone, Default)]
pub(super) struct Cards {
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    accounts: BTreeMap<OrderId, Account>,
    /// What was answered under each key.
    answers: BTreeMap<String, Answer>,
    asked: Vec<Call>,
}

/// What it holds for an order.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub intent: String,
    pub amount: Money,
    pub standing: Standing,
}

impl Cards {
    /// Calls that were made since it was asked last.
    pub(super) fn asked(&self) -> Vec<Call> {
        std::mem::take(&mut self.books().asked)
    }

    /// Carries out a call. Says whether money was taken by it, and how much.
    pub(super) fn answer(&self, call: Call, said: Option<Said>) -> Option<Money> {
        let Call { order_id, asked, key, answer } = call;
        let mut books = self.books();
        let (outcome, taken) = match books.answers.get(&key) {
            Some(kept) => (kept.clone(), None),
            None => books.carry_out(order_id, &asked, said),
        };
        books.answers.insert(key, outcome.clone());
        drop(books);
        // Whoever asked may not wait any more.
        let _ = answer.send(outcome);
        taken
    }

    /// The buyer comes back from the bank: what they did there stands in the books before anybody looks.
    pub(super) fn come_back(&self, order_id: OrderId, said: &Said) {
        let mut books = self.books();
        if let Some(account) = books.accounts.get_mut(&order_id)
            && matches!(account.standing, Standing::ActionRequired | Standing::Open { .. })
        {
            account.standing = match said {
                Said::Declined(code) => Standing::Open { declined: Some(code.clone()) },
                _ => Standing::Authorized { amount: account.amount },
            };
        }
    }

    /// What it holds for each order.
    pub(super) fn ledger(&self) -> Vec<(OrderId, Account)> {
        self.books().accounts.iter().map(|(order_id, account)| (*order_id, account.clone())).collect()
    }

    /// What it held when the replay began.
    pub(super) fn open_account(&self, order_id: OrderId, account: Account) {
        self.books().accounts.insert(order_id, account);
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, key: &str, order_id: OrderId, asked: Asked) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.books().asked.push(Call { order_id, asked, key: key.to_owned(), answer });
        answered.await.unwrap_or_else(|_| Err(CardError::Unavailable("it never answered".to_owned())))
    }

    async fn ask_of(&self, key: &str, payment_intent: &str, asked: Asked) -> Answer {
        let order_id = self.books().order_of(payment_intent).ok_or_else(|| refused("resource_missing"))?;
        self.ask(key, order_id, asked).await
    }
}

impl Books {
    fn order_of(&self, payment_intent: &str) -> Option<OrderId> {
        let found = self.accounts.iter().find(|(_, account)| account.intent == payment_intent);
        found.map(|(order_id, _)| *order_id)
    }

    fn carry_out(&mut self, order_id: OrderId, asked: &Asked, said: Option<Said>) -> (Answer, Option<Money>) {
        if let Asked::Create { amount } = asked {
            if let Some(Said::Declined(code)) = said {
                return (Err(CardError::Refused { code }), None);
            }
            let made_up = || format!("pi_sandbox_{}", order_id.0.simple());
            let intent = match said {
                Some(Said::Known(intent)) => intent,
                _ => made_up(),
            };
            let account = Account { intent, amount: *amount, standing: Standing::Open { declined: None } };
            let account = self.accounts.entry(order_id).or_insert(account);
            return (Ok(account.shown()), None);
        }
        let Some(account) = self.accounts.get_mut(&order_id) else {
            return (Err(refused("resource_missing")), None);
        };
        let mut taken = None;
        let standing = match (asked, &account.standing, said) {
            (Asked::Confirm { .. }, Standing::Open { .. } | Standing::ActionRequired, said) => match said {
                Some(Said::Declined(code)) => Standing::Open { declined: Some(code) },
                Some(Said::ActionRequired) => Standing::ActionRequired,
                _ => Standing::Authorized { amount: account.amount },
            },
            (Asked::Capture, Standing::Authorized { .. }, Some(Said::CaptureRefused(code))) => {
                account.standing = Standing::Cancelled;
                return (Err(CardError::Refused { code }), None);
            }
            (Asked::Capture, Standing::Authorized { amount }, said) => {
                taken = Some(*amount);
                let charge = match said {
                    Some(Said::Charged(charge)) => charge,
                    _ => format!("ch_sandbox_{}", order_id.0.simple()),
                };
                Standing::Captured { charge, amount: *amount }
            }
            (
                Asked::Cancel,
                Standing::Open { .. }
                | Standing::ActionRequired
                | Standing::Processing
                | Standing::Authorized { .. },
                _,
            ) => Standing::Cancelled,
            _ => return (Err(refused("payment_intent_unexpected_state")), None),
        };
        account.standing = standing;
        (Ok(account.shown()), taken)
    }
}

impl Account {
    fn shown(&self) -> Intent {
        Intent { id: self.intent.clone(), client_secret: None, standing: self.standing.clone() }
    }
}

#[async_trait]
impl CardProcessor for Cards {
    async fn create_intent(&self, key: &str, order_id: OrderId, amount: Money) -> Answer {
        self.ask(key, order_id, Asked::Create { amount }).await
    }

    async fn confirm(&self, key: &str, payment_intent: &str, _: &str) -> Answer {
        // The key ends in the number of the attempt; a spare key in that of its turn.
        let attempt = key.split("-confirm-").nth(1).and_then(|rest| rest.split('-').next()?.parse().ok());
        self.ask_of(key, payment_intent, Asked::Confirm { attempt: attempt.unwrap_or(1) }).await
    }

    async fn capture(&self, key: &str, payment_intent: &str) -> Answer {
        self.ask_of(key, payment_intent, Asked::Capture).await
    }

    async fn cancel(&self, key: &str, payment_intent: &str) -> Answer {
        self.ask_of(key, payment_intent, Asked::Cancel).await
    }

    async fn fetch(&self, payment_intent: &str) -> Answer {
        let books = self.books();
        let order_id = books.order_of(payment_intent).ok_or_else(|| refused("resource_missing"))?;
        books.accounts.get(&order_id).map(Account::shown).ok_or_else(|| refused("resource_missing"))
    }
}

fn refused(code: &str) -> CardError {
    CardError::Refused { code: code.to_owned() }
}

impl Account {
    /// What it holds for a payment in this state; none before it was told of it.
    pub(super) fn of(payment: &Payment) -> Option<Self> {
        let (intent, amount) = (payment.payment_intent()?.to_owned(), payment.terms()?.amount);
        let standing = match payment {
            Payment::None | Payment::Payable(_) | Payment::Preparing(_) | Payment::Authorizing(_) => {
                Standing::Open { declined: None }
            }
            Payment::RequiresAction(_) => Standing::ActionRequired,
            Payment::Voiding(returning) if !returning.was_authorized => Standing::Open { declined: None },
            Payment::Authorized(_) | Payment::Capturing(_) | Payment::Voiding(_) => {
                Standing::Authorized { amount }
            }
            Payment::Captured(taken) => Standing::Captured { charge: taken.charge.clone(), amount },
            Payment::Failed(_) | Payment::Voided(_) => Standing::Cancelled,
        };
        Some(Self { intent, amount, standing })
    }
}
