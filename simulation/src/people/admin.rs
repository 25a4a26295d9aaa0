//! Opens everybody's account, and bans somebody in the middle of a purchase.

use std::sync::Arc;

use auth::account::{Account, AccountCommand, Ban, Person, Unban};
use contracts::UserId;
use contracts::users::Role;
use eventsourcing::{Actor, Aggregates, Cause};
use uuid::Uuid;

use super::People;
use crate::machine::Chance;
use crate::shop::Service;

const ADMIN: UserId = UserId(Uuid::from_u128(0xad));
const TRIES: u32 = 30;

impl People {
    pub(super) async fn rules(&self, everybody: Vec<UserId>, mut chance: Chance) {
        for who in &everybody {
            let email = format!("{who}@example.org");
            let register = AccountCommand::Register { roles: vec![Role::User] };
            self.commands(*who, register, &mut chance, move |person| person.email_key.clone_from(&email))
                .await;
        }
        for _ in 0..chance.between(1, 2) {
            self.pause(&mut chance, 8_000_000).await;
            let account = *chance.pick(&everybody);
            let now = self.shop.world.inside.now();
            let ban = Ban { account, by: ADMIN, reason: "sold a ticket that was not theirs".to_owned(), now };
            let amend = ban.amend();
            self.commands(account, AccountCommand::Ban(ban), &mut chance, amend).await;
            if chance.percent(30) {
                self.pause(&mut chance, 8_000_000).await;
                let unban = AccountCommand::Unban(Unban { account, by: ADMIN });
                self.commands(account, unban, &mut chance, Unban::amend).await;
            }
        }
    }

    /// Until it is done: each time the same cause.
    async fn commands(
        &self,
        account: UserId,
        command: AccountCommand,
        chance: &mut Chance,
        amend: impl Fn(&mut Person) + Send + Sync + 'static,
    ) {
        let amend = Arc::new(amend);
        let causation_id = chance.uuid(0);
        for _ in 0..TRIES {
            if let Some(accounts) = self.accounts() {
                let actor = Actor::User(ADMIN);
                let cause = Cause { causation_id, correlation_id: causation_id, actor, traceparent: None };
                let amend = Arc::clone(&amend);
                let amend = move |person: &mut Person| amend(person);
                let done = accounts.execute_and_amend(account, cause, command.clone(), amend).await;
                if done.is_ok() {
                    return;
                }
            }
            self.pause(chance, 1_500_000).await;
        }
    }

    fn accounts(&self) -> Option<Aggregates<Account>> {
        let world = &self.shop.world;
        let mut auth = world.processes.iter().filter(|process| process.service == Service::Auth as usize);
        auth.find_map(|process| process.accounts())
    }
}
