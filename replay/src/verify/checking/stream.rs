//! The stream, message by message: whether it can be read, and what it tells of each aggregate.

use std::collections::BTreeSet;

use contracts::Event;
use indicatif::ProgressBar;
use messaging::{Glimpse, Seen};

use super::{Check, Checking, LOOKED_AT, category, place_of};
use crate::Failure;
use crate::stream::Stream;
use crate::verify::digest::of_seen;
use crate::verify::fault::{Fault, Kind as Wrong};
use crate::verify::told::{Key, Told};

/// Between two steps of the bar.
const STEP: u64 = 4_096;

impl Checking<'_> {
    /// The stream up to `end`, message by message.
    pub(super) async fn pass(
        &mut self,
        stream: &Stream,
        told: &mut Told,
        end: u64,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        let is_first = self.report.passes == 0;
        let (check, is_part, findings) = (self.check, self.sources.is_part, &mut self.report.findings);
        let (mut came, mut expected, mut doubtful) = (0_u64, 1_u64, BTreeSet::new());
        let beyond = &mut self.doubts.beyond;
        let mut each = |glimpse: Glimpse<'_>| {
            came += 1;
            if came.is_multiple_of(STEP) {
                bar.set_position(glimpse.sequence);
            }
            if is_first && !stream.is_over {
                findings.extend(gone(expected, glimpse.sequence));
            }
            expected = glimpse.sequence + 1;
            let (fault, known) = read(&glimpse, check, is_first);
            if is_first {
                findings.extend(fault);
            }
            let Some((category, seen)) = known else { return };
            let (key, event) = (Key { id: seen.id, category }, of_seen(&seen, glimpse.body));
            if !told.note(key, seen.version, event) && !is_part {
                if doubtful.len() < LOOKED_AT {
                    doubtful.insert(key);
                } else {
                    *beyond += 1;
                }
            }
        };
        stream.archive.pass(1, end, &mut each).await?;
        if is_first && !stream.is_over {
            findings.extend(gone(expected, end + 1));
        }
        self.doubts.aggregates.append(&mut doubtful);
        self.report.passes += 1;
        if is_first {
            self.report.events_on_stream = came;
        }
        Ok(())
    }
}

type Known<'a> = (u8, Seen<'a>);

/// What is wrong with a message, and what is known of it all the same; nothing of what was not asked for.
fn read<'a>(glimpse: &Glimpse<'a>, check: &Check, is_first: bool) -> (Option<Fault>, Option<Known<'a>>) {
    let sequence = glimpse.sequence;
    let unreadable = |what: String| Some(Fault::new(Wrong::Unreadable, what).at(sequence));
    let seen = match glimpse.read() {
        Ok(seen) => seen,
        Err(why) => return (unreadable(format!("#{sequence} is no event of ours: {why}")), None),
    };
    let Some(place) = place_of(seen.category) else {
        let what = format!("#{sequence} cannot be read: no aggregate is called {:?}", seen.category);
        return (unreadable(what), None);
    };
    if !check.is_of(category(place).1) {
        return (None, None);
    }
    // Of another pass it was said before.
    let error =
        if is_first { Event::decode(seen.category, seen.event_type, glimpse.body).err() } else { None };
    let fault = error.map(|error| {
        let (event_type, version, of, id) = (seen.event_type, seen.version, seen.category, seen.id);
        let what =
            format!("#{sequence}, {event_type}, version {version} of {of} {id}, cannot be read: {error}");
        Fault::of(Wrong::Unreadable, of, id, what).at(sequence)
    });
    (fault, Some((place, seen)))
}

/// Nothing is ever deleted from a stream.
fn gone(expected: u64, sequence: u64) -> Option<Fault> {
    let last = sequence.saturating_sub(1);
    match last.saturating_sub(expected) {
        _ if sequence <= expected => None,
        0 => Some(Fault::new(Wrong::Missing, format!("#{expected} is gone from the stream")).at(expected)),
        _ => {
            let what = format!("#{expected} to #{last} are gone from the stream");
            Some(Fault::new(Wrong::Missing, what).at(expected))
        }
    }
}
