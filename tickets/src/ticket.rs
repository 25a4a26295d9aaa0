//! Decides what happens to a ticket. It is sold at most once, and nobody else's copy of it decides anything.

mod listing;

use contracts::tickets::{
    ReservationRefusal, TicketAdmitted, TicketCreated, TicketDetails, TicketEvent, TicketReleased,
    TicketReserved, TicketSold, TicketUpdated, TicketWithdrawalRequested, TicketWithdrawn,
};
use contracts::{Money, OrderId, Timestamp, UserId};
use eventsourcing::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use listing::{Bought, Held, Listing, Offer, TicketChanges};

/// A ticket, from its listing to its sale.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Ticket {
    #[default]
    Unlisted,
    Available(Offer),
    /// Held for one order, which pays for it or lets go of it.
    Reserved(Held),
    Sold(Bought),
    Withdrawn(Listing),
}

#[derive(Clone, Debug)]
pub enum TicketCommand {
    Create {
        seller: UserId,
        details: TicketDetails,
        now: Timestamp,
    },
    Update {
        by: UserId,
        changes: TicketChanges,
        /// The ticket as its seller saw it: another one is not changed.
        seen: Option<Box<Ticket>>,
        now: Timestamp,
    },
    Withdraw {
        by: UserId,
        /// The ticket as its seller saw it: another one is not withdrawn.
        seen: Option<Box<Ticket>>,
    },
    /// Its seller was banned.
    WithdrawForBan,
    Reserve(Wish),
    /// Ends the hold of this order and of no other.
    Release {
        order_id: OrderId,
    },
    Sell {
        order_id: OrderId,
    },
    /// Somebody is at the door with the code of this order's ticket.
    Admit {
        by: Doorkeeper,
        order_id: OrderId,
        now: Timestamp,
    },
}

/// Who may let people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doorkeeper {
    /// Only with the tickets that they sell.
    Seller(UserId),
    Admin,
}

/// What an order wants the ticket for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub order_id: OrderId,
    pub buyer_id: UserId,
    /// The price the buyer saw, where the buyer said it.
    pub price: Option<Money>,
    /// When the order's time to pay ends.
    pub expires_at: Timestamp,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketRejection {
    NotListed,
    NotYours,
    Reserved,
    Sold,
    Withdrawn,
    StartsInThePast,
    /// It is not as it was seen any more.
    Stale,
    /// The order does not get it.
    Refused(ReservationRefusal),
    /// The order that was paid for does not hold it, which must never happen.
    NotHeld,
    /// The order did not buy it, so nobody is let in with it.
    NotBought,
}

/// What is kept beside the events of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPrivate {
    /// Of the request that made it, where that had an idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<String>,
    /// The cause of its admission: whoever asks under it is the one who let somebody in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<Uuid>,
}

impl Decider for Ticket {
    type Command = TicketCommand;
    type Event = TicketEvent;
    type Rejection = TicketRejection;
    type Private = TicketPrivate;

    fn decide(&self, command: &TicketCommand) -> Result<Vec<TicketEvent>, TicketRejection> {
        use TicketCommand::{Admit, Create, Release, Reserve, Sell, Update, Withdraw, WithdrawForBan};
        use TicketRejection as No;

        match (self, command) {
            (Self::Unlisted, Create { details, now, .. }) if details.starts_at <= *now => {
                Err(No::StartsInThePast)
            }
            (Self::Unlisted, Create { seller, details, .. }) => {
                Ok(vec![TicketCreated { seller_id: *seller, details: details.clone() }.into()])
            }
            (Self::Available(_) | Self::Reserved(_) | Self::Sold(_) | Self::Withdrawn(_), Create { .. }) => {
                Ok(vec![])
            }

            (Self::Unlisted, Update { .. } | Withdraw { .. } | WithdrawForBan | Admit { .. }) => {
                Err(No::NotListed)
            }
            (_, Update { by, .. } | Withdraw { by, .. }) if !self.is_listed_by(*by) => Err(No::NotYours),
            (Self::Reserved(_), Update { .. } | Withdraw { .. }) => Err(No::Reserved),
            (Self::Sold(_), Update { .. } | Withdraw { .. }) => Err(No::Sold),
            (Self::Withdrawn(_), Update { .. }) => Err(No::Withdrawn),
            (Self::Withdrawn(_), Withdraw { .. }) => Ok(vec![]),
            (Self::Available(_), Update { seen: Some(seen), .. } | Withdraw { seen: Some(seen), .. })
                if **seen != *self =>
            {
                Err(No::Stale)
            }
            (Self::Available(offer), Update { changes, now, .. }) => update(offer, changes, *now),
            (Self::Available(_), Withdraw { .. } | WithdrawForBan) => Ok(vec![TicketWithdrawn {}.into()]),
            (Self::Reserved(held), WithdrawForBan) if held.withdrawal_requested => Ok(vec![]),
            (Self::Reserved(held), WithdrawForBan) => {
                Ok(vec![TicketWithdrawalRequested { order_id: held.order_id }.into()])
            }
            (Self::Sold(_) | Self::Withdrawn(_), WithdrawForBan) => Ok(vec![]),

            (_, Reserve(wish)) => self.reserve(wish),

            (Self::Reserved(held), Release { order_id }) if held.order_id == *order_id => Ok(released(held)),
            (_, Release { .. }) => Ok(vec![]),

            (Self::Reserved(held), Sell { order_id }) if held.order_id == *order_id => Ok(vec![sold(held)]),
            (Self::Sold(bought), Sell { order_id }) if bought.order_id == *order_id => Ok(vec![]),
            (_, Sell { .. }) => Err(No::NotHeld),

            (_, Admit { by: Doorkeeper::Seller(by), .. }) if !self.is_listed_by(*by) => Err(No::NotYours),
            (Self::Sold(bought), Admit { order_id, now, .. }) if bought.order_id == *order_id => {
                Ok(admitted(bought, *now))
            }
            (_, Admit { .. }) => Err(No::NotBought),
        }
    }

