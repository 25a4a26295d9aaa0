//! Safeguards that can be taken out, one at a time, to see whether the simulation notices. What takes them out are the
//! ports and rules of this crate: no build of a service can reach it.

use std::fmt;

macro_rules! mutants {
    ($($name:ident = $slug:literal: $removed:literal),+ $(,)?) => {
        /// A shop that lacks something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mutant { $(#[doc = $removed] $name),+ }

        impl Mutant {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As the command line calls it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $slug),+ }
            }

            /// What it lacks.
            pub fn lacks(self) -> &'static str {
                match self { $(Self::$name => $removed),+ }
            }
        }
    };
}

mutants! {
    // Stores.
    VersionCheck = "version-check": "a commit does not look at the aggregate's version",
    CauseCheck = "cause-check": "nobody looks whether a cause was handled before",
    MajorityWrite = "majority-write": "a commit is acknowledged by one server, and may be rolled back",
    MajorityRead = "majority-read": "a read sees writes that may yet be rolled back",
    PublishedFirst = "published-first": "events are published before they are committed",
    MarkAtVersion = "mark-at-version": "a document is marked as published whatever its version is by then",
    UniqueIndex = "unique-index+ticket-held": "no unique index over active orders, and a held ticket may be reserved",
    Sweep = "relay-sweep": "nobody looks for what was left unpublished",
    Reconcile = "reconcile": "what a lost stream lacks is not published again",
    BehindGate = "behind-gate": "a store that lacks what the stream has is written to all the same",
    // The bus.
    BusCheck = "bus-check+message-id": "a publication does not name the message it follows, and the bus takes events twice",
    ConsumerReset = "consumer-reset": "a consumer that stands beyond the stream's end stays there",
    ConsumerRewind = "consumer-rewind": "a consumer is not set back when the stream may have changed behind its back",
    ConnectionCheck = "connection-check": "what was learned of a stream over one connection is used over the next",
    MessageId = "message-id+connection-check": "the bus does not look whether it has an event already, and neither does anybody else after a reconnect",
    AckAfterEffect = "ack-after-effect": "a message is acknowledged before its effect is committed",
    NeverGiveUp = "never-give-up": "a message is given up after three tries",
    // Timers.
    LeaseAndSweep = "timer-lease+overdue-sweep": "a timer is gone once it is claimed, and nobody looks for overdue orders",
    TimerRebuild = "timer-rebuild+consumer-reset": "lost timers are not set again, nor is what they were set for heard again",
    EarlyRetry = "early-expiry-retry": "an expiry that came too early is forgotten",
    OverdueSweep = "overdue-sweep": "nobody looks for overdue orders",
    // Cards.
    ManualCapture = "manual-capture": "the money is taken as soon as the card is authorised",
    IdempotencyKey = "idempotency-key": "each call to the card processor has a key of its own",
    IntentRecorded = "intent-recorded": "a call to the card processor is made before its intent is on the disk",
    CallsSwept = "calls-swept": "a call that a crash cut off is not made again",
    // Tickets.
    HolderCheck = "holder-check": "a release ends whoever's hold there is",
    SoldCheck = "unique-index+ticket-sold": "no unique index over active orders, and a sold ticket may be reserved again",
    PriceHeld = "price-held": "the price of a reserved ticket may be changed",
    PriceSeen = "price-seen": "the price that the buyer saw is not looked at",
    OwnTicket = "own-ticket": "people may buy their own tickets",
    WithdrawnWhileHeld = "withdrawn-while-held": "a reserved ticket may be withdrawn",
    ReleaseForgotten = "release": "a cancelled order does not release its ticket",
    // Orders.
    SaidAgain = "said-again": "a cancelled order stays silent when its ticket is reserved",
    CancelFinal = "cancelled-is-final": "a cancelled order accepts a payment",
    AcceptedFinal = "accepted-is-final": "an accepted order may be cancelled by its buyer",
    InTime = "in-time": "a payment that comes too late is accepted",
    NotEarly = "not-early": "an order expires whenever it is asked to",
    // Payments.
    VoidMark = "void-mark+said-again": "a payment that was voided before it was opened is opened later, and its order stays silent",
    VoidLate = "void": "what is set aside for a cancelled order is not given back",
    VoidWhilePaying = "void-while-paying+said-again": "a payment under way is not voided, and its order stays silent when it comes",
    SecretKept = "secret-kept": "a secret stands in an event",
}

impl Mutant {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mutant| mutant.name() == name)
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
