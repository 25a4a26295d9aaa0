//! What is left to chance, drawn from a seed: the same on every machine. Whole numbers only.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng as _, SeedableRng as _};
use uuid::Uuid;

/// One stream of draws. What is drawn from one does not disturb another.
#[derive(Clone, Debug)]
pub(crate) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    /// The stream of this name under a seed.
    pub(crate) fn new(seed: u64, stream: &str) -> Self {
        Self::nth(seed, stream, 0)
    }

    /// One of several streams of the same name.
    pub(crate) fn nth(seed: u64, stream: &str, number: u64) -> Self {
        // FNV-1a: any mixing that never changes will do, the generator spreads it.
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let hash = seed
            .to_le_bytes()
            .into_iter()
            .chain(number.to_le_bytes())
            .chain(stream.bytes())
            .fold(0xcbf2_9ce4_8422_2325, mix);
        Self(Xoshiro256PlusPlus::seed_from_u64(hash))
    }

    /// From 0 to `end`, without it.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The high half of a product: as good as even for ends this small.
        ((u128::from(self.0.next_u64()) * u128::from(end.max(1))) >> 64) as u64
    }

    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// With a probability of so many in a million.
    pub(crate) fn happens(&mut self, in_a_million: u32) -> bool {
        in_a_million > 0 && self.below(1_000_000) < u64::from(in_a_million)
    }

    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.happens(percent * 10_000)
    }

    /// Between the two with every magnitude as likely as every other: mostly short, now and then long.
    pub(crate) fn spread(&mut self, first: u64, last: u64) -> u64 {
        let (low, high) = (first.max(1).ilog2(), last.max(1).ilog2());
        let magnitude = self.between(u64::from(low), u64::from(high)) as u32;
        let floor = 1_u64 << magnitude;
        self.between(floor, floor.saturating_mul(2) - 1).clamp(first, last)
    }

    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len() as u64) as usize]
    }

    pub(crate) fn uuid(&mut self, millis: u64) -> Uuid {
        let (high, low) = (self.0.next_u64(), self.0.next_u64());
        let mut random = [0; 10];
        random[..8].copy_from_slice(&high.to_le_bytes());
        random[8..].copy_from_slice(&low.to_le_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
