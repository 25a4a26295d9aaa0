//! The form of each event as JSON Schema 2020-12, from the types themselves: what any reader of events has to accept.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::EventType;
use crate::orders::{BuyerEvent, OrderEvent};
use crate::payments::PaymentEvent;
use crate::tickets::{ReservationEvent, SellerEvent, TicketEvent};
use crate::timers::TimerEvent;
use crate::users::{SessionEvent, UserEvent};

/// Of what one kind of aggregate says, the form of each event's data.
pub(crate) trait Described: EventType {
    /// By the names of the events.
    fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)>;
}

/// The form of one event's data.
#[derive(Clone, Debug)]
pub struct Form {
    pub category: &'static str,
    pub event_type: &'static str,
    /// It refers to nothing outside itself.
    pub schema: Value,
}

/// Every event's, speaker by speaker.
pub fn forms() -> Vec<Form> {
    fn of<E: Described>() -> impl Iterator<Item = Form> {
        // Each stands on its own: a document that holds several has no names to keep apart.
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        let schemas = E::schemas(&mut settings.into_generator());
        let form = |(event_type, schema): (&'static str, Schema)| Form {
            category: E::CATEGORY,
            event_type,
            schema: schema.to_value(),
        };
        schemas.into_iter().map(form)
    }
    let mut forms: Vec<Form> = of::<UserEvent>().chain(of::<SessionEvent>()).collect();
    forms.extend(of::<TicketEvent>().chain(of::<ReservationEvent>()).chain(of::<SellerEvent>()));
    forms.extend(of::<OrderEvent>().chain(of::<BuyerEvent>()).chain(of::<TimerEvent>()));
    forms.extend(of::<PaymentEvent>());
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    #[test]
    fn every_event_of_the_catalogue_has_a_form() {
        let described: Vec<_> = forms().iter().map(|form| (form.category, form.event_type)).collect();
        let all: Vec<_> =
            catalogue().iter().map(|entry| (entry.category, entry.example.event_type())).collect();
        assert_eq!(described, all);
    }

    #[test]
    fn a_form_says_what_a_field_means() {
        let form = forms().into_iter().find(|form| form.event_type == "OrderCreated").unwrap();
        let fields = &form.schema["properties"];
        assert_eq!(fields["ticket_id"]["format"], "uuid");
        assert_eq!(fields["expires_at"]["format"], "date-time");
        assert_eq!(fields["expires_at"]["description"], "When the time to pay ends.");
        assert_eq!(form.schema["description"], "Somebody wants a ticket.");
        assert!(!form.schema.to_string().contains("$ref"));
    }
}
