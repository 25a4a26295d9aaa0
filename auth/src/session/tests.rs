//! The rules of a session, one by one.

use contracts::UserId;
use contracts::users::{SessionEvent, SessionRevoked, SessionStarted};
use eventsourcing::Decider as _;
use testing::given;
use uuid::Uuid;

use super::SessionCommand::{End, Start};
use super::{Holder, Session, SessionRejection};

const HOLDER: UserId = UserId(Uuid::from_u128(7));
const STRANGER: UserId = UserId(Uuid::from_u128(8));

fn started() -> SessionEvent {
    SessionStarted { user_id: HOLDER }.into()
}

fn revoked() -> SessionEvent {
    SessionRevoked { user_id: HOLDER }.into()
}

#[test]
fn a_sign_in_starts_a_session() {
    let session = given::<Session>([]).when(Start { user_id: HOLDER }).then([started()]);
    assert_eq!(session, Session::Live(Holder { user_id: HOLDER }));
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
    assert_eq!(session, Session::Over(Holder { user_id: HOLDER }));
}

#[test]
fn a_session_ends_once() {
    given::<Session>([started(), revoked()]).when(End).then_nothing();
}

#[test]
fn what_never_began_cannot_end() {
    given::<Session>([]).when(End).then_rejected(SessionRejection::NoSuchSession);
}

#[test]
fn every_command_has_one_answer_in_every_state() {
    for past in [vec![], vec![started()], vec![started(), revoked()]] {
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
    assert_eq!(session, serde_json::json!({ "status": "live", "user_id": HOLDER }));
}
