//! Changing keys: published before it signs, needed until the last token is over, and cut off at any step.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use futures::FutureExt as _;
use runtime::{RandomIds, Runtime, TokioTasks};
use serde_json::{Value, json};
use tempfile::TempDir;
use testing::ManualClock;

use crate::keys::{
    JWKS_FILE, KeyPair, KeysError, NEXT_KEY_FILE, PUBLISHED_FOR, SIGNING_KEY_FILE, SigningKey, Standing,
    list, make, retire, rotate,
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// 15 minutes and one.
const NEEDED: Duration = Duration::from_secs(16 * 60);

struct Keys {
    folder: TempDir,
    clock: ManualClock,
    runtime: Runtime,
}

impl Keys {
    fn new() -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), ManualClock::at(NOW));
        make(folder.path()).unwrap();
        let runtime =
            Runtime::new(Arc::new(clock.clone()), Arc::new(RandomIds), Arc::new(TokioTasks::default()));
        Self { folder, clock, runtime }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn rotate(&self) -> String {
        let rotating = rotate(self.path(), PUBLISHED_FOR, &self.runtime);
        let (rotated, ()) = futures::join!(rotating, self.clock.pass(PUBLISHED_FOR));
        rotated.unwrap()
    }

    fn signing(&self) -> String {
        KeyPair::read(&self.path().join(SIGNING_KEY_FILE)).unwrap().id
    }

    fn standings(&self) -> Vec<(String, Standing)> {
        list(self.path()).unwrap().into_iter().map(|key| (key.id, key.standing)).collect()
    }

    fn open(&self) -> SigningKey {
        SigningKey::open(&self.path().join(SIGNING_KEY_FILE), &self.path().join(JWKS_FILE)).unwrap()
    }
}

#[tokio::test]
async fn a_new_key_signs_and_the_old_one_is_needed_until_its_last_token_is_over() {
    let keys = Keys::new();
    let old = keys.signing();
    let new = keys.rotate().await;
    assert_eq!(keys.signing(), new);
    let until = NOW + PUBLISHED_FOR + NEEDED;
    assert_eq!(keys.standings(), [(old.clone(), Standing::Until(until)), (new.clone(), Standing::Signs)]);
    assert!(!keys.path().join(NEXT_KEY_FILE).exists());

    let just_before = until - Duration::from_millis(1);
    assert_eq!(retire(keys.path(), just_before, false).unwrap(), [""; 0]);
    assert_eq!(retire(keys.path(), until, false).unwrap(), [old]);
    assert_eq!(keys.standings(), [(new, Standing::Signs)]);
}

#[tokio::test]
async fn a_key_is_published_before_it_signs() {
    let keys = Keys::new();
    let old = keys.signing();
    let rotating = rotate(keys.path(), PUBLISHED_FOR, &keys.runtime);
    let watching = async {
        keys.clock.pass(PUBLISHED_FOR - Duration::from_millis(1)).await;
        let standings = keys.standings();
        assert_eq!(standings[0], (old.clone(), Standing::Signs));
        assert_eq!((standings.len(), standings[1].1), (2, Standing::Next));
        keys.clock.pass(Duration::from_millis(1)).await;
    };
    let (rotated, ()) = futures::join!(rotating, watching);
    assert_ne!(rotated.unwrap(), old);
}

