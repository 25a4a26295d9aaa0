//! Keys change while people trade, and nobody notices.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rig::{Answer, Ask, Checked, Options, Person};
use serde_json::Value;

use crate::{SOON, attacks::paths, shop};

/// Runs auth's own command on the shop's keys, and returns what it says.
fn auth(arguments: &[&str], keys: &Path) -> String {
    let program = env::current_exe().unwrap();
    let binaries = program.parent().and_then(Path::parent).unwrap();
    let output = Command::new(binaries.join("auth")).args(arguments).arg(keys).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn key_id(person: &Person) -> String {
    let header = URL_SAFE_NO_PAD.decode(person.token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// What every service says to this person.
async fn answers(shop: &Checked, person: &Person) -> Vec<Answer> {
    let mut answers = Vec::new();
    for path in paths() {
        let ask = Ask::get(path).header("authorization", format!("Bearer {}", person.token));
        answers.push(shop.door().ask(&ask).await.unwrap());
    }
    answers
}

async fn are_known(shop: &Checked, people: [&Person; 2]) {
    for person in people {
        for answer in answers(shop, person).await {
            assert!([200, 403, 404].contains(&answer.status.as_u16()), "{answer}");
        }
    }
}

#[tokio::test]
async fn keys_rotate_and_no_request_is_refused() {
    let shop = shop(Options { has_edge: false, ..Options::default() }).await;
    let old = shop.person().await.unwrap();
    let keys = shop.processes().secrets().jwks.parent().unwrap().to_owned();

    let folder = keys.clone();
    let rotating = tokio::task::spawn_blocking(move || auth(&["rotate-keys"], &folder));
    let begun_at = Instant::now();
    let mut rounds = 0;
    let new = loop {
        let newest = shop.person().await.unwrap();
        are_known(&shop, [&old, &newest]).await;
        rounds += 1;
        if key_id(&newest) != key_id(&old) {
            break newest;
        }
        assert!(begun_at.elapsed() < SOON, "the old key goes on signing");
    };
    let said = rotating.await.unwrap();
    assert!(said.contains(&key_id(&new)), "{said}");
    println!("{rounds} people signed up before the new key signed");
    are_known(&shop, [&old, &new]).await;
    let listed = auth(&["list-keys"], &keys);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(auth(&["retire-keys"], &keys).contains("no key"), "its tokens have not expired");
    are_known(&shop, [&old, &new]).await;

    let withdrawn = auth(&["retire-keys", "--at-once"], &keys);
    assert!(withdrawn.contains(&key_id(&old)), "{withdrawn}");
    let begun_at = Instant::now();
    while answers(&shop, &old).await.iter().any(|answer| answer.status != 401) {
        assert!(begun_at.elapsed() < SOON, "tokens of the withdrawn key are taken");
    }
    are_known(&shop, [&new, &shop.person().await.unwrap()]).await;
}
