//! The replay tool at a shop, as the user who only reads.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::error::{Error, Result};
use crate::shop::Shop;

/// The tool's variables, and the shop's addresses for who only reads.
const ADDRESSES: [(&str, &str); 3] =
    [("NATS_URL", "REPLAY_NATS_URL"), ("REDIS_URL", "REPLAY_REDIS_URL"), ("MONGODB_URL", "MONGODB_URL")];

impl Shop {
    /// What it answers to these words. It has to be built already, as the services have.
    pub async fn replays(&self, words: &[&str]) -> Result<Output> {
        let mut tool = Command::new(tool()?);
        tool.args(words);
        for (variable, name) in ADDRESSES {
            if let Some(address) = self.processes().address(name) {
                tool.env(variable, address);
            }
        }
        let output = tokio::task::spawn_blocking(move || tool.output()).await.map_err(|_| Error::Gone)?;
        output.map_err(Error::NoTool)
    }
}

fn tool() -> Result<PathBuf> {
    Ok(crate::shop::beside_this_program()?.join("stagedoor-replay"))
}
