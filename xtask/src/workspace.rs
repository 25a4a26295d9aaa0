//! This repository as cargo sees it: its root, its packages and where it builds.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    #[serde(rename = "target_directory")]
    target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or nothing for what is shipped.
    pub(crate) kind: Option<String>,
    /// Set where the dependency is a folder of this repository.
    pub(crate) path: Option<PathBuf>,
}

impl Workspace {
    pub(crate) fn read() -> anyhow::Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let mut command = Command::new(cargo_program());
        command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
        let output = command.stderr(Stdio::inherit()).output().context("could not run cargo")?;
        if !output.status.success() {
            bail!("cargo could not read the workspace");
        }
        serde_json::from_slice(&output.stdout)
            .context("cargo described the workspace in another form than expected")
    }

    pub(crate) fn binaries(&self, release: bool) -> PathBuf {
        self.target.join(if release { "release" } else { "debug" })
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo_program());
        command.current_dir(&self.root);
        forget_this_package(&mut command);
        command
    }

    /// Runs cargo to its end, with its output to the terminal.
    pub(crate) fn run_cargo(&self, arguments: &[impl AsRef<OsStr>]) -> anyhow::Result<()> {
        run(self.cargo().args(arguments))
    }
}

/// Runs a command to its end, with its output to the terminal.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let program = Path::new(&words[0]).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let line = format!("{program} {}", words[1..].join(" "));
    let status = command.status().with_context(|| format!("could not run {line}"))?;
    if status.success() { Ok(()) } else { bail!("`{line}` failed ({status})") }
}

/// As `run`, but gives up, and ends the command, when it is to stop.
pub(crate) fn run_unless(command: &mut Command, is_to_stop: impl Fn() -> bool) -> anyhow::Result<()> {
    let mut child = command.spawn().context("could not run cargo")?;
    loop {
        if let Some(status) = child.try_wait().context("could not watch cargo")? {
            return if status.success() { Ok(()) } else { bail!("cargo failed ({status})") };
        }
        if is_to_stop() {
            let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM);
            child.wait().context("could not watch cargo")?;
            bail!("stopped while building");
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Takes out what cargo told this program about itself: build scripts that watch it would run again each time.
pub(crate) fn forget_this_package(command: &mut Command) {
    const OURS: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    for (name, _) in env::vars_os() {
        if OURS.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(&name);
        }
    }
}

fn cargo_program() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
