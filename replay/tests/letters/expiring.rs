//! Dead letters of expiration, in Redis, among users who may do no more than they must.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use eventsourcing::Gate;
use expiration::{Policies, RedisTimers, Timers as _};
use local_servers::{Place, Server, Toolbox};
use messaging::{Bus, Messenger, MessengerParts, Relay};
use privileges::Shop;
use privileges::redis::{access_list, password_variable};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::servers::{Said, Servers, event};

const SOON: Duration = Duration::from_secs(30);

struct Redis(Server);

impl Redis {
    fn start(servers: &Servers) -> Self {
        let users = servers.folder.path().join("users.acl");
        fs::write(&users, access_list(Shop::Local, str::to_owned)).unwrap();
        let place = Place::under(servers.folder.path(), "redis");
        let server = local_servers::redis::guarded(&Toolbox::open().unwrap(), &place, &users).unwrap();
        Self(server.start().unwrap())
    }

    fn url(&self, user: &str) -> String {
        format!("redis://{user}:{}@127.0.0.1:{}/", password_variable(user), self.0.port())
    }

    fn tool(&self, servers: &Servers, arguments: &[&str]) -> Said {
        let user = if arguments.contains(&"--write") { "repair" } else { "replay" };
        servers.tool(arguments, &[("REDIS_URL", &self.url(user))])
    }
}

/// The service as its process runs it, but for its worker.
async fn expiration_of(servers: &Servers, timers: Arc<RedisTimers>) -> DropGuard {
    let runtime = servers.runtime.clone();
    let bus: Arc<dyn Bus> = servers.bus("expiration").await;
    bus.prepare().await.unwrap();
    let policies =
        Policies { timers: timers.clone(), runtime: runtime.clone(), was_set: Arc::new(Notify::new()) };
    let messenger = Messenger::new(MessengerParts {
        service: "expiration",
        bus: bus.clone(),
        relay: Arc::new(Relay::new(bus, runtime.clone())),
        outboxes: Vec::new(),
        listener: Some(Arc::new(policies)),
        dead_letters: timers.clone(),
        markers: timers,
        gate: Gate::default(),
        runtime: runtime.clone(),
    });
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    runtime.spawn("expiration", async move { messenger.run(stopped).await });
    stop.drop_guard()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_expiration_could_not_read_sets_its_timer_once_it_is_mended() {
    let servers = Servers::start();
    let redis = Redis::start(&servers);
    let timers = Arc::new(RedisTimers::connect(&redis.url("expiration")).unwrap());
    let _running = expiration_of(&servers, timers.clone()).await;
    let orders = servers.bus("orders").await;
    let mut ids = Vec::new();
    for number in [7_u128, 8] {
        let data = json!({
            "ticket_id": Uuid::from_u128(1), "buyer_id": Uuid::from_u128(2), "price": null, "expires_at": "late",
        });
        let of = ("order", Uuid::from_u128(number), "OrderCreated");
        let said = event(of, (number + 1_000, 1), servers.runtime.now(), data);
        orders.publish(&said, 0).await.unwrap();
        ids.push(said.recorded.id.to_string());
    }
    let listed = || -> Vec<Value> {
        let said = redis.tool(&servers, &["dead", "list", "--service", "expiration", "--json"]).answers();
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let becomes = async |count: usize| {
        let so = async {
            while listed().len() != count {
                servers.runtime.sleep(Duration::from_millis(100)).await;
            }
        };
        servers
            .runtime
            .timeout(SOON, so)
            .await
            .unwrap_or_else(|_| panic!("{count} dead letters: {:?}", listed()));
    };
    becomes(2).await;
    assert!(redis.tool(&servers, &["dead"]).answers().ends_with("2 dead letters\n"), "of all services");

    let mended = json!({
        "ticket_id": Uuid::from_u128(1), "buyer_id": Uuid::from_u128(2), "price": null,
        "expires_at": servers.runtime.now() + Duration::from_secs(600),
    });
    fs::write(servers.folder.path().join("mended.json"), mended.to_string()).unwrap();
    let edit = ["dead", "edit", "expiration", &ids[0], "--data", "mended.json"];
    redis.tool(&servers, &edit).answers();
    assert_eq!(timers.count().await.unwrap(), 0);
    redis.tool(&servers, &[&edit[..], &["--write", "--by", "ana"]].concat()).answers();
    becomes(1).await;
    assert_eq!(timers.count().await.unwrap(), 1, "its timer is set");

    let discard =
        ["dead", "discard", "expiration", &ids[1], "--reason", "of a test", "--write", "--by", "ana"];
    redis.tool(&servers, &discard).answers();
    becomes(0).await;

    let client = redis::Client::open(redis.url("operator")).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let discarded: Vec<String> = redis::cmd("HVALS")
        .arg("{stagedoor:timers}:discarded_letters")
        .query_async(&mut connection)
        .await
        .unwrap();
    let discarded: Value = serde_json::from_str(&discarded[0]).unwrap();
    assert_eq!((&discarded["reason"], &discarded["by"]), (&json!("of a test"), &json!("ana")));
    assert_eq!(discarded["letter"]["id"], ids[1].as_str());
    let kept = fs::read_to_string(appended(&servers)).unwrap_or_default();
    for noted in ["{stagedoor:timers}:repairs", "dead edit", "dead discard", "made due", "\\\"late\\\""] {
        assert!(kept.contains(noted), "{noted}");
    }
}

/// Nobody may read the notes but who has the server's disk.
fn appended(servers: &Servers) -> std::path::PathBuf {
    let folder = servers.folder.path().join("data/redis/appendonlydir");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "aof"))
        .max_by_key(|file| file.metadata().unwrap().len())
        .unwrap()
}
