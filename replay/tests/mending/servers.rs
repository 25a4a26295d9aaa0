//! A stream and the services' databases, and the tool that mends them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use futures::TryStreamExt as _;
use local_servers::{Place, Server, Toolbox, mongodb as mongo, nats};
use messaging::{Archive as _, Bus as _, Extent, JetStream, Selection};
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::{Client, Database};
use privileges::Shop;
use privileges::nats::{password_variable, settings};
use runtime::{Runtime, TokioTasks};
use tempfile::TempDir;

pub(crate) const SOON: Duration = Duration::from_secs(60);

pub(crate) struct Servers {
    pub(crate) runtime: Runtime,
    nats: Server,
    mongo: Server,
    jetstream: PathBuf,
    client: Client,
    _folder: TempDir,
}

/// All documents of one collection, byte for byte, by their ids.
pub(crate) type Copied = BTreeMap<String, Vec<u8>>;

/// What stands on the stream of each aggregate, in order: subject, headers and body.
pub(crate) type Told = BTreeMap<String, Vec<(String, BTreeMap<String, String>, Vec<u8>)>>;

/// What the program printed, and how it ended.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Servers {
    /// Open to everybody.
    pub(crate) async fn start() -> Self {
        Self::guarded("", BTreeMap::new()).await
    }

    /// With a stream that knows the shop's users, each with its name for a password.
    pub(crate) async fn with_users() -> Self {
        let users = privileges::nats::users(Shop::Local).into_iter();
        let passwords = users.map(|user| (password_variable(user.name), user.name.to_owned())).collect();
        Self::guarded(&settings(Shop::Local), passwords).await
    }

    async fn guarded(users: &str, passwords: BTreeMap<String, String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = Toolbox::open().unwrap();
        let place = Place::under(folder.path(), "nats");
        let jetstream = place.data.join("jetstream");
        let nats = nats::guarded(&toolbox, &place, users, &passwords).unwrap().start().unwrap();
        let place = Place::under(folder.path(), "mongo");
        let mongo = mongo::server(&toolbox, &place).unwrap().start().unwrap();
        let client = Client::with_uri_str(mongo.url()).await.unwrap();
        let runtime = Runtime::real(TokioTasks::default());
        Self { runtime, nats, mongo, jetstream, client, _folder: folder }
    }

    pub(crate) fn database(&self, service: &str) -> Database {
        self.client.database(service)
    }

    pub(crate) async fn bus(&self) -> JetStream {
        self.bus_at(self.nats.url(), "tests").await
    }

    pub(crate) async fn bus_of(&self, user: &str) -> JetStream {
        self.bus_at(&self.url_of(user), user).await
    }

    /// Of the stream that knows its users.
    pub(crate) fn url_of(&self, user: &str) -> String {
        format!("nats://{user}:{user}@127.0.0.1:{}", self.nats.port())
    }

    async fn bus_at(&self, url: &str, user: &str) -> JetStream {
        let bus = JetStream::connect(url, user, self.runtime.clone()).await.unwrap();
        let mut connections = bus.connections();
        self.runtime.timeout(SOON, connections.wait_for(|count| *count > 0)).await.unwrap().unwrap();
        bus
    }

    /// Whole, with everything on it.
    pub(crate) fn lose_stream(&mut self) {
        tokio::task::block_in_place(|| {
            self.nats.kill();
            fs::remove_dir_all(&self.jetstream).unwrap();
            self.nats.restart().unwrap();
        });
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
        command.args(arguments).env("NATS_URL", self.nats.url()).env("MONGODB_URL", self.mongo.url());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn tool(&self, arguments: &[&str]) -> Said {
        let output = tokio::task::block_in_place(|| self.command(arguments).output().unwrap());
        Said::of(&output)
    }

    /// For who means to kill it.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Killed as soon as this is so; says whether it was still running then.
    pub(crate) async fn kill_once(&self, arguments: &[&str], is_so: impl AsyncFn() -> bool) -> bool {
        let mut tool = self.begin(arguments);
        while tool.try_wait().unwrap().is_none() && !is_so().await {
            self.runtime.sleep(Duration::from_millis(2)).await;
        }
        let was_running = tool.try_wait().unwrap().is_none();
        // Outright, as `kill -9` does it.
        tool.kill().unwrap();
        tool.wait().unwrap();
        was_running
    }

    pub(crate) async fn copy(&self, service: &str, collection: &str) -> Copied {
        let documents = self.database(service).collection::<RawDocumentBuf>(collection);
        let found: Vec<_> = documents.find(doc! {}).await.unwrap().try_collect().await.unwrap();
        found.into_iter().map(|raw| (raw.get_str("_id").unwrap().to_owned(), raw.into_bytes())).collect()
    }

    /// In the place of whatever is there.
    pub(crate) async fn put_back(&self, service: &str, collection: &str, copied: &Copied) {
        let documents = self.database(service).collection::<RawDocumentBuf>(collection);
        documents.delete_many(doc! {}).await.unwrap();
        let all: Vec<_> =
            copied.values().map(|raw| RawDocumentBuf::from_bytes(raw.clone()).unwrap()).collect();
        if !all.is_empty() {
            documents.insert_many(all).await.unwrap();
        }
    }

    pub(crate) async fn collections(&self, service: &str) -> Vec<String> {
        let mut names = self.database(service).list_collection_names().await.unwrap();
        names.sort();
        names
    }

    pub(crate) async fn documents(&self, service: &str, collection: &str) -> Vec<Document> {
        let documents = self.database(service).collection::<Document>(collection);
        documents.find(doc! {}).await.unwrap().try_collect().await.unwrap()
    }

    /// But for the headers that name a place on the stream, which is another one on another stream.
    pub(crate) async fn told(&self) -> Told {
        self.told_over(&self.bus().await).await
    }

    pub(crate) async fn told_over(&self, bus: &JetStream) -> Told {
        let parts = bus.part(&Selection::everything(), 1, 1_000_000, Extent::Whole).await.unwrap();
        let mut told = Told::new();
        for numbered in parts {
            let mut wire = numbered.stored.parcel.wire().into_owned();
            wire.headers.retain(|name, _| name != "nats-expected-last-subject-sequence");
            let aggregate = wire.subject.rsplit_once('.').unwrap().0.to_owned();
            told.entry(aggregate).or_default().push((wire.subject, wire.headers, wire.body));
        }
        told
    }
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let status = output.status.code().unwrap_or(-1);
        Self { status, out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    pub(crate) fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.out.contains(words) || self.err.contains(words),
            "{words:?} in {}{}",
            self.out,
            self.err
        );
        self
    }
}
