//! `republish`: the stream is told again what the stores know and it lacks, by the services' own relay: each event once,
//! in its aggregate's order, whoever else publishes, and however often this is stopped and started again.
//!
//! - `plan.rs` finds out what the stream lacks, and where it tells another history.

mod plan;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use eventsourcing::Outbox;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use messaging::{Archive, JetStream, Relay, RelayError};
use runtime::{Runtime, TokioTasks};
use uuid::Uuid;

use crate::Failure;
use crate::commands::Servers;
use crate::kinds::Kind;
use crate::repair::tails::Tails;
use crate::repair::{Permission, Repair};
use crate::stores::{self, DATABASES, Stores};
use crate::terminal::Terminal;

use plan::Plan;

const AT_ONCE: usize = 32;
/// A connection that was lost is there again sooner.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Whose events: auth, tickets, orders, payments; all of them unless any is given
    #[arg(value_parser = stores::service, value_name = "SERVICE")]
    services: Vec<&'static str>,
    /// Print the outcome as JSON, a line for each kind of aggregate
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    permission: Permission,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let by = arguments.permission.given()?;
    let services: Vec<&'static str> = DATABASES
        .into_iter()
        .filter(|service| arguments.services.is_empty() || arguments.services.contains(service))
        .collect();
    let runtime = Runtime::real(TokioTasks::default());
    let stores = servers.stores.open_some(&services).await?;
    let bus = servers.stream.open_lost_bus(runtime.clone(), by.is_some()).await?;
    if !arguments.json {
        announce(terminal, &services, by.is_some(), bus.is_some())?;
    }
    let republish = Republish { stores: &stores, runtime: &runtime, bus: bus.map(Arc::new), terminal };
    let kinds: Vec<Kind> = services.iter().flat_map(|service| Kind::of_service(service)).collect();
    let (outboxes, mut plans) = republish.plan(&kinds, by.is_some()).await?;
    if let Some(by) = by {
        republish.publish(by, &services, &outboxes, &mut plans).await?;
    }
    conclude(terminal, arguments.json, &plans, by.is_some())
}

struct Republish<'a> {
    stores: &'a Stores,
    runtime: &'a Runtime,
    /// None where there is no stream, and none is to be made.
    bus: Option<Arc<JetStream>>,
    terminal: &'a Terminal,
}

type Outboxes = Vec<Arc<dyn Outbox>>;

impl Republish<'_> {
    /// The stream is read before the stores: so what it tells and they lack is no event that came meanwhile.
    async fn plan(&self, kinds: &[Kind], writes: bool) -> Result<(Outboxes, Vec<Plan>), Failure> {
        let tails = match &self.bus {
            Some(bus) => {
                Tails::read(bus.as_ref() as &dyn Archive, kinds, self.runtime, self.terminal).await?
            }
            None => Tails::default(),
        };
        let (mut outboxes, mut plans) = (Vec::new(), Vec::new());
        for kind in kinds {
            let Some(database) = self.stores.of(kind.service) else { continue };
            let outbox = kind.outbox(database, self.runtime, writes).await?;
            plans.push(Plan::of(*kind, outbox.as_ref(), &tails).await?);
            outboxes.push(outbox);
        }
        Ok((outboxes, plans))
    }

    async fn publish(
        &self,
        by: &str,
        services: &[&'static str],
        outboxes: &[Arc<dyn Outbox>],
        plans: &mut [Plan],
    ) -> Result<(), Failure> {
        let Some(bus) = self.bus.clone() else { return Ok(()) };
        let mut repairs = Vec::new();
        for service in services {
            let Some(database) = self.stores.of(service) else { continue };
            repairs.push((*service, Repair::begin(database, self.runtime, by, "republish", service).await?));
        }
        let relay = Relay::new(bus, self.runtime.clone());
        let bar = self.terminal.progress("publishing", plans.iter().map(|plan| plan.events).sum());
        for (outbox, plan) in outboxes.iter().zip(plans.iter_mut()) {
            let lacking = std::mem::take(&mut plan.lacking);
            let publish = async |(id, events): (Uuid, u64)| {
                let is_told = self.one(&relay, outbox.as_ref(), id).await?;
                bar.inc(events);
                Ok::<_, Failure>((id, events, is_told))
            };
            let mut told = stream::iter(lacking).map(publish).buffer_unordered(AT_ONCE);
            while let Some((id, events, is_told)) = told.try_next().await? {
                plan.note(id, events, is_told);
            }
        }
        bar.finish_and_clear();
        for (service, repair) in repairs {
            let of_service = plans.iter().filter(|plan| plan.kind.service == service);
            let words: Vec<String> = of_service.map(|plan| plan.in_words(true)).collect();
            repair.end(&words.join("; ")).await?;
        }
        Ok(())
    }

    /// Not told where the stream turned out to tell another history of it.
    async fn one(&self, relay: &Relay, outbox: &dyn Outbox, id: Uuid) -> Result<bool, Failure> {
        let mut tries = 0;
        loop {
            match relay.publish(outbox, id).await {
                Ok(()) => return Ok(true),
                Err(RelayError::Fenced) => return Ok(false),
                Err(RelayError::Store(error)) => return Err(error.into()),
                Err(RelayError::Bus(error)) if tries == TRIES => {
                    let why = format!("does not take what it is told, or not from this user: {}", error.0);
                    return Err(Failure::unreachable("the stream", why));
                }
                Err(RelayError::Bus(_)) => tries += 1,
            }
            self.runtime.sleep(PAUSE).await;
        }
    }
}

fn announce(terminal: &mut Terminal, services: &[&str], writes: bool, is_there: bool) -> Result<(), Failure> {
    let services = services.join(", ");
    if !is_there {
        writeln!(terminal, "There is no stream: it lacks everything.")?;
    }
    if writes {
        writeln!(terminal, "Tells the stream what it lacks of {services}.")?;
    } else {
        writeln!(terminal, "Looks what the stream lacks of {services}. Nothing is published.")?;
    }
    Ok(())
}

fn conclude(terminal: &mut Terminal, json: bool, plans: &[Plan], wrote: bool) -> Result<(), Failure> {
    for plan in plans {
        plan.print(terminal, json, wrote)?;
    }
    if !json {
        if !wrote && plans.iter().any(|plan| plan.events > 0) {
            writeln!(terminal, "Nothing was published. Add --write --by NAME to do it.")?;
        }
        writeln!(
            terminal,
            "Timers have no store: what expiration said is not told again. Orders ends what is overdue by itself."
        )?;
    }
    let (fenced, holes, behind) = plans.iter().fold((0, 0, 0), |(fenced, holes, behind), plan| {
        (fenced + plan.fenced, holes + plan.holes, behind + plan.store_behind)
    });
    let mut found = Vec::new();
    if fenced > 0 {
        found.push(format!(
            "the stream tells another history of {fenced} aggregates, which are left as they are"
        ));
    }
    if holes > 0 {
        found.push(format!(
            "it lacks events in the middle of {holes} aggregates, where nothing can be put any more"
        ));
    }
    if behind > 0 {
        found.push(format!("{behind} aggregates lack in the stores what the stream tells: recover them"));
    }
    if found.is_empty() { Ok(()) } else { Err(Failure::Found(found.join("; "))) }
}
