//! The shop that runs in this checkout, if one does: who holds it, and where its parts listen.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use local_servers::Home;

/// Held by the one process that runs the shop, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Claim {
    _lock: File,
}

impl Claim {
    /// Nothing, when another process has it.
    pub(crate) fn take(home: &Home) -> anyhow::Result<Option<Self>> {
        let run = home.run();
        fs::create_dir_all(&run).with_context(|| format!("could not create {}", run.display()))?;
        // Whoever only looks holds it for a moment.
        for _ in 0..10 {
            let lock = lock_file(&run)?;
            match lock.try_lock() {
                Ok(()) => return Ok(Some(Self { _lock: lock })),
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(error)) => return Err(error).context("could not lock the shop"),
            }
        }
        Ok(None)
    }

    pub(crate) fn is_held(home: &Home) -> bool {
        home.run().is_dir()
            && lock_file(&home.run())
                .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn lock_file(run: &Path) -> anyhow::Result<File> {
    let path = run.join("up.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    file.with_context(|| format!("could not open {}", path.display()))
}

/// The id of the process that runs the shop; only to be believed while the claim is held.
pub(crate) fn holder(home: &Home) -> Option<u32> {
    fs::read_to_string(home.run().join("up.pid")).ok()?.trim().parse().ok()
}

/// The addresses of the running shop, as `up` wrote them down.
pub(crate) fn addresses(home: &Home) -> anyhow::Result<BTreeMap<String, String>> {
    let file = home.run().join("env");
    if !Claim::is_held(home) {
        bail!("no shop is running here; start one with `cargo xtask up`");
    }
    let Ok(text) = fs::read_to_string(&file) else {
        bail!("the shop is still starting; try again in a moment")
    };
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
