//! What happened in one history, as it is told to people: a line for each event, each fault and each answer, in lanes.

use contracts::EventType;
use eventsourcing::Recorded;
use uuid::Uuid;

/// The lines of a history.
#[derive(Clone, Debug, Default)]
pub struct Story {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    at_us: u64,
    /// Whose lane it stands in; none goes across all.
    lane: Option<String>,
    text: String,
}

impl Story {
    pub fn note(&mut self, at_us: u64, lane: Option<&str>, text: String) {
        self.lines.push(Line { at_us, lane: lane.map(str::to_owned), text });
    }

    pub fn committed<E: EventType>(&mut self, at_us: u64, lane: &str, id: Uuid, recorded: &Recorded<E>) {
        let text = format!("{} v{} {}", recorded.event.event_type(), recorded.version, short(id),);
        self.note(at_us, Some(lane), text);
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Lanes side by side, the latest below.
    pub fn diagram(&self) -> String {
        let mut lanes: Vec<&str> = Vec::new();
        for lane in self.lines.iter().filter_map(|line| line.lane.as_deref()) {
            if !lanes.contains(&lane) {
                lanes.push(lane);
            }
        }
        lanes.sort_unstable();
        let width = lanes.iter().map(|lane| lane.len()).max().unwrap_or(0).max(12) + 2;
        let mut diagram = format!("{:>12}  ", "ms");
        for lane in &lanes {
            diagram.push_str(&format!("{lane:<width$}"));
        }
        diagram.push('\n');
        for line in &self.lines {
            diagram.push_str(&format!("{:>12.3}  ", line.at_us as f64 / 1_000.0));
            match line.lane.as_deref().and_then(|lane| lanes.iter().position(|known| *known == lane)) {
                Some(at) => {
                    diagram.push_str(&format!("{:<width$}", "│").repeat(at));
                    diagram.push_str(&format!("● {}", line.text));
                }
                None => diagram.push_str(&format!("── {} ──", line.text)),
            }
            diagram.push('\n');
        }
        diagram
    }
}

/// The end of an id, which tells ids apart that were made in the same millisecond.
pub(crate) fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    text[text.len() - 6..].to_owned()
}
