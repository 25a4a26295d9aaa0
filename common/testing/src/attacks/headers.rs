//! What the header of a token may say about itself: of its type, of its key, and of keys that it brings along.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{Loot, Named, another_key, beginning_with, deep, encoded, ending_with, signed_by, with, without};

pub(super) fn tokens(loot: &Loot) -> Vec<Named> {
    [types(loot), key_ids(loot), embedded_keys(loot), extensions(loot), forms(loot)].concat()
}

fn types(loot: &Loot) -> Vec<Named> {
    let names = [
        "",
        "JWT",
        "jwt",
        "AT+JWT",
        "At+Jwt",
        "at+JWT",
        "application/at+jwt",
        "rt+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "JOSE",
        " at+jwt",
        "at+jwt ",
        "at jwt",
        "at+jwt\0",
        "аt+jwt",
    ];
    let values = names.map(Value::from).into_iter().chain([
        json!(null),
        json!(7),
        json!(true),
        json!(["at+jwt"]),
        json!({ "at+jwt": true }),
    ]);
    let typed =
        values.map(|value| (format!("type {value}"), loot.headed(&with(&loot.header(), "typ", value))));
    typed.chain([("no type".to_owned(), loot.headed(&without(&loot.header(), "typ")))]).collect()
}

fn key_ids(loot: &Loot) -> Vec<Named> {
    let known = loot.key_id();
    let texts = [
        String::new(),
        "another".to_owned(),
        format!("{known} "),
        format!(" {known}"),
        format!("{known}\0"),
        format!("{known}{known}"),
        known.chars().rev().collect(),
        format!("./{known}"),
        "../../../../dev/null".to_owned(),
        "/etc/passwd".to_owned(),
        "file:///dev/null".to_owned(),
        "' UNION SELECT 'AAAA' -- ".to_owned(),
        "'; DROP TABLE keys; --".to_owned(),
        "$(id)".to_owned(),
        "{{7*7}}".to_owned(),
        "http://evil.example/keys.json".to_owned(),
        "https://127.0.0.1:1/jwks.json".to_owned(),
        "\u{1f511}".to_owned(),
        "k".repeat(20_000),
    ];
    let values = texts.map(Value::from).into_iter().chain([
        json!(null),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(true),
        json!([known]),
        json!([]),
        json!({ "kid": known }),
    ]);
    let named = values.map(|value| {
        let shown: String = value.to_string().chars().take(40).collect();
        (format!("key {shown}"), loot.headed(&with(&loot.header(), "kid", value)))
    });
    named.chain([("no key".to_owned(), loot.headed(&without(&loot.header(), "kid")))]).collect()
}

/// Whoever believes a token about its own key believes everybody.
fn embedded_keys(loot: &Loot) -> Vec<Named> {
    let ours = another_key();
    let point = jsonwebtoken::jwk::Jwk::from_encoding_key(&ours, Algorithm::EdDSA).expect("the public half");
    let key = serde_json::to_value(point).expect("JSON");
    let mut tokens = Vec::new();
    for (field, value) in [
        ("jwk", key.clone()),
        ("jwk", with(&key, "kid", loot.key_id())),
        ("jwks", json!({ "keys": [key] })),
        ("jku", json!("https://evil.example/jwks.json")),
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("jku", json!("file:///etc/passwd")),
        ("x5u", json!("https://evil.example/key.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("x5t#S256", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
    ] {
        let header = with(&loot.header(), field, value.clone());
        let shown: String = value.to_string().chars().take(40).collect();
        let claims = loot.parts()[1];
        let by_another = signed_by(&ours, Algorithm::EdDSA, &encoded(header.to_string()), claims);
        tokens.push((format!("with {field} {shown}, signed with another key"), by_another));
        let no_id = encoded(without(&header, "kid").to_string());
        let named_by_none = signed_by(&ours, Algorithm::EdDSA, &no_id, claims);
        tokens.push((format!("with {field} {shown} in place of the key's id"), named_by_none));
        tokens.push((format!("with {field} {shown}"), loot.headed(&header)));
    }
    tokens
}

fn extensions(loot: &Loot) -> Vec<Named> {
    let header = loot.header();
    let [b64, crit] = ["b64", "crit"];
    let headers = [
        with(&header, crit, json!(["exp"])),
        with(&header, crit, json!(["b64"])),
        with(&header, crit, json!([])),
        with(&header, crit, json!(null)),
        with(&header, crit, json!("exp")),
        with(&header, b64, false),
        with(&header, b64, true),
        with(&with(&header, b64, false), crit, json!(["b64"])),
        with(&header, "cty", "JWT"),
        with(&header, "zip", "DEF"),
        with(&header, "enc", "A256GCM"),
        with(&header, "epk", json!({})),
        with(&header, "p2c", 2_000_000_000),
        with(&header, "nonce", "n"),
        with(&header, "ppt", "shaken"),
    ];
    let mut tokens: Vec<Named> =
        headers.iter().map(|header| (format!("header {header}"), loot.headed(header))).collect();
    // The claims themselves in place of what they are written as (RFC 7797).
    let plain = encoded(with(&with(&header, b64, false), crit, json!(["b64"])).to_string());
    let claims = loot.claims().to_string();
    tokens.push((
        "claims that are not encoded".to_owned(),
        signed_by(&loot.key, Algorithm::EdDSA, &plain, &claims),
    ));
    tokens
}

/// What is no header at all, signed all the same.
fn forms(loot: &Loot) -> Vec<Named> {
    let (header, claims) = (loot.header(), loot.claims().to_string());
    let array = json!([header["alg"], header["typ"], header["kid"]]);
    let text = header.to_string();
    let forms: [(&str, String); 22] = [
        ("an empty header", String::new()),
        ("a header of spaces", "   ".to_owned()),
        ("a header that is null", "null".to_owned()),
        ("a header that is a number", "7".to_owned()),
        ("a header that is a text", json!(text).to_string()),
        ("a header that is a list", json!([header]).to_string()),
        ("a header that lists its values", array.to_string()),
        ("a header that says nothing", "{}".to_owned()),
        ("a header with an end that is missing", text[..text.len() - 1].to_owned()),
        ("a header with something behind it", format!("{text} {text}")),
        ("a header with a comma too many", format!("{},}}", &text[..text.len() - 1])),
        ("a header with a comment", format!("{text}//")),
        ("a header in other quotes", text.replace('"', "'")),
        ("a header with a byte order mark", format!("\u{feff}{text}")),
        ("a header with a member that nobody knows", ending_with(&header, r#""admin":true"#)),
        ("a deep header", ending_with(&header, &format!(r#""deep":{}"#, deep(5_000)))),
        ("a long header", ending_with(&header, &format!(r#""long":"{}""#, "a".repeat(40_000)))),
        ("the algorithm twice, none first", beginning_with(&header, r#""alg":"none""#)),
        ("the algorithm twice, none last", ending_with(&header, r#""alg":"none""#)),
        ("the type twice", beginning_with(&header, r#""typ":"JWT""#)),
        ("the key twice", beginning_with(&header, r#""kid":"another""#)),
        ("the key twice, in other letters", beginning_with(&header, r#""\u006bid":"another""#)),
    ];
    let mut tokens: Vec<Named> =
        forms.iter().map(|(name, header)| ((*name).to_owned(), loot.signed(header, &claims))).collect();
    let invalid = signed_by(&loot.key, Algorithm::EdDSA, &encoded([0xff, 0xfe, 0x00]), loot.parts()[1]);
    tokens.push(("a header that is no text".to_owned(), invalid));
    tokens
}
