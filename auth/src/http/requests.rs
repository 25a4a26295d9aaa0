//! What callers send, and what is wrong with it, all at once.

use serde::{Deserialize, Deserializer};
use service::problem::{Problem, VALIDATION};
use utoipa::ToSchema;

use crate::email::Email;
use crate::name::Name;
use crate::passwords::{Password, PasswordFault};

/// Characters of the reason for a ban.
const MAX_REASON: usize = 500;

/// Holds a password, hence no `Debug`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignUp {
    #[schema(max_length = 254, example = "ada@example.com")]
    email: String,
    #[schema(min_length = 8, max_length = 256)]
    password: String,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// A sign-up that can be carried out.
pub(super) struct Registration {
    pub(super) email: Email,
    pub(super) password: Password,
    pub(super) name: Name,
}

/// Holds a password, hence no `Debug`. Whatever is in it, it is only right or wrong.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    pub(super) email: String,
    pub(super) password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateMe {
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    name: Option<String>,
}

/// Holds passwords, hence no `Debug`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    current: String,
    #[schema(min_length = 8, max_length = 256)]
    new: String,
}

/// A change of password that can be carried out, if the current one is right.
pub(super) struct PasswordChange {
    pub(super) current: Password,
    pub(super) new: Password,
}

/// Holds words about a person, hence no `Debug`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BanUser {
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl SignUp {
    pub(super) fn check(self) -> Result<Registration, Problem> {
        match (self.email.parse(), self.password.parse(), self.name.parse()) {
            (Ok(email), Ok(password), Ok(name)) => Ok(Registration { email, password, name }),
            (email, password, name) => Err(invalid([
                ("/email", email.err().map(|fault| fault.to_string())),
                ("/password", password.err().map(|fault| fault.to_string())),
                ("/name", name.err().map(|fault| fault.to_string())),
            ])),
        }
    }
}

impl UpdateMe {
    pub(super) fn check(self) -> Result<Option<Name>, Problem> {
        let name = self.name.map(|name| name.parse()).transpose();
        name.map_err(|fault: crate::name::NameFault| invalid([("/name", Some(fault.to_string()))]))
    }
}

impl ChangePassword {
    pub(super) fn check(self) -> Result<PasswordChange, Problem> {
        let new = self.new.parse();
        let new = new.map_err(|fault: PasswordFault| invalid([("/new", Some(fault.to_string()))]))?;
        Ok(PasswordChange { current: Password::typed(self.current), new })
    }
}

impl BanUser {
    /// The reason. Space around it is taken off.
    pub(super) fn check(self) -> Result<String, Problem> {
        let reason = self.reason.trim();
        if (1..=MAX_REASON).contains(&reason.chars().count()) {
            return Ok(reason.to_owned());
        }
        Err(invalid([("/reason", Some(format!("has to be 1 to {MAX_REASON} characters")))]))
    }
}

fn invalid<const N: usize>(faults: [(&'static str, Option<String>); N]) -> Problem {
    let found = faults.into_iter().filter_map(|(pointer, fault)| Some((pointer, fault?)));
    found.fold(Problem::new(VALIDATION), |problem, (pointer, fault)| problem.error(pointer, fault))
}

/// A field may be left out, which leaves it as it is; null would be neither.
fn not_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}
