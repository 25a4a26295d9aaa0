//! The simulator, in the build that is fast, or in both builds to see that they tell the same.

use std::{
    ffi::OsString,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use crate::{
    report::step,
    workspace::{Workspace, forget_this_package},
};

/// Faster than `release`, and longer to build.
const PROFILE: &str = "simulation";
/// How many histories both builds tell.
const TOLD: &str = "25";

pub(crate) fn simulate(arguments: &[OsString]) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    step("build", || workspace.run_cargo(&["build", "--package", "simulation", "--profile", PROFILE]))?;
    if arguments.first().is_some_and(|first| first == "--compare-builds") {
        return compare_builds(&workspace);
    }
    let mut simulation = simulation(&fast(&workspace));
    // In place of this process, so that whoever stops it stops the simulator.
    Err(simulation.args(arguments).exec()).context("could not run the simulator")
}

/// The same seed is the same history, however it was built.
fn compare_builds(workspace: &Workspace) -> anyhow::Result<()> {
    step("build without optimisation", || workspace.run_cargo(&["build", "--workspace", "--bins"]))?;
    let told = |binaries: &Path| -> anyhow::Result<Vec<u8>> {
        let mut simulation = simulation(binaries);
        Ok(simulation.args(["--traces", "--histories", TOLD]).output()?.stdout)
    };
    step("the same histories in both builds", || {
        let (fast, plain) = (told(&fast(workspace))?, told(&workspace.binaries(false))?);
        if fast.is_empty() || fast != plain {
            bail!("the two builds tell different histories under the same seeds");
        }
        Ok(())
    })
}

/// Where the fast build lies: beside the others.
fn fast(workspace: &Workspace) -> PathBuf {
    workspace.binaries(false).with_file_name(PROFILE)
}

fn simulation(binaries: &Path) -> Command {
    let mut simulation = Command::new(binaries.join("simulation"));
    forget_this_package(&mut simulation);
    // Memory that one history gave back is the next one's.
    simulation.env("MIMALLOC_PURGE_DELAY", "-1");
    simulation
}
