//! Who sells and who buys in the demo data. All are invented.

pub(super) struct Person {
    pub(super) email: &'static str,
    pub(super) name: &'static str,
}

/// One for all of them: they exist on this machine only.
pub(super) const PASSWORD: &str = "paper-lantern-encore";

pub(super) const SELLERS: [Person; 3] = [
    Person { email: "front-row@example.com", name: "Front Row Exchange" },
    Person { email: "spare-seats@example.com", name: "Spare Seats Club" },
    Person { email: "last-encore@example.com", name: "Last Encore Tickets" },
];

pub(super) const BUYERS: [Person; 2] = [
    Person { email: "night-owl@example.com", name: "Night Owl" },
    Person { email: "early-bird@example.com", name: "Early Bird" },
];
