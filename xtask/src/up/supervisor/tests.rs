//! The supervisor on real processes.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use local_servers::{Launch, Probe, Server, ports};

use super::{Stage, Supervisor};
use crate::up::stop::Stop;

/// A server of Python's, which is there wherever the servers can be fetched.
fn listener(folder: &Path, name: &str) -> Server {
    let port = ports::free().unwrap();
    let launch = Launch::new("python3", folder.join(format!("{name}.log"))).arguments([
        "-m",
        "http.server",
        "--bind",
        "127.0.0.1",
        &port.to_string(),
    ]);
    Server::new(name, "", port, launch, Probe::Connect)
}

fn pid(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(format!("{name}.pid"))).unwrap_or_default()
}

fn supervise_until(supervisor: &mut Supervisor, what: &str, condition: impl Fn() -> bool) {
    let begun_at = Instant::now();
    supervisor.supervise_while(|| !condition() && begun_at.elapsed() < Duration::from_secs(10)).unwrap();
    assert!(condition(), "never: {what}");
}

#[test]
fn what_dies_is_started_again_and_all_end_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut supervisor = Supervisor::new(folder.path().to_owned(), Stop::default());
    supervisor.start(Stage::Servers, vec![listener(folder.path(), "one")]).unwrap();
    supervisor.start(Stage::Services, vec![listener(folder.path(), "two")]).unwrap();
    let (one, two) = (pid(folder.path(), "one"), pid(folder.path(), "two"));

    Command::new("kill").args(["-9", &two]).status().unwrap();
    supervise_until(&mut supervisor, "it is back", || pid(folder.path(), "two") != two);

    assert_eq!(pid(folder.path(), "one"), one, "the other is left alone");
    let again = pid(folder.path(), "two");
    drop(supervisor);
    for pid in [one, again] {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} is left");
    }
}

#[test]
fn what_keeps_dying_is_started_less_and_less_often() {
    let folder = tempfile::tempdir().unwrap();
    let launch =
        Launch::new("sh", folder.path().join("broken.log")).arguments(["-c", "echo started; exit 1"]);
    let broken = Server::new("broken", "", ports::free().unwrap(), launch, Probe::Connect);
    let mut supervisor = Supervisor::new(folder.path().to_owned(), Stop::default());
    supervisor.members.push(super::Member {
        stage: Stage::Services,
        server: broken,
        started_at: Instant::now(),
        pause: super::SHORTEST_PAUSE,
        start_again_at: Some(Instant::now()),
    });
    let begun_at = Instant::now();
    supervisor.supervise_while(|| begun_at.elapsed() < Duration::from_secs(2)).unwrap();
    let starts = fs::read_to_string(folder.path().join("broken.log")).unwrap().lines().count();
    // At once, and after 0.1, 0.2, 0.4 and 0.8 s.
    assert!((3..=5).contains(&starts), "{starts} starts");
}
