//! A step in words.

use eventsourcing::Actor;
use history::Entry;

use super::Run;
use crate::sandbox::agenda::Step;
use crate::sandbox::cards::Asked;
use crate::sandbox::inputs::Act;
use crate::sandbox::past::{Name, short};

impl Run {
    pub(in crate::sandbox) fn told(&self, step: &Step) -> String {
        match step {
            Step::Input(number) => {
                let input = &self.plan.inputs.given[*number];
                let recorded = &self.plan.past.events[input.event];
                told_input(&input.act, &recorded.entry, &recorded.name)
            }
            Step::Hear { said, service, again } => {
                let again = if *again { " again" } else { "" };
                format!("{} hears {}{again}", service.name(), self.said[*said].name)
            }
            Step::Answer(call) => {
                let order = short(call.order_id.0);
                let what = match &call.asked {
                    Asked::Create { .. } => "knows of the payment",
                    Asked::Confirm { .. } => "answers about the card",
                    Asked::Capture => "answers about the capture",
                    Asked::Cancel => "gives back what it holds",
                };
                format!("the card processor {what} of order {order}")
            }
            Step::Timer(timer) => {
                format!("the timer of order {} goes off", short(timer.order_id.0))
            }
            Step::Sweep(_) => "orders looks for what is overdue".to_owned(),
        }
    }
}

fn told_input(act: &Act, entry: &Entry, name: &Name) -> String {
    let who = match &entry.actor {
        Actor::User(user) => format!("user {}", short(user.0)),
        Actor::Service(service) => service.clone(),
    };
    match act {
        Act::Command => format!("{who} asks for {name}"),
        Act::Timer => format!("the timer of order {} goes off", short(entry.aggregate_id)),
        Act::Sweep => "orders looks for what is overdue".to_owned(),
        Act::Look(_) => format!("payments looks at order {}", short(entry.aggregate_id)),
    }
}
