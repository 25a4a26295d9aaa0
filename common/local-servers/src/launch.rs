//! How a process is started, kept so that it can be started again just so.

use std::{
    ffi::OsString,
    fmt,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    error::{Doing, Result},
    process::Process,
    spawner,
};

/// What its environment says is not shown: it may be a secret.
#[derive(Clone)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// What is nothing is not inherited.
    environment: Vec<(OsString, Option<OsString>)>,
    folder: Option<PathBuf>,
    log: PathBuf,
}

impl fmt::Debug for Launch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        let mut shown = formatter.debug_struct("Launch");
        shown
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .field("environment", &names);
        shown.finish_non_exhaustive()
    }
}

impl Launch {
    /// What the process prints is added to the end of `log`.
    pub fn new(program: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        let (program, log) = (program.into(), log.into());
        Self { program, arguments: Vec::new(), environment: Vec::new(), folder: None, log }
    }

    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub fn arguments(self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        arguments.into_iter().fold(self, Self::argument)
    }

    /// Set besides what the process inherits.
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), Some(value.into())));
        self
    }

    /// Not inherited.
    pub fn without(mut self, name: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), None));
        self
    }

    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    pub fn log(&self) -> &Path {
        &self.log
    }

    /// In a process group of its own, so that Ctrl-C in the terminal reaches only the one who supervises.
    pub fn spawn(&self) -> Result<Process> {
        if let Some(parent) = self.log.parent() {
            fs::create_dir_all(parent).doing(|| format!("create {}", parent.display()))?;
        }
        let open = || File::options().create(true).append(true).open(&self.log);
        let (out, err) =
            open().and_then(|out| Ok((out, open()?))).doing(|| format!("open {}", self.log.display()))?;

        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        spawner::spawn(command).map(Process::new).doing(|| format!("start {}", self.program.display()))
    }

    /// The last lines of the log.
    pub fn tail(&self) -> String {
        let mut text = Vec::new();
        let read = File::open(&self.log).and_then(|mut file| {
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
            file.read_to_end(&mut text)
        });
        if read.is_err() {
            return String::new();
        }
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}
