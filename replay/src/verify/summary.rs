//! What was found, told to who asked: each fault in a sentence, the first ones with what differs, and how much there was.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::checking::Report;
use super::fault::{Fault, Kind};
use crate::Failure;
use crate::terminal::Terminal;

/// So many are shown with all that differs, and of the others only the sentence.
const SHOWN: usize = 5;
/// More fields tell no more.
const FIELDS: usize = 20;

const WRONG: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// Fails where anything is not as it should be.
pub(super) fn tell(report: &Report, is_json: bool, terminal: &mut Terminal) -> Result<(), Failure> {
    if is_json {
        in_json(report, terminal)?
    } else {
        in_words(report, terminal)?
    }
    match report.findings.total() {
        0 => Ok(()),
        1 => Err(Failure::Found("1 thing is not as it should be".to_owned())),
        total => Err(Failure::Found(format!("{total} things are not as they should be"))),
    }
}

fn in_words(report: &Report, out: &mut Terminal) -> Result<(), Failure> {
    let findings = &report.findings;
    for (number, fault) in findings.faults.iter().enumerate() {
        one(fault, WRONG, number < SHOWN, out)?;
    }
    for (number, fault) in findings.warnings.iter().enumerate() {
        one(fault, WARNING, number < SHOWN, out)?;
    }
    let not_told = findings.total() - findings.faults.len() as u64;
    if not_told > 0 {
        writeln!(out, "… and {not_told} more")?;
    }
    if !findings.faults.is_empty() || !findings.warnings.is_empty() {
        writeln!(out)?;
    }
    let seconds = report.took.as_secs_f64();
    let rate = |count: u64| if seconds > 0.0 { (count as f64 / seconds) as u64 } else { count };
    if report.aggregates > 0 {
        writeln!(
            out,
            "{} aggregates with {} events in the stores",
            report.aggregates, report.events_in_stores
        )?;
    }
    if report.events_on_stream > 0 {
        writeln!(out, "{} events on the stream", report.events_on_stream)?;
    }
    let events = report.events_in_stores.max(report.events_on_stream);
    writeln!(out, "{seconds:.1} s, {} events a second", rate(events))?;
    if report.audit_entries > 0 || report.open_timers > 0 {
        writeln!(
            out,
            "{} entries of the audit trail and {} timers follow from them",
            report.audit_entries, report.open_timers
        )?;
    }
    if findings.total() == 0 {
        let warned = match findings.warned {
            0 => String::new(),
            1 => ", but one thing waits for long".to_owned(),
            warned => format!(", but {warned} things wait for long"),
        };
        writeln!(out, "{GOOD}all is as it should be{warned}{GOOD:#}")?;
    } else {
        let by_kind = |(kind, count): (&Kind, &u64)| format!("{count} {kind}");
        let counts: Vec<String> = findings.counts.iter().map(by_kind).collect();
        writeln!(out, "{WRONG}not all is as it should be: {}{WRONG:#}", counts.join(", "))?;
    }
    Ok(())
}

fn one(fault: &Fault, style: Style, is_whole: bool, out: &mut Terminal) -> Result<(), Failure> {
    writeln!(out, "{style}{}{style:#}: {}", fault.kind, fault.what)?;
    if is_whole {
        for difference in fault.differences.iter().take(FIELDS) {
            writeln!(out, "    {difference}")?;
        }
        if fault.differences.len() > FIELDS {
            writeln!(out, "    … and {} more fields", fault.differences.len() - FIELDS)?;
        }
    }
    Ok(())
}

fn in_json(report: &Report, out: &mut Terminal) -> Result<(), Failure> {
    let findings = &report.findings;
    for fault in &findings.faults {
        writeln!(out, "{}", json!({ "fault": fault.to_json() }))?;
    }
    for fault in &findings.warnings {
        writeln!(out, "{}", json!({ "warning": fault.to_json() }))?;
    }
    let counts: serde_json::Map<_, _> =
        findings.counts.iter().map(|(kind, count)| (kind.to_string(), json!(count))).collect();
    let summary = json!({
        "faults": findings.total(),
        "warnings": findings.warned,
        "by_kind": counts,
        "aggregates": report.aggregates,
        "events_in_stores": report.events_in_stores,
        "events_on_stream": report.events_on_stream,
        "passes": report.passes,
        "audit_entries": report.audit_entries,
        "open_timers": report.open_timers,
        "dead_letters": report.dead_letters,
        "seconds": report.took.as_secs_f64(),
    });
    writeln!(out, "{}", json!({ "summary": summary }))?;
    Ok(())
}
