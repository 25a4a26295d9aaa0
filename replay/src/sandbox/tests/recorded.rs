//! The recorded histories in `replay/tests/recorded`: this build decides them as the one did that recorded them.
//!
//! They were made by the services themselves, in memory, from what people did in them. `GOLDEN=new` makes those that are not
//! there; one that is there is never overwritten: a history is for ever.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use contracts::{OrderId, Timestamp};
use eventsourcing::Actor;
use history::Entry;
use messaging::{Numbered, Parcel, Stored};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::recording::Recording;
use crate::sandbox::cards::Said as CardsSaid;
use crate::sandbox::changes::Changes;
use crate::sandbox::lacking::Lacking;
use crate::sandbox::outcome::Outcome;
use crate::sandbox::past::Past;
use crate::sandbox::plan::Plan;
use crate::sandbox::run::Run;

/// What people do, and what their cards answer.
#[derive(Default)]
pub(super) struct Script {
    entries: Vec<Entry>,
    cards: BTreeMap<(OrderId, u32), CardsSaid>,
    turns: BTreeMap<Uuid, u64>,
}

const BEGIN: i64 = 1_795_000_000_000;
const SECOND: i64 = 1_000;
const TIME_TO_PAY: i64 = 900 * SECOND;

pub(super) fn id(kind: &str, number: u8) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{kind} {number}").as_bytes())
}

fn time(at: i64) -> Timestamp {
    Timestamp::from_millis(BEGIN + at)
}

impl Script {
    fn does(
        &mut self,
        at: i64,
        actor: Actor,
        category: &str,
        aggregate_id: Uuid,
        event_type: &str,
        data: Value,
    ) {
        let sequence = self.entries.len() as u64 + 1;
        let version = self.turns.entry(aggregate_id).and_modify(|turn| *turn += 1).or_insert(1);
        let request =
            Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{event_type} {aggregate_id} {at}").as_bytes());
        let service = match category {
            "user" => "auth",
            "ticket" => "tickets",
            "order" => "orders",
            _ => "payments",
        };
        self.entries.push(Entry {
            sequence,
            stored_at: time(at),
            category: category.to_owned(),
            aggregate_id,
            service: Some(service),
            event_id: Uuid::new_v5(&request, b"event"),
            event_type: event_type.to_owned(),
            version: *version,
            data,
            at: time(at),
            correlation_id: request,
            causation_id: Uuid::new_v5(&request, b"cause"),
            actor,
            traceparent: None,
        });
    }

    fn by(&mut self, at: i64, user: u8, category: &str, aggregate_id: Uuid, event_type: &str, data: Value) {
        self.does(at, Actor::User(id("user", user).into()), category, aggregate_id, event_type, data);
    }

    fn account(&mut self, at: i64, user: u8) {
        self.by(at, user, "user", id("user", user), "UserCreated", json!({ "roles": ["user"] }));
    }

    fn lists(&mut self, at: i64, seller: u8, ticket: u8) {
        let data = json!({
            "seller_id": id("user", seller), "title": "Parquet Courts", "category": "concert",
            "venue": "The Forum", "city": "Bath", "starts_at": time(90 * 86_400 * SECOND), "section": null,
            "row": "C", "seat": ticket.to_string(), "price": { "amount": 4_500, "currency": "EUR" },
        });
        self.by(at, seller, "ticket", id("ticket", ticket), "TicketCreated", data);
    }

    fn orders(&mut self, at: i64, buyer: u8, order: u8, ticket: u8) {
        let data = json!({
            "ticket_id": id("ticket", ticket), "buyer_id": id("user", buyer),
            "price": { "amount": 4_500, "currency": "EUR" }, "expires_at": time(at + TIME_TO_PAY),
        });
        self.by(at, buyer, "order", id("order", order), "OrderCreated", data);
    }

    fn pays(&mut self, at: i64, buyer: u8, order: u8, attempt: u32, said: CardsSaid) {
        let order_id = id("order", order);
        self.cards.insert((OrderId(order_id), attempt), said);
        self.by(at, buyer, "payment", order_id, "AuthorizationRequested", json!({ "attempt": attempt }));
    }

