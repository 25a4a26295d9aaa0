//! What every store promises, in one suite: each promise is a test over memory and one over a real MongoDB.

mod bench;
mod commits;
mod counter;
mod once;
mod publication;
mod queries;
mod uniqueness;

pub(crate) use bench::Bench;
pub(crate) use counter::{Counter, CounterEvent, CounterRejection, Do, cause, id, schema, write};

/// Makes a test of each promise for each store.
macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(&crate::conformance::Bench::memory()).await;
            })+
        }

        mod mongo {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise(&crate::conformance::Bench::mongo().await).await;
            })+
        }
    };
}
pub(crate) use promises;
