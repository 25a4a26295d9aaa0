//! Carries the plan out, fault by fault, each at its time, and notes what was done and who came back when.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use contracts::Timestamp;
use futures::future;
use local_shop::Running;
use tokio::task::JoinSet;

use super::{
    Means,
    crowd::Crowd,
    fault::{Deed, Fault},
    outcome::say,
};
use crate::{
    between::Passage,
    error::{Error, Result},
    listing::now,
    shop::Shop,
};

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A process that is to be broken is there by then.
const THERE_WITHIN: Duration = Duration::from_secs(30);

/// A fault that happened.
#[derive(Clone, Copy, Debug)]
pub struct Struck {
    pub deed: Deed,
    pub lasted: Duration,
    pub began_at: Timestamp,
    pub ended_at: Timestamp,
}

#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    pub process: &'static str,
    pub killed_at: Timestamp,
    /// How long until it could be given work again.
    pub back_after: Duration,
}

/// Waits at the killed for their return, while the plan goes on.
pub(super) type Recoveries = JoinSet<Recovery>;

pub(super) async fn all(
    shop: &Shop,
    means: &Means,
    plan: &[Fault],
    crowd: &Crowd,
) -> Result<(Vec<Struck>, Recoveries)> {
    let begun_at = Instant::now();
    let recoveries = Mutex::new(Recoveries::new());
    // A machine that was suspended wakes to many faults that are due at once.
    let alone: BTreeMap<&str, tokio::sync::Mutex<()>> =
        plan.iter().map(|fault| (fault.deed.touches(), tokio::sync::Mutex::default())).collect();
    let one = |fault: Fault| {
        let (recoveries, alone) = (&recoveries, &alone);
        async move {
            tokio::time::sleep_until((begun_at + fault.at).into()).await;
            let _alone = match alone.get(fault.deed.touches()) {
                Some(alone) => Some(alone.lock().await),
                None => None,
            };
            is_there(shop, fault.deed).await?;
            tell(begun_at, fault, crowd);
            let (began_at, began) = (now(), Instant::now());
            strike(shop, means, fault).await?;
            if let Deed::Kill(process) = fault.deed {
                let returned = returned(Arc::clone(shop.processes()), process, began_at, began);
                recoveries.lock().unwrap_or_else(PoisonError::into_inner).spawn(returned);
            }
            Ok::<_, Error>(Struck { deed: fault.deed, lasted: began.elapsed(), began_at, ended_at: now() })
        }
    };
    let struck = future::try_join_all(plan.iter().copied().map(one)).await?;
    Ok((struck, recoveries.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// Whoever is not back when the time is over is not among them.
pub(super) async fn recovered(mut recoveries: Recoveries, until: Instant) -> Vec<Recovery> {
    let mut recovered = Vec::new();
    let all = async {
        while let Some(recovery) = recoveries.join_next().await {
            recovered.extend(recovery);
        }
    };
    let _ = tokio::time::timeout_at(until.into(), all).await;
    recovered
}

/// What is to be broken has to be whole: what somebody killed a moment ago is waited for.
async fn is_there(shop: &Shop, deed: Deed) -> Result<()> {
    let touched = deed.touches();
    let begun_at = Instant::now();
    while shop.processes().names().iter().any(|name| name == touched) {
        if shop.processes().is_running(touched)? {
            break;
        }
        if begun_at.elapsed() > THERE_WITHIN {
            let what = format!("{touched} runs");
            return Err(Error::Never { what, seconds: THERE_WITHIN.as_secs() });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn strike(shop: &Shop, means: &Means, Fault { lasts, deed, .. }: Fault) -> Result<()> {
    let processes = shop.processes();
    match deed {
        Deed::Kill(process) => processes.kill(process)?,
        Deed::Pause(process) => {
            processes.pause(process)?;
            tokio::time::sleep(lasts).await;
            processes.resume(process)?;
        }
        Deed::Cut(link, passage) => {
            means.links.set(link, passage);
            tokio::time::sleep(lasts).await;
            means.links.set(link, Passage::Open);
        }
        Deed::FlushRedis => shop.behind().flush_redis().await?,
        Deed::LoseRedis => {
            let folder = data(shop, "redis");
            while_down(shop, "redis", lasts, move || {
                fs::remove_dir_all(&folder)?;
                fs::create_dir(&folder)
            })
            .await?;
        }
        Deed::LoseStream => {
            let folder = jetstream(shop);
            while_down(shop, "nats", lasts, move || fs::remove_dir_all(folder)).await?;
        }
        Deed::OldStream => {
            let (folder, older) = (jetstream(shop), data(shop, "older-jetstream"));
            let (from, to) = (folder.clone(), older.clone());
            while_down(shop, "nats", Duration::ZERO, move || copy(&from, &to)).await?;
            tokio::time::sleep(lasts).await;
            while_down(shop, "nats", Duration::ZERO, move || {
                fs::remove_dir_all(&folder)?;
                copy(&older, &folder)?;
                fs::remove_dir_all(older)
            })
            .await?;
        }
        Deed::MoveClock(_, seconds) => {
            if let Ok(clocks) = &means.clocks {
                clocks.move_by(seconds)?;
                tokio::time::sleep(lasts).await;
                clocks.move_by(0)?;
            }
        }
        Deed::FillDisk => {
            if let Ok(disk) = &means.disk {
                disk.fill()?;
                tokio::time::sleep(lasts).await;
                disk.free()?;
                // It gives JetStream up when it cannot write, until somebody starts it again.
                processes.kill("nats")?;
            }
        }
    }
    Ok(())
}

async fn while_down(
    shop: &Shop,
    process: &str,
    longer: Duration,
    work: impl FnOnce() -> io::Result<()> + Send + 'static,
) -> Result<()> {
    shop.processes().keep_down(process)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Gone)?.map_err(Error::Folder)?;
    tokio::time::sleep(longer).await;
    Ok(shop.processes().start_again(process)?)
}

fn data(shop: &Shop, name: &str) -> PathBuf {
    shop.processes().home().data().join(name)
}

fn jetstream(shop: &Shop) -> PathBuf {
    data(shop, "nats").join("jetstream")
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

async fn returned(
    running: Arc<Running>,
    process: &'static str,
    killed_at: Timestamp,
    killed: Instant,
) -> Recovery {
    loop {
        let asked = Arc::clone(&running);
        let missing = tokio::task::spawn_blocking(move || asked.missing(process)).await;
        if matches!(missing, Ok(Ok(None))) {
            return Recovery { process, killed_at, back_after: killed.elapsed() };
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn tell(begun_at: Instant, fault: Fault, crowd: &Crowd) {
    let lasts = match fault.lasts.as_secs_f64() {
        seconds if seconds < 0.2 => String::new(),
        seconds => format!(" for {seconds:.1} s"),
    };
    let (complete, surprises) = crowd.so_far();
    say(&format!(
        "{:>7.1} s  {:<60} {complete} bought, {surprises} surprises",
        begun_at.elapsed().as_secs_f64(),
        format!("{}{lasts}", fault.deed),
    ));
}
