//! What every bus promises, and what relay, reconciliation and consumer make of it, in one suite: each promise is a
//! test over memory and one over a real NATS server.

mod bench;
mod cut_bus;
mod durables;
mod following;
mod looking_back;
mod profile;
mod reconciling;
mod relaying;
mod service;
mod stream;

pub(crate) use bench::{Bench, id, message, of_type};
pub(crate) use cut_bus::CutBus;
pub(crate) use profile::{Profile, Say, cause};

/// Makes a test of each promise for each bus.
macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(&crate::conformance::Bench::memory()).await;
            })+
        }

        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(&crate::conformance::Bench::jetstream().await).await;
            })+
        }
    };
}
pub(crate) use promises;
