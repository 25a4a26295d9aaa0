//! What each user of NATS may not do.

use local_servers::{Place, Server, Toolbox};
use privileges::{
    OPERATOR, REPAIR, REPLAY, RIG, SERVICES, Shop,
    nats::{HEARTBEAT, inbox, password_variable, settings, users},
};

use super::{password, passwords, speak::Line};

/// A server that knows the users, and its data.
pub(crate) struct Nats {
    pub(crate) server: Server,
    _folder: tempfile::TempDir,
}

impl Nats {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = users(Shop::Local).into_iter().map(|user| password_variable(user.name));
        let place = Place::under(folder.path(), "nats");
        let settings = settings(Shop::Local);
        let server =
            local_servers::nats::guarded(&Toolbox::open().unwrap(), &place, &settings, &passwords(names));
        Self { server: server.unwrap().start().unwrap(), _folder: folder }
    }

    pub(crate) fn url(&self, user: &str) -> String {
        format!("nats://{user}:{}@127.0.0.1:{}", password(&password_variable(user)), self.server.port())
    }

    fn line(&self, user: &str) -> Line {
        Line::open(self.server.port(), Some((user, &password(&password_variable(user))))).unwrap()
    }
}

fn everybody() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name).chain([REPLAY, REPAIR, OPERATOR, RIG])
}

/// Of others than this user; and of nobody who is known.
fn categories_of_others(user: &str) -> Vec<&'static str> {
    let others = SERVICES.iter().filter(|service| service.name != user).flat_map(|service| service.says);
    others.copied().chain(["unheard-of"]).collect()
}

/// What goes to one consumer by its name.
fn at_consumer(name: &str) -> Vec<String> {
    let mut subjects: Vec<String> =
        ["CREATE", "INFO", "DELETE", "RESET", "PAUSE", "UNPIN", "MSG.NEXT", "DURABLE.CREATE"]
            .map(|what| format!("$JS.API.CONSUMER.{what}.EVENTS.{name}"))
            .to_vec();
    subjects.push(format!("$JS.API.CONSUMER.CREATE.EVENTS.{name}.events.order.>"));
    subjects.push(format!("$JS.ACK.EVENTS.{name}.1.1.1.1700000000000000000.0"));
    subjects.push(format!("$JS.FC.EVENTS.{name}.1"));
    subjects.push(format!("$JS.ACK._.hash.EVENTS.{name}.1.1.1.1700000000000000000.0"));
    subjects
}

