//! MongoDB: which databases each user may read or write. The engine for development knows no users.

use std::fmt::Write as _;

use crate::{OPERATOR, REPAIR, REPLAY, SERVICES};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: &'static str,
    /// Role and database.
    pub roles: Vec<(&'static str, &'static str)>,
}

/// A service has its own database and no other.
pub fn users() -> Vec<User> {
    let databases = || SERVICES.iter().filter(|service| service.has_database).map(|service| service.name);
    let mut users: Vec<User> =
        databases().map(|name| User { name, roles: vec![("readWrite", name)] }).collect();
    users.extend(
        [REPLAY, OPERATOR]
            .map(|name| User { name, roles: databases().map(|database| ("read", database)).collect() }),
    );
    users.push(User { name: REPAIR, roles: databases().map(|database| ("readWrite", database)).collect() });
    users
}

/// Names the user's password.
pub fn password_variable(user: &str) -> String {
    format!("{}_MONGODB_PASSWORD", user.to_uppercase())
}

/// For the server's own shell, which reads the passwords from its environment.
pub fn script() -> String {
    let mut text = String::from("const users = [\n");
    for user in users() {
        let _ = writeln!(
            text,
            "  {{\n    user: '{0}',\n    pwd: process.env.{1},",
            user.name,
            password_variable(user.name)
        );
        text.push_str("    roles: [\n");
        for (role, database) in user.roles {
            let _ = writeln!(text, "      {{ role: '{role}', db: '{database}' }},");
        }
        text.push_str("    ],\n  },\n");
    }
    text.push_str(
        "]\nconst admin = db.getSiblingDB('admin')\nfor (const { user, ...rest } of users) {\n  \
         admin.getUser(user) ? admin.updateUser(user, rest) : admin.createUser({ user, ...rest })\n}\n",
    );
    text
}
