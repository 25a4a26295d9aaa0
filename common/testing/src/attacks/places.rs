//! Good tokens where none belongs, and more of them than one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Attack, Loot, with};

pub(super) fn attacks(loot: &Loot) -> Vec<Attack> {
    [elsewhere(loot), schemes(loot), more_than_one(loot)].concat()
}

fn elsewhere(loot: &Loot) -> Vec<Attack> {
    let good = &loot.token;
    let mut attacks = Vec::new();
    for parameter in ["access_token", "token", "jwt", "authorization", "bearer"] {
        let name = format!("a token in the query, as {parameter}");
        attacks.push(Attack { name, headers: Vec::new(), query: Some(format!("{parameter}={good}")) });
    }
    for header in [
        "x-access-token",
        "x-auth-token",
        "x-authorization",
        "x-forwarded-authorization",
        "proxy-authorization",
        "x-original-authorization",
        "www-authenticate",
        "set-cookie",
        "x-cookie",
        "cookie2",
        "x-forwarded-access-token",
        "x-amzn-oidc-data",
        "x-goog-iap-jwt-assertion",
        "cf-access-jwt-assertion",
    ] {
        for (how, value) in [
            ("bare", good.clone()),
            ("as a bearer", format!("Bearer {good}")),
            ("as a cookie", format!("access_token={good}")),
        ] {
            attacks.push(Attack::with(format!("a token in {header}, {how}"), [(header, value)]));
        }
    }
    for cookie in [
        "Access_Token",
        "ACCESS_TOKEN",
        "access-token",
        "accesstoken",
        "token",
        "jwt",
        "session",
        "refresh_token",
        "__Host-access_token",
        "__Secure-access_token",
        "__host-access_token",
        "access_token[]",
        "access_token.0",
        "xaccess_token",
        "access_token2",
        "$access_token",
    ] {
        attacks.push(Attack::with(
            format!("a token in the cookie {cookie}"),
            [("cookie", format!("{cookie}={good}"))],
        ));
    }
    for (how, value) in [
        ("in quotes", format!("access_token=\"{good}\"")),
        ("within another", format!("theme=access_token={good}")),
        ("without its name", good.clone()),
        ("with a colon", format!("access_token:{good}")),
        ("behind a comma", format!("theme=dark,access_token={good}")),
    ] {
        attacks.push(Attack::with(format!("a cookie {how}"), [("cookie", value)]));
    }
    attacks
}

fn schemes(loot: &Loot) -> Vec<Attack> {
    let good = &loot.token;
    let basic = STANDARD.encode(format!("{good}:"));
    let values = [
        ("nothing", String::new()),
        ("a bearer of nothing", "Bearer".to_owned()),
        ("a bearer of a space", "Bearer ".to_owned()),
        ("a bearer of nothing, in small letters", "bearer ".to_owned()),
        ("a bearer of nothing, in capitals", "BEARER ".to_owned()),
        ("a bearer in small letters with a bad token", format!("bearer {good}x")),
        ("a bearer in capitals with a bad token", format!("BEARER {good}x")),
        ("no scheme", good.clone()),
        ("no space", format!("Bearer{good}")),
        ("a colon", format!("Bearer: {good}")),
        ("a comma", format!("Bearer,{good}")),
        ("an equals sign", format!("Bearer={good}")),
        ("a parameter", format!("Bearer token={good}")),
        ("a tab", format!("Bearer\t{good}")),
        ("a scheme twice", format!("Bearer Bearer {good}")),
        ("two schemes", format!("Basic {basic}, Bearer {good}")),
        ("the scheme last", format!("{good} Bearer")),
        ("another scheme, Basic", format!("Basic {good}")),
        ("another scheme, Basic as it is written", format!("Basic {basic}")),
        ("another scheme, Digest", format!("Digest {good}")),
        ("another scheme, DPoP", format!("DPoP {good}")),
        ("another scheme, JWT", format!("JWT {good}")),
        ("another scheme, Token", format!("Token {good}")),
        ("another scheme, Negotiate", format!("Negotiate {good}")),
        ("a scheme with letters that look alike", format!("Bеarer {good}")),
        ("a scheme with a mark before it", format!("\u{feff}Bearer {good}")),
    ];
    values
        .map(|(how, value)| Attack::with(format!("authorization by {how}"), [("authorization", value)]))
        .into()
}

/// Which of two is meant must not be for an attacker to guess.
fn more_than_one(loot: &Loot) -> Vec<Attack> {
    let good = &loot.token;
    let bearer = format!("Bearer {good}");
    let bad = format!("{good}x");
    let other = loot.claiming(&with(&loot.claims(), "jti", "0197c2a4-0000-7000-8000-00000000beef"));
    let (authorization, cookie) = ("authorization", "cookie");
    let cookies = |values: &[&str]| {
        values.iter().map(|value| format!("access_token={value}")).collect::<Vec<_>>().join("; ")
    };
    let attacks: Vec<(&str, Vec<(&'static str, String)>)> = vec![
        (
            "a bad bearer beside a good cookie",
            vec![(authorization, format!("Bearer {bad}")), (cookie, cookies(&[good]))],
        ),
        (
            "a good bearer beside a bad cookie",
            vec![(authorization, bearer.clone()), (cookie, cookies(&[&bad]))],
        ),
        (
            "a good bearer beside another good cookie",
            vec![(authorization, bearer.clone()), (cookie, cookies(&[&other]))],
        ),
        (
            "an empty bearer beside a good cookie",
            vec![(authorization, "Bearer ".to_owned()), (cookie, cookies(&[good]))],
        ),
        (
            "a bearer of nothing beside a good cookie",
            vec![(authorization, "Bearer".to_owned()), (cookie, cookies(&[good]))],
        ),
        (
            "a bearer that is no text beside a good cookie",
            vec![(authorization, "Bearer ü".to_owned()), (cookie, cookies(&[good]))],
        ),
        (
            "two bearers, the good one first",
            vec![(authorization, bearer.clone()), (authorization, format!("Bearer {bad}"))],
        ),
        (
            "two bearers, the good one last",
            vec![(authorization, format!("Bearer {bad}")), (authorization, bearer.clone())],
        ),
        (
            "two good bearers of two tokens",
            vec![(authorization, bearer.clone()), (authorization, format!("Bearer {other}"))],
        ),
        (
            "another scheme before a bad bearer",
            vec![(authorization, "Basic eA==".to_owned()), (authorization, format!("Bearer {bad}"))],
        ),
        ("two cookies, the good one first", vec![(cookie, cookies(&[good, &bad]))]),
        ("two cookies, the good one last", vec![(cookie, cookies(&[&bad, good]))]),
        ("two cookies of two good tokens", vec![(cookie, cookies(&[good, &other]))]),
        ("two cookies, one of them empty", vec![(cookie, cookies(&["", good]))]),
        (
            "two cookies in two lines, the good one first",
            vec![(cookie, cookies(&[good])), (cookie, cookies(&[&bad]))],
        ),
        (
            "two cookies in two lines, the good one last",
            vec![(cookie, cookies(&[&bad])), (cookie, cookies(&[good]))],
        ),
        ("three cookies", vec![(cookie, cookies(&[good, good, &bad]))]),
    ];
    attacks.into_iter().map(|(name, headers)| Attack::with(name, headers)).collect()
}
