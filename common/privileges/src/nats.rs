//! NATS: which subjects each user may publish to and subscribe to.
//!
//! A service reads the whole stream, but writes only its own subjects, and has power only over the durable consumers
//! that bear its name. Other consumers of its own have no name and deliver to its inbox: nobody can ask for what they
//! hold, because asking takes a permission for the name. Everybody has an inbox that no one else may listen to.

use std::fmt::Write as _;

use crate::{OPERATOR, REPAIR, REPLAY, RIG, SERVICES, Service, Shop};

/// A service that comes to hear more types of events needs one more durable consumer: `orders`, `orders-2` ….
pub const DURABLES: usize = 4;
/// Where auth says that it is there, and all others listen.
pub const HEARTBEAT: &str = "heartbeat.revocations";

/// What everybody does who reads the stream.
const READ: [&str; 4] = [
    "$JS.API.STREAM.INFO.EVENTS",
    "$JS.API.STREAM.MSG.GET.EVENTS",
    "$JS.API.CONSUMER.NAMES.EVENTS",
    "$JS.API.CONSUMER.CREATE.EVENTS",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: &'static str,
    pub publishes: Vec<String>,
    pub subscribes: Vec<String>,
}

pub fn users(shop: Shop) -> Vec<User> {
    let mut users: Vec<User> = SERVICES.iter().map(service).collect();
    users.extend([REPLAY, OPERATOR].map(reader));
    users.push(repair());
    if shop == Shop::Local {
        users.push(rig());
    }
    users
}

/// Begins the subjects of all answers to this user.
pub fn inbox(user: &str) -> String {
    format!("_INBOX_{user}")
}

/// Holds the user's password, in the environment of the server: letters and digits, as it stands in a URL, and a letter
/// first, as the server reads what looks like a number as one.
pub fn password_variable(user: &str) -> String {
    format!("{}_NATS_PASSWORD", user.to_uppercase())
}

/// The durable consumers that a service may have.
pub fn durables(service: &str) -> impl Iterator<Item = String> {
    let later = (2..=DURABLES).map(move |number| format!("{service}-{number}"));
    std::iter::once(service.to_owned()).chain(later)
}

/// A part of the server's settings. The server itself puts in the passwords, out of its environment.
pub fn settings(shop: Shop) -> String {
    let mut text = String::from("authorization {\n  users = [\n");
    for user in users(shop) {
        let _ = writeln!(text, "    {{\n      user: {}", user.name);
        let _ = writeln!(text, "      password: ${}", password_variable(user.name));
        text.push_str("      permissions: {\n");
        for (what, subjects) in [("publish", &user.publishes), ("subscribe", &user.subscribes)] {
            let _ = writeln!(text, "        {what}: [");
            for subject in subjects {
                let _ = writeln!(text, "          \"{subject}\"");
            }
            text.push_str("        ]\n");
        }
        text.push_str("      }\n    }\n");
    }
    text.push_str("  ]\n}\n");
    text
}

fn service(service: &Service) -> User {
    let own: Vec<String> = service.says.iter().map(|category| format!("events.{category}.>")).collect();
    let mut publishes = own.clone();
    publishes.extend((service.name == "auth").then(|| HEARTBEAT.to_owned()));
    // Makes the stream where it is missing, and changes nothing where it is there.
    publishes.push("$JS.API.STREAM.CREATE.EVENTS".to_owned());
    publishes.extend(READ.map(str::to_owned));
    publishes.extend(durables(service.name).flat_map(|durable| consuming(&durable)));
    let mut subscribes = vec![format!("{}.>", inbox(service.name)), HEARTBEAT.to_owned()];
    subscribes.extend(own);
    User { name: service.name, publishes, subscribes }
}

/// All that can be done to a durable consumer. The second form of acknowledgements is that of servers from 2.16 on.
fn consuming(durable: &str) -> [String; 4] {
    [
        format!("$JS.API.CONSUMER.*.EVENTS.{durable}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.{durable}"),
        format!("$JS.ACK.EVENTS.{durable}.>"),
        format!("$JS.ACK.*.*.EVENTS.{durable}.>"),
    ]
}

fn reader(name: &'static str) -> User {
    let mut publishes = READ.map(str::to_owned).to_vec();
    // How far everybody has come.
    publishes.push("$JS.API.CONSUMER.INFO.EVENTS.*".to_owned());
    let subscribes = vec![format!("{}.>", inbox(name)), "events.>".to_owned(), HEARTBEAT.to_owned()];
    User { name, publishes, subscribes }
}

/// Tells the stream again what the stores know, and nothing that it tells already.
fn repair() -> User {
    let mut user = reader(REPAIR);
    user.publishes.extend(["events.>", "$JS.API.STREAM.CREATE.EVENTS"].map(str::to_owned));
    user
}

fn rig() -> User {
    let publishes = ["bench.>", "$JS.API.STREAM.CREATE.BENCH"].map(str::to_owned).to_vec();
    User { name: RIG, publishes, subscribes: vec![format!("{}.>", inbox(RIG))] }
}
