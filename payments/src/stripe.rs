//! Stripe as the card processor. Errors are told in our own words: Stripe's carry whole objects, secrets included.

use std::collections::HashMap;

use async_trait::async_trait;
use contracts::{Currency, Money, OrderId};
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_core::payment_intent::{
    CancelPaymentIntent, CapturePaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent,
    CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
    RetrievePaymentIntent,
};
use stripe_shared::{
    ApiErrors, ApiErrorsType, PaymentIntent, PaymentIntentCaptureMethod, PaymentIntentId, PaymentIntentStatus,
};

use crate::cards::{CardError, CardProcessor, Intent, Standing};

/// Stripe, spoken to with one secret key.
pub struct Stripe {
    client: Client,
}

/// Stripe cannot be spoken to with this key or at this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key or the address of Stripe cannot be used")]
pub struct StripeConfigError;

impl Stripe {
    /// At `api_base`, or at Stripe's own address.
    pub fn new(secret_key: &str, api_base: Option<&str>) -> Result<Self, StripeConfigError> {
        let mut builder = ClientBuilder::new(secret_key);
        if let Some(api_base) = api_base {
            // The library puts its path right behind the address.
            builder = builder.url(format!("{}/", api_base.trim_end_matches('/')));
        }
        let client = builder.build().map_err(|_| StripeConfigError)?;
        Ok(Self { client })
    }

    async fn send<R: StripeRequest<Output = PaymentIntent> + Sync>(
        &self,
        key: &str,
        request: R,
    ) -> Result<Intent, CardError> {
        let key = IdempotencyKey::new(key).map_err(|error| CardError::Unavailable(error.to_string()))?;
        let request = request.customize().request_strategy(RequestStrategy::Idempotent(key));
        intent(request.send(&self.client).await.map_err(error)?)
    }
}

#[async_trait]
impl CardProcessor for Stripe {
    async fn create_intent(&self, key: &str, order_id: OrderId, amount: Money) -> Result<Intent, CardError> {
        let minor = i64::try_from(amount.amount)
            .map_err(|_| CardError::Refused { code: "amount_too_large".to_owned() })?;
        let request = CreatePaymentIntent::new(minor, to_stripe(amount.currency))
            .capture_method(PaymentIntentCaptureMethod::Manual)
            .automatic_payment_methods(cards_alone())
            .metadata(HashMap::from([("order_id".to_owned(), order_id.to_string())]));
        self.send(key, request).await
    }

    async fn confirm(
        &self,
        key: &str,
        payment_intent: &str,
        payment_method: &str,
    ) -> Result<Intent, CardError> {
        let request = ConfirmPaymentIntent::new(payment_intent).payment_method(payment_method);
        let key = IdempotencyKey::new(key).map_err(|error| CardError::Unavailable(error.to_string()))?;
        let request = request.customize().request_strategy(RequestStrategy::Idempotent(key));
        match request.send(&self.client).await {
            Ok(confirmed) => intent(confirmed),
            Err(StripeError::Stripe(errors, _)) if errors.type_ == ApiErrorsType::CardError => {
                let client_secret = None;
                let standing = Standing::Open { declined: Some(code(&errors)) };
                Ok(Intent { id: payment_intent.to_owned(), client_secret, standing })
            }
            Err(other) => Err(error(other)),
        }
    }

    async fn capture(&self, key: &str, payment_intent: &str) -> Result<Intent, CardError> {
        self.send(key, CapturePaymentIntent::new(payment_intent)).await
    }

    async fn cancel(&self, key: &str, payment_intent: &str) -> Result<Intent, CardError> {
        self.send(key, CancelPaymentIntent::new(payment_intent)).await
    }

    async fn fetch(&self, payment_intent: &str) -> Result<Intent, CardError> {
        let request = RetrievePaymentIntent::new(PaymentIntentId::from(payment_intent)).customize();
        intent(request.request_strategy(RequestStrategy::Once).send(&self.client).await.map_err(error)?)
    }
}

/// Whatever needs the buyer to leave for another site and come back is no card.
fn cards_alone() -> CreatePaymentIntentAutomaticPaymentMethods {
    let mut methods = CreatePaymentIntentAutomaticPaymentMethods::new(true);
    methods.allow_redirects = Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never);
    methods
}

