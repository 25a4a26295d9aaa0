//! That every word exists that anything mentions, and none that nothing does; and how money and dates are written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use contracts::{Currency, Money};

use super::*;

fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == end) {
                found.push(path);
            }
        }
    }
    found
}

fn names(language: &str) -> BTreeSet<String> {
    let lines =
        files(&format!("words/{language}"), "ftl").into_iter().map(|file| fs::read_to_string(file).unwrap());
    let text = lines.collect::<String>();
    let named = text.lines().filter_map(|line| line.split_once(" ="));
    named.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with([' ', '#', '.'])).collect()
}

/// Everything in quotes that could be the name of a word.
fn mentioned() -> BTreeSet<String> {
    let sources = files("src", "rs").into_iter().chain(files("templates", "html"));
    let mut found = BTreeSet::new();
    for file in sources {
        let text = fs::read_to_string(file).unwrap();
        found.extend(text.split('"').map(str::to_owned));
    }
    found
}

#[test]
fn the_words_can_be_read_and_no_name_stands_twice() {
    for text in ENGLISH {
        assert!(
            FluentResource::try_new(text.to_owned()).is_ok(),
            "{:?}",
            FluentResource::try_new(text.to_owned()).err()
        );
    }
    let lines = ENGLISH.concat();
    let named: Vec<_> = lines.lines().filter(|line| !line.starts_with([' ', '#'])).collect();
    let named = named.iter().filter_map(|line| line.split_once(" =")).map(|(name, _)| name);
    let (count, distinct) = (named.clone().count(), named.collect::<BTreeSet<_>>().len());
    assert_eq!(count, distinct);
}

#[test]
fn a_page_says_nothing_that_has_no_words() {
    let names = names("en");
    let said = files("templates", "html").into_iter().chain(files("src", "rs")).flat_map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let calls = ["say(\"", "say_with(\"", "count(\"", "tell(\""];
        let found = calls.into_iter().flat_map(|call| {
            let parts: Vec<_> =
                text.split(call).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
            parts
        });
        found.map(|name| (file.clone(), name)).collect::<Vec<_>>()
    });
    for (file, name) in said {
        assert!(names.contains(&name), "{} says {name}", file.display());
    }
}

/// Names that are put together end in a part that is looked up in a list beside the code that does so.
#[test]
fn there_are_no_words_that_nothing_says() {
    let mentioned = mentioned();
    let put_together = |name: &str| {
        mentioned.iter().any(|prefix| {
            prefix.split_once('{').is_some_and(|(prefix, _)| {
                !prefix.is_empty() && prefix.ends_with('-') && name.starts_with(prefix)
            }) || (prefix.ends_with('-') && prefix.len() > 3 && name.starts_with(prefix.as_str()))
        })
    };
    let unsaid: Vec<_> =
        names("en").into_iter().filter(|name| !mentioned.contains(name) && !put_together(name)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn money_and_dates_are_written_by_custom() {
    let at = "2030-05-01T19:30:00Z".parse().unwrap();
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    let price = Money::new(123_456, Currency::Usd);
    let find = |tag: &str| LOCALES.iter().find(|locale| locale.tag == tag).unwrap();
    let british = &find("en-GB").customs;
    assert_eq!(british.money(&price), "US$1,234.56");
    assert_eq!(british.money(&Money::new(5, Currency::Eur)), "€0.05");
    assert_eq!(british.day(at, now), "Wed 1 May");
    assert_eq!(british.hour(at), "19:30");
    assert_eq!(british.moment(at), "Wednesday, 1 May 2030 at 19:30 UTC");
    let american = &find("en-US").customs;
    assert_eq!(american.money(&price), "$1,234.56");
    assert!(american.hour(at).starts_with("7:30"), "{}", american.hour(at));
}

#[test]
fn an_amount_is_read_as_people_write_it_and_nothing_else_is() {
    for (text, amount) in [
        ("125", Some(12_500)),
        ("125.5", Some(12_550)),
        ("1,250.00", Some(125_000)),
        (" 0.05 ", Some(5)),
        ("", None),
        ("-5", None),
        ("1.005", None),
        ("12.50 €", None),
        ("1e3", None),
        (".", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(amount_of(text), amount, "{text}");
    }
}

#[test]
fn a_browser_gets_what_it_prefers_of_what_there_is() {
    let of = |accepted: &str| {
        Locale::of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())])).tag
    };
    assert_eq!(of("en-US,en;q=0.9"), "en-US");
    assert_eq!(of("de,en-us;q=0.5"), "en-US");
    assert_eq!(of("de"), "en-GB");
    assert_eq!(of(""), "en-GB");
}
