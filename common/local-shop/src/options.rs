//! What whoever opens a shop decides about it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use local_servers::{Home, Toolbox, ports};

use crate::error::Result;

/// The first admin of a shop in development.
pub const ADMIN_EMAIL: &str = "admin@example.com";
pub const ADMIN_PASSWORD: &str = "correct-horse-battery";

#[derive(Clone, Debug)]
pub struct Options {
    /// Data, keys, logs and ids of processes.
    pub home: Home,
    /// The fetched servers, which several shops may share.
    pub toolbox: Toolbox,
    /// The folder of the built services.
    pub binaries: PathBuf,
    /// Of the one origin.
    pub origin_port: u16,
    pub given: Given,
    /// Told to every service; each reads what concerns it, such as `RESERVATION_SECONDS` or `MAX_OPEN_ORDERS`.
    pub variables: BTreeMap<String, String>,
    /// Whether the origin answers. Without it the services are called where they listen themselves.
    pub has_edge: bool,
}

/// Servers that are there already, and are used in place of our own.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub nats_url: Option<String>,
    pub mongodb_url: Option<String>,
    pub redis_url: Option<String>,
    pub stripe_api_base: Option<String>,
    /// Made up when it is missing.
    pub stripe_secret_key: Option<String>,
}

impl Options {
    /// A shop of its own in `folder`, with servers of its own, on free ports.
    pub fn in_folder(folder: &Path, binaries: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self {
            home: Home::at(folder),
            toolbox: Toolbox::open()?,
            binaries: binaries.into(),
            origin_port: ports::free()?,
            given: Given::default(),
            variables: BTreeMap::new(),
            has_edge: true,
        })
    }

    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}
