//! `schema`: the catalogue of events for whoever listens in another language, and what of the stream this build could
//! not read.

pub mod asyncapi;
pub mod check;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use contracts::schema::{Form, forms};
use serde_json::{Value, json};

use crate::Failure;
use crate::commands::Servers;
use crate::terminal::Terminal;

/// Of each form by itself, so that nobody has to ask which JSON Schema it is.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// As what the events are described
    #[arg(long, value_enum, default_value_t = Format::Asyncapi)]
    format: Format,
    /// Write it to this file; JSON Schemas to a folder, one file for each event, if a folder is meant
    #[arg(long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One AsyncAPI 3.0 document: who says what on which subject, and who hears it
    Asyncapi,
    /// JSON Schema 2020-12 of each event's data
    JsonSchema,
}

#[derive(Subcommand)]
enum What {
    /// Say which stored events this build could not read
    Check(check::Arguments),
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let Arguments { what, format, output } = arguments;
    if let Some(What::Check(arguments)) = what {
        return check::run(servers, arguments, terminal).await;
    }
    match (format, output) {
        (Format::Asyncapi, None) => Ok(write!(terminal, "{}", text(&asyncapi::document()))?),
        (Format::JsonSchema, None) => Ok(write!(terminal, "{}", text(&bundle()))?),
        (Format::JsonSchema, Some(folder)) if is_folder(&folder) => write_each(&folder, terminal),
        (_, Some(folder)) if is_folder(&folder) => Err(Failure::BadInput(format!(
            "{} is a folder, and an AsyncAPI document is one file",
            folder.display()
        ))),
        (Format::Asyncapi, Some(file)) => write_one(&file, &asyncapi::document(), terminal),
        (Format::JsonSchema, Some(file)) => write_one(&file, &bundle(), terminal),
    }
}

/// As it stands in a file.
pub fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// The JSON Schema of one event's data, as a document of its own.
fn schema_of(form: &Form) -> Value {
    let mut schema = form.schema.clone();
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("$schema".to_owned(), json!(DIALECT));
    }
    schema
}

/// All of them in one document, each under its name.
fn bundle() -> Value {
    let named = |form: Form| (name_of(&form), form.schema);
    let definitions: serde_json::Map<String, Value> = forms().into_iter().map(named).collect();
    json!({
        "$schema": DIALECT,
        "title": "The data of each event of Stagedoor",
        "$defs": definitions,
    })
}

fn name_of(form: &Form) -> String {
    format!("{}.{}", form.category, form.event_type)
}

/// One that is there, or one that is written as such.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with('/')
}

fn write_each(folder: &Path, terminal: &mut Terminal) -> Result<(), Failure> {
    let failed = |error| Failure::File(format!("could not write to {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let forms = forms();
    for form in &forms {
        let file = folder.join(format!("{}.json", name_of(form)));
        fs::write(file, text(&schema_of(form))).map_err(failed)?;
    }
    Ok(writeln!(terminal, "{} schemas in {}", forms.len(), folder.display())?)
}

fn write_one(file: &Path, document: &Value, terminal: &mut Terminal) -> Result<(), Failure> {
    fs::write(file, text(document))
        .map_err(|error| Failure::File(format!("could not write {}: {error}", file.display())))?;
    Ok(writeln!(terminal, "{}", file.display())?)
}
