//! One service's clock, moved by a library that its process loads; where that cannot be had, it is said.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use local_servers::{FAKETIME, Toolbox};
use local_shop::Retelling;
use tempfile::TempDir;

use crate::error::Result;

/// Who lives by times: auth's tokens and the revocations are counted in minutes.
const VICTIMS: [&str; 4] = ["orders", "expiration", "payments", "tickets"];

#[derive(Debug)]
pub(super) struct Clocks {
    pub(super) process: &'static str,
    library: PathBuf,
    folder: TempDir,
}

impl Clocks {
    /// Fetches the library, and sees whether it does what it should.
    pub(super) async fn find(seed: u64) -> Result<Self, String> {
        let process = VICTIMS[seed as usize % VICTIMS.len()];
        let found = tokio::task::spawn_blocking(move || {
            let library = Toolbox::open().and_then(|toolbox| toolbox.fetch(&FAKETIME));
            let library = library.map_err(|error| first_line(&error.to_string()))?;
            moves_clocks(&library)?;
            let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
            Ok::<_, String>(Self { process, library, folder })
        });
        let clocks = found.await.map_err(|error| error.to_string())??;
        clocks.move_by(0).map_err(|error| error.to_string())?;
        Ok(clocks)
    }

    pub(super) fn move_by(&self, seconds: i64) -> Result<()> {
        // In one step: the file is read at any time.
        let next = self.folder.path().join("next");
        fs::write(&next, format!("{seconds:+}\n"))?;
        Ok(fs::rename(next, self.file())?)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    fn tell(&self, variables: &mut BTreeMap<String, String>) {
        let told = [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            // What is measured by the other clock goes on as before.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("FAKETIME_DISABLE_SHM", "1".to_owned()),
        ];
        variables.extend(told.map(|(name, value)| (name.to_owned(), value)));
    }
}

/// The same, and the one whose clock is moved is told how.
pub(super) fn also(
    retelling: impl Fn(&str, &mut BTreeMap<String, String>) -> std::io::Result<()> + Send + Sync + 'static,
    clocks: Option<&Clocks>,
) -> Retelling {
    let mut added = BTreeMap::new();
    let process = clocks.map(|clocks| {
        clocks.tell(&mut added);
        clocks.process
    });
    Retelling::new(move |name, variables| {
        if process == Some(name) {
            variables.extend(added.clone());
        }
        retelling(name, variables)
    })
}

fn moves_clocks(library: &Path) -> Result<(), String> {
    let asked =
        Command::new("date").arg("+%Y").env("LD_PRELOAD", library).env("FAKETIME", "+36500d").output();
    let year = asked.map_err(|error| error.to_string())?.stdout;
    let year = String::from_utf8_lossy(&year).trim().to_owned();
    if year.parse::<u32>().is_ok_and(|year| year > 2100) { Ok(()) } else { Err(format!("it stays {year}")) }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
