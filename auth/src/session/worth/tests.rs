//! Two tabs, a thief, and time.

use std::time::Duration;

use contracts::{SessionId, Timestamp, UserId};
use eventsourcing::Snapshot;
use uuid::Uuid;

use super::{GRACE, Worth, last_used_at};
use crate::secrets::{REFRESH_TOKEN_LIFETIME, RefreshToken, Salt};
use crate::session::{Device, Holder, Replaced, Session};

const ID: SessionId = SessionId(Uuid::from_u128(7));
const USER: UserId = UserId(Uuid::from_u128(8));
const STARTED: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const MILLISECOND: Duration = Duration::from_millis(1);

fn begun() -> (Snapshot<Session>, RefreshToken) {
    let sealing = Salt::make().unwrap();
    let token = RefreshToken::first(ID, &sealing).unwrap();
    let private = Device { refresh_hash: token.hash(), sealing: sealing.text(), ..Device::default() };
    let session = Snapshot {
        id: ID.0,
        version: 1,
        state: Session::Live(Holder { user_id: USER, refreshes: 0 }),
        private,
        created_at: STARTED,
        updated_at: STARTED,
    };
    (session, token)
}

/// The token after this one.
fn carried_on(session: &mut Snapshot<Session>, token: &RefreshToken, at: Timestamp) -> RefreshToken {
    let Worth::Present(holder, sealing) = Worth::of(token, session, LONGEST, at) else {
        panic!("it is the present one")
    };
    let salt = Salt::make().unwrap();
    let next = token.successor(&salt, &sealing);
    session.state = Session::Live(Holder { refreshes: holder.refreshes + 1, ..holder });
    session.private.refresh_hash = next.hash();
    session.private.replaced = Some(Replaced { hash: token.hash(), salt: salt.text(), at });
    next
}

#[track_caller]
fn assert_present(token: &RefreshToken, session: &Snapshot<Session>, at: Timestamp, refreshes: u64) {
    let Worth::Present(holder, _) = Worth::of(token, session, LONGEST, at) else {
        panic!("it is the present one")
    };
    assert_eq!(holder, Holder { user_id: USER, refreshes });
}

#[track_caller]
fn assert_worth(token: &RefreshToken, session: &Snapshot<Session>, at: Timestamp, expected: &Worth) {
    assert!(Worth::of(token, session, LONGEST, at) == *expected);
}

#[test]
fn the_present_token_carries_the_session_on() {
    let (session, token) = begun();
    assert_present(&token, &session, STARTED, 0);
}

#[test]
fn for_ten_seconds_a_replaced_token_is_answered_with_the_same_successor() {
    let (mut session, first) = begun();
    let second = carried_on(&mut session, &first, STARTED);
    let holder = Holder { user_id: USER, refreshes: 1 };
    for after in [Duration::ZERO, MILLISECOND, GRACE] {
        let expected = Worth::JustReplaced(holder, second.clone());
        assert_worth(&first, &session, STARTED + after, &expected);
        assert_present(&second, &session, STARTED + after, 1);
    }
    assert_worth(&first, &session, STARTED + GRACE + MILLISECOND, &Worth::Reused(USER));
    // The clock of another replica may be behind.
    assert_worth(&first, &session, STARTED - MILLISECOND, &Worth::JustReplaced(holder, second));
}

#[test]
fn a_token_older_than_the_one_just_replaced_is_a_thiefs_at_once() {
    let (mut session, first) = begun();
    let second = carried_on(&mut session, &first, STARTED);
    let third = carried_on(&mut session, &second, STARTED);
    let fourth = carried_on(&mut session, &third, STARTED);
    for old in [&first, &second] {
        assert_worth(old, &session, STARTED, &Worth::Reused(USER));
    }
    assert_present(&fourth, &session, STARTED, 3);
}

#[test]
fn a_token_that_was_never_given_out_is_worth_nothing() {
    let ((mut session, token), (_, anothers)) = (begun(), begun());
    assert_worth(&anothers, &session, STARTED, &Worth::Nothing);
    session.private.sealing = String::new();
    assert_worth(&token, &session, STARTED, &Worth::Nothing);
}

#[test]
fn a_session_that_is_not_used_for_a_week_runs_out() {
    let (mut session, first) = begun();
    let week = REFRESH_TOKEN_LIFETIME;
    assert_present(&first, &session, STARTED + week - MILLISECOND, 0);
    assert_worth(&first, &session, STARTED + week, &Worth::Expired);

    let later = STARTED + week - MILLISECOND;
    let second = carried_on(&mut session, &first, later);
    assert_eq!(last_used_at(&session), later);
    assert_present(&second, &session, later + week - MILLISECOND, 1);
    assert_worth(&second, &session, later + week, &Worth::Expired);
}

#[test]
fn a_session_runs_out_at_last_however_often_it_is_used() {
    let (mut session, mut token) = begun();
    let mut now = STARTED;
    while now + REFRESH_TOKEN_LIFETIME / 2 < STARTED + LONGEST {
        now = now + REFRESH_TOKEN_LIFETIME / 2;
        token = carried_on(&mut session, &token, now);
    }
    assert!(matches!(
        Worth::of(&token, &session, LONGEST, STARTED + LONGEST - MILLISECOND),
        Worth::Present(..)
    ));
    assert_worth(&token, &session, STARTED + LONGEST, &Worth::Expired);
}

#[test]
fn nothing_is_worth_anything_to_a_session_that_is_over() {
    let (mut session, first) = begun();
    let second = carried_on(&mut session, &first, STARTED);
    let over = Session::Over(Holder { user_id: USER, refreshes: 1 });
    for state in [over, Session::Unstarted] {
        session.state = state;
        for token in [&first, &second] {
            assert_worth(token, &session, STARTED, &Worth::Nothing);
        }
    }
}
