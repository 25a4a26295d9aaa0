//! NATS and MongoDB as a shop has them, who knows whom included, and the tool itself at them.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use local_servers::{Place, Server, Toolbox};
use messaging::{JetStream, Message};
use mongodb::Database;
use privileges::Shop;
use privileges::nats::{password_variable, settings, users};
use runtime::{Runtime, TokioTasks};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

/// The servers of one shop.
pub(crate) struct Servers {
    pub(crate) runtime: Runtime,
    pub(crate) folder: TempDir,
    nats: Server,
    mongo: Server,
}

/// How the tool ended, and what it said.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Servers {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = Toolbox::open().unwrap();
        let names = users(Shop::Local).into_iter().map(|user| password_variable(user.name));
        let passwords = names.map(|name| (name.clone(), name)).collect();
        let place = Place::under(folder.path(), "nats");
        let nats =
            local_servers::nats::guarded(&toolbox, &place, &settings(Shop::Local), &passwords).unwrap();
        let mongo = local_servers::mongodb::server(&toolbox, &Place::under(folder.path(), "mongo")).unwrap();
        let runtime = Runtime::real(TokioTasks::default());
        Self { runtime, folder, nats: nats.start().unwrap(), mongo: mongo.start().unwrap() }
    }

    pub(crate) async fn bus(&self, user: &str) -> Arc<JetStream> {
        let bus = JetStream::connect(&self.nats_url(user), user, self.runtime.clone()).await.unwrap();
        Arc::new(bus)
    }

    pub(crate) async fn database(&self, name: &str) -> Database {
        mongodb::Client::with_uri_str(self.mongo.url()).await.unwrap().database(name)
    }

    fn nats_url(&self, user: &str) -> String {
        format!("nats://{user}:{}@127.0.0.1:{}", password_variable(user), self.nats.port())
    }

    /// The tool as `cargo xtask replay` runs it: as one who writes only where it is told to.
    pub(crate) fn tool(&self, arguments: &[&str], more: &[(&str, &str)]) -> Said {
        let user = if arguments.contains(&"--write") { "repair" } else { "replay" };
        let mut tool = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
        tool.args(arguments).envs(more.iter().copied()).current_dir(self.folder.path());
        tool.env("NATS_URL", self.nats_url(user)).env("MONGODB_URL", self.mongo.url());
        said(tool.output().unwrap())
    }
}

/// The tool at a recording, without any server.
pub(crate) fn offline(recording: Option<&Path>, arguments: &[&str]) -> Said {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
    for variable in ["NATS_URL", "MONGODB_URL", "REDIS_URL"] {
        tool.env_remove(variable);
    }
    if let Some(recording) = recording {
        tool.arg("--recording").arg(recording);
    }
    said(tool.args(arguments).output().unwrap())
}

fn said(output: Output) -> Said {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

impl Said {
    #[track_caller]
    pub(crate) fn answers(self) -> String {
        assert_eq!(self.status, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// It ended with this status, and one sentence that has these words in it.
    #[track_caller]
    pub(crate) fn refuses(&self, status: i32, words: &str) {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        assert!(self.err.contains(words), "{:?} for {words:?}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
    }
}

/// An event that this number is the id of.
pub(crate) fn event(
    (category, id, event_type): (&str, Uuid, &str),
    (number, version): (u128, u64),
    at: Timestamp,
    data: Value,
) -> Message {
    let recorded = Recorded {
        id: Uuid::from_u128(number),
        version,
        event: RawEvent { event_type: event_type.to_owned(), data },
        at,
        cause: Cause {
            causation_id: Uuid::from_u128(number - 1),
            correlation_id: Uuid::from_u128(0xc0),
            actor: Actor::Service("tests".to_owned()),
            traceparent: None,
        },
    };
    Message { category: category.to_owned(), id, recorded }
}
