//! The same at a real NATS server, by the program itself.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use local_servers::{Place, Server, Toolbox, nats};
use messaging::{Archive as _, Bus as _, Extent, JetStream, Selection};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use replay::stream::Stream;
use replay::tail::follow;
use runtime::{Runtime, TokioTasks};
use tempfile::TempDir;

use crate::kept::{Paper, typed};
use crate::shop::{ORDER, Shop};

const SOON: Duration = Duration::from_secs(30);

struct Nats {
    server: Server,
    bus: JetStream,
    runtime: Runtime,
    _folder: TempDir,
}

impl Nats {
    async fn start() -> Self {
        let runtime = Runtime::real(TokioTasks::default());
        let folder = tempfile::tempdir().unwrap();
        let place = Place::under(folder.path(), "nats");
        let server = nats::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
        let bus = JetStream::connect(server.url(), "tests", runtime.clone()).await.unwrap();
        let nats = Self { server, bus, runtime, _folder: folder };
        nats.eventually(async || nats.bus.prepare().await.is_ok()).await;
        nats
    }

    /// Says there what was said in memory, from this place on.
    async fn repeats(&self, shop: &Shop, from: u64) {
        let part = shop.bus.part(&Selection::everything(), from, 1_000, Extent::Whole).await.unwrap();
        for numbered in part {
            let message = numbered.stored.parcel.open().unwrap().into_owned();
            let says = async || {
                let Ok(last) = self.bus.last(&message.category, message.id).await else { return false };
                self.bus.publish(&message, last.map_or(0, |last| last.sequence)).await.is_ok()
            };
            self.eventually(says).await;
        }
    }

    async fn eventually(&self, mut holds: impl AsyncFnMut() -> bool) {
        let begun_at = self.runtime.now();
        while !holds().await {
            assert!(self.runtime.now().since(begun_at) < SOON);
            self.runtime.sleep(Duration::from_millis(20)).await;
        }
    }

    fn tool(&self, words: &[&str]) -> Command {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
        tool.env("NATS_URL", self.server.url()).args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        tool
    }

    fn answered(&self, words: &[&str]) -> String {
        let output = self.tool(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_shop_is_told_as_a_recorded_one_is() {
    let (nats, shop) = (Nats::start().await, Shop::trades().await);
    nats.repeats(&shop, 1).await;
    let order = ORDER.to_string();
    for words in [vec!["story", &order], vec!["step", "order", &order], vec!["ls"]] {
        let told = nats.answered(&words);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recorded");
        shop.records(&file).await;
        let file = file.display().to_string();
        let recorded = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"))
            .args(["--recording", &file])
            .args(&words)
            .output()
            .unwrap();
        assert_eq!(told, String::from_utf8(recorded.stdout).unwrap());
    }
    let of_request = nats.answered(&["ls", "--json", "--correlation", &crate::shop::request(5).to_string()]);
    assert_eq!(of_request.lines().count(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_goes_on_when_the_server_is_back() {
    let (mut nats, shop) = (Nats::start().await, Shop::trades().await);
    let runtime = nats.runtime.clone();
    let bus = JetStream::connect(nats.server.url(), "tail", runtime.clone()).await.unwrap();
    let stream = Stream::new(Arc::new(bus), runtime.clone(), "the stream".to_owned(), false);
    let paper = Paper::default();
    let arguments = typed("--since #0 --count 21 --json");
    let mut terminal = paper.terminal(120);
    let following = runtime.timeout(SOON, follow(&stream, &arguments, &mut terminal));
    let meanwhile = async {
        nats.repeats(&shop, 1).await;
        runtime.sleep(Duration::from_millis(500)).await;
        tokio::task::block_in_place(|| nats.server.restart().unwrap());
        let placed = shop.reserves(crate::shop::OTHER_ORDER, 8).await;
        shop.expires(crate::shop::OTHER_ORDER, placed, false).await;
        nats.repeats(&shop, 16).await;
    };
    let (ended, ()) = tokio::join!(following, meanwhile);
    ended.expect("all comes").unwrap();
    let places: Vec<u64> = paper
        .text()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(places, (1..=21).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_seen_enough_interrupts_it_and_nothing_is_wrong() {
    let (nats, shop) = (Nats::start().await, Shop::trades().await);
    nats.repeats(&shop, 1).await;
    let mut tool = nats.tool(&["tail", "--since", "#1"]).spawn().unwrap();
    let mut reader = std::io::BufReader::new(tool.stdout.take().unwrap());
    let mut line = String::new();
    tokio::task::block_in_place(|| {
        use std::io::BufRead as _;
        while !line.contains("TicketSold") {
            assert!(reader.read_line(&mut line).unwrap() > 0, "it ended: {line}");
        }
    });
    kill(Pid::from_raw(i32::try_from(tool.id()).unwrap()), Signal::SIGINT).unwrap();
    let ended = tokio::task::block_in_place(|| tool.wait().unwrap());
    assert_eq!(ended.code(), Some(0));
}
