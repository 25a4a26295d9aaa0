//! Takes a step: gives a command, hands a message over, lets the cards answer.

use std::sync::Arc;
use std::time::Duration;

use contracts::{OrderId, Timestamp};
use messaging::{Fault, Heard};

use super::{Came, Run};
use crate::sandbox::agenda::{Planned, Step};
use crate::sandbox::cards::Asked;
use crate::sandbox::inputs::{self, Act, Refusal};
use crate::sandbox::promises::Broken;
use crate::sandbox::shop::{self, Service};
use crate::sandbox::world;

/// What is tried again more often than this never comes to an end.
const TRIES: u32 = 200;
/// What cannot be followed is tried again so often before it is a dead letter.
const POISON_TRIES: u32 = 3;

impl Run {
    pub(super) fn carry_out(
        &mut self,
        planned: Planned,
        clock: Timestamp,
        again: bool,
    ) -> (String, Option<Broken>, Came) {
        let what = self.told(&planned.step);
        let expects = planned.expects;
        let came = match planned.step {
            Step::Input(input) => return self.give(what, input, planned.tries, clock),
            Step::Hear { said, service, again: is_again } => {
                if again && !is_again {
                    self.plan_again(said, service);
                }
                self.hear(said, service, is_again, planned.tries)
            }
            Step::Answer(call) => {
                let (order_id, said) = (call.order_id, self.plan.answer_to(&call).1);
                let matters = matches!(call.asked, Asked::Confirm { .. } | Asked::Capture);
                if said.is_none() && expects.is_none() && matters {
                    self.notes.push(format!("{what}: this was never recorded, so all is well with the card"));
                }
                let taken = self.shop.cards.answer(call, said);
                self.machine.carry_out(std::future::ready(()));
                let broken = taken.and_then(|amount| self.promises.capture(order_id.0, amount).err());
                return (what, broken, Came::Done);
            }
            Step::Timer(timer) => {
                self.world.say([shop::expired(&timer, clock)]);
                Came::Done
            }
            Step::Sweep(_) => self.sweep(),
        };
        (what, None, came)
    }

    fn give(
        &mut self,
        what: String,
        number: usize,
        tries: u32,
        clock: Timestamp,
    ) -> (String, Option<Broken>, Came) {
        let plan = Arc::clone(&self.plan);
        let input = &plan.inputs.given[number];
        if !self.may_happen(number) {
            self.waiting.insert(number);
            return (what, None, Came::Refused("what its person had seen has not happened".to_owned()));
        }
        let recorded = &plan.past.events[input.event];
        let order_id = OrderId(recorded.entry.aggregate_id);
        let came = match &input.act {
            Act::Timer => {
                self.world.say([inputs::message_of(&recorded.entry, clock)]);
                Came::Done
            }
            Act::Sweep => self.sweep(),
            Act::Look(said) => {
                self.shop.cards.come_back(order_id, said);
                let look = self.shop.payment_service.look(order_id);
                match self.machine.carry_out(look) {
                    Some(Err(error)) => Came::Refused(error.to_string()),
                    _ => Came::Done,
                }
            }
            Act::Command => match self.machine.carry_out(inputs::give(&self.shop, recorded, clock)) {
                Some(Ok(())) => {
                    if recorded.entry.category == "payment" {
                        self.carry_out_payment(order_id);
                    }
                    Came::Done
                }
                Some(Err(Refusal::Taken(_))) if self.is_persistent && tries < 6 => {
                    self.plan_once_more(number, tries + 1);
                    return (what, None, Came::Refused("taken; once more a moment later".to_owned()));
                }
                Some(Err(Refusal::Taken(index))) => {
                    Came::Refused(format!("another holds what {index} guards"))
                }
                Some(Err(Refusal::Rejected(why))) => Came::Refused(why),
                None => Came::Refused("it never came to an end".to_owned()),
            },
        };
        self.done.insert(number);
        (what, None, came)
    }

    fn hear(&mut self, said: usize, service: Service, again: bool, tries: u32) -> Came {
        let Ok(heard) = Heard::decode(&self.said[said].message) else {
            return Came::Poison("it cannot be decoded".to_owned());
        };
        if service == Service::Expiration {
            self.set_timer(&heard);
            return Came::Done;
        }
        let fault = match self.machine.carry_out(self.shop.hear(service, &heard)) {
            Some(Ok(())) => return Came::Done,
            Some(Err(fault)) => fault,
            None => Fault::Poison("it never came to an end".to_owned()),
        };
        match fault {
            Fault::NotYet(pause) if tries < TRIES => {
                self.plan_later(said, service, again, pause, tries + 1);
                Came::NotYet(pause)
            }
            Fault::Poison(why) | Fault::Unavailable(why) if tries < POISON_TRIES => {
                self.plan_later(said, service, again, Duration::from_secs(1), tries + 1);
                Came::Poison(why)
            }
            Fault::NotYet(_) => self.dead(said, service, "it is never the time".to_owned()),
            Fault::Poison(why) | Fault::Unavailable(why) => self.dead(said, service, why),
        }
    }

    fn dead(&mut self, said: usize, service: Service, why: String) -> Came {
        self.letters.push(format!("{} cannot follow {}: {why}", service.name(), self.said[said].name));
        Came::Poison(why)
    }

    /// What expiration does, by its own policy.
    pub(super) fn set_timer(&mut self, heard: &Heard) {
        match expiration::whenever(heard, self.world.now()) {
            Some(expiration::Then::Set(timer)) => self.plan_timer(timer),
            Some(expiration::Then::Cancel(order_id)) => self.agenda.forget_timer(order_id),
            Some(expiration::Then::TooLate) | None => {}
        }
    }

    fn sweep(&mut self) -> Came {
        match self.machine.carry_out(self.shop.order_service.sweep_overdue()) {
            Some(Err(error)) => Came::Refused(error.to_string()),
            _ => Came::Done,
        }
    }

    /// Makes the calls that are due; each waits for its answer, which is a step of its own.
    pub(super) fn carry_out_payment(&mut self, order_id: OrderId) {
        let payments = self.shop.payment_service.clone();
        world::runtime(&self.world).spawn("payment", async move {
            // What is left undone is seen at rest.
            let _ = payments.carry_out(order_id).await;
        });
        self.machine.carry_out(std::future::ready(()));
    }
}
