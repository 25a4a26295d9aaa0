//! An older copy of a service's database is put in place of it, as by somebody who restores the wrong backup. The
//! service notices, and writes nothing until the newest one is back.

use std::sync::{Arc, MutexGuard, PoisonError};

use eventsourcing::MemoryStore;
use messaging::Marker;
use uuid::Uuid;

use super::disasters::{kill, tell};
use crate::audit::Watched;
use crate::machine::{OUTSIDE, Pid};
use crate::shop::{Service, Shop};
use crate::sometimes::Sometimes;

/// A database that is not the newest one, and the newest one.
pub(crate) struct Restored {
    older: Backup,
    newest: Backup,
}

struct Backup {
    service: Service,
    stores: Vec<StoreBackup>,
    marker: Option<Marker>,
}

struct StoreBackup {
    versions: Vec<(Uuid, u64)>,
    put_back: Box<dyn Fn() + Send>,
}

pub(super) fn begin(shop: &Arc<Shop>) {
    let world = &shop.world;
    let services = [Service::Tickets, Service::Orders, Service::Payments];
    let service = world.how(|how| *how.pick(&services));
    let age_us = world.how(|how| how.spread(1_000, 10_000_000));
    let unnoticed_us = world.how(|how| how.spread(50_000, 20_000_000));
    let older = Backup::of(shop, service);
    let shop = Arc::clone(shop);
    world.inside.spawn(OUTSIDE, async move {
        shop.world.inside.sleep_us(age_us).await;
        if put_older(&shop, older) {
            shop.world.inside.sleep_us(unnoticed_us).await;
            end(&shop);
        }
    });
}

pub(super) fn is_under_way(shop: &Shop) -> bool {
    restored(shop).is_some()
}

/// False where it would not be noticed, or nobody restores anything any more.
fn put_older(shop: &Arc<Shop>, older: Backup) -> bool {
    let world = &shop.world;
    if is_under_way(shop) || world.is_calm() {
        return false;
    }
    // What was written and not told of yet nobody could miss: no restored backup has that.
    if !is_told(shop, older.service) {
        return false;
    }
    let newest = Backup::of(shop, older.service);
    if older.versions().eq(newest.versions()) {
        return false;
    }
    kill_all(shop, older.service);
    tell(shop, format!("the database of {} is put back to an older copy", older.service.name()));
    older.put_back(shop);
    *restored(shop) = Some(Restored { older, newest });
    true
}

/// The newest database is put back, if it is not there.
pub(super) fn end(shop: &Arc<Shop>) {
    let Some(Restored { older, newest }) = restored(shop).take() else { return };
    kill_all(shop, older.service);
    if !Backup::of(shop, older.service).versions().eq(older.versions()) {
        shop.world.audit().violated(
            "a store that lacks what the stream has is not written to",
            format!("that of {}", older.service.name()),
        );
    } else {
        shop.world.met(Sometimes::StoreRestored);
    }
    tell(shop, format!("the newest database of {} is put back", older.service.name()));
    newest.put_back(shop);
}

fn kill_all(shop: &Arc<Shop>, service: Service) {
    for (at, process) in shop.world.processes.iter().enumerate() {
        if process.service == service as usize {
            kill(shop, Pid(at + 1));
        }
    }
}

fn is_told(shop: &Shop, service: Service) -> bool {
    let audit = shop.world.audit();
    let untold = match service {
        Service::Tickets => audit
            .untold(&audit.tickets)
            .or_else(|| audit.untold(&audit.reservations))
            .or_else(|| audit.untold(&audit.sellers)),
        Service::Orders => audit.untold(&audit.orders).or_else(|| audit.untold(&audit.buyers)),
        Service::Payments => audit.untold(&audit.payments),
        Service::Auth => audit.untold(&audit.accounts),
        Service::Expiration => None,
    };
    untold.is_none()
}

fn restored(shop: &Shop) -> MutexGuard<'_, Option<Restored>> {
    shop.restored.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Backup {
    fn of(shop: &Shop, service: Service) -> Self {
        let stores = match service {
            Service::Tickets => vec![
                StoreBackup::of(&shop.tickets),
                StoreBackup::of(&shop.reservations),
                StoreBackup::of(&shop.sellers),
            ],
            Service::Orders => vec![StoreBackup::of(&shop.orders), StoreBackup::of(&shop.buyers)],
            Service::Payments => vec![StoreBackup::of(&shop.payments)],
            Service::Auth => vec![StoreBackup::of(&shop.accounts)],
            Service::Expiration => Vec::new(),
        };
        Self { service, stores, marker: shop.keeping[service as usize].marker() }
    }

    fn versions(&self) -> impl Iterator<Item = &(Uuid, u64)> {
        self.stores.iter().flat_map(|store| &store.versions)
    }

    fn put_back(&self, shop: &Shop) {
        shop.world.replaces(self.service);
        for store in &self.stores {
            (store.put_back)();
        }
        shop.keeping[self.service as usize].put_back(self.marker);
    }
}

impl StoreBackup {
    fn of<D: Watched>(store: &Arc<MemoryStore<D>>) -> Self {
        let copy = store.copy();
        let versions = copy.versions().collect();
        let store = Arc::clone(store);
        Self { versions, put_back: Box::new(move || store.put_all_back(&copy)) }
    }
}