#[tokio::test]
async fn a_rotation_that_was_cut_off_is_gone_on_with() {
    let keys = Keys::new();
    let old = keys.signing();
    let cut_off = rotate(keys.path(), PUBLISHED_FOR, &keys.runtime);
    assert!(cut_off.now_or_never().is_none());
    let next = keys.standings()[1].0.clone();
    assert_eq!(keys.signing(), old);
    assert_eq!(keys.rotate().await, next);
    assert_eq!(keys.standings().len(), 2);

    // Cut off before the public half was written.
    let cut_off = rotate(keys.path(), PUBLISHED_FOR, &keys.runtime);
    let before = fs::read(keys.path().join(JWKS_FILE)).unwrap();
    assert!(cut_off.now_or_never().is_none());
    fs::write(keys.path().join(JWKS_FILE), before).unwrap();
    let third = keys.rotate().await;
    assert_eq!((keys.standings().len(), keys.signing()), (3, third));

    // Cut off before it was noted until when the old one is needed.
    let path = keys.path().join(JWKS_FILE);
    let mut set: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    set["keys"][1].as_object_mut().unwrap().remove("exp").unwrap();
    fs::write(&path, set.to_string()).unwrap();
    assert_eq!(keys.standings()[1].1, Standing::Old);
    retire(keys.path(), NOW, false).unwrap();
    assert_eq!(keys.standings()[1].1, Standing::Until(NOW + NEEDED));
}

#[tokio::test]
async fn a_key_that_was_stolen_is_withdrawn_at_once() {
    let keys = Keys::new();
    let old = keys.signing();
    let new = keys.rotate().await;
    assert_eq!(retire(keys.path(), NOW, true).unwrap(), [old]);
    assert_eq!(retire(keys.path(), NOW, true).unwrap(), [""; 0], "the one that signs stays");
    assert_eq!(keys.standings(), [(new, Standing::Signs)]);
}

#[tokio::test]
async fn nobody_changes_keys_while_somebody_else_does() {
    let keys = Keys::new();
    let mut rotating = Box::pin(rotate(keys.path(), PUBLISHED_FOR, &keys.runtime));
    assert!(rotating.as_mut().now_or_never().is_none());
    let second = rotate(keys.path(), PUBLISHED_FOR, &keys.runtime).await;
    assert!(matches!(second, Err(KeysError::InRotation { .. })));
    assert!(matches!(retire(keys.path(), NOW, true), Err(KeysError::InRotation { .. })));
    drop(rotating);
    assert!(retire(keys.path(), NOW, true).is_ok());
}

#[tokio::test]
async fn what_others_keep_in_the_set_stays() {
    let keys = Keys::new();
    let path = keys.path().join(JWKS_FILE);
    let mut set: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let theirs = json!({ "kty": "EC", "crv": "P-256", "kid": "theirs", "x5c": ["MIIB"] });
    set["keys"].as_array_mut().unwrap().push(theirs.clone());
    set["note"] = json!("theirs too");
    fs::write(&path, set.to_string()).unwrap();
    keys.rotate().await;
    retire(keys.path(), NOW, true).unwrap();
    let set: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!((&set["note"], &set["keys"][0]), (&json!("theirs too"), &theirs));
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn auth_signs_with_another_key_within_a_second_and_without_a_restart() {
    let keys = Keys::new();
    let (old, key) = (keys.signing(), keys.open());
    assert_eq!(key.current(NOW).id, old);
    let new = keys.rotate().await;
    assert_eq!(key.current(NOW + Duration::from_millis(999)).id, old);
    assert_eq!(key.current(NOW + Duration::from_secs(1)).id, new);
}

#[tokio::test]
async fn auth_never_signs_with_a_key_that_nobody_knows() {
    let (keys, other) = (Keys::new(), Keys::new());
    let (old, key) = (keys.signing(), keys.open());
    let at = |second: u64| key.current(NOW + Duration::from_secs(second)).id.clone();
    assert_eq!(at(0), old);
    let file = keys.path().join(SIGNING_KEY_FILE);
    let theirs = fs::read(other.path().join(SIGNING_KEY_FILE)).unwrap();
    for (second, text) in [(1, &theirs[..]), (2, b"no key"), (3, b"")] {
        fs::write(keys.path().join("unfinished"), text).unwrap();
        fs::rename(keys.path().join("unfinished"), &file).unwrap();
        assert_eq!(at(second), old);
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(at(4), old);

    // As soon as it is published it is as good as any.
    fs::write(&file, &theirs).unwrap();
    assert_eq!(at(5), old);
    fs::copy(other.path().join(JWKS_FILE), keys.path().join(JWKS_FILE)).unwrap();
    assert_eq!(at(6), other.signing());
}
