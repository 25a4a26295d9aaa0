//! What a browser is told to do with a page, and what another site cannot make it do.

use rig::{Ask, Options};

use crate::Visit;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_page_runs_nothing_but_our_own_scripts_and_stands_in_no_other() {
    let visit = Visit::begin(Options::default()).await;
    let person = visit.shop.person().await.unwrap();
    for path in ["/", "/sign-in", "/account", "/no-such-page", "/orders"] {
        let answer = person.asks(Ask::get(path)).await.unwrap();
        let told = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = told("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(told("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(told("referrer-policy"), "same-origin", "{path}");
        assert_eq!(told("cache-control"), "no-store", "{path}: it is somebody's own");
    }
}

#[tokio::test]
async fn another_site_sends_no_form_in_a_visitors_name() {
    let visit = Visit::begin(Options::default()).await;
    let person = visit.shop.person().await.unwrap();
    let elsewhere = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://elsewhere.example"),
    ];
    for (name, value) in elsewhere {
        for path in ["/account/name", "/sell", "/sign-out", "/sign-in", "/door"] {
            let ask =
                Ask::new(reqwest::Method::POST, path).header("Content-Type", FORM).bytes("name=Mallory");
            let answer = person.asks(ask.header(name, value)).await.unwrap();
            assert_eq!(answer.status, 403, "{path} from {value}");
        }
    }
    let me = person.asks(Ask::get("/api/users/me")).await.unwrap().expect(200, "still here").unwrap();
    assert_ne!(me.text("name"), "Mallory");
}

#[tokio::test]
async fn a_body_that_no_form_sends_is_refused_and_breaks_nothing() {
    let visit = Visit::begin(Options::default()).await;
    let person = visit.shop.person().await.unwrap();
    let ticket = person.lists(&rig::Listing::any()).await.unwrap();
    let reserve = format!("/tickets/{ticket}/reserve");
    let bodies = [vec![0xff; 4_096], b"%%%=%&=&&&".to_vec(), vec![b'a'; 1_000_000], Vec::new()];
    for path in ["/sell", "/door", "/account/name", "/sign-in", &reserve] {
        for body in &bodies {
            let ask = Ask::new(reqwest::Method::POST, path).header("Content-Type", FORM).bytes(body.clone());
            let answer = person.asks(ask).await.unwrap();
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        }
    }
}
