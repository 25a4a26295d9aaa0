//! Secrets of this machine's development set-up: made once, kept in `.stagedoor/keys/`, and never in the repository.

use std::{
    env,
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use local_servers::Home;

const STRIPE_VARIABLE: &str = "STRIPE_SECRET_KEY";

pub(crate) struct Secrets {
    pub(crate) signing_key: PathBuf,
    pub(crate) jwks: PathBuf,
    pub(crate) stripe_secret_key: String,
}

pub(crate) fn make(home: &Home, binaries: &Path) -> anyhow::Result<Secrets> {
    let folder = home.keys();
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .context("could not create the folder of keys")?;
    make_signing_key(&folder, &binaries.join("auth"))?;
    let stripe_secret_key = match env::var(STRIPE_VARIABLE) {
        Ok(key) if !key.is_empty() => key,
        _ => stripe_key(&folder.join("stripe.env"))?,
    };
    let (signing_key, jwks) = (folder.join("signing-key.pem"), folder.join("jwks.json"));
    Ok(Secrets { signing_key, jwks, stripe_secret_key })
}

/// Only auth knows how its keys are made; it leaves those alone that are there.
fn make_signing_key(folder: &Path, auth: &Path) -> anyhow::Result<()> {
    let output = Command::new(auth).arg("make-keys").arg(folder).output();
    let output = output.with_context(|| format!("could not run {}", auth.display()))?;
    if !output.status.success() {
        bail!(
            "auth could not make its keys ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn stripe_key(file: &Path) -> anyhow::Result<String> {
    let known = fs::read_to_string(file).unwrap_or_default();
    let known = known.lines().find_map(|line| line.strip_prefix(STRIPE_VARIABLE)?.strip_prefix('='));
    if let Some(key) = known.filter(|key| !key.is_empty()) {
        return Ok(key.to_owned());
    }
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("no randomness")?;
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = format!("sk_test_{random}");
    let opened = File::options().create(true).write(true).truncate(true).mode(0o600).open(file);
    opened
        .and_then(|mut opened| writeln!(opened, "{STRIPE_VARIABLE}={key}"))
        .with_context(|| format!("could not write {}", file.display()))?;
    Ok(key)
}
