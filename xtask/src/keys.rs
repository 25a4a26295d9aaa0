//! The keys of the shop in this checkout, running or not. Only auth knows how they are made and changed.

use std::process::Command;

use clap::Subcommand;
use local_servers::Home;

use crate::workspace::{Workspace, run};

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// List the public keys, and what each is there for
    List,
    /// Publish a new key, sign with it a little later, and keep the old one until its last token has expired
    Rotate,
    /// Withdraw the keys that no good token is signed with any more
    Retire {
        /// All but the one that signs, though there may be good tokens of theirs: when a key was stolen
        #[arg(long)]
        at_once: bool,
    },
}

pub(crate) fn keys(command: &Keys) -> anyhow::Result<()> {
    let (home, workspace) = (Home::find()?, Workspace::read()?);
    workspace.run_cargo(&["build", "--quiet", "--package", "auth"])?;
    let mut auth = Command::new(workspace.binaries(false).join("auth"));
    auth.arg(match command {
        Keys::List => "list-keys",
        Keys::Rotate => "rotate-keys",
        Keys::Retire { .. } => "retire-keys",
    });
    auth.arg(home.keys());
    if matches!(command, Keys::Retire { at_once: true }) {
        auth.arg("--at-once");
    }
    run(&mut auth)
}
