//! One history's world: its machine, its faults, what is watched, and the processes that are up.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auth::account::Account;
use axum::Router;
use eventsourcing::{Aggregates, Commit};
use tokio::sync::watch;

use crate::audit::{Audit, Watched};
use crate::faults::{Conditions, Dice, Fault};
use crate::machine::{Chance, Inside, Pid};
use crate::mutant::Mutant;
use crate::shop::Service;
use crate::sometimes::Sometimes;
use crate::story::Story;

/// A server that every process speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Server {
    Mongo,
    Nats,
    Redis,
    Stripe,
}

impl Server {
    pub(crate) const ALL: [Self; 4] = [Self::Mongo, Self::Nats, Self::Redis, Self::Stripe];
}

/// What everything in one history has in common.
pub(crate) struct World {
    pub inside: Arc<Inside>,
    pub conditions: Conditions,
    pub mutant: Option<Mutant>,
    /// Set once nothing goes wrong any more.
    calm: AtomicBool,
    dice: Mutex<Dice>,
    audit: Mutex<Audit>,
    /// Until when each server cannot be reached.
    away_until_us: [AtomicU64; Server::ALL.len()],
    /// By service, how often its database was replaced: what was on its way to the one before never arrives.
    replaced: [AtomicU64; Service::ALL.len()],
    /// How often the connection to the bus was made.
    pub connections: watch::Sender<u64>,
    pub processes: Vec<ProcessState>,
    story: Option<Mutex<Story>>,
}

/// What outlives a process, or is known of it by others.
pub(crate) struct ProcessState {
    pub name: String,
    pub service: usize,
    pub skew_ms: Arc<AtomicI64>,
    /// Where callers find it while it is up.
    door: Mutex<Option<Router>>,
    /// Where admins find it while it is up: their routes are not those of this door.
    accounts: Mutex<Option<Aggregates<Account>>>,
    pub is_up: AtomicBool,
    pub is_stopped: AtomicBool,
}

impl ProcessState {
    pub(crate) fn new(name: String, service: usize, skew_ms: i64) -> Self {
        Self {
            name,
            service,
            skew_ms: Arc::new(AtomicI64::new(skew_ms)),
            door: Mutex::default(),
            accounts: Mutex::default(),
            is_up: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn open(&self, router: Router) {
        *lock(&self.door) = Some(router);
    }

    pub(crate) fn seat(&self, accounts: Aggregates<Account>) {
        *lock(&self.accounts) = Some(accounts);
    }

    pub(crate) fn accounts(&self) -> Option<Aggregates<Account>> {
        lock(&self.accounts).clone()
    }

    pub(crate) fn close(&self) {
        *lock(&self.door) = None;
        *lock(&self.accounts) = None;
    }

    pub(crate) fn door(&self) -> Option<Router> {
        lock(&self.door).clone()
    }
}

impl World {
    pub(crate) fn new(
        inside: Arc<Inside>,
        seed: u64,
        conditions: Conditions,
        mutant: Option<Mutant>,
        only: Option<BTreeSet<u64>>,
        processes: Vec<ProcessState>,
        is_told: bool,
    ) -> Self {
        Self {
            inside,
            conditions,
            mutant,
            calm: AtomicBool::new(false),
            dice: Mutex::new(Dice::new(seed, only)),
            audit: Mutex::default(),
            away_until_us: Default::default(),
            replaced: Default::default(),
            connections: watch::channel(1).0,
            processes,
            story: is_told.then(Mutex::default),
        }
    }

    pub(crate) fn lacks(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// Whether this goes wrong now.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let rate = self.conditions.rate(fault);
        rate > 0 && !self.is_calm() && lock(&self.dice).strikes(fault, rate)
    }

    /// The disaster of this step, if there is one.
    pub(crate) fn disaster(&self) -> Option<Fault> {
        if self.is_calm() {
            return None;
        }
        lock(&self.dice).disaster(&self.conditions)
    }

    /// Draws how a fault turns out.
    pub(crate) fn how<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut lock(&self.dice).how)
    }

    pub(crate) fn faults_thrown(&self) -> u64 {
        lock(&self.dice).thrown()
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
        if self.is_away(Server::Nats) {
            self.reconnected();
        }
        for away in &self.away_until_us {
            away.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_away(&self, server: Server) -> bool {
        self.away_until_us[server as usize].load(Ordering::Relaxed) > self.inside.now_us()
    }

    pub(crate) fn goes_away(&self, server: Server, length_us: u64) {
        self.away_until_us[server as usize].store(self.inside.now_us() + length_us, Ordering::Relaxed);
    }

    /// Whoever holds a connection to the bus has made a new one.
    pub(crate) fn reconnected(&self) {
        self.connections.send_modify(|count| *count += 1);
    }

    /// Whether the connection to the bus is still this one, or any will do.
    pub(crate) fn is_connected_as(&self, connection: Option<u64>) -> bool {
        connection.is_none_or(|connection| *self.connections.borrow() == connection)
    }

    /// How often the database of this process was replaced.
    pub(crate) fn times_replaced(&self, pid: Pid) -> u64 {
        self.replaced[self.processes[pid.0 - 1].service].load(Ordering::Relaxed)
    }

    pub(crate) fn replaces(&self, service: Service) {
        self.replaced[service as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn audit(&self) -> MutexGuard<'_, Audit> {
        lock(&self.audit)
    }

    pub(crate) fn met(&self, sometimes: Sometimes) {
        self.audit().met.note(sometimes);
    }

    pub(crate) fn committed<D: Watched>(&self, pid: Pid, commit: &Commit<'_, D>) {
        self.tell(|story| {
            for recorded in commit.events {
                story.committed(self.inside.now_us(), &self.processes[pid.0 - 1].name, commit.id, recorded);
            }
        });
        self.audit().committed(commit);
    }

    /// What a person would read of it. Costs nothing where nobody does.
    pub(crate) fn tell(&self, told: impl FnOnce(&mut Story)) {
        if let Some(story) = &self.story {
            told(&mut lock(story));
        }
    }

    pub(crate) fn take_story(&self) -> Option<Story> {
        self.story.as_ref().map(|story| std::mem::take(&mut *lock(story)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
