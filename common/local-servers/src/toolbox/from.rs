//! Fetching from PyPI and npm, by the machine's own tools and with their configuration.

use std::{
    io,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::{
    error::{Doing, Error, Result},
    packages::Package,
};

pub(super) fn pypi(package: &Package, name: &str, options: &[&str], target: &Path) -> Result<()> {
    let mut command = Command::new("python3");
    command
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--only-binary", ":all:"])
        .args(options)
        .args(["--no-compile", "--target"])
        .arg(target)
        .arg(format!("{name}=={}", package.version))
        // A machine-wide `user = true` cannot be combined with a target.
        .env("PIP_USER", "0")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore");
    run(&mut command, "python3", package).map(drop)
}

pub(super) fn npm(package: &Package, name: &str, target: &Path) -> Result<()> {
    let mut command = Command::new("npm");
    command
        .args(["install", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"])
        .args(["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000", "--prefix"])
        .arg(target)
        .arg(format!("{name}@{}", package.version));
    run(&mut command, "npm", package).map(drop)
}

/// Runs one of the machine's tools to its end; a failure carries the last lines of what it said.
pub(crate) fn run(command: &mut Command, tool: &'static str, package: &Package) -> Result<String> {
    let output = match command.stdin(Stdio::null()).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::ToolMissing { tool, package: package.name });
        }
        other => other.doing(|| format!("run {tool}"))?,
    };
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Fetch { package: package.name, tool, said: said(&output) })
    }
}

pub(super) fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
