//! The table of events in ARCHITECTURE.md, written from the code's own catalogue.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, bail};

const BEGIN: &str = "<!-- events: written by `cargo xtask check --update` -->";
const END: &str = "<!-- end of events -->";

/// What is wrong with the document, if something is.
pub(super) fn fault(document: &str) -> Option<String> {
    match replace(document) {
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
    let Some(written) = replace(&document) else { bail!("ARCHITECTURE.md has no lines {BEGIN} and {END}") };
    fs::write(&file, written).with_context(|| format!("could not write {}", file.display()))
}

fn replace(document: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}{END}{after}", table()))
}

fn table() -> String {
    let mut kinds = Vec::<(&str, &str)>::new();
    let mut events = BTreeMap::<(&str, &str), Vec<String>>::new();
    for entry in contracts::catalogue::catalogue() {
        let kind = (entry.speaker, entry.category);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        events.entry(kind).or_default().push(format!("`{}`", entry.example.event_type()));
    }
    let rows = kinds.iter().map(|kind| {
        let (speaker, category) = kind;
        format!("| {speaker} | `events.{category}.<id>.*` | {} |\n", events[kind].join(" "))
    });
    format!("| said by | subject | events |\n|---|---|---|\n{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, fault, replace};

    #[test]
    fn a_stale_table_is_found_and_written_anew() {
        let stale = format!("# Map\n{BEGIN}\n| old |\n{END}\nThe rest.\n");
        assert!(fault(&stale).unwrap().contains("not the code's"));
        let written = replace(&stale).unwrap();
        assert_eq!(fault(&written), None);
        assert!(written.contains("| orders | `events.order.<id>.*` | `OrderCreated`"));
        assert!(written.starts_with("# Map\n") && written.ends_with("\nThe rest.\n"));
        assert!(fault("# Map\n").unwrap().contains("no place"));
    }
}
