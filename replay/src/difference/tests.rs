use serde_json::{Value, json};

use super::differences;

#[track_caller]
fn assert_told(before: &Value, after: &Value, expected: &[&str]) {
    let told: Vec<String> = differences(before, after).iter().map(ToString::to_string).collect();
    assert_eq!(told, expected);
}

#[test]
fn what_is_the_same_makes_no_difference() {
    let state = json!({ "status": "pending", "terms": { "price": null, "seats": [1, 2] } });
    assert_told(&state, &state.clone(), &[]);
}

#[test]
fn a_field_is_named_by_its_path() {
    assert_told(
        &json!({ "status": "pending", "terms": { "amount": 1, "old": true }, "roles": ["user"] }),
        &json!({ "status": "open", "terms": { "amount": 2, "new": null }, "roles": ["user", "admin"] }),
        &[
            "+ roles[1]: \"admin\"",
            "~ status: \"pending\" → \"open\"",
            "~ terms.amount: 1 → 2",
            "+ terms.new: null",
            "- terms.old: true",
        ],
    );
}

#[test]
fn what_comes_or_goes_whole_is_told_by_its_fields() {
    assert_told(
        &json!({ "held": { "by": 1, "seats": [3] } }),
        &json!({ "sold": { "to": {}, "for": [] } }),
        &["- held.by: 1", "- held.seats[0]: 3", "+ sold.for: []", "+ sold.to: {}"],
    );
    assert_told(&json!({ "a": {} }), &json!({ "a": { "b": 1 } }), &["+ a.b: 1"]);
}

#[test]
fn what_becomes_of_another_kind_is_told_as_a_whole() {
    assert_told(&json!({ "a": [1] }), &json!({ "a": { "b": 1 } }), &["~ a: [1] → {\"b\":1}"]);
    assert_told(&json!("missing"), &json!({ "a": 1 }), &["~ $: \"missing\" → {\"a\":1}"]);
    assert_told(&json!({ "a": null }), &json!({}), &["- a: null"]);
}

#[test]
fn a_name_that_is_no_word_cannot_be_taken_for_a_path() {
    assert_told(&json!({}), &json!({ "a.b": 1, "": 2 }), &["+ [\"\"]: 2", "+ [\"a.b\"]: 1"]);
}

#[test]
fn a_long_value_is_cut_between_characters() {
    let long = "é".repeat(500);
    let told = differences(&json!({}), &json!({ "a": long }))[0].to_string();
    assert!(told.ends_with('…') && told.chars().count() < 220, "{told}");
}
