//! Reads a stream of server-sent events as a browser does.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that goes wrong is to stop")]

use std::fmt::Debug;

use futures::stream::BoxStream;
use futures::{FutureExt as _, Stream, StreamExt as _};
use serde_json::Value;

/// One who listens.
pub struct Listening {
    parts: BoxStream<'static, Vec<u8>>,
    /// What came and is no whole event yet.
    rest: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub name: String,
    pub id: String,
    pub data: Value,
}

impl Listening {
    pub fn to<B: AsRef<[u8]>, E: Debug>(body: impl Stream<Item = Result<B, E>> + Send + 'static) -> Self {
        let parts = body.map(|part| part.expect("the stream does not break off").as_ref().to_vec());
        Self { parts: parts.boxed(), rest: String::new() }
    }

    /// The next event; none when the stream has ended. What is no event, as a heartbeat, is passed over.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            while let Some(end) = self.rest.find("\n\n") {
                let block: String = self.rest.drain(..end + 2).collect();
                if let Some(told) = Told::read(&block) {
                    return Some(told);
                }
            }
            let part = self.parts.next().await?;
            self.rest.push_str(std::str::from_utf8(&part).expect("text"));
        }
    }

    /// The next event that is there already.
    pub fn hears_now(&mut self) -> Option<Told> {
        self.next().now_or_never().map(|told| told.unwrap_or_else(|| panic!("the stream has ended")))
    }

    /// Whether it has ended, with nothing left to be heard.
    pub fn has_ended(&mut self) -> bool {
        self.next().now_or_never().is_some_and(|told| told.is_none())
    }
}

impl Told {
    fn read(block: &str) -> Option<Self> {
        let field = |name: &str| {
            let found = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.map(str::to_owned).reduce(|one, next| one + "\n" + &next)
        };
        let data = serde_json::from_str(&field("data")?).expect("the data is JSON");
        Some(Self { name: field("event").unwrap_or_default(), id: field("id").unwrap_or_default(), data })
    }
}
