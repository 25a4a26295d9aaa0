//! Which tokens are taken, and what is said of those that are not.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use contracts::users::Role;
use contracts::{Timestamp, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use service::caller::{Claims, Revocations, TokenFault};
use uuid::Uuid;

use crate::harness::{NOW_SECONDS, Shop, claims, sign, token, token_header};

fn with(change: impl FnOnce(&mut Claims)) -> String {
    let mut claims = claims();
    change(&mut claims);
    sign(&token_header(), &claims, 1)
}

fn under(change: impl FnOnce(&mut Header)) -> String {
    let mut header = token_header();
    change(&mut header);
    sign(&header, &claims(), 1)
}

/// The claims of a good token with no signature and a header that says so.
fn unsigned() -> String {
    let good = token();
    let parts: Vec<&str> = good.split('.').collect();
    // {"alg":"none","typ":"at+jwt","kid":"first"}
    format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiZmlyc3QifQ.{}.", parts[1])
}

/// The claims of another token under the signature of this one.
fn altered() -> String {
    let (good, other) = (token(), with(|claims| claims.roles = vec![Role::Admin]));
    let (good, other): (Vec<&str>, Vec<&str>) = (good.split('.').collect(), other.split('.').collect());
    format!("{}.{}.{}", good[0], other[1], good[2])
}

/// Signed with a shared secret, as if the algorithm were the caller's to choose.
fn with_a_shared_secret() -> String {
    let mut header = token_header();
    header.alg = Algorithm::HS256;
    jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(b"public key")).unwrap()
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_with_the_kind_of_fault() {
    let shop = Shop::open();
    for (name, token, detail) in [
        ("nonsense", "nonsense".to_owned(), "cannot be read"),
        ("no claims", "e30.e30.e30".to_owned(), "cannot be read"),
        ("unsigned", unsigned(), "not signed with EdDSA"),
        ("shared secret", with_a_shared_secret(), "not signed with EdDSA"),
        ("altered", altered(), "signature of the access token does not match"),
        ("another key", sign(&token_header(), &claims(), 9), "signature of the access token does not match"),
        ("unknown key", under(|header| header.kid = Some("second".to_owned())), "key that is not known"),
        ("no key", under(|header| header.kid = None), "key that is not known"),
        ("another type", under(|header| header.typ = Some("JWT".to_owned())), "not an access token"),
        ("no type", under(|header| header.typ = None), "not an access token"),
        ("issuer", with(|claims| claims.iss = "else".to_owned()), "another issuer"),
        ("audience", with(|claims| claims.aud = "else".to_owned()), "another audience"),
        ("expired", with(|claims| claims.exp = NOW_SECONDS), "has expired"),
        ("future", with(|claims| claims.iat = NOW_SECONDS + 61), "from the future"),
    ] {
        for path in ["/me", "/anybody", "/admin"] {
            let answer = shop.get_with(path, "authorization", &format!("Bearer {token}")).await;
            let problem = answer.assert_problem(401, "unauthenticated");
            let said = problem["detail"].as_str().unwrap();
            assert!(said.contains(detail), "{name} at {path}: {said}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
        }
    }
}

struct Banned(UserId);

impl Revocations for Banned {
    fn refuses(&self, claims: &Claims) -> bool {
        claims.sub == self.0
    }

    fn is_cut_off(&self, _: Timestamp) -> bool {
        false
    }
}

#[test]
fn a_token_that_was_revoked_is_refused_though_it_has_not_expired() {
    let shop = Shop::open();
    for (banned, expected) in [(claims().sub, Err(TokenFault::Revoked)), (UserId(Uuid::nil()), Ok(claims()))]
    {
        let verifier = shop.verifier().with_revocations(Arc::new(Banned(banned)));
        assert_eq!(verifier.verify(&token()), expected);
    }
}

#[tokio::test]
async fn a_good_token_is_taken_from_the_cookie_or_the_header() {
    let shop = Shop::open();
    for (name, value) in [
        ("cookie", format!("theme=dark; access_token={}", token())),
        ("authorization", format!("Bearer {}", token())),
        ("authorization", format!("bearer {}", token())),
    ] {
        let answer = shop.get_with("/me", name, &value).await;
        assert_eq!(answer.json(), json!({ "id": Uuid::from_u128(1), "roles": ["user"] }), "{name}");
    }
    for (name, value) in [
        ("cookie", format!("__Host-access_token={}", token())),
        ("cookie", "access_token=".to_owned()),
        ("authorization", format!("Basic {}", token())),
    ] {
        shop.get_with("/me", name, &value).await.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn over_https_only_the_cookie_with_the_prefix_counts() {
    let shop = Shop::at("https://stagedoor.example");
    let answer = shop.get_with("/me", "cookie", &format!("__Host-access_token={}", token())).await;
    assert_eq!(answer.status, 200);
    let answer = shop.get_with("/me", "cookie", &format!("access_token={}", token())).await;
    answer.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn anybody_may_come_without_a_token_where_none_is_needed() {
    let shop = Shop::open();
    assert_eq!(shop.get("/anybody").await.json(), json!(null));
    shop.get("/me").await.assert_problem(401, "unauthenticated");
    shop.get("/admin").await.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn only_an_admin_is_an_admin() {
    let shop = Shop::open();
    let user = format!("Bearer {}", token());
    shop.get_with("/admin", "authorization", &user).await.assert_problem(403, "forbidden");
    let admin = with(|claims| claims.roles = vec![Role::User, Role::Admin]);
    let answer = shop.get_with("/admin", "authorization", &format!("Bearer {admin}")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_token_ends_to_the_second() {
    let shop = Shop::open();
    let bearer = format!("Bearer {}", token());
    shop.clock.advance(899);
    assert_eq!(shop.get_with("/me", "authorization", &bearer).await.status, 200);
    shop.clock.advance(1);
    shop.get_with("/me", "authorization", &bearer).await.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn keys_rotate_without_a_restart() {
    let shop = Shop::open();
    let (old, new) = (token(), {
        let mut header = token_header();
        header.kid = Some("second".to_owned());
        sign(&header, &claims(), 2)
    });
    let status = async |token: &str| {
        shop.get_with("/me", "authorization", &format!("Bearer {token}")).await.status.as_u16()
    };
    assert_eq!((status(&old).await, status(&new).await), (200, 401));

    shop.issuer.publish(&[("first", 1), ("second", 2)]);
    shop.clock.advance(1);
    assert_eq!((status(&old).await, status(&new).await), (200, 200));

    shop.issuer.publish(&[("second", 2)]);
    shop.clock.advance(1);
    assert_eq!((status(&old).await, status(&new).await), (401, 200));
}

#[tokio::test]
async fn keys_stay_when_their_file_is_broken_or_gone() {
    let shop = Shop::open();
    let bearer = format!("Bearer {}", token());
    for broken in [Some("{"), Some(r#"{"keys": []}"#), None] {
        match broken {
            Some(text) => std::fs::write(shop.issuer.jwks_file(), text).unwrap(),
            None => std::fs::remove_file(shop.issuer.jwks_file()).unwrap(),
        }
        shop.clock.advance(2);
        assert_eq!(shop.get_with("/me", "authorization", &bearer).await.status, 200, "{broken:?}");
    }
}

#[tokio::test]
async fn answers_to_somebody_are_kept_out_of_caches() {
    let shop = Shop::open();
    let own = shop.get_with("/anybody", "cookie", &format!("access_token={}", token())).await;
    assert_eq!(own.header("cache-control"), Some("no-store"));
    assert_eq!(shop.get("/anybody").await.header("cache-control"), None);
    let signing_in = shop.send(Request::post("/sign-in").body(Body::empty()).unwrap()).await;
    assert_eq!(signing_in.header("cache-control"), Some("no-store"));
    assert!(signing_in.headers.contains_key(header::SET_COOKIE));
}
