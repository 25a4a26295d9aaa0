//! Stripe's published test payment methods and what each of them does.
//! Source: <https://docs.stripe.com/testing>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Call;
use crate::collection::Identified;
use crate::errors::ApiError;
use crate::store::{Change, Work};

/// A payment method as Stripe keeps it: naming `pm_card_visa` makes a new one with an id of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// The published name, such as `pm_card_visa`.
    pub(crate) name: String,
}

impl Identified for Method {
    const OBJECT: &'static str = "payment_method";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

/// When the buyer has to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    Never,
    Always,
    /// Set up already, so not while the buyer is away.
    OnSession,
}

/// Why an issuer says no.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) decline_code: &'static str,
    pub(crate) message: &'static str,
}

#[derive(Debug)]
pub(crate) struct TestMethod {
    name: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) funding: &'static str,
    pub(crate) last4: &'static str,
    pub(crate) authentication: Authentication,
    pub(crate) decline: Option<&'static Decline>,
}

impl Decline {
    const fn new(code: &'static str, decline_code: &'static str, message: &'static str) -> Self {
        Self { code, decline_code, message }
    }
}

impl TestMethod {
    const fn card(
        name: &'static str,
        brand: &'static str,
        funding: &'static str,
        last4: &'static str,
    ) -> Self {
        Self { name, brand, funding, last4, authentication: Authentication::Never, decline: None }
    }

    const fn declined(name: &'static str, last4: &'static str, decline: &'static Decline) -> Self {
        let card = Self::card(name, "visa", "credit", last4);
        Self { decline: Some(decline), ..card }
    }

    const fn authenticated(
        name: &'static str,
        last4: &'static str,
        decline: Option<&'static Decline>,
    ) -> Self {
        let card = Self::card(name, "visa", "credit", last4);
        Self { authentication: Authentication::Always, decline, ..card }
    }
}

const DECLINED: Decline = Decline::new("card_declined", "generic_decline", "Your card was declined.");
const INSUFFICIENT_FUNDS: Decline =
    Decline::new("card_declined", "insufficient_funds", "Your card has insufficient funds.");
const LOST_CARD: Decline = Decline::new("card_declined", "lost_card", "Your card was declined.");
const STOLEN_CARD: Decline = Decline::new("card_declined", "stolen_card", "Your card was declined.");
const EXPIRED_CARD: Decline = Decline::new("expired_card", "expired_card", "Your card has expired.");
const INCORRECT_CVC: Decline =
    Decline::new("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.");
const PROCESSING_ERROR: Decline = Decline::new(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
);
const VELOCITY_EXCEEDED: Decline = Decline::new(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
);
pub(crate) const AUTHENTICATION_REQUIRED: Decline = Decline::new(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
);

