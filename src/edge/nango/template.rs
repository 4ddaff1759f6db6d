//! What all workspaces and clean rooms share: a project made by the real CLI, the commands on their PATH, and our own
//! configuration. Made once per tool chain; read-only from then on.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use walkdir::WalkDir;

use super::NangoError;
use super::bin::wrappers;
use super::files::{self, argument};
use super::quick;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::toolchain::ToolChain;
use crate::os::child::{self, Unfinished};

const GITIGNORE: &str = include_str!("project/gitignore");
const VITE_CONFIG: &str = include_str!("project/vite.config.ts");
const VITEST_SETUP: &str = include_str!("project/vitest.setup.ts");
pub(super) const ENV: &str = "# The address and the key of Nango come from the environment.\n";
const INDEX: &str = "// One import per function: the Nango CLI compiles what is imported here.\n";

/// Beside the project, for its commands and for the clean room.
const OURS: [(&str, &str); 5] = [
    ("compile_first.mjs", include_str!("compile_first.mjs")),
    ("room.mjs", include_str!("room.mjs")),
    ("survey.mjs", include_str!("survey.mjs")),
    ("vitest.config.cjs", include_str!("vitest.config.cjs")),
    ("vitest.setup.mjs", include_str!("vitest.setup.mjs")),
];

/// A prepared Nango project without functions, and what belongs to it.
#[derive(Debug, Clone)]
pub struct Template {
    root: PathBuf,
    tools: ToolChain,
    files: BTreeMap<String, Vec<u8>>,
}

impl Template {
    /// The template below `dir`, made if it is not there yet. Takes about three seconds the first time.
    ///
    /// # Errors
    /// When the CLI makes no project, or the file system refuses.
    pub fn ensure(dir: &Path, tools: &ToolChain) -> Result<Self, NangoError> {
        files::make(dir)?;
        let dir = fs::canonicalize(dir).map_err(NangoError::files("finding", dir))?;
        let root = dir.join(Self::name(tools));
        if !root.exists() {
            let draft = tempfile::Builder::new()
                .prefix("new-")
                .tempdir_in(&dir)
                .map_err(NangoError::files("creating a folder in", &dir))?;
            make(draft.path(), tools)?;
            // Somebody else may have been faster; theirs is as good as ours, which then goes away with `draft`.
            match fs::rename(draft.path(), &root) {
                Ok(()) => drop(draft.keep()),
                Err(_) if root.exists() => {}
                Err(source) => {
                    return Err(NangoError::files("moving a template to", &root)(source));
                }
            }
        }
        let files = read(&root.join("project"))?;
        Ok(Self {
            root,
            tools: tools.clone(),
            files,
        })
    }

    /// Other embedded files or another tool chain make another template.
    fn name(tools: &ToolChain) -> String {
        let root = argument(&tools.root);
        let mut all = vec![tools.lock.as_str(), &root];
        all.extend([GITIGNORE, VITE_CONFIG, VITEST_SETUP, ENV, INDEX]);
        all.extend(OURS.map(|(_, text)| text));
        all.extend(quick::OURS.map(|(_, text)| text));
        let wrappers: Vec<String> = wrappers(tools).into_iter().map(|(_, text)| text).collect();
        all.extend(wrappers.iter().map(String::as_str));
        Digest::of(all.join("\0").as_bytes()).short().to_owned()
    }

    /// The project's files by their relative path: what a repository without a Nango project gets in its commit.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }
    /// What names it: other tools or other files of ours make another.
    pub fn id(&self) -> &str {
        self.root
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
    }
    /// Where it lies, beside others.
    pub(super) fn folder(&self) -> PathBuf {
        self.root.parent().map(Path::to_owned).unwrap_or_default()
    }
    /// The tool chain that this is for.
    pub fn tools(&self) -> &ToolChain {
        &self.tools
    }
    /// What programs need to read: the tool chain with its Node, and this.
    pub fn readable(&self) -> Vec<PathBuf> {
        let mut readable = vec![self.tools.root.clone(), self.root.clone()];
        // With packages of a project's own, Node is that of the tool chain beside.
        if !self.tools.node.starts_with(&self.tools.root) {
            readable.extend(self.tools.node.parent().map(Path::to_owned));
        }
        readable
    }
    /// The folder with `nango`, `node`, `vitest` and `npx`.
    pub fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }
    /// `PATH` for a workspace: our commands first, then the system's.
    pub fn path_env(&self) -> String {
        format!("{}:/usr/local/bin:/usr/bin:/bin", argument(&self.bin()))
    }
    /// Whether tests can be run without vitest's server; see [`quick`].
    pub(super) fn has_runner(&self) -> bool {
        self.root.join(quick::FOLDER).join(quick::VITEST).is_file()
    }
    /// The quick CLI, as Node is told it; nothing where none could be made of this one. See [`quick`].
    pub(super) fn quick_command(&self) -> Option<Vec<String>> {
        let folder = self.root.join(quick::FOLDER);
        let script = argument(&folder.join(quick::COMMAND));
        (folder.join(quick::MADE).is_file()).then(|| vec![script, argument(&self.tools.nango)])
    }
    /// One of our own files beside the project.
    pub(super) fn own(&self, name: &str) -> String {
        argument(&self.root.join(name))
    }
}

