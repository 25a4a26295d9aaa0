//! Stripe's lists: newest first, a page at a time by cursor.

use serde_json::{Value, json};

use crate::collection::Identified;
use crate::errors::ApiError;
use crate::form::Form;

/// The parameters that every list understands.
pub(crate) const PAGING: &[&str] = &["limit", "starting_after", "ending_before", "created", "expand"];

/// One page of `oldest_first`, rendered by `json`.
pub(crate) fn page<'a, T: Identified + 'a>(
    form: &Form,
    url: &str,
    oldest_first: impl DoubleEndedIterator<Item = &'a T>,
    json: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let limit = limit(form)?;
    let created = CreatedRange::read(form)?;
    let all: Vec<&T> = oldest_first.rev().filter(|item| created.has(item.created())).collect();
    let position = |param: &str| -> Result<Option<usize>, ApiError> {
        let Some(cursor) = form.text(param)? else { return Ok(None) };
        let found = all.iter().position(|item| item.id() == cursor);
        found.map(Some).ok_or_else(|| ApiError::no_such(T::OBJECT, cursor, param))
    };
    let (start, end, has_more) = match (position("starting_after")?, position("ending_before")?) {
        (Some(_), Some(_)) => {
            let message = "You cannot parameterize both ending_before and starting_after.";
            return Err(ApiError::invalid(Some("parameters_exclusive"), message));
        }
        (None, Some(before)) => (before.saturating_sub(limit), before, before > limit),
        (after, None) => {
            let start = after.map_or(0, |position| position + 1);
            let end = all.len().min(start + limit);
            (start, end, end < all.len())
        }
    };
    let data: Vec<Value> = all[start..end].iter().map(|item| json(item)).collect();
    Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
}

pub(crate) fn limit(form: &Form) -> Result<usize, ApiError> {
    match form.integer("limit")?.unwrap_or(10) {
        limit @ 1..=100 => Ok(usize::try_from(limit).unwrap_or(10)),
        _ => Err(ApiError::invalid(
            Some("parameter_invalid_integer"),
            "Invalid limit: must be between 1 and 100.",
        )
        .param("limit")),
    }
}

/// `created=5`, or `created[gt|gte|lt|lte]=5`.
struct CreatedRange {
    from: i64,
    to: i64,
}

impl CreatedRange {
    fn read(form: &Form) -> Result<Self, ApiError> {
        let bound = |name: &str| -> Result<Option<i64>, ApiError> {
            let Some(text) = form.nested("created", name) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| {
                let message = format!("Invalid integer: {text}");
                ApiError::invalid(Some("parameter_invalid_integer"), message).param("created")
            })
        };
        if form.nested("created", "gt").or(form.nested("created", "gte")).is_none()
            && form.nested("created", "lt").or(form.nested("created", "lte")).is_none()
        {
            let exact = form.integer("created")?;
            return Ok(Self { from: exact.unwrap_or(i64::MIN), to: exact.unwrap_or(i64::MAX) });
        }
        let from = bound("gte")?.or(bound("gt")?.map(|time| time.saturating_add(1))).unwrap_or(i64::MIN);
        let to = bound("lte")?.or(bound("lt")?.map(|time| time.saturating_sub(1))).unwrap_or(i64::MAX);
        Ok(Self { from, to })
    }

    fn has(&self, time: i64) -> bool {
        (self.from..=self.to).contains(&time)
    }
}
