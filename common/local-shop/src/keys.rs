//! Secrets of one shop on this machine: made once, kept among its keys, and never in the repository.

use std::{
    fs,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use local_servers::Home;

use crate::{
    error::{Doing, Error, Result},
    passwords::{Passwords, random, write_secret},
};

const STRIPE_VARIABLE: &str = "STRIPE_SECRET_KEY";

#[derive(Clone)]
pub struct Secrets {
    /// A file, which only auth reads.
    pub signing_key: PathBuf,
    /// A file with the public keys.
    pub jwks: PathBuf,
    /// A file, which only tickets reads.
    pub ticket_codes: PathBuf,
    pub stripe_secret_key: String,
    pub passwords: Passwords,
}

impl Secrets {
    pub(crate) fn make(home: &Home, binaries: &Path, stripe_secret_key: Option<&str>) -> Result<Self> {
        let folder = home.keys();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .doing(|| format!("create {}", folder.display()))?;
        make_signing_key(&folder, &binaries.join("auth"))?;
        let stripe_secret_key = match stripe_secret_key {
            Some(key) => key.to_owned(),
            None => stripe_key(&folder.join("stripe.env"))?,
        };
        let (signing_key, jwks) = (folder.join("signing-key.pem"), folder.join("jwks.json"));
        let ticket_codes = folder.join("ticket-codes.key");
        make_code_key(&ticket_codes)?;
        let passwords = Passwords::make(&folder)?;
        Ok(Self { signing_key, jwks, ticket_codes, stripe_secret_key, passwords })
    }
}

/// Only auth knows how its keys are made; it leaves those alone that are there.
fn make_signing_key(folder: &Path, auth: &Path) -> Result<()> {
    let output = Command::new(auth).arg("make-keys").arg(folder).output();
    let output = output.doing(|| format!("run {}", auth.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Keys { status: output.status.to_string(), said })
}

/// Left alone where it is there: it signed the codes of tickets that are sold already.
fn make_code_key(file: &Path) -> Result<()> {
    let known = fs::read_to_string(file).unwrap_or_default();
    if known.trim().is_empty() {
        write_secret(file, &format!("{}{}\n", random()?, random()?))
    } else {
        Ok(())
    }
}

fn stripe_key(file: &Path) -> Result<String> {
    let known = fs::read_to_string(file).unwrap_or_default();
    let known = known.lines().find_map(|line| line.strip_prefix(STRIPE_VARIABLE)?.strip_prefix('='));
    if let Some(key) = known.filter(|key| !key.is_empty()) {
        return Ok(key.to_owned());
    }
    let key = format!("sk_test_{}", random()?);
    write_secret(file, &format!("{STRIPE_VARIABLE}={key}\n"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::make_code_key;

    #[test]
    fn the_key_of_codes_is_made_once_and_for_nobody_elses_eyes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ticket-codes.key");
        make_code_key(&file).unwrap();
        let key = fs::read_to_string(&file).unwrap();
        assert_eq!(key.trim().len(), 64);
        assert!(key.trim().bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        make_code_key(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), key);
    }
}
