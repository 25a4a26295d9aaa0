//! The code of a sold ticket, however it was read: typed in groups, or as the link that its QR code holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::TicketId;
use uuid::Uuid;

/// Of the ticket's id, which the code begins with.
const ID: usize = 16;
/// Of the id, and of the mac that follows.
const WHOLE: usize = 32;

/// Without the space between its groups, and without the address before it.
pub(super) fn cleaned(text: &str) -> String {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let Some((_, query)) = text.split_once("/door?") else { return text };
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "code").map(|(_, code)| code.into_owned()).unwrap_or_default()
}

/// The ticket that it says it is of.
pub(super) fn ticket(code: &str) -> Option<TicketId> {
    let bytes = URL_SAFE_NO_PAD.decode(code).ok().filter(|bytes| bytes.len() == WHOLE)?;
    Some(TicketId(Uuid::from_slice(bytes.get(..ID)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "AZcAAAAAcACAAAAAAAAAAj9n7TIjEVXg-d3CkrVpqF8";

    #[test]
    fn a_code_begins_with_the_id_of_its_ticket() {
        assert_eq!(ticket(CODE).unwrap().to_string(), "01970000-0000-7000-8000-000000000002");
        for text in ["", "AZcA", "not a code", &CODE[..42]] {
            assert_eq!(ticket(text), None, "{text}");
        }
        for length in [0, ID, WHOLE - 1, WHOLE + 1] {
            assert_eq!(ticket(&URL_SAFE_NO_PAD.encode(vec![7; length])), None, "{length}");
        }
    }

    #[test]
    fn a_code_may_be_typed_in_groups_or_come_as_the_link_of_a_qr_code() {
        let grouped: Vec<_> = CODE.as_bytes().chunks(4).map(|group| str::from_utf8(group).unwrap()).collect();
        assert_eq!(cleaned(&grouped.join(" ")), CODE);
        assert_eq!(cleaned(&format!(" http://localhost:3000/door?code={CODE}\r\n")), CODE);
        assert_eq!(cleaned(&format!("/door?x=1&code={CODE}")), CODE);
        assert_eq!(cleaned("https://elsewhere.example/door?x=1"), "");
    }
}
