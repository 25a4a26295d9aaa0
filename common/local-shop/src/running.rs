//! A shop that is open: watched by a thread of its own, and closed when this is dropped.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use local_servers::Home;

use crate::{
    error::{Doing, Result},
    keys::Secrets,
    options::Options,
    plan::Plan,
    stop::Stop,
    supervisor::{Supervisor, Tell},
};

const LOOK_EVERY: Duration = Duration::from_millis(20);

pub struct Running {
    home: Home,
    origin: String,
    addresses: BTreeMap<String, String>,
    secrets: Secrets,
    supervisor: Arc<Mutex<Supervisor>>,
    stop: Stop,
    watching: Option<JoinHandle<()>>,
}

impl Running {
    /// Returns when everything is ready. What the supervisor has to say goes to `shop.log` among the logs.
    pub fn open(options: &Options) -> Result<Self> {
        let plan = Plan::of(options)?;
        let (home, stop) = (options.home.clone(), Stop::default());
        let mut supervisor =
            Supervisor::new(home.run(), stop.clone(), into_log(home.logs().join("shop.log"))?);
        let (origin, addresses, secrets) =
            (plan.origin.clone(), plan.addresses.clone(), plan.secrets.clone());
        for (_, stage, servers) in plan.stages() {
            supervisor.start(stage, servers)?;
        }
        let supervisor = Arc::new(Mutex::new(supervisor));
        let watched = Arc::clone(&supervisor);
        let watching = thread::Builder::new().name("supervisor".to_owned()).spawn(move || {
            while lock(&watched).look().is_ok() {
                thread::sleep(LOOK_EVERY);
            }
        });
        let watching = Some(watching.doing(|| "start the thread that watches".to_owned())?);
        Ok(Self { home, origin, addresses, secrets, supervisor, stop, watching })
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Such as `NATS_URL` or `ORDERS_INTERNAL_ADDR`.
    pub fn address(&self, name: &str) -> Option<&str> {
        self.addresses.get(name).map(String::as_str)
    }

    /// Of all processes.
    pub fn names(&self) -> Vec<String> {
        lock(&self.supervisor).names()
    }

    /// Ends a process as a crash would; it is started again at once.
    pub fn kill(&self, name: &str) -> Result<()> {
        lock(&self.supervisor).kill(name)
    }

    /// Ends a process as a crash would, and lets it lie until `start_again`.
    pub fn keep_down(&self, name: &str) -> Result<()> {
        lock(&self.supervisor).keep_down(name)
    }

    pub fn start_again(&self, name: &str) -> Result<()> {
        lock(&self.supervisor).start_again(name)
    }

    /// Stops a process from running until `resume`, as a long pause of the machine would.
    pub fn pause(&self, name: &str) -> Result<()> {
        lock(&self.supervisor).pause(name)
    }

    pub fn resume(&self, name: &str) -> Result<()> {
        lock(&self.supervisor).resume(name)
    }

    /// What it still lacks to be ready, when it lacks something.
    pub fn missing(&self, name: &str) -> Result<Option<String>> {
        let question = lock(&self.supervisor).question(name)?;
        Ok(question())
    }

    /// Whether its process is there at all.
    pub fn is_running(&self, name: &str) -> Result<bool> {
        lock(&self.supervisor).is_running(name)
    }

    /// Blocks until the process is ready.
    pub fn wait_until_ready(&self, name: &str, within: Duration) -> Result<()> {
        let begun_at = Instant::now();
        while self.missing(name)?.is_some() {
            if begun_at.elapsed() > within {
                return Err(lock(&self.supervisor).not_ready(&[name], within));
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(watching) = self.watching.take() {
            let _ = watching.join();
        }
    }
}

fn lock(supervisor: &Mutex<Supervisor>) -> MutexGuard<'_, Supervisor> {
    supervisor.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_log(path: PathBuf) -> Result<Tell> {
    let log = File::create(&path).doing(|| format!("create {}", path.display()))?;
    Ok(Box::new(move |line| {
        let _ = writeln!(&log, "{line}");
    }))
}