fn intent(intent: PaymentIntent) -> Result<Intent, CardError> {
    let standing = match &intent.status {
        PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::RequiresConfirmation => {
            Standing::Open { declined: intent.last_payment_error.as_deref().map(code) }
        }
        PaymentIntentStatus::RequiresAction => Standing::ActionRequired,
        PaymentIntentStatus::Processing | PaymentIntentStatus::Unknown(_) => Standing::Processing,
        PaymentIntentStatus::RequiresCapture => {
            Standing::Authorized { amount: money(intent.amount_capturable, &intent.currency)? }
        }
        PaymentIntentStatus::Succeeded => Standing::Captured {
            charge: intent.latest_charge.map(|charge| charge.id().to_string()).unwrap_or_default(),
            amount: money(intent.amount_received, &intent.currency)?,
        },
        PaymentIntentStatus::Canceled => Standing::Cancelled,
        // The library's list of statuses may grow.
        _ => Standing::Processing,
    };
    Ok(Intent { id: intent.id.to_string(), client_secret: intent.client_secret, standing })
}

/// What may be tried again under the same key, what the key is spent on, and what will never be.
/// Source: <https://docs.stripe.com/api/errors> and <https://docs.stripe.com/error-low-level>.
fn error(error: StripeError) -> CardError {
    match error {
        StripeError::Stripe(errors, status) => {
            let told = format!("{} {status}, {}", errors.type_.as_str(), code(&errors));
            match status {
                // A wrong key is for us to mend; a key in use, a rate and a time-out pass by.
                401 | 403 | 408 | 409 | 424 | 425 | 429 => CardError::Unavailable(told),
                500.. => CardError::Broken(told),
                _ => CardError::Refused { code: code(&errors) },
            }
        }
        StripeError::Timeout => CardError::Unavailable("no answer in time".to_owned()),
        StripeError::JSONDeserialize(_) => CardError::Unavailable("the answer cannot be read".to_owned()),
        StripeError::ClientError(why) | StripeError::ConfigError(why) => CardError::Unavailable(why),
    }
}

/// The issuer's word where there is one, else Stripe's.
fn code(errors: &ApiErrors) -> String {
    let issuers = errors.decline_code.clone();
    let stripes = || errors.code.as_ref().map(|code| code.as_str().to_owned());
    issuers.or_else(stripes).unwrap_or_else(|| errors.type_.as_str().to_owned())
}

fn money(minor: i64, currency: &stripe_types::Currency) -> Result<Money, CardError> {
    let unreadable = || CardError::Unavailable("the amount cannot be read".to_owned());
    let amount = u64::try_from(minor).map_err(|_| unreadable())?;
    let currency = from_stripe(currency).ok_or_else(unreadable)?;
    Ok(Money::new(amount, currency))
}

fn to_stripe(currency: Currency) -> stripe_types::Currency {
    match currency {
        Currency::Usd => stripe_types::Currency::USD,
        Currency::Eur => stripe_types::Currency::EUR,
        Currency::Gbp => stripe_types::Currency::GBP,
        Currency::Chf => stripe_types::Currency::CHF,
        Currency::Cad => stripe_types::Currency::CAD,
        Currency::Aud => stripe_types::Currency::AUD,
        Currency::Sek => stripe_types::Currency::SEK,
        Currency::Nok => stripe_types::Currency::NOK,
        Currency::Dkk => stripe_types::Currency::DKK,
        Currency::Pln => stripe_types::Currency::PLN,
    }
}

fn from_stripe(currency: &stripe_types::Currency) -> Option<Currency> {
    match currency {
        stripe_types::Currency::USD => Some(Currency::Usd),
        stripe_types::Currency::EUR => Some(Currency::Eur),
        stripe_types::Currency::GBP => Some(Currency::Gbp),
        stripe_types::Currency::CHF => Some(Currency::Chf),
        stripe_types::Currency::CAD => Some(Currency::Cad),
        stripe_types::Currency::AUD => Some(Currency::Aud),
        stripe_types::Currency::SEK => Some(Currency::Sek),
        stripe_types::Currency::NOK => Some(Currency::Nok),
        stripe_types::Currency::DKK => Some(Currency::Dkk),
        stripe_types::Currency::PLN => Some(Currency::Pln),
        _ => None,
    }
}
