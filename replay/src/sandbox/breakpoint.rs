//! Where a replay stops: at a type of event, or when an aggregate comes to be so.

use std::cmp::Ordering;
use std::str::FromStr;

use serde_json::Value;
use uuid::Uuid;

use super::run::{Run, Taken};
use crate::kinds::Kind;

/// `order.status == cancelled`: a kind of aggregate, a field of its state, and what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Predicate {
    category: String,
    path: Vec<String>,
    operator: Operator,
    value: String,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    AtLeast,
    AtMost,
    Above,
    Below,
}

/// The longer first: `<=` begins as `<` does.
const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Is),
    ("!=", Operator::IsNot),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (">", Operator::Above),
    ("<", Operator::Below),
];

impl FromStr for Predicate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no condition: write order.status == cancelled");
        let found = OPERATORS.iter().find_map(|(sign, operator)| {
            let (path, value) = text.split_once(sign)?;
            Some((path.trim(), *operator, value.trim().trim_matches('"')))
        });
        let (path, operator, value) = found.ok_or_else(wrong)?;
        let mut words = path.split('.').map(str::to_owned);
        let category = words.next().filter(|word| !word.is_empty()).ok_or_else(wrong)?;
        let path: Vec<String> = words.collect();
        if path.is_empty() || path.iter().any(String::is_empty) || value.is_empty() {
            return Err(wrong());
        }
        if Kind::named(&category).is_none() {
            return Err(format!("no aggregate is called {category:?}"));
        }
        Ok(Self { category, path, operator, value: value.to_owned(), text: text.to_owned() })
    }
}

impl Predicate {
    fn is_met(&self, state: &Value) -> bool {
        let mut at = state;
        for word in &self.path {
            match at.get(word) {
                Some(inner) => at = inner,
                None => return self.operator == Operator::IsNot,
            }
        }
        let order = compare(at, &self.value);
        match self.operator {
            Operator::Is => order == Some(Ordering::Equal),
            Operator::IsNot => order != Some(Ordering::Equal),
            Operator::AtLeast => order.is_some_and(Ordering::is_ge),
            Operator::AtMost => order.is_some_and(Ordering::is_le),
            Operator::Above => order == Some(Ordering::Greater),
            Operator::Below => order == Some(Ordering::Less),
        }
    }
}

/// Numbers as numbers, everything else as text: times are written so that this is their order.
fn compare(held: &Value, wanted: &str) -> Option<Ordering> {
    match held {
        Value::Number(held) => held.as_f64()?.partial_cmp(&wanted.parse().ok()?),
        Value::String(held) => Some(held.as_str().cmp(wanted)),
        Value::Bool(held) => Some(held.to_string().as_str().cmp(wanted)),
        Value::Null => (wanted == "null").then_some(Ordering::Equal),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Where to stop, as it was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    pub types: Vec<String>,
    pub predicates: Vec<Predicate>,
}

/// Why to stop, and the aggregate that it is about.
pub(super) struct Reached {
    pub why: String,
    pub category: String,
    pub id: Uuid,
    pub state: Value,
}

impl Breakpoints {
    /// Whether to stop after this step.
    pub(super) fn reached(&self, run: &Run, taken: &Taken) -> Option<Reached> {
        run.said[taken.said.clone()].iter().find_map(|said| {
            let (category, id) = (said.name.category.clone(), said.name.aggregate_id);
            let after = state_after(run, &category, id, taken.said.end);
            let why = if self.types.contains(&said.name.event_type) {
                said.name.event_type.clone()
            } else {
                let before = state_after(run, &category, id, taken.said.start);
                let mut own = self.predicates.iter().filter(|predicate| predicate.category == category);
                own.find(|predicate| predicate.is_met(&after) && !predicate.is_met(&before))?.text.clone()
            };
            Some(Reached { why, category, id, state: after })
        })
    }
}

/// An aggregate as so much of what was said made it.
fn state_after(run: &Run, category: &str, id: Uuid, end: usize) -> Value {
    let Some(kind) = Kind::named(category) else { return Value::Null };
    let mut folding = kind.begin();
    let own = run.said[..end].iter().map(|said| &said.message);
    for message in own.filter(|message| message.category == category && message.id == id) {
        let event = &message.recorded.event;
        // What this build cannot read it could not have said.
        let _ = folding.apply(&event.event_type, &event.data);
    }
    folding.state()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_met(predicate: &str, state: &Value) -> bool {
        predicate.parse::<Predicate>().unwrap().is_met(state)
    }

    #[test]
    fn a_condition_looks_into_the_state() {
        let state = json!({ "status": "cancelled", "total": { "amount": 4_500 }, "reason": null });
        assert!(is_met("order.status == cancelled", &state));
        assert!(is_met("order.status==\"cancelled\"", &state));
        assert!(!is_met("order.status != cancelled", &state));
        assert!(is_met("order.total.amount >= 4500", &state));
        assert!(is_met("order.total.amount < 10000", &state));
        assert!(!is_met("order.total.amount > 10000", &state));
        assert!(is_met("order.reason == null", &state));
        assert!(!is_met("order.nowhere == 1", &state));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in [
            "",
            "order.status",
            "order == 1",
            "order. == 1",
            ".status == 1",
            "order.status ==",
            "car.status == 1",
        ] {
            assert!(text.parse::<Predicate>().is_err(), "{text}");
        }
    }
}
