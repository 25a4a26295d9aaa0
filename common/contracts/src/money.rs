//! Money as whole minor units of a currency: never a fraction, never below zero.

use serde::{Deserialize, Serialize};

/// An amount in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In minor units: cents, pence.
    pub amount: u64,
    pub currency: Currency,
}

impl Money {
    pub const fn new(amount: u64, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{:02} {}", self.amount / 100, self.amount % 100, self.currency.code())
    }
}

/// The currencies a ticket may be priced in, by ISO 4217 code. Each has a hundred minor units to the major one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Usd,
    Eur,
    Gbp,
    Chf,
    Cad,
    Aud,
    Sek,
    Nok,
    Dkk,
    Pln,
}

impl Currency {
    pub const ALL: [Self; 10] = [
        Self::Usd,
        Self::Eur,
        Self::Gbp,
        Self::Chf,
        Self::Cad,
        Self::Aud,
        Self::Sek,
        Self::Nok,
        Self::Dkk,
        Self::Pln,
    ];

    /// The ISO 4217 code, in capitals.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
            Self::Cad => "CAD",
            Self::Aud => "AUD",
            Self::Sek => "SEK",
            Self::Nok => "NOK",
            Self::Dkk => "DKK",
            Self::Pln => "PLN",
        }
    }
}
