//! A language with its customs: the words of the site, and how money and dates are written.
//!
//! The words are in `words/`, a folder for each language. A further language is a folder there and a line here.

mod customs;

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use customs::Customs;
pub(crate) use customs::amount_of;

/// The words of one language, by parts of the site.
const ENGLISH: [&str; 8] = [
    include_str!("../words/en/frame.ftl"),
    include_str!("../words/en/find.ftl"),
    include_str!("../words/en/sell.ftl"),
    include_str!("../words/en/buy.ftl"),
    include_str!("../words/en/door.ftl"),
    include_str!("../words/en/account.ftl"),
    include_str!("../words/en/admin.ftl"),
    include_str!("../words/en/trouble.ftl"),
];

/// By their tags; the first is for whoever says nothing, or nothing we know.
const TAGS: [(&str, &[&str]); 2] = [("en-GB", &ENGLISH), ("en-US", &ENGLISH)];

static LOCALES: LazyLock<Vec<Locale>> =
    LazyLock::new(|| TAGS.iter().filter_map(|(tag, words)| Locale::new(tag, words)).collect());

pub(crate) struct Locale {
    /// As pages say it: `en-GB`.
    pub tag: &'static str,
    words: FluentBundle<FluentResource>,
    pub customs: Customs,
}

impl Locale {
    fn new(tag: &'static str, words: &[&str]) -> Option<Self> {
        let language: LanguageIdentifier = tag.parse().ok()?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // HTML has `dir="auto"` and `bdi` for what people write.
        bundle.set_use_isolating(false);
        for text in words {
            let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*text).to_owned());
            bundle.add_resource_overriding(resource);
        }
        Some(Self { tag, words: bundle, customs: Customs::of(tag)? })
    }

    /// What the browser prefers of what there is: a tag it names, in its order, or one of the same language.
    pub(crate) fn of(headers: &HeaderMap) -> &'static Self {
        let accepted =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let wanted = accepted.split(',').map(|offer| offer.split(';').next().unwrap_or("").trim());
        let mut found =
            wanted.filter_map(|tag| LOCALES.iter().find(|locale| locale.tag.eq_ignore_ascii_case(tag)));
        found.next().unwrap_or_else(|| Self::first())
    }

    pub(crate) fn first() -> &'static Self {
        &LOCALES[0]
    }

    /// The words of this name. A test looks for each name that is mentioned anywhere.
    pub(crate) fn say(&self, name: &str) -> String {
        self.find(name).unwrap_or_else(|| name.to_owned())
    }

    pub(crate) fn find(&self, name: &str) -> Option<String> {
        self.format(name, None)
    }

    pub(crate) fn say_with(&self, name: &str, what: &[(&'static str, String)]) -> String {
        let arguments = what.iter().map(|(name, value)| (*name, FluentValue::from(value.clone()))).collect();
        self.format(name, Some(&arguments)).unwrap_or_else(|| name.to_owned())
    }

    /// The words for this many.
    pub(crate) fn count(&self, name: &str, number: usize) -> String {
        let arguments = FluentArgs::from_iter([("number", FluentValue::from(number))]);
        self.format(name, Some(&arguments)).unwrap_or_else(|| name.to_owned())
    }

    fn format(&self, name: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.words.get_message(name)?.value()?;
        let mut faults = Vec::new();
        Some(self.words.format_pattern(pattern, arguments, &mut faults).into_owned())
    }
}

#[cfg(test)]
mod tests;
