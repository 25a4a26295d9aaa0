//! `import`: tells an empty stream of a development server what a recording holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use messaging::{Bus, Message, PublishError};
use runtime::{Runtime, TokioTasks};

use crate::commands::Servers;
use crate::kinds::KINDS;
use crate::recording::Recording;
use crate::repair::{Permission, Repair};
use crate::terminal::Terminal;
use crate::{Failure, SERVICE};

/// A server that does not answer is asked again so often.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The recording, as `export` writes one
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    permission: Permission,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let Arguments { file, permission } = arguments;
    let by = permission.given()?;
    let messages = read(&file)?;
    let runtime = Runtime::real(TokioTasks::default());
    let bus = servers.stream.open_bus(SERVICE, runtime.clone()).await?;
    let last = bus.state().await?.last_sequence;
    if last > 0 {
        return Err(Failure::Found(format!(
            "the stream holds {last} messages already, and only an empty one is told a recording"
        )));
    }
    print_counts(&messages, terminal)?;
    let Some(by) = by else {
        writeln!(terminal, "{} events would be told; --write --by <NAME> tells them", messages.len())?;
        return Ok(());
    };
    let noted = note(servers, &messages, &runtime, by, &file).await?;
    let told = tell(&bus, &runtime, &messages, terminal).await;
    let outcome = match &told {
        Ok(()) => format!("{} events told", messages.len()),
        Err((count, failure)) => format!("ended after {count} of {} events: {failure}", messages.len()),
    };
    for repair in noted {
        repair.end(&outcome).await?;
    }
    told.map_err(|(_, failure)| failure)?;
    writeln!(terminal, "{outcome}")?;
    writeln!(
        terminal,
        "a service whose store lacks them waits until `stagedoor-replay recover` has brought it up"
    )?;
    Ok(())
}

/// Fails for a recording that cannot be told as a whole: then nothing of it is.
fn read(file: &Path) -> Result<Vec<Message>, Failure> {
    let recording = Recording::read(file)?;
    let event = |(number, numbered): (usize, &messaging::Numbered)| {
        let opened = numbered.stored.parcel.open().map(std::borrow::Cow::into_owned);
        // The first line is the head.
        opened.map_err(|why| {
            Failure::File(format!("{} cannot be told: line {}: {why}", file.display(), number + 2))
        })
    };
    let messages: Vec<Message> =
        recording.messages.iter().enumerate().map(event).collect::<Result<_, _>>()?;
    if messages.is_empty() {
        return Err(Failure::NotThere(format!("{} holds no events", file.display())));
    }
    Ok(messages)
}

fn print_counts(messages: &[Message], terminal: &mut Terminal) -> Result<(), Failure> {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for message in messages {
        *counts.entry((&message.category, &message.recorded.event.event_type)).or_default() += 1;
    }
    for ((category, event_type), count) in counts {
        writeln!(terminal, "{count:>9}  {category}.{event_type}")?;
    }
    Ok(())
}

/// Who does it, in the database of each service whose events are told.
async fn note(
    servers: &Servers,
    messages: &[Message],
    runtime: &Runtime,
    by: &str,
    file: &Path,
) -> Result<Vec<Repair>, Failure> {
    let categories: BTreeSet<&str> = messages.iter().map(|message| message.category.as_str()).collect();
    let of = KINDS.iter().filter(|kind| categories.contains(kind.category)).map(|kind| kind.service);
    let services: Vec<&'static str> = of.collect::<BTreeSet<_>>().into_iter().collect();
    let stores = servers.stores.open_some(&services).await?;
    let mut noted = Vec::new();
    for database in services.iter().filter_map(|service| stores.of(service)) {
        let file = file.display().to_string();
        noted.push(Repair::begin(database, runtime, by, "import", &file).await?);
    }
    Ok(noted)
}

/// In the recording's order. Fails with how many were told before.
async fn tell(
    bus: &dyn Bus,
    runtime: &Runtime,
    messages: &[Message],
    terminal: &Terminal,
) -> Result<(), (usize, Failure)> {
    let bar = terminal.progress("telling", messages.len() as u64);
    let mut last_of = BTreeMap::new();
    for (count, message) in messages.iter().enumerate() {
        let aggregate = (message.category.as_str(), message.id);
        let expected = last_of.get(&aggregate).copied().unwrap_or(0);
        let told = publish(bus, runtime, message, expected).await.map_err(|failure| (count, failure))?;
        last_of.insert(aggregate, told);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

async fn publish(bus: &dyn Bus, runtime: &Runtime, message: &Message, expected: u64) -> Result<u64, Failure> {
    let mut why = String::new();
    for _ in 0..TRIES {
        match bus.publish(message, expected).await {
            Ok(sequence) => return Ok(sequence),
            Err(PublishError::Conflict) => {
                // It may have been stored by a try whose answer was lost.
                let last = bus.last(&message.category, message.id).await?;
                return match last {
                    Some(last) if last.event_id == message.recorded.id => Ok(last.sequence),
                    _ => Err(Failure::Found(
                        "somebody else writes to the stream: stop the services, and empty it again"
                            .to_owned(),
                    )),
                };
            }
            Err(PublishError::Unavailable(error)) => why = error,
        }
        runtime.sleep(PAUSE).await;
    }
    Err(Failure::unreachable("the stream", format!("does not take an event: {why}")))
}
