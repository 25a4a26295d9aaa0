//! Everything random, drawn from a seed: the same seed and the same number of draws give the same result.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Draws {
    seed: String,
    pub(crate) count: u64,
}

impl Draws {
    pub(crate) fn new(seed: impl Into<String>) -> Self {
        Self { seed: seed.into(), count: 0 }
    }

    /// An id in Stripe's form, such as `pi_3Abc…`: the prefix and `length` characters.
    pub(crate) fn id(&mut self, prefix: &str, length: usize) -> String {
        let block = self.next_block();
        let tail = block.iter().cycle().take(length).map(|byte| char::from(BASE_62[usize::from(*byte) % 62]));
        prefix.chars().chain(tail).collect()
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        if probability <= 0.0 {
            return false;
        }
        let block = self.next_block();
        let [a, b, c, d, ..] = block;
        f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX) < probability
    }

    fn next_block(&mut self) -> [u8; 32] {
        self.count += 1;
        Sha256::new().chain_update(&self.seed).chain_update(self.count.to_be_bytes()).finalize().into()
    }
}
