//! The rules of a session, one by one.

use contracts::UserId;
use contracts::users::{SessionEvent, SessionRefreshed, SessionRevoked, SessionStarted};
use eventsourcing::Decider as _;
use testing::given;
use uuid::Uuid;

use super::SessionCommand::{End, Refresh, Start};
use super::{Holder, Session, SessionRejection};

const HOLDER: UserId = UserId(Uuid::from_u128(7));
const STRANGER: UserId = UserId(Uuid::from_u128(8));

fn started() -> SessionEvent {
    SessionStarted { user_id: HOLDER }.into()
}

fn refreshed() -> SessionEvent {
    SessionRefreshed {}.into()
}

fn holder(refreshes: u64) -> Holder {
    Holder { user_id: HOLDER, refreshes }
}

fn revoked() -> SessionEvent {
    SessionRevoked { user_id: HOLDER }.into()
}

#[test]
fn a_sign_in_starts_a_session() {
    let session = given::<Session>([]).when(Start { user_id: HOLDER }).then([started()]);
    assert_eq!(session, Session::Live(holder(0)));
}

#[test]
fn a_session_that_is_live_is_not_started_again() {
    given::<Session>([started()]).when(Start { user_id: HOLDER }).then_nothing();
}

#[test]
fn a_session_never_becomes_somebody_elses() {
    given::<Session>([started()]).when(Start { user_id: STRANGER }).then_rejected(SessionRejection::NotNew);
}

#[test]
fn a_session_that_is_over_never_begins_again() {
    for user_id in [HOLDER, STRANGER] {
        given::<Session>([started(), revoked()])
            .when(Start { user_id })
            .then_rejected(SessionRejection::NotNew);
    }
}

#[test]
fn a_sign_out_ends_the_session() {
    let session = given::<Session>([started()]).when(End).then([revoked()]);
    assert_eq!(session, Session::Over(holder(0)));
}

#[test]
fn a_session_ends_once() {
    given::<Session>([started(), revoked()]).when(End).then_nothing();
}

#[test]
fn what_never_began_cannot_end_or_be_carried_on() {
    for command in [End, Refresh { seen: 0 }] {
        given::<Session>([]).when(command).then_rejected(SessionRejection::NoSuchSession);
    }
}

#[test]
fn a_session_is_carried_on_again_and_again() {
    let session = given::<Session>([started()]).when(Refresh { seen: 0 }).then([refreshed()]);
    assert_eq!(session, Session::Live(holder(1)));
    let past = [started(), refreshed(), refreshed()];
    let session = given::<Session>(past).when(Refresh { seen: 2 }).then([refreshed()]);
    assert_eq!(session, Session::Live(holder(3)));
}

#[test]
fn a_session_that_was_carried_on_in_the_meantime_is_looked_at_again() {
    for seen in [0, 2, u64::MAX] {
        given::<Session>([started(), refreshed()])
            .when(Refresh { seen })
            .then_rejected(SessionRejection::Stale);
    }
}

#[test]
fn a_session_that_is_over_is_not_carried_on() {
    for past in [vec![started(), revoked()], vec![started(), refreshed(), revoked()]] {
        let seen = past.len() as u64 - 2;
        given::<Session>(past).when(Refresh { seen }).then_rejected(SessionRejection::Over);
    }
}

#[test]
fn a_session_that_was_carried_on_ends_like_any_other() {
    let session = given::<Session>([started(), refreshed()]).when(End).then([revoked()]);
    assert_eq!(session, Session::Over(holder(1)));
}

#[test]
fn every_command_has_one_answer_in_every_state() {
    for past in [vec![], vec![started()], vec![started(), refreshed()], vec![started(), revoked()]] {
        for command in [Start { user_id: HOLDER }, Start { user_id: STRANGER }, End] {
            let session = Session::fold(&past);
            let first = session.decide(&command);
            assert_eq!(session.decide(&command), first, "{command:?} after {past:?}");
            let after = first.iter().flatten().fold(session.clone(), Session::evolve);
            assert_eq!(after.decide(&command).is_err(), first.is_err(), "{command:?} twice after {past:?}");
        }
    }
}

#[test]
fn the_state_is_queried_by_its_status() {
    let session = serde_json::to_value(Session::fold(&[started()])).unwrap();
    assert_eq!(session, serde_json::json!({ "status": "live", "user_id": HOLDER, "refreshes": 0 }));
}
