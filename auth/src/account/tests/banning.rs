//! Who is shut out, by whom, and who is let in again.

use contracts::users::{Role, UserBanned};
use eventsourcing::Decider as _;
use testing::given;

use super::{
    ADMIN, Account, AccountRejection, BANNED_AT, Ban, Standing, USER, Unban, ban_by, banned, created,
    unban_by, unbanned, updated,
};
use crate::account::{AccountCommand, Person};

fn standing(version: u64, banned: bool) -> Account {
    let banned_at = banned.then_some(BANNED_AT);
    Account::Active(Standing { roles: vec![Role::User], version, banned_at })
}

#[test]
fn an_admin_bans_somebody_from_now_on() {
    let account = given::<Account>([created()]).when(ban_by(ADMIN)).then([banned()]);
    assert_eq!(account, standing(2, true));
}

#[test]
fn who_is_banned_already_stays_banned_since_then() {
    let later = BANNED_AT + std::time::Duration::from_secs(1);
    let again = Ban { account: USER, by: ADMIN, reason: "Again.".to_owned(), now: later };
    let account = given::<Account>([created(), banned()]).when(AccountCommand::Ban(again)).then_nothing();
    assert_eq!(account, standing(2, true));
}

#[test]
fn who_was_let_in_again_may_be_banned_again() {
    let past = [created(), banned(), unbanned()];
    assert_eq!(given::<Account>(past).when(ban_by(ADMIN)).then([banned()]), standing(4, true));
}

#[test]
fn nobody_bans_themselves() {
    for past in [vec![created()], vec![created(), banned()]] {
        given::<Account>(past).when(ban_by(USER)).then_rejected(AccountRejection::OwnAccount);
    }
}

#[test]
fn an_admin_lets_somebody_in_again() {
    let account = given::<Account>([created(), banned()]).when(unban_by(ADMIN)).then([unbanned()]);
    assert_eq!(account, standing(3, false));
}

#[test]
fn who_is_not_banned_is_not_let_in_again() {
    for past in [vec![created()], vec![created(), banned(), unbanned()]] {
        given::<Account>(past).when(unban_by(ADMIN)).then_nothing();
    }
}

#[test]
fn nobody_ends_their_own_ban() {
    for past in [vec![created()], vec![created(), banned()]] {
        given::<Account>(past).when(unban_by(USER)).then_rejected(AccountRejection::OwnAccount);
    }
}

#[test]
fn nobody_is_banned_or_let_in_before_they_are_registered() {
    for command in [ban_by(ADMIN), ban_by(USER), unban_by(ADMIN), unban_by(USER)] {
        given::<Account>([]).when(command).then_rejected(AccountRejection::NoSuchAccount);
    }
}

#[test]
fn who_is_banned_is_not_registered_anew() {
    let command = AccountCommand::Register { roles: vec![Role::Admin] };
    given::<Account>([created(), banned()]).when(command).then_nothing();
}

#[test]
fn a_change_to_the_account_does_not_end_the_ban() {
    let account = given::<Account>([created(), banned()])
        .when(AccountCommand::Update { seen: Some(2) })
        .then([updated()]);
    assert_eq!(account, standing(3, true));
}

#[test]
fn who_is_banned_still_has_an_account_so_the_address_stays_taken() {
    let account = serde_json::to_value(Account::fold(&[created(), banned()])).unwrap();
    assert_eq!(account["status"], "active");
    assert_eq!(account["banned_at"], serde_json::json!(BANNED_AT));
    assert_eq!(serde_json::from_value::<Account>(account).unwrap(), standing(2, true));
}

#[test]
fn the_reason_is_kept_beside_the_event_for_as_long_as_the_ban() {
    let AccountCommand::Ban(ban) = ban_by(ADMIN) else { panic!("it is a ban") };
    let mut person = Person::default();
    ban.amend()(&mut person);
    assert_eq!(person.ban_reason.as_deref(), Some("Sold what they did not have."));
    assert_eq!(
        given::<Account>([created()])
            .when(AccountCommand::Ban(ban.clone()))
            .then([UserBanned { banned_at: BANNED_AT }.into()]),
        standing(2, true)
    );
    assert!(!format!("{ban:?}").contains("Sold"), "nor in a log");
    Unban::amend(&mut person);
    assert_eq!(person.ban_reason, None);
}
