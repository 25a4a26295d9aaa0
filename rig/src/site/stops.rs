//! Where a tour of the site stops: each page, in each state that people may find it in.

/// Who looks at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    Seller,
    Buyer,
    /// Has neither sold nor bought.
    Newcomer,
    Admin,
}

#[derive(Clone, Debug)]
pub struct Stop {
    /// Of its picture: letters and hyphens.
    pub name: &'static str,
    pub who: Who,
    pub at: At,
    /// What they do there before anybody looks.
    pub then: &'static [Then],
}

/// By the names that a screen reader says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Press(&'static str),
    Choose(&'static str, &'static str),
}

/// What is to be found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Path(&'static str),
    /// The page of a ticket.
    Ticket(Ticket),
    /// The form to change it.
    Change(Ticket),
    /// The question whether it is to be withdrawn.
    Withdraw(Ticket),
    /// The page of an order.
    Order(Order),
    /// Of the complete order, the code at the door.
    Door,
    /// A code that is not ours.
    WrongDoor,
    /// Of an admin: the buyer's page.
    Person,
    /// Of an admin: the question whether that one is to be banned.
    Ban,
    /// Of an admin: what became of the complete order.
    Story,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticket {
    Available,
    Reserved,
    Sold,
    Withdrawn,
    /// With names as long as names may be, from right to left, and with what is no letter at all.
    Long,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Placed just before somebody looks.
    AwaitingPayment,
    Complete,
    Cancelled,
    Expired,
    PriceChanged,
}

const fn stop(name: &'static str, who: Who, at: At) -> Stop {
    Stop { name, who, at, then: &[] }
}

const fn after(name: &'static str, who: Who, at: At, then: &'static [Then]) -> Stop {
    Stop { name, who, at, then }
}

#[rustfmt::skip]
pub(super) const STOPS: [Stop; 49] = [
    stop("listings", Who::Nobody, At::Path("/")),
    stop("listings-filtered", Who::Nobody, At::Path("/?q=harbour&category=concert&city=Lisbon&sort=price")),
    stop("listings-empty", Who::Nobody, At::Path("/?q=nothing+like+this")),
    stop("ticket", Who::Nobody, At::Ticket(Ticket::Available)),
    stop("ticket-own", Who::Seller, At::Ticket(Ticket::Available)),
    stop("ticket-reserved", Who::Nobody, At::Ticket(Ticket::Reserved)),
    stop("ticket-sold", Who::Nobody, At::Ticket(Ticket::Sold)),
    stop("ticket-withdrawn", Who::Nobody, At::Ticket(Ticket::Withdrawn)),
    stop("ticket-long-names", Who::Nobody, At::Ticket(Ticket::Long)),
    stop("sign-in", Who::Nobody, At::Path("/sign-in")),
    after("sign-in-refused", Who::Nobody, At::Path("/sign-in"), &[Then::Press("Sign in")]),
    stop("sign-up", Who::Nobody, At::Path("/sign-up")),
    after("sign-up-refused", Who::Nobody, At::Path("/sign-up"), &[Then::Press("Open an account")]),
    stop("account", Who::Buyer, At::Path("/account")),
    stop("sell-before-signing-in", Who::Nobody, At::Path("/sell")),
    stop("sell", Who::Seller, At::Path("/sell")),
    after("sell-refused", Who::Seller, At::Path("/sell"), &[Then::Press("List it")]),
    stop("sell-withdraw", Who::Seller, At::Withdraw(Ticket::Available)),
    stop("sell-change", Who::Seller, At::Change(Ticket::Available)),
    stop("my-listings", Who::Seller, At::Path("/listings")),
    stop("my-listings-empty", Who::Newcomer, At::Path("/listings")),
    stop("checkout", Who::Buyer, At::Order(Order::AwaitingPayment)),
    after("checkout-without-a-card", Who::Buyer, At::Order(Order::AwaitingPayment), &[Then::Press("Pay")]),
    after("checkout-declined", Who::Buyer, At::Order(Order::AwaitingPayment),
        &[Then::Choose("Card", "Visa 0002"), Then::Press("Pay")]),
    stop("order-complete", Who::Buyer, At::Order(Order::Complete)),
    stop("order-cancelled", Who::Buyer, At::Order(Order::Cancelled)),
    stop("order-expired", Who::Buyer, At::Order(Order::Expired)),
    stop("order-price-changed", Who::Buyer, At::Order(Order::PriceChanged)),
    stop("my-orders", Who::Buyer, At::Path("/orders")),
    stop("my-orders-empty", Who::Newcomer, At::Path("/orders")),
    stop("door", Who::Seller, At::Path("/door")),
    stop("door-with-a-code", Who::Seller, At::Door),
    stop("door-with-a-wrong-code", Who::Seller, At::WrongDoor),
    after("door-admitted", Who::Seller, At::Door, &[Then::Press("Admit")]),
    after("door-not-a-ticket", Who::Seller, At::WrongDoor, &[Then::Press("Admit")]),
    stop("admin-people", Who::Admin, At::Path("/admin/people")),
    stop("admin-people-nobody", Who::Admin, At::Path("/admin/people?q=nobody+at+all")),
    stop("admin-person", Who::Admin, At::Person),
    stop("admin-ban", Who::Admin, At::Ban),
    after("admin-ban-refused", Who::Admin, At::Ban, &[Then::Press("Ban this person")]),
    stop("admin-orders", Who::Admin, At::Path("/admin/orders")),
    stop("admin-audit", Who::Admin, At::Path("/admin/audit")),
    stop("admin-live", Who::Admin, At::Path("/admin/live")),
    stop("admin-story", Who::Admin, At::Story),
    stop("not-found", Who::Nobody, At::Path("/no-such-page")),
    stop("not-found-ticket", Who::Nobody, At::Path("/tickets/0197f000-0000-7000-8000-000000000001")),
    stop("forbidden", Who::Newcomer, At::Path("/admin/people")),
    stop("not-my-order", Who::Newcomer, At::Order(Order::Complete)),
    stop("sign-in-after-signing-out", Who::Nobody, At::Path("/sign-in?notice=signed-out&next=%2Forders")),
];
