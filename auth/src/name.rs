//! What people call themselves.

use std::str::FromStr;

const MAX_CHARACTERS: usize = 100;

/// A name that can be shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("has to be 1 to {MAX_CHARACTERS} characters")]
pub(crate) struct NameFault;

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameFault;

    /// Space around it is taken off.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let fits = (1..=MAX_CHARACTERS).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) { Ok(Self(text.to_owned())) } else { Err(NameFault) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, NameFault};

    #[test]
    fn a_name_is_one_to_a_hundred_characters_that_show() {
        for (text, expected) in [
            (" Ada Lovelace ", Ok("Ada Lovelace")),
            ("\u{1f3ab}", Ok("\u{1f3ab}")),
            ("", Err(NameFault)),
            (" \t ", Err(NameFault)),
            ("Ada\u{7}", Err(NameFault)),
        ] {
            assert_eq!(
                text.parse::<Name>().as_ref().map(Name::as_str),
                expected.as_ref().copied(),
                "{text:?}"
            );
        }
        assert!("ä".repeat(100).parse::<Name>().is_ok());
        assert!("ä".repeat(101).parse::<Name>().is_err());
    }
}
