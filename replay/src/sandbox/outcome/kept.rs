//! An outcome as a file: a line of JSON that says what it is, then a line for each event and each answer.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Fact, Outcome};
use crate::Failure;

/// A build reads every form up to its own.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Head {
    /// Always `outcome`: by it the file is known.
    stagedoor: String,
    format: u32,
    events: usize,
    answers: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Event(Fact),
    Answer { asked: String, answered: String },
}

impl Outcome {
    pub(crate) fn write(&self, file: &Path) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::File(format!("could not write {}: {error}", file.display()))
        };
        let head = Head {
            stagedoor: "outcome".to_owned(),
            format: FORMAT,
            events: self.facts.len(),
            answers: self.answers.len(),
        };
        let mut text = serde_json::to_string(&head).map_err(|error| failed(&error))?;
        let facts = self.facts.iter().cloned().map(Line::Event);
        let answers = self.answers.iter();
        let answers = answers
            .map(|(asked, answered)| Line::Answer { asked: asked.clone(), answered: answered.clone() });
        for line in facts.chain(answers) {
            text.push('\n');
            text.push_str(&serde_json::to_string(&line).map_err(|error| failed(&error))?);
        }
        text.push('\n');
        let mut opened = fs::File::create(file).map_err(|error| failed(&error))?;
        opened.write_all(text.as_bytes()).map_err(|error| failed(&error))
    }

    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::File(format!("could not open {name}: {error}")))?;
        let broken = |line: usize, why: &dyn std::fmt::Display| {
            Failure::File(format!("{name} is no outcome of a replay: line {line}: {why}"))
        };
        let mut lines = text.lines();
        let head = lines.next().ok_or_else(|| broken(1, &"the file is empty"))?;
        let head: Head = serde_json::from_str(head).map_err(|error| broken(1, &error))?;
        if head.stagedoor != "outcome" {
            return Err(broken(1, &"it says that it is something else"));
        }
        if head.format > FORMAT {
            let newest = format!("its form is {}, and this build reads forms up to {FORMAT}", head.format);
            return Err(broken(1, &newest));
        }
        let mut outcome = Self::default();
        for (number, line) in lines.enumerate() {
            match serde_json::from_str(line).map_err(|error| broken(number + 2, &error))? {
                Line::Event(fact) => outcome.facts.push(fact),
                Line::Answer { asked, answered } => drop(outcome.answers.insert(asked, answered)),
            }
        }
        if (outcome.facts.len(), outcome.answers.len()) != (head.events, head.answers) {
            return Err(broken(1, &"lines are missing"));
        }
        Ok(outcome)
    }
}
