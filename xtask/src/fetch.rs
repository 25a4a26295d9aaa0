//! Fetching the servers that are missing, all at once, while something else is done.

use std::{thread, time::Instant};

use anyhow::Context as _;
use local_servers::{NATS, REDIS, TRAEFIK, Toolbox, mongodb};

use crate::report::{say, seconds};

/// Does `work` while what is missing is fetched.
pub(crate) fn while_fetching<T>(
    toolbox: &Toolbox,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    type Fetch<'toolbox> = Box<dyn FnOnce() -> local_servers::Result<()> + Send + 'toolbox>;
    let fetches: [(&str, bool, Fetch<'_>); 4] = [
        ("NATS", toolbox.has(&NATS), Box::new(|| toolbox.fetch(&NATS).map(drop))),
        ("MongoDB", mongodb::is_fetched(toolbox), Box::new(|| mongodb::fetch(toolbox))),
        ("Redis", toolbox.has(&REDIS), Box::new(|| toolbox.fetch(&REDIS).map(drop))),
        ("Traefik", toolbox.has(&TRAEFIK), Box::new(|| toolbox.fetch(&TRAEFIK).map(drop))),
    ];
    thread::scope(|scope| {
        let missing = fetches.into_iter().filter(|(_, has, _)| !has);
        let running: Vec<_> = missing
            .map(|(name, _, fetch)| {
                scope.spawn(move || {
                    let begun_at = Instant::now();
                    let fetched = fetch();
                    if fetched.is_ok() {
                        say(&format!(
                            "  {:<34} ok      {:>7}",
                            format!("fetch {name}"),
                            seconds(begun_at.elapsed())
                        ));
                    }
                    fetched
                })
            })
            .collect();
        let worked = work();
        for fetch in running {
            fetch.join().map_err(|_| anyhow::anyhow!("fetching panicked"))?.context("a server is missing")?;
        }
        worked
    })
}
