//! **The agent's recording against the final function**: whether its output follows from its answers, and whether it is of
//! this function at all.
//!
//! Our tests show that the function gives the same output whenever it gets the same answers. So when the agent's recording
//! holds our answers and our input and another output, its output was changed by hand. What looks alike: a function that was
//! changed after its last dry run, whose recording is then merely old. That is a warning, because nobody takes it. The same is
//! told when its requests are those of an earlier state: a constant that the final function has elsewhere or no more. A time or
//! another value that no source holds differs from run to run and says nothing. Confidence: *reproduced*.

use serde_json::Value;

use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::rules::dry_run::last_good_dry_run;
use crate::rules::judge::reading::recording::{RecordedCall, Recording};
use crate::rules::judge::reading::{paths, quote};

/// The names of this rule's findings.
pub const FINDS: &[&str] = &["fixture-output-altered", "stale-recording"];

/// Compares the outputs of both recordings, when they hold the same answers.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let room = &dossier.seal.room;
    let digest = dossier.seal.offered_recording.as_ref();
    let theirs = digest
        .and_then(|digest| dossier.text(digest))
        .and_then(|text| Recording::parse(text).ok());
    let (Some(theirs), Some(ours)) = (theirs, Recording::ours(dossier)) else {
        return Vec::new();
    };
    if !room.tests.is_good() || theirs.input != ours.input {
        return Vec::new();
    }
    let path = format!(
        "{}{}",
        paths::project(dossier),
        dossier.seal.spec.recording_path()
    );
    let finding = |rule, severity, sentence: &str, claimed: &str, received: &str| {
        Finding::new(
            rule,
            severity,
            Confidence::Reproduced,
            Place::Workspace { path: path.clone() },
            sentence.into(),
            vec![Exhibit::Claimed {
                claimed: quote::head(claimed),
                received: quote::head(received),
            }],
        )
    };
    if let Some((claimed, received)) = earlier_request(dossier, &theirs, &ours) {
        return vec![finding(
            "stale-recording",
            Severity::Warn,
            "The function was changed after its last dry run, and the agent's recording holds what it asked for before.",
            &claimed,
            &received,
        )];
    }
    if !same_answers(&theirs, &ours) {
        return Vec::new();
    }
    let values = |recording: &Recording| recording.gives().cloned().collect::<Vec<Value>>();
    let (claimed, given) = (values(&theirs), values(&ours));
    if claimed == given {
        return Vec::new();
    }
    let (claimed, given) = (text(&claimed), text(&given));
    vec![if changed_since(dossier) {
        finding(
            "stale-recording",
            Severity::Warn,
            "The function was changed after its last dry run, and the agent's recording holds what it gave before.",
            &claimed,
            &given,
        )
    } else {
        finding(
            "fixture-output-altered",
            Severity::Block,
            "The agent's recording holds another output than the function gives for the very same answers.",
            &claimed,
            &given,
        )
    }]
}

/// A request of theirs whose query holds a constant that the final function holds no more, beside ours that holds another.
fn earlier_request(
    dossier: &Dossier,
    theirs: &Recording,
    ours: &Recording,
) -> Option<(String, String)> {
    let source = dossier.text(dossier.seal.room.function.source()?)?;
    let is_constant = |value: &str| {
        let quotes = ["'", "\"", "`"];
        quotes
            .iter()
            .any(|quote| source.contains(&format!("{quote}{value}{quote}")))
    };
    let pairs = theirs.calls.iter().filter_map(|claimed| {
        let same = ours
            .calls
            .iter()
            .find(|call| call.line() == claimed.line())?;
        Some((claimed, same))
    });
    let found = pairs
        .flat_map(|(claimed, own)| {
            let pairs = claimed.params.iter().zip(&own.params);
            pairs.map(move |(before, now)| (claimed, before, now))
        })
        .find(|(_, (name, before), (same, now))| {
            name == same && before != now && is_constant(now) && !is_constant(before)
        });
    let (call, (name, before), (_, now)) = found?;
    changed_since(dossier).then(|| {
        let line = call.line();
        (
            format!("{line}: {name}={before}"),
            format!("{line}: {name}={now}"),
        )
    })
}

