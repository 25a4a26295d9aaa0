//! Demo data, made over HTTP as people would make them: always the same, and made only once however often it is asked.

mod cast;
mod listings;
mod orders;

use std::{collections::BTreeMap, fs, path::Path, thread};

use anyhow::Context as _;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use local_servers::Home;
use local_shop::{ADMIN_EMAIL, ADMIN_PASSWORD};

use crate::{report::table, shopper::Shopper};
use cast::{BUYERS, PASSWORD, SELLERS};

/// Seeds beside whatever else is done; yields what is there in the end.
pub(crate) fn in_thread(home: &Home, origin: &str) -> thread::JoinHandle<anyhow::Result<String>> {
    let (day_file, origin) = (home.data().join("seeded-on"), origin.to_owned());
    thread::spawn(move || {
        let today = first_day(&day_file)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(seed(&origin, today))
    })
}

pub(crate) fn logins() -> String {
    let row =
        |who: &str, email: &str, password: &str| vec![who.to_owned(), email.to_owned(), password.to_owned()];
    let mut rows = vec![row("log in as", "e-mail", "password"), row("admin", ADMIN_EMAIL, ADMIN_PASSWORD)];
    rows.extend(SELLERS.iter().map(|person| row("seller", person.email, PASSWORD)));
    rows.extend(BUYERS.iter().map(|person| row("buyer", person.email, PASSWORD)));
    table(&rows)
}

/// The day that the dates count from: kept beside the data, so that the same requests are made again.
fn first_day(file: &Path) -> anyhow::Result<Date> {
    if let Some(day) = fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()) {
        return Ok(day);
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, today.to_string()))
        .context("could not note the day")?;
    Ok(today)
}

async fn seed(origin: &str, today: Date) -> anyhow::Result<String> {
    let mut sellers = Vec::new();
    for person in &SELLERS {
        let seller = Shopper::new(origin)?;
        seller.enter(person.email, PASSWORD, person.name).await?;
        sellers.push(seller);
    }
    let mut tickets = Vec::new();
    for (number, listing) in listings::listings(today).into_iter().enumerate() {
        let seller = &sellers[number % sellers.len()];
        tickets.push((listing.category, listings::list(seller, number, &listing).await?));
    }
    let mut buyers = Vec::new();
    for person in &BUYERS {
        let buyer = Shopper::new(origin)?;
        buyer.enter(person.email, PASSWORD, person.name).await?;
        buyers.push(buyer);
    }
    let orders = orders::place(&buyers, &tickets).await?;
    Ok(summary(&tickets, &orders))
}

fn summary(tickets: &[(&'static str, Option<String>)], orders: &[String]) -> String {
    let count = |words: &mut dyn Iterator<Item = &str>| {
        let mut counts = BTreeMap::<String, usize>::new();
        words.for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
        counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    };
    let row = |what: &str, number: usize, parts: String| vec![what.to_owned(), number.to_string(), parts];
    let people = SELLERS.len() + BUYERS.len();
    let rows = [
        row("people", people, format!("{} sellers, {} buyers", SELLERS.len(), BUYERS.len())),
        row("listings", tickets.len(), count(&mut tickets.iter().map(|(category, _)| *category))),
        row("orders", orders.len(), count(&mut orders.iter().map(String::as_str))),
    ];
    format!("\n{}", table(&rows))
}

#[cfg(test)]
mod tests;
