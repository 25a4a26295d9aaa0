//! The ticket itself: the code that opens the door, and the receipt.

use contracts::Timestamp;

use super::qr::QrCode;
use crate::api::Order;
use crate::locale::Locale;

/// Letters of the code that stand together, for whoever reads them out.
const GROUP: usize = 4;

/// What is shown at the door.
pub(super) struct Admission {
    pub qr: Option<QrCode>,
    /// The code in groups, to be read between them, and copied as one.
    pub groups: Vec<String>,
}

/// What was paid, for whom it has to be shown to.
pub(super) struct Receipt {
    pub paid_at: Timestamp,
    pub paid: String,
    pub total: String,
}

impl Admission {
    pub(super) fn of(code: &str, origin: &str) -> Self {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("code", code).finish();
        let letters: Vec<char> = code.chars().collect();
        let groups = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        Self { qr: QrCode::of(&format!("{origin}/door?{query}")), groups }
    }
}

impl Receipt {
    /// Nothing, where nothing was paid.
    pub(super) fn of(order: &Order, completed_at: Option<Timestamp>, locale: &Locale) -> Option<Self> {
        let paid_at = completed_at.unwrap_or(order.updated_at);
        let total = locale.customs.money(&order.total?);
        Some(Self { paid_at, paid: locale.customs.moment(paid_at), total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_groups_of_four_and_no_letter_of_it_is_lost() {
        let code = "AZ8xLzQ2cXoAAAAAAAAAAG0hU0vC2kq0bWn3oFJ4uYw";
        let admission = Admission::of(code, "https://stagedoor.example");
        assert_eq!(admission.groups.concat(), code);
        assert!(admission.groups.iter().rev().skip(1).all(|group| group.len() == GROUP));
        assert!(admission.qr.is_some());
    }
}
