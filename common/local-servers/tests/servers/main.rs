//! The real servers: each starts, keeps what it acknowledged through a kill, and leaves nothing behind.
#![expect(clippy::disallowed_methods, reason = "it watches real processes for a real while")]
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod speak;

use std::{
    collections::BTreeSet,
    env, fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use local_servers::{Launch, Place, Server, Toolbox, edge, http, mongodb, nats, ports, redis};

fn toolbox() -> Toolbox {
    Toolbox::open().unwrap()
}

fn is_alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun_at = Instant::now();
    while !holds() {
        assert!(begun_at.elapsed() < Duration::from_secs(10), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn nats_keeps_its_stream_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = nats::server(&toolbox(), &Place::under(folder.path(), "nats")).unwrap().start().unwrap();
    speak::nats(server.port(), "$JS.API.STREAM.CREATE.KEPT", r#"{"name":"KEPT","subjects":["kept.>"]}"#);
    assert!(speak::nats(server.port(), "kept.1", "hello").contains(r#""seq":1"#));

    let before = server.pid();
    server.kill();
    assert!(server.ready().is_err());
    server.restart().unwrap();

    assert_ne!(server.pid(), before);
    assert!(speak::nats(server.port(), "$JS.API.STREAM.INFO.KEPT", "").contains(r#""messages":1"#));
}

#[test]
fn redis_keeps_its_keys_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server =
        redis::server(&toolbox(), &Place::under(folder.path(), "redis")).unwrap().start().unwrap();
    assert_eq!(speak::redis(server.port(), "SET kept hello"), "+OK\r\n");

    server.kill();
    server.restart().unwrap();

    assert_eq!(speak::redis(server.port(), "GET kept"), "$5\r\nhello\r\n");
}

#[test]
fn mongodb_keeps_its_documents_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server =
        mongodb::server(&toolbox(), &Place::under(folder.path(), "mongo")).unwrap().start().unwrap();
    speak::mongodb_insert(server.port(), 41);
    speak::mongodb_insert(server.port(), 42);

    server.kill();
    server.restart().unwrap();
    assert_eq!(speak::mongodb_count(server.port()), 2);

    server.stop();
    assert!(server.ended().unwrap().success(), "a stop is a clean end");
}

#[test]
fn the_edge_forwards_what_it_was_told_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("shown")).unwrap();
    fs::write(folder.path().join("shown/page"), "a page").unwrap();
    fs::write(folder.path().join("hidden"), "not for you").unwrap();
    let upstream = files(folder.path());
    let edge = edge_before(folder.path(), &[&upstream]);
    assert_eq!(http::get(edge.port(), "/shown/page").unwrap(), (200, "a page".to_owned()));
    for path in ["/hidden", "/shownelse", "/", "/shown/../hidden", "/dashboard/", "/api/rawdata"] {
        assert_eq!(http::get(edge.port(), path).unwrap().0, 404, "{path}");
    }
}

#[test]
fn the_edge_balances_over_the_replicas_that_are_ready() {
    let folder = tempfile::tempdir().unwrap();
    let replica = |name: &str| {
        let own = folder.path().join(name);
        fs::create_dir_all(own.join("shown")).unwrap();
        fs::write(own.join("shown/page"), name).unwrap();
        fs::write(own.join("readyz"), "").unwrap();
        files(&own)
    };
    let (one, other, unready) = (replica("one"), replica("other"), replica("unready"));
    fs::remove_file(folder.path().join("unready/readyz")).unwrap();
    let edge = edge_before(folder.path(), &[&one, &other, &unready]);

    let seen = || -> BTreeSet<String> {
        (0..12).map(|_| http::get(edge.port(), "/shown/page").unwrap().1).collect()
    };
    let ready = BTreeSet::from(["one".to_owned(), "other".to_owned()]);
    eventually("it knows who is ready", || seen() == ready);
}

/// A server of the files in a folder.
fn files(folder: &Path) -> Server {
    let port = ports::free().unwrap();
    let launch = Launch::new("python3", folder.join("log/upstream.log"))
        .arguments(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()])
        .folder(folder);
    Server::new("upstream", "", port, launch, local_servers::Probe::Connect).start().unwrap()
}

/// An edge that shows what these have below `/shown`.
fn edge_before(folder: &Path, upstreams: &[&Server]) -> Server {
    let address = ([127, 0, 0, 1], ports::free().unwrap()).into();
    let route = edge::Route {
        path: "/shown".to_owned(),
        service: "files".to_owned(),
        upstreams: upstreams.iter().map(|server| ([127, 0, 0, 1], server.port()).into()).collect(),
    };
    let place = Place::under(folder, "edge");
    edge::server(&toolbox(), &place, &[address], &[route]).unwrap().start().unwrap()
}

#[test]
fn a_port_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let refused = nats::server(&toolbox(), &Place::under(folder.path(), "nats").on(port)).unwrap().start();
    assert!(refused.unwrap_err().to_string().contains(&format!("port {port} of nats is in use")));
}

#[test]
fn a_server_that_ends_while_starting_shows_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let launch =
        Launch::new("sh", folder.path().join("broken.log")).arguments(["-c", "echo no such setting; exit 3"]);
    let broken =
        Server::new("broken", "", ports::free().unwrap(), launch, local_servers::Probe::Connect).start();
    let sentence = broken.unwrap_err().to_string();
    assert!(sentence.contains("exit status: 3") && sentence.contains("no such setting"), "{sentence}");
}

