//! Whoever got in is let off, and whoever tries again and again is not.

use std::net::IpAddr;

use limits::{Limiter, Rate, TooMany};
use runtime::{Runtime, TokioTasks};

use super::{SignInLimits, Throttle};

const LIMITS: SignInLimits =
    SignInLimits { per_account_and_address: Rate::a_minute(8), per_account: Rate::a_minute(16) };

fn throttle() -> Throttle {
    Throttle::new(Limiter::in_memory(Runtime::real(TokioTasks::default())), LIMITS)
}

fn address(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

async fn tries(throttle: &Throttle, last: u8, account: &str) -> usize {
    let mut tries = 0;
    while throttle.sign_in(address(last), account).await.is_ok() {
        tries += 1;
    }
    tries
}

#[tokio::test]
async fn who_got_in_may_try_as_often_as_before() {
    let throttle = throttle();
    assert_eq!(tries(&throttle, 1, "ada").await, 8);
    throttle.signed_in(address(1), "ada").await;
    assert_eq!(tries(&throttle, 1, "ada").await, 8);
    assert!(matches!(throttle.sign_in(address(1), "ADA ").await, Err(TooMany(_))));
}

#[tokio::test]
async fn an_account_is_tried_by_strangers_only_so_often_and_by_its_owner_as_before() {
    let throttle = throttle();
    throttle.signed_in(address(9), "ada").await;
    let mut all = 0;
    for last in 1..6 {
        all += tries(&throttle, last, "ada").await;
    }
    assert_eq!(all, 16);
    assert_eq!(tries(&throttle, 9, "ada").await, 8);
    assert_eq!(tries(&throttle, 1, "bob").await, 8);
}
