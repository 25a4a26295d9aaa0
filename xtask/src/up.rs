//! The whole shop from one command: what is missing is fetched and built, everything is started in order, watched,
//! and ended together.

mod background;
mod environment;
mod signals;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    process,
};

use anyhow::{Context as _, bail};
use clap::Args;
use local_servers::{Home, Toolbox};
use local_shop::{Error, Plan, Stop, Supervisor};

use crate::{
    fetch,
    report::{complain, say, step},
    running::{Claim, holder},
    seed,
    workspace::{Workspace, run_unless},
};

pub(crate) use background::down;

#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Forget what an earlier shop kept
    #[arg(long)]
    fresh: bool,
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// Go on in the background once it is ready
    #[arg(long)]
    detach: bool,
    /// What `--detach` starts
    #[arg(long, hide = true)]
    in_background: bool,
}

pub(crate) fn up(options: &Options) -> anyhow::Result<()> {
    let home = Home::find()?;
    if options.detach {
        return background::start(&home, options);
    }
    if options.in_background {
        nix::unistd::setsid().context("could not leave the terminal")?;
    }
    let claim = claim(&home)?;
    let origin_port = environment::origin_port()?;
    let stop = signals::stop_on_signals()?;
    note_our_id(&home)?;

    let ran = run(&home, options, origin_port, &stop);
    background::forget(&home);
    drop(claim);
    match ran {
        Err(error) if matches!(error.downcast_ref(), Some(Error::Stopped)) => Ok(()),
        // A build that Ctrl-C interrupted fails too.
        Err(_) if stop.is_asked() => Ok(()),
        other => other,
    }
}

fn run(home: &Home, options: &Options, origin_port: u16, stop: &Stop) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    let toolbox = Toolbox::of(home);
    let mut build = vec!["build", "--workspace", "--bins"];
    build.extend(options.release.then_some("--release"));
    let build = || run_unless(workspace.cargo().args(&build), || stop.is_asked());
    fetch::while_fetching(&toolbox, || step("build", build))?;

    if options.fresh {
        forget_data(home)?;
        say("  forgot what the shop before kept; servers given by a *_URL keep theirs");
    }
    let binaries = workspace.binaries(options.release);
    let plan = Plan::of(&environment::options(home, &toolbox, binaries, origin_port))?;
    let (origin, addresses) = (plan.origin.clone(), plan.addresses.clone());

    let mut supervisor = Supervisor::new(home.run(), stop.clone(), Box::new(say));
    for (name, stage, servers) in plan.stages() {
        step(name, || Ok(supervisor.start(stage, servers)?))?;
    }
    write_addresses(home, &addresses)?;

    let seeded = seed::in_thread(home, &origin);
    supervisor.supervise_while(|| !seeded.is_finished())?;
    match seeded.join() {
        Ok(Ok(summary)) => say(&summary),
        Ok(Err(error)) => complain(&format!("the demo data are not complete: {error:#}")),
        Err(_) => complain("the demo data are not complete"),
    }
    say(&welcome(home, &origin));
    fs::write(home.run().join("ready"), &origin).context("could not note that the shop is ready")?;
    Ok(supervisor.supervise_while(|| true)?)
}

fn claim(home: &Home) -> anyhow::Result<Claim> {
    let Some(claim) = Claim::take(home)? else {
        let who = holder(home).map_or_else(String::new, |pid| format!(" (process {pid})"));
        bail!("a shop is running here already{who}; stop it with `cargo xtask down`, or use it as it is");
    };
    Ok(claim)
}

fn note_our_id(home: &Home) -> anyhow::Result<()> {
    let file = home.run().join("up.pid");
    fs::write(&file, process::id().to_string()).with_context(|| format!("could not write {}", file.display()))
}

fn forget_data(home: &Home) -> anyhow::Result<()> {
    let data = home.data();
    match fs::remove_dir_all(&data) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", data.display()))
        }
        _ => Ok(()),
    }
}

/// In one step, so that nobody reads half of it.
fn write_addresses(home: &Home, addresses: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let text: String = addresses.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let (unfinished, file) = (home.run().join("env.unfinished"), home.run().join("env"));
    // Some of them hold passwords.
    let opened = File::options().create(true).write(true).truncate(true).mode(0o600).open(&unfinished);
    opened
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&unfinished, &file))
        .context("could not note the addresses")
}

fn welcome(home: &Home, origin: &str) -> String {
    let run = home.run();
    let run =
        std::env::current_dir().ok().and_then(|here| run.strip_prefix(here).ok()).unwrap_or(&run).display();
    format!(
        "\nStagedoor is open at {origin}\n\n{logins}\n\n  Three things to try\n\n    cargo xtask demo\n        one \
         purchase, request by request and event by event\n    curl -s '{origin}/api/tickets?category=concert&sort=price\
         &limit=3'\n        what is on offer\n    kill -9 $(cat {run}/orders.pid)\n        a service dies in the middle \
         of it all, and is back at once\n\n  Ctrl-C or `cargo xtask down` closes the shop; its data stay until \
         `cargo xtask up --fresh`.",
        logins = seed::logins(),
    )
}
