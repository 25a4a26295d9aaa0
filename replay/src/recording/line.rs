//! One message as a line.

use std::collections::BTreeMap;

use contracts::Timestamp;
use messaging::{Message, Numbered, Parcel, Stored, Wire};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message as it stood on the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) sequence: u64,
    stored_at: Timestamp,
    subject: String,
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    /// In hexadecimal, of a body that is no JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// The last line: by it a file that was cut off is noticed.
#[derive(Serialize, Deserialize)]
pub(super) struct Last {
    pub(super) end: End,
}

#[derive(Serialize, Deserialize)]
pub(super) struct End {
    pub(super) events: u64,
}

impl Last {
    pub(super) fn is(line: &str) -> bool {
        line.starts_with("{\"end\"")
    }
}

impl Line {
    pub(super) fn of(numbered: &Numbered) -> Self {
        let Wire { subject, headers, body } = numbered.stored.parcel.wire().into_owned();
        // Null is told as bytes: a line without data would be read alike.
        let data = serde_json::from_slice(&body).ok().filter(|data: &Value| !data.is_null());
        let body = data.is_none().then(|| body.iter().map(|byte| format!("{byte:02x}")).collect());
        Self {
            sequence: numbered.sequence,
            stored_at: numbered.stored.stored_at,
            subject,
            headers,
            data,
            body,
        }
    }

    pub(super) fn numbered(self) -> Result<Numbered, String> {
        let body = match (self.data, self.body) {
            (Some(data), None) => data.to_string().into_bytes(),
            (None, Some(digits)) => bytes(&digits).ok_or("its body is not hexadecimal")?,
            _ => return Err("it needs either data or a body".to_owned()),
        };
        let wire = Wire { subject: self.subject, headers: self.headers, body };
        let parcel = match Message::from_wire(&wire) {
            Ok(message) => Parcel::Handed(message.into()),
            // What is no event of ours is kept as it was.
            Err(_) => Parcel::Wired(wire),
        };
        Ok(Numbered { sequence: self.sequence, stored: Stored { parcel, stored_at: self.stored_at } })
    }
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}
