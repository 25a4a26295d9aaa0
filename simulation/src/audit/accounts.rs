//! What is noted of accounts.

use std::collections::BTreeMap;

use auth::account::Account;
use contracts::users::UserEvent;
use uuid::Uuid;

use super::{Audit, Change, Record, Watched};
use crate::sometimes::Sometimes;

impl Watched for Account {
    fn records(audit: &mut Audit) -> &mut BTreeMap<Uuid, Record<Self>> {
        &mut audit.accounts
    }

    fn changed(audit: &mut Audit, _: Uuid, change: &Change<'_, Self>) {
        for recorded in change.events {
            match &recorded.event {
                UserEvent::UserBanned(_) => audit.met.note(Sometimes::Banned),
                UserEvent::UserUnbanned(_) => audit.met.note(Sometimes::Unbanned),
                UserEvent::UserCreated(_) | UserEvent::UserUpdated(_) | UserEvent::UserPasswordChanged(_) => {
                }
            }
        }
    }
}
