//! Who is killed when: each as often as every other, in an order and at instants that the seed decides, one after the
//! other and now and then two at once.

use std::{
    fs,
    time::{Duration, Instant},
};

use futures::future;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

use super::{ALL_BUT_THESE, Chaos, VICTIMS, crowd::Crowd, outcome::say};
use crate::{
    error::{Error, Result},
    shop::Shop,
};

/// The people warm the shop up first.
const HEAD_START: Duration = Duration::from_secs(2);
const BACK_WITHIN: Duration = Duration::from_secs(60);
const PAUSE_MS: std::ops::Range<u64> = 100..3_500;
/// How often the next victim does not wait for this one to be back, and how little later it dies.
const TOGETHER: f64 = 0.15;
const TOGETHER_MS: std::ops::Range<u64> = 0..300;

#[derive(Clone, Debug)]
pub struct Kill {
    pub victim: String,
    /// How long until it could be given work again; nothing when it never could.
    pub back_after: Option<Duration>,
}

/// Who dies a little later than who, and how long after those before.
struct Blow {
    pause: Duration,
    victims: Vec<(Duration, String)>,
}

pub(super) async fn all(chaos: &Chaos, shop: &Shop, crowd: &Crowd) -> Result<Vec<Kill>> {
    let blows = drawn(chaos);
    let (half, total) = (blows.len() / 2, chaos.kills * names(&chaos.victims).len());
    let mut kills = Vec::new();
    tokio::time::sleep(HEAD_START).await;
    for (number, blow) in blows.iter().enumerate() {
        if chaos.lose_stream && number == half {
            lose_stream(shop).await?;
        }
        tokio::time::sleep(blow.pause).await;
        for kill in strike(shop, blow).await? {
            kills.push(kill);
            tell(&kills, total, crowd);
        }
    }
    tokio::time::sleep(HEAD_START).await;
    Ok(kills)
}

/// Whether each victim is a process of this shop.
pub(super) fn known(chaos: &Chaos, shop: &Shop) -> Result<()> {
    let processes = shop.processes().names();
    match names(&chaos.victims).into_iter().find(|name| !processes.contains(name)) {
        Some(stranger) => Err(local_shop::Error::NoSuchProcess(stranger).into()),
        None => Ok(()),
    }
}

fn names(victims: &[String]) -> Vec<String> {
    let one = |name: &String| match name.as_str() {
        "all" => VICTIMS.iter().chain(&ALL_BUT_THESE).map(|name| (*name).to_owned()).collect(),
        _ => vec![name.clone()],
    };
    let mut names: Vec<String> = victims.iter().flat_map(one).collect();
    names.sort();
    names.dedup();
    names
}

fn drawn(chaos: &Chaos) -> Vec<Blow> {
    let mut dice = StdRng::seed_from_u64(chaos.seed);
    let mut order: Vec<String> = names(&chaos.victims)
        .iter()
        .flat_map(|name| std::iter::repeat_n(name.clone(), chaos.kills))
        .collect();
    order.shuffle(&mut dice);
    let mut blows: Vec<Blow> = Vec::new();
    for victim in order {
        let joins = |last: &&mut Blow| last.victims.len() == 1 && last.victims[0].1 != victim;
        match blows.last_mut().filter(joins) {
            Some(last) if dice.random_bool(TOGETHER) => {
                let later = Duration::from_millis(dice.random_range(TOGETHER_MS));
                last.victims.push((later, victim));
            }
            _ => {
                let pause = Duration::from_millis(dice.random_range(PAUSE_MS));
                blows.push(Blow { pause, victims: vec![(Duration::ZERO, victim)] });
            }
        }
    }
    blows
}

async fn strike(shop: &Shop, blow: &Blow) -> Result<Vec<Kill>> {
    let mut returns = Vec::new();
    for (later, victim) in &blow.victims {
        tokio::time::sleep(*later).await;
        shop.processes().kill(victim)?;
        returns.push(returned(shop, victim));
    }
    Ok(future::join_all(returns).await)
}

fn returned<'shop>(shop: &'shop Shop, victim: &str) -> impl Future<Output = Kill> + use<'shop> {
    let (killed_at, victim) = (Instant::now(), victim.to_owned());
    async move {
        let is_back = shop.is_back(&victim, BACK_WITHIN).await;
        Kill { victim, back_after: is_back.ok().map(|()| killed_at.elapsed()) }
    }
}

/// The whole history is gone: the services' stores are all there is.
async fn lose_stream(shop: &Shop) -> Result<()> {
    say("the stream is lost: NATS killed, JetStream's folder deleted");
    let processes = shop.processes();
    processes.keep_down("nats")?;
    fs::remove_dir_all(processes.home().data().join("nats").join("jetstream")).map_err(Error::Folder)?;
    processes.start_again("nats")?;
    shop.is_back("nats", BACK_WITHIN).await
}

fn tell(kills: &[Kill], total: usize, crowd: &Crowd) {
    let Some(kill) = kills.last() else { return };
    let back = kill.back_after.map_or_else(
        || "did not come back".to_owned(),
        |after| format!("back after {:.2} s", after.as_secs_f64()),
    );
    let notes = crowd.notes();
    say(&format!(
        "{:>3}/{total}  {:<15} {back:<20} {} bought, {} surprises",
        kills.len(),
        kill.victim,
        notes.purchases.len(),
        notes.surprises.len()
    ));
}
