//! How money and dates are written. A listing has no place on the map, so times are said in UTC, and that they are.

use contracts::{Currency, Money, Timestamp};
use fixed_decimal::Decimal;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::{MDE, T, YMD, YMDE, YMDET};
use icu_datetime::input::DateTime;
use icu_decimal::DecimalFormatter;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_locale_core::Locale as Tag;
use icu_locale_core::preferences::extensions::unicode::keywords::CurrencyType;
use jiff::civil;
use jiff::tz::TimeZone;
use jiff_icu::ConvertInto as _;

/// A hundred minor units to the major one, in every currency a ticket may be priced in.
const MINOR_DIGITS: i16 = 2;

/// The formatters of one locale.
pub(crate) struct Customs {
    money: Vec<(Currency, CurrencyFormatter<DecimalFormatter>)>,
    day: DateTimeFormatter<YMDE>,
    day_of_this_year: DateTimeFormatter<MDE>,
    date: DateTimeFormatter<YMD>,
    moment: DateTimeFormatter<YMDET>,
    hour: DateTimeFormatter<T>,
}

impl Customs {
    pub(super) fn of(tag: &str) -> Option<Self> {
        let tag: Tag = tag.parse().ok()?;
        let money = Currency::ALL.into_iter().map(|currency| {
            let code = CurrencyType::try_from_str(currency.code()).ok()?;
            let formatter =
                CurrencyFormatter::try_new_symbol((&tag).into(), code, Default::default()).ok()?;
            Some((currency, formatter))
        });
        Some(Self {
            money: money.collect::<Option<_>>()?,
            day: DateTimeFormatter::try_new((&tag).into(), YMDE::medium()).ok()?,
            day_of_this_year: DateTimeFormatter::try_new((&tag).into(), MDE::medium()).ok()?,
            date: DateTimeFormatter::try_new((&tag).into(), YMD::long()).ok()?,
            moment: DateTimeFormatter::try_new((&tag).into(), YMDE::long().with_time_hm()).ok()?,
            hour: DateTimeFormatter::try_new((&tag).into(), T::hm()).ok()?,
        })
    }

    /// `US$125.00`.
    pub(crate) fn money(&self, money: &Money) -> String {
        let Money { amount, currency } = *money;
        let known = self.money.iter().find(|(known, _)| *known == currency);
        let mut decimal = Decimal::from(amount);
        decimal.multiply_pow10(-MINOR_DIGITS);
        known.map_or_else(
            || money.to_string(),
            |(_, formatter)| formatter.format_fixed_decimal(&decimal).to_string(),
        )
    }

    /// `Wed 1 May`, with the year where it is another than that of `now`.
    pub(crate) fn day(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (in_utc(at), in_utc(now));
        let day: DateTime<_> = at.convert_into();
        if at.year() == now.year() {
            self.day_of_this_year.format(&day).to_string()
        } else {
            self.day.format(&day).to_string()
        }
    }

    /// `1 May 2030`.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        let day: DateTime<_> = in_utc(at).convert_into();
        self.date.format(&day).to_string()
    }

    /// `19:30`.
    pub(crate) fn hour(&self, at: Timestamp) -> String {
        let hour: DateTime<_> = in_utc(at).convert_into();
        self.hour.format(&hour.time).to_string()
    }

    /// `Wednesday, 1 May 2030 at 19:30 UTC`.
    pub(crate) fn moment(&self, at: Timestamp) -> String {
        let moment: DateTime<_> = in_utc(at).convert_into();
        format!("{} UTC", self.moment.format(&moment))
    }
}

/// What somebody wrote as an amount, `1,250.00` or `1250`, in minor units. Nothing, if it is no amount of money.
pub(crate) fn amount_of(text: &str) -> Option<u64> {
    let text: String =
        text.chars().filter(|character| !character.is_whitespace() && *character != ',').collect();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > MINOR_DIGITS as usize {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}

fn in_utc(at: Timestamp) -> civil::DateTime {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).datetime()
}
