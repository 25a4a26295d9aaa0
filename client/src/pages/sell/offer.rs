//! An offer as its seller fills it in, and as the service takes it.

use std::ops::RangeInclusive;

use contracts::tickets::Category;
use contracts::{Currency, Money, Timestamp};
use jiff::civil;
use jiff::tz::TimeZone;

use crate::api::{Failure, Listing, Ticket};
use crate::form::Form;
use crate::locale::{Locale, amount_of};
use crate::pages::attempt::put_off;
use crate::trouble::Trouble;

pub(super) const KINDS: [(&str, Category); 4] = [
    ("concert", Category::Concert),
    ("sports", Category::Sports),
    ("theatre", Category::Theatre),
    ("other", Category::Other),
];
/// Characters of a title, a venue or a city.
const LONGEST_NAME: usize = 200;
/// Characters of a section, a row or a seat.
const LONGEST_PLACE: usize = 20;
/// In minor units: what one payment may be.
const PRICE: RangeInclusive<u64> = 50..=99_999_999;

/// A form that somebody can begin with.
pub(super) fn blank(currency: Currency) -> Form {
    Form::with([("category", "concert".to_owned()), ("currency", currency.code().to_owned())])
}

/// A listing as it stands, to be changed by who has seen this version of it.
pub(super) fn filled(ticket: &Ticket) -> Form {
    let kind = KINDS.iter().find(|(_, kind)| *kind == ticket.category).map_or("other", |(name, _)| name);
    let Money { amount, currency } = ticket.price;
    let place = |part: &Option<String>| part.clone().unwrap_or_default();
    Form::with([
        ("title", ticket.title.clone()),
        ("category", kind.to_owned()),
        ("venue", ticket.venue.clone()),
        ("city", ticket.city.clone()),
        ("starts_at", minute(ticket.starts_at)),
        ("section", place(&ticket.section)),
        ("row", place(&ticket.row)),
        ("seat", place(&ticket.seat)),
        ("price", format!("{}.{:02}", amount / 100, amount % 100)),
        ("currency", currency.code().to_owned()),
        ("version", ticket.version.to_string()),
    ])
}

/// The offer, or in the form what is wrong with it: all of it at once, in the order of the fields.
pub(super) fn read(form: &mut Form, locale: &Locale, now: Timestamp) -> Option<Listing> {
    let title = text(form, "title", locale);
    let kind = KINDS.iter().find(|(name, _)| *name == form.value("category")).map(|(_, kind)| *kind);
    if kind.is_none() {
        form.refuse("category", locale.say("sell-choose"));
    }
    let (venue, city) = (text(form, "venue", locale), text(form, "city", locale));
    let starts_at = starts_at(form, locale, now);
    let [section, row, seat] = ["section", "row", "seat"].map(|part| place(form, part, locale));
    let price = price(form, locale);
    if !form.is_good() {
        return None;
    }
    let (category, starts_at, price) = (kind?, starts_at?, price?);
    Some(Listing { title, category, venue, city, starts_at, section, row, seat, price })
}

/// What the service has against an offer, or that it does not answer, in the form. Anything else is trouble.
pub(super) fn refuse(form: &mut Form, failure: Failure, locale: &Locale) -> Result<(), Trouble> {
    match failure {
        Failure::Refused(refusal) if refusal.slug == "validation" => form.refused(&refusal),
        failure if failure.is("seat-listed") => form.refuse("seat", locale.say("sell-seat-listed")),
        failure if failure.is("idempotency-mismatch") => form.refuse("", locale.say("sell-sent-before")),
        failure => return put_off(failure, form, locale).map(|_| ()),
    }
    Ok(())
}

/// As `datetime-local` has it, in UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_string().chars().take("2030-05-01T19:30".len()).collect()
}

fn text(form: &mut Form, field: &'static str, locale: &Locale) -> String {
    let text = form.value(field).to_owned();
    if text.is_empty() {
        form.refuse(field, locale.say(&format!("sell-missing-{field}")));
    } else if text.chars().count() > LONGEST_NAME {
        form.refuse(field, locale.count("sell-too-long", LONGEST_NAME));
    }
    text
}

fn place(form: &mut Form, field: &'static str, locale: &Locale) -> Option<String> {
    let text = form.optional(field)?;
    if text.chars().count() > LONGEST_PLACE {
        form.refuse(field, locale.count("sell-too-long", LONGEST_PLACE));
    }
    Some(text)
}

fn starts_at(form: &mut Form, locale: &Locale, now: Timestamp) -> Option<Timestamp> {
    let typed = form.value("starts_at");
    let fault = match in_utc(typed) {
        Some(at) if at > now => return Some(at),
        Some(_) => "sell-past",
        None if typed.is_empty() => "sell-missing-starts_at",
        None => "sell-no-moment",
    };
    form.refuse("starts_at", locale.say(fault));
    None
}

/// `2030-05-01T19:30`, and with a space where a browser has no field for dates.
fn in_utc(text: &str) -> Option<Timestamp> {
    let moment: civil::DateTime = text.parse().ok()?;
    let moment = moment.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(moment.timestamp().as_millisecond()))
}

fn price(form: &mut Form, locale: &Locale) -> Option<Money> {
    let chosen = form.value("currency");
    let Some(currency) = Currency::ALL.into_iter().find(|currency| currency.code() == chosen) else {
        form.refuse("currency", locale.say("sell-choose"));
        return None;
    };
    let typed = form.value("price");
    let fault = match amount_of(typed) {
        Some(amount) if PRICE.contains(&amount) => return Some(Money::new(amount, currency)),
        Some(_) => {
            let [least, most] =
                [PRICE.start(), PRICE.end()].map(|end| locale.customs.money(&Money::new(*end, currency)));
            locale.say_with("sell-price-range", &[("least", least), ("most", most)])
        }
        None if typed.is_empty() => locale.say("sell-missing-price"),
        None => locale.say("sell-no-amount"),
    };
    form.refuse("price", fault);
    None
}

#[cfg(test)]
mod tests;
