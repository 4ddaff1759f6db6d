//! Every limit that Countersign keeps, in one place. Sizes are bytes unless the name says otherwise.

use std::time::Duration;

/// Pauses after which a pull request that GitHub has just told of and does not find is asked for again.
pub const PULL_PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// The largest spec, `integration.yaml` or settings file that is read.
pub const SPEC_BYTES: usize = 64 * 1024;
/// Characters of a spec's description; stands in the published schema, too.
pub const DESCRIPTION_CHARS: usize = 4000;
/// Pages of documentation that a spec names; stands in the published schema, too.
pub const DOCS_PAGES: usize = 20;
/// Types of webhooks that a spec names; stands in the published schema, too.
pub const WEBHOOK_SUBSCRIPTIONS: usize = 50;
/// A recorded input that is put into a drafted spec.
pub const DRAFT_INPUT_BYTES: usize = 4 * 1024;
/// Specs in one run; a run that wants more is refused as a whole.
pub const SPECS_PER_RUN: usize = 500;
/// Characters of an interaction's or integration's name.
pub const NAME_CHARS: usize = 80;

/// The largest function source that is taken from an agent.
pub const FUNCTION_BYTES: u64 = 256 * 1024;
/// The largest file of a project that agents are shown.
pub const GROUND_FILE_BYTES: u64 = 64 * 1024;
/// All files of a project that one agent is shown.
pub const GROUND_BYTES: usize = 768 * 1024;
/// How many those are at most.
pub const GROUND_FILES: usize = 400;
/// Nango projects of one repository.
pub const PROJECTS: usize = 20;
/// All sources of a project that are looked at in one run.
pub const PROJECT_BYTES: usize = 8 * 1024 * 1024;
/// How many those are at most.
pub const PROJECT_FILES: usize = 2_000;
/// Modules that one function brings along.
pub const MODULES: usize = 50;
/// Functions that import what an agent changed and are tried with it; of more only the names are told.
pub const NEIGHBOURS: usize = 8;
/// Seconds that trying all of them may take.
pub const NEIGHBOURS_SECONDS: u64 = 300;
/// The largest file of a workspace whose content is kept as evidence; of larger ones only size and hash.
pub const EVIDENCE_FILE_BYTES: u64 = 1024 * 1024;
/// Files of a workspace that are looked at after an attempt; more is a finding by itself.
pub const WORKSPACE_FILES: usize = 2_000;
/// The largest lock file of a package manager that is read.
pub const LOCK_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Sets of packages that projects pin, kept beside our own tool chain; one takes about 250 MB.
pub const PACKAGE_SETS: usize = 12;
/// Seconds after which a set that no run asked for makes room for another.
pub const PACKAGE_SET_IDLE_SECONDS: u64 = 24 * 60 * 60;
/// The largest recording that is committed.
pub const RECORDING_BYTES: u64 = 5 * 1024 * 1024;

/// Waiting for a request that removes what our run created, in seconds.
pub const CLEAN_UP_SECONDS: u64 = 20;
/// The part of a request or response body that is kept on the tape; the hash always covers all of it.
pub const TAPE_BODY_BYTES: usize = 256 * 1024;
/// The headers of an answer that are kept on the tape, all together; of more, none.
pub const TAPE_HEADER_BYTES: usize = 8 * 1024;
/// The largest body that the witness passes on in either direction.
pub const WIRE_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Exchanges on one tape; after that the witness answers 429 and the attempt is ended.
pub const TAPE_EXCHANGES: usize = 2_000;
/// How long the witness waits for the Nango API, in seconds.
pub const WIRE_SECONDS: u64 = 60;
/// Requests of one attempt that are under way at once; more wait.
pub const WIRE_PARALLEL: usize = 32;
/// Characters of an API's own message that are quoted when access was refused.
pub const WIRE_MESSAGE_CHARS: usize = 300;
/// The same request refused (401, 403) this many times ends an attempt as blocked.
pub const REFUSALS_BEFORE_BLOCKED: usize = 2;

