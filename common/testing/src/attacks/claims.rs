//! What a token may say of its caller, its time and its makers.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{Loot, Named, beginning_with, deep, encoded, ending_with, signed_by, with, without};

const CLAIMS: [&str; 8] = ["iss", "aud", "sub", "sid", "roles", "iat", "exp", "jti"];
const SOMEBODY: &str = "0197c2a4-0000-7000-8000-00000000dead";

pub(super) fn tokens(loot: &Loot) -> Vec<Named> {
    [
        missing_or_of_another_type(loot),
        others_words(loot),
        times(loot),
        altered(loot),
        twice(loot),
        forms(loot),
    ]
    .concat()
}

fn missing_or_of_another_type(loot: &Loot) -> Vec<Named> {
    let claims = loot.claims();
    let mut tokens = Vec::new();
    for claim in CLAIMS {
        tokens.push((format!("no {claim}"), loot.claiming(&without(&claims, claim))));
        let own = &claims[claim];
        for other in [json!(null), json!(true), json!(7.5), json!({}), json!([own]), json!([[]]), json!("7")]
        {
            tokens.push((format!("{claim} {other}"), loot.claiming(&with(&claims, claim, other))));
        }
        let nothing = if own.is_string() { json!("") } else { json!([null]) };
        tokens.push((format!("{claim} {nothing}"), loot.claiming(&with(&claims, claim, nothing))));
    }
    tokens
}

fn others_words(loot: &Loot) -> Vec<Named> {
    let claims = loot.claims();
    let mut tokens = Vec::new();
    let mut say = |claim: &str, value: Value| {
        tokens.push((format!("{claim} says {value}"), loot.claiming(&with(&claims, claim, value))));
    };
    for claim in ["iss", "aud"] {
        for other in [
            "somebody",
            "Stagedoor",
            "STAGEDOOR",
            "stagedoor ",
            "stagedoor\0",
            "https://stagedoor",
            "*",
            "stаgedoor",
        ] {
            say(claim, json!(other));
        }
        say(claim, json!(["stagedoor", "somebody"]));
        say(claim, json!(["somebody", "stagedoor"]));
    }
    for other in
        ["me", "admin", "1", "1 OR 1=1", "ada@example.com", "../../admin", "$ne", "0197c2a4-0000-7000-8000"]
    {
        say("sub", json!(other));
    }
    say("sub", json!({ "$gt": "" }));
    say("sub", json!(format!("{SOMEBODY} ")));
    for other in ["session", "0", "null"] {
        say("sid", json!(other));
        say("jti", json!(other));
    }
    for other in [
        json!("admin"),
        json!(["root"]),
        json!(["ADMIN"]),
        json!(["admin "]),
        json!(["user", "root"]),
        json!(["user", null]),
        json!(["user", 7]),
        json!([["admin"]]),
        json!({ "admin": true }),
    ] {
        say("roles", other);
    }
    tokens
}

/// Nothing is forgiven at the end of a token; its maker's clock may be ahead by a minute.
fn times(loot: &Loot) -> Vec<Named> {
    let (claims, now) = (loot.claims(), loot.now);
    let mut tokens = Vec::new();
    for (claim, name, value) in [
        ("exp", "this very second", json!(now)),
        ("exp", "a second ago", json!(now - 1)),
        ("exp", "a minute ago", json!(now - 60)),
        ("exp", "1970", json!(0)),
        ("exp", "before 1970", json!(-1)),
        ("exp", "the least number", json!(i64::MIN)),
        ("exp", "more than a number", json!(u64::MAX)),
        ("exp", "a fraction", json!(1.0e300)),
        ("exp", "a text", json!((now + 600).to_string())),
        ("iat", "in ten minutes", json!(now + 600)),
        ("iat", "in a year", json!(now + 31_536_000)),
        ("iat", "the greatest number", json!(i64::MAX)),
        ("iat", "more than a number", json!(u64::MAX)),
        ("iat", "a text", json!(now.to_string())),
        ("nbf", "in ten minutes", json!(now + 600)),
        ("nbf", "in a year", json!(now + 31_536_000)),
        ("nbf", "the greatest number", json!(i64::MAX)),
        ("nbf", "more than a number", json!(u64::MAX)),
        ("nbf", "a fraction", json!(1.5)),
        ("nbf", "a text", json!("tomorrow")),
        ("nbf", "a list", json!([now])),
    ] {
        tokens.push((format!("{claim} is {name}"), loot.claiming(&with(&claims, claim, value))));
    }
    tokens
}

