//! A consumer over the bus in memory, by a clock that is moved by hand, with a listener that does as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use contracts::Timestamp;
use runtime::{RandomIds, Runtime, TokioTasks};
use testing::ManualClock;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::conformance::message;
use crate::consumer::{Consumer, Rewinds};
use crate::{Bus as _, DeadLetters, Fault, Heard, Listener, MemoryBus, MemoryDeadLetters};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// What the listener does about one message, one time.
#[derive(Clone, Debug)]
pub(super) enum Reaction {
    Fault(Fault),
    Panic,
    /// Takes so long.
    Take(Duration),
}

pub(super) struct World {
    pub clock: ManualClock,
    pub bus: MemoryBus,
    pub letters: Arc<MemoryDeadLetters>,
    pub runtime: Runtime,
    pub rewinds: Rewinds,
    listener: Arc<Scripted>,
}

/// A consumer that was started.
#[derive(Clone)]
pub(super) struct Running {
    pub stop: CancellationToken,
    /// Cancelled once it has come to its end.
    pub ended: CancellationToken,
}

/// Which user's event, and of which version.
pub(super) type Said = (u128, u64);

struct Scripted {
    runtime: Runtime,
    script: Mutex<BTreeMap<Said, VecDeque<Reaction>>>,
    begun: Mutex<Vec<(Duration, Said)>>,
    done: Mutex<Vec<Said>>,
}

impl World {
    pub(super) fn new() -> Self {
        let clock = ManualClock::at(START);
        let runtime =
            Runtime::new(Arc::new(clock.clone()), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        let bus = MemoryBus::new(runtime.clone());
        let listener = Arc::new(Scripted {
            runtime: runtime.clone(),
            script: Mutex::default(),
            begun: Mutex::default(),
            done: Mutex::default(),
        });
        Self { clock, bus, letters: Arc::default(), runtime, rewinds: Rewinds::default(), listener }
    }

    /// The next times this event is heard the listener does so; after that it is handled.
    pub(super) fn script(&self, said: Said, reactions: impl IntoIterator<Item = Reaction>) {
        self.listener.script.lock().unwrap().insert(said, reactions.into_iter().collect());
    }

    pub(super) async fn say(&self, user: u128, version: u64) {
        let message = message(user, version);
        let last = self.bus.last(&message.category, message.id).await.unwrap();
        self.bus.publish(&message, last.map_or(0, |last| last.sequence)).await.unwrap();
    }

    /// A consumer that runs until it is told to stop.
    pub(super) fn start(&self) -> Running {
        self.start_with(self.letters.clone())
    }

    pub(super) fn start_with(&self, letters: Arc<dyn DeadLetters>) -> Running {
        let bus = Arc::new(self.bus.clone());
        let (runtime, rewinds) = (self.runtime.clone(), self.rewinds.clone());
        let consumer = Consumer::new(bus, self.listener.clone(), letters, runtime, rewinds);
        let running = Running { stop: CancellationToken::new(), ended: CancellationToken::new() };
        let (retrying, Running { stop, ended }) = (consumer.clone(), running.clone());
        self.runtime.spawn("consumer", async move {
            tokio::select! {
                () = consumer.work(&stop) => {}
                () = consumer.tell_what_is_in_hand() => {}
                () = retrying.retry_dead_letters() => {}
            }
            ended.cancel();
        });
        running
    }

    pub(super) async fn pass(&self, millis: u64) {
        self.clock.pass(Duration::from_millis(millis)).await;
    }

    /// Which events were begun, and when.
    pub(super) fn begun(&self) -> Vec<(Duration, Said)> {
        self.listener.begun.lock().unwrap().clone()
    }

    /// Which events were handled, in this order.
    pub(super) fn done(&self) -> Vec<Said> {
        self.listener.done.lock().unwrap().clone()
    }

    pub(super) async fn letters(&self) -> u64 {
        self.letters.count().await.unwrap()
    }
}

#[async_trait]
impl Listener for Scripted {
    fn service(&self) -> &'static str {
        "scripted"
    }

    fn hears(&self) -> &'static [(&'static str, &'static str)] {
        &[("user", "UserUpdated")]
    }

    fn lane(&self, heard: &Heard) -> Uuid {
        heard.aggregate_id
    }

    async fn hear(&self, heard: &Heard) -> Result<(), Fault> {
        let said = (heard.aggregate_id.as_u128(), heard.version);
        self.begun.lock().unwrap().push((self.runtime.now().since(START), said));
        let reaction = self.script.lock().unwrap().get_mut(&said).and_then(VecDeque::pop_front);
        match reaction {
            None => {}
            Some(Reaction::Fault(fault)) => return Err(fault),
            Some(Reaction::Panic) => panic!("as it was told"),
            Some(Reaction::Take(duration)) => self.runtime.sleep(duration).await,
        }
        self.done.lock().unwrap().push(said);
        Ok(())
    }
}
