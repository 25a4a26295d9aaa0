//! The replay tool at the shop that runs in this checkout, if one does: as one who reads, and as one who writes only
//! where it is told to.

use std::{collections::BTreeMap, ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::Context as _;
use local_servers::Home;

use crate::{running::addresses, workspace::Workspace};

pub(crate) fn replay(release: bool, arguments: &[OsString]) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    let profile = if release { "--profile=release" } else { "--profile=dev" };
    // As `up` builds it, or it would be built once more.
    workspace.run_cargo(&["build", "--quiet", "--workspace", "--bins", profile])?;
    let mut tool = std::process::Command::new(workspace.binaries(release).join("stagedoor-replay"));
    tool.args(arguments);
    let writes = arguments.iter().any(|argument| argument == "--write");
    // Without a shop it reads recordings, and says of everything else that it is told of no server.
    for (name, url) in addresses(&Home::find()?).map(|known| urls(&known, writes)).unwrap_or_default() {
        tool.env(name, url);
    }
    // In place of this process, so that whoever stops it stops the tool.
    Err(tool.exec()).context("could not run the replay tool")
}

fn urls(known: &BTreeMap<String, String>, writes: bool) -> Vec<(&'static str, String)> {
    let user = if writes { "REPAIR" } else { "REPLAY" };
    let names = [
        ("NATS_URL", format!("{user}_NATS_URL")),
        ("REDIS_URL", format!("{user}_REDIS_URL")),
        ("MONGODB_URL", "MONGODB_URL".to_owned()),
    ];
    names.into_iter().filter_map(|(name, of)| Some((name, known.get(&of)?.clone()))).collect()
}