fn make(draft: &Path, tools: &ToolChain) -> Result<(), NangoError> {
    let project = draft.join("project");
    init(
        &project,
        tools,
        Duration::from_secs(limits::PROJECT_SECONDS),
    )?;
    // The example functions go; what stays is what the CLI of this version wants a project to look like.
    let examples = project.join("github");
    fs::remove_dir_all(&examples).map_err(NangoError::files("removing", &examples))?;
    for (path, text) in [
        ("index.ts", INDEX),
        (".env", ENV),
        (".gitignore", GITIGNORE),
        ("vite.config.ts", VITE_CONFIG),
        ("vitest.setup.ts", VITEST_SETUP),
    ] {
        files::write(&project, path, text.as_bytes())?;
    }
    manifest(&project.join("package.json"), tools)?;
    for (name, text) in OURS {
        files::write(draft, name, text.as_bytes())?;
    }
    for (name, text) in wrappers(tools) {
        files::write(draft, &format!("bin/{name}"), text.as_bytes())?;
    }
    let link = draft.join("node_modules");
    symlink(&tools.node_modules, &link).map_err(NangoError::files("linking", &link))?;
    quick::make(draft, tools)?;
    read_only(draft)
}

/// What everybody shares is written by nobody. Folders stay writable, so that a draft too many can be removed.
fn read_only(draft: &Path) -> Result<(), NangoError> {
    for entry in WalkDir::new(draft) {
        let entry = entry.map_err(|error| NangoError::files("walking", draft)(error.into()))?;
        let mode = match entry.file_type() {
            kind if kind.is_symlink() => continue,
            kind if kind.is_dir() => 0o755,
            _ if entry.path().parent() == Some(&draft.join("bin")) => 0o555,
            _ => 0o444,
        };
        fs::set_permissions(entry.path(), Permissions::from_mode(mode))
            .map_err(NangoError::files("changing the mode of", entry.path()))?;
    }
    Ok(())
}

/// `nango init --copy` copies its example and asks nobody. It is our own trusted program with fixed arguments.
fn init(project: &Path, tools: &ToolChain, limit: Duration) -> Result<(), NangoError> {
    let home = tempfile::tempdir().map_err(NangoError::files("creating", "a temporary folder"))?;
    files::make(project)?;
    let mut command = Command::new(&tools.node);
    command
        .arg(&tools.nango)
        .args([
            "init",
            ".",
            "--copy",
            "--no-interactive",
            "--no-dependency-update",
        ])
        .current_dir(project)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("CI", "1")
        .env("NO_COLOR", "1")
        .env("NANGO_CLI_UPGRADE_MODE", "ignore")
        .env("NANGO_CLI_TELEMETRY", "false");
    let ran = child::run(command, limit, limits::PROGRAM_OUTPUT_BYTES);
    let said = ran.map(|ran| ran.said).map_err(|error| match error {
        Unfinished::Start(source) => NangoError::files("starting", &tools.node)(source),
        Unfinished::TimedOut => NangoError::InitTimedOut {
            folder: project.to_path_buf(),
            seconds: limit.as_secs(),
        },
    })?;
    // Its exit code proves nothing; what it wrote does.
    if project.join("tsconfig.json").is_file() && project.join("package.json").is_file() {
        return Ok(());
    }
    Err(NangoError::Init {
        folder: project.to_path_buf(),
        said,
    })
}

/// Exact versions: with others the CLI wants to rewrite the file, and an install brings another vitest.
fn manifest(path: &Path, tools: &ToolChain) -> Result<(), NangoError> {
    let text = fs::read_to_string(path).map_err(NangoError::files("reading", path))?;
    let mut manifest: Value = serde_json::from_str(&text)
        .map_err(|error| NangoError::files("parsing", path)(error.into()))?;
    let version = |package: &str| {
        let path = tools.node_modules.join(package).join("package.json");
        let text = fs::read_to_string(&path).map_err(NangoError::files("reading", &path))?;
        let package: Value = serde_json::from_str(&text)
            .map_err(|error| NangoError::files("parsing", &path)(error.into()))?;
        Ok(package["version"].clone())
    };
    manifest["scripts"] = json!({ "compile": "nango compile", "test": "vitest" });
    manifest["devDependencies"] = json!({
        "nango": version("nango")?,
        "vitest": version("vitest")?,
        "zod": version("zod")?,
    });
    let text = format!("{manifest:#}\n");
    fs::write(path, text).map_err(NangoError::files("writing", path))
}

fn read(project: &Path) -> Result<BTreeMap<String, Vec<u8>>, NangoError> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(project).min_depth(1) {
        let entry = entry.map_err(|error| NangoError::files("walking", project)(error.into()))?;
        // `.env` is for secrets, so it is never committed; a workspace gets its own.
        if !entry.file_type().is_file() || entry.file_name() == ".env" {
            continue;
        }
        let Ok(relative) = entry.path().strip_prefix(project) else {
            continue;
        };
        let bytes = fs::read(entry.path()).map_err(NangoError::files("reading", entry.path()))?;
        files.insert(argument(relative), bytes);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cli_that_does_not_end_is_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let cli = folder.path().join("nango");
        let project = folder.path().join("project");
        let tools = ToolChain {
            root: folder.path().to_owned(),
            lock: Digest::of(b""),
            node: "/bin/sh".into(),
            nango: cli.clone(),
            vitest: PathBuf::new(),
            opencode: PathBuf::new(),
            node_modules: PathBuf::new(),
            node_version: String::new(),
            nango_version: String::new(),
            opencode_version: String::new(),
        };
        let limit = Duration::from_secs(1);
        let init = |script: &str| {
            fs::write(&cli, script).expect("a script");
            init(&project, &tools, limit)
        };
        let error = init("echo hello; sleep 600").expect_err("it never ends");
        let said = error.to_string();
        assert!(
            said.starts_with("`nango init` made no project in "),
            "{said}"
        );
        assert!(said.contains("within 1 seconds"), "{said}");
        assert!(said.contains("deleting its folder"), "{said}");
        let error = init("echo no space").expect_err("it makes nothing");
        assert!(error.to_string().contains(": no space; "), "{error}");
        init("touch tsconfig.json package.json; exit 1").expect("what it made counts");
    }
}
