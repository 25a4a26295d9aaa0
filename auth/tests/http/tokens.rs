//! The tokens, as other services see them, and the description of the routes.

use std::fs;

use auth::keys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::users::Role;
use serde_json::{Value, json};

use crate::harness::{House, request};

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_says_who_by_which_session_and_until_when() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let claims = house.claims(&ada);
    assert_eq!((claims.sub.0, &claims.roles[..]), (ada.id(), &[Role::User][..]));
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("stagedoor", "stagedoor"));
    assert_eq!(claims.exp - claims.iat, 15 * 60);
    assert!(house.session(claims.sid.0).await.is_some());
    let payload = part(&ada.access_token, 1);
    let mut names: Vec<&String> = payload.as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "roles", "sid", "sub"], "nothing personal");
}

#[tokio::test]
async fn the_public_keys_are_shown_and_name_the_key_of_the_tokens() {
    let house = House::open();
    let ada = house.sign_up("ada@example.com").await;
    let answer = house.send(request("GET", "/.well-known/jwks.json", &[], None)).await;
    assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    let file = fs::read(house.keys.path().join(keys::JWKS_FILE)).unwrap();
    assert_eq!(answer.body, serde_json::from_slice::<Value>(&file).unwrap());
    let header = part(&ada.access_token, 0);
    assert_eq!(header, json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": answer.body["keys"][0]["kid"] }));
}

#[tokio::test]
async fn a_secret_that_got_among_the_public_keys_is_not_shown() {
    let house = House::open();
    let path = house.keys.path().join(keys::JWKS_FILE);
    let mut set: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    set["keys"][0]["d"] = json!("private-half");
    set["keys"].as_array_mut().unwrap().push(json!({ "kty": "oct", "k": "c2hhcmVkLXNlY3JldA" }));
    fs::write(&path, set.to_string()).unwrap();
    let answer = house.send(request("GET", "/.well-known/jwks.json", &[], None)).await;
    assert_eq!(answer.body["keys"].as_array().unwrap().len(), 1);
    assert!(!answer.body.to_string().contains("private-half"));
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_not_available() {
    let house = House::open();
    let path = house.keys.path().join(keys::JWKS_FILE);
    fs::write(&path, "{").unwrap();
    for _ in 0..2 {
        let answer = house.send(request("GET", "/.well-known/jwks.json", &[], None)).await;
        assert_eq!(answer.problem(), (503, "unavailable"));
        let _ = fs::remove_file(&path);
    }
}

#[tokio::test]
async fn every_route_is_described() {
    let house = House::open();
    let answer = house.send(request("GET", "/api/users/openapi.json", &[], None)).await;
    let paths = answer.body["paths"].as_object().unwrap();
    let mut routes: Vec<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    routes.sort_unstable();
    assert_eq!(
        routes,
        [
            "delete /api/users/me/sessions/{id}",
            "delete /api/users/{id}/ban",
            "get /.well-known/jwks.json",
            "get /api/users",
            "get /api/users/audit",
            "get /api/users/me",
            "get /api/users/me/sessions",
            "get /api/users/{id}",
            "patch /api/users/me",
            "post /api/users/me/password",
            "post /api/users/refresh",
            "post /api/users/signin",
            "post /api/users/signout",
            "post /api/users/signup",
            "post /api/users/{id}/ban"
        ]
    );
    for property in ["User/properties/created_at", "Session/properties/current", "AuditType/enum"] {
        let pointer = format!("/components/schemas/{property}");
        assert!(answer.body.pointer(&pointer).is_some(), "{property}");
    }
    let parameters = answer.body["paths"]["/api/users/audit"]["get"]["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["user", "type", "from", "limit", "cursor"]);
}
