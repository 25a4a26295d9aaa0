//! What is a code, and what is none.

use contracts::{OrderId, TicketId};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Codes, NotKeys};

const TICKET: TicketId = TicketId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0002));
const ORDER: OrderId = OrderId(Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0001));
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// The same key, written otherwise.
const IN_BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn codes(text: &str) -> Codes {
    text.parse().ok().unwrap()
}

#[test]
fn a_code_is_good_for_its_ticket_and_order_only() {
    let codes = codes(KEY);
    let code = codes.code(TICKET, ORDER);
    assert_eq!(code.len(), 43);
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{code}");
    assert!(codes.is_of(&code, TICKET, ORDER));
    assert!(!codes.is_of(&code, TICKET, OrderId(Uuid::from_u128(9))));
    assert!(!codes.is_of(&code, TicketId(Uuid::from_u128(9)), ORDER));
    // The ticket's id in the code is looked at too, not only what was signed.
    let of_another = codes.code(TicketId(Uuid::from_u128(9)), ORDER);
    let mixed = format!("{}{}", &of_another[..21], &code[21..]);
    assert!(!codes.is_of(&mixed, TICKET, ORDER));
}

/// What stands in phones and on paper has to stay good whatever becomes of this file.
#[test]
fn a_code_stays_what_it_was() {
    assert_eq!(codes(KEY).code(TICKET, ORDER), "AZcAAAAAcACAAAAAAAAAAj9n7TIjEVXg-d3CkrVpqF8");
}

#[test]
fn what_an_older_key_signed_is_good_until_the_key_is_gone() {
    let (old, both) = (codes(OTHER_KEY), codes(&format!("{KEY}\n{OTHER_KEY}\n")));
    let code = old.code(TICKET, ORDER);
    assert!(both.is_of(&code, TICKET, ORDER));
    assert_eq!(both.code(TICKET, ORDER), codes(KEY).code(TICKET, ORDER));
    assert!(!codes(KEY).is_of(&code, TICKET, ORDER));
}

#[test]
fn keys_are_read_from_lines_of_hex_or_base64() {
    let expected = codes(KEY).code(TICKET, ORDER);
    for text in [IN_BASE64, &KEY.to_uppercase(), &format!("\n  {KEY}  \n\n")] {
        assert_eq!(codes(text).code(TICKET, ORDER), expected, "{text:?}");
    }
    let long = format!("{KEY}00");
    for (text, fault) in [
        ("", NotKeys::None),
        (" \n\n", NotKeys::None),
        (&KEY[2..], NotKeys::Malformed(1)),
        (long.as_str(), NotKeys::Malformed(1)),
        ("a password", NotKeys::Malformed(1)),
        (&format!("{KEY}\n\nnone"), NotKeys::Malformed(3)),
        (&KEY.replace('0', "g"), NotKeys::Malformed(1)),
        (&"é".repeat(32), NotKeys::Malformed(1)),
    ] {
        assert_eq!(text.parse::<Codes>().err(), Some(fault), "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_other_text_is_the_code(text in ".{0,80}", at in 0_usize..43, to in 0_u8..128) {
        let codes = codes(KEY);
        prop_assert!(!codes.is_of(&text, TICKET, ORDER));
        let code = codes.code(TICKET, ORDER);
        let mut changed = code.clone().into_bytes();
        changed[at] = to;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(codes.is_of(&changed, TICKET, ORDER), changed == code);
        prop_assert!(!codes.is_of(&code[..at], TICKET, ORDER));
        let longer = code + &text + "A";
        prop_assert!(!codes.is_of(&longer, TICKET, ORDER));
    }
}
