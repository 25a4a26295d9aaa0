//! `story`: one matter over all services, each event behind its cause.
//!
//! - `telling.rs` says in which lane an event stands, why it happened, and who is who: every form shows the same.
//! - `lanes.rs` draws it in a terminal, `mermaid.rs` as a sequence diagram, `page.rs` as one HTML page.
//! - `person.rs` finds what somebody ordered and listed.

mod lanes;
mod mermaid;
mod page;
mod person;
mod telling;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use history::Story;
use uuid::Uuid;

use crate::Failure;
use crate::commands::Servers;
use crate::past::Named;
use crate::serve::views::StoryResource;
use crate::stream::Stream;
use crate::terminal::Terminal;

pub use lanes::draw;
pub use mermaid::diagram;
pub use page::page;
pub use person::{Belonging, Belongings, belongings};
pub use telling::{Because, Lane, Row, Telling, because, offset, said};

/// Whose story, and how it is told.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// Of an order, ticket, payment, user, session or request; or `#1234` for what that event is of
    #[arg(value_name = "ID")]
    pub id: Named,
    /// How it is told
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write it to this file instead
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A lane for each service, in the terminal
    #[default]
    Lanes,
    /// A sequence diagram, as Mermaid writes one
    Mermaid,
    /// One page that needs nothing else
    Html,
    Json,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let stream = servers.stream.open().await?;
    tell(&stream, &arguments, terminal).await
}

pub async fn tell(stream: &Stream, arguments: &Arguments, terminal: &mut Terminal) -> Result<(), Failure> {
    let (_, id) = arguments.id.found(stream).await?;
    let story = of(stream, id, terminal).await?;
    let mut text = Vec::new();
    match arguments.format {
        Format::Json => writeln!(text, "{}", pretty(&StoryResource::of(id, &story)))?,
        Format::Mermaid => text.extend(diagram(&Telling::of(id, story)).into_bytes()),
        Format::Html => {
            let belongings = belongings(stream, id, &story, terminal).await?;
            text.extend(page(&Telling::of(id, story), &belongings)?.into_bytes());
        }
        Format::Lanes => {
            let belongings = belongings(stream, id, &story, terminal).await?;
            let width = terminal.width;
            draw(&Telling::of(id, story), &belongings, width, &mut text)?;
        }
    }
    let Some(file) = &arguments.output else {
        terminal.write_all(&text)?;
        return Ok(terminal.flush()?);
    };
    let text = anstream::adapter::strip_bytes(&text).into_vec();
    let written = fs::write(file, text);
    written.map_err(|error| Failure::File(format!("could not write {}: {error}", file.display())))
}

/// The stream is only read whole where no aggregate goes by this id: it may be a request's.
pub async fn of(stream: &Stream, id: Uuid, terminal: &Terminal) -> Result<Story, Failure> {
    let told = match stream.history.story(id).await {
        Err(history::HistoryError::NotReadYet) => {
            stream.index(terminal).await?;
            stream.history.story(id).await?
        }
        told => told?,
    };
    told.ok_or_else(|| Failure::NotThere(format!("nothing on {} happened under the id {id}", stream.name)))
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
