//! The table of events in ARCHITECTURE.md: who says what by the catalogue of the contract, who hears it by the services'
//! policies.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, bail};

const BEGIN: &str = "<!-- events: written by `cargo xtask check --update` -->";
const END: &str = "<!-- end of events -->";

/// By category and type of event: the services whose policies hear it.
type Hearers = BTreeMap<(String, String), BTreeSet<String>>;

/// What is wrong with the document, if something is.
pub(super) fn fault(root: &Path, document: &str) -> Option<String> {
    match replace(document, &hearers(root)) {
        None => Some(format!("ARCHITECTURE.md has no place for the events: a line {BEGIN} and a line {END}")),
        Some(written) if written == document => None,
        Some(_) => {
            Some("ARCHITECTURE.md's events are not the code's; run `cargo xtask check --update`".to_owned())
        }
    }
}

pub(super) fn update(root: &Path) -> anyhow::Result<()> {
    let file = root.join("ARCHITECTURE.md");
    let document = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    let Some(written) = replace(&document, &hearers(root)) else {
        bail!("ARCHITECTURE.md has no lines {BEGIN} and {END}")
    };
    fs::write(&file, written).with_context(|| format!("could not write {}", file.display()))
}

fn replace(document: &str, hearers: &Hearers) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}{END}{after}", table(hearers)))
}

fn table(hearers: &Hearers) -> String {
    let rows = contracts::catalogue::catalogue().into_iter().map(|entry| {
        let event_type = entry.example.event_type();
        let heard_by = hearers.get(&(entry.category.to_owned(), event_type.to_owned()));
        let heard_by = heard_by.map(|services| services.iter().cloned().collect::<Vec<_>>().join(", "));
        let (speaker, category) = (entry.speaker, entry.category);
        let heard_by = heard_by.unwrap_or_default();
        format!("| {speaker} | `events.{category}.<id>.{event_type}` | {heard_by} |\n")
    });
    format!("| said by | subject | heard by |\n|---|---|---|\n{}", rows.collect::<String>())
}

/// Reads the list `HEARS` of each service's `policies.rs`, which the service's own tests compare with what it does.
fn hearers(root: &Path) -> Hearers {
    let mut hearers = Hearers::new();
    let speakers: BTreeSet<_> =
        contracts::catalogue::catalogue().into_iter().map(|entry| entry.speaker).collect();
    for service in speakers {
        let source = fs::read_to_string(root.join(service).join("src/policies.rs")).unwrap_or_default();
        for event in heard(&source) {
            hearers.entry(event).or_default().insert(service.to_owned());
        }
    }
    hearers
}

fn heard(source: &str) -> Vec<(String, String)> {
    let list = source
        .split_once("const HEARS")
        .and_then(|(_, rest)| rest.split_once(';'))
        .map_or("", |(list, _)| list);
    let words: Vec<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    words.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{BEGIN, END, fault, heard, hearers, replace};

    #[test]
    fn a_stale_table_is_found_and_written_anew() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let stale = format!("# Map\n{BEGIN}\n| old |\n{END}\nThe rest.\n");
        assert!(fault(&root, &stale).unwrap().contains("not the code's"));
        let written = replace(&stale, &hearers(&root)).unwrap();
        assert_eq!(fault(&root, &written), None);
        assert!(
            written.contains("| orders | `events.order.<id>.OrderCreated` | expiration, tickets |"),
            "{written}"
        );
        assert!(written.starts_with("# Map\n") && written.ends_with("\nThe rest.\n"));
        assert!(fault(&root, "# Map\n").unwrap().contains("no place"));
    }

    #[test]
    fn what_a_service_hears_is_read_from_its_policies() {
        let source = "pub const HEARS: &[(&str, &str)] =\n    &[(\"order\", \"OrderCreated\"), (\"timer\", \"OrderExpired\")];\n\"other\"";
        let pair = |category: &str, event: &str| (category.to_owned(), event.to_owned());
        assert_eq!(heard(source), [pair("order", "OrderCreated"), pair("timer", "OrderExpired")]);
        assert!(heard("").is_empty());
    }
}
