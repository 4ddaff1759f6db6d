//! Which answers of the agent's last dry run may be given to ours again, so that nothing is written to the test account
//! twice.
//!
//! A create or a delete that is sent again leaves a second event behind, or fails because the first one did its work. The
//! answer to the very same request is on the tape already, so it proves as much when it is given again. It is, when the
//! function has not been touched since that dry run began, and the tape holds every answer of it whole.

use crate::domain::spec::Spec;
use crate::domain::tape::{Exchange, Phase, Tape};
use crate::domain::transcript::Transcript;

use super::dry_run::last_good_dry_run;

/// The exchanges of that dry run in their order; none when it wrote nothing, or when it proves nothing about this source.
/// `touched_ms` is when the function's file was last touched, in milliseconds since the epoch.
pub fn replayable(
    spec: &Spec,
    transcript: &Transcript,
    tape: &Tape,
    touched_ms: i64,
) -> Vec<Exchange> {
    let Some((call, _)) = last_good_dry_run(spec, transcript) else {
        return Vec::new();
    };
    if touched_ms >= call.started_ms {
        return Vec::new();
    }
    let exchanges: Vec<Exchange> = tape
        .of(Phase::Agent)
        .filter(|exchange| (call.started_ms..=call.ended_ms).contains(&exchange.at_ms))
        .filter(|exchange| exchange.asked_provider())
        .cloned()
        .collect();
    let wrote = |exchange: &Exchange| exchange.writes() && exchange.is_granted();
    if exchanges.iter().any(wrote) && exchanges.iter().all(is_whole) {
        exchanges
    } else {
        Vec::new()
    }
}

/// Whether all of the answer is there to be given again.
fn is_whole(exchange: &Exchange) -> bool {
    let body = &exchange.response;
    body.bytes == 0 || (body.text.is_some() && !body.cut && !exchange.response_headers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::sample::{self, EVENT, EVENTS, Sample};

    const DRY_RUN: &str = "nango dryrun create-event test --save";

    /// An agent that created an event in its last dry run, one second after it wrote the function.
    fn created() -> (Sample, i64) {
        let mut sample = sample::action();
        sample.bash(DRY_RUN, 0, "");
        let (started, ended) = {
            let (_, call) = sample.transcript.tool_calls().last().expect("a call");
            (call.started_ms, call.ended_ms)
        };
        sample.exchange(Phase::Agent, "POST", EVENTS, 200, EVENT);
        let exchange = sample.tape.exchanges.last_mut().expect("an exchange");
        exchange.at_ms = i64::midpoint(started, ended);
        exchange
            .response_headers
            .insert("content-type".into(), "application/json".into());
        (sample, started - 1_000)
    }

    fn seqs(sample: &Sample, touched_ms: i64) -> Vec<u32> {
        let found = replayable(
            &sample.seal.spec,
            &sample.transcript,
            &sample.tape,
            touched_ms,
        );
        found.iter().map(|exchange| exchange.seq).collect()
    }

    #[test]
    fn what_the_untouched_function_wrote_need_not_be_written_again() {
        let (sample, touched) = created();
        let last = sample.tape.exchanges.len() as u32;
        assert_eq!(seqs(&sample, touched), [last]);
    }

    #[test]
    fn a_function_that_was_touched_since_is_another() {
        let (sample, touched) = created();
        assert!(seqs(&sample, touched + 1_000).is_empty());
        assert!(seqs(&sample, touched + 9_000).is_empty());
    }

    #[test]
    fn what_is_not_whole_on_the_tape_is_asked_again() {
        let cut = |exchange: &mut Exchange| exchange.response.cut = true;
        let binary = |exchange: &mut Exchange| exchange.response.text = None;
        let headless = |exchange: &mut Exchange| exchange.response_headers.clear();
        let reads = |exchange: &mut Exchange| exchange.method = "GET".into();
        let failed = |exchange: &mut Exchange| exchange.status = 409;
        let ours = |exchange: &mut Exchange| exchange.phase = Phase::CleanRoom;
        let earlier = |exchange: &mut Exchange| exchange.at_ms -= 10_000;
        let refused = |exchange: &mut Exchange| exchange.refused = Some("no".into());
        let changes: [&dyn Fn(&mut Exchange); 8] = [
            &cut, &binary, &headless, &reads, &failed, &ours, &earlier, &refused,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let (mut sample, touched) = created();
            change(sample.tape.exchanges.last_mut().expect("an exchange"));
            assert!(seqs(&sample, touched).is_empty(), "{number}");
        }
    }

    #[test]
    fn only_the_last_dry_run_that_ended_well_counts() {
        let (mut sample, touched) = created();
        sample.bash(DRY_RUN, 12, "An error occurred during execution");
        assert_eq!(seqs(&sample, touched).len(), 1);
        sample.bash(DRY_RUN, 0, "");
        assert!(seqs(&sample, touched).is_empty(), "this one wrote nothing");
    }
}