/// The part of one tool's output that is kept in a transcript.
pub const TOOL_OUTPUT_BYTES: usize = 32 * 1024;
/// What a program in the clean room may print before the rest is dropped.
pub const PROGRAM_OUTPUT_BYTES: usize = 256 * 1024;

/// Own time, which limits of agents and programs count, is wall time without the waiting for a core. It goes at least at this
/// part of the wall clock, an eighth, so that whatever is limited ends: two cores give sixteen busy agents so much.
pub const OWN_TIME_SLOWEST: u32 = 8;
/// Own time that a sandboxed program can be given at most, in seconds.
pub const PROGRAM_SECONDS: u64 = 24 * 60 * 60;
/// Niceness of sandboxed programs: our own process, which answers webhooks, gets a core before them.
pub const PROGRAM_NICENESS: i32 = 10;
/// Niceness of their sessions, each against all others: a third of what whoever does not give way gets. With more, a machine on which
/// others work would lend a program less than the part of a core from which on its time is its own ([`OWN_TIME_SLOWEST`]).
pub const SESSION_NICENESS: i32 = 5;
/// Niceness of the agent's server and of the checker that all agents ask, between the two.
pub const AGENT_NICENESS: i32 = 5;
/// Memory that one process of a sandboxed program may have written to or reserved for writing (`RLIMIT_DATA`; a limit
/// on address space would keep V8 from starting).
pub const PROGRAM_MEMORY_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The largest file that a sandboxed program may write.
pub const PROGRAM_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// The private `/tmp` of a sandboxed program.
pub const PROGRAM_TMP_BYTES: u64 = 512 * 1024 * 1024;
/// Processes and threads that a sandboxed program may have at once.
pub const PROGRAM_TASKS: u64 = 1_024;
/// The same where only all tasks of our user together can be counted.
pub const USER_TASKS: u64 = 8_192;
/// Files that one sandboxed process may have open.
pub const PROGRAM_OPEN_FILES: u64 = 4_096;
/// Connections at once from inside one sandbox to the one port that it may reach.
pub const RELAY_CONNECTIONS: usize = 128;
/// The largest order, policy or report that the sandbox's processes exchange.
pub const ORDER_BYTES: u64 = 1024 * 1024;
/// Seconds that clearing up after a sandboxed program may take.
pub const SWEEP_SECONDS: u64 = 10;
/// How long an agent's server may take to come up, in seconds: 5 on an idle machine, far more on a busy one.
pub const AGENT_START_SECONDS: u64 = 90;
/// How long an agent's server may take to answer one request, in seconds.
pub const AGENT_CALL_SECONDS: u64 = 30;
/// How long the trial of an agent's walls may take, in seconds.
pub const AGENT_WALLS_SECONDS: u64 = 60;
/// An event stream that is silent this long is taken up anew, in seconds. The server sends a heartbeat every 10.
pub const AGENT_SILENCE_SECONDS: u64 = 35;
/// Seconds between an error of a session and its end; when the end does not come, the error is the end.
pub const AGENT_ERROR_SETTLES_SECONDS: u64 = 5;
/// What is kept of an agent server's own output.
pub const AGENT_LOG_BYTES: u64 = 4 * 1024 * 1024;
/// The largest answer that is taken from an agent's server; a transcript is the largest of all.
pub const AGENT_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// Resident memory beyond which an agent's server is started anew as soon as no session uses it.
pub const AGENT_SERVER_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Times in a row that a session may overflow the model's context; OpenCode itself would go on for ever.
pub const AGENT_OVERFLOWS: u32 = 4;
/// Milliseconds within which an agent's signs of life are told only once, unless something new is among them.
pub const AGENT_SIGN_MS: u64 = 2_000;
/// Characters of the words that say what an agent is doing.
pub const DOING_CHARS: usize = 120;
/// Characters of the same as they come from an agent, in which its workspace's paths are still long.
pub const DOING_RAW_CHARS: usize = 2_000;
/// The largest final report that is read from an agent's words.
pub const CLAIM_BYTES: usize = 64 * 1024;
/// Turns of one transcript; what is beyond them is dropped, the first ones are kept.
pub const TRANSCRIPT_TURNS: usize = 2_000;
/// The part of one text of a transcript (words, thoughts, one argument of a tool) that is kept.
pub const TRANSCRIPT_TEXT_BYTES: usize = 256 * 1024;

