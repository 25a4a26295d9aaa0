//! Stripe's search language, as far as PaymentIntents have it: `metadata['order_id']:'7' AND
//! -status:'canceled'`. Source: <https://docs.stripe.com/search>.

use serde_json::{Value, json};

use super::Intent;
use crate::api::Call;
use crate::errors::ApiError;
use crate::lists;
use crate::store::Work;

#[derive(Debug)]
struct Query {
    clauses: Vec<Clause>,
    any: bool,
}

#[derive(Debug)]
struct Clause {
    negated: bool,
    field: Field,
    operator: String,
    operand: String,
}

#[derive(Debug)]
enum Field {
    Amount,
    Created,
    Currency,
    Customer,
    Status,
    Metadata(String),
}

/// What was written is found only after a while, when a lag is switched on: Stripe promises no more.
pub(crate) fn search(work: &mut Work<'_>, call: &Call) -> Result<Value, ApiError> {
    let form = &call.form;
    form.allow(&[&["query", "limit", "page", "expand"]])?;
    let query = Query::parse(form.required("query")?)?;
    let limit = lists::limit(form)?;
    let skipped = match form.text("page")? {
        None => 0,
        Some(page) => page.parse().map_err(|_| ApiError::invalid(None, "Invalid page.").param("page"))?,
    };
    let latest = work.context.now - work.context.search_lag_seconds;
    let found: Vec<&Intent> = work
        .state
        .intents
        .iter()
        .rev()
        .filter(|intent| intent.created <= latest && query.matches(intent))
        .collect();
    let data: Vec<Value> =
        found.iter().skip(skipped).take(limit).map(|intent| work.intent_json(intent)).collect();
    let next = skipped.saturating_add(limit);
    let has_more = next < found.len();
    Ok(json!({
        "object": "search_result",
        "data": data,
        "has_more": has_more,
        "next_page": has_more.then(|| next.to_string()),
        "total_count": found.len(),
        "url": "/v1/payment_intents/search",
    }))
}

impl Query {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let mut rest = text.trim();
        let (mut clauses, mut any, mut all) = (Vec::new(), false, false);
        loop {
            let (clause, after) = Clause::parse(rest).ok_or_else(|| malformed(text))?;
            clauses.push(clause);
            rest = after.trim_start();
            if rest.is_empty() {
                break;
            }
            if let Some(after) = rest.strip_prefix("OR ") {
                (any, rest) = (true, after.trim_start());
            } else {
                (all, rest) = (true, rest.strip_prefix("AND ").unwrap_or(rest).trim_start());
            }
        }
        if any && all { Err(malformed(text)) } else { Ok(Self { clauses, any }) }
    }

    fn matches(&self, intent: &Intent) -> bool {
        let mut clauses = self.clauses.iter();
        if self.any {
            clauses.any(|clause| clause.matches(intent))
        } else {
            clauses.all(|clause| clause.matches(intent))
        }
    }
}

impl Clause {
    /// The first clause, and what stands behind it.
    fn parse(text: &str) -> Option<(Self, &str)> {
        let (negated, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let field_ends = text.find([':', '~', '<', '>'])?;
        let (field, text) = text.split_at(field_ends);
        let field = match field.trim() {
            "amount" => Field::Amount,
            "created" => Field::Created,
            "currency" => Field::Currency,
            "customer" => Field::Customer,
            "status" => Field::Status,
            other => Field::Metadata(
                other.strip_prefix("metadata[")?.strip_suffix(']')?.trim_matches(QUOTES).into(),
            ),
        };
        let operator_ends = text.find(|character| !":~<>=".contains(character))?;
        let (operator, text) = text.split_at(operator_ends);
        let (operand, rest) = match text.chars().next().filter(|first| QUOTES.contains(first)) {
            Some(quote) => text[1..].split_once(quote)?,
            None => text.split_at(text.find(' ').unwrap_or(text.len())),
        };
        Some((Self { negated, field, operator: operator.to_owned(), operand: operand.to_owned() }, rest))
    }

    fn matches(&self, intent: &Intent) -> bool {
        let holds = match &self.field {
            Field::Amount => self.compares(intent.amount),
            Field::Created => self.compares(intent.created),
            Field::Currency => self.says(Some(&intent.currency)),
            Field::Customer => self.says(intent.customer.as_deref()),
            Field::Status => self.says(Some(&intent.status.to_string())),
            Field::Metadata(key) => self.says(intent.metadata.get(key).map(String::as_str)),
        };
        holds != self.negated
    }

    fn compares(&self, value: i64) -> bool {
        let Ok(operand) = self.operand.parse::<i64>() else { return false };
        match self.operator.as_str() {
            ":" => value == operand,
            ">" => value > operand,
            ">=" => value >= operand,
            "<" => value < operand,
            "<=" => value <= operand,
            _ => false,
        }
    }

    fn says(&self, value: Option<&str>) -> bool {
        let operand = self.operand.to_lowercase();
        match (value.map(str::to_lowercase), self.operator.as_str()) {
            // `metadata['key']:null` asks for objects without the key.
            (value, ":") if operand == "null" => value.is_none(),
            (Some(value), ":") => value == operand,
            (Some(value), "~") => value.contains(&operand),
            _ => false,
        }
    }
}

const QUOTES: [char; 2] = ['\'', '"'];

fn malformed(query: &str) -> ApiError {
    ApiError::invalid(None, format!("We were unable to parse your search query: {query}")).param("query")
}
