//! The supervisor on real processes.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use local_servers::{Launch, Probe, Server, ports};

use super::{Stage, Supervisor, member::Member};
use crate::stop::Stop;

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

fn supervisor(folder: &Path) -> Supervisor {
    Supervisor::new(folder, Stop::default(), Box::new(|_| {}))
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
    let mut supervisor = supervisor(folder.path());
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
fn what_is_kept_down_stays_down_until_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let mut supervisor = supervisor(folder.path());
    supervisor.start(Stage::Servers, vec![listener(folder.path(), "one")]).unwrap();
    let before = pid(folder.path(), "one");

    supervisor.keep_down("one").unwrap();
    let begun_at = Instant::now();
    supervisor.supervise_while(|| begun_at.elapsed() < Duration::from_millis(300)).unwrap();
    assert!(!supervisor.is_running("one").unwrap());
    assert_eq!(supervisor.question("one").unwrap()(), Some("it is kept down".to_owned()));

    supervisor.start_again("one").unwrap();
    supervise_until(&mut supervisor, "it is back", || pid(folder.path(), "one") != before);
}

#[test]
fn a_process_that_does_not_exist_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = supervisor(folder.path()).kill("orders").unwrap_err();
    assert_eq!(refused.to_string(), "no process of this shop is called \"orders\"");
}

#[test]
fn what_keeps_dying_is_started_less_and_less_often() {
    let folder = tempfile::tempdir().unwrap();
    let launch =
        Launch::new("sh", folder.path().join("broken.log")).arguments(["-c", "echo started; exit 1"]);
    let broken = Server::new("broken", "", ports::free().unwrap(), launch, Probe::Connect);
    let mut supervisor = supervisor(folder.path());
    let mut member = Member::started(Stage::Services, broken);
    member.kill();
    supervisor.members.push(member);
    let begun_at = Instant::now();
    supervisor.supervise_while(|| begun_at.elapsed() < Duration::from_secs(2)).unwrap();
    let starts = fs::read_to_string(folder.path().join("broken.log")).unwrap().lines().count();
    // After 0.1, and then 0.1, 0.2, 0.4 and 0.8 s.
    assert!((3..=5).contains(&starts), "{starts} starts");
}
