//! Makes the calls to the card processor that are due, and records what they came to. A call is made only after the
//! event that asks for it is committed, and its outcome is an event again: whatever crashes in between, the state still
//! says what is due, and the same call is made under the same key.

mod judge;
mod lanes;
mod retries;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use contracts::OrderId;
use eventsourcing::{Actor, Aggregates, Cause, ExecutionError, Gate, Snapshot, StoreError};
use runtime::Runtime;
use uuid::Uuid;

use crate::cards::{CardError, CardProcessor, Intent};
use crate::effects::judge::{Source, Verdict, judge, judge_unasked};
use crate::effects::lanes::Lanes;
use crate::effects::retries::Retries;
use crate::effects::sweep::Watches;
use crate::payment::{Call, Payment, PaymentCommand, PaymentPrivate};

/// How long the processor may take to answer one call.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// A call that was not answered is tried again at once, as most such faults pass by; then the sweep has it.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
/// How many keys that give a failure for ever are passed by in one go.
const SPARE_KEYS: u32 = 4;
/// More calls than this in a row are not due by any rule.
const ROUNDS: u32 = 12;
/// The namespace of the causes of recorded outcomes. It never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x52c8_06e1_94b7_4d6a_8c3f_1d70_5be9_a246);

/// What speaks to the card processor. Clones are one.
#[derive(Clone)]
pub(crate) struct Effects {
    pub(crate) payments: Aggregates<Payment>,
    gate: Gate,
    cards: Arc<dyn CardProcessor>,
    runtime: Runtime,
    lanes: Lanes,
    retries: Retries,
    watches: Watches,
}

