//! The shop without a terminal: started into a session of its own, and stopped from elsewhere.

use std::{
    env,
    fs::{self, File},
    io::{Read as _, Write as _, stdout},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use local_servers::Home;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::Options;
use crate::{
    report::say,
    running::{Claim, holder},
};

/// Longer than the services' and the servers' grace together.
const STOP_WITHIN: Duration = Duration::from_secs(50);

/// Starts the shop in the background, tells what it says until it is ready, and returns.
pub(crate) fn start(home: &Home, options: &Options) -> anyhow::Result<()> {
    drop(super::claim(home)?);
    super::environment::origin_port()?;
    forget(home);
    let path = home.logs().join("up.log");
    fs::create_dir_all(home.logs()).context("could not create the folder of logs")?;
    let _ = fs::rename(&path, home.logs().join("up.previous.log"));
    let log = File::create(&path).with_context(|| format!("could not create {}", path.display()))?;

    let mut command = Command::new(env::current_exe().context("this program cannot find itself")?);
    command.args(["up", "--in-background"]);
    command.args(options.fresh.then_some("--fresh")).args(options.release.then_some("--release"));
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let child = command.spawn().context("could not start the shop")?;
    let told = tell(home, child, &path);
    if told.is_ok() {
        say(&format!("\n  It runs in the background; its log is {}.", path.display()));
    }
    told
}

/// Repeats the log until the shop is ready.
fn tell(home: &Home, mut child: Child, path: &std::path::Path) -> anyhow::Result<()> {
    let mut log = File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    loop {
        let is_ready = home.run().join("ready").exists();
        let ended = child.try_wait().context("could not watch the shop")?;
        let mut text = Vec::new();
        log.read_to_end(&mut text).context("could not read the log")?;
        let _ = stdout().write_all(&text).and_then(|()| stdout().flush());
        if is_ready {
            return Ok(());
        }
        if let Some(status) = ended {
            bail!("the shop ended before it was ready ({status})");
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Stops the shop that runs, and returns when nothing of it is left.
pub(crate) fn down() -> anyhow::Result<()> {
    let home = Home::find()?;
    if !Claim::is_held(&home) {
        say("no shop is running here");
        return Ok(());
    }
    let Some(pid) = holder(&home).filter(|pid| is_ours(*pid)) else {
        bail!(
            "a shop is running here, but {} does not name its process",
            home.run().join("up.pid").display()
        );
    };
    let process = Pid::from_raw(pid.cast_signed());
    kill(process, Signal::SIGTERM).with_context(|| format!("could not stop process {pid}"))?;
    if !is_gone_within(&home, STOP_WITHIN) {
        // Its children die with it.
        kill(process, Signal::SIGKILL).with_context(|| format!("could not kill process {pid}"))?;
        if !is_gone_within(&home, Duration::from_secs(5)) {
            bail!("process {pid} does not end");
        }
        forget(&home);
    }
    say("the shop is closed");
    Ok(())
}

fn is_gone_within(home: &Home, time: Duration) -> bool {
    let begun_at = Instant::now();
    while begun_at.elapsed() < time {
        if !Claim::is_held(home) {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Where the system can tell: an id that was written down may belong to another program by now.
fn is_ours(pid: u32) -> bool {
    match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => String::from_utf8_lossy(&line).contains("xtask"),
        Err(_) => !cfg!(target_os = "linux"),
    }
}

/// Removes what is true only while a shop runs.
pub(crate) fn forget(home: &Home) {
    for name in ["env", "ready", "up.pid"] {
        let _ = fs::remove_file(home.run().join(name));
    }
}
