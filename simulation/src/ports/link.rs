//! The way from a process to a server and back.

use std::sync::Arc;

use crate::faults::Fault;
use crate::machine::{Pid, Turn};
use crate::world::{Server, World};

/// One process's way to one server.
#[derive(Clone)]
pub(crate) struct Link {
    pub world: Arc<World>,
    pub pid: Pid,
    pub server: Server,
}

/// The question or its answer was lost on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost;

impl Link {
    pub(crate) fn new(world: &Arc<World>, pid: Pid, server: Server) -> Self {
        Self { world: Arc::clone(world), pid, server }
    }

    /// The way of a question.
    pub(crate) async fn there(&self) -> Result<(), Lost> {
        Turn::over().await;
        let world = &self.world;
        if world.is_calm() {
            return Ok(());
        }
        if world.strikes(Fault::Slow) {
            world.inside.sleep_us(world.how(|how| how.spread(1_000, 8_000_000))).await;
        }
        if world.is_away(self.server) || world.strikes(Fault::RequestLost) {
            world.inside.sleep_us(world.how(|how| how.spread(500, 3_000_000))).await;
            return Err(Lost);
        }
        Ok(())
    }

    /// The way of an answer.
    pub(crate) async fn back(&self) -> Result<(), Lost> {
        Turn::over().await;
        let world = &self.world;
        if world.is_calm() {
            return Ok(());
        }
        if world.strikes(Fault::AnswerLost) {
            world.inside.sleep_us(world.how(|how| how.spread(500, 3_000_000))).await;
            return Err(Lost);
        }
        Ok(())
    }

    /// There and back, for a question that changes nothing.
    pub(crate) async fn ask(&self) -> Result<(), Lost> {
        self.there().await
    }

    /// When what was given up is carried out after all.
    pub(crate) fn late_us(&self) -> Option<u64> {
        let world = &self.world;
        world.strikes(Fault::CarriedOutLate).then(|| world.how(|how| how.spread(1_000, 8_000_000)))
    }
}
