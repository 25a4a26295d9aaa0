//! What whoever opens a shop decides about it.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use local_servers::{Home, Toolbox, ports};

use crate::error::{Doing as _, Result};

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
    /// How many processes there are of each service; from the second on they are called `orders-2`, and so on.
    pub replicas: usize,
    /// Whether the origin answers. Without it the services are called where they listen themselves.
    pub has_edge: bool,
    pub retelling: Retelling,
}

/// Changes what one process alone is told: of an address on the way to a server, say, instead of the server's own.
///
/// It is asked for each service, with its variables, and for the edge, with the addresses of what stands behind it.
#[derive(Clone)]
pub struct Retelling(Arc<Retell>);

type Retell = dyn Fn(&str, &mut BTreeMap<String, String>) -> io::Result<()> + Send + Sync;

impl Retelling {
    pub fn new(
        retell: impl Fn(&str, &mut BTreeMap<String, String>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(retell))
    }

    pub(crate) fn of(&self, process: &str, variables: &mut BTreeMap<String, String>) -> Result<()> {
        (self.0)(process, variables).doing(|| format!("tell {process} something else"))
    }
}

impl Default for Retelling {
    fn default() -> Self {
        Self::new(|_, _| Ok(()))
    }
}

impl fmt::Debug for Retelling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Retelling")
    }
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
            replicas: 1,
            has_edge: true,
            retelling: Retelling::default(),
        })
    }

    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}
