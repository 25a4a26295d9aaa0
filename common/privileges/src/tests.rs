//! The rules against what else knows of them: the contracts, and the files in `infra/`.

use std::{collections::BTreeSet, env, fs, path::Path};

use contracts::catalogue::catalogue;

use super::{SERVICES, Shop, mongodb, nats, redis};

#[test]
fn a_service_may_say_what_the_contracts_say_it_says() {
    for service in &SERVICES {
        let entries = catalogue().into_iter().filter(|entry| entry.speaker == service.name);
        let contracted: BTreeSet<_> = entries.map(|entry| entry.category).collect();
        assert_eq!(service.says.iter().copied().collect::<BTreeSet<_>>(), contracted, "{}", service.name);
    }
    let speakers: BTreeSet<_> = catalogue().iter().map(|entry| entry.speaker).collect();
    assert_eq!(speakers.len(), SERVICES.len());
}

/// `RENDER=new cargo test -p privileges` writes them.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever changed the rules says so")]
fn the_files_in_infra_are_the_rules() {
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra");
    let files = [
        ("nats/users.conf", nats::settings(Shop::Deployed)),
        ("redis/users.acl", redis::access_list(Shop::Deployed, |variable| format!("${{{variable}}}"))),
        ("mongodb/users.js", mongodb::script()),
    ];
    for (name, text) in files {
        let file = infra.join(name);
        if env::var("RENDER").is_ok_and(|render| render == "new") {
            fs::write(&file, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap_or_default(), text, "{name}; RENDER=new writes it anew");
    }
}

#[test]
fn what_breaks_and_measures_is_known_on_a_developers_machine_alone() {
    for text in
        [nats::settings(Shop::Deployed), redis::access_list(Shop::Deployed, str::to_owned), mongodb::script()]
    {
        assert!(!text.contains("rig") && !text.contains("RIG"), "{text}");
    }
}