/// What was due is due still. The sweep goes on with it.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    #[error(transparent)]
    Card(#[from] CardError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The outcome could not be recorded.
    #[error("the outcome is not recorded: {0}")]
    NotRecorded(String),
    /// The processor does not know the outcome yet, or contradicts what was recorded.
    #[error("the call to {0} has no outcome yet")]
    Undecided(&'static str),
    #[error("the store is behind the stream")]
    Shut,
}

impl Effects {
    pub(crate) fn new(
        payments: Aggregates<Payment>,
        gate: Gate,
        cards: Arc<dyn CardProcessor>,
        runtime: Runtime,
    ) -> Self {
        Self {
            payments,
            gate,
            cards,
            runtime,
            lanes: Lanes::default(),
            retries: Retries::default(),
            watches: Watches::default(),
        }
    }

    /// Makes every call that is due for this payment, until none is.
    pub(crate) async fn carry_out(&self, order_id: OrderId) -> Result<(), Unfinished> {
        let lane = self.lanes.lane(order_id);
        let _alone = lane.enter().await;
        self.carry_out_alone(order_id).await
    }

    /// The same, started in a task that nobody waits for.
    pub(crate) fn carry_out_later(&self, order_id: OrderId) {
        let this = self.clone();
        self.runtime.spawn("payment", async move {
            // What is left undone is logged there, and swept up.
            let _ = this.carry_out(order_id).await;
        });
    }

    async fn carry_out_alone(&self, order_id: OrderId) -> Result<(), Unfinished> {
        let mut last = "nothing";
        for _ in 0..ROUNDS {
            if self.gate.is_shut() {
                return Err(Unfinished::Shut);
            }
            let Some(payment) = self.payments.load(order_id).await? else { return Ok(()) };
            let Some(call) = payment.state.due() else {
                self.retries.done(order_id);
                return Ok(());
            };
            last = call.name();
            if let Err(unfinished) = self.make(order_id, &payment, &call).await {
                let pause = self.retries.failed(order_id, self.runtime.now());
                let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                metrics::counter!("payments_calls_unfinished_total", "call" => call.name()).increment(1);
                tracing::warn!(order.id = %order_id, pause_ms, "call to {last} is due still: {unfinished}");
                return Err(unfinished);
            }
        }
        Err(Unfinished::Undecided(last))
    }

    /// Makes one call and records its outcome.
    async fn make(
        &self,
        order_id: OrderId,
        payment: &Snapshot<Payment>,
        call: &Call,
    ) -> Result<(), Unfinished> {
        let mut pauses = PAUSES.iter();
        for _ in 0..SPARE_KEYS {
            let key = self.retries.key(order_id, call);
            let verdict = loop {
                match self.verdict(order_id, payment, call, &key).await {
                    Err(Unfinished::Card(CardError::Unavailable(why))) => match pauses.next() {
                        Some(pause) => self.runtime.sleep(*pause).await,
                        None => return Err(CardError::Unavailable(why).into()),
                    },
                    verdict => break verdict?,
                }
            };
            match verdict {
                Verdict::Learn(intent) => {
                    let learned = PaymentCommand::RecordIntent { payment_intent: intent.id };
                    return self.record(order_id, payment, &key, learned, intent.client_secret).await;
                }
                Verdict::Record(command) => {
                    return self.record(order_id, payment, &key, command, None).await;
                }
                Verdict::SpentKey => self.retries.spend(order_id, call),
                Verdict::Undecided => return Err(Unfinished::Undecided(call.name())),
                Verdict::GiveBack { code } => {
                    self.give_back(order_id, call).await?;
                    let failure = PaymentCommand::RecordCaptureFailure { code };
                    return self.record(order_id, payment, &key, failure, None).await;
                }
            }
        }
        Err(Unfinished::Undecided(call.name()))
    }

    /// What the call came to. Where the answer does not say it, how the payment stands does.
    async fn verdict(
        &self,
        order_id: OrderId,
        payment: &Snapshot<Payment>,
        call: &Call,
        key: &str,
    ) -> Result<Verdict, Unfinished> {
        let (intent, source) = match self.ask(order_id, payment, call, key).await {
            Ok(intent) => (Some(intent), Source::Answer),
            Err(CardError::Refused { code }) => (None, Source::Refusal(code)),
            Err(CardError::Broken(_)) => (None, Source::Failure),
            Err(unavailable @ CardError::Unavailable(_)) => return Err(unavailable.into()),
        };
        match (judge(call, intent.as_ref(), &source), payment.state.payment_intent()) {
            (Verdict::Undecided, Some(payment_intent)) => {
                let now =
                    self.limited(self.cards.fetch(payment_intent)).await.map_err(|error| match error {
                        // Its id is known to have been right, so this is for us to mend.
                        CardError::Refused { code } => CardError::Unavailable(code),
                        other => other,
                    })?;
                let source = if source == Source::Answer { Source::Look } else { source };
                Ok(judge(call, Some(&now), &source))
            }
            (verdict, _) => Ok(verdict),
        }
    }

    async fn ask(
        &self,
        order_id: OrderId,
        payment: &Snapshot<Payment>,
        call: &Call,
        key: &str,
    ) -> Result<Intent, CardError> {
        match call {
            Call::CreateIntent { amount, .. } => {
                self.limited(self.cards.create_intent(key, order_id, *amount)).await
            }
            Call::Confirm { payment_intent, .. } => match &payment.private.payment_method {
                Some(method) => self.limited(self.cards.confirm(key, payment_intent, method)).await,
                None => Err(CardError::Refused { code: "payment_method_missing".to_owned() }),
            },
            Call::Capture { payment_intent } => self.limited(self.cards.capture(key, payment_intent)).await,
            Call::Void { payment_intent } => self.limited(self.cards.cancel(key, payment_intent)).await,
        }
    }

    /// What cannot be captured for good must not stay set aside.
    async fn give_back(&self, order_id: OrderId, call: &Call) -> Result<(), Unfinished> {
        let Call::Capture { payment_intent } = call else { return Ok(()) };
        let key = Call::Void { payment_intent: payment_intent.clone() }.key(order_id);
        self.limited(self.cards.cancel(&key, payment_intent)).await?;
        Ok(())
    }

    /// Looks how a payment stands that waits for the buyer, and records what has changed, if anything.
    pub(crate) async fn look(&self, order_id: OrderId) -> Result<bool, Unfinished> {
        if self.gate.is_shut() {
            return Err(Unfinished::Shut);
        }
        let Some(payment) = self.payments.load(order_id).await? else { return Ok(false) };
        let Some(payment_intent) = payment.state.waits_for_the_buyer() else { return Ok(false) };
        let intent = self.limited(self.cards.fetch(payment_intent)).await?;
        let Some(command) = judge_unasked(&payment.state, &intent) else { return Ok(false) };
        let key = format!("stagedoor-{order_id}-look");
        self.record(order_id, &payment, &key, command, None).await?;
        Ok(true)
    }

    /// Records an outcome. What contradicts the payment is not recorded; it stays due, and is told.
    async fn record(
        &self,
        order_id: OrderId,
        payment: &Snapshot<Payment>,
        key: &str,
        command: PaymentCommand,
        client_secret: Option<String>,
    ) -> Result<(), Unfinished> {
        let told = format!("{command:?}");
        let (causation_id, origin) = (outcome_id(key, payment.version), payment.private.origin.clone());
        let cause = Cause {
            causation_id,
            correlation_id: origin.as_ref().map_or(order_id.0, |origin| origin.correlation_id),
            actor: Actor::Service("payments".to_owned()),
            traceparent: origin.and_then(|origin| origin.traceparent),
        };
        let amend = amendment(&command, client_secret);
        match self.payments.execute_and_amend(order_id, cause, command, amend).await {
            Ok(execution) => {
                for recorded in &execution.events {
                    let event = contracts::EventType::event_type(&recorded.event);
                    metrics::counter!("payments_outcomes_total", "event" => event).increment(1);
                    tracing::info!(order.id = %order_id, "payment of order {order_id}: {event}");
                }
                Ok(())
            }
            Err(ExecutionError::Rejected(rejection)) => {
                tracing::error!(order.id = %order_id, "the processor's answer does not fit: {told}");
                Err(Unfinished::NotRecorded(format!("{rejection:?}")))
            }
            Err(error) => Err(Unfinished::NotRecorded(error.to_string())),
        }
    }

    async fn limited<T>(&self, call: impl Future<Output = Result<T, CardError>>) -> Result<T, CardError> {
        let answer = self.runtime.timeout(CALL_LIMIT, call).await;
        answer.unwrap_or_else(|_| Err(CardError::Unavailable("no answer in time".to_owned())))
    }
}

/// One outcome is recorded once, though two replicas make the same call.
fn outcome_id(key: &str, version: u64) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{key}@{version}").as_bytes())
}

/// What was kept for an attempt goes when the attempt is over.
fn amendment(
    command: &PaymentCommand,
    client_secret: Option<String>,
) -> impl Fn(&mut PaymentPrivate) + Send + Sync + use<> {
    let keeps_card = matches!(command, PaymentCommand::RecordIntent { .. });
    let keeps_secret = matches!(
        command,
        PaymentCommand::RecordIntent { .. }
            | PaymentCommand::RecordActionRequired { .. }
            | PaymentCommand::RecordDecline { .. }
    );
    move |private| {
        if !keeps_card {
            private.payment_method = None;
        }
        if !keeps_secret {
            private.client_secret = None;
        } else if client_secret.is_some() {
            private.client_secret.clone_from(&client_secret);
        }
    }
}
