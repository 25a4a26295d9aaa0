//! What befalls processes and servers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::restoring;
use crate::faults::Fault;
use crate::machine::{Blow, OUTSIDE, Pid};
use crate::shop::{Service, Shop};
use crate::sometimes::Sometimes;
use crate::world::Server;

const LONG_US: u64 = 60_000_000;

pub(super) fn start(shop: &Arc<Shop>, pid: Pid) {
    shop.start(pid);
    shop.world.processes[pid.0 - 1].is_up.store(true, Ordering::Relaxed);
}

pub(super) fn befall(shop: &Arc<Shop>, disaster: Fault) {
    let world = &shop.world;
    match disaster {
        Fault::Kill => kill(shop, victim(shop)),
        Fault::Stop => stop(shop, victim(shop)),
        Fault::ClockJumps => set_clock(shop, victim(shop)),
        Fault::ServerAway => {
            let server = world.how(|how| *how.pick(&Server::ALL));
            send_away(shop, server);
        }
        Fault::StoreRestored => restoring::begin(shop),
        // Who loses both what was written and what was told of it has lost it.
        Fault::TailLost | Fault::StreamLost if restoring::is_under_way(shop) => {}
        Fault::TailLost => {
            lose_tail(shop);
            lose_more(shop);
        }
        Fault::StreamLost => {
            lose_after(shop, 0);
            world.met(Sometimes::StreamLost);
            lose_more(shop);
        }
        Fault::TimersWiped => {
            shop.timers.lose();
            shop.keeping[Service::Expiration as usize].lose();
            world.met(Sometimes::TimersWiped);
            tell(shop, "Redis loses everything".to_owned());
        }
        Fault::RequestLost
        | Fault::AnswerLost
        | Fault::CarriedOutLate
        | Fault::RolledBack
        | Fault::Slow
        | Fault::DeliveredTwice
        | Fault::DeliveredOutOfOrder
        | Fault::AckLost
        | Fault::SubscriptionBroken
        | Fault::CardsBrokenBefore
        | Fault::CardsBrokenAfter
        | Fault::CardsAskedTwice
        | Fault::CallerHangsUp => {}
    }
}

/// Whoever is down or stopped comes back, and everything can be reached.
pub(super) fn are_over(shop: &Arc<Shop>) {
    let world = &shop.world;
    world.calm_down();
    tell(shop, "from here on nothing goes wrong".to_owned());
    restoring::end(shop);
    for (at, process) in world.processes.iter().enumerate() {
        let pid = Pid(at + 1);
        if process.is_stopped.swap(false, Ordering::Relaxed) {
            world.inside.strike(pid, Blow::Resumed);
        }
        if !process.is_up.load(Ordering::Relaxed) {
            start(shop, pid);
        }
    }
}

fn victim(shop: &Shop) -> Pid {
    let count = shop.world.processes.len() as u64;
    Pid(1 + shop.world.how(|how| how.below(count)) as usize)
}

pub(super) fn kill(shop: &Arc<Shop>, pid: Pid) {
    let world = &shop.world;
    let process = &world.processes[pid.0 - 1];
    if !process.is_up.swap(false, Ordering::Relaxed) {
        return;
    }
    process.close();
    process.is_stopped.store(false, Ordering::Relaxed);
    world.inside.strike(pid, Blow::Killed);
    world.met(Sometimes::Killed);
    tell(shop, format!("{} is killed", process.name));
    let down_us = world.how(|how| how.spread(20_000, 5_000_000));
    let shop = Arc::clone(shop);
    world.inside.spawn(OUTSIDE, async move {
        shop.world.inside.sleep_us(down_us).await;
        let process = &shop.world.processes[pid.0 - 1];
        if !process.is_up.load(Ordering::Relaxed) {
            tell(&shop, format!("{} is started again", process.name));
            start(&shop, pid);
        }
    });
}

fn stop(shop: &Arc<Shop>, pid: Pid) {
    let world = &shop.world;
    let process = &world.processes[pid.0 - 1];
    if process.is_stopped.swap(true, Ordering::Relaxed) || !process.is_up.load(Ordering::Relaxed) {
        return;
    }
    let length_us = world.how(|how| how.spread(1_000, 180_000_000));
    world.inside.strike(pid, Blow::Stopped);
    world.met(if length_us > LONG_US { Sometimes::StoppedForLong } else { Sometimes::Stopped });
    tell(shop, format!("{} stops for {} ms", process.name, length_us / 1_000));
    let shop = Arc::clone(shop);
    world.inside.spawn(OUTSIDE, async move {
        shop.world.inside.sleep_us(length_us).await;
        if shop.world.processes[pid.0 - 1].is_stopped.swap(false, Ordering::Relaxed) {
            shop.world.inside.strike(pid, Blow::Resumed);
        }
    });
}

fn set_clock(shop: &Shop, pid: Pid) {
    let world = &shop.world;
    let skew_ms = world.how(|how| how.below(5_001)) as i64 - 2_500;
    let process = &world.processes[pid.0 - 1];
    process.skew_ms.store(skew_ms, Ordering::Relaxed);
    world.met(Sometimes::ClockSet);
    tell(shop, format!("the clock of {} is set to {skew_ms} ms beside the true time", process.name));
}

fn send_away(shop: &Arc<Shop>, server: Server) {
    let world = &shop.world;
    let length_us = world.how(|how| how.spread(5_000, 20_000_000));
    world.goes_away(server, length_us);
    world.met(Sometimes::ServerAway);
    tell(shop, format!("{server:?} is away for {} ms", length_us / 1_000));
    if server == Server::Nats {
        let shop = Arc::clone(shop);
        world.inside.spawn(OUTSIDE, async move {
            shop.world.inside.sleep_us(length_us).await;
            shop.world.reconnected();
        });
    }
}

fn lose_tail(shop: &Arc<Shop>) {
    let world = &shop.world;
    let length = world.audit().stream_length();
    if length < 2 {
        return;
    }
    let lost = world.how(|how| how.spread(1, (length - 1).min(20)));
    lose_after(shop, length - lost);
    world.met(Sometimes::TailLost);
}

/// A server that lost something often does so again, while the services are telling it what it lacks.
fn lose_more(shop: &Arc<Shop>) {
    let world = &shop.world;
    if world.how(|how| how.percent(50)) {
        return;
    }
    let later_us = world.how(|how| how.spread(10, 500_000));
    let shop = Arc::clone(shop);
    world.inside.spawn(OUTSIDE, async move {
        shop.world.inside.sleep_us(later_us).await;
        if !shop.world.is_calm() && !restoring::is_under_way(&shop) {
            lose_tail(&shop);
        }
    });
}

fn lose_after(shop: &Arc<Shop>, sequence: u64) {
    shop.bus.lose_after(sequence);
    shop.world.audit().lost_after(sequence);
    // A server loses nothing while it runs: whoever was connected has noticed that it was gone.
    shop.world.reconnected();
    tell(shop, format!("the stream is lost after message {sequence}"));
}

pub(super) fn tell(shop: &Shop, told: String) {
    let now_us = shop.world.inside.now_us();
    shop.world.tell(|story| story.note(now_us, None, told));
}
