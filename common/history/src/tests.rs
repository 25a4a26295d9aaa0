//! The same over memory and over a real NATS server.

mod bench;
mod following;
mod slicing;
mod telling;

/// Makes a test of each promise for each stream.
macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(&crate::tests::bench::Bench::memory()).await;
            })+
        }

        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(&crate::tests::bench::Bench::jetstream().await).await;
            })+
        }
    };
}
use promises;