fn forbidden_to_publish(user: &str) -> Vec<String> {
    let mut subjects: Vec<String> = categories_of_others(user)
        .iter()
        .map(|category| format!("events.{category}.00000000-0000-0000-0000-000000000001.Said"))
        .collect();
    for other in SERVICES.iter().map(|service| service.name).filter(|other| *other != user) {
        subjects.extend(at_consumer(other));
        subjects.extend(at_consumer(&format!("{other}-2")));
    }
    // Somebody's reading: its name can be asked for, what it holds cannot.
    subjects.extend(at_consumer("w7FnPqXz"));
    let at_stream =
        ["UPDATE", "DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN", "PEER.REMOVE"];
    subjects.extend(at_stream.map(|what| format!("$JS.API.STREAM.{what}.EVENTS")));
    subjects.extend(
        [
            "$JS.API.STREAM.CREATE.OTHER",
            "$JS.API.STREAM.INFO.OTHER",
            "$JS.API.STREAM.LIST",
            "$JS.API.STREAM.NAMES",
        ]
        .map(str::to_owned),
    );
    subjects.extend(
        ["$JS.API.INFO", "$JS.API.DIRECT.GET.EVENTS", "$JS.API.ACCOUNT.PURGE.SHOP", "$SYS.REQ.SERVER.PING"]
            .map(str::to_owned),
    );
    // What somebody else is answered.
    subjects.extend(everybody().filter(|other| *other != user).map(|other| format!("{}.1.2", inbox(other))));
    subjects.extend(["_INBOX.1.2".to_owned(), "events".to_owned(), "anything".to_owned()]);
    subjects.extend((user != "auth").then(|| HEARTBEAT.to_owned()));
    if user == RIG || user == OPERATOR || user == REPLAY {
        subjects.push("$JS.API.STREAM.CREATE.EVENTS".to_owned());
        subjects.push(format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.{user}"));
    }
    // Who looks after the shop may see how far somebody's consumer has come.
    if user == OPERATOR || user == REPLAY || user == REPAIR {
        subjects.retain(|subject| !subject.starts_with("$JS.API.CONSUMER.INFO.EVENTS."));
    }
    // What was lost is told again in whoever's name said it.
    if user == REPAIR {
        subjects.retain(|subject| !subject.starts_with("events."));
    }
    if user == RIG {
        subjects.extend(["$JS.API.STREAM.INFO.EVENTS", "$JS.API.CONSUMER.CREATE.EVENTS"].map(str::to_owned));
    }
    subjects
}

fn forbidden_to_hear(user: &str) -> Vec<String> {
    let mut subjects: Vec<String> = [
        ">",
        "*",
        "*.>",
        "_INBOX.>",
        "_INBOX.*",
        "$JS.>",
        "$JS.API.>",
        "$JS.ACK.>",
        "$JS.EVENT.ADVISORY.>",
        "$SYS.>",
        "heartbeat.>",
    ]
    .map(str::to_owned)
    .to_vec();
    subjects.extend(everybody().filter(|other| *other != user).map(|other| format!("{}.>", inbox(other))));
    if ![OPERATOR, REPLAY, REPAIR].contains(&user) {
        subjects.push("events.>".to_owned());
        subjects.push("events.*.*.*".to_owned());
        subjects.extend(categories_of_others(user).iter().map(|category| format!("events.{category}.>")));
    }
    subjects
}

#[test]
fn nobody_does_at_nats_what_is_anothers_to_do() {
    let nats = Nats::start();
    let mut tried = 0;
    for user in everybody() {
        let mut line = nats.line(user);
        let mut expect = |what: &str, subject: &str, outcome: Result<(), String>| {
            let refusal = outcome.expect_err(&format!("{user} may {what} {subject}"));
            assert!(
                refusal.contains("Permissions Violation") && refusal.contains(subject),
                "{user}: {refusal}"
            );
            tried += 1;
        };
        for subject in forbidden_to_publish(user) {
            expect("publish to", &subject, line.publish(&subject, "{}"));
        }
        for subject in forbidden_to_hear(user) {
            expect("listen to", &subject, line.subscribe(&subject));
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn who_has_no_password_or_a_wrong_one_is_not_let_in() {
    let nats = Nats::start();
    let port = nats.server.port();
    let orders = password(&password_variable("orders"));
    let refused = |user: Option<(&str, &str)>| {
        let refusal = Line::open(port, user).err();
        assert!(refusal.is_some_and(|refusal| refusal.contains("Authorization Violation")), "{user:?}");
    };
    refused(None);
    refused(Some(("", "")));
    for user in everybody() {
        refused(Some((user, "")));
        refused(Some((user, "guessed")));
        if user != "orders" {
            refused(Some((user, &orders)));
        }
    }
    refused(Some(("admin", &orders)));
}

const EVENTS: &str =
    r#"{"name":"EVENTS","subjects":["events.>"],"storage":"file","deny_delete":true,"deny_purge":true}"#;

/// The stream, and a durable consumer for each service.
fn furnished() -> Nats {
    let nats = Nats::start();
    for service in &SERVICES {
        let name = service.name;
        let (mut line, inbox) = (nats.line(name), format!("{}.1", inbox(name)));
        let made = line.ask("$JS.API.STREAM.CREATE.EVENTS", &inbox, EVENTS).unwrap();
        assert!(!made.contains("\"error\""), "{made}");
        let durable = format!(
            r#"{{"stream_name":"EVENTS","config":{{"durable_name":"{name}","ack_policy":"explicit"}},"action":"create"}}"#
        );
        let made = line.ask(&format!("$JS.API.CONSUMER.CREATE.EVENTS.{name}"), &inbox, &durable).unwrap();
        assert!(!made.contains("\"error\""), "{made}");
    }
    nats
}

#[test]
fn a_consumer_without_a_name_is_never_made_into_somebodys_durable_one() {
    let nats = furnished();
    let mut line = nats.line("tickets");
    let inbox = format!("{}.1", inbox("tickets"));
    let mut made = |config: &str| {
        let body = format!(r#"{{"stream_name":"EVENTS","config":{{{config}}}}}"#);
        line.ask("$JS.API.CONSUMER.CREATE.EVENTS", &inbox, &body).unwrap()
    };
    let deliver = r#""deliver_subject":"_INBOX_tickets.2","ack_policy":"none""#;
    let refused = made(&format!(r#""durable_name":"orders",{deliver}"#));
    assert!(refused.contains("\"error\""), "{refused}");
    let named = made(&format!(r#""name":"orders",{deliver}"#));
    assert!(named.contains("\"error\"") || !named.contains(r#""name":"orders""#), "{named}");
    let ephemeral = made(deliver);
    assert!(!ephemeral.contains("\"error\""), "{ephemeral}");
}

#[test]
fn making_the_stream_again_changes_nothing() {
    let nats = furnished();
    let inbox = format!("{}.1", inbox("payments"));
    let mut line = nats.line("payments");
    let other = EVENTS.replace(r#""deny_delete":true,"deny_purge":true"#, r#""max_msgs":1"#);
    assert_ne!(other, EVENTS);
    let refused = line.ask("$JS.API.STREAM.CREATE.EVENTS", &inbox, &other).unwrap();
    assert!(refused.contains("stream name already in use"), "{refused}");
    let again = line.ask("$JS.API.STREAM.CREATE.EVENTS", &inbox, EVENTS).unwrap();
    assert!(!again.contains("\"error\"") && again.contains(r#""deny_purge":true"#), "{again}");
}

/// Who may make a consumer may say where it delivers to: the server asks for no permission there.
#[test]
fn a_consumer_gives_nobody_the_power_of_the_server_that_delivers_for_it() {
    let nats = furnished();
    let (mut tickets, mut orders) = (nats.line("tickets"), nats.line("orders"));
    let me = format!("{}.1", inbox("tickets"));
    let mut made = |subject: &str| {
        let config = format!(r#"{{"deliver_subject":"{subject}","headers_only":true,"ack_policy":"none"}}"#);
        let body = format!(r#"{{"stream_name":"EVENTS","config":{config}}}"#);
        tickets.ask("$JS.API.CONSUMER.CREATE.EVENTS", &me, &body).unwrap()
    };
    assert!(made("events.order.1.Said").contains("forms a cycle"), "nothing is said in another's name");
    made("$JS.API.STREAM.DELETE.EVENTS");
    made("$JS.API.CONSUMER.DELETE.EVENTS.orders");
    made(HEARTBEAT);
    tickets
        .says("PUB $JS.API.CONSUMER.MSG.NEXT.EVENTS.tickets $JS.API.STREAM.DELETE.EVENTS 1\r\n1\r\n")
        .unwrap();
    orders.says(&format!("SUB {HEARTBEAT} 3\r\n")).unwrap();
    tickets.ask("events.ticket.1.Said", &me, "{}").unwrap();

    // It arrives, and says by its subject what it is.
    let mut heard = String::new();
    while !heard.contains("MSG ") {
        heard = orders.says("").unwrap();
    }
    assert!(heard.contains("MSG events.ticket.1.Said 3 "), "{heard}");
    let stream = tickets.ask("$JS.API.STREAM.INFO.EVENTS", &me, "").unwrap();
    assert!(stream.contains(r#""messages":1"#) && stream.contains(r#""deny_purge":true"#), "{stream}");
    let consumers = tickets.ask("$JS.API.CONSUMER.NAMES.EVENTS", &me, "").unwrap();
    assert!(consumers.contains(r#""orders""#), "{consumers}");
}

/// A consumer can be asked to deliver into the stream. Each event says behind which one it stands, and is refused there.
#[test]
fn who_reads_an_event_cannot_have_it_stored_again() {
    let nats = furnished();
    let (mut tickets, mut orders) = (nats.line("tickets"), nats.line("orders"));
    let me = format!("{}.1", inbox("tickets"));
    let expected = "Nats-Expected-Last-Subject-Sequence";
    let headers = format!("NATS/1.0\r\n{expected}: 0\r\n{expected}-Subject: events.order.1.>\r\n\r\n");
    let (subject, length) = ("events.order.1.OrderCreated", headers.len());
    orders.says(&format!("HPUB {subject} {length} {}\r\n{headers}{{}}\r\n", length + 2)).unwrap();
    let mut state = |subject: &str| tickets.ask(subject, &me, "").unwrap();
    while !state("$JS.API.STREAM.INFO.EVENTS").contains(r#""messages":1"#) {}

    let pull = format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.tickets {subject} 1");
    nats.line("tickets").says(&format!("PUB {pull}\r\n1\r\n")).unwrap();
    while !state("$JS.API.CONSUMER.INFO.EVENTS.tickets").contains(r#""delivered":{"consumer_seq":1"#) {}
    let next = tickets.ask("events.ticket.1.Said", &me, "{}").unwrap();
    assert!(next.contains(r#""seq":2"#), "nothing stands in between: {next}");
}
