//! What is known of a source. Everything is owned: the tree that it was read from is gone.

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub line: u32,
    /// What stands there.
    pub text: String,
}

/// Where a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The runtime's own; the first name is its.
    Global,
    /// What the SDK hands to the function.
    Nango,
    /// What the function was given.
    Input,
    /// Another module; the first name is the module's.
    Import,
    /// The source itself.
    Local,
}

/// A name with all that is reached through it: `process.env`, `get` of the SDK. A call in between is `()`, an unknown
/// member `[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub root: Root,
    /// The names from there.
    pub names: Vec<String>,
}

impl Path {
    /// Whether it begins at `root` with these names.
    pub fn starts(&self, root: Root, names: &[&str]) -> bool {
        self.root == root
            && self.names.len() >= names.len()
            && self.names.iter().zip(names).all(|(own, name)| own == name)
    }

    /// As a person writes it.
    pub fn written(&self) -> String {
        let names = self.names.join(".").replace(".()", "()");
        match self.root {
            Root::Nango => format!("nango.{names}"),
            Root::Input => format!("input.{names}"),
            Root::Global | Root::Import | Root::Local => names,
        }
    }
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A description of a schema or of the function: examples belong there.
    Description,
    /// The name of a property or of a member.
    Key,
    /// The module that is imported.
    Module,
    /// A value that the function works with.
    Value,
}

/// A text of the source, put together as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// From 1.
    pub line: u32,
    /// What it says.
    pub value: String,
    /// What it is for.
    pub purpose: Purpose,
}

/// A name that is used, as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// From 1.
    pub line: u32,
    /// What is used.
    pub path: Path,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// From 1.
    pub line: u32,
    /// What is called.
    pub path: Path,
    /// The properties of its first argument, when that is an object that the source spells out to the end.
    pub options: Option<Vec<String>>,
    /// Whether that object holds texts and numbers only, as the source writes them.
    pub is_fixed: bool,
    /// The line of the loop that it stands in, one that does not go through a list.
    pub looped: Option<u32>,
    /// The line of the `finally` that it stands in on no condition.
    pub lastly: Option<u32>,
    /// The arguments that are names.
    pub names: Vec<Path>,
}

/// A way to silence the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastKind {
    /// `as any`.
    Any,
    /// `as unknown as T`.
    ThroughUnknown,
}

/// A cast and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// From 1.
    pub line: u32,
    /// Which.
    pub kind: CastKind,
}

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goes {
    /// Into what is returned or saved.
    Out,
    /// Into a request.
    Request,
    /// Into a message for people: an error, a log line.
    Message,
    /// Elsewhere.
    Elsewhere,
}

/// A literal that stands in for an absent value: `x ?? 'y'`, `x || 'y'`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// From 1.
    pub line: u32,
    /// What may be absent.
    pub of: Option<Path>,
    /// The literal.
    pub literal: Literal,
    /// Where it goes.
    pub goes: Goes,
}

/// Credentials that leave the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// From 1.
    pub line: u32,
    /// What they are reached by.
    pub of: Path,
    /// Where they go.
    pub goes: Goes,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A text, put together.
    Text(String),
    /// A number.
    Number(f64),
}

impl Eq for Literal {}

/// Something of the input that is compared with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// From 1.
    pub line: u32,
    /// What of the input.
    pub of: Path,
    /// The text or number, as it is written.
    pub with: String,
}

/// An error that is thrown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throw {
    /// From 1.
    pub line: u32,
    /// What is made and thrown; nothing for a value that was caught.
    pub made: Option<Path>,
}

/// The body of `exec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing stands in it.
    Empty,
    /// It does nothing but throw an error.
    OnlyThrows,
    /// It calls nothing and gives back what stands in the source.
    OnlyReturns,
    /// It does something.
    Works,
}

