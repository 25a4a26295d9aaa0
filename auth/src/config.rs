//! All that the environment decides.

use std::fs;
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use limits::Rate;
use service::config::{Common, ConfigError, Environment};

use crate::throttle::SignInLimits;
use crate::{BootstrapAdmin, Settings};

const SIGNING_KEY: &str = "JWT_SIGNING_KEY_FILE";
const EMAIL: &str = "BOOTSTRAP_ADMIN_EMAIL";
const PASSWORD: &str = "BOOTSTRAP_ADMIN_PASSWORD";
/// Passwords that stand in this repository.
const PUBLISHED: [&str; 2] = ["correct-horse-battery", "correct-horse-battery-staple"];
const ENTRIES: Rate = Rate::a_minute(60);
const DEFAULT_SESSION_DAYS: NonZero<u32> = NonZero::new(30).unwrap();

/// Holds a password, hence no `Debug`.
#[derive(Clone)]
pub struct Config {
    pub common: Common,
    /// `JWT_SIGNING_KEY_FILE`: the private key of access tokens, PKCS#8 in PEM. Its public half is in `JWKS_FILE`.
    pub signing_key_file: PathBuf,
    /// `BOOTSTRAP_ADMIN_EMAIL` and `BOOTSTRAP_ADMIN_PASSWORD`: the first admin, made at the start where there is no
    /// such account yet. An account that is there keeps its password.
    pub bootstrap_admin: Option<BootstrapAdmin>,
    /// `PASSWORDS_AT_ONCE`: how many passwords are hashed or compared at once. As many as there are cores unless set.
    pub passwords_at_once: usize,
    /// `SIGN_IN_PER_ADDRESS`: how often one address may sign in, and as often sign up, and as often refresh, and as often
    /// try the password that it wants to change. `60/minute` unless set: people behind one address rarely begin at once,
    /// and each try costs a core some 15 ms.
    pub entries: Rate,
    /// `SIGN_IN_PER_ACCOUNT_AND_ADDRESS` and `SIGN_IN_PER_ACCOUNT`: `10/minute` and `30/minute` unless set.
    pub sign_in_limits: SignInLimits,
    /// `SESSION_LIFETIME_DAYS`: how long a session lasts at most, however often it is carried on. 30 unless set.
    pub session_lifetime: Duration,
}

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let common = Common::read(&mut environment, "auth");
        let signing_key_file = environment.require(SIGNING_KEY);
        let bootstrap_admin = bootstrap_admin(&mut environment);
        if environment.is_production() {
            refuse_what_others_know(&mut environment);
        }
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let passwords_at_once = environment.or("PASSWORDS_AT_ONCE", cores);
        let entries = environment.or("SIGN_IN_PER_ADDRESS", ENTRIES);
        let sign_in_limits = sign_in_limits(&mut environment);
        let session_days: NonZero<u32> = environment.or("SESSION_LIFETIME_DAYS", DEFAULT_SESSION_DAYS);
        environment.finish(|| {
            Some(Self {
                common: common?,
                signing_key_file: signing_key_file?,
                bootstrap_admin,
                passwords_at_once,
                entries,
                sign_in_limits,
                session_lifetime: Duration::from_secs(u64::from(session_days.get()) * 24 * 60 * 60),
            })
        })
    }

    pub fn settings(&self) -> Settings {
        Settings {
            secure_cookies: self.common.public_origin.is_secure(),
            jwks_file: self.common.jwks_file.clone(),
            passwords_at_once: self.passwords_at_once,
            session_lifetime: self.session_lifetime,
        }
    }
}

fn sign_in_limits(environment: &mut Environment) -> SignInLimits {
    let SignInLimits { per_account_and_address, per_account } = SignInLimits::default();
    SignInLimits {
        per_account_and_address: environment.or("SIGN_IN_PER_ACCOUNT_AND_ADDRESS", per_account_and_address),
        per_account: environment.or("SIGN_IN_PER_ACCOUNT", per_account),
    }
}

/// Secrets that are none.
fn refuse_what_others_know(environment: &mut Environment) {
    if environment.optional::<String>(PASSWORD).is_some_and(|password| PUBLISHED.contains(&password.as_str()))
    {
        environment.fault(PASSWORD, "is the one of every shop in development, which everybody knows");
    }
    // A file that is not there is reported by whoever reads it.
    let metadata = environment.optional::<PathBuf>(SIGNING_KEY).and_then(|file| fs::metadata(file).ok());
    if let Some(mode) = metadata.map(|metadata| metadata.permissions().mode() & 0o777)
        && mode & 0o007 != 0
    {
        environment.fault(
            SIGNING_KEY,
            format!("names a file that everybody on the machine may use (mode {mode:o})"),
        );
    }
}

/// Both or neither.
fn bootstrap_admin(environment: &mut Environment) -> Option<BootstrapAdmin> {
    // As text first: one that is set and wrong is not one that is missing.
    let set = |environment: &mut Environment, name| environment.optional::<String>(name).is_some();
    match (set(environment, EMAIL), set(environment, PASSWORD)) {
        (false, false) => None,
        (true, false) => {
            environment.fault(PASSWORD, format!("is not set, and {EMAIL} is"));
            None
        }
        (false, true) => {
            environment.fault(EMAIL, format!("is not set, and {PASSWORD} is"));
            None
        }
        (true, true) => {
            let (email, password) = (environment.optional(EMAIL), environment.optional(PASSWORD));
            Some(BootstrapAdmin { email: email?, password: password? })
        }
    }
}

