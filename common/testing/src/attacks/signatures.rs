//! Signatures that are not quite the signature.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::{Loot, Named, another_key, encoded, signed_by, with};

/// The order of the group, in little-endian bytes: added to the second half of a signature, it signs the same again.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub(super) fn tokens(loot: &Loot) -> Vec<Named> {
    let [header, claims, written] = loot.parts();
    let signature = loot.signature();
    let flipped = |bit: usize| {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        encoded(flipped)
    };
    let other = loot.claiming(&with(&loot.claims(), "jti", "0197c2a4-0000-7000-8000-00000000beef"));
    let others = other.rsplit('.').next().unwrap_or_default();
    let by_another = signed_by(&another_key(), Algorithm::EdDSA, header, claims);
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut signatures = vec![
        ("no signature", String::new()),
        ("a signature without its last letter", written[..written.len() - 1].to_owned()),
        ("a signature without its first letter", written[1..].to_owned()),
        ("a signature without its last byte", encoded(&signature[..63])),
        ("a signature without its first byte", encoded(&signature[1..])),
        ("half a signature", encoded(&signature[..32])),
        ("a signature and a letter", format!("{written}A")),
        ("a signature and a byte", encoded([&signature[..], &[0]].concat())),
        ("a signature twice", encoded([&signature[..], &signature[..]].concat())),
        ("a signature with its halves exchanged", encoded([&signature[32..], &signature[..32]].concat())),
        ("a signature backwards", written.chars().rev().collect()),
        ("a signature of zeros", encoded([0; 64])),
        ("a signature of ones", encoded([0xff; 64])),
        ("a signature that is neutral", encoded([&[1][..], &[0; 63]].concat())),
        ("a signature with another that is equivalent", encoded(equivalent(&signature))),
        ("the signature of another token", others.to_owned()),
        ("another's signature", by_another.rsplit('.').next().unwrap_or_default().to_owned()),
        ("a signature in capitals", written.to_uppercase()),
        ("a signature in hexadecimal", hex),
        ("a signature with padding", URL_SAFE.encode(&signature)),
        ("a signature in base64 with padding", STANDARD.encode(&signature)),
        ("a signature in another alphabet", format!("+/{}", &written[2..])),
        ("a signature that is written in another way", other_last_letter(written)),
        ("a signature with a space in it", format!("{} {}", &written[..40], &written[40..])),
        ("a signature that is encoded twice", encoded(written)),
        ("a signature in JSON", encoded(json!({ "signature": written }).to_string())),
    ];
    let bits = [0, 7, 255, 256, 300, 503, 511];
    let names = bits.map(|bit| format!("a signature with bit {bit} turned"));
    signatures.extend(bits.iter().zip(&names).map(|(bit, name)| (name.as_str(), flipped(*bit))));
    signatures
        .into_iter()
        .map(|(name, signature)| (name.to_owned(), format!("{header}.{claims}.{signature}")))
        .collect()
}

fn equivalent(signature: &[u8]) -> Vec<u8> {
    let mut sum = signature.to_vec();
    let mut carry = 0_u16;
    for (byte, add) in sum[32..].iter_mut().zip(ORDER) {
        let total = u16::from(*byte) + u16::from(add) + carry;
        *byte = total.to_le_bytes()[0];
        carry = total >> 8;
    }
    sum
}

/// The last letter stands for two bits and four that nobody reads.
fn other_last_letter(written: &str) -> String {
    let (rest, last) = written.split_at(written.len() - 1);
    let next = last.bytes().next().map_or('B', |letter| char::from(letter + 1));
    format!("{rest}{next}")
}
