//! A running Chromium on a fresh folder of its own. It is spoken to over a pipe, so no port is opened, and it ends when
//! the pipe does: by being dropped, with all its children, or with the process that started it.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::process::{ChildStdin, ChildStdout};

use crate::error::{Doing, Error, Result};

/// Chromium reads from its third descriptor and writes to its fourth.
const OVER_A_PIPE: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >&2"#;

const FLAGS: [&str; 20] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-search-engine-choice-screen",
    "--no-default-browser-check",
    "--no-first-run",
    "--hide-scrollbars",
];

pub(crate) struct Chromium {
    child: Child,
    folder: TempDir,
}

pub(crate) struct Pipe {
    pub(crate) to: ChildStdin,
    pub(crate) from: ChildStdout,
}

impl Chromium {
    pub(crate) fn start(program: &Path, flags: &[&str]) -> Result<(Self, Pipe)> {
        let folder = tempfile::Builder::new()
            .prefix("stagedoor-browser-")
            .tempdir()
            .doing(|| "make a folder for Chromium".to_owned())?;
        let log = log_in(folder.path());
        let log = File::create(&log).doing(|| format!("create {}", log.display()))?;

        let mut command = Command::new("sh");
        command
            .args(["-c", OVER_A_PIPE])
            .arg(program)
            .args(FLAGS)
            .args(flags)
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg("about:blank")
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_CACHE_HOME", folder.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        let child = command.spawn().doing(|| format!("start {}", program.display()))?;
        let mut chromium = Self { child, folder };
        let pipe = chromium.pipe().doing(|| "speak to Chromium".to_owned())?;
        Ok((chromium, pipe))
    }

    fn pipe(&mut self) -> std::io::Result<Pipe> {
        let missing = || std::io::Error::other("it has no pipe");
        let to = ChildStdin::from_std(self.child.stdin.take().ok_or_else(missing)?)?;
        let from = ChildStdout::from_std(self.child.stdout.take().ok_or_else(missing)?)?;
        Ok(Pipe { to, from })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn log(&self) -> PathBuf {
        log_in(self.folder.path())
    }

    /// The port that it was told to choose, as soon as it has.
    pub(crate) async fn port(&self) -> Result<u16> {
        let path = self.folder.path().join("profile/DevToolsActivePort");
        for _ in 0..1_200 {
            let text = fs::read_to_string(&path).unwrap_or_default();
            if let Some(port) = text.lines().next().and_then(|line| line.parse().ok()) {
                return Ok(port);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Error::Gone { said: tail(&self.log()) })
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let group = Pid::from_raw(self.child.id().cast_signed());
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.child.wait();
        // Its children may still be writing while they die.
        for _ in 0..50 {
            if fs::remove_dir_all(self.folder.path()).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("log")
}

pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