    fn cancels(&mut self, at: i64, buyer: u8, order: u8, ticket: u8) {
        let data = json!({ "ticket_id": id("ticket", ticket), "reason": "buyer" });
        self.by(at, buyer, "order", id("order", order), "OrderCancelled", data);
    }

    fn bans(&mut self, at: i64, admin: u8, user: u8) {
        self.by(at, admin, "user", id("user", user), "UserBanned", json!({ "banned_at": time(at) }));
    }

    fn played(self) -> Recording {
        let past = Past::made_up(self.entries);
        let mut plan = Plan::new(past, None);
        plan.scripted = self.cards;
        let mut run = Run::new(&Arc::new(plan), Changes::default()).unwrap();
        run.finish(|_, taken| {
            assert_eq!(taken.broken, None, "{}", taken.what);
            false
        });
        assert_eq!(run.at_rest(), None);
        let numbered = run.said.iter().enumerate().map(|(number, said)| Numbered {
            sequence: number as u64 + 1,
            stored: Stored {
                parcel: Parcel::Handed(Arc::new(said.message.clone())),
                stored_at: said.message.recorded.at,
            },
        });
        Recording::of(time(86_400 * SECOND), None, numbered.collect())
    }
}

fn people(script: &mut Script, count: u8) {
    for user in 1..=count {
        script.account(i64::from(user), user);
    }
}

fn purchase() -> Script {
    let mut script = Script::default();
    people(&mut script, 2);
    script.lists(SECOND, 1, 1);
    script.orders(5 * SECOND, 2, 1, 1);
    script.pays(25 * SECOND, 2, 1, 1, CardsSaid::Authorized);
    script
}

/// The buyer pays in the last moment, and the card answers in the first one after it.
fn expiry_race() -> Script {
    let mut script = Script::default();
    people(&mut script, 2);
    script.lists(SECOND, 1, 1);
    script.orders(5 * SECOND, 2, 1, 1);
    script.pays(5 * SECOND + TIME_TO_PAY - 5, 2, 1, 1, CardsSaid::Authorized);
    script
}

/// One who cancels while paying, and another who buys the ticket then.
fn cancellation() -> Script {
    let mut script = Script::default();
    people(&mut script, 3);
    script.lists(SECOND, 1, 1);
    script.orders(5 * SECOND, 2, 1, 1);
    script.pays(20 * SECOND, 2, 1, 1, CardsSaid::Authorized);
    script.cancels(20 * SECOND + 2, 2, 1, 1);
    script.orders(24 * SECOND, 3, 2, 1);
    script.pays(40 * SECOND, 3, 2, 1, CardsSaid::Authorized);
    script
}

fn declined_then_paid() -> Script {
    let mut script = Script::default();
    people(&mut script, 2);
    script.lists(SECOND, 1, 1);
    script.orders(5 * SECOND, 2, 1, 1);
    script.pays(25 * SECOND, 2, 1, 1, CardsSaid::Declined("insufficient_funds".to_owned()));
    script.pays(45 * SECOND, 2, 1, 2, CardsSaid::Authorized);
    script
}

/// A seller with one ticket that is held and one that is not, and a buyer who has not paid.
fn ban() -> Script {
    let mut script = Script::default();
    people(&mut script, 4);
    script.lists(SECOND, 1, 1);
    script.lists(2 * SECOND, 1, 2);
    script.lists(3 * SECOND, 2, 3);
    script.orders(5 * SECOND, 3, 1, 1);
    script.orders(6 * SECOND, 3, 2, 3);
    script.bans(60 * SECOND, 4, 1);
    script.bans(70 * SECOND, 4, 3);
    script
}

