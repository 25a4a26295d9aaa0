//! The currencies Stripe takes and the amounts it allows in them.
//! Source: <https://docs.stripe.com/currencies>.

use crate::errors::ApiError;

const SUPPORTED: &str = "\
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bif bmd bnd bob brl bsd bwp byn bzd \
    cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq \
    gyd hkd hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp lkr lrd lsl mad \
    mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln \
    pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs \
    uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw";
const WITHOUT_MINOR_UNIT: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const LARGEST_AMOUNT: i64 = 99_999_999;

/// The currency in Stripe's lower case.
pub(crate) fn supported(currency: &str) -> Result<String, ApiError> {
    let currency = currency.to_lowercase();
    if SUPPORTED.split_whitespace().any(|known| known == currency) {
        return Ok(currency);
    }
    let message =
        format!("Invalid currency: {currency}. Stripe currently supports these currencies: {SUPPORTED}");
    Err(ApiError::invalid(None, message).param("currency"))
}

/// Refuses an amount that Stripe would not charge.
pub(crate) fn chargeable(amount: i64, currency: &str) -> Result<i64, ApiError> {
    let least = least_amount(currency);
    if amount < least {
        let message = format!("Amount must be at least {} {currency}", readable(least, currency));
        return Err(ApiError::refused("amount_too_small", message).param("amount"));
    }
    if amount > LARGEST_AMOUNT {
        let message =
            format!("Amount must be no more than {} {currency}", readable(LARGEST_AMOUNT, currency));
        return Err(ApiError::refused("amount_too_large", message).param("amount"));
    }
    Ok(amount)
}

/// An amount as Stripe's messages write it: `$12.50`, `¥1200`, `12.50 chf`.
pub(crate) fn readable(amount: i64, currency: &str) -> String {
    let number = if WITHOUT_MINOR_UNIT.split_whitespace().any(|known| known == currency) {
        amount.to_string()
    } else {
        format!("{}.{:02}", amount / 100, amount % 100)
    };
    match currency {
        "usd" => format!("${number}"),
        "eur" => format!("€{number}"),
        "gbp" => format!("£{number}"),
        "jpy" => format!("¥{number}"),
        _ => format!("{number} {currency}"),
    }
}

fn least_amount(currency: &str) -> i64 {
    match currency {
        "gbp" => 30,
        "aed" | "bgn" | "myr" | "pln" | "ron" => 200,
        "czk" => 1500,
        "dkk" => 250,
        "hkd" => 400,
        "huf" => 17_500,
        "mxn" | "thb" => 1000,
        "nok" | "sek" => 300,
        _ => 50,
    }
}
