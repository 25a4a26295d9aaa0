//! The rig, which breaks and measures, with the servers it needs at hand.

use std::{ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::Context as _;
use local_servers::Toolbox;

use crate::{fetch, workspace::Workspace};

pub(crate) fn rig(command: &str, arguments: &[OsString]) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    fetch::while_fetching(&Toolbox::open()?, || Ok(()))?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--quiet", "--package", "rig", "--", command]).args(arguments);
    // In place of this process, so that whoever stops it stops the rig.
    Err(cargo.exec()).context("could not run cargo")
}
