//! A picture of every page, to be looked at and kept with the documents.

use std::{fs, path::PathBuf};

use browser::Browser;
use clap::Args;

use super::{Look, Stage, stops::STOPS, visit};
use crate::error::Result;

#[derive(Args, Clone, Debug)]
pub struct Pictures {
    /// Where they are kept
    #[arg(long, default_value = "docs/pages")]
    into: PathBuf,
    /// Only those whose names have this in them
    #[arg(long, default_value = "")]
    only: String,
}

/// Opens a shop, and takes a picture of each page, wide and light, and as a phone shows it in the dark.
#[expect(clippy::print_stdout, reason = "it is what the command is for")]
pub async fn pictures(options: Pictures) -> Result<()> {
    fs::create_dir_all(&options.into)?;
    let (stage, browser) = (Stage::set().await?, Browser::start().await?);
    for stop in STOPS.iter().filter(|stop| stop.name.contains(&options.only)) {
        for look in [Look::Light, Look::PhoneInTheDark] {
            let page = visit(&stage, &browser, stop, look).await?;
            let path = options.into.join(format!("{}-{}.webp", stop.name, look.name()));
            page.screenshot(&path, true).await?;
            println!("{}", path.display());
        }
    }
    Ok(())
}
