//! Fetching the servers that are missing, all at once, while something else is done; and for tests a browser.

use std::{thread, time::Instant};

use anyhow::Context as _;
use local_servers::{AXE, LIGHTHOUSE, NATS, NODE, Package, REDIS, TRAEFIK, Toolbox, chromium, mongodb};

use crate::report::{say, seconds};

struct Fetch<'toolbox> {
    name: &'static str,
    is_there: bool,
    fetch: Box<dyn FnOnce() -> local_servers::Result<()> + Send + 'toolbox>,
}

/// Does `work` while what a shop needs is fetched, where it is missing.
pub(crate) fn while_fetching<T>(
    toolbox: &Toolbox,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    all(servers(toolbox), work)
}

/// Does `work` while all that tests need is fetched, where it is missing.
pub(crate) fn while_fetching_for_tests<T>(
    toolbox: &Toolbox,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    all(servers(toolbox).into_iter().chain(browser(toolbox)), work)
}

fn servers(toolbox: &Toolbox) -> [Fetch<'_>; 4] {
    [
        package(toolbox, "NATS", &NATS),
        Fetch {
            name: "MongoDB",
            is_there: mongodb::is_fetched(toolbox),
            fetch: Box::new(|| mongodb::fetch(toolbox)),
        },
        package(toolbox, "Redis", &REDIS),
        package(toolbox, "Traefik", &TRAEFIK),
    ]
}

fn browser(toolbox: &Toolbox) -> [Fetch<'_>; 4] {
    [
        Fetch {
            name: "Chromium",
            is_there: chromium::is_there(toolbox),
            fetch: Box::new(|| chromium::program(toolbox).map(drop)),
        },
        package(toolbox, "axe-core", &AXE),
        package(toolbox, "Lighthouse", &LIGHTHOUSE),
        package(toolbox, "Node for Lighthouse", &NODE),
    ]
}

fn package<'toolbox>(
    toolbox: &'toolbox Toolbox,
    name: &'static str,
    package: &'static Package,
) -> Fetch<'toolbox> {
    Fetch { name, is_there: toolbox.has(package), fetch: Box::new(move || toolbox.fetch(package).map(drop)) }
}

fn all<'toolbox, T>(
    fetches: impl IntoIterator<Item = Fetch<'toolbox>>,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let missing = fetches.into_iter().filter(|fetch| !fetch.is_there);
    thread::scope(|scope| {
        let running: Vec<_> = missing
            .map(|Fetch { name, fetch, .. }| {
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
            fetch
                .join()
                .map_err(|_| anyhow::anyhow!("fetching panicked"))?
                .context("something that is needed is missing")?;
        }
        worked
    })
}
