//! `recover`: a store that was restored from an older copy is brought up to the stream.
//!
//! What the stream tells and a document lacks is appended to it, with ids, versions, causes and times, in one write at
//! the version that was seen. Where both tell something else of the same version nothing is touched. The service notices
//! within seconds that its store lacks nothing any more, and takes commands again.
//!
//! - `plan.rs` finds the aggregates, `mend.rs` brings up one, `outcome.rs` says what came of it.

mod mend;
mod outcome;
mod plan;

use std::io::Write as _;
use std::sync::Arc;

use eventsourcing::Outbox;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use messaging::{Archive, Relay};
use mongodb::Database;
use runtime::{Runtime, TokioTasks};
use uuid::Uuid;

use crate::commands::Servers;
use crate::kinds::Kind;
use crate::repair::documents::{Documents, Unfit};
use crate::repair::tails::Tails;
use crate::repair::{Permission, Repair};
use crate::stores;
use crate::terminal::Terminal;
use crate::{Failure, SERVICE};

use mend::Mended;
use outcome::Outcome;
use plan::Plan;

const AT_ONCE: usize = 16;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Whose store: auth, tickets, orders or payments
    #[arg(value_parser = stores::service)]
    service: &'static str,
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
    let Arguments { service, json, .. } = arguments;
    let runtime = Runtime::real(TokioTasks::default());
    let stores = servers.stores.open_some(&[service]).await?;
    let Some(database) = stores.of(service) else {
        return Err(Failure::BadInput(format!("{service} keeps no documents")));
    };
    let bus = servers.stream.open_bus(SERVICE, runtime.clone()).await?;
    if !json {
        match by {
            Some(_) => writeln!(
                terminal,
                "Appends to the documents of {service} what the stream tells and they lack."
            )?,
            None => writeln!(
                terminal,
                "Looks what the documents of {service} lack of the stream. Nothing is written."
            )?,
        }
    }
    let repair = match by {
        Some(by) => Some(Repair::begin(database, &runtime, by, "recover", service).await?),
        None => None,
    };
    let recovery = Recovery { database, archive: Arc::new(bus), runtime, terminal, writes: by.is_some() };
    let outcomes = recovery.of_service(service).await?;
    if let Some(repair) = repair {
        let words: Vec<String> = outcomes.iter().map(|outcome| outcome.in_words(true)).collect();
        repair.end(&words.join("; ")).await?;
    }
    outcome::conclude(terminal, json, service, &outcomes, by.is_some())
}

/// One recovery, of all that a service keeps.
struct Recovery<'a> {
    database: &'a Database,
    archive: Arc<dyn Archive>,
    runtime: Runtime,
    terminal: &'a Terminal,
    writes: bool,
}

impl Recovery<'_> {
    async fn of_service(&self, service: &str) -> Result<Vec<Outcome>, Failure> {
        let kinds: Vec<Kind> = Kind::of_service(service).collect();
        // Before the documents: so what it tells and they lack is no event that came meanwhile.
        let tails = Tails::read(self.archive.as_ref(), &kinds, &self.runtime, self.terminal).await?;
        let mut outcomes = Vec::new();
        for kind in kinds {
            let documents = Documents::open(self.database, kind).await?;
            let outbox = kind.outbox(self.database, &self.runtime, self.writes).await?;
            let plan = Plan::of(kind, outbox.as_ref(), &tails).await?;
            outcomes.push(self.carry_out(plan, &documents, outbox.as_ref()).await?);
        }
        Ok(outcomes)
    }

    async fn carry_out(
        &self,
        plan: Plan,
        documents: &Documents,
        outbox: &dyn Outbox,
    ) -> Result<Outcome, Failure> {
        let Plan { kind, mut behind, conflicts, aggregates } = plan;
        let mut outcome = Outcome::of(kind.category, aggregates);
        conflicts.into_iter().for_each(|unfit| outcome.is_left(unfit));
        let bar = self.terminal.progress("bringing up", behind.len() as u64);
        loop {
            let waiting = behind.len();
            behind = self.pass(behind, documents, outbox, &mut outcome, &bar).await?;
            if behind.is_empty() {
                break;
            }
            // What is in the way of one may be gone when the others are brought up. Where nothing moves, it stays.
            if behind.len() == waiting {
                let why = "what its events say clashes with another document";
                behind
                    .iter()
                    .for_each(|id| outcome.is_left(Unfit { id: id.to_string(), why: why.to_owned() }));
                break;
            }
        }
        bar.finish_and_clear();
        Ok(outcome)
    }

    /// Once over these. Says which ones another document is in the way of.
    async fn pass(
        &self,
        behind: Vec<Uuid>,
        documents: &Documents,
        outbox: &dyn Outbox,
        outcome: &mut Outcome,
        bar: &ProgressBar,
    ) -> Result<Vec<Uuid>, Failure> {
        let mend = async |id: Uuid| {
            let mended = mend::mend(documents, self.archive.as_ref(), id, self.writes).await?;
            if let (true, Mended::Appended(appended)) = (self.writes, &mended) {
                Relay::tidy(outbox, id, appended.to).await?;
            }
            Ok::<_, Failure>((id, mended))
        };
        let mut clashes = Vec::new();
        let mut all = stream::iter(behind).map(mend).buffered(AT_ONCE);
        while let Some((id, mended)) = all.try_next().await? {
            match mended {
                Mended::Clashes => {
                    clashes.push(id);
                    continue;
                }
                Mended::Level => {}
                Mended::Appended(appended) => outcome.is_brought_up(id, appended),
                Mended::Left(unfit) => outcome.is_left(unfit),
            }
            bar.inc(1);
        }
        Ok(clashes)
    }
}
