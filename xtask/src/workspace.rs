//! This repository as cargo sees it: its root, its packages and where it builds.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
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

fn cargo_program() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