const TEST_METHODS: &[TestMethod] = &[
    TestMethod::card("pm_card_visa", "visa", "credit", "4242"),
    TestMethod::card("pm_card_visa_debit", "visa", "debit", "5556"),
    TestMethod::card("pm_card_mastercard", "mastercard", "credit", "4444"),
    TestMethod::card("pm_card_mastercard_debit", "mastercard", "debit", "8210"),
    TestMethod::card("pm_card_mastercard_prepaid", "mastercard", "prepaid", "5100"),
    TestMethod::card("pm_card_amex", "amex", "credit", "8431"),
    TestMethod::card("pm_card_discover", "discover", "credit", "9424"),
    TestMethod::card("pm_card_diners", "diners", "credit", "0004"),
    TestMethod::card("pm_card_jcb", "jcb", "credit", "0505"),
    TestMethod::card("pm_card_unionpay", "unionpay", "credit", "0005"),
    TestMethod::declined("pm_card_visa_chargeDeclined", "0002", &DECLINED),
    TestMethod::declined("pm_card_visa_chargeDeclinedInsufficientFunds", "9995", &INSUFFICIENT_FUNDS),
    TestMethod::declined("pm_card_visa_chargeDeclinedLostCard", "9987", &LOST_CARD),
    TestMethod::declined("pm_card_visa_chargeDeclinedStolenCard", "9979", &STOLEN_CARD),
    TestMethod::declined("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "6975", &VELOCITY_EXCEEDED),
    TestMethod::declined("pm_card_chargeDeclinedExpiredCard", "0069", &EXPIRED_CARD),
    TestMethod::declined("pm_card_chargeDeclinedIncorrectCvc", "0127", &INCORRECT_CVC),
    TestMethod::declined("pm_card_chargeDeclinedProcessingError", "0119", &PROCESSING_ERROR),
    TestMethod::declined("pm_card_threeDSecureRequiredProcessingError", "1280", &PROCESSING_ERROR),
    TestMethod::card("pm_card_threeDSecureOptional", "visa", "credit", "3055"),
    TestMethod::card("pm_card_amex_threeDSecureNotSupported", "amex", "credit", "0005"),
    TestMethod::authenticated("pm_card_threeDSecure2Required", "3220", None),
    TestMethod::authenticated("pm_card_threeDSecureRequired", "3063", None),
    TestMethod::authenticated("pm_card_threeDSecureRequiredChargeDeclined", "1629", Some(&DECLINED)),
    TestMethod::authenticated("pm_card_authenticationRequired", "3184", None),
    TestMethod::authenticated("pm_card_authenticationRequiredOnSetup", "3155", None),
    TestMethod::authenticated(
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "3178",
        Some(&INSUFFICIENT_FUNDS),
    ),
    TestMethod {
        authentication: Authentication::OnSession,
        ..TestMethod::card("pm_card_authenticationRequiredSetupForOffSession", "visa", "credit", "0446")
    },
];

impl Method {
    /// What the method does. A name that a later version no longer knows acts as a plain Visa card.
    pub(crate) fn behaviour(&self) -> &'static TestMethod {
        published(&self.name).unwrap_or(&TEST_METHODS[0])
    }

    pub(crate) fn json(&self) -> Value {
        let card = self.behaviour();
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": empty_billing_details(),
            "card": {
                "brand": card.brand,
                "checks": passed_checks(),
                "country": "US",
                "display_brand": card.brand,
                "exp_month": 12,
                "exp_year": 2034,
                "fingerprint": format!("standin{}{}", card.brand, card.last4),
                "funding": card.funding,
                "generated_from": null,
                "last4": card.last4,
                "networks": { "available": [card.brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            },
            "created": self.created,
            "customer": null,
            "livemode": false,
            "metadata": {},
            "type": "card",
        })
    }
}

pub(crate) fn passed_checks() -> Value {
    json!({ "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" })
}

pub(crate) fn empty_billing_details() -> Value {
    json!({
        "address": {
            "city": null,
            "country": null,
            "line1": null,
            "line2": null,
            "postal_code": null,
            "state": null,
        },
        "email": null,
        "name": null,
        "phone": null,
        "tax_id": null,
    })
}

/// The method that a `payment_method` parameter means: a published name, or the id of one used before.
pub(crate) fn choose(work: &mut Work<'_>, name_or_id: &str) -> Result<Method, ApiError> {
    if let Some(known) = work.state.methods.get(name_or_id) {
        return Ok(known.clone());
    }
    if published(name_or_id).is_none() {
        return Err(ApiError::no_such("PaymentMethod", name_or_id, "payment_method"));
    }
    let method = Method { id: work.id("pm_1", 23), created: work.context.now, name: name_or_id.to_owned() };
    work.put(Change::Method(method.clone()));
    Ok(method)
}

pub(crate) fn retrieve(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    call.form.allow(&[&["expand"]])?;
    let method = work.state.methods.get(&call.id);
    let missing = || ApiError::no_such("PaymentMethod", &call.id, "payment_method").status(404);
    method.map(Method::json).ok_or_else(missing)
}

fn published(name: &str) -> Option<&'static TestMethod> {
    TEST_METHODS.iter().find(|method| method.name == name)
}
