//! What is promised of the demo data.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::{first_day, listings::listings};

#[test]
fn there_are_some_fifty_listings_of_every_category_and_no_seat_twice() {
    let listings = listings(date(2026, 1, 31));
    assert_eq!(listings.len(), 50);
    let categories: BTreeSet<&str> = listings.iter().map(|listing| listing.category).collect();
    assert_eq!(categories, BTreeSet::from(["concert", "other", "sports", "theatre"]));
    let seats = listings.iter().map(|listing| {
        ["venue", "starts_at", "section", "row", "seat"]
            .map(|field| listing.body[field].to_string())
            .join(" ")
    });
    assert_eq!(seats.collect::<BTreeSet<_>>().len(), 50);
}

#[test]
fn dates_count_from_the_day_of_the_first_seeding() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/seeded-on");
    let today = first_day(&file).unwrap();
    assert_eq!(first_day(&file).unwrap(), today);

    std::fs::write(&file, "2026-01-31\n").unwrap();
    assert_eq!(first_day(&file).unwrap(), date(2026, 1, 31));
    assert_eq!(listings(date(2026, 1, 31))[0].body["starts_at"], "2026-02-12T20:00:00.000Z");
}