#[test]
fn a_process_inherits_all_but_what_is_none_of_its_business() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("told.log");
    let launch = Launch::new("sh", &log)
        .arguments(["-c", "echo \"$CARGO_PKG_NAME-$CARGO_MANIFEST_DIR-$TOLD\""])
        .without("CARGO_MANIFEST_DIR")
        .without("TOLD")
        .variable("TOLD", "secret");
    assert!(!format!("{launch:?}").contains("secret"));
    let mut process = launch.spawn().unwrap();
    eventually("it ends", || process.ended().is_some());
    assert_eq!(fs::read_to_string(log).unwrap(), "local-servers--secret\n");
}

#[test]
fn dropping_a_server_ends_it_and_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("grandchild");
    let launch = Launch::new("sh", folder.path().join("parent.log"))
        .arguments(["-c", "sleep 600 & echo $! > grandchild; wait"])
        .folder(folder.path());
    let process = launch.spawn().unwrap();
    eventually("the grandchild starts", || fs::read_to_string(&note).is_ok_and(|pid| pid.ends_with('\n')));
    let grandchild: u32 = fs::read_to_string(&note).unwrap().trim().parse().unwrap();
    let parent = process.pid();
    assert!(is_alive(parent) && is_alive(grandchild));

    drop(process);
    eventually("both are gone", || !is_alive(parent) && !is_alive(grandchild));
}

/// Set for the process that `a_killed_parent_leaves_no_child` starts and kills.
const HOLDER: &str = "LOCAL_SERVERS_TEST_HOLDER";

#[test]
fn a_killed_parent_leaves_no_child() {
    if let Some(folder) = env::var_os(HOLDER) {
        return hold_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_killed_parent_leaves_no_child", "--nocapture"])
        .env(HOLDER, folder.path())
        .spawn()
        .unwrap();
    let note = folder.path().join("pids");
    eventually("the servers start", || note.exists());
    let pids: Vec<u32> = fs::read_to_string(&note).unwrap().lines().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| is_alive(*pid)));

    parent.kill().unwrap();
    parent.wait().unwrap();
    eventually("its servers are gone", || !pids.iter().any(|pid| is_alive(*pid)));
}

fn hold_until_killed(folder: &Path) {
    // From a thread that ends at once: the children are tied to the process, not to it.
    let servers = thread::scope(|scope| {
        let start = || {
            let toolbox = toolbox();
            [
                nats::server(&toolbox, &Place::under(folder, "nats")).unwrap().start().unwrap(),
                mongodb::server(&toolbox, &Place::under(folder, "mongo")).unwrap().start().unwrap(),
                redis::server(&toolbox, &Place::under(folder, "redis")).unwrap().start().unwrap(),
            ]
        };
        scope.spawn(start).join().unwrap()
    });
    thread::sleep(Duration::from_millis(100));
    let pids: Vec<String> = servers.iter().filter_map(Server::pid).map(|pid| pid.to_string()).collect();
    fs::write(folder.join("unfinished"), pids.join("\n")).unwrap();
    fs::rename(folder.join("unfinished"), folder.join("pids")).unwrap();
    thread::sleep(Duration::from_secs(60));
}
