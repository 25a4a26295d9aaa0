//! Limits in Redis, shared by all replicas: for each key until when its time is taken up (the generic cell rate
//! algorithm), by the clock of Redis.

use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{AsyncCommands as _, Client, RedisError, Script};
use async_trait::async_trait;

use crate::{Limits, LimitsError, Take};

const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
local taken = {}
for i = 1, #KEYS / 2 do
  local key, unless = KEYS[2 * i - 1], KEYS[2 * i]
  if unless == key or redis.call('EXISTS', unless) == 0 then
    local interval, within = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local free = tonumber(redis.call('GET', key) or '0')
    if free < now or free > now + within then free = now end
    wait = math.max(wait, free + interval - within - now)
    taken[#taken + 1] = { key, free + interval }
  end
end
if wait > 0 then return wait end
for _, one in ipairs(taken) do
  local ends_in = math.ceil((one[2] - now) / 1000)
  redis.call('SET', one[1], string.format('%.0f', one[2]), 'PX', string.format('%.0f', ends_in))
end
return 0";

/// Limits on a Redis server.
#[derive(Clone)]
pub struct RedisLimits {
    connection: ConnectionManager,
    take: Script,
}

impl RedisLimits {
    /// Needs no server to be there yet: one that is away fails what is asked of it, sooner than anybody minds.
    pub fn connect(url: &str) -> Result<Self, LimitsError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(100))
            .set_connection_timeout(Some(Duration::from_millis(500)))
            .set_response_timeout(Some(Duration::from_millis(500)));
        let connection = ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?;
        Ok(Self { connection, take: Script::new(TAKE) })
    }
}

#[async_trait]
impl Limits for RedisLimits {
    async fn take(&self, takes: &[Take]) -> Result<Option<Duration>, LimitsError> {
        let mut invocation = self.take.prepare_invoke();
        for Take { key, rate, unless } in takes {
            // Twice the same where nothing exempts it.
            invocation.key(key).key(unless.as_ref().unwrap_or(key));
            invocation.arg(rate.interval_us()).arg(rate.within_us());
        }
        let wait_us: u64 = invocation.invoke_async(&mut self.connection.clone()).await?;
        Ok((wait_us > 0).then(|| Duration::from_micros(wait_us)))
    }

    async fn forget(&self, key: &str) -> Result<(), LimitsError> {
        Ok(self.connection.clone().del::<_, ()>(key).await?)
    }

    async fn remember(&self, key: &str, lasting: Duration) -> Result<(), LimitsError> {
        let lasting_ms = u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX);
        Ok(self.connection.clone().pset_ex::<_, _, ()>(key, 1, lasting_ms).await?)
    }
}

impl From<RedisError> for LimitsError {
    /// By its kind alone: the text may hold the address, and that a password.
    fn from(error: RedisError) -> Self {
        Self(error.category().to_owned())
    }
}
