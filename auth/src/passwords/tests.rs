//! What is promised of passwords, with the real cost.

use argon2::PasswordHash;
use runtime::{Runtime, TokioTasks};

use super::{NOBODYS, Password, PasswordFault, Passwords, PasswordsError};

fn passwords(at_once: usize) -> Passwords {
    Passwords::new(Runtime::real(TokioTasks::default()), at_once)
}

fn typed(text: &str) -> Password {
    Password::typed(text.to_owned())
}

#[tokio::test]
async fn a_hash_is_of_its_password_and_of_no_other() {
    let passwords = passwords(2);
    let hash = passwords.hash(typed("correct-horse-battery")).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(passwords.is_of(Some(hash.clone()), typed("correct-horse-battery")).await.unwrap());
    assert!(!passwords.is_of(Some(hash), typed("Correct-horse-battery")).await.unwrap());
}

#[tokio::test]
async fn the_same_password_has_another_hash_each_time() {
    let passwords = passwords(2);
    let one = passwords.hash(typed("correct-horse-battery")).await.unwrap();
    let other = passwords.hash(typed("correct-horse-battery")).await.unwrap();
    assert_ne!(one, other);
}

#[tokio::test]
async fn nobodys_password_is_wrong_after_the_same_work() {
    let passwords = passwords(1);
    assert!(!passwords.is_of(None, typed("wrong-horse-battery")).await.unwrap());
    let hash = passwords.hash(typed("correct-horse-battery")).await.unwrap();
    let (ours, nobodys) = (PasswordHash::new(&hash).unwrap(), PasswordHash::new(NOBODYS).unwrap());
    let work = |hash: &PasswordHash| (hash.algorithm, hash.version, hash.params.to_string());
    assert_eq!(work(&nobodys), work(&ours));
    let lengths = |hash: &PasswordHash| hash.hash.as_ref().map(|output| output.as_bytes().len());
    assert_eq!(lengths(&nobodys), lengths(&ours));
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_that_it_is_busy() {
    let passwords = passwords(1);
    let turn = passwords.turns.clone().acquire_owned().await.unwrap();
    let refused = passwords.hash(typed("correct-horse-battery")).await;
    assert!(matches!(refused, Err(PasswordsError::Busy)));
    drop(turn);
    assert!(passwords.hash(typed("correct-horse-battery")).await.is_ok());
}

#[test]
fn a_new_password_has_8_to_256_characters() {
    for (text, good) in [
        (String::new(), false),
        ("zq-haRp".to_owned(), false),
        ("zq-haRp7".to_owned(), true),
        ("ä".repeat(256), true),
        ("a".repeat(257), false),
    ] {
        let fault = (!good).then_some(PasswordFault::Length);
        assert_eq!(text.parse::<Password>().err(), fault, "{} characters", text.chars().count());
    }
}

#[test]
fn a_password_that_everybody_guesses_is_refused_whatever_its_capitals() {
    for text in ["password", "PASSWORD", "Password1", "12345678", "qwertyuiop", "iLoveYou", "P@ssw0rd"] {
        assert_eq!(text.parse::<Password>().err(), Some(PasswordFault::Common), "{text}");
    }
    for text in
        ["correct-horse-battery", "correct-horse-battery-staple", "paper-lantern-encore", "pässwörter"]
    {
        assert_eq!(text.parse::<Password>().err(), None, "{text}");
    }
}
