//! E-mail addresses, checked as far as one can without writing to them.

use std::str::FromStr;

const MAX_CHARACTERS: usize = 254;

/// An address that could exist.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailFault {
    #[error("has to be an e-mail address, such as ada@example.com")]
    Malformed,
    #[error("has to be at most {MAX_CHARACTERS} characters")]
    TooLong,
}

impl Email {
    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells one address from another: capitals do not, whatever the standard says.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Email {
    type Err = EmailFault;

    /// Space around it is taken off.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.chars().count() > MAX_CHARACTERS {
            return Err(EmailFault::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailFault::Malformed)?;
        if is_local_part(local) && is_domain(domain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailFault::Malformed)
        }
    }
}

/// Quoted forms are legal and nobody has them; what could break out of a header is refused.
fn is_local_part(text: &str) -> bool {
    let is_fit = |character: char| {
        !character.is_whitespace() && !character.is_control() && !"()<>[]:;,\\\"@".contains(character)
    };
    !text.is_empty() && text.chars().all(is_fit)
}

/// At least two labels: mail for a bare host goes nowhere from here.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let fit = label.chars().all(|character| character.is_alphanumeric() || character == '-');
        fit && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::{Email, EmailFault};

    #[test]
    fn an_address_is_taken_as_it_was_typed_and_told_apart_without_capitals() {
        let email: Email = "  Ada.Lovelace+shop@Example.COM ".parse().ok().unwrap();
        assert_eq!(email.as_str(), "Ada.Lovelace+shop@Example.COM");
        assert_eq!(email.key(), "ada.lovelace+shop@example.com");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for text in [
            "",
            " ",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "ada@@example.com",
            "ada@b@example.com",
            "ada@.com",
            "ada@example.",
            "ada@exa mple.com",
            "a da@example.com",
            "ada@-example.com",
            "ada\u{0}@example.com",
            "ada\n@example.com",
            "<ada>@example.com",
            "\"a b\"@example.com",
            "ada@example..com",
        ] {
            assert_eq!(text.parse::<Email>().err(), Some(EmailFault::Malformed), "{text:?}");
        }
    }

    #[test]
    fn an_address_has_a_greatest_length() {
        let of = |length: usize| format!("{}@example.com", "a".repeat(length - "@example.com".len()));
        assert!(of(254).parse::<Email>().is_ok());
        assert_eq!(of(255).parse::<Email>().err(), Some(EmailFault::TooLong));
    }
}