/// Under the signature of the good token.
fn altered(loot: &Loot) -> Vec<Named> {
    let [header, _, signature] = loot.parts();
    let claims = loot.claims();
    let altered = [
        ("sub", json!(SOMEBODY)),
        ("sid", json!(SOMEBODY)),
        ("jti", json!(SOMEBODY)),
        ("roles", json!(["user", "admin"])),
        ("roles", json!([])),
        ("exp", json!(loot.now + 31_536_000)),
        ("iat", json!(loot.now - 1)),
        ("iss", json!("somebody")),
        ("admin", json!(true)),
    ];
    let tokens = altered.map(|(claim, value)| {
        let name = format!("{claim} altered to {value}");
        (name, format!("{header}.{}.{signature}", encoded(with(&claims, claim, value).to_string())))
    });
    let spaced = serde_json::to_string_pretty(&claims).expect("JSON");
    let same = (
        "the same claims, written otherwise".to_owned(),
        format!("{header}.{}.{signature}", encoded(spaced)),
    );
    tokens.into_iter().chain([same]).collect()
}

/// Who reads the first and who reads the last must not disagree.
fn twice(loot: &Loot) -> Vec<Named> {
    let (header, claims) = (loot.header().to_string(), loot.claims());
    let other = |claim: &str| match claim {
        "roles" => json!(["admin"]),
        "iat" | "exp" => json!(loot.now + 60),
        "iss" | "aud" => json!("stagedoor"),
        _ => json!(SOMEBODY),
    };
    let mut tokens = Vec::new();
    for claim in CLAIMS {
        let member = format!(r#""{claim}":{}"#, other(claim));
        tokens.push((
            format!("{claim} twice, its own last"),
            loot.signed(&header, &beginning_with(&claims, &member)),
        ));
        tokens.push((
            format!("{claim} twice, its own first"),
            loot.signed(&header, &ending_with(&claims, &member)),
        ));
    }
    tokens
}

fn forms(loot: &Loot) -> Vec<Named> {
    let (header, claims) = (loot.header().to_string(), loot.claims());
    let text = claims.to_string();
    let values: Vec<&Value> = CLAIMS.iter().map(|claim| &claims[*claim]).collect();
    let forms: [(&str, String); 15] = [
        ("no claims", String::new()),
        ("claims that are null", "null".to_owned()),
        ("claims that are a number", "7".to_owned()),
        ("claims that are a text", json!(text).to_string()),
        ("claims that are a list", json!([claims]).to_string()),
        ("claims without names", json!(values).to_string()),
        ("claims that say nothing", "{}".to_owned()),
        ("claims with an end that is missing", text[..text.len() - 1].to_owned()),
        ("claims with something behind them", format!("{text}{text}")),
        ("claims with a byte order mark", format!("\u{feff}{text}")),
        ("claims in other quotes", text.replace('"', "'")),
        ("deep claims", ending_with(&claims, &format!(r#""deep":{}"#, deep(5_000)))),
        ("deep roles", with(&claims, "roles", json!([])).to_string().replace("[]", &deep(5_000))),
        ("claims within claims", json!({ "claims": claims }).to_string()),
        ("a token within a token", loot.token.clone()),
    ];
    let mut tokens: Vec<Named> =
        forms.iter().map(|(name, claims)| ((*name).to_owned(), loot.signed(&header, claims))).collect();
    let invalid = encoded([b"{\"sub\":\"", &[0xff, 0xfe][..], b"\"}"].concat());
    let invalid = signed_by(&loot.key, Algorithm::EdDSA, loot.parts()[0], &invalid);
    tokens.push(("claims that are no text".to_owned(), invalid));
    tokens
}
