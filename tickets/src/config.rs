//! All that the environment decides for tickets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use service::config::{Common, ConfigError, Environment};

const CODE_KEY: &str = "TICKET_CODE_KEY_FILE";

/// The settings of tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What every service reads.
    pub common: Common,
    /// `TICKET_CODE_KEY_FILE`: what the codes of sold tickets are signed with, 32 random bytes in hex or base64. Of
    /// several lines the first signs, and what the others signed stays good. Read at the start.
    pub code_key_file: PathBuf,
}

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let common = Common::read(&mut environment, crate::SERVICE);
        let code_key_file = environment.require(CODE_KEY);
        if environment.is_production() {
            refuse_what_others_know(&mut environment);
        }
        environment.finish(|| Some(Self { common: common?, code_key_file: code_key_file? }))
    }
}

/// Whoever reads the key can let anybody in. A file that is not there is reported by whoever reads it.
fn refuse_what_others_know(environment: &mut Environment) {
    let metadata = environment.optional::<PathBuf>(CODE_KEY).and_then(|file| fs::metadata(file).ok());
    if let Some(mode) = metadata.map(|metadata| metadata.permissions().mode() & 0o777)
        && mode & 0o007 != 0
    {
        let problem = format!("names a file that everybody on the machine may use (mode {mode:o})");
        environment.fault(CODE_KEY, problem);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use service::config::Environment;

    use super::Config;

    const REQUIRED: [(&str, &str); 4] = [
        ("NATS_URL", "nats://127.0.0.1:4222"),
        ("MONGODB_URL", "mongodb://127.0.0.1:27017"),
        ("JWKS_FILE", "jwks.json"),
        ("PUBLIC_ORIGIN", "https://stagedoor.example"),
    ];

    fn faults(more: &[(&str, &str)]) -> String {
        let read = Config::read(REQUIRED.iter().chain(more).copied().collect::<Environment>());
        read.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn there_is_no_door_without_a_key() {
        assert!(faults(&[]).contains("TICKET_CODE_KEY_FILE is not set"));
        assert_eq!(faults(&[("TICKET_CODE_KEY_FILE", "codes.key")]), "");
    }

    #[test]
    fn production_starts_with_no_key_that_others_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("codes.key");
        fs::write(&key, "").unwrap();
        let file = ("TICKET_CODE_KEY_FILE", key.to_str().unwrap());
        for (mode, is_refused) in [(0o644, true), (0o604, true), (0o640, false), (0o600, false)] {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            let said = faults(&[("STAGEDOOR_ENV", "production"), file]);
            let sentence = format!("everybody on the machine may use (mode {mode:o})");
            assert_eq!(said.contains(&sentence), is_refused, "{said}");
            assert_eq!(said.is_empty(), !is_refused, "{said}");
            assert_eq!(faults(&[file]), "");
        }
    }
}