/// Minutes one build may take when nothing else is said.
pub const BUILD_MINUTES: u32 = 15;
/// Dollars one build may cost when nothing else is said.
pub const BUILD_USD: f64 = 1.0;
/// Tokens one build may use when nothing else is said.
pub const BUILD_TOKENS: u64 = 4_000_000;
/// Seconds without any sign of life from an agent before it is given up; while it runs a command, that command's time besides.
pub const STALL_SECONDS: u64 = 180;
/// Times in a row that the model's provider may answer with a passing error before an attempt is given up.
pub const PROVIDER_RETRIES: u32 = 6;
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
/// What the bodies of large webhooks may take of the memory at once; more of them wait.
pub const WEBHOOK_BYTES_AT_ONCE: usize = 2 * WEBHOOK_BYTES;
/// A body from which on it is large. GitHub's own examples have 5 to 30 KB.
pub const LARGE_WEBHOOK_BYTES: usize = 1024 * 1024;
/// What is kept of a body that is not what GitHub documents.
pub const MALFORMED_BODY_BYTES: usize = 64 * 1024;
/// Times a run is taken up without having got any further, a delivery is tried, or a report, before it is given up.
pub const TRIES: u32 = 5;
/// Times a process may die in the middle of attempts at one interaction before that one is given up.
pub const BUILD_DEATHS: u32 = 6;
/// Deaths after which it is a suspect: built at the end of its run, one at a time in a process, so that it takes few along.
pub const BUILD_DEATHS_TOGETHER: u32 = 2;
/// Builds of one machine at once, when the operator says nothing else.
pub const BUILDS: u16 = 16;
/// Runs of one process at once; they wait for their builds.
pub const RUNS_PARALLEL: usize = 64;
/// Deliveries that are worked off at once.
pub const DELIVERIES_PARALLEL: usize = 2;
/// Seconds after which it is looked for work of which nobody was told.
pub const LEFT_SECONDS: u64 = 60;
/// Seconds after which work is tried again that ended in a panic.
pub const PANIC_PAUSE_SECONDS: u64 = 10;
/// The stack of a thread that works. A build is many futures deep, and in a debug build each of them takes much.
pub const STACK_BYTES: usize = 8 * 1024 * 1024;
/// Seconds between two looks for deliveries that did not arrive, when nothing is said.
pub const MISSED_SECONDS: u64 = 300;
/// How far back is looked behind the look before, in milliseconds: what was under way then may have failed since.
pub const MISSED_OVERLAP_MS: i64 = 10 * 60 * 1000;
/// How long GitHub remembers what it sent, in milliseconds. Source: its docs, "Viewing webhook deliveries".
pub const MISSED_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// Pages of 100 that are read of what GitHub has sent.
pub const DELIVERY_PAGES: usize = 200;
/// Seconds after which a run looks whether it is still wanted, and a report whether there is news, if nothing woke them.
pub const LOOK_SECONDS: u64 = 2;
/// Milliseconds above which storing a webhook is slow, which the log says: GitHub waits for it.
pub const SLOW_WRITE_MS: u64 = 50;
/// Seconds after which what was counted for an operator is put together.
pub const METER_SECONDS: u64 = 5;
/// Milliseconds for which news of a run are gathered before they are looked at.
pub const NEWS_MS: u64 = 250;
/// Seconds that a process waits at its start for another to leave the database.
pub const ALONE_SECONDS: u64 = 20;

