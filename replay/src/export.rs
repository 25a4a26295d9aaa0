//! `export`: a part of the stream as a file, without what is personal unless that is asked for.

pub mod masking;
pub mod selecting;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use messaging::Numbered;
use runtime::Runtime;

use crate::Failure;
use crate::commands::Servers;
use crate::recording::{Head, Writer};
use crate::terminal::Terminal;
use masking::Mask;
use selecting::{Selected, Selecting};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    selecting: Selecting,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    masking: Masking,
}

#[derive(clap::Args, Default)]
struct Masking {
    /// Keep who it was and what people typed
    #[arg(long, conflicts_with_all = ["key_file", "mask_seed"])]
    unmasked: bool,
    /// Mask by the key in this file, so that the same export gives the same file; unless given, by a key that is
    /// thrown away
    #[arg(long, value_name = "FILE", conflicts_with = "mask_seed")]
    key_file: Option<PathBuf>,
    /// The same by a word: for fixtures of made-up shops, as whoever guesses the word can check a guess about a person
    #[arg(long, value_name = "TEXT")]
    mask_seed: Option<String>,
}

/// What was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many of each category and type.
    pub counts: BTreeMap<(String, String), u64>,
    /// What is no event, and cannot be masked.
    pub left_out: u64,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let Arguments { selecting, output, force, masking } = arguments;
    refuse_to_overwrite(&output, force)?;
    let stream = servers.stream.open().await?;
    let mask = masking.mask(&stream.runtime)?;
    let mut selected = selecting.open(&stream, terminal).await?;
    let head = Head::new(stream.runtime.now(), selecting.in_words(mask.as_ref()), mask.is_some());
    let part = Part::beside(&output, &stream.runtime);
    let written = write(&part, &head, &mut selected, mask.as_ref(), terminal).await?;
    if written.total() == 0 {
        return Err(Failure::NotThere(format!("{} holds no such events", stream.name)));
    }
    refuse_to_overwrite(&output, force)?;
    part.becomes(&output)?;
    written.print(&output, &selected, mask.is_some(), terminal)
}

async fn write(
    part: &Part,
    head: &Head,
    selected: &mut Selected,
    mask: Option<&Mask>,
    terminal: &Terminal,
) -> Result<Written, Failure> {
    let failed = |error: io::Error| could_not_write(&part.0, &error);
    let file = fs::File::create_new(&part.0).map_err(failed)?;
    let mut writer = Writer::begin(BufWriter::new(file), head).map_err(failed)?;
    let bar = terminal.progress("exporting", selected.length());
    let mut written = Written::default();
    while let Some(numbered) = selected.next().await? {
        bar.set_position(selected.position());
        let masked = match mask {
            Some(mask) => mask.message(&numbered),
            None => Some(numbered),
        };
        let Some(numbered) = masked else {
            written.left_out += 1;
            continue;
        };
        writer.push(&numbered).map_err(failed)?;
        written.count(&numbered);
    }
    bar.finish_and_clear();
    let file = writer.finish().map_err(failed)?.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(written)
}

impl Masking {
    fn mask(&self, runtime: &Runtime) -> Result<Option<Mask>, Failure> {
        if self.unmasked {
            return Ok(None);
        }
        if let Some(file) = &self.key_file {
            let key = fs::read(file)
                .map_err(|error| Failure::File(format!("could not read {}: {error}", file.display())))?;
            if key.len() < masking::SHORTEST_KEY {
                return Err(Failure::BadInput(format!(
                    "{} is too short for a key: it has to have {} bytes or more",
                    file.display(),
                    masking::SHORTEST_KEY
                )));
            }
            return Ok(Some(Mask::by(&key)));
        }
        match &self.mask_seed {
            Some(seed) if seed.is_empty() => Err(Failure::BadInput("the seed is empty".to_owned())),
            Some(seed) => Ok(Some(Mask::by(seed.as_bytes()))),
            None => Ok(Some(Mask::random(runtime))),
        }
    }
}

impl Written {
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    fn count(&mut self, numbered: &Numbered) {
        let subject = numbered.stored.parcel.wire().subject.clone();
        let key = match subject.split('.').collect::<Vec<_>>()[..] {
            [_, category, _, event_type] => (category.to_owned(), event_type.to_owned()),
            _ => ("other".to_owned(), "no event".to_owned()),
        };
        *self.counts.entry(key).or_default() += 1;
    }

    fn print(
        &self,
        output: &Path,
        selected: &Selected,
        is_masked: bool,
        terminal: &mut Terminal,
    ) -> Result<(), Failure> {
        for ((category, event_type), count) in &self.counts {
            writeln!(terminal, "{count:>9}  {category}.{event_type}")?;
        }
        let manner = if is_masked { "ids and words of people are masked" } else { "nothing is masked" };
        writeln!(terminal, "{} events in {}: {manner}", self.total(), output.display())?;
        if self.left_out > 0 {
            writeln!(
                terminal,
                "{} messages left out: they are no events, and cannot be masked",
                self.left_out
            )?;
        }
        if !selected.is_whole() {
            writeln!(terminal, "the story is longer than what one story tells: there is more of it")?;
        }
        Ok(())
    }
}

/// The file while it is written. It goes when it is not kept.
struct Part(PathBuf);

impl Part {
    fn beside(output: &Path, runtime: &Runtime) -> Self {
        let mut name = output.as_os_str().to_owned();
        name.push(format!(".{}.part", runtime.new_id()));
        Self(name.into())
    }

    fn becomes(self, output: &Path) -> Result<(), Failure> {
        fs::rename(&self.0, output).map_err(|error| could_not_write(output, &error))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already where it has become the file.
        let _ = fs::remove_file(&self.0);
    }
}

fn refuse_to_overwrite(output: &Path, force: bool) -> Result<(), Failure> {
    if output.is_dir() {
        return Err(Failure::BadInput(format!("{} is a folder", output.display())));
    }
    if !force && output.exists() {
        return Err(Failure::BadInput(format!(
            "{} is there already: --force writes over it",
            output.display()
        )));
    }
    Ok(())
}

fn could_not_write(file: &Path, error: &io::Error) -> Failure {
    Failure::File(format!("could not write {}: {error}", file.display()))
}
