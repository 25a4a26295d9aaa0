//! A shop that goes by a script: what its services say when somebody buys, at times that are always the same.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use contracts::catalogue::catalogue;
use contracts::orders::{
    CancellationReason, OrderAccepted, OrderAwaitingPayment, OrderCancelled, OrderCompleted, OrderCreated,
    OrderEvent,
};
use contracts::payments::{
    AuthorizationRequested, CaptureRequested, ChargeCreated, PaymentAuthorized, PaymentEvent,
    PaymentIntentCreated, PaymentOpened, PaymentVoided, VoidRequested,
};
use contracts::tickets::{
    Category, TicketCreated, TicketDetails, TicketEvent, TicketReleased, TicketReserved, TicketSold,
};
use contracts::timers::{OrderExpired, TimerEvent};
use contracts::users::{Role, UserCreated, UserEvent};
use contracts::{Currency, EventType, Money, OrderId, TicketId, Timestamp, UserId};
use eventsourcing::Actor;
use messaging::{Archive as _, Extent, MemoryBus, Selection};
use replay::recording::Recording;
use replay::stream::Stream;
use runtime::{RandomIds, Runtime, TokioTasks};
use serde_json::Value;
use testing::ManualClock;
use uuid::Uuid;

use crate::said::Say;

/// 2026-01-15T19:30:00Z.
const BEGIN: Timestamp = Timestamp::from_millis(1_768_505_400_000);
pub(crate) const PRICE: Money = Money::new(12_500, Currency::Usd);
const TIME_TO_PAY: Duration = Duration::from_secs(900);

pub(crate) const TICKET: Uuid = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_71c4_e700);
pub(crate) const ORDER: Uuid = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0de5_0001);
pub(crate) const OTHER_ORDER: Uuid = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0de5_0002);
pub(crate) const BUYER: UserId = UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_b0e5_0001));
pub(crate) const SELLER: UserId = UserId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_5e11_0001));

/// Events have ids of their own, and so do requests.
const EVENTS: u128 = 0x0197_0000_0000_7000_8000_000e_0000_0000;
const REQUESTS: u128 = 0x0197_0000_0000_7000_8000_000c_0000_0000;

pub(crate) struct Shop {
    pub(crate) stream: Stream,
    pub(crate) bus: MemoryBus,
    clock: ManualClock,
    said: AtomicU64,
    /// When the time to pay of the last order ends, in milliseconds.
    due: AtomicI64,
}

/// Why something is said.
#[derive(Clone, Copy)]
pub(crate) enum Why {
    /// Somebody asked for it, in this request.
    Asked(UserId, u64),
    /// Something else was said.
    Heard(Said),
    /// It was due since this was said.
    Due(Said),
}

#[derive(Clone, Copy)]
pub(crate) struct Said {
    event_id: Uuid,
    request: Uuid,
}

pub(crate) fn request(number: u64) -> Uuid {
    Uuid::from_u128(REQUESTS + u128::from(number))
}

