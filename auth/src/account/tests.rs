//! The rules of an account, one by one.

mod banning;

use contracts::users::{
    Role, UserBanned, UserCreated, UserEvent, UserPasswordChanged, UserUnbanned, UserUpdated,
};
use contracts::{Timestamp, UserId};
use eventsourcing::Decider as _;
use testing::given;
use uuid::Uuid;

use super::AccountCommand::{self, ChangePassword, Register, Update};
use super::{Account, AccountRejection, Ban, Standing, Unban};

const USER: UserId = UserId(Uuid::from_u128(8));
const ADMIN: UserId = UserId(Uuid::from_u128(9));
const BANNED_AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn created() -> UserEvent {
    UserCreated { roles: vec![Role::User] }.into()
}

fn updated() -> UserEvent {
    UserUpdated { roles: vec![Role::User] }.into()
}

fn banned() -> UserEvent {
    UserBanned { banned_at: BANNED_AT }.into()
}

fn unbanned() -> UserEvent {
    UserUnbanned {}.into()
}

fn ban_by(by: UserId) -> AccountCommand {
    AccountCommand::Ban(Ban {
        account: USER,
        by,
        reason: "Sold what they did not have.".to_owned(),
        now: BANNED_AT,
    })
}

fn unban_by(by: UserId) -> AccountCommand {
    AccountCommand::Unban(Unban { account: USER, by })
}

#[test]
fn a_new_account_has_the_roles_it_is_given() {
    let roles = vec![Role::User, Role::Admin];
    let account = given::<Account>([])
        .when(Register { roles: roles.clone() })
        .then([UserCreated { roles: roles.clone() }.into()]);
    assert_eq!(account, Account::Active(Standing { roles, version: 1, banned_at: None }));
}

#[test]
fn registering_again_changes_neither_roles_nor_anything_else() {
    given::<Account>([created()]).when(Register { roles: vec![Role::Admin] }).then_nothing();
}

#[test]
fn an_update_keeps_the_roles() {
    let account = given::<Account>([created(), updated()]).when(Update { seen: None }).then([updated()]);
    assert_eq!(account, Account::Active(Standing { roles: vec![Role::User], version: 3, banned_at: None }));
}

#[test]
fn an_update_of_the_version_that_was_seen_is_made() {
    given::<Account>([created(), updated()]).when(Update { seen: Some(2) }).then([updated()]);
}

#[test]
fn an_update_of_another_version_is_refused() {
    for seen in [0, 1, 3] {
        given::<Account>([created(), updated()])
            .when(Update { seen: Some(seen) })
            .then_rejected(AccountRejection::Stale { version: 2 });
    }
}

#[test]
fn a_password_is_changed_by_who_knew_the_one_before() {
    let account = given::<Account>([created(), updated()])
        .when(ChangePassword { seen: 2 })
        .then([UserPasswordChanged {}.into()]);
    assert_eq!(account, Account::Active(Standing { roles: vec![Role::User], version: 3, banned_at: None }));
}

#[test]
fn a_password_that_was_known_of_another_version_changes_nothing() {
    for seen in [0, 1, 3] {
        given::<Account>([created(), updated()])
            .when(ChangePassword { seen })
            .then_rejected(AccountRejection::Stale { version: 2 });
    }
}

#[test]
fn nobody_has_a_password_before_they_are_registered() {
    given::<Account>([]).when(ChangePassword { seen: 0 }).then_rejected(AccountRejection::NoSuchAccount);
}

#[test]
fn nobody_is_updated_before_they_are_registered() {
    for seen in [None, Some(0), Some(1)] {
        given::<Account>([]).when(Update { seen }).then_rejected(AccountRejection::NoSuchAccount);
    }
}

#[test]
fn every_command_has_one_answer_in_every_state() {
    let mut commands =
        vec![Register { roles: vec![Role::User] }, Update { seen: None }, Update { seen: Some(9) }];
    for by in [ADMIN, USER] {
        commands.extend([ban_by(by), unban_by(by)]);
    }
    let pasts = [
        vec![],
        vec![created()],
        vec![created(), updated()],
        vec![created(), banned()],
        vec![created(), banned(), unbanned()],
    ];
    for past in pasts {
        for command in &commands {
            let account = Account::fold(&past);
            let first = account.decide(command);
            assert_eq!(account.decide(command), first, "{command:?} after {past:?}");
            let after = first.iter().flatten().fold(account.clone(), Account::evolve);
            assert_eq!(after.decide(command).is_err(), first.is_err(), "{command:?} twice after {past:?}");
        }
    }
}

#[test]
fn the_state_is_queried_by_its_status() {
    let account = serde_json::to_value(Account::fold(&[created()])).unwrap();
    assert_eq!(account, serde_json::json!({ "status": "active", "roles": ["user"], "version": 1 }));
}