/// What a schema lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Whatever there is.
    Anything,
    /// An object.
    Object {
        /// What it names.
        fields: Vec<Field>,
        /// Whether what it does not name is let through, too.
        is_open: bool,
    },
    /// A list.
    List(Box<Shape>),
    /// It, or nothing.
    Optional(Box<Shape>),
    /// One of several.
    Either(Vec<Shape>),
    /// A text, a number, or something that is not understood here.
    Other,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name; empty when it is computed.
    pub name: String,
    /// What it lets through.
    pub shape: Shape,
}

/// What a schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What an action is given.
    Input,
    /// What an action gives.
    Output,
    /// A record of a sync.
    Model,
}

/// A schema of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// From 1.
    pub line: u32,
    /// What it is for.
    pub role: Role,
    /// What it lets through.
    pub shape: Shape,
}

/// What a sync does with where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Where it is read, or else declared; from 1.
    pub line: u32,
    /// Whether something of it reaches a request or decides over one.
    pub is_used: bool,
}

/// A character that nobody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    /// From 1.
    pub line: u32,
    /// Which.
    pub character: char,
    /// Whether it stands outside of comments and of texts that are only values.
    pub is_code: bool,
}

/// What a source makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name of what makes it: `createAction`.
    pub by: String,
    /// What it says of itself, where that is spelled out.
    pub description: Option<String>,
    /// The event that it runs at, where that is spelled out.
    pub event: Option<String>,
}

/// The types of webhooks that a sync takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Subscriptions {
    /// It names none, so that Nango hands it none.
    None,
    /// As the source writes them.
    Listed(Vec<String>),
    /// They are put together where the source is not read to.
    #[default]
    Computed,
}

/// `onWebhook` of a sync.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WebhookHandler {
    /// There is none.
    Missing,
    /// There may be one, where the source is not read to: in a module, or behind a spread.
    #[default]
    Elsewhere,
    /// It stands at this line, from 1, and does this.
    Here(u32, Body),
}

/// What a sync does with webhooks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookHandling {
    /// What is called then.
    pub handler: WebhookHandler,
    /// What it is called for.
    pub subscriptions: Subscriptions,
}

/// A module that a source imports, or whose names it passes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// From 1.
    pub line: u32,
    /// As it is written.
    pub name: String,
    /// Whether only types are taken from it, of which nothing is left when it is built.
    pub is_type: bool,
}

/// All that is known of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Comments, without their signs.
    pub comments: Vec<Line>,
    /// What it imports.
    pub modules: Vec<Module>,
    /// The line at which the compiler is told to check nothing, where it obeys.
    pub unchecked: Option<u32>,
    /// Texts.
    pub texts: Vec<Text>,
    /// Every name: of variables, properties, members, types.
    pub names: Vec<Line>,
    /// Members that are reached, by whatever way they are written.
    pub members: Vec<Line>,
    /// Names that are used, with what is reached through them.
    pub uses: Vec<Use>,
    /// Credentials that leave.
    pub exposed: Vec<Exposed>,
    /// Calls.
    pub calls: Vec<Call>,
    /// Characters that nobody sees.
    pub hidden: Vec<Hidden>,
    /// What the function takes and gives.
    pub schemas: Vec<Schema>,
    /// The checkpoint, when there is one.
    pub checkpoint: Option<Checkpoint>,
    /// Lines at which a request's error is caught, and the function goes on.
    pub swallowed: Vec<u32>,
    /// Variables of the module that the function changes, where it does.
    pub kept: Vec<Line>,
    /// Built-ins and packages that it changes.
    pub changed: Vec<Use>,
    /// Casts.
    pub casts: Vec<Cast>,
    /// Literals for absent values.
    pub fallbacks: Vec<Fallback>,
    /// Comparisons of the input.
    pub comparisons: Vec<Comparison>,
    /// Errors that are thrown.
    pub throws: Vec<Throw>,
    /// What it makes.
    pub definition: Option<Definition>,
    /// `exec`: where it stands, and what it does.
    pub exec: Option<(u32, Body)>,
    /// What it does with webhooks.
    pub webhook: WebhookHandling,
}
