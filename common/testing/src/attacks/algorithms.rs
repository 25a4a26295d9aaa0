//! The algorithm is the caller's to choose, or so it says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{Loot, Named, encoded, signed_by, with, without};

const UNSIGNED: [&str; 8] = ["none", "None", "NONE", "nOnE", "noNe", "none ", "null", ""];
const OTHERS: [&str; 24] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES256K",
    "ES384", "ES512", "Ed25519", "Ed448", "eddsa", "EDDSA", "Eddsa", "EdDSA ", " EdDSA", "EdDSA\0", "dir",
    "RSA-OAEP", "A256KW",
];

pub(super) fn tokens(loot: &Loot) -> Vec<Named> {
    let mut tokens = Vec::new();
    let (header, [_, claims, signature]) = (loot.header(), loot.parts());
    for name in UNSIGNED {
        let written = encoded(with(&header, "alg", name).to_string());
        tokens.push((format!("algorithm {name:?} without a signature"), format!("{written}.{claims}.")));
        tokens
            .push((format!("algorithm {name:?} with an old one"), format!("{written}.{claims}.{signature}")));
    }
    for name in OTHERS {
        tokens.push((format!("algorithm {name:?}"), loot.headed(&with(&header, "alg", name))));
    }
    for (name, length) in [("RS256", 256), ("PS256", 256), ("ES256", 64), ("ES512", 132), ("Ed448", 114)] {
        let written = encoded(with(&header, "alg", name).to_string());
        let made_up = encoded(vec![7_u8; length]);
        tokens.push((
            format!("algorithm {name:?} with a made-up signature"),
            format!("{written}.{claims}.{made_up}"),
        ));
    }
    for value in [
        json!(null),
        json!(8),
        json!(true),
        json!([]),
        json!(["EdDSA"]),
        json!(["none", "EdDSA"]),
        json!({ "EdDSA": 1 }),
    ] {
        tokens.push((format!("algorithm {value}"), loot.headed(&with(&header, "alg", value))));
    }
    tokens.push(("no algorithm".to_owned(), loot.headed(&without(&header, "alg"))));
    tokens.extend(with_the_public_key_as_a_secret(loot));
    tokens
}

/// Everybody has the public key: taken for a shared secret, it would make everybody an issuer.
fn with_the_public_key_as_a_secret(loot: &Loot) -> Vec<Named> {
    let point = loot.public_key();
    let der =
        [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &point[..]].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode(&der));
    let set: Value = serde_json::from_str(&loot.jwks).expect("a set of keys");
    let hex: String = point.iter().map(|byte| format!("{byte:02x}")).collect();
    let secrets: [(&str, Vec<u8>); 12] = [
        ("the raw public key", point.clone()),
        ("the public key in base64url", encoded(&point).into_bytes()),
        ("the public key in base64", STANDARD.encode(&point).into_bytes()),
        ("the public key in hexadecimal", hex.into_bytes()),
        ("the public key in DER", der),
        ("the public key in PEM", pem.clone().into_bytes()),
        ("the public key in PEM with its last newline", format!("{pem}\n").into_bytes()),
        ("the public key in PEM with the newlines of Windows", pem.replace('\n', "\r\n").into_bytes()),
        ("the public key as a JWK", set["keys"][0].to_string().into_bytes()),
        ("the file of the public keys", loot.jwks.clone().into_bytes()),
        ("the id of the key", loot.key_id().into_bytes()),
        ("nothing", Vec::new()),
    ];
    let claims = loot.parts()[1];
    let algorithms = [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)];
    let mut tokens = Vec::new();
    for (what, secret) in &secrets {
        for (name, algorithm) in algorithms {
            let header = encoded(with(&loot.header(), "alg", name).to_string());
            let token = signed_by(&EncodingKey::from_secret(secret), algorithm, &header, claims);
            tokens.push((format!("{name} with {what} as the secret"), token.clone()));
            // The signature of one algorithm under the name of ours.
            if algorithm == Algorithm::HS256 {
                let key = EncodingKey::from_secret(secret);
                let token = signed_by(&key, algorithm, loot.parts()[0], claims);
                tokens.push((format!("EdDSA by name, signed with {what} as a secret"), token));
            }
        }
    }
    tokens
}
