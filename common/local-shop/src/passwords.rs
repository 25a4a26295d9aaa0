//! What a shop's servers know their users by: a password for each, made once and kept among the shop's keys.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use privileges::{Shop, nats, redis};

use crate::error::{Doing, Result};

/// By the names that the servers' settings have for them.
#[derive(Clone, Default)]
pub struct Passwords(BTreeMap<String, String>);

impl Passwords {
    /// Those that are there already stay as they are: a server that runs may know them.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        let file = folder.join("passwords.env");
        let known = fs::read_to_string(&file).unwrap_or_default();
        let known = known.lines().filter_map(|line| line.split_once('='));
        let mut passwords: BTreeMap<String, String> =
            known.map(|(name, password)| (name.to_owned(), password.to_owned())).collect();
        for name in
            names().filter(|name| passwords.get(name).is_none_or(String::is_empty)).collect::<Vec<_>>()
        {
            // A letter first: NATS reads what looks like a number as one.
            passwords.insert(name, format!("p{}", random()?));
        }
        let text: String = passwords.iter().map(|(name, password)| format!("{name}={password}\n")).collect();
        write_secret(&file, &text)?;
        Ok(Self(passwords))
    }

    /// Nothing for a name that is not among them.
    pub fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(crate) fn of_nats(&self) -> BTreeMap<String, String> {
        let names = nats::users(Shop::Local).into_iter().map(|user| nats::password_variable(user.name));
        names.map(|name| (name.clone(), self.of(&name).to_owned())).collect()
    }
}

fn names() -> impl Iterator<Item = String> {
    let at_nats = nats::users(Shop::Local).into_iter().map(|user| nats::password_variable(user.name));
    at_nats.chain(redis::users(Shop::Local).into_iter().map(|user| redis::password_variable(user.name)))
}

/// 128 bits that nobody can guess.
pub(crate) fn random() -> Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .doing(|| "read /dev/urandom".to_owned())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// For nobody else's eyes.
pub(crate) fn write_secret(file: &Path, text: &str) -> Result<()> {
    let opened = File::options().create(true).write(true).truncate(true).mode(0o600).open(file);
    opened
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .doing(|| format!("write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::Passwords;

    #[test]
    fn a_password_is_made_once_for_each_and_for_nobody_elses_eyes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passwords.env");
        fs::write(&file, "ORDERS_NATS_PASSWORD=kept\nAUTH_NATS_PASSWORD=\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let passwords = Passwords::make(folder.path()).unwrap();
        let again = Passwords::make(folder.path()).unwrap();
        assert_eq!(passwords.of("ORDERS_NATS_PASSWORD"), "kept");
        for name in ["AUTH_NATS_PASSWORD", "EXPIRATION_NATS_PASSWORD", "EXPIRATION_REDIS_PASSWORD"] {
            assert_eq!(passwords.of(name).len(), 33, "{name}");
            assert_eq!(passwords.of(name), again.of(name));
        }
        assert_ne!(passwords.of("EXPIRATION_NATS_PASSWORD"), passwords.of("EXPIRATION_REDIS_PASSWORD"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
