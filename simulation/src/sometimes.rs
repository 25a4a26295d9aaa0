//! What has to happen now and then, or the simulation shows nothing.

use std::fmt;

macro_rules! sometimes {
    ($($(#[doc = $said:literal])+ $name:ident),+ $(,)?) => {
        /// Something that many histories together must have met.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum Sometimes { $($(#[doc = $said])+ $name),+ }

        impl Sometimes {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// In words.
            pub fn said(self) -> &'static str {
                match self { $(Self::$name => concat!($($said),+)),+ }
            }
        }
    };
}

sometimes! {
    /// an order was complete
    Completed,
    /// an order expired
    Expired,
    /// an order was cancelled by its buyer
    CancelledByBuyer,
    /// an order was cancelled while its payment was under way
    CancelledWhilePaying,
    /// a cancelled order said so again
    CancelledAgain,
    /// a reservation was rejected
    ReservationRejected,
    /// a reservation was rejected since the price had changed
    PriceChanged,
    /// a ticket was released and reserved for another order
    ReservedAgain,
    /// a card was declined
    Declined,
    /// a buyer had to show the bank that it was really them
    ActionRequired,
    /// an authorisation was voided
    Voided,
    /// an authorisation that came too late was voided
    LateAuthorizationVoided,
    /// a payment was voided before it was ever opened
    VoidedUnopened,
    /// two replicas decided about one aggregate at once
    VersionConflict,
    /// the unique index refused an order
    IndexRefused,
    /// a write was carried out though it was reported as failed
    WrittenUnseen,
    /// a write was carried out long after it was reported as failed
    WrittenLate,
    /// a write was rolled back
    RolledBack,
    /// the bus ignored an event that it had already
    DuplicateIgnored,
    /// a store that was put back to an older copy was noticed, and nothing was written to it
    StoreRestored,
    /// the stream lost its tail
    TailLost,
    /// the stream was lost as a whole
    StreamLost,
    /// an event was published again after the stream had lost it
    Republished,
    /// a consumer was reset
    ConsumerReset,
    /// a consumer was set back to where the stream was last known
    ConsumerRewound,
    /// a message was delivered again
    Redelivered,
    /// a timer was claimed
    TimerClaimed,
    /// all timers were lost
    TimersWiped,
    /// an order said that it was asked to expire too early
    ExpiredTooEarly,
    /// a process was killed
    Killed,
    /// a process was stopped for a while
    Stopped,
    /// a process was stopped for more than a minute
    StoppedForLong,
    /// a clock was set
    ClockSet,
    /// a server was away
    ServerAway,
    /// the card processor failed under a key
    CardsBroken,
    /// a call to the card processor was made twice under one key
    CalledTwice,
    /// a caller got the same order for the same key
    SameOrderAgain,
    /// a seller changed the price of a ticket
    Repriced,
    /// a seller was told that a reserved ticket cannot be changed
    RepricingRefused,
    /// a listing was withdrawn
    Withdrawn,
    /// somebody was banned
    Banned,
    /// somebody was let in again
    Unbanned,
    /// an order ended since its buyer was banned
    CancelledForBan,
    /// a banned seller's ticket was withdrawn when its order let go of it
    WithdrawnOnRelease,
}

/// Which of them a history has met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met(u64);

impl Met {
    pub fn note(&mut self, sometimes: Sometimes) {
        self.0 |= 1 << (sometimes as u32);
    }

    pub fn has(self, sometimes: Sometimes) -> bool {
        self.0 & (1 << (sometimes as u32)) != 0
    }
}

impl fmt::Display for Sometimes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.said().trim())
    }
}

const _: () = assert!(Sometimes::ALL.len() <= 64);
