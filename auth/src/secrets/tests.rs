//! What is promised of refresh tokens.

use contracts::SessionId;
use uuid::Uuid;

use super::{RefreshToken, Salt};

const SESSION: SessionId = SessionId(Uuid::from_u128(7));

fn salt() -> Salt {
    Salt::make().unwrap()
}

fn first() -> RefreshToken {
    RefreshToken::first(SESSION, &salt()).unwrap()
}

#[test]
fn a_refresh_token_has_256_bits_that_no_other_has() {
    let sealing = salt();
    let [one, other] = [(); 2].map(|()| RefreshToken::first(SESSION, &sealing).unwrap());
    assert_eq!(one.text().split('.').map(str::len).collect::<Vec<_>>(), [36, 43, 43]);
    assert_ne!(one.text(), other.text());
    assert_ne!(one.hash(), other.hash());
}

#[test]
fn what_is_brought_back_is_what_was_given() {
    let made = first();
    let brought = RefreshToken::brought(&made.text()).unwrap();
    assert!(brought == made);
    assert_eq!((brought.hash(), brought.session()), (made.hash(), SESSION));
}

#[test]
fn what_cannot_be_a_token_is_none() {
    let good = first().text();
    let [session, secret, seal] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    for text in [
        String::new(),
        "..".to_owned(),
        secret.to_owned(),
        format!("{session}.{secret}"),
        format!("{session}.{secret}."),
        format!("{session}.{secret}.{seal}."),
        format!("{session}.{secret}.{seal}.{seal}"),
        format!("{session}.{secret}A.{seal}"),
        format!("{session}.{}.{seal}", &secret[1..]),
        format!("{session}.{secret}.{seal}="),
        format!("{session}.{secret}.!{}", &seal[1..]),
        format!("nobody.{secret}.{seal}"),
    ] {
        assert!(RefreshToken::brought(&text).is_none(), "{text}");
    }
}

#[test]
fn a_successor_is_the_same_from_the_same_salt_and_from_no_other() {
    let (token, salt, sealing) = (first(), salt(), salt());
    let next = token.successor(&salt, &sealing);
    let kept = [&salt, &sealing].map(|salt| Salt::kept(&salt.text()).unwrap());
    assert!(next == token.successor(&kept[0], &kept[1]));
    assert!(next != token.successor(&Salt::make().unwrap(), &sealing));
    assert!(next != first().successor(&salt, &sealing));
    assert_ne!(next.hash(), token.hash());
    assert_eq!(next.session(), SESSION);
}

#[test]
fn what_a_session_gave_out_is_told_from_what_was_made_up() {
    let sealing = salt();
    let given = RefreshToken::first(SESSION, &sealing).unwrap();
    assert!(given.is_sealed_by(&sealing));
    assert!(given.successor(&salt(), &sealing).is_sealed_by(&sealing));
    assert!(!first().is_sealed_by(&sealing));
    let altered = RefreshToken { secret: [7; 32], ..given };
    assert!(!altered.is_sealed_by(&sealing));
}
