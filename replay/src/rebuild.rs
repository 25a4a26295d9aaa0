//! `rebuild`: what a service keeps that follows from events is folded again, beside the old; compared; and swapped.
//!
//! - `source.rs` folds, `beside.rs` writes it beside the old, `swap.rs` puts it in its place.
//! - `cursor.rs` is how far a rebuild has come, in the service's database: so it can be killed anywhere, and goes on.
//! - `audit.rs` writes again what auth's audit trail lacks.
//!
//! A document is replaced only at the version that was folded, so its service may run meanwhile.

mod audit;
mod beside;
mod cursor;
mod outcome;
mod source;
mod swap;

use std::io::Write as _;
use std::sync::Arc;

use mongodb::Database;
use runtime::{Runtime, TokioTasks};

use crate::commands::Servers;
use crate::kinds::Kind;
use crate::repair::documents::Documents;
use crate::repair::{Permission, Repair};
use crate::stores::{self, Stores};
use crate::terminal::Terminal;
use crate::{Failure, SERVICE};

use cursor::{Cursor, Phase};
use outcome::Outcome;
use source::Source;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Whose documents: auth, tickets, orders or payments
    #[arg(value_parser = stores::service)]
    service: &'static str,
    /// Only one kind of aggregate, such as `order`
    #[arg(long, value_name = "KIND")]
    aggregate: Option<String>,
    /// Fold what the stream tells, in place of what the store keeps
    #[arg(long)]
    from_stream: bool,
    /// Begin anew, whatever a rebuild that was stopped has done
    #[arg(long)]
    afresh: bool,
    /// Print the outcome as JSON, a line for each kind of aggregate
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    permission: Permission,
}

/// One rebuild, of all the kinds that it is for.
struct Rebuild<'a> {
    database: &'a Database,
    source: Source,
    runtime: Runtime,
    terminal: &'a Terminal,
    afresh: bool,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let by = arguments.permission.given()?;
    let kinds = kinds(arguments.service, arguments.aggregate.as_deref())?;
    let stores = servers.stores.open_some(&[arguments.service]).await?;
    let database = database(&stores, arguments.service)?;
    let runtime = Runtime::real(TokioTasks::default());
    let source = match arguments.from_stream {
        true => Source::Stream(Arc::new(servers.stream.open_bus(SERVICE, runtime.clone()).await?)),
        false => Source::Store,
    };
    let names: Vec<_> = kinds.iter().map(|kind| kind.category).collect();
    let what = format!("{} of {}, from the events in {}", names.join(", "), arguments.service, source.name());
    let Some(by) = by else {
        tell(terminal, arguments.json, &format!("Folds every {what}, and compares. Nothing is written."))?;
        let afresh = arguments.afresh;
        let rebuild = Rebuild { database, source, runtime, terminal, afresh };
        let mut outcomes = Vec::new();
        for kind in &kinds {
            outcomes.push(rebuild.look(*kind).await?);
        }
        return conclude(terminal, arguments.json, &outcomes, false);
    };
    tell(
        terminal,
        arguments.json,
        &format!("Folds every {what}, compares, and puts it in place of what differs."),
    )?;
    let repair = Repair::begin(database, &runtime, by, "rebuild", &what).await?;
    let rebuild = Rebuild { database, source, runtime, terminal, afresh: arguments.afresh };
    let mut outcomes = Vec::new();
    for kind in &kinds {
        outcomes.push(rebuild.replace(*kind, by).await?);
    }
    let words: Vec<String> = outcomes.iter().map(|outcome| outcome.in_words(true)).collect();
    repair.end(&words.join("; ")).await?;
    conclude(terminal, arguments.json, &outcomes, true)
}

impl Rebuild<'_> {
    /// Writes nothing.
    async fn look(&self, kind: Kind) -> Result<Outcome, Failure> {
        let documents = Documents::open(self.database, kind).await?;
        let mut outcome = beside::compare(self, &documents).await?;
        outcome.audit = audit::mend(self, &documents, false).await?;
        Ok(outcome)
    }

    async fn replace(&self, kind: Kind, by: &str) -> Result<Outcome, Failure> {
        let documents = Documents::open(self.database, kind).await?;
        let mut cursor = Cursor::take_up(self, &documents, by).await?;
        if cursor.phase == Phase::Folding {
            beside::fold(self, &documents, &mut cursor).await?;
        }
        swap::swap(self, &documents, &mut cursor).await?;
        cursor.forget().await?;
        let mut outcome = cursor.outcome;
        outcome.audit = audit::mend(self, &documents, true).await?;
        Ok(outcome)
    }
}

fn kinds(service: &str, aggregate: Option<&str>) -> Result<Vec<Kind>, Failure> {
    let of_service: Vec<Kind> = Kind::of_service(service).collect();
    let Some(aggregate) = aggregate else { return Ok(of_service) };
    let wanted: Vec<Kind> = of_service.iter().copied().filter(|kind| kind.category == aggregate).collect();
    if wanted.is_empty() {
        let names: Vec<_> = of_service.iter().map(|kind| kind.category).collect();
        let why = format!("{service} keeps no {aggregate:?}, it keeps {}", names.join(" and "));
        return Err(Failure::BadInput(why));
    }
    Ok(wanted)
}

fn database<'a>(stores: &'a Stores, service: &str) -> Result<&'a Database, Failure> {
    stores.of(service).ok_or_else(|| Failure::BadInput(format!("{service} keeps no documents")))
}

/// Beside JSON no words are printed.
fn tell(terminal: &mut Terminal, json: bool, words: &str) -> Result<(), Failure> {
    if !json {
        writeln!(terminal, "{words}")?;
    }
    Ok(())
}

fn conclude(terminal: &mut Terminal, json: bool, outcomes: &[Outcome], wrote: bool) -> Result<(), Failure> {
    for outcome in outcomes {
        outcome.print(terminal, json, wrote)?;
    }
    if !wrote && outcomes.iter().any(Outcome::has_work) {
        tell(terminal, json, "Nothing was written. Add --write --by NAME to do it.")?;
    }
    let unfit: u64 = outcomes.iter().map(|outcome| outcome.unfit).sum();
    match unfit {
        0 => Ok(()),
        1 => Err(Failure::Found("1 document could not be folded, and is as it was".to_owned())),
        _ => Err(Failure::Found(format!("{unfit} documents could not be folded, and are as they were"))),
    }
}