#[cfg(test)]
mod tests {
    use limits::Rate;
    use service::config::Environment;

    use super::Config;

    const REQUIRED: [(&str, &str); 5] = [
        ("NATS_URL", "nats://127.0.0.1:4222"),
        ("MONGODB_URL", "mongodb://127.0.0.1:27017"),
        ("JWKS_FILE", "jwks.json"),
        ("PUBLIC_ORIGIN", "https://stagedoor.example"),
        ("JWT_SIGNING_KEY_FILE", "signing-key.pem"),
    ];

    fn faults(more: &[(&str, &str)]) -> String {
        let read = Config::read(REQUIRED.iter().chain(more).copied().collect::<Environment>());
        read.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn cookies_are_secure_where_the_origin_is() {
        let config = Config::read(REQUIRED.into_iter().collect()).ok().unwrap();
        assert!(config.settings().secure_cookies);
        assert!(config.bootstrap_admin.is_none());
        assert!(config.passwords_at_once > 0);
    }

    #[test]
    fn a_session_lasts_for_thirty_days_unless_told() {
        let days = |more: &[(&str, &str)]| {
            let config = Config::read(REQUIRED.iter().chain(more).copied().collect::<Environment>());
            config.ok().unwrap().settings().session_lifetime.as_secs() / 86_400
        };
        assert_eq!(days(&[]), 30);
        assert_eq!(days(&[("SESSION_LIFETIME_DAYS", "7")]), 7);
        for wrong in ["0", "-1", "a month"] {
            assert!(
                faults(&[("SESSION_LIFETIME_DAYS", wrong)]).contains("SESSION_LIFETIME_DAYS cannot be read")
            );
        }
    }

    #[test]
    fn an_admin_has_an_address_and_a_password() {
        let (email, password) = ("BOOTSTRAP_ADMIN_EMAIL", "BOOTSTRAP_ADMIN_PASSWORD");
        assert_eq!(faults(&[(email, "admin@example.com"), (password, "correct-horse-battery")]), "");
        assert!(faults(&[(email, "admin@example.com")]).contains("BOOTSTRAP_ADMIN_PASSWORD is not set"));
        assert!(faults(&[(password, "correct-horse-battery")]).contains("BOOTSTRAP_ADMIN_EMAIL is not set"));
        let both = faults(&[(email, "admin"), (password, "short")]);
        assert!(both.contains("BOOTSTRAP_ADMIN_EMAIL cannot be read: has to be an e-mail address"), "{both}");
        assert!(both.contains("BOOTSTRAP_ADMIN_PASSWORD cannot be read: has to be 8 to 256"), "{both}");
        assert!(!both.contains("short"), "{both}");
    }
    #[test]
    fn whoever_is_limited_may_try_once_at_least() {
        let config = Config::read(REQUIRED.into_iter().chain([("SIGN_IN_PER_ADDRESS", "7")]).collect());
        let config = config.ok().unwrap();
        assert_eq!(config.entries, Rate::a_minute(7));
        assert_eq!(config.sign_in_limits.per_account, Rate::a_minute(30));
        assert!(faults(&[("SIGN_IN_PER_ACCOUNT", "0")]).contains("SIGN_IN_PER_ACCOUNT cannot be read"));
    }

    #[test]
    fn production_starts_with_no_secret_that_others_know() {
        use std::{fs, os::unix::fs::PermissionsExt as _};

        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("signing-key.pem");
        fs::write(&key, "").unwrap();
        let path = key.to_str().unwrap();
        let production = [
            ("STAGEDOOR_ENV", "production"),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@example.com"),
            ("PUBLIC_ORIGIN", "http://stagedoor.example"),
            ("JWT_SIGNING_KEY_FILE", path),
        ];
        for (mode, password, expected) in [
            (0o644, "correct-horse-battery", 3),
            (0o604, "a-password-of-ours", 2),
            (0o640, "a-password-of-ours", 1),
            (0o600, "correct-horse-battery", 2),
        ] {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            let said = faults(&[&production[..], &[("BOOTSTRAP_ADMIN_PASSWORD", password)]].concat());
            assert_eq!(said.lines().count(), 1 + expected, "{mode:o}: {said}");
            assert!(!said.contains(password), "{said}");
            let at_home = faults(&[&production[1..], &[("BOOTSTRAP_ADMIN_PASSWORD", password)]].concat());
            assert_eq!(at_home, "");
        }
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        let all =
            faults(&[&production[..], &[("BOOTSTRAP_ADMIN_PASSWORD", "correct-horse-battery")]].concat());
        for sentence in [
            "PUBLIC_ORIGIN is not https",
            "BOOTSTRAP_ADMIN_PASSWORD is the one of every shop in development",
            "JWT_SIGNING_KEY_FILE names a file that everybody on the machine may use (mode 644)",
        ] {
            assert!(all.contains(sentence), "{all}");
        }
    }
}
