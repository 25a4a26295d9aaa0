//! `expand[]`: an id in an answer is replaced by its object. Source:
//! <https://docs.stripe.com/api/expanding_objects>.

use serde_json::{Value, json};

use crate::errors::ApiError;
use crate::form::Form;
use crate::refunds::Refund;
use crate::store::Work;

const EXPANDABLE: &[&str] =
    &["charge", "customer", "data", "latest_charge", "payment_intent", "payment_method", "refunds"];
const DEEPEST: usize = 4;

/// Refuses what cannot be expanded, before anything is executed.
pub(crate) fn check(form: &Form) -> Result<(), ApiError> {
    for path in form.list("expand") {
        if path.split('.').count() > DEEPEST || path.split('.').any(|name| !EXPANDABLE.contains(&name)) {
            let message = format!("This property cannot be expanded ({path}).");
            return Err(ApiError::invalid(None, message).param("expand"));
        }
    }
    Ok(())
}

pub(crate) fn apply(work: &Work<'_>, form: &Form, answer: &mut Value) {
    for path in form.list("expand") {
        let names: Vec<&str> = path.split('.').collect();
        expand(work, answer, &names);
    }
}

fn expand(work: &Work<'_>, value: &mut Value, path: &[&str]) {
    let Some((name, rest)) = path.split_first() else { return };
    if *name == "refunds" && value["object"] == "charge" {
        let id = value["id"].as_str().unwrap_or_default();
        value["refunds"] = refunds_of(work, id);
    }
    match value.get_mut(*name) {
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| expand(work, item, rest)),
        Some(member) => {
            if let Some(object) = member.as_str().and_then(|id| object(work, id)) {
                *member = object;
            }
            expand(work, member, rest);
        }
        None => {}
    }
}

fn object(work: &Work<'_>, id: &str) -> Option<Value> {
    let state = &work.state;
    match id.split('_').next()? {
        "pi" => state.intents.get(id).map(|intent| work.intent_json(intent)),
        "ch" => state.charges.get(id).map(|charge| charge.json()),
        "pm" => state.methods.get(id).map(|method| method.json()),
        _ => None,
    }
}

fn refunds_of(work: &Work<'_>, charge: &str) -> Value {
    let of_charge = work.state.refunds.iter().rev().filter(|refund| refund.charge == charge);
    let data: Vec<Value> = of_charge.map(Refund::json).collect();
    let url = format!("/v1/charges/{charge}/refunds");
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}
