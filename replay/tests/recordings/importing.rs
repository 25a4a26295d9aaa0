//! An empty stream is told a recording, once, and by whom; another stream is not.

use std::fs;

use futures::TryStreamExt as _;
use messaging::{Archive as _, Bus as _, Extent, Selection};
use mongodb::bson::{Document, doc};

use crate::purchase::{messages, recording};
use crate::servers::Servers;

async fn repairs(servers: &Servers, service: &str) -> Vec<Document> {
    let notes = servers.database(service).await.collection::<Document>("repairs");
    notes.find(doc! {}).await.unwrap().try_collect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_stream_is_told_what_a_recording_holds_and_no_other_is() {
    let servers = Servers::start();
    let bus = servers.bus("orders").await;
    bus.prepare().await.unwrap();
    let file = servers.folder.path().join("events");
    recording().write(&mut fs::File::create(&file).unwrap()).unwrap();

    let said = servers.tool(&["import", "events"], &[]).answers();
    assert!(said.contains("1  ticket.TicketReserved"), "{said}");
    assert!(said.contains("13 events would be told"), "{said}");
    assert_eq!(bus.state().await.unwrap().last_sequence, 0, "a dry run writes nothing");
    assert_eq!(servers.tool(&["import", "events", "--write"], &[]).status, 2, "by whom has to be said");

    let whole = fs::read_to_string(&file).unwrap();
    for (name, text, why) in [
        ("cut", whole.lines().take(5).collect::<Vec<_>>().join("\n"), "line 6: the last line is missing"),
        ("odd", whole.replacen("ce-sequence", "ce-number", 1), "line 2: the header ce-sequence is missing"),
        ("no", "what".to_owned(), "line 1: "),
    ] {
        fs::write(servers.folder.path().join(name), text).unwrap();
        servers.tool(&["import", name, "--write", "--by", "ana"], &[]).refuses(3, why);
    }
    assert_eq!(bus.state().await.unwrap().last_sequence, 0, "nothing of a broken file is told");
    assert!(repairs(&servers, "orders").await.is_empty());

    let said = servers.tool(&["import", "events", "--write", "--by", "ana"], &[]).answers();
    assert!(said.contains("13 events told"), "{said}");
    let told = bus.part(&Selection::everything(), 1, 100, Extent::Whole).await.unwrap();
    let told: Vec<_> = told.iter().map(|one| one.stored.parcel.open().unwrap().into_owned()).collect();
    assert_eq!(told, messages());
    for service in ["auth", "tickets", "orders", "payments"] {
        let notes = repairs(&servers, service).await;
        assert_eq!(notes.len(), 1, "{service}");
        let note = |name: &str| notes[0].get_str(name).unwrap().to_owned();
        assert_eq!(
            (note("by"), note("command"), note("outcome")),
            ("ana".into(), "import".into(), "13 events told".into())
        );
    }

    servers.tool(&["import", "events"], &[]).refuses(1, "the stream holds 13 messages already");
    servers.tool(&["import", "events", "--write", "--by", "ana"], &[]).refuses(1, "only an empty one");

    // And back: what was told is what is exported.
    servers.tool(&["export", "--output", "again", "--unmasked"], &[]).answers();
    let again = replay::recording::Recording::read(&servers.folder.path().join("again")).unwrap();
    let again: Vec<_> =
        again.messages.iter().map(|one| one.stored.parcel.open().unwrap().into_owned()).collect();
    assert_eq!(again, messages());
    assert_eq!(servers.tool(&["schema", "check"], &[]).answers(), "13 events read, 0 could not be\n");
}
