//! All that a change must pass besides its tests. Every step runs, so that one run tells all.

mod arrows;
mod documents;
mod events;
mod files;

use anyhow::bail;
use clap::Args;

use crate::{
    report::{complain, say, step},
    workspace::{Workspace, run},
};

#[derive(Args)]
pub(crate) struct Options {
    /// Write the generated parts of documents instead of comparing them
    #[arg(long)]
    update: bool,
}

pub(crate) fn check(options: &Options) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    if options.update {
        return events::update(&workspace.root);
    }
    let mut failed = Vec::new();
    let mut pass = |name: &'static str, work: &dyn Fn() -> anyhow::Result<()>| {
        if let Err(error) = step(name, work) {
            complain(&format!("{error:#}\n"));
            failed.push(name);
        }
    };
    pass("formatting", &|| workspace.run_cargo(&["fmt", "--all", "--check"]));
    pass("arrows between crates", &|| all_hold(arrows::faults(&workspace)));
    pass("names and heads of files", &|| all_hold(files::faults(&workspace.root)?));
    pass("README and ARCHITECTURE", &|| all_hold(documents::faults(&workspace.root)?));
    pass("lints", &|| {
        workspace.run_cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
    });
    pass("documentation", &|| {
        run(workspace
            .cargo()
            .args(["doc", "--quiet", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    if failed.is_empty() {
        say("\nall checks pass");
        return Ok(());
    }
    bail!("these checks failed: {}", failed.join(", "))
}

fn all_hold(faults: Vec<String>) -> anyhow::Result<()> {
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}