impl Shop {
    pub(crate) fn open() -> Self {
        let clock = ManualClock::at(BEGIN);
        let tasks = Arc::new(TokioTasks::default());
        let bus = MemoryBus::new(Runtime::new(Arc::new(clock.clone()), Arc::new(RandomIds), tasks));
        // Who reads waits as people do.
        let reading = Runtime::real(TokioTasks::default());
        let stream = Stream::new(Arc::new(bus.clone()), reading, "the stream".to_owned(), false);
        Self { stream, bus, clock, said: AtomicU64::new(0), due: AtomicI64::new(0) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        use runtime::Clock as _;
        self.clock.now()
    }

    pub(crate) async fn pass(&self, millis: u64) {
        self.clock.pass(Duration::from_millis(millis)).await;
    }

    /// So many milliseconds later.
    pub(crate) async fn says<E: EventType>(
        &self,
        later: u64,
        why: Why,
        id: Uuid,
        event: impl Into<E>,
    ) -> Said {
        let event: E = event.into();
        let mut written = serde_json::to_value(&event).unwrap();
        self.writes(later, why, (E::CATEGORY, id, event.event_type()), written["data"].take()).await
    }

    /// The same for what no contract knows.
    pub(crate) async fn writes(
        &self,
        later: u64,
        why: Why,
        subject: (&str, Uuid, &str),
        data: Value,
    ) -> Said {
        self.pass(later).await;
        let number = self.said.fetch_add(1, Ordering::SeqCst) + 1;
        let event_id = Uuid::from_u128(EVENTS + u128::from(number));
        let speaker = catalogue().into_iter().find(|entry| entry.category == subject.0);
        let speaker = Actor::Service(speaker.map_or("nobody", |entry| entry.speaker).to_owned());
        let (causation_id, request, actor) = match why {
            Why::Asked(user, number) => (request(number), request(number), Actor::User(user)),
            Why::Heard(said) => (said.event_id, said.request, speaker),
            Why::Due(said) => (Uuid::from_u128(u128::from(number)), said.request, speaker),
        };
        let correlation_id = request;
        let say = Say { subject, event_id, causation_id, correlation_id, actor, at: self.now(), data };
        say.on(&self.bus).await;
        Said { event_id, request }
    }

    /// People have accounts, and one of them lists a ticket.
    pub(crate) async fn lists(&self) -> Said {
        for (person, number) in [(SELLER, 1), (BUYER, 2)] {
            let created = UserCreated { roles: vec![Role::User] };
            self.says::<UserEvent>(0, Why::Asked(person, number), person.0, created).await;
        }
        let created = TicketCreated { seller_id: SELLER, details: details() };
        self.says::<TicketEvent>(1_000, Why::Asked(SELLER, 3), TICKET, created).await
    }

    /// The ticket is held, and the order may be paid.
    pub(crate) async fn reserves(&self, order: Uuid, number: u64) -> Said {
        let placed = self.places(order, number).await;
        let reserved = TicketReserved {
            order_id: OrderId(order),
            buyer_id: BUYER,
            seller_id: SELLER,
            expires_at: self.due(),
            details: details(),
        };
        let reserved = self.says::<TicketEvent>(31, Why::Heard(placed), TICKET, reserved).await;
        let awaiting = OrderAwaitingPayment {
            ticket_id: TicketId(TICKET),
            buyer_id: BUYER,
            seller_id: SELLER,
            total: PRICE,
            expires_at: self.due(),
            ticket: details(),
        };
        let awaiting = self.says::<OrderEvent>(24, Why::Heard(reserved), order, awaiting).await;
        let opened = PaymentOpened { buyer_id: BUYER, amount: PRICE, expires_at: self.due() };
        self.says::<PaymentEvent>(18, Why::Heard(awaiting), order, opened).await;
        placed
    }

    pub(crate) async fn places(&self, order: Uuid, number: u64) -> Said {
        let ticket_id = TicketId(TICKET);
        let expires_at = self.now() + Duration::from_millis(60_000) + TIME_TO_PAY;
        self.due.store(expires_at.as_millis(), Ordering::SeqCst);
        let placed = OrderCreated { ticket_id, buyer_id: BUYER, price: Some(PRICE), expires_at };
        self.says::<OrderEvent>(60_000, Why::Asked(BUYER, number), order, placed).await
    }

    fn due(&self) -> Timestamp {
        Timestamp::from_millis(self.due.load(Ordering::SeqCst))
    }

    /// The buyer pays, and the card processor sets the money aside.
    pub(crate) async fn authorizes(&self, order: Uuid, number: u64) -> Said {
        let attempt = AuthorizationRequested { attempt: 1 };
        let asked = self.says::<PaymentEvent>(4_210, Why::Asked(BUYER, number), order, attempt).await;
        let payment_intent = "pi_scripted".to_owned();
        let created = PaymentIntentCreated { payment_intent: payment_intent.clone() };
        self.says::<PaymentEvent>(402, Why::Due(asked), order, created).await;
        let authorized = PaymentAuthorized { payment_intent, amount: PRICE };
        self.says::<PaymentEvent>(388, Why::Due(asked), order, authorized).await
    }

    /// And so to the end.
    pub(crate) async fn sells(&self, order: Uuid, authorized: Said) {
        let (order_id, ticket_id) = (OrderId(order), TicketId(TICKET));
        let accepted = OrderAccepted { ticket_id };
        let accepted = self.says::<OrderEvent>(22, Why::Heard(authorized), order, accepted).await;
        let capture = CaptureRequested {};
        let capture = self.says::<PaymentEvent>(19, Why::Heard(accepted), order, capture).await;
        let charge = ChargeCreated {
            payment_intent: "pi_scripted".to_owned(),
            charge: "ch_scripted".to_owned(),
            amount: PRICE,
        };
        let charge = self.says::<PaymentEvent>(350, Why::Due(capture), order, charge).await;
        let completed = OrderCompleted { ticket_id };
        let completed = self.says::<OrderEvent>(17, Why::Heard(charge), order, completed).await;
        let sold = TicketSold { order_id, buyer_id: BUYER, seller_id: SELLER, price: PRICE };
        self.says::<TicketEvent>(26, Why::Heard(completed), TICKET, sold).await;
    }

    /// A whole purchase.
    pub(crate) async fn trades() -> Self {
        let shop = Self::open();
        shop.lists().await;
        shop.reserves(ORDER, 4).await;
        let authorized = shop.authorizes(ORDER, 5).await;
        shop.sells(ORDER, authorized).await;
        shop
    }

    /// The payment comes when the time is just over: the order is cancelled, and says so again.
    pub(crate) async fn expires(&self, order: Uuid, placed: Said, authorized_late: bool) {
        let ticket_id = TicketId(TICKET);
        let expired = OrderExpired { expires_at: self.due() };
        let later = u64::try_from(self.due().since(self.now()).as_millis()).unwrap() + 4;
        let expired = self.says::<TimerEvent>(later, Why::Heard(placed), order, expired).await;
        let cancelled = || OrderCancelled { ticket_id, reason: CancellationReason::Expired };
        let first = self.says::<OrderEvent>(12, Why::Heard(expired), order, cancelled()).await;
        let released = TicketReleased { order_id: OrderId(order) };
        self.says::<TicketEvent>(15, Why::Heard(first), TICKET, released).await;
        let mut last = first;
        if authorized_late {
            let payment_intent = "pi_scripted".to_owned();
            let late = PaymentAuthorized { payment_intent, amount: PRICE };
            let late = self.says::<PaymentEvent>(3, Why::Due(first), order, late).await;
            last = self.says::<OrderEvent>(9, Why::Heard(late), order, cancelled()).await;
        }
        let asked = self.says::<PaymentEvent>(14, Why::Heard(last), order, VoidRequested {}).await;
        self.says::<PaymentEvent>(260, Why::Due(asked), order, PaymentVoided {}).await;
    }

    /// Keeps all of it in a file.
    pub(crate) async fn records(&self, file: &Path) {
        let all = self.bus.part(&Selection::everything(), 1, 10_000, Extent::Whole).await.unwrap();
        let mut out = std::fs::File::create(file).unwrap();
        Recording::of(self.now(), None, all).write(&mut out).unwrap();
    }
}

pub(crate) fn details() -> TicketDetails {
    TicketDetails {
        title: "The Paper Lanterns".to_owned(),
        category: Category::Concert,
        venue: "Harbour Hall".to_owned(),
        city: "Lisbon".to_owned(),
        starts_at: Timestamp::from_millis(1_810_000_000_000),
        section: Some("Stalls".to_owned()),
        row: Some("F".to_owned()),
        seat: Some("12".to_owned()),
        price: PRICE,
    }
}
