//! What was written in an older form is brought into the present one before it is read.
//!
//! An event is for ever, and so is the form that it was written in. Nobody who decides or folds knows but the newest:
//! whatever is older passes through here.

use std::borrow::Cow;

use serde_json::Value;

/// Brings one older form of one type of event into a newer one.
#[derive(Clone, Copy, Debug)]
pub struct Upcaster {
    pub category: &'static str,
    /// As the event was called when it was written.
    pub event_type: &'static str,
    /// As it is called from then on; the same where only its data changed.
    pub becomes: &'static str,
    /// Adds what was not said yet. Leaves alone what has it: older and newer events bear the same name.
    pub upcast: fn(&mut Value),
}

/// Every change of a form that was ever released, the oldest first.
pub const UPCASTERS: &[Upcaster] = &[];

/// An event in its present form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present<'a> {
    pub event_type: &'a str,
    pub data: Cow<'a, Value>,
}

/// Whether events of this type may stand in an older form. Those that do not may be read as they are.
pub fn has_older_forms(category: &str, event_type: &str) -> bool {
    UPCASTERS.iter().any(|upcaster| upcaster.is_for(category, event_type))
}

/// Costs nothing where the type had one form only.
pub fn upcast<'a>(category: &str, event_type: &'a str, data: &'a Value) -> Present<'a> {
    upcast_by(UPCASTERS, category, event_type, data)
}

/// The same by other changes than those that were released.
pub fn upcast_by<'a>(
    upcasters: &[Upcaster],
    category: &str,
    event_type: &'a str,
    data: &'a Value,
) -> Present<'a> {
    let mut present = Present { event_type, data: Cow::Borrowed(data) };
    for upcaster in upcasters {
        if upcaster.is_for(category, present.event_type) {
            (upcaster.upcast)(present.data.to_mut());
            present.event_type = upcaster.becomes;
        }
    }
    present
}

impl Upcaster {
    fn is_for(&self, category: &str, event_type: &str) -> bool {
        self.category == category && self.event_type == event_type
    }
}

#[cfg(test)]
mod tests;
