//! What a command starts.

/// One program that a command starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// The program's name without its folder, wrappers taken off, and its arguments.
    pub argv: Vec<String>,
    /// Variables that are set for it alone: `A=b program`, `env A=b program`.
    pub set: Vec<(String, String)>,
    /// Files that its output is redirected to.
    pub writes: Vec<String>,
    /// Files that its input is redirected from.
    pub reads: Vec<String>,
    /// A here-document or here-string.
    pub stdin: Option<String>,
    /// How often loops around it that only count (`seq 1 30`, `{1..30}`) start it, when nothing in them ends them early; 0
    /// outside of such loops.
    pub counted: u32,
    /// The folder it starts in, as far as `cd` in the same command tells; empty for where the command starts.
    pub cwd: String,
}

impl Start {
    /// The program's name; empty for a bare redirection.
    pub fn program(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }
    /// Its arguments.
    pub fn args(&self) -> &[String] {
        self.argv.get(1..).unwrap_or(&[])
    }
    /// Arguments that are not options.
    pub fn operands(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.args()
            .iter()
            .map(String::as_str)
            .filter(|arg| !arg.starts_with('-'))
    }
}

/// A command, taken apart or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// What it starts, in the order of the text.
    Starts(Vec<Start>),
    /// It could not be taken apart.
    Opaque,
}
