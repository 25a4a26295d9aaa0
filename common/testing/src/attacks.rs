//! Access tokens that are good for nothing: forged, altered, stolen from elsewhere, or carried where none belongs. Each
//! has a name, and every service has to answer each with 401.
//!
//! Most are signed with the real key, which no attacker has: so each is refused for the one thing that is wrong with it.

mod algorithms;
mod claims;
mod headers;
mod places;
mod shapes;
mod signatures;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

/// All that is known of a good token, and all that there is to forge others with.
pub struct Loot {
    /// A good token.
    pub token: String,
    /// What a session is carried on with; it is no access token.
    pub refresh_token: String,
    /// What good tokens are signed with.
    pub key: EncodingKey,
    /// The file of the public keys.
    pub jwks: String,
    /// In seconds since 1970.
    pub now: i64,
}

/// One way of being somebody who one is not.
#[derive(Clone, Debug)]
pub struct Attack {
    pub name: String,
    pub headers: Vec<(&'static str, String)>,
    /// What stands after the `?` of the path, if anything does.
    pub query: Option<String>,
}

/// Every attack there is, by names of their own. Each forged token comes as a bearer and as a cookie.
pub fn attacks(loot: &Loot) -> Vec<Attack> {
    let tokens = [
        algorithms::tokens(loot),
        headers::tokens(loot),
        claims::tokens(loot),
        signatures::tokens(loot),
        shapes::tokens(loot),
    ];
    let carried = tokens.into_iter().flatten().flat_map(|(name, token)| {
        [
            Attack::with(format!("{name}, as a bearer"), [("authorization", format!("Bearer {token}"))]),
            Attack::with(format!("{name}, as a cookie"), [("cookie", format!("access_token={token}"))]),
        ]
    });
    carried.chain(places::attacks(loot)).collect()
}

/// A token that is good for nothing, and what is wrong with it.
type Named = (String, String);

impl Attack {
    fn with(name: impl Into<String>, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { name: name.into(), headers: headers.into_iter().collect(), query: None }
    }
}

impl Loot {
    /// Header, claims and signature of the good token, as they are written.
    fn parts(&self) -> [&str; 3] {
        let parts: Vec<&str> = self.token.split('.').collect();
        parts.try_into().expect("a token has three parts")
    }

    fn header(&self) -> Value {
        read(self.parts()[0])
    }

    fn claims(&self) -> Value {
        read(self.parts()[1])
    }

    fn signature(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(self.parts()[2]).expect("base64url")
    }

    /// The id of the key that the good token is signed with.
    fn key_id(&self) -> String {
        self.header()["kid"].as_str().expect("the id of a key").to_owned()
    }

    /// The public half of that key.
    fn public_key(&self) -> Vec<u8> {
        let set: Value = serde_json::from_str(&self.jwks).expect("a set of keys");
        let keys = set["keys"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["kid"] == self.key_id().as_str()).expect("the key of the token");
        URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("a point")).expect("base64url")
    }

    /// A token with these texts for header and claims, signed with the real key.
    fn signed(&self, header: &str, claims: &str) -> String {
        signed_by(&self.key, Algorithm::EdDSA, &encoded(header), &encoded(claims))
    }

    /// With another header, signed with the real key.
    fn headed(&self, header: &Value) -> String {
        self.signed(&header.to_string(), &self.claims().to_string())
    }

    /// With other claims, signed with the real key.
    fn claiming(&self, claims: &Value) -> String {
        self.signed(&self.header().to_string(), &claims.to_string())
    }
}

/// With header and claims as they are to be written.
fn signed_by(key: &EncodingKey, algorithm: Algorithm, header: &str, claims: &str) -> String {
    let message = format!("{header}.{claims}");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("a signature");
    format!("{message}.{signature}")
}

fn encoded(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

fn with(object: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut object = object.clone();
    object[field] = value.into();
    object
}

fn without(object: &Value, field: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").remove(field);
    object
}

/// The object's text with one more member before its own, whatever it holds already.
fn beginning_with(object: &Value, member: &str) -> String {
    format!("{{{member},{}", &object.to_string()[1..])
}

/// The object's text with one more member after its own.
fn ending_with(object: &Value, member: &str) -> String {
    let text = object.to_string();
    format!("{},{member}}}", &text[..text.len() - 1])
}

fn deep(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// Of nobody whom the services know.
fn another_key() -> EncodingKey {
    super::issuer::key_of_seed(66)
}
