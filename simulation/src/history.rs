//! One history: a seed's shop is opened, people come in, everything goes wrong, and then nothing does until all is at
//! rest.

mod disasters;
mod rest;
mod restoring;

pub(crate) use self::restoring::Restored;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::audit::Violation;
use crate::faults::Conditions;
use crate::machine::{Chance, Machine, Pid};
use crate::mutant::Mutant;
use crate::people::People;
use crate::shop::{Service, Shop};
use crate::sometimes::Met;
use crate::story::Story;
use crate::world::{ProcessState, World};

/// People who have not got what they wanted by then leave.
const CLOSING_US: u64 = 600_000_000;
/// All has to be at rest this long after the last fault: a dead letter is tried again after a minute, then after ten.
const QUIET_US: u64 = 1_500_000_000;
/// How often one looks whether it is.
const LOOK_EVERY_US: u64 = 500_000;
/// More than this no history needs.
const MOST_STEPS: u64 = 3_000_000;

/// Which history.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub conditions: Conditions,
    pub mutant: Option<Mutant>,
    /// The faults that are let through, by their numbers; all where there is none.
    pub only: Option<BTreeSet<u64>>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub violation: Option<Violation>,
    pub met: Met,
    pub steps: u64,
    /// How long it took on the machine's own clock, in microseconds.
    pub took_us: u64,
    pub placed: u64,
    pub completed: u64,
    pub faults: u64,
    /// The same for the same history, on every machine.
    pub trace: u64,
    pub story: Option<Story>,
}

impl Plan {
    pub fn of(seed: u64) -> Self {
        Self { seed, conditions: Conditions::of(seed), mutant: None, only: None }
    }

    pub fn with(self, mutant: Option<Mutant>) -> Self {
        Self { mutant, ..self }
    }

    pub fn run(&self) -> Outcome {
        History::open(self, false).run()
    }

    /// The same, with every line written down.
    pub fn told(&self) -> Outcome {
        History::open(self, true).run()
    }
}

struct History {
    machine: Machine,
    world: Arc<World>,
    shop: Arc<Shop>,
    people: Arc<People>,
}

impl History {
    fn open(plan: &Plan, is_told: bool) -> Self {
        let seed = plan.seed;
        let conditions = plan.conditions.clone();
        let mut chance = Chance::new(seed, "clocks");
        let mut skew = || {
            let most = conditions.skew_ms;
            chance.below(2 * most + 1) as i64 - most as i64
        };
        let mut processes = Vec::new();
        // Only an admin has anything to do with auth.
        for service in Service::ALL.into_iter().filter(|service| *service != Service::Auth || conditions.bans)
        {
            for replica in 0..conditions.replicas {
                let name = format!("{}-{replica}", service.name());
                processes.push(ProcessState::new(name, service as usize, skew()));
            }
        }
        let server_skew = Arc::new(AtomicI64::new(skew()));
        let machine = Machine::new(seed, processes.len());
        let count = processes.len();
        let world = World::new(
            machine.inside(),
            seed,
            plan.conditions.clone(),
            plan.mutant,
            plan.only.clone(),
            processes,
            is_told,
        );
        let world = Arc::new(world);
        // Servers are nobody's process, and never stop.
        let server = machine.inside().runtime(crate::machine::OUTSIDE, server_skew);
        let shop = Arc::new(Shop::new(Arc::clone(&world), &server));
        for pid in (1..=count).map(Pid) {
            disasters::start(&shop, pid);
        }
        let people = People::come(&shop, seed);
        Self { machine, world, shop, people }
    }

    fn run(mut self) -> Outcome {
        self.open_hours();
        if self.world.audit().violation.is_none() {
            self.quiet();
        }
        // Behind each door is a service that knows this world.
        for process in &self.world.processes {
            process.close();
        }
        let audit = self.world.audit();
        let completed = audit.orders.values().filter(|order| rest::is_complete(&order.state)).count() as u64;
        Outcome {
            violation: audit.violation.clone(),
            met: audit.met,
            steps: self.machine.steps(),
            took_us: self.world.inside.now_us(),
            placed: self.people.placed.load(Ordering::Relaxed),
            completed,
            faults: self.world.faults_thrown(),
            trace: self.machine.trace(),
            story: self.world.take_story(),
        }
    }

    /// Until everybody has what they wanted, or does not want it any more.
    fn open_hours(&mut self) {
        while !self.people.are_done() && self.world.inside.now_us() < CLOSING_US {
            if !self.step() {
                return;
            }
            if let Some(disaster) = self.world.disaster() {
                disasters::befall(&self.shop, disaster);
            }
        }
    }

    /// Nothing goes wrong any more, until nothing is left to do.
    fn quiet(&mut self) {
        disasters::are_over(&self.shop);
        let begun_us = self.world.inside.now_us();
        let mut look_us = begun_us;
        loop {
            let now_us = self.world.inside.now_us();
            if now_us >= look_us {
                look_us = now_us + LOOK_EVERY_US;
                let late = rest::late(&self.shop, begun_us);
                if let Some(late) = late {
                    self.world.audit().violated(late.invariant, late.told);
                    return;
                }
                let unrest = rest::unrest(&self.shop);
                let Some(unrest) = unrest else { return };
                if now_us - begun_us > QUIET_US {
                    self.world.audit().violated(unrest.invariant, unrest.told);
                    return;
                }
            }
            if !self.step() {
                return;
            }
        }
    }

    /// False when something is wrong, or nothing will ever happen again.
    fn step(&mut self) -> bool {
        if !self.machine.step() {
            self.world.audit().violated("something always goes on", "nothing is awake".to_owned());
            return false;
        }
        if self.machine.steps() > MOST_STEPS {
            self.world.audit().violated("every history ends", format!("{MOST_STEPS} steps"));
        }
        self.world.audit().violation.is_none()
    }
}
