//! Redis: which keys each user may touch, by which commands.

use std::fmt::Write as _;

use crate::{OPERATOR, REPAIR, REPLAY, RIG, Shop};

/// Of every client: is the server there, what is this client called, and scripts by their digests. What a script
/// does is checked command by command.
const EVERY_CLIENT: [&str; 4] = ["ping", "client|setinfo", "evalsha", "script|load"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub name: &'static str,
    /// As an access list writes them: `~pattern`, or `%R~pattern` where they are only read.
    pub keys: &'static [&'static str],
    pub commands: &'static [&'static str],
}

const EXPIRATION: User = User {
    name: "expiration",
    keys: &["~{stagedoor:timers}:*"],
    commands: &[
        "time",
        "exists",
        "get",
        "set",
        "hget",
        "hset",
        "hsetnx",
        "hdel",
        "hvals",
        "hlen",
        "zadd",
        "zrem",
        "zrange",
        "zrangebyscore",
    ],
};

/// Counts who asks how often, and where somebody signed in from.
const AUTH: User = User {
    name: "auth",
    keys: &["~limits:{auth}:*"],
    commands: &["time", "exists", "get", "set", "psetex", "del"],
};

/// Count who asks how often, each for itself: nobody has more tries at another's by it.
const COUNTING: [User; 3] = [
    User { name: "tickets", keys: &["~limits:{tickets}:*"], commands: COUNTS },
    User { name: "orders", keys: &["~limits:{orders}:*"], commands: COUNTS },
    User { name: "payments", keys: &["~limits:{payments}:*"], commands: COUNTS },
];
const COUNTS: &[&str] = &["time", "exists", "get", "set"];

const LOOKING: User = User {
    name: OPERATOR,
    keys: &["%R~*"],
    commands: &[
        "get", "exists", "ttl", "pttl", "hget", "hvals", "hlen", "hgetall", "zcard", "zscore", "zrange",
    ],
};

const REPLAYING: User = User { name: REPLAY, ..LOOKING };

/// Of the timers: what was put aside there is tried again or discarded, and who did it is noted.
const REPAIRING: User = User {
    name: REPAIR,
    keys: &["~{stagedoor:timers}:*"],
    commands: &[
        "get", "exists", "hget", "hset", "hdel", "hvals", "hlen", "hgetall", "rpush", "zcard", "zrange",
    ],
};

const BREAKING: User = User { name: RIG, keys: &[], commands: &["flushall"] };

pub fn users(shop: Shop) -> Vec<User> {
    let mut users = vec![EXPIRATION, AUTH];
    users.extend(COUNTING);
    users.extend([LOOKING, REPLAYING, REPAIRING]);
    if shop == Shop::Local {
        users.push(BREAKING);
    }
    users
}

/// Names the user's password.
pub fn password_variable(user: &str) -> String {
    format!("{}_REDIS_PASSWORD", user.to_uppercase())
}

/// The server's file of users. It reads no environment, so the passwords have to be in it. Without a password one may
/// ask whether the server is there.
pub fn access_list(shop: Shop, password: impl Fn(&str) -> String) -> String {
    let mut text = String::from("user default reset on nopass +ping\n");
    for user in users(shop) {
        let password = password(&password_variable(user.name));
        let _ = write!(text, "user {} reset on >{password}", user.name);
        for keys in user.keys {
            let _ = write!(text, " {keys}");
        }
        for command in EVERY_CLIENT.iter().chain(user.commands) {
            let _ = write!(text, " +{command}");
        }
        text.push('\n');
    }
    text
}