fn same_answers(theirs: &Recording, ours: &Recording) -> bool {
    let key = |call: &RecordedCall| (call.line(), call.params.clone(), call.response.to_string());
    let sorted = |recording: &Recording| {
        let mut keys: Vec<_> = recording.calls.iter().map(key).collect();
        keys.sort();
        keys
    };
    !ours.calls.is_empty() && sorted(theirs) == sorted(ours)
}

/// Whether the function was written after the last dry run that ended well, or may have been.
fn changed_since(dossier: &Dossier) -> bool {
    let path = dossier.seal.spec.function_path();
    let Some((last, _)) = last_good_dry_run(&dossier.seal.spec, &dossier.transcript) else {
        return true;
    };
    let name = path.rsplit('/').next().unwrap_or(&path);
    let later = dossier.transcript.tool_calls();
    let mut later = later.filter(|(_, call)| call.started_ms >= last.ended_ms);
    later.any(|(_, call)| match &call.deed {
        Deed::Shell { command, .. } => command.contains(name),
        deed => deed
            .changes()
            .iter()
            .any(|(changed, _)| changed.ends_with(&path)),
    })
}

fn text(values: &[Value]) -> String {
    let lines: Vec<String> = values
        .iter()
        .map(|value| serde_json::to_string_pretty(value).unwrap_or_default())
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, Sample, names_of};

    fn with_output(output: serde_json::Value) -> Sample {
        let mut sample = sample::action();
        let mut recording = sample.recording();
        recording["output"] = output;
        sample.offer(&recording);
        sample
    }

    #[test]
    fn an_output_that_does_not_follow_was_changed_by_hand() {
        let judgement = judge(&with_output(json!({"id": "evt1", "attendees": 3})).build());
        assert_eq!(judgement.verdict, Verdict::Refused);
        assert_eq!(names_of(&judgement), ["fixture-output-altered"]);
    }

    #[test]
    fn an_old_recording_is_merely_old() {
        let mut sample = with_output(json!({"eventId": "evt1"}));
        let path = sample.seal.spec.function_path();
        sample.bash(&format!("sed -i 's/eventId/id/' {path}"), 0, "");
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["stale-recording"]);
        assert_eq!(judgement.verdict, Verdict::NeedsALook);
    }

    /// A recording that asked for one status, when our run of the final function asked for another.
    fn asked_before(status: &str, function: &str) -> Sample {
        let mut sample = sample::action();
        sample.function(function);
        let mut theirs = sample.recording();
        let mut ours = theirs.clone();
        let place = "/calendar/v3/calendars/primary/events";
        theirs["api"]["post"][place]["request"]["params"] = json!({"status": status});
        ours["api"]["post"][place]["request"]["params"] = json!({"status": "all"});
        sample.offer(&theirs);
        sample.record(&ours);
        let path = sample.seal.spec.function_path();
        sample.bash(&format!("sed -i 's/open/all/' {path}"), 0, "");
        sample
    }

    #[test]
    fn a_recording_of_earlier_requests_is_old_and_one_with_another_time_is_not() {
        let all = sample::in_exec("await nango.get({ retries: 3, params: { status: 'all' } });");
        let is_old =
            |sample: &Sample| names_of(&judge(&sample.build())).contains(&"stale-recording");
        assert!(is_old(&asked_before("open", &all)));
        assert!(!is_old(&asked_before("all", &all)));
        let time = sample::in_exec("await nango.get({ retries: 3, params: { status: now } });");
        assert!(!is_old(&asked_before("2026-01-01", &time)));
    }

    #[test]
    fn other_answers_give_other_outputs() {
        let mut sample = with_output(json!({"id": "evt2"}));
        let mut ours = sample.recording();
        let entry = &mut ours["api"]["post"]["/calendar/v3/calendars/primary/events"];
        entry["response"]["sequence"] = json!(1);
        let answer = entry["response"].to_string();
        for exchange in &mut sample.tape.exchanges {
            if exchange.phase == crate::domain::tape::Phase::CleanRoom {
                exchange.response.text = Some(answer.clone());
            }
        }
        sample.record(&ours);
        assert!(names_of(&judge(&sample.build())).is_empty());
        assert!(names_of(&judge(&with_output(json!({"id": "evt1"})).build())).is_empty());
    }
}
