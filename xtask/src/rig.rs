//! The rig, which breaks and measures, with the shop's own programs and the servers it needs at hand.

use std::{ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::Context as _;
use local_servers::Toolbox;

use crate::{
    fetch,
    report::step,
    workspace::{Workspace, forget_this_package},
};

/// With programs that are built to be fast, or with those that the tests run.
pub(crate) fn rig(command: &str, release: bool, arguments: &[OsString]) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    let profile = if release { "--profile=release" } else { "--profile=dev" };
    let build = || workspace.run_cargo(&["build", "--workspace", "--bins", profile]);
    fetch::while_fetching(&Toolbox::open()?, || step("build", build))?;
    let mut rig = std::process::Command::new(workspace.binaries(release).join("rig"));
    forget_this_package(&mut rig);
    rig.arg(command).args(arguments).current_dir(&workspace.root);
    // In place of this process, so that whoever stops it stops the rig.
    Err(rig.exec()).context("could not run the rig")
}
