//! Timers in Redis: one sorted set by due time, one by the end of the lease, and what each timer is about.

mod keeping;

use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{AsyncCommands as _, Client, RedisError, Script};
use async_trait::async_trait;
use contracts::OrderId;
use uuid::Uuid;

use crate::timers::{Claim, Timer, Timers, TimersError};

/// The braces keep the keys together where Redis is a cluster.
const DUE: &str = "{stagedoor:timers}:due";
const CLAIMED: &str = "{stagedoor:timers}:claimed";
const ABOUT: &str = "{stagedoor:timers}:about";
const COMPLETE: &str = "{stagedoor:timers}:complete";
const REBUILD: &str = "{stagedoor:timers}:rebuild";

const SET: &str = r"
if redis.call('HSETNX', KEYS[3], ARGV[1], ARGV[3]) == 1 then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
end
return 0";

const CANCEL: &str = r"
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('HDEL', KEYS[3], ARGV[1])
end
return 0";

const CLAIM: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[1], now, id)
end
local due = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  redis.call('ZREM', KEYS[1], id)
  local about = redis.call('HGET', KEYS[3], id)
  if about then
    redis.call('ZADD', KEYS[2], now + ARGV[1], id)
    due[#due + 1] = about
  end
end
local next = -1
for _, key in ipairs({ KEYS[1], KEYS[2] }) do
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if first then
    local wait = math.max(0, tonumber(first) - now)
    if next < 0 or wait < next then next = wait end
  end
end
return { next, redis.call('EXISTS', KEYS[4]), due }";

const FINISH: &str = r"
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 0";

const MARK_COMPLETE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[2], 1)
end
return 0";

/// Timers on a Redis server.
#[derive(Clone)]
pub struct RedisTimers {
    connection: ConnectionManager,
    set: Script,
    cancel: Script,
    claim: Script,
    finish: Script,
    complete: Script,
}

impl RedisTimers {
    /// Needs no server to be there yet: one that is away fails what is asked of it, soon.
    pub fn connect(url: &str) -> Result<Self, TimersError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(500))
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(2)));
        let client = Client::open(url)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config)?;
        let [set, cancel, claim, finish, complete] =
            [SET, CANCEL, CLAIM, FINISH, MARK_COMPLETE].map(Script::new);
        Ok(Self { connection, set, cancel, claim, finish, complete })
    }

    /// Whether the server answers.
    pub async fn ping(&self) -> Result<(), TimersError> {
        let mut connection = self.connection.clone();
        ::redis::cmd("PING").query_async::<()>(&mut connection).await.map_err(TimersError::from)
    }

    async fn on_order(&self, script: &Script, order_id: OrderId) -> Result<(), TimersError> {
        let mut invocation = script.key(DUE);
        invocation.key(CLAIMED).key(ABOUT).arg(order_id.to_string());
        invocation.invoke_async::<()>(&mut self.connection.clone()).await.map_err(TimersError::from)
    }
}

impl From<RedisError> for TimersError {
    fn from(error: RedisError) -> Self {
        Self(error.to_string())
    }
}

fn malformed(error: serde_json::Error) -> TimersError {
    TimersError(error.to_string())
}

#[async_trait]
impl Timers for RedisTimers {
    async fn set(&self, timer: &Timer) -> Result<(), TimersError> {
        let about = serde_json::to_string(timer).map_err(malformed)?;
        let mut invocation = self.set.key(DUE);
        invocation.key(CLAIMED).key(ABOUT);
        invocation.arg(timer.order_id.to_string()).arg(timer.due_at.as_millis()).arg(about);
        invocation.invoke_async::<()>(&mut self.connection.clone()).await.map_err(TimersError::from)
    }

    async fn cancel(&self, order_id: OrderId) -> Result<(), TimersError> {
        self.on_order(&self.cancel, order_id).await
    }

    async fn claim(&self, lease: Duration, limit: usize) -> Result<Claim, TimersError> {
        let mut invocation = self.claim.key(DUE);
        invocation.key(CLAIMED).key(ABOUT).key(COMPLETE);
        invocation.arg(u64::try_from(lease.as_millis()).unwrap_or(u64::MAX)).arg(limit);
        let (next, complete, due): (i64, bool, Vec<String>) =
            invocation.invoke_async(&mut self.connection.clone()).await?;
        let due = due.iter().map(|about| serde_json::from_str(about).map_err(malformed));
        Ok(Claim {
            due: due.collect::<Result<_, _>>()?,
            next_in: u64::try_from(next).ok().map(Duration::from_millis),
            complete,
        })
    }

    async fn finish(&self, order_id: OrderId) -> Result<(), TimersError> {
        self.on_order(&self.finish, order_id).await
    }

    async fn begin_rebuild(&self, rebuild: Uuid) -> Result<(), TimersError> {
        let set = self.connection.clone().set::<_, _, ()>(REBUILD, rebuild.to_string()).await;
        set.map_err(TimersError::from)
    }

    async fn mark_complete(&self, rebuild: Uuid) -> Result<(), TimersError> {
        let mut invocation = self.complete.key(REBUILD);
        invocation.key(COMPLETE).arg(rebuild.to_string());
        invocation.invoke_async::<()>(&mut self.connection.clone()).await.map_err(TimersError::from)
    }

    async fn count(&self) -> Result<u64, TimersError> {
        self.connection.clone().hlen(ABOUT).await.map_err(TimersError::from)
    }
}

#[cfg(test)]
impl RedisTimers {
    pub(crate) async fn wipe(&self) -> Result<(), TimersError> {
        ::redis::cmd("FLUSHALL")
            .query_async::<()>(&mut self.connection.clone())
            .await
            .map_err(TimersError::from)
    }
}