/// GitHub's cap on a comment or review body is 65 536 characters; we stay below it with our marker added.
pub const COMMENT_CHARS: usize = 60_000;
/// GitHub's cap on a check run's summary and text is 65 535 characters each.
pub const CHECK_CHARS: usize = 60_000;
/// Interactions in one table of a report. Where there are more, each API has a table of its own, folded; and the same number
/// of those that are not good stands open.
pub const TABLE_ROWS: usize = 25;
/// Annotations GitHub takes in one request.
pub const ANNOTATIONS_PER_REQUEST: usize = 50;
/// Annotations of one check run in all.
pub const ANNOTATIONS: usize = 200;
/// Inline comments in one review; what is beyond them goes into the review's body.
pub const REVIEW_COMMENTS: usize = 30;
/// Threads that are resolved when one run is told; the next run goes on with the rest.
pub const THREADS_RESOLVED: usize = 20;
/// Lines of a diff that are shown in a report; the dossier has the rest.
pub const DIFF_LINES: usize = 80;

/// Milliseconds before what failed is tried again the first time; doubled with every attempt.
pub const RETRY_PAUSE_MS: i64 = 1_000;
/// Hours for which work waits for a GitHub that is down before it is given up.
pub const AWAY_HOURS: i64 = 24;
/// The longest pause between two tries to reach a GitHub that is down, in milliseconds.
pub const AWAY_PAUSE_MS: i64 = 60_000;
/// Seconds that a run which was called back waits for each of its agents to stop; they are stopped side by side.
pub const LEAVE_SECONDS: u64 = 2;
/// Seconds for which a run that is called back waits for its builds on other machines.
pub const CALL_BACK_SECONDS: u64 = 15;
/// Seconds without a beat after which somebody else takes up what a process had in hand. An engine that is away longer has
/// builds done twice, of which one counts (`docs/operate.md`).
pub const BEAT_LOST_SECONDS: u64 = 60;
/// Seconds between two beats.
pub const BEAT_SECONDS: u64 = 5;
/// Seconds that an engine may take to answer when we start.
pub const ENGINE_SECONDS: u64 = 10;
/// Events of Temporal's in the history of a workflow, after which it goes on in a new one. Temporal warns at 10,240 and ends it
/// at 51,200 (`limit.historyCount.error`); a pull request that waits for GitHub makes some ten a minute.
pub const ENGINE_HISTORY_EVENTS: u32 = 4_000;
/// Seconds that work may take to end after it was called back.
pub const CANCEL_SECONDS: u64 = 30;
/// Seconds that our own server takes for one answer at the most.
pub const ANSWER_SECONDS: u64 = 10;
/// Files of a repository's own skills that are laid into a workspace.
pub const SKILL_FILES: usize = 100;
/// Seconds that one shell command of an agent may take.
pub const SHELL_SECONDS: u64 = 300;
/// Spec files in one repository; more are not looked at, and that is said.
pub const SPEC_FILES: usize = 5_000;
/// Seconds the database may take for one statement, and a caller waits for a connection.
pub const STORE_SECONDS: u64 = 30;
/// Milliseconds for which reports of mere progress are gathered into one. GitHub allows 500 content-creating requests
/// an hour, and the last words of a run must not wait behind its progress.
pub const REPORT_COALESCE_MS: i64 = 10_000;
/// The same for a run that is under way for long: this part of its age, so that a run of an hour with two hundred
/// interactions stays below forty writes, those at its beginning and its end included.
pub const REPORT_PAUSES_IN_AGE: i64 = 4;
/// Milliseconds that progress waits at most.
pub const REPORT_PAUSE_MS: i64 = 300_000;
/// Runs of one pull request that a list shows.
pub const RUNS_LISTED: u32 = 200;
/// Characters of an error or a reason that the database keeps.
pub const NOTE_CHARS: usize = 4_000;
/// Days for which deliveries that were worked off are remembered. GitHub redelivers for at most
/// seven days (GitHub Enterprise Server; three on github.com).
pub const INBOX_DAYS: u32 = 8;

