//! What the clean room gives to a function: what the spec says, or else what the agent says that it used.
//!
//! A spec may leave the input to the agent, so the clean room knows no more than the agent tells. That is no trust: an
//! argument proves nothing by itself, the function has to do with it what the tape then shows, and the report says whose
//! it was.

use serde_json::Value;

use crate::domain::claim::{Claim, ClaimReading};
use crate::domain::deed::Deed;
use crate::domain::dry_run::{DryRunArgument, DryRunArguments, GivenBy};
use crate::domain::limits;
use crate::domain::spec::{Kind, Spec};
use crate::domain::transcript::{ToolCall, Transcript};

use super::judge::reading::shell::{self, Reading, Start};

/// Chooses the arguments. `file` reads what the agent left at a path of its workspace.
pub fn arguments(
    spec: &Spec,
    claim: &ClaimReading,
    transcript: &Transcript,
    file: impl Fn(&str) -> Option<String>,
) -> DryRunArguments {
    let claim = claim.claim();
    let last = last_good_dry_run(spec, transcript).map(|(_, start)| start);
    let choose = |wanted: &Option<Value>, reported: fn(&Claim) -> &Option<Value>, flags| {
        let by = |by| move |value| DryRunArgument { value, by };
        let given = wanted.clone().map(by(GivenBy::Spec));
        given
            .or_else(|| {
                claim
                    .and_then(|claim| reported(claim).clone())
                    .filter(small)
                    .map(by(GivenBy::Report))
            })
            .or_else(|| {
                typed(last.as_ref()?, flags, &file)
                    .filter(small)
                    .map(by(GivenBy::Transcript))
            })
            .filter(|argument| !argument.value.is_null())
    };
    // The CLI takes an input for actions only, and metadata for syncs only. Nango gives an on-event function neither.
    match spec.kind {
        Kind::OnEvent => DryRunArguments::default(),
        Kind::Action => DryRunArguments {
            input: choose(&spec.input, |claim| &claim.input, ["-i", "--input"]),
            metadata: None,
        },
        Kind::Sync => DryRunArguments {
            input: None,
            metadata: choose(
                &spec.metadata,
                |claim| &claim.metadata,
                ["-m", "--metadata"],
            )
            .filter(|metadata| metadata.value.is_object()),
        },
    }
}

fn small(value: &Value) -> bool {
    value.to_string().len() <= limits::DRY_RUN_ARGUMENT_BYTES
}

/// The last dry run of this function that ended well: the tool call, and how it was started.
pub(super) fn last_good_dry_run<'t>(
    spec: &Spec,
    transcript: &'t Transcript,
) -> Option<(&'t ToolCall, Start)> {
    let calls: Vec<_> = transcript.tool_calls().collect();
    calls
        .into_iter()
        .rev()
        .filter(|(_, call)| call.exit == Some(0))
        .take(limits::COMMANDS)
        .find_map(|(_, call)| {
            let Deed::Shell { command, folder } = &call.deed else {
                return None;
            };
            let Reading::Starts(starts) = shell::read(command, folder) else {
                return None;
            };
            let start = starts.into_iter().find(|start| is_dry_run(start, spec))?;
            Some((call, start))
        })
}

fn is_dry_run(start: &Start, spec: &Spec) -> bool {
    let mut operands = start.operands();
    start.program() == "nango"
        && operands.next() == Some("dryrun")
        && operands.any(|name| name == spec.key.name.as_str())
}

/// The value behind one of the flags: JSON, or a file of it behind `@`.
fn typed(start: &Start, flags: [&str; 2], file: impl Fn(&str) -> Option<String>) -> Option<Value> {
    let mut args = start.args().iter();
    let text = args.find_map(|arg| {
        let (name, value) = arg
            .split_once('=')
            .map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
        flags.contains(&name).then(|| value.map(str::to_owned))
    })?;
    let text = text.or_else(|| args.next().cloned())?;
    match text.strip_prefix('@') {
        Some(path) => serde_json::from_str(&file(path.trim_start_matches("./"))?).ok(),
        None => serde_json::from_str(&text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::claim::ClaimStatus;
    use crate::rules::judge::sample;

    fn chosen(sample: &sample::Sample) -> Option<(Value, GivenBy)> {
        let file = |path: &str| (path == "in.json").then(|| r#"{"from":"a file"}"#.to_owned());
        let (spec, claim) = (&sample.seal.spec, &sample.seal.claim);
        let arguments = arguments(spec, claim, &sample.transcript, file);
        arguments.input.map(|input| (input.value, input.by))
    }

    #[test]
    fn the_spec_comes_first_then_the_report_then_what_was_typed() {
        let mut sample = sample::action();
        assert_eq!(chosen(&sample), None);
        sample.bash("nango dryrun other test -i '{\"of\":\"another\"}'", 0, "");
        sample.bash("nango dryrun create-event test -i '{\"typed\":1}'", 0, "");
        sample.bash("nango dryrun create-event test -i '{\"failed\":1}'", 12, "");
        assert_eq!(
            chosen(&sample),
            Some((json!({"typed": 1}), GivenBy::Transcript))
        );
        sample.bash(
            "nango dryrun create-event test --input=@./in.json 2>&1 | tail",
            0,
            "",
        );
        assert_eq!(
            chosen(&sample),
            Some((json!({"from": "a file"}), GivenBy::Transcript))
        );
        sample.say(ClaimStatus::Done, "Done.");
        sample.reports_input(json!({"reported": 1}));
        assert_eq!(
            chosen(&sample),
            Some((json!({"reported": 1}), GivenBy::Report))
        );
        sample.seal.spec.input = Some(json!({"wanted": 1}));
        assert_eq!(chosen(&sample), Some((json!({"wanted": 1}), GivenBy::Spec)));
    }

    #[test]
    fn what_is_too_large_or_no_json_is_not_taken() {
        let mut sample = sample::action();
        sample.bash("nango dryrun create-event test -i $INPUT", 0, "");
        assert_eq!(chosen(&sample), None);
        sample.reports_input(json!("x".repeat(limits::DRY_RUN_ARGUMENT_BYTES)));
        assert_eq!(chosen(&sample), None);
    }
}
