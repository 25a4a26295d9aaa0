//! Who is refused, and until when.

use contracts::users::{SessionRevoked, SessionStarted, UserBanned, UserUnbanned};
use eventsourcing::{Actor, Cause};

use super::*;

const SAID_AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const EVE: UserId = UserId(Uuid::from_u128(1));
const ADA: UserId = UserId(Uuid::from_u128(2));
const HERS: SessionId = SessionId(Uuid::from_u128(3));
const OTHER: SessionId = SessionId(Uuid::from_u128(4));

/// The same each time it is heard.
fn heard(aggregate_id: Uuid, version: u64, event: Event, at: Timestamp) -> Heard {
    let cause = Cause {
        causation_id: Uuid::from_u128(5),
        correlation_id: Uuid::from_u128(6),
        actor: Actor::Service("auth".to_owned()),
        traceparent: None,
    };
    let event_id = Uuid::new_v5(&aggregate_id, &version.to_be_bytes());
    Heard { event_id, aggregate_id, version, event, at, cause }
}

fn banned(user: UserId, version: u64) -> Heard {
    let event = Event::User(UserBanned { banned_at: SAID_AT }.into());
    heard(user.0, version, event, SAID_AT + Duration::from_secs(version))
}

fn unbanned(user: UserId, version: u64) -> Heard {
    heard(user.0, version, Event::User(UserUnbanned {}.into()), SAID_AT + Duration::from_secs(version))
}

fn revoked(session: SessionId) -> Heard {
    heard(session.0, 2, Event::Session(SessionRevoked { user_id: EVE }.into()), SAID_AT)
}

fn known(said: &[Heard]) -> Known {
    let mut known = Known::default();
    for heard in said {
        known.hear(heard, SAID_AT);
    }
    known
}

#[test]
fn a_banned_users_sessions_are_refused_each_one() {
    let known = known(&[banned(EVE, 2)]);
    assert!(known.refuses(EVE, HERS));
    assert!(known.refuses(EVE, OTHER));
    assert!(!known.refuses(ADA, HERS));
}

#[test]
fn a_session_that_is_over_is_refused_and_no_other_of_the_user() {
    let known = known(&[revoked(HERS)]);
    assert!(known.refuses(EVE, HERS));
    assert!(!known.refuses(EVE, OTHER));
}

#[test]
fn who_is_let_in_again_is_not_refused_but_their_ended_sessions_are() {
    let known = known(&[banned(EVE, 2), revoked(HERS), unbanned(EVE, 3)]);
    assert!(known.refuses(EVE, HERS));
    assert!(!known.refuses(EVE, OTHER));
}

#[test]
fn what_is_heard_again_changes_nothing() {
    let story = [banned(EVE, 2), unbanned(EVE, 3), revoked(HERS)];
    let mut known = known(&story);
    for heard in &story {
        known.hear(heard, SAID_AT);
        assert!(!known.refuses(EVE, OTHER));
        assert_eq!(known.count(), 3);
    }
}

#[test]
fn what_is_heard_out_of_order_has_the_same_outcome() {
    let story = [banned(EVE, 2), unbanned(EVE, 3), banned(ADA, 2), revoked(HERS)];
    for rotation in 0..story.len() {
        for is_reversed in [false, true] {
            let mut story = story.clone();
            story.rotate_left(rotation);
            if is_reversed {
                story.reverse();
            }
            let known = known(&story);
            let refused =
                [(EVE, OTHER), (ADA, OTHER), (EVE, HERS)].map(|(user, session)| known.refuses(user, session));
            assert_eq!((refused, known.count()), ([false, true, true], 4));
        }
    }
}

#[test]
fn each_is_forgotten_when_every_token_from_before_has_expired() {
    let (banned, revoked) = (banned(EVE, 2), revoked(HERS));
    let mut known = known(&[banned.clone(), revoked.clone()]);
    let last_moment = revoked.at + REMEMBERED - Duration::from_millis(1);
    known.forget_expired(last_moment);
    assert!(known.refuses(ADA, HERS) && known.refuses(EVE, OTHER));
    known.forget_expired(revoked.at + REMEMBERED);
    assert!(!known.refuses(ADA, HERS) && known.refuses(EVE, OTHER));
    known.forget_expired(banned.at + REMEMBERED);
    assert!(!known.refuses(EVE, OTHER));
    assert_eq!(known.count(), 0);

    // From a stream that was told again.
    known.hear(&banned, banned.at + REMEMBERED);
    assert!(!known.refuses(EVE, OTHER));
}

#[test]
fn a_second_ban_is_not_forgotten_with_the_first() {
    let (first, second) = (banned(EVE, 2), banned(EVE, 40));
    let mut known = known(&[first.clone(), unbanned(EVE, 3), second]);
    known.forget_expired(first.at + REMEMBERED + Duration::from_secs(1));
    assert!(known.refuses(EVE, HERS));
    assert_eq!(known.count(), 1);
}

#[test]
fn they_are_counted_by_when_they_were_said() {
    let known = known(&[revoked(HERS), revoked(OTHER), banned(EVE, 2), banned(ADA, 7)]);
    let seconds = |seconds| SAID_AT + Duration::from_secs(seconds);
    assert_eq!(known.between(SAID_AT - Duration::from_secs(1), seconds(7)), 4);
    assert_eq!(known.between(SAID_AT - Duration::from_secs(1), SAID_AT), 2);
    assert_eq!(known.between(SAID_AT, seconds(2)), 1);
    assert_eq!(known.between(seconds(2), seconds(7)), 1);
    assert_eq!(known.between(seconds(7), SAID_AT), 0);
}

#[test]
fn nothing_else_that_auth_says_refuses_anybody() {
    let started = Event::Session(SessionStarted { user_id: EVE }.into());
    let known = known(&[heard(HERS.0, 1, started, SAID_AT)]);
    assert!(!known.refuses(EVE, HERS));
    assert_eq!(known.count(), 0);
}
