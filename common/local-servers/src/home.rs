//! Where everything that is not source lives: the git-ignored `.stagedoor/` at the root of the workspace.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::error::{Doing, Error, Result};

#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// `STAGEDOOR_HOME` when it is set, else `.stagedoor/` of the workspace that the crate or the caller stands in.
    pub fn find() -> Result<Self> {
        if let Some(folder) = env::var_os("STAGEDOOR_HOME").filter(|folder| !folder.is_empty()) {
            return std::path::absolute(folder).doing(|| "read STAGEDOOR_HOME".to_owned()).map(Self::at);
        }
        let crate_folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let starts = crate_folder.into_iter().chain(env::current_dir().ok());
        starts
            .filter_map(|start| workspace_above(&start))
            .map(|root| Self::at(root.join(".stagedoor")))
            .next()
            .ok_or(Error::NoHome)
    }

    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Fetched packages, each in a folder of its own.
    pub fn tools(&self) -> PathBuf {
        self.folder.join("tools")
    }

    /// What the servers keep.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Secrets of this machine's development set-up.
    pub fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    pub fn logs(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// What is true only while something runs: process ids, addresses, locks.
    pub fn run(&self) -> PathBuf {
        self.folder.join("run")
    }
}

fn workspace_above(start: &Path) -> Option<PathBuf> {
    let is_workspace = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
    };
    start.ancestors().find(is_workspace).map(Path::to_owned)
}
