//! What is known of a ban, and what it ends when.

use contracts::Timestamp;
use contracts::tickets::{SellerBanned, SellerEvent, SellerUnbanned};
use eventsourcing::Decider as _;
use testing::given;

use super::{Ban, CUT_OFF, Look, ONCE_MORE_AFTER, SKEW, Seller, SellerCommand};

const BANNED_AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HEARD_AT: Timestamp = Timestamp::from_millis(1_800_000_000_120);

fn banned(user_version: u64) -> SellerEvent {
    SellerBanned { user_version, banned_at: BANNED_AT, heard_at: HEARD_AT }.into()
}

fn unbanned(user_version: u64) -> SellerEvent {
    SellerUnbanned { user_version }.into()
}

fn note_ban(user_version: u64) -> SellerCommand {
    SellerCommand::NoteBan { user_version, banned_at: BANNED_AT, now: HEARD_AT }
}

fn note_unban(user_version: u64) -> SellerCommand {
    SellerCommand::NoteUnban { user_version }
}

#[test]
fn a_ban_is_noted_with_the_time_it_was_heard_first() {
    let seller = given::<Seller>([]).when(note_ban(2)).then([banned(2)]);
    assert_eq!(seller, Seller::Banned(Ban { user_version: 2, banned_at: BANNED_AT, heard_at: HEARD_AT }));
    let later = SellerCommand::NoteBan { user_version: 2, banned_at: BANNED_AT, now: HEARD_AT + CUT_OFF };
    given::<Seller>([banned(2)]).when(later).then_nothing();
}

#[test]
fn the_end_of_a_ban_is_noted_though_the_ban_itself_was_not_heard() {
    for past in [vec![], vec![banned(2)]] {
        let seller = given::<Seller>(past).when(note_unban(3)).then([unbanned(3)]);
        assert_eq!(seller, Seller::Unbanned { user_version: 3 });
    }
    given::<Seller>([unbanned(3)]).when(note_unban(3)).then_nothing();
}

#[test]
fn what_the_account_said_before_changes_nothing() {
    given::<Seller>([unbanned(3)]).when(note_ban(2)).then_nothing();
    given::<Seller>([banned(4)]).when(note_unban(3)).then_nothing();
    given::<Seller>([banned(4)]).when(note_ban(2)).then_nothing();
}

#[test]
fn a_second_ban_is_another_one() {
    given::<Seller>([banned(2), unbanned(3)]).when(note_ban(4)).then([banned(4)]);
    given::<Seller>([banned(2)]).when(note_ban(4)).then([banned(4)]);
}

#[test]
fn at_once_what_was_there_when_the_ban_was_said_ends() {
    let look = Seller::fold(&[banned(2)]).look(2, HEARD_AT);
    let expected = Look { created_before: BANNED_AT + SKEW, again_in: Some(ONCE_MORE_AFTER) };
    assert_eq!(look, Some(expected));
}

#[test]
fn ninety_seconds_later_what_was_begun_in_the_minute_after_it_ends_too() {
    let seller = Seller::fold(&[banned(2)]);
    let soon = HEARD_AT + ONCE_MORE_AFTER - std::time::Duration::from_millis(1);
    assert_eq!(
        seller.look(2, soon).and_then(|look| look.again_in),
        Some(std::time::Duration::from_millis(1))
    );
    for now in [HEARD_AT + ONCE_MORE_AFTER, HEARD_AT + ONCE_MORE_AFTER * 1_000] {
        let last = Look { created_before: BANNED_AT + CUT_OFF, again_in: None };
        assert_eq!(seller.look(2, now), Some(last));
    }
}

#[test]
fn a_ban_that_is_over_or_that_another_one_followed_ends_nothing() {
    for now in [HEARD_AT, HEARD_AT + ONCE_MORE_AFTER] {
        assert_eq!(Seller::fold(&[banned(2), unbanned(3)]).look(2, now), None);
        assert_eq!(Seller::fold(&[unbanned(3)]).look(3, now), None);
        assert_eq!(Seller::fold(&[banned(4)]).look(2, now), None);
        assert_eq!(Seller::default().look(2, now), None);
    }
}

#[test]
fn a_document_is_read_as_it_was_written() {
    for past in [vec![], vec![banned(2)], vec![banned(2), unbanned(3)]] {
        let seller = Seller::fold(&past);
        let document = serde_json::to_value(&seller).unwrap();
        assert_eq!(serde_json::from_value::<Seller>(document).unwrap(), seller);
    }
}