/// The bank wants to see that it is really the buyer, and does.
fn authentication() -> Script {
    let mut script = Script::default();
    people(&mut script, 2);
    script.lists(SECOND, 1, 1);
    script.orders(5 * SECOND, 2, 1, 1);
    script.pays(25 * SECOND, 2, 1, 1, CardsSaid::ActionRequired);
    let data = json!({ "payment_intent": "pi_1", "amount": { "amount": 4_500, "currency": "EUR" } });
    let looks = Actor::Service("payments".to_owned());
    script.does(40 * SECOND, looks, "payment", id("order", 1), "PaymentAuthorized", data);
    script
}

/// The order has accepted, and the money cannot be taken any more.
fn capture_failed() -> Script {
    let mut script = purchase();
    let lapsed = CardsSaid::CaptureRefused("charge_expired_for_capture".to_owned());
    script.cards.insert((OrderId(id("order", 1)), 0), lapsed);
    script
}

/// A history's name, and what people did in it.
pub(super) type History = (&'static str, fn() -> Script);

pub(super) const HISTORIES: [History; 7] = [
    ("purchase", purchase),
    ("expiry-race", expiry_race),
    ("cancellation", cancellation),
    ("declined-then-paid", declined_then_paid),
    ("ban", ban),
    ("authentication", authentication),
    ("capture-failed", capture_failed),
];

pub(super) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(format!("{name}.ndjson"))
}

/// What was recorded under this name.
pub(super) fn past(name: &str) -> Past {
    let recording = Recording::read(&file(name)).unwrap();
    Past::new(Vec::new(), recording.messages.iter().filter_map(Entry::read).collect()).unwrap()
}

#[test]
fn every_recorded_history_is_decided_as_it_was() {
    let may_add = option_env!("GOLDEN") == Some("new");
    for (name, script) in HISTORIES {
        let file = file(name);
        if may_add && !file.exists() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            script().played().write(&mut std::fs::File::create(&file).unwrap()).unwrap();
        }
        let plan = Arc::new(Plan::new(past(name), None));
        let mut run = Run::new(&plan, Changes::default()).unwrap();
        run.finish(|_, taken| {
            assert_eq!(taken.broken, None, "{name}: {}", taken.what);
            false
        });
        let recorded = Outcome::of_past(&plan.past);
        assert_eq!(recorded.deviations(&Outcome::of_run(&run, true)), [], "{name}");
        assert_eq!(run.at_rest(), None, "{name}");
        assert!(plan.inputs.without_cause.is_empty(), "{name}: {:?}", plan.inputs.without_cause);
        assert_eq!(run.notes, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_build_that_decides_otherwise_is_found_out() {
    for (name, lacking) in [
        ("expiry-race", Lacking::SaidAgain),
        ("expiry-race", Lacking::Void),
        ("expiry-race", Lacking::CancelledIsFinal),
    ] {
        let plan = Arc::new(Plan::new(past(name), Some(lacking)));
        let mut run = Run::new(&plan, Changes::default()).unwrap();
        run.finish(|_, _| false);
        let differences = Outcome::of_past(&plan.past).deviations(&Outcome::of_run(&run, false));
        assert_ne!(differences, [], "{name} without {lacking:?}");
    }
}

#[test]
fn every_event_of_selling_is_in_a_recorded_history() {
    let there: std::collections::BTreeSet<String> = HISTORIES
        .into_iter()
        .flat_map(|(name, _)| past(name).events.into_iter().map(|recorded| recorded.entry.event_type))
        .collect();
    for event_type in [
        "TicketReserved",
        "TicketReleased",
        "TicketSold",
        "TicketWithdrawn",
        "TicketWithdrawalRequested",
        "OrderAwaitingPayment",
        "OrderAccepted",
        "OrderCompleted",
        "OrderCancelled",
        "OrderExpired",
        "PaymentDeclined",
        "PaymentAuthorized",
        "ChargeCreated",
        "VoidRequested",
        "PaymentVoided",
        "PaymentActionRequired",
        "CaptureFailed",
        "SellerBanned",
        "BuyerBanned",
    ] {
        assert!(there.contains(event_type), "{event_type}");
    }
}
