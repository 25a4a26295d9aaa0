//! A shop of one's own: its processes, the people in it, and what is behind it.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use local_shop::{Retelling, Running};

use crate::{
    behind::Behind,
    door::Door,
    error::{Error, Result},
    invariants,
    person::Person,
};

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So many sign up at once: their passwords keep every core busy.
const AT_ONCE: usize = 4;

/// What kind of shop it is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the built services; that of the program that runs unless set.
    pub binaries: Option<PathBuf>,
    /// Told to every service.
    pub variables: BTreeMap<String, String>,
    /// Of each service; from the second on they are called `orders-2`, and so on.
    pub replicas: usize,
    pub has_edge: bool,
    pub retelling: Retelling,
    /// Of its data and logs; made unless it is given, and removed in the end either way.
    pub folder: Option<PathBuf>,
}

/// It is closed when this is dropped, and its folder removed.
pub struct Shop {
    running: Arc<Running>,
    door: Door,
    behind: Behind,
    /// The last to go: what lies in it is in use before.
    folder: Folder,
}

/// Removed at the end, unless somebody wants to look into it.
struct Folder {
    path: PathBuf,
    is_kept: AtomicBool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            binaries: None,
            variables: BTreeMap::new(),
            replicas: 1,
            has_edge: true,
            retelling: Retelling::default(),
            folder: None,
        }
    }
}

impl Options {
    pub fn variable(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.insert(name.to_owned(), value.to_string());
        self
    }

    /// How long a buyer has to pay.
    pub fn reservation_seconds(self, seconds: u64) -> Self {
        self.variable("RESERVATION_SECONDS", seconds)
    }

    pub fn max_open_orders(self, orders: usize) -> Self {
        self.variable("MAX_OPEN_ORDERS", orders)
    }
}

impl Shop {
    pub async fn open(options: Options) -> Result<Self> {
        let path = options.folder.map_or_else(new_folder, Ok)?;
        let folder = Folder { path, is_kept: AtomicBool::new(false) };
        let binaries = options.binaries.map_or_else(beside_this_program, Ok)?;
        let mut plan = local_shop::Options::in_folder(&folder.path, binaries)?;
        plan.variables = options.variables;
        plan.replicas = options.replicas;
        plan.has_edge = options.has_edge;
        plan.retelling = options.retelling;
        let running = tokio::task::spawn_blocking(move || Running::open(&plan)).await;
        let running = running.map_err(|_| Error::Gone)?.inspect_err(|_| folder.keep())?;
        let door = Door::of(&running, options.has_edge)?;
        let behind = Behind::of(&running).await?;
        Ok(Self { running: Arc::new(running), door, behind, folder })
    }

    /// Its processes, to be killed, kept down, paused and started again by name.
    pub fn processes(&self) -> &Arc<Running> {
        &self.running
    }

    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The way into one process alone, such as `orders-2`.
    pub fn door_of(&self, process: &str) -> Result<Door> {
        self.door.of_process(&self.running, process)
    }

    pub fn behind(&self) -> &Behind {
        &self.behind
    }

    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    pub async fn person(&self) -> Result<Person> {
        Person::signs_up(&self.door).await
    }

    pub async fn people(&self, count: usize) -> Result<Vec<Person>> {
        stream::iter(0..count).map(|_| self.person()).buffered(AT_ONCE).try_collect().await
    }

    pub async fn admin(&self) -> Result<Person> {
        Person::signs_in(&self.door, local_shop::ADMIN_EMAIL, local_shop::ADMIN_PASSWORD).await
    }

    /// Waits until the process may be given work again.
    pub async fn is_back(&self, name: &str, within: Duration) -> Result<()> {
        let (running, name) = (Arc::clone(&self.running), name.to_owned());
        let waited = tokio::task::spawn_blocking(move || running.wait_until_ready(&name, within)).await;
        Ok(waited.map_err(|_| Error::Gone)??)
    }

    /// What does not hold when everything has come to rest, or when the time is over.
    pub async fn violations(&self, within: Duration) -> Vec<String> {
        Self::violations_of(&self.behind, within).await
    }

    pub(crate) async fn violations_of(behind: &Behind, within: Duration) -> Vec<String> {
        let begun_at = Instant::now();
        loop {
            let violations = match behind.books().await {
                Ok(books) => invariants::violations(&books).iter().map(ToString::to_string).collect(),
                Err(error) => vec![error.to_string()],
            };
            if violations.is_empty() || begun_at.elapsed() > within {
                return violations;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The same, for another runtime than the one it was opened in.
    pub(crate) async fn reopened(&self) -> Result<Behind> {
        Behind::of(&self.running).await
    }

    /// Waits until everything holds.
    pub async fn settles(&self, within: Duration) -> Result<()> {
        let violations = self.violations(within).await;
        if violations.is_empty() {
            return Ok(());
        }
        self.keep_folder();
        Err(Error::Unsettled { logs: self.running.home().logs(), violations })
    }

    /// Leaves data and logs where they are when it is closed.
    pub fn keep_folder(&self) -> &Path {
        self.folder.keep();
        &self.folder.path
    }
}

impl Folder {
    fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept.load(Ordering::Relaxed) {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// For a shop of one's own.
pub(crate) fn new_folder() -> Result<PathBuf> {
    Ok(tempfile::Builder::new().prefix("stagedoor-").tempdir()?.keep())
}

/// A test lies in a folder below the services.
pub(crate) fn beside_this_program() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.parent().ok_or(Error::NoExecutable)?;
    let is_below = folder.file_name().is_some_and(|name| name == "deps");
    let folder = if is_below { folder.parent().ok_or(Error::NoExecutable)? } else { folder };
    Ok(folder.to_owned())
}
