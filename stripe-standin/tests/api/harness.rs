//! A shop that takes payments through a stand-in of its own.

use std::collections::HashMap;

use serde_json::Value;
use stripe::{ApiErrors, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_core::payment_intent::{
    CancelPaymentIntent, CapturePaymentIntent, CreatePaymentIntent,
    CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
    RetrievePaymentIntent,
};
use stripe_shared::{PaymentIntent, PaymentIntentCaptureMethod, PaymentIntentId};
use stripe_standin::{Ledger, Options, StandIn};
use stripe_types::{Currency, Expandable};

pub(crate) const KEY: &str = "sk_test_stagedoor";

pub(crate) struct Shop {
    pub(crate) stand_in: StandIn,
    pub(crate) client: Client,
    pub(crate) http: reqwest::Client,
}

pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let stand_in = StandIn::start(options).await.unwrap();
        let client = client(&stand_in.base_url);
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { stand_in, client, http }
    }

    pub(crate) async fn authorize(&self, method: &str) -> Result<PaymentIntent, StripeError> {
        authorization("order-1", method).send(&self.client).await
    }

    pub(crate) async fn authorized(&self) -> PaymentIntent {
        self.authorize("pm_card_visa").await.unwrap()
    }

    pub(crate) async fn captured(&self) -> PaymentIntent {
        let intent = self.authorized().await;
        self.capture(&intent.id).await.unwrap()
    }

    pub(crate) async fn capture(&self, id: &PaymentIntentId) -> Result<PaymentIntent, StripeError> {
        CapturePaymentIntent::new(id.clone()).send(&self.client).await
    }

    pub(crate) async fn cancel(&self, id: &PaymentIntentId) -> Result<PaymentIntent, StripeError> {
        CancelPaymentIntent::new(id.clone()).send(&self.client).await
    }

    pub(crate) async fn retrieve(&self, id: &PaymentIntentId) -> PaymentIntent {
        RetrievePaymentIntent::new(id.clone()).send(&self.client).await.unwrap()
    }

    /// A client whose requests all carry this key.
    pub(crate) fn keyed(&self, key: &str) -> Client {
        let strategy = RequestStrategy::Idempotent(IdempotencyKey::new(key).unwrap());
        ClientBuilder::new(KEY).url(&self.stand_in.base_url).request_strategy(strategy).build().unwrap()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        self.stand_in.ledger()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stand_in.base_url)
    }

    pub(crate) async fn get(&self, path: &str) -> Raw {
        raw(self.http.get(self.url(path)).bearer_auth(KEY)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str, key: Option<&str>) -> Raw {
        let form = "application/x-www-form-urlencoded";
        let request = self.http.post(self.url(path)).bearer_auth(KEY).header("Content-Type", form);
        let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        raw(request.body(body.to_owned())).await
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> u16 {
        self.http.post(self.url(path)).json(&body).send().await.unwrap().status().as_u16()
    }
}

pub(crate) async fn raw(request: reqwest::RequestBuilder) -> Raw {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Raw { status, headers, text, json }
}

pub(crate) fn client(base_url: &str) -> Client {
    ClientBuilder::new(KEY).url(base_url).build().unwrap()
}

/// 50 dollars, held until they are captured.
pub(crate) fn authorization(order: &str, method: &str) -> CreatePaymentIntent {
    manual(order).payment_method(method).confirm(true)
}

pub(crate) fn manual(order: &str) -> CreatePaymentIntent {
    let mut without_redirects = CreatePaymentIntentAutomaticPaymentMethods::new(true);
    without_redirects.allow_redirects = Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never);
    CreatePaymentIntent::new(5000, Currency::USD)
        .automatic_payment_methods(without_redirects)
        .capture_method(PaymentIntentCaptureMethod::Manual)
        .metadata(HashMap::from([("order_id".to_owned(), order.to_owned())]))
}

/// What Stripe refused, with its status.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, StripeError>) -> (Box<ApiErrors>, u16) {
    match result {
        Err(StripeError::Stripe(error, status)) => (error, status),
        other => panic!("not an error of Stripe's: {other:?}"),
    }
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, StripeError>) -> String {
    let (error, _) = refusal(result);
    error.code.map(|code| code.to_string()).unwrap_or_default()
}

pub(crate) fn id_of<T: stripe_types::Object>(expandable: &Expandable<T>) -> String
where
    T::Id: ToString + Clone,
{
    expandable.id().to_string()
}