/// Days for which it is tried, at each start and once a day, to tell what people could not be told.
pub const TELL_AGAIN_DAYS: u32 = 3;
/// Days for which the evidence of a run is kept after it has ended, when nothing else is said.
pub const EVIDENCE_DAYS: u32 = 90;
/// The largest blob of a dossier that is kept or read.
pub const BLOB_BYTES: u64 = 64 * 1024 * 1024;
/// The largest seal of a dossier (its JSON) that is kept or read.
pub const SEAL_BYTES: u64 = 16 * 1024 * 1024;
/// Pieces of evidence that are read, or taken away, at once.
pub const BLOBS_PARALLEL: usize = 16;
/// Seconds that one request to a bucket may take.
pub const BLOB_REQUEST_SECONDS: u64 = 60;
/// Seconds for which one request to a bucket that does not answer is tried again before that is told.
pub const BLOB_RETRY_SECONDS: u64 = 20;
/// Milliseconds for which a blob stays although no dossier names it: one that is being sealed names it soon.
pub const UNNAMED_BLOB_MS: i64 = 60 * 60 * 1000;
/// Milliseconds between two writes to one installation. GitHub asks for at least a second between mutations.
/// Source: GitHub's docs, "Best practices for using the REST API".
pub const WRITE_SPACING_MS: u64 = 1_000;
/// Seconds a write waits for the writes before it, of the same installation.
pub const WRITE_WAIT_SECONDS: u64 = 300;
/// Seconds to reach GitHub.
pub const GITHUB_CONNECT_SECONDS: u64 = 5;
/// Seconds without a byte from GitHub, or to it.
pub const GITHUB_SILENCE_SECONDS: u64 = 20;
/// Seconds one request to GitHub may take in all.
pub const GITHUB_REQUEST_SECONDS: u64 = 60;
/// The largest answer of GitHub that is read.
pub const GITHUB_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Times a read is sent to GitHub, the first included. Writes are sent once.
pub const GITHUB_READS: u32 = 3;
/// Pages of 100 that are read of one list.
pub const GITHUB_PAGES: usize = 50;
/// Minutes an installation token must still live to be handed out; they live an hour.
pub const TOKEN_LEFT_MINUTES: i64 = 10;
/// Seconds until the next try when GitHub says that it is too much, but not until when.
/// Source: GitHub's docs, "Rate limits for the REST API": wait at least one minute.
pub const RATE_LIMIT_SECONDS: i64 = 60;
/// Characters of GitHub's own words that are kept in an error.
pub const GITHUB_MESSAGE_CHARS: usize = 1_000;
/// Characters of an annotation's title; GitHub's own cap.
pub const ANNOTATION_TITLE_CHARS: usize = 255;
/// Characters of an annotation's message; GitHub's cap is 64 KB, and a character has at most four bytes.
pub const ANNOTATION_MESSAGE_CHARS: usize = 16_000;
/// Slash commands that are read of one comment.
pub const COMMANDS_PER_COMMENT: usize = 10;
/// Names that one slash command may have; more are a misuse.
pub const COMMAND_WORDS: usize = 100;
/// Hints that an agent is told, the newest: those of one comment, or of several that no agent has answered yet.
pub const HINTS: usize = 10;
/// Characters of the hint that one command gives; what is beyond them is cut, and that is said.
pub const HINT_CHARS: usize = 4_000;
/// Characters of the reason that one command gives; what is beyond them is cut, and that is said.
pub const REASON_CHARS: usize = 300;
/// Dollars that `/retry` may give one build.
pub const COMMAND_USD: f64 = 1_000.0;
/// Remarks at lines of one function that an agent is told, the newest; of more only the number.
pub const REMARKS: usize = 20;
/// Remarks at lines of all functions together that one command carries, the newest.
pub const REMARKS_IN_ALL: usize = 200;
/// Characters of one remark; what is beyond them is cut, and that is said.
pub const REMARK_CHARS: usize = 1_500;
/// People whose permission is looked up for their remarks, those of the newest remarks; the others are not heard.
pub const REMARK_PEOPLE: usize = 50;
/// Findings of the attempt before that an agent is told, the worst; of more only the number.
pub const FINDINGS_TOLD: usize = 20;
/// Characters of one of them.
pub const FOUND_CHARS: usize = 400;
/// Seconds one fetch or push may take, the waiting for another process's fetch included.
pub const GIT_SECONDS: u64 = 600;
/// Seconds until a git server must have taken our connection.
pub const GIT_CONNECT_SECONDS: u64 = 15;
/// What one answer of a git server may hold: a whole repository's history at the first fetch.
pub const GIT_RECEIVE_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// What one request to a git server may hold: the pack of one push. It is held in memory.
pub const GIT_SEND_BYTES: usize = 128 * 1024 * 1024;
/// Redirects within one git server that are followed: renamed repositories.
pub const GIT_REDIRECTS: usize = 3;
/// Characters of a git server's own words that are kept in an outcome or error.
pub const GIT_WORDS_CHARS: usize = 600;
/// Paths in one listing, comparison or export of a commit.
pub const GIT_PATHS: usize = 50_000;
/// Characters of a path that is written into a commit or exported.
pub const GIT_PATH_CHARS: usize = 1_000;
/// The largest patch that is made.
pub const GIT_PATCH_BYTES: usize = 32 * 1024 * 1024;
/// All files of one export together.
pub const GIT_EXPORT_BYTES: u64 = 512 * 1024 * 1024;
/// Calls in one recording that are read; as many as a tape holds exchanges.
pub const RECORDED_CALLS: usize = 2_000;
/// The longest shell command of a transcript that is taken apart; a longer one counts as opaque.
pub const COMMAND_BYTES: usize = 32 * 1024;
/// How deep groups, loops and branches of one shell command may nest and still be taken apart.
pub const COMMAND_NESTING: usize = 64;
/// How much work the parser may have with one shell command, in hundreds of its steps; more counts as opaque. A script
/// of 30 kB takes 200.
pub const COMMAND_PARSE_STEPS: usize = 2_000;
/// Shell commands of one transcript that are taken apart.
pub const COMMANDS: usize = 2_000;
/// The longest source of a function that is taken apart; the longest of 6,335 published ones has 40 kB.
pub const SOURCE_BYTES: usize = 128 * 1024;
/// Brackets of a source that may be open at once; published ones have 20.
pub const SOURCE_NESTING: usize = 200;
/// The stack for taking a source apart. It is only reserved, and touched as far as the source is deep.
pub const SOURCE_STACK_BYTES: usize = 256 * 1024 * 1024;
/// Steps that names and values of one source may take to follow.
pub const SOURCE_STEPS: usize = 2_000_000;
/// How many times a name of a source may stand for another.
pub const SOURCE_ALIASES: usize = 16;
/// How deep a value of a source may be put together of others.
pub const SOURCE_FOLDS: usize = 64;
/// The largest input or metadata of an agent's own that the clean room uses, as JSON.
pub const DRY_RUN_ARGUMENT_BYTES: usize = 64 * 1024;
/// Commands of a report that are compared with what was run.
pub const CLAIMED_COMMANDS: usize = 50;
/// Names of stray files in one remark.
pub const STRAY_NAMES: usize = 8;
/// Stray files whose content is shown.
pub const STRAY_DIFFS: usize = 3;
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
/// Seconds that installing the tool chain may take, and seconds that another process waits for it.
pub const TOOLS_SECONDS: u64 = 900;
/// Seconds that a program may take to say its version.
pub const VERSION_SECONDS: u64 = 60;
/// Seconds that the Nango CLI may take to make an empty project: one on an idle machine, far more on a busy one.
pub const PROJECT_SECONDS: u64 = 120;
/// The largest question to a warm checker, with all sources of a project, and the largest answer.
pub const CHECK_BYTES: usize = 8 * 1024 * 1024;
/// Seconds of its own time that a warm checker may take for an answer, with its start, which takes up to ten; then it is ended,
/// and the asker compiles by itself. Of processor time an answer may take 20.
pub const CHECK_SECONDS: u64 = 40;
/// Questions of one attempt to a warm checker that are under way at once; more wait.
pub const CHECKS_PARALLEL: usize = 2;
/// Questions that took too long and are not asked again.
pub const CHECKS_REFUSED: usize = 1_000;
/// Warm checkers at once: one for our packages, one for those of a project's own.
pub const CHECKERS: usize = 2;
/// Megabytes of JavaScript objects that a warm checker may hold: declarations of the libraries are 400.
pub const CHECKER_HEAP_MB: u64 = 1_400;
/// The largest file of a workspace that is hashed; a larger one is only named.
pub const HASHED_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Folders within folders of a workspace that are looked into.
pub const WORKSPACE_DEPTH: usize = 24;
/// Seconds that compiling and dry-running one function in the clean room may take.
pub const ROOM_SECONDS: u64 = 180;
/// Seconds that the tests of one function may take.
pub const TEST_SECONDS: u64 = 120;
/// Rounds in which an agent may mend what was found, after the first.
pub const MEND_ROUNDS: usize = 2;
/// What an attempt must have left of its time for a further round.
pub const MEND_SECONDS: u64 = 60;
/// Errors of one build that are tried as its cause.
pub const CAUSE_CANDIDATES: usize = 8;
/// Versions of a function that are tried for the one that brought a fault in, the last ones.
pub const CAUSE_VERSIONS: usize = 6;
/// Calls that began before a request and are looked at as what asked it.
pub const CAUSE_ASKERS: usize = 16;
/// Steps from a cause to what was found.
pub const CAUSE_STEPS: usize = 4;
/// How many turns after an error an agent's deed counts as what it did about it.
pub const REACTION_TURNS: u32 = 3;
/// The same call with the same end this many times in a row is a loop.
pub const LOOP_REPEATS: usize = 4;
/// Two calls that take turns this many times, counted together, are a loop.
pub const LOOP_TURNS: usize = 6;
/// Writes of one kind to the test account by one agent, from which on they are many.
pub const MASS_WRITES: usize = 10;
/// A piece of text that is found again where it was obeyed has at least this many characters.
pub const OBEYED_CHARS: usize = 12;
/// Own time of all probes of one function, in seconds.
pub const PROBE_SECONDS: u64 = 60;
/// Own time of a function within its probes after which no further one is begun, so that what was found can still be written
/// down.
pub const PROBES_BEGIN_SECONDS: u64 = 40;
/// Own time of one run of a function within a probe, in milliseconds.
pub const PROBE_RUN_MS: u64 = 5_000;
/// CPU milliseconds that a probe may take which tries one value after the other.
pub const PROBE_TRIES_MS: u64 = 150;
/// So many values are always tried.
pub const PROBE_TRIES_AT_LEAST: u64 = 4;
/// What a probe shows of a failure.
pub const PROBE_SHOWN_CHARS: usize = 2_000;
/// Seconds that compiling, and again testing, a whole project may take.
pub const WHOLE_SECONDS: u64 = 900;
/// Files of tests that are run once more, each by itself, when something fails of all together. One takes half a CPU-second;
/// of more, what failed together counts.
pub const TESTS_APART: usize = 250;
/// Seconds that bundling one function may take where everything that fails in a project is looked for.
pub const SURVEYED_BUILD_SECONDS: u64 = 60;
/// Characters that are kept of what a program said of one failure.
pub const FAILURE_CHARS: usize = 600;
/// Failures of a project, and tests that are not ours to run, that are told one by one.
pub const FAILURES_TOLD: usize = 20;
/// Lines that are told of what a program said of one failure.
pub const FAILURE_LINES: usize = 2;
/// The largest file of a project's tests that is looked into for its runner.
pub const TEST_FILE_BYTES: u64 = 256 * 1024;
/// What a step in the clean room said is kept up to this length.
pub const STEP_SAID_BYTES: usize = 8 * 1024;
/// The largest report that a program of the clean room writes.
pub const ROOM_REPORT_BYTES: u64 = 8 * 1024 * 1024;
/// Answers of one address that one recorded answer is compared with, those to the same request first.
pub const COMPARE_CANDIDATES: usize = 64;
