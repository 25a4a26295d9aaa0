//! Between JSON and BSON: both stores hold the same form, whatever a type would do to suit a binary one.

use mongodb::bson::{Bson, Document};
use serde_json::{Map, Value};

/// Fails for a number that is neither a 64-bit integer nor a float.
pub fn json_to_bson(value: &Value) -> Result<Bson, String> {
    Ok(match value {
        Value::Null => Bson::Null,
        Value::Bool(bool) => Bson::Boolean(*bool),
        Value::Number(number) => match (number.as_i64(), number.is_f64(), number.as_f64()) {
            (Some(whole), ..) => Bson::Int64(whole),
            (None, true, Some(float)) => Bson::Double(float),
            _ => return Err(format!("{number} does not fit into 64 bits")),
        },
        Value::String(text) => Bson::String(text.clone()),
        Value::Array(values) => Bson::Array(values.iter().map(json_to_bson).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| Ok((name.clone(), json_to_bson(value)?)));
            Bson::Document(fields.collect::<Result<Document, String>>()?)
        }
    })
}

pub(super) fn bson_to_json(bson: Bson) -> Result<Value, String> {
    Ok(match bson {
        Bson::Null => Value::Null,
        Bson::Boolean(bool) => bool.into(),
        Bson::Int32(whole) => whole.into(),
        Bson::Int64(whole) => whole.into(),
        Bson::Double(float) => float.into(),
        Bson::String(text) => text.into(),
        Bson::Array(values) => Value::Array(values.into_iter().map(bson_to_json).collect::<Result<_, _>>()?),
        Bson::Document(document) => document_to_json(document)?,
        other => return Err(format!("a field of BSON type {:?}", other.element_type())),
    })
}

/// Fails for a field of a type that JSON does not have.
pub fn document_to_json(document: Document) -> Result<Value, String> {
    let fields = document.into_iter().map(|(name, value)| Ok((name, bson_to_json(value)?)));
    Ok(Value::Object(fields.collect::<Result<Map<_, _>, String>>()?))
}
