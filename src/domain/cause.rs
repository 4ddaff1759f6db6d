//! Why a build is not countersigned: the first cause, how it led to what was found, and what the agent did about it.

use serde::{Deserialize, Serialize};

use super::finding::{Confidence, Place};

/// What kind of cause it is: a closed table, so that the same cause in several builds is known as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseClass {
    /// The account lacks a permission (403, `missing_scope`).
    MissingScope,
    /// The connection's credentials are not accepted (401).
    ExpiredAccess,
    /// The API knows no such thing or address (404, 410).
    NotFound,
    /// The API does not take the request (400, 409, 422).
    RefusedRequest,
    /// The API wants to be asked less often (429).
    RateLimit,
    /// The API failed itself (5xx).
    ApiFault,
    /// The witness refused a request.
    WitnessRefused,
    /// Nobody gave an input, and the function wants one.
    MissingInput,
    /// The agent's own run changed what is there.
    MovedWorld,
    /// Our second write was held back, as the repository wants it.
    HeldBack,
    /// The types do not fit.
    TypeError,
    /// A module that functions may not have.
    ForbiddenImport,
    /// The function is not registered, or is no function.
    EntryMissing,
    /// The input does not fit the function's schema.
    InvalidInput,
    /// What the function gives does not fit its schema.
    InvalidOutput,
    /// Given the recorded answers, the function asks something else.
    UnrecordedRequest,
    /// Given the recorded answers, the function gives something else.
    UnstableOutput,
    /// The CLI has no such command or option.
    UnknownCommand,
    /// The CLI offered a newer version of itself instead of working.
    UpgradePrompt,
    /// The CLI finds one name in several integrations.
    AmbiguousName,
    /// Nango knows no such connection.
    ConnectionMissing,
    /// A file or folder may not be read or changed.
    FileDenied,
    /// There is no way to a host.
    NoNetwork,
    /// A package is not there.
    MissingPackage,
    /// No test was found.
    NoTests,
    /// The documentation could not be read.
    DocsUnavailable,
    /// The function's own code: a probe or a comparison shows it.
    OwnCode,
    /// What the agent did beside its function.
    Conduct,
    /// The work was cut short by a limit, or by the model's provider.
    CutShort,
    /// There is no function, and nothing says why.
    NothingWritten,
    /// It cannot be told.
    Unknown,
}

/// What the agent did after the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reaction {
    /// It stopped and said so.
    Stopped,
    /// It made results up.
    Fabricated,
    /// It changed its function until the failing check went well for it.
    Fixed,
    /// It hid the failure in its code.
    Masked,
    /// It tried other ways past it.
    Probed,
    /// It did the same again and again.
    Looped,
    /// It went on as if nothing were.
    WentOn,
}

/// One step from the cause to what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseStep {
    /// Where it can be seen.
    pub place: Place,
    /// When it began, in milliseconds since the epoch, where it has a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
    /// What it was, quoted: a command, a line of the tape, a finding's name. Untrusted.
    pub quote: String,
}

/// A cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootCause {
    /// Which.
    pub class: CauseClass,
    /// What it is about, the same in all builds that have it: `POST /proxy/…/{id}`. Empty when it is about nothing outside.
    pub target: String,
    /// The API's own word for what is missing: a scope. Untrusted.
    pub wanted: Option<String>,
    /// What was done, where the cause is conduct: the finding's own sentence. Untrusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deed: Option<String>,
    /// How it led to what was found: at most four steps, the cause first.
    pub chain: Vec<CauseStep>,
    /// What the agent did about it.
    pub reaction: Reaction,
    /// How it is known.
    pub confidence: Confidence,
}
