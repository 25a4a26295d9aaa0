//! What may go wrong, and what of it a seed switches on.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::machine::Chance;

/// So many of any one disaster in a million steps, at most.
const MOST_OF_A_DISASTER: u64 = 6_000;

/// One thing that may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Fault {
    /// A process is killed between two steps.
    Kill,
    /// A process is stopped for 1 ms to 3 min, and has not noticed.
    Stop,
    /// A process's clock is set forward or back by up to 5 s.
    ClockJumps,
    /// A server cannot be reached for a while.
    ServerAway,
    /// A service's database is put back to an older copy, until somebody notices and puts the newest one in its place.
    StoreRestored,
    /// The bus loses its last messages.
    TailLost,
    /// The bus loses the stream and its consumers.
    StreamLost,
    /// Redis loses everything.
    TimersWiped,
    /// A question never arrives at its server.
    RequestLost,
    /// It arrives and is carried out, and the answer is lost.
    AnswerLost,
    /// It is reported as failed, and carried out later all the same.
    CarriedOutLate,
    /// A write that was seen by the server that took it is rolled back, and reported as unknown.
    RolledBack,
    /// A server is slow.
    Slow,
    /// A message is delivered twice.
    DeliveredTwice,
    /// A message comes after others that were published later.
    DeliveredOutOfOrder,
    /// An acknowledgement is lost.
    AckLost,
    /// A subscription breaks.
    SubscriptionBroken,
    /// The card processor fails before it carries out a call, and keeps that as its answer.
    CardsBrokenBefore,
    /// The same after it has carried it out.
    CardsBrokenAfter,
    /// The card processor gets a call twice.
    CardsAskedTwice,
    /// A caller goes away before the answer.
    CallerHangsUp,
}

impl Fault {
    pub const ALL: [Self; 21] = [
        Self::Kill,
        Self::Stop,
        Self::ClockJumps,
        Self::ServerAway,
        Self::StoreRestored,
        Self::TailLost,
        Self::StreamLost,
        Self::TimersWiped,
        Self::RequestLost,
        Self::AnswerLost,
        Self::CarriedOutLate,
        Self::RolledBack,
        Self::Slow,
        Self::DeliveredTwice,
        Self::DeliveredOutOfOrder,
        Self::AckLost,
        Self::SubscriptionBroken,
        Self::CardsBrokenBefore,
        Self::CardsBrokenAfter,
        Self::CardsAskedTwice,
        Self::CallerHangsUp,
    ];

    /// What befalls the world between two steps; all others happen to one question or one message.
    pub const DISASTERS: [Self; 8] = [
        Self::Kill,
        Self::Stop,
        Self::ClockJumps,
        Self::ServerAway,
        Self::StoreRestored,
        Self::TailLost,
        Self::StreamLost,
        Self::TimersWiped,
    ];

    /// The least and the most often, in a million steps or questions.
    fn rates(self) -> (u64, u64) {
        match self {
            Self::Kill => (200, MOST_OF_A_DISASTER),
            Self::Stop => (100, 1_000),
            Self::ClockJumps => (100, 1_000),
            Self::ServerAway => (100, 1_500),
            Self::StoreRestored => (100, 1_000),
            Self::TailLost | Self::StreamLost | Self::TimersWiped => (200, MOST_OF_A_DISASTER),
            Self::RequestLost | Self::AnswerLost | Self::Slow => (500, 50_000),
            Self::CarriedOutLate | Self::RolledBack => (500, 30_000),
            Self::DeliveredTwice | Self::DeliveredOutOfOrder | Self::AckLost => (2_000, 150_000),
            Self::SubscriptionBroken => (500, 20_000),
            Self::CardsBrokenBefore | Self::CardsBrokenAfter | Self::CardsAskedTwice => (5_000, 150_000),
            Self::CallerHangsUp => (5_000, 100_000),
        }
    }
}

/// What a seed makes of the world.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// By fault, how often in a million steps or questions.
    pub rates: [u32; Fault::ALL.len()],
    /// How many processes each service has.
    pub replicas: u64,
    /// How long a buyer has to pay.
    pub reservation: Duration,
    pub sellers: u64,
    pub tickets: u64,
    pub buyers: u64,
    /// How many tickets a buyer tries to get.
    pub wishes: u64,
    /// Whether an admin is about.
    pub bans: bool,
    /// How far clocks are apart, at most, in milliseconds.
    pub skew_ms: u64,
}

impl Conditions {
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed, "conditions");
        let mut rates = [0; Fault::ALL.len()];
        // One in eight is a fair day; on others each fault has its own even chance.
        let fair = chance.percent(12);
        for fault in Fault::ALL {
            let (least, most) = fault.rates();
            let rate = chance.spread(least, most) as u32;
            let is_on = chance.percent(35);
            rates[fault as usize] = if is_on && !fair { rate } else { 0 };
        }
        Self {
            rates,
            replicas: if chance.percent(20) { 2 } else { 1 },
            reservation: Duration::from_millis(chance.spread(2_000, 30_000)),
            sellers: chance.between(1, 2),
            tickets: chance.between(1, 5),
            buyers: chance.between(2, 4),
            wishes: chance.between(1, 4),
            bans: chance.percent(25),
            skew_ms: if chance.percent(40) { chance.spread(10, 2_500) } else { 0 },
        }
    }

    pub fn rate(&self, fault: Fault) -> u32 {
        self.rates[fault as usize]
    }
}

/// Decides for each chance of a fault whether it is taken.
pub(crate) struct Dice {
    chances: Vec<Chance>,
    disasters: Chance,
    /// For how long, which, how many.
    pub how: Chance,
    /// How many faults there were.
    thrown: u64,
    /// Only these, by their numbers; all where there is none.
    only: Option<BTreeSet<u64>>,
}

impl Dice {
    pub(crate) fn new(seed: u64, only: Option<BTreeSet<u64>>) -> Self {
        let chances = Fault::ALL.iter().map(|fault| Chance::nth(seed, "faults", *fault as u64)).collect();
        Self {
            chances,
            disasters: Chance::new(seed, "disasters"),
            how: Chance::new(seed, "how"),
            thrown: 0,
            only,
        }
    }

    pub(crate) fn strikes(&mut self, fault: Fault, in_a_million: u32) -> bool {
        in_a_million > 0 && self.chances[fault as usize].happens(in_a_million) && self.counts()
    }

    /// The disaster of one step, if there is one. Each has its own band of what is drawn, so that one more or less
    /// changes nothing about the others.
    pub(crate) fn disaster(&mut self, conditions: &Conditions) -> Option<Fault> {
        let drawn = self.disasters.below(1_000_000);
        let fault = *Fault::DISASTERS.get((drawn / MOST_OF_A_DISASTER) as usize)?;
        let strikes = drawn % MOST_OF_A_DISASTER < u64::from(conditions.rate(fault));
        (strikes && self.counts()).then_some(fault)
    }

    /// How many faults were thrown, those that were left out included.
    pub(crate) fn thrown(&self) -> u64 {
        self.thrown
    }

    fn counts(&mut self) -> bool {
        self.thrown += 1;
        self.only.as_ref().is_none_or(|only| only.contains(&self.thrown))
    }
}
