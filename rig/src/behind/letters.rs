//! Reads what the services could not handle and have put aside.

use mongodb::bson::Document;
use redis::AsyncCommands as _;
use serde_json::Value;

use super::{Behind, text};
use crate::error::Result;

const IN_MONGODB: [&str; 4] = ["auth", "tickets", "orders", "payments"];
const IN_REDIS: &str = "{stagedoor:timers}:dead_letters";

impl Behind {
    /// Each in a sentence.
    pub async fn dead_letters(&self) -> Result<Vec<String>> {
        let mut letters = Vec::new();
        for service in IN_MONGODB {
            for document in self.read::<Document>(service, "dead_letters").await? {
                let letter = document.get_document("letter").cloned().unwrap_or_default();
                let part = |name: &str| letter.get_str(name).unwrap_or_default().to_owned();
                letters.push(sentence(service, &part("subject"), &part("error")));
            }
        }
        let client = redis::Client::open(self.redis_url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let texts: Vec<String> = connection.hvals(IN_REDIS).await?;
        for letter in texts {
            let letter: Value = serde_json::from_str(&letter).unwrap_or_default();
            letters.push(sentence("expiration", text(&letter, "subject"), text(&letter, "error")));
        }
        Ok(letters)
    }
}

fn sentence(service: &str, subject: &str, error: &str) -> String {
    format!("{service} could not handle {subject}: {error}")
}