    fn evolve(self, event: &TicketEvent) -> Self {
        match (self, event) {
            (_, TicketEvent::TicketCreated(created)) => {
                Self::Available(Offer::new(created.seller_id, created.details.clone()))
            }
            (Self::Available(offer), TicketEvent::TicketUpdated(updated)) => {
                Self::Available(Offer::new(offer.listing.seller_id, updated.details.clone()))
            }
            (Self::Available(offer), TicketEvent::TicketReserved(reserved)) => Self::Reserved(Held {
                offer,
                order_id: reserved.order_id,
                buyer_id: reserved.buyer_id,
                expires_at: reserved.expires_at,
                withdrawal_requested: false,
            }),
            (Self::Reserved(held), TicketEvent::TicketWithdrawalRequested(_)) => {
                Self::Reserved(Held { withdrawal_requested: true, ..held })
            }
            (Self::Reserved(held), TicketEvent::TicketReleased(_)) => Self::Available(held.offer),
            (Self::Reserved(held), TicketEvent::TicketSold(sold)) => Self::Sold(Bought {
                listing: held.offer.listing,
                order_id: sold.order_id,
                buyer_id: sold.buyer_id,
                admitted_at: None,
            }),
            (Self::Sold(bought), TicketEvent::TicketAdmitted(admitted)) => {
                Self::Sold(Bought { admitted_at: Some(admitted.admitted_at), ..bought })
            }
            (Self::Available(offer), TicketEvent::TicketWithdrawn(_)) => Self::Withdrawn(offer.listing),
            (
                state,
                TicketEvent::TicketUpdated(_)
                | TicketEvent::TicketReserved(_)
                | TicketEvent::TicketWithdrawalRequested(_)
                | TicketEvent::TicketReleased(_)
                | TicketEvent::TicketSold(_)
                | TicketEvent::TicketAdmitted(_)
                | TicketEvent::TicketWithdrawn(_),
            ) => state,
        }
    }
}

impl Ticket {
    /// What is or was for sale, and who sells it; none before it is listed.
    pub fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Unlisted => None,
            Self::Available(offer) => Some(&offer.listing),
            Self::Reserved(held) => Some(&held.offer.listing),
            Self::Sold(bought) => Some(&bought.listing),
            Self::Withdrawn(listing) => Some(listing),
        }
    }

    fn is_listed_by(&self, user: UserId) -> bool {
        self.listing().is_some_and(|listing| listing.seller_id == user)
    }

    /// The order of the rules is the order in which a buyer wants to hear of them.
    fn reserve(&self, wish: &Wish) -> Result<Vec<TicketEvent>, TicketRejection> {
        use ReservationRefusal as Why;

        let refused = |why| Err(TicketRejection::Refused(why));
        let (offer, held) = match self {
            Self::Unlisted => return refused(Why::TicketNotFound),
            Self::Reserved(held) if held.order_id == wish.order_id => return Ok(vec![]),
            Self::Sold(bought) if bought.order_id == wish.order_id => return Ok(vec![]),
            Self::Sold(_) => return refused(Why::TicketSold),
            Self::Withdrawn(_) => return refused(Why::TicketWithdrawn),
            Self::Available(offer) => (offer, false),
            Self::Reserved(held) => (&held.offer, true),
        };
        let Listing { seller_id, details } = &offer.listing;
        if details.starts_at <= wish.now {
            return refused(Why::TicketPast);
        }
        if *seller_id == wish.buyer_id {
            return refused(Why::OwnTicket);
        }
        if held {
            return refused(Why::TicketReserved);
        }
        if wish.price.is_some_and(|price| price != details.price) {
            return refused(Why::PriceChanged);
        }
        let reserved = TicketReserved {
            order_id: wish.order_id,
            buyer_id: wish.buyer_id,
            seller_id: *seller_id,
            expires_at: wish.expires_at,
            details: details.clone(),
        };
        Ok(vec![reserved.into()])
    }
}

fn update(
    offer: &Offer,
    changes: &TicketChanges,
    now: Timestamp,
) -> Result<Vec<TicketEvent>, TicketRejection> {
    let details = changes.applied_to(&offer.listing.details);
    if details == offer.listing.details {
        return Ok(vec![]);
    }
    if details.starts_at <= now {
        return Err(TicketRejection::StartsInThePast);
    }
    Ok(vec![TicketUpdated { details }.into()])
}

fn released(held: &Held) -> Vec<TicketEvent> {
    let mut events = vec![TicketReleased { order_id: held.order_id }.into()];
    if held.withdrawal_requested {
        events.push(TicketWithdrawn {}.into());
    }
    events
}

/// Once only.
fn admitted(bought: &Bought, now: Timestamp) -> Vec<TicketEvent> {
    match bought.admitted_at {
        Some(_) => vec![],
        None => vec![TicketAdmitted { order_id: bought.order_id, admitted_at: now }.into()],
    }
}

fn sold(held: &Held) -> TicketEvent {
    let Listing { seller_id, details } = &held.offer.listing;
    TicketSold {
        order_id: held.order_id,
        buyer_id: held.buyer_id,
        seller_id: *seller_id,
        price: details.price,
    }
    .into()
}

#[cfg(test)]
mod tests;
