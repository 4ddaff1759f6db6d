//! Every limit that Countersign keeps, in one place. Sizes are bytes unless the name says otherwise.

/// The largest spec, `integration.yaml` or settings file that is read.
pub const SPEC_BYTES: usize = 64 * 1024;
/// Specs in one run; a run that wants more is refused as a whole.
pub const SPECS_PER_RUN: usize = 500;
/// Characters of an interaction's or integration's name.
pub const NAME_CHARS: usize = 80;

/// The largest function source that is taken from an agent.
pub const FUNCTION_BYTES: u64 = 256 * 1024;
/// The largest file of a workspace whose content is kept as evidence; of larger ones only size and hash.
pub const EVIDENCE_FILE_BYTES: u64 = 1024 * 1024;
/// Files of a workspace that are looked at after an attempt; more is a finding by itself.
pub const WORKSPACE_FILES: usize = 2_000;
/// The largest recording that is committed.
pub const RECORDING_BYTES: u64 = 5 * 1024 * 1024;

/// The part of a request or response body that is kept on the tape; the hash always covers all of it.
pub const TAPE_BODY_BYTES: usize = 256 * 1024;
/// The largest body that the witness passes on in either direction.
pub const WIRE_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Exchanges on one tape; after that the witness answers 429 and the attempt is ended.
pub const TAPE_EXCHANGES: usize = 2_000;
/// How long the witness waits for the Nango API, in seconds.
pub const WIRE_SECONDS: u64 = 60;
/// The same request refused (401, 403) this many times ends an attempt as blocked.
pub const REFUSALS_BEFORE_BLOCKED: usize = 2;

/// The part of one tool's output that is kept in a transcript.
pub const TOOL_OUTPUT_BYTES: usize = 32 * 1024;
/// What a program in the clean room may print before the rest is dropped.
pub const PROGRAM_OUTPUT_BYTES: usize = 256 * 1024;

/// Minutes one build may take when nothing else is said.
pub const BUILD_MINUTES: u32 = 15;
/// Dollars one build may cost when nothing else is said.
pub const BUILD_USD: f64 = 1.0;
/// Tokens one build may use when nothing else is said.
pub const BUILD_TOKENS: u64 = 4_000_000;
/// Seconds without any sign of life from an agent before it is given up.
pub const STALL_SECONDS: u64 = 180;
/// Attempts of one build, the first included, when an attempt ends by a fault of ours or of the model's provider.
pub const ATTEMPTS: u32 = 2;
/// Agents at work at once in one run when nothing else is said.
pub const PARALLEL: u16 = 8;
/// Minutes one run may take when nothing else is said.
pub const RUN_MINUTES: u32 = 90;
/// Dollars one run may cost when nothing else is said.
pub const RUN_USD: f64 = 50.0;
/// Runs of one pull request in an hour when nothing else is said.
pub const RUNS_PER_HOUR: u32 = 20;

/// The largest webhook body: GitHub's own cap is 25 MB.
pub const WEBHOOK_BYTES: usize = 26 * 1024 * 1024;
/// Times one job of the queue is tried before it is given up.
pub const JOB_ATTEMPTS: u32 = 5;
/// Seconds a job stays leased to a worker that says nothing more.
pub const LEASE_SECONDS: u64 = 20;

/// GitHub's cap on a comment or review body is 65 536 characters; we stay below it with our marker added.
pub const COMMENT_CHARS: usize = 60_000;
/// GitHub's cap on a check run's summary and text is 65 535 characters each.
pub const CHECK_CHARS: usize = 60_000;
/// Annotations GitHub takes in one request.
pub const ANNOTATIONS_PER_REQUEST: usize = 50;
/// Annotations of one check run in all.
pub const ANNOTATIONS: usize = 200;
/// Inline comments in one review; what is beyond them goes into the review's body.
pub const REVIEW_COMMENTS: usize = 30;
/// Lines of a diff that are shown in a report; the dossier has the rest.
pub const DIFF_LINES: usize = 80;

/// Calls in one recording that are read; as many as a tape holds exchanges.
pub const RECORDED_CALLS: usize = 2_000;
/// The longest shell command of a transcript that is taken apart; a longer one counts as opaque.
pub const COMMAND_BYTES: usize = 32 * 1024;
/// Substitutions, groups and compound commands that one shell command may open and still be taken apart; counted,
/// closed or not, because the parser goes as deep as they nest.
pub const COMMAND_NESTING: usize = 24;
/// Round brackets that may stand where a command may: the parser's time doubles with each that nests.
pub const COMMAND_BRACKETS: usize = 10;
/// The stack on which a shell command is parsed; of its address space only what is used is taken.
pub const PARSER_STACK_BYTES: usize = 64 * 1024 * 1024;
/// Shell commands of one transcript that are taken apart.
pub const COMMANDS: usize = 2_000;
/// Commands of a report that are compared with what was run.
pub const CLAIMED_COMMANDS: usize = 50;
/// Findings of one name in a judgement; what is beyond them is folded into one.
pub const FINDINGS_PER_NAME: usize = 12;
/// Paths that one folded finding names.
pub const PATHS_NAMED: usize = 20;
/// Lines of a file that is compared line by line; of a longer one only size and hash are shown.
pub const DIFFED_LINES: usize = 3_000;
/// Lines of a quotation in a finding.
pub const QUOTE_LINES: usize = 6;
/// Characters of a quotation in a finding.
pub const QUOTE_CHARS: usize = 600;
/// Characters of one quoted line.
pub const LINE_CHARS: usize = 240;
/// Lines that are quoted from the end of what a failed program said.
pub const SAID_LINES: usize = 20;
/// Steps that comparing one recorded answer with one received answer may take; after that it counts as not compared.
pub const COMPARE_STEPS: usize = 200_000;
/// Answers of one address that one recorded answer is compared with, those to the same request first.
pub const COMPARE_CANDIDATES: usize = 64;
