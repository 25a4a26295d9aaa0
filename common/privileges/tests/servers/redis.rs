//! What each user of Redis may not do, and what each may.

use std::fs;

use local_servers::{Place, Server, Toolbox};
use privileges::{
    OPERATOR, REPAIR, REPLAY, RIG, Shop,
    redis::{access_list, password_variable, users},
};

use super::{password, speak};

struct Redis {
    server: Server,
    _folder: tempfile::TempDir,
}

impl Redis {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users.acl");
        fs::write(&file, access_list(Shop::Local, password)).unwrap();
        let place = Place::under(folder.path(), "redis");
        let server = local_servers::redis::guarded(&Toolbox::open().unwrap(), &place, &file);
        Self { server: server.unwrap().start().unwrap(), _folder: folder }
    }

    fn says(&self, user: &str, command: &str) -> String {
        self.says_words(user, command.split(' ').collect())
    }

    fn says_words(&self, user: &str, words: Vec<&str>) -> String {
        let password = password(&password_variable(user));
        let answers = speak::redis(self.server.port(), &[vec!["AUTH", user, &password], words]);
        assert_eq!(answers[0], "+OK", "{user} is known");
        answers[1].clone()
    }
}

const TIMERS: &str = "{stagedoor:timers}:due";
const LIMITS: &str = "limits:{auth}:sign-in:account";

/// What none of them may do.
const NOBODYS: [&str; 32] = [
    "KEYS *",
    "SCAN 0",
    "CONFIG GET *",
    "CONFIG SET dir /tmp",
    "ACL LIST",
    "ACL WHOAMI",
    "ACL SETUSER x on",
    "SHUTDOWN",
    "MONITOR",
    "SAVE",
    "BGSAVE",
    "BGREWRITEAOF",
    "REPLICAOF localhost 1",
    "CLIENT LIST",
    "CLIENT KILL ID 1",
    "SELECT 1",
    "SWAPDB 0 1",
    "FLUSHDB",
    "RENAME a b",
    "MIGRATE localhost 1 a 0 1",
    "SUBSCRIBE news",
    "PUBLISH news x",
    "PSUBSCRIBE *",
    "EVAL return(1) 0",
    "SCRIPT FLUSH",
    "FUNCTION LIST",
    "MODULE LIST",
    "INFO",
    "DBSIZE",
    "OBJECT ENCODING a",
    "GET other",
    "SET other 1",
];

#[test]
fn nobody_does_at_redis_what_is_anothers_to_do() {
    let redis = Redis::start();
    for user in users(Shop::Local) {
        let name = user.name;
        let mut forbidden = NOBODYS.to_vec();
        let reads_all = name == OPERATOR || name == REPLAY;
        if reads_all {
            forbidden.retain(|command| *command != "GET other");
        }
        forbidden.extend((name != RIG).then_some("FLUSHALL"));
        let others = [("expiration", TIMERS), ("auth", LIMITS), ("orders", "limits:{orders}:read:a")];
        let others = others.iter().filter(|(owner, _)| *owner != name).map(|(_, key)| *key);
        let mut elsewhere = Vec::new();
        for key in others {
            // What expiration put aside is mended by one who may touch nothing else there.
            let mends = name == REPAIR && key == TIMERS;
            let writes = ["SET", "HSET", "ZADD", "HDEL", "ZREM", "DEL", "PSETEX"].into_iter();
            let writes = writes.filter(|command| !mends || !["HSET", "HDEL"].contains(command));
            elsewhere.extend(writes.map(|command| format!("{command} {key} 1 1")));
            let reads = ["GET", "HVALS", "EXISTS"].map(|command| format!("{command} {key}"));
            elsewhere.extend(reads.into_iter().filter(|_| !reads_all && !mends));
        }
        for command in forbidden.into_iter().chain(elsewhere.iter().map(String::as_str)) {
            let said = redis.says(name, command);
            assert!(said.starts_with("-NOPERM"), "{name}: {command}: {said}");
        }
    }
}

#[test]
fn a_script_may_do_no_more_than_who_calls_it() {
    let redis = Redis::start();
    let script = "return redis.call('SET','limits:{auth}:a','1')";
    let loaded = redis.says_words("expiration", vec!["SCRIPT", "LOAD", script]);
    let digest = loaded.lines().last().unwrap();
    let said = redis.says_words("expiration", vec!["EVALSHA", digest, "0"]);
    assert!(said.contains("permission") || said.contains("NOPERM"), "{said}");
    assert_eq!(redis.says("auth", "GET limits:{auth}:a"), "$-1");
}

#[test]
fn what_a_service_needs_of_redis_it_may_do() {
    let redis = Redis::start();
    for command in [
        "PING",
        "CLIENT SETINFO LIB-NAME shop",
        "TIME",
        "SET {stagedoor:timers}:rebuild 1",
        "GET {stagedoor:timers}:rebuild",
        "EXISTS {stagedoor:timers}:complete",
        "HSETNX {stagedoor:timers}:about a 1",
        "HGET {stagedoor:timers}:about a",
        "HVALS {stagedoor:timers}:dead_letters",
        "HLEN {stagedoor:timers}:about",
        "HSET {stagedoor:timers}:dead_letters a 1",
        "HDEL {stagedoor:timers}:about a",
        "ZADD {stagedoor:timers}:due 1 a",
        "ZRANGEBYSCORE {stagedoor:timers}:due -inf 1 LIMIT 0 1",
        "ZRANGE {stagedoor:timers}:due 0 0 WITHSCORES",
        "ZREM {stagedoor:timers}:due a",
    ] {
        let said = redis.says("expiration", command);
        assert!(!said.starts_with('-'), "{command}: {said}");
    }
    for service in ["auth", "tickets", "orders", "payments"] {
        for command in ["TIME", "SET KEY 1 PX 100000", "EXISTS KEY", "GET KEY"] {
            let command = command.replace("KEY", &format!("limits:{{{service}}}:a"));
            let said = redis.says(service, &command);
            assert!(!said.starts_with('-'), "{service}: {command}: {said}");
        }
    }
    for command in ["PSETEX limits:{auth}:a 100000 1", "DEL limits:{auth}:b"] {
        let said = redis.says("auth", command);
        assert!(!said.starts_with('-'), "{command}: {said}");
    }
    assert!(!redis.says(OPERATOR, "HVALS {stagedoor:timers}:dead_letters").starts_with('-'));
    assert_eq!(redis.says(RIG, "FLUSHALL"), "+OK");
    assert_eq!(redis.says("auth", "GET limits:{auth}:a"), "$-1");
}

#[test]
fn without_a_password_one_only_learns_that_the_server_is_there() {
    let redis = Redis::start();
    let port = redis.server.port();
    assert_eq!(speak::redis(port, &[vec!["PING"]]), ["+PONG"]);
    for command in
        ["GET a", "SET a 1", "GET {stagedoor:timers}:due", "KEYS *", "INFO", "FLUSHALL", "CONFIG GET *"]
    {
        let said = speak::redis(port, &[command.split(' ').collect()]);
        assert!(said[0].starts_with("-NOPERM"), "{command}: {said:?}");
    }
    let known = password(&password_variable("auth"));
    for (user, guess) in [
        ("expiration", "guessed"),
        ("expiration", ""),
        ("expiration", &known),
        ("tickets", &known),
        ("somebody", &known),
    ] {
        let said = speak::redis(port, &[vec!["AUTH", user, guess]]);
        assert!(said[0].starts_with("-WRONGPASS"), "{user}: {said:?}");
    }
}
