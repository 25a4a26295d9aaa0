//! The code of a sold ticket, which its buyer shows at the door: only who has the key can make it, for one ticket and
//! one order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use contracts::{OrderId, TicketId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What is signed begins with it, so that no other signature under the key is ever taken for a code.
const DOMAIN: &[u8] = b"stagedoor ticket code 1\0";
/// Of a key, in bytes.
const KEY: usize = 32;
/// Of the ticket's id, and of the signature behind it.
const HALF: usize = 16;

/// The keys of all codes: the first signs, and what any of them signed is good. Never shown, hence no `Debug`.
#[derive(Clone)]
pub struct Codes(Arc<[Hmac<Sha256>]>);

#[derive(Debug, thiserror::Error)]
pub enum CodesError {
    #[error("{} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {fault}", path.display())]
    NoKeys { path: PathBuf, fault: NotKeys },
}

/// The text is no list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKeys {
    #[error("there is no key")]
    None,
    #[error("line {0} is not 32 bytes in hex or base64")]
    Malformed(usize),
}

impl Codes {
    /// Under one key.
    pub fn new(key: [u8; KEY]) -> Self {
        Self([keyed(&key)].into())
    }

    pub fn read(path: &Path) -> Result<Self, CodesError> {
        let text = fs::read_to_string(path)
            .map_err(|source| CodesError::Unreadable { path: path.to_owned(), source })?;
        text.parse().map_err(|fault| CodesError::NoKeys { path: path.to_owned(), fault })
    }

    /// 43 characters, all of which may stand in a URL.
    pub fn code(&self, ticket: TicketId, order: OrderId) -> String {
        let mut code = [0; 2 * HALF];
        code[..HALF].copy_from_slice(ticket.0.as_bytes());
        if let Some(key) = self.0.first() {
            code[HALF..].copy_from_slice(&over(key, ticket, order).finalize().into_bytes()[..HALF]);
        }
        URL_SAFE_NO_PAD.encode(code)
    }

    /// Whether the code is that of this ticket, sold to this order. How long that takes says nothing of a good code.
    pub fn is_of(&self, code: &str, ticket: TicketId, order: OrderId) -> bool {
        let Ok(code) = URL_SAFE_NO_PAD.decode(code) else { return false };
        let Some((id, signature)) = code.split_at_checked(HALF) else { return false };
        let is_signed = self.0.iter().fold(false, |is_signed, key| {
            over(key, ticket, order).verify_truncated_left(signature).is_ok() | is_signed
        });
        signature.len() == HALF && id == ticket.0.as_bytes() && is_signed
    }
}

impl FromStr for Codes {
    type Err = NotKeys;

    /// A key a line.
    fn from_str(text: &str) -> Result<Self, NotKeys> {
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        let keys = lines.map(|(at, line)| key(line).ok_or(NotKeys::Malformed(at + 1)));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(NotKeys::None) } else { Ok(Self(keys.into())) }
    }
}

fn over(key: &Hmac<Sha256>, ticket: TicketId, order: OrderId) -> Hmac<Sha256> {
    let mut signed = key.clone();
    signed.update(DOMAIN);
    signed.update(ticket.0.as_bytes());
    signed.update(order.0.as_bytes());
    signed
}

fn keyed(key: &[u8; KEY]) -> Hmac<Sha256> {
    // As long as a block of the hash, as HMAC itself makes it.
    let mut block = [0; 64];
    block[..KEY].copy_from_slice(key);
    Hmac::new(&block.into())
}

fn key(line: &str) -> Option<Hmac<Sha256>> {
    let bytes = if line.len() == 2 * KEY { hex(line) } else { STANDARD.decode(line).ok() };
    bytes?.try_into().ok().map(|bytes| keyed(&bytes))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests;
