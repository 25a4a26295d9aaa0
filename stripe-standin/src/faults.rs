//! Faults on demand: nothing goes wrong unless a test asks for it, and the same seed goes wrong in the same
//! way.

use serde::{Deserialize, Serialize};

use crate::draws::Draws;

/// What shall go wrong from now on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Where the dice start.
    pub seed: u64,
    /// Every request waits this long before it is executed, its idempotency key in use meanwhile.
    pub slow_ms: u64,
    /// The connection is cut without an answer.
    pub cut: Probability,
    /// A 500 is answered. After the execution it is also what the idempotency key gives from then on.
    pub status_500: Probability,
    /// With this probability a 429 is answered, and nothing is executed.
    pub rate_limit: f64,
    pub webhooks: WebhookFaults,
    /// A search finds what was made at least this many seconds ago.
    pub search_lag_seconds: i64,
    /// Faults for single requests, used up as they strike.
    pub next: Vec<NextFault>,
}

/// A plain number, or a number and when the fault strikes; either, by the dice, unless told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Probability {
    Either(f64),
    At { probability: f64, when: When },
}

/// Relative to the execution of the request: after it, the effect is there and the caller does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    #[default]
    Before,
    After,
}

/// Probabilities that an event is never delivered or delivered twice, and a pause before each delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookFaults {
    pub lose: f64,
    pub duplicate: f64,
    pub delay_ms: u64,
}

/// A fault for the next `times` requests whose method and path match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextFault {
    /// Part of the path, such as `/capture`; every path unless told.
    #[serde(default)]
    pub path: String,
    /// `GET` or `POST`; both unless told.
    #[serde(default)]
    pub method: Option<String>,
    pub fault: Fault,
    #[serde(default)]
    pub when: When,
    /// For `slow`.
    #[serde(default)]
    pub slow_ms: u64,
    #[serde(default = "once")]
    pub times: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    Cut,
    #[serde(rename = "status_500")]
    Status500,
    RateLimit,
    Slow,
    /// The authorisation lapses just before the request, so that a capture is refused for good.
    AuthorizationExpired,
}

impl Default for Probability {
    fn default() -> Self {
        Self::Either(0.0)
    }
}

fn once() -> u32 {
    1
}

/// What goes wrong with one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) slow_ms: u64,
    pub(crate) rate_limited: bool,
    pub(crate) authorization_expired: bool,
    pub(crate) before: Option<Interruption>,
    pub(crate) after: Option<Interruption>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interruption {
    Cut,
    Status500,
}

#[derive(Debug, Default)]
pub(crate) struct WebhookPlan {
    pub(crate) lost: bool,
    pub(crate) duplicated: bool,
    pub(crate) delay_ms: u64,
}

/// The faults switched on and the dice that decide.
#[derive(Debug)]
pub(crate) struct FaultSwitch {
    faults: Faults,
    dice: Draws,
}

impl FaultSwitch {
    pub(crate) fn new(faults: Faults) -> Self {
        let dice = Draws::new(format!("faults {}", faults.seed));
        Self { faults, dice }
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(crate) fn plan(&mut self, method: &str, path: &str) -> Plan {
        let mut plan = Plan { slow_ms: self.faults.slow_ms, ..Plan::default() };
        plan.rate_limited = self.dice.chance(self.faults.rate_limit);
        if let Some(when) = self.strikes(self.faults.status_500) {
            plan.interrupt(when, Interruption::Status500);
        }
        if let Some(when) = self.strikes(self.faults.cut) {
            plan.interrupt(when, Interruption::Cut);
        }
        let matches = |next: &&mut NextFault| {
            path.contains(&next.path) && next.method.as_deref().is_none_or(|it| it == method)
        };
        if let Some(next) = self.faults.next.iter_mut().find(matches) {
            next.times = next.times.saturating_sub(1);
            match next.fault {
                Fault::Cut => plan.interrupt(next.when, Interruption::Cut),
                Fault::Status500 => plan.interrupt(next.when, Interruption::Status500),
                Fault::RateLimit => plan.rate_limited = true,
                Fault::Slow => plan.slow_ms += next.slow_ms,
                Fault::AuthorizationExpired => plan.authorization_expired = true,
            }
        }
        self.faults.next.retain(|next| next.times > 0);
        plan
    }

    pub(crate) fn webhook_plan(&mut self) -> WebhookPlan {
        let WebhookFaults { lose, duplicate, delay_ms } = self.faults.webhooks;
        WebhookPlan { lost: self.dice.chance(lose), duplicated: self.dice.chance(duplicate), delay_ms }
    }

    fn strikes(&mut self, probability: Probability) -> Option<When> {
        match probability {
            Probability::Either(probability) => self
                .dice
                .chance(probability)
                .then(|| if self.dice.chance(0.5) { When::After } else { When::Before }),
            Probability::At { probability, when } => self.dice.chance(probability).then_some(when),
        }
    }
}

impl Plan {
    fn interrupt(&mut self, when: When, interruption: Interruption) {
        match when {
            When::Before => self.before = Some(interruption),
            When::After => self.after = Some(interruption),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FaultSwitch, Faults, Interruption};

    fn cuts(seed: u64) -> Vec<bool> {
        let faults = serde_json::from_value(serde_json::json!({ "seed": seed, "cut": 0.5 })).unwrap();
        let mut switch = FaultSwitch::new(faults);
        let mut cut = || {
            let plan = switch.plan("GET", "/v1/charges");
            plan.before.or(plan.after) == Some(Interruption::Cut)
        };
        (0..64).map(|_| cut()).collect()
    }

    #[test]
    fn the_same_seed_goes_wrong_in_the_same_way() {
        assert_eq!(cuts(1), cuts(1));
        assert_ne!(cuts(1), cuts(2));
    }

    #[test]
    fn a_fault_for_one_request_strikes_once_and_only_where_it_matches() {
        let next = serde_json::json!([{ "path": "/capture", "fault": "cut", "when": "after" }]);
        let mut switch =
            FaultSwitch::new(serde_json::from_value(serde_json::json!({ "next": next })).unwrap());
        assert_eq!(switch.plan("POST", "/v1/refunds").after, None);
        assert_eq!(switch.plan("POST", "/v1/payment_intents/pi_1/capture").after, Some(Interruption::Cut));
        assert_eq!(switch.plan("POST", "/v1/payment_intents/pi_1/capture").after, None);
    }

    #[test]
    fn nothing_goes_wrong_unless_asked() {
        let mut switch = FaultSwitch::new(Faults::default());
        let plan = switch.plan("POST", "/v1/refunds");
        assert!(plan.before.is_none() && plan.after.is_none() && !plan.rate_limited && plan.slow_ms == 0);
    }
}
