//! What people are called whose ids stand on a page.

use std::collections::{BTreeMap, BTreeSet};

use contracts::UserId;

use super::short;
use crate::api::Asking;

/// As many as stand on one page: twenty lines, and two in each.
const MOST: usize = 40;

pub(super) struct Names(BTreeMap<UserId, String>);

/// Somebody, to be linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub id: UserId,
    pub name: String,
}

impl Names {
    /// Whoever cannot be asked for is called by the end of their id.
    pub(super) async fn of(asking: Asking<'_>, ids: BTreeSet<UserId>) -> Self {
        let asked = ids.into_iter().take(MOST).map(|id| async move { asking.person(id).await.ok() });
        let people = futures::future::join_all(asked).await.into_iter().flatten();
        Self(people.map(|person| (person.id, person.name)).collect())
    }

    pub(super) fn named(&self, id: UserId) -> Named {
        Named { id, name: self.0.get(&id).cloned().unwrap_or_else(|| short(id)) }
    }
}
