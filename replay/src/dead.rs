//! `dead`: messages that could not be handled, of every service: looked at, tried again, mended or discarded.

mod editing;
mod places;
mod telling;

use std::io::Write as _;

use clap::Subcommand;
use messaging::{DeadLetter, Discarded, LOOK_FOR_DEAD_LETTERS};
use runtime::{Runtime, TokioTasks};

use crate::Failure;
use crate::commands::Servers;
use crate::repair::Permission;
use crate::terminal::Terminal;
use editing::Change;
use places::{Place, SERVICES};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    list: Listing,
}

#[derive(Subcommand)]
enum What {
    /// List dead letters, the oldest first
    List(Listing),
    /// Show one, with its body
    Show {
        #[command(flatten)]
        which: Which,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have the service try one again, or all of them
    Retry {
        #[arg(value_parser = SERVICES, help = OF_SERVICE)]
        service: String,
        /// Which one
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// Every one of this service
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        permission: Permission,
    },
    /// Change what one says, and have the service try it again
    Edit {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        change: Change,
        #[command(flatten)]
        permission: Permission,
    },
    /// Try one no more. It is kept, with why and by whom
    Discard {
        #[command(flatten)]
        which: Which,
        /// Why it needs no handling
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        permission: Permission,
    },
}

const OF_SERVICE: &str = "Whose dead letter it is";

#[derive(clap::Args)]
struct Listing {
    /// Only those of this service
    #[arg(long, value_parser = SERVICES, value_name = "SERVICE")]
    service: Option<String>,
    /// Print NDJSON, a line for each
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Which {
    #[arg(value_parser = SERVICES, help = OF_SERVICE)]
    service: String,
    /// As `dead list` shows it
    id: String,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let runtime = Runtime::real(TokioTasks::default());
    let Some(what) = arguments.what else { return list(servers, arguments.list, terminal).await };
    match what {
        What::List(listing) => list(servers, listing, terminal).await,
        What::Show { which, json } => {
            let place = Place::open(servers, &which.service).await?;
            let letter = place.find(&which.id).await?;
            if json {
                return Ok(writeln!(terminal, "{}", telling::to_json(place.service, &letter))?);
            }
            telling::show(place.service, &letter, terminal)
        }
        What::Retry { service, id, permission, .. } => {
            let by = permission.given()?;
            let place = Place::open(servers, &service).await?;
            retry(&place, id.as_deref(), by, &runtime, terminal).await
        }
        What::Edit { which, change, permission } => {
            let by = permission.given()?;
            let place = Place::open(servers, &which.service).await?;
            edit(&place, &which.id, &change, by, &runtime, terminal).await
        }
        What::Discard { which, reason, permission } => {
            let by = permission.given()?;
            if reason.trim().is_empty() {
                return Err(Failure::BadInput(
                    "why it is discarded has to be said: --reason <TEXT>".to_owned(),
                ));
            }
            let place = Place::open(servers, &which.service).await?;
            discard(&place, &which.id, reason, by, &runtime, terminal).await
        }
    }
}

async fn list(servers: &Servers, listing: Listing, terminal: &mut Terminal) -> Result<(), Failure> {
    let services: Vec<&str> = match &listing.service {
        Some(service) => vec![service],
        None => SERVICES.to_vec(),
    };
    let mut count = 0;
    for service in services {
        let place = Place::open(servers, service).await?;
        for letter in place.all().await? {
            count += 1;
            if listing.json {
                writeln!(terminal, "{}", telling::to_json(place.service, &letter))?;
            } else {
                telling::line(place.service, &letter, terminal)?;
            }
        }
    }
    match count {
        _ if listing.json => Ok(()),
        0 => Ok(writeln!(terminal, "no dead letters")?),
        1 => Ok(writeln!(terminal, "1 dead letter")?),
        _ => Ok(writeln!(terminal, "{count} dead letters")?),
    }
}

async fn retry(
    place: &Place,
    id: Option<&str>,
    by: Option<&str>,
    runtime: &Runtime,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let letters = match id {
        Some(id) => vec![place.find(id).await?],
        None => place.all().await?,
    };
    if letters.is_empty() {
        return Ok(writeln!(terminal, "{} has no dead letters", place.service)?);
    }
    let Some(by) = by else {
        for letter in &letters {
            telling::line(place.service, letter, terminal)?;
        }
        writeln!(terminal, "{} would be tried again; --write --by <NAME> has it done", letters.len())?;
        return Ok(());
    };
    let note = place.begin(runtime, by, "dead retry", id.unwrap_or("--all")).await?;
    let (mut due, mut changed) = (0, 0);
    for letter in &letters {
        let again = letter.clone().due(runtime.now());
        if place.replace(letter, &again).await? {
            due += 1;
        } else {
            changed += 1;
        }
    }
    note.end(&format!("{due} made due, {changed} had changed meanwhile")).await?;
    writeln!(terminal, "{due} {}", soon(place))?;
    if changed > 0 {
        writeln!(terminal, "{changed} were handled, tried or changed meanwhile")?;
    }
    Ok(())
}

async fn edit(
    place: &Place,
    id: &str,
    change: &Change,
    by: Option<&str>,
    runtime: &Runtime,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let letter = place.find(id).await?;
    let body = change.apply(&letter)?;
    let edited = letter.clone().edited(body.as_bytes(), by.unwrap_or_default(), runtime.now());
    editing::is_an_event(&edited)?;
    telling::difference(&letter, &edited, terminal)?;
    let Some(by) = by else {
        return Ok(writeln!(
            terminal,
            "it would be changed and tried again; --write --by <NAME> has it done"
        )?);
    };
    // The letter goes when it is handled: what it said before stays with the note.
    let arguments = format!("{id}: from {} to {}", telling::body(&letter), telling::body(&edited));
    let note = place.begin(runtime, by, "dead edit", &arguments).await?;
    if !place.replace(&letter, &edited.due(runtime.now())).await? {
        note.end("nothing: it had changed meanwhile").await?;
        return Err(changed_meanwhile(&letter));
    }
    note.end("changed, and made due").await?;
    Ok(writeln!(terminal, "it {}", soon(place))?)
}

async fn discard(
    place: &Place,
    id: &str,
    reason: String,
    by: Option<&str>,
    runtime: &Runtime,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let letter = place.find(id).await?;
    telling::line(place.service, &letter, terminal)?;
    let Some(by) = by else {
        return Ok(writeln!(terminal, "it would be tried no more; --write --by <NAME> has it done")?);
    };
    let note = place.begin(runtime, by, "dead discard", &format!("{id}: {reason}")).await?;
    let discarded = Discarded { letter, reason, by: by.to_owned(), at: runtime.now() };
    if !place.discard(&discarded).await? {
        note.end("nothing: it had changed meanwhile").await?;
        return Err(changed_meanwhile(&discarded.letter));
    }
    note.end("discarded").await?;
    Ok(writeln!(terminal, "it is tried no more, and kept among the discarded letters")?)
}

/// The tool itself handles nothing: the service does.
fn soon(place: &Place) -> String {
    format!("due now: {} tries within {} s, if it runs", place.service, LOOK_FOR_DEAD_LETTERS.as_secs())
}

fn changed_meanwhile(letter: &DeadLetter) -> Failure {
    Failure::Found(format!("{} was handled, tried or changed meanwhile: look at it again", letter.id))
}
