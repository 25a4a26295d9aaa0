//! Every attack on tokens that is known, against a service whose clock stands still.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use serde_json::Value;
use testing::{Attack, Loot, attacks};

use crate::harness::{Answer, NOW_SECONDS, Shop, private_key, token};

/// What tables are worth is what is in them.
const AT_LEAST: usize = 150;

fn loot(shop: &Shop) -> Loot {
    Loot {
        token: token(),
        refresh_token: "q3Zp5sT0yJmQm9n3m2uV8wX1zA4bC6dE7fG8hI9jK0l".to_owned(),
        key: private_key(1),
        jwks: std::fs::read_to_string(shop.issuer.jwks_file()).unwrap(),
        now: NOW_SECONDS,
    }
}

async fn attempt(shop: &Shop, path: &str, attack: &Attack) -> Answer {
    let query = attack.query.as_deref().map_or_else(String::new, |query| format!("?{query}"));
    let mut request = Request::get(format!("{path}{query}"));
    for (name, value) in &attack.headers {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    shop.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn no_attack_makes_anybody_somebody() {
    let shop = Shop::open();
    let attacks = attacks(&loot(&shop));
    let mut faulty = Vec::new();
    for attack in &attacks {
        for path in ["/me", "/admin"] {
            let answer = attempt(&shop, path, attack).await;
            if answer.status != 401 || answer.json()["type"] != "/problems/unauthenticated" {
                faulty.push(format!("{path} {}: {} {:?}", attack.name, answer.status, answer.body));
            }
        }
        let answer = attempt(&shop, "/anybody", attack).await;
        if answer.status != 401 && answer.json() != Value::Null {
            faulty.push(format!("/anybody {}: {} {:?}", attack.name, answer.status, answer.body));
        }
    }
    println!("{} attacks", attacks.len());
    assert!(faulty.is_empty(), "{} of {}:\n{}", faulty.len(), attacks.len(), faulty.join("\n"));
}

#[test]
fn there_are_many_attacks_each_with_a_name_of_its_own() {
    let attacks = attacks(&loot(&Shop::open()));
    assert!(attacks.len() >= AT_LEAST, "{}", attacks.len());
    let mut names = BTreeSet::new();
    let doubled: Vec<&str> =
        attacks.iter().map(|attack| attack.name.as_str()).filter(|name| !names.insert(*name)).collect();
    assert!(doubled.is_empty(), "{doubled:#?}");
}

/// What is refused is refused for what is wrong with it, and not for what all have in common.
#[tokio::test]
async fn the_token_that_they_are_made_of_is_good() {
    let shop = Shop::open();
    for headers in [
        vec![("authorization", format!("Bearer {}", token()))],
        vec![("authorization", format!("BEARER  {}", token()))],
        vec![("cookie", format!("access_token={}", token()))],
        vec![
            ("cookie", format!("theme=dark; access_token={}", token())),
            ("authorization", format!("Bearer {}", token())),
        ],
        vec![("cookie", format!("access_token={}", token())), ("authorization", "Basic eA==".to_owned())],
        vec![("cookie", "access_token=".to_owned()), ("authorization", format!("Bearer {}", token()))],
    ] {
        let good = Attack { name: String::new(), headers, query: None };
        assert_eq!(attempt(&shop, "/me", &good).await.status, 200, "{:?}", good.headers);
    }
}
