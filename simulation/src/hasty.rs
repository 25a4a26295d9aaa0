//! Mutants that do before a commit what has to come after it.

use std::sync::Arc;

use contracts::OrderId;
use contracts::payments::PaymentEvent;
use eventsourcing::Commit;
use futures::FutureExt as _;
use messaging::{Bus as _, MemoryBus, Message};
use payments::payment::{Call, Payment};
use payments::{CardProcessor as _, MemoryCards};

use crate::audit::Watched;
use crate::mutant::Mutant;
use crate::ports::Hasty;
use crate::world::World;

/// Publishes what is not committed yet.
pub(crate) fn publisher<D: Watched>(world: &Arc<World>, bus: &MemoryBus) -> Option<Hasty<D>> {
    let (watching, bus) = (Arc::clone(world), bus.clone());
    let publish = move |commit: &Commit<'_, D>| {
        for recorded in commit.events.iter().filter_map(|event| event.raw().ok()) {
            let message = Message { category: D::CATEGORY.to_owned(), id: commit.id, recorded };
            let last = bus.last(D::CATEGORY, commit.id).now_or_never().and_then(Result::ok).flatten();
            let published = bus.publish(&message, last.map_or(0, |last| last.sequence)).now_or_never();
            if matches!(published, Some(Ok(_))) {
                watching.audit().published(&message);
            }
        }
    };
    world.lacks(Mutant::PublishedFirst).then(|| Arc::new(publish) as Hasty<D>)
}

/// Sets money aside before anybody knows that it was to be.
pub(crate) fn caller(world: &Arc<World>, cards: &MemoryCards) -> Option<Hasty<Payment>> {
    let cards = cards.clone();
    let call = move |commit: &Commit<'_, Payment>| {
        let (Payment::Authorizing(open), Some(private)) = (commit.state, commit.private) else { return };
        let is_asked =
            commit.events.iter().any(|event| matches!(event.event, PaymentEvent::AuthorizationRequested(_)));
        let Some(method) = private.payment_method.as_deref().filter(|_| is_asked) else { return };
        let (order_id, amount) = (OrderId(commit.id), open.terms.amount);
        let create = Call::CreateIntent { amount, attempt: Some(open.attempts) }.key(order_id);
        let intent = cards.create_intent(&create, order_id, amount).now_or_never();
        let Some(Ok(intent)) = intent else { return };
        let confirm =
            Call::Confirm { payment_intent: intent.id.clone(), attempt: open.attempts }.key(order_id);
        let _ = cards.confirm(&confirm, &intent.id, method).now_or_never();
    };
    world.lacks(Mutant::IntentRecorded).then(|| Arc::new(call) as Hasty<Payment>)
}
