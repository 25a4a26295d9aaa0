//! Every attack on tokens that is known, on every service where it listens itself.

use std::fs;

use futures::future::join_all;
use jsonwebtoken::EncodingKey;
use rig::{Answer, Ask, Checked, Options, Person, now};
use testing::{Attack, Loot, attacks};
use uuid::Uuid;

use crate::shop;

fn loot(shop: &Checked, person: &Person) -> Loot {
    let secrets = shop.processes().secrets();
    Loot {
        token: person.token.clone(),
        refresh_token: person.refresh_token.clone(),
        key: EncodingKey::from_ed_pem(&fs::read(&secrets.signing_key).unwrap()).unwrap(),
        jwks: fs::read_to_string(&secrets.jwks).unwrap(),
        now: now().as_millis() / 1000,
    }
}

/// Something that each service tells only somebody.
pub(crate) fn paths() -> [String; 5] {
    [
        "/api/users/me".to_owned(),
        "/api/tickets?seller=me".to_owned(),
        "/api/orders".to_owned(),
        format!("/api/payments/{}", Uuid::new_v4()),
        "/api/events".to_owned(),
    ]
}

async fn attempt(shop: &Checked, path: &str, attack: &Attack) -> Answer {
    let joint = if path.contains('?') { '&' } else { '?' };
    let query = attack.query.as_deref().map_or_else(String::new, |query| format!("{joint}{query}"));
    let ask = Ask::get(format!("{path}{query}"));
    let ask = attack.headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value.clone()));
    shop.door().ask(&ask).await.unwrap()
}

async fn let_in(shop: &Checked, path: &str, attacks: &[Attack]) -> Vec<String> {
    let mut let_in = Vec::new();
    for attack in attacks {
        let answer = attempt(shop, path, attack).await;
        if (answer.status.as_u16(), answer.problem()) != (401, "unauthenticated") {
            let_in.push(format!("{path} {}: {answer}", attack.name));
        }
    }
    let_in
}

#[tokio::test]
async fn no_attack_makes_anybody_somebody_at_any_service() {
    let shop = shop(Options { has_edge: false, ..Options::default() }).await;
    let person = shop.person().await.unwrap();
    let attacks = attacks(&loot(&shop, &person));
    let paths = paths();
    for path in &paths {
        for header in [
            ("authorization", format!("Bearer {}", person.token)),
            ("cookie", format!("access_token={}", person.token)),
        ] {
            let good = Attack { name: String::new(), headers: vec![header], query: None };
            let answer = attempt(&shop, path, &good).await;
            assert!([200, 403, 404].contains(&answer.status.as_u16()), "the good token at {path}: {answer}");
        }
    }
    let let_in: Vec<String> = join_all(paths.iter().map(|path| let_in(&shop, path, &attacks)))
        .await
        .into_iter()
        .flatten()
        .collect();
    println!("{} attacks on {} services", attacks.len(), paths.len());
    assert!(let_in.is_empty(), "{}:\n{}", let_in.len(), let_in.join("\n"));
}
