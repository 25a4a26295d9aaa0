//! What is read out of a token, and what is not.

use super::*;

fn token(claims: &str) -> String {
    format!("e30.{}.signature", URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn a_token_says_who_is_visiting_and_until_when() {
    let claims =
        r#"{"sub":"0197f000-0000-7000-8000-000000000001","roles":["user","admin"],"exp":1900000000}"#;
    let who = Who::read(&token(claims)).unwrap();
    assert!(who.is_admin);
    assert_eq!(who.expires_at.as_millis(), 1_900_000_000_000);
}

#[test]
fn what_is_no_token_is_nobody() {
    for text in ["", "a", "a.b.c", "..", &token("{}"), &token("[]")] {
        assert_eq!(Who::read(text), None, "{text}");
    }
}

#[test]
fn a_form_was_sent_from_a_page_of_this_site_or_from_nowhere() {
    let from = |referrer: &str| {
        let headers = [(axum::http::header::REFERER, referrer.parse().unwrap())];
        came_from(&HeaderMap::from_iter(headers))
    };
    assert_eq!(from("https://shop.example/sell?x=1").as_deref(), Some("/sell?x=1"));
    assert_eq!(from("https://shop.example//elsewhere.example"), None);
    assert_eq!(from("nonsense"), None);
}
