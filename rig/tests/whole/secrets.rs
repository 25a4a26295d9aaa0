//! Each process knows its own secrets and no other's, and nobody writes any of them down.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rig::{Checked, Listing, Options};

use crate::{SOON, seller_and_buyer, shop};

/// What the process was told.
fn environment(shop: &Checked, process: &str) -> BTreeMap<String, String> {
    let id = fs::read_to_string(shop.folder().join("run").join(format!("{process}.pid"))).unwrap();
    let text = fs::read(format!("/proc/{}/environ", id.trim())).unwrap();
    let text = String::from_utf8_lossy(&text).into_owned();
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn passwords(shop: &Checked) -> BTreeMap<String, String> {
    let text = fs::read_to_string(shop.folder().join("keys/passwords.env")).unwrap();
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn each_process_knows_its_own_secrets_and_nobody_writes_them_down() {
    let shop = shop(Options::default()).await;
    let passwords = passwords(&shop);
    let stripe = shop.processes().secrets().stripe_secret_key.clone();
    let codes = fs::read_to_string(&shop.processes().secrets().ticket_codes).unwrap().trim().to_owned();
    for service in ["auth", "tickets", "orders", "payments", "expiration", "replay"] {
        let told = environment(&shop, service);
        let upper = service.to_uppercase();
        for (name, password) in &passwords {
            let knows = told.values().any(|value| value.contains(password));
            // Who runs `stagedoor-replay` asks Redis as `replay`; its server does not, and is not told how.
            let server =
                name.strip_prefix(&upper).and_then(|rest| rest.strip_prefix('_')?.strip_suffix("_PASSWORD"));
            let is_its_own = server.is_some_and(|server| told.contains_key(&format!("{server}_URL")));
            assert_eq!(knows, is_its_own, "{service} and {name}");
        }
        let knows_stripe = told.values().any(|value| value.contains(&stripe));
        assert_eq!(knows_stripe, service == "payments", "{service} and the card processor's key");
        for (name, whose) in [
            ("JWT_SIGNING_KEY_FILE", "auth"),
            ("BOOTSTRAP_ADMIN_PASSWORD", "auth"),
            ("TICKET_CODE_KEY_FILE", "tickets"),
        ] {
            assert_eq!(told.contains_key(name), service == whose, "{service} and {name}");
        }
    }

    // With something to be logged.
    let (seller, buyer) = seller_and_buyer(&shop).await;
    let ticket = seller.lists(&Listing::any()).await.unwrap();
    let order = buyer.gets(ticket).await.unwrap();
    buyer.pays(order, "pm_card_visa").await.unwrap().expect(201, "paying").unwrap();
    shop.processes().kill("nats").unwrap();
    shop.is_back("nats", SOON).await.unwrap();
    buyer.order_becomes(order, "complete", SOON).await.unwrap();
    let secrets = passwords.values().chain([&stripe, &codes]);
    for file in files(&shop.folder().join("log")).into_iter().chain(files(&shop.folder().join("run"))) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        let written = secrets.clone().filter(|secret| text.contains(*secret)).count();
        assert_eq!(written, 0, "{}", file.display());
    }
}
