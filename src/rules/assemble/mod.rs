//! Accepted parts and the present tree make the next tree. The function to look at is [`assemble`].

mod index;
mod left;
mod line;
mod recordings;

use std::collections::{BTreeMap, BTreeSet};

use self::index::Index;
pub use self::left::takes_the_last;
use self::line::Import;
pub use self::recordings::say_the_same;
use crate::domain::name::InteractionKey;
use crate::domain::spec::{FunctionPaths, Kind};
use crate::domain::tree::Edits;
use crate::domain::verdict::Parts;

/// The file in which Nango looks for functions. Source: Nango's docs, zero-YAML layout.
pub const INDEX: &str = "index.ts";
/// What npm knows a package by.
pub const MANIFEST: &str = "package.json";
/// The file that the layout before that is known by.
pub const YAML: &str = "nango.yaml";
/// Nango's way from that layout to this one.
const MIGRATE: &str = "npx nango migrate-to-zero-yaml";

/// The Nango project as it is in the commit that is built on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// Its folder, from the repository's root; empty when it is the root.
    pub project: String,
    /// Everything that is in it, relative to it.
    pub paths: BTreeSet<String>,
    /// The content of its [`INDEX`], if it has one.
    pub index: Option<Vec<u8>>,
    /// The files of a fresh project, relative to it. Used only when there is none yet.
    pub template: BTreeMap<String, Vec<u8>>,
}

/// Why parts do not go together, or not with what is there. A sentence for the author of the specs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssembleProblem {
    /// Nango finds a function by its integration and name alone, for a dry run and in recordings.
    #[error(
        "{0} and {1} have the same name, and Nango tells functions of one integration apart by name only; rename one of them"
    )]
    SameName(String, String),
    /// Two paths that are one on many people's machines.
    #[error("{0} and {1} differ only in upper and lower case; rename one of them")]
    OnlyCase(String, String),
    /// The same function twice among what is put in or taken out.
    #[error("{0} is asked for twice, or both asked for and removed; keep one")]
    Twice(String),
    /// Two builds have written the same module, each in its way.
    #[error(
        "{1} and {2} each brought another {0}; build the second again, it begins from what the first left"
    )]
    ModuleTwice(String, String, String),
    /// The index is not text.
    #[error("{0} is not UTF-8 text, so no import line can be put into it; save it as UTF-8")]
    IndexNotText(String),
    /// The index is no regular file, or too large.
    #[error("no import line can be put into the index of functions: {0}; make it a regular file")]
    IndexUnreadable(String),
    /// The project's manifest.
    #[error(
        "{0} is no JSON that can be read ({1}); mend it, because neither the Nango CLI nor tests work without it"
    )]
    Manifest(String, String),
    /// The project still has the layout that Nango gave up.
    #[error(
        "{0} shows that the project still describes its functions in YAML; first run `{command}` in its folder",
        command = MIGRATE
    )]
    Yaml(String),
}

/// The edits, from the repository's root, that put `parts` into the project and take `removed` out of it.
///
/// A project that is there keeps every file that is not of one of these functions; its index keeps every line but
/// their imports. Assembling once more changes nothing.
///
/// # Errors
/// Nothing is assembled when anything does not go together; the problem names both sides.
pub fn assemble(
    present: &Present,
    parts: &[Parts],
    removed: &[(InteractionKey, Kind)],
) -> Result<Edits, AssembleProblem> {
    let assembly = Assembly::new(present, parts, removed);
    assembly.check_layout()?;
    assembly.check_names()?;
    assembly.check_spelling()?;
    assembly.check_modules()?;

    let mut edits = Edits::new();
    let mut put = |path: &str, content: &[u8]| {
        edits.insert(assembly.path(path), Some(content.to_vec()));
    };
    if assembly.is_fresh() {
        for (path, content) in &present.template {
            if !present.paths.contains(path) {
                put(path, content);
            }
        }
    }
    for (paths, part) in &assembly.parts {
        put(&paths.function, &part.source);
        if let Some(tested) = &part.tested {
            put(&paths.recording, &tested.recording);
            put(&paths.test, &tested.test);
        }
        for (path, content) in &part.modules {
            put(path, content);
        }
    }
    if let Some(index) = assembly.next_index()? {
        put(INDEX, index.as_bytes());
    }
    for path in assembly.files_that_go() {
        edits.insert(assembly.path(&path), None);
    }
    Ok(edits)
}

/// What is there, what comes, and what goes.
struct Assembly<'a> {
    present: &'a Present,
    parts: Vec<(FunctionPaths, &'a Parts)>,
    removed: &'a [(InteractionKey, Kind)],
    /// Source files of `parts`.
    coming: BTreeSet<String>,
    /// Source files of `removed`.
    going: BTreeSet<String>,
}

impl<'a> Assembly<'a> {
    fn new(
        present: &'a Present,
        parts: &'a [Parts],
        removed: &'a [(InteractionKey, Kind)],
    ) -> Self {
        let parts: Vec<(FunctionPaths, &Parts)> = parts
            .iter()
            .map(|part| (part.accepted.spec().paths(), part))
            .collect();
        Self {
            present,
            coming: (parts.iter())
                .map(|(paths, _)| paths.function.clone())
                .collect(),
            going: (removed.iter())
                .map(|(key, kind)| FunctionPaths::of(key, *kind).function)
                .collect(),
            parts,
            removed,
        }
    }

    /// From the repository's root.
    fn path(&self, relative: &str) -> String {
        match self.present.project.trim_matches('/') {
            "" | "." => relative.to_owned(),
            folder => format!("{folder}/{relative}"),
        }
    }

    /// Whether the project is made by this commit.
    fn is_fresh(&self) -> bool {
        let is_there = self.present.index.is_some() || self.present.paths.contains("package.json");
        !self.parts.is_empty() && !is_there
    }

    /// The functions of the same name and another kind that there are afterwards.
    fn twins(&self, key: &InteractionKey, kind: Kind) -> Vec<(Kind, String)> {
        let others = kind
            .others()
            .map(|other| (other, FunctionPaths::of(key, other).function));
        others
            .filter(|(_, twin)| {
                let stays = self.present.paths.contains(twin) && !self.going.contains(twin);
                stays || self.coming.contains(twin)
            })
            .collect()
    }

    fn check_layout(&self) -> Result<(), AssembleProblem> {
        if !self.parts.is_empty() && self.present.paths.contains(YAML) {
            return Err(AssembleProblem::Yaml(self.path(YAML)));
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), AssembleProblem> {
        let mut seen = BTreeSet::new();
        for (paths, part) in &self.parts {
            let spec = part.accepted.spec();
            if !seen.insert(&paths.function) || self.going.contains(&paths.function) {
                return Err(AssembleProblem::Twice(spec.key.to_string()));
            }
            if let Some((_, twin)) = self.twins(&spec.key, spec.kind).into_iter().next() {
                let (a, b) = (self.path(&paths.function), self.path(&twin));
                return Err(AssembleProblem::SameName(
                    a.clone().min(b.clone()),
                    a.max(b),
                ));
            }
        }
        Ok(())
    }

    fn check_spelling(&self) -> Result<(), AssembleProblem> {
        let mut spellings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let staying = (self.present.paths.iter()).filter(|path| !self.going.contains(*path));
        for name in staying.flat_map(|path| with_folders(path)) {
            let lower = name.to_lowercase();
            spellings.entry(lower).or_default().insert(name);
        }
        for (paths, part) in &self.parts {
            let tests = part
                .tested
                .iter()
                .flat_map(|_| [&paths.recording, &paths.test]);
            let ours = std::iter::once(&paths.function).chain(tests);
            for ours in ours
                .chain(part.modules.keys())
                .flat_map(|path| with_folders(path))
            {
                let there = spellings.get(&ours.to_lowercase());
                let theirs = there.and_then(|all| all.iter().find(|theirs| **theirs != ours));
                if let Some(theirs) = theirs {
                    let (ours, theirs) = (self.path(ours), self.path(theirs));
                    return Err(AssembleProblem::OnlyCase(ours, theirs));
                }
            }
        }
        Ok(())
    }

    /// Two builds may have written the same module, but not in two ways.
    fn check_modules(&self) -> Result<(), AssembleProblem> {
        let mut seen: BTreeMap<&str, (&[u8], &InteractionKey)> = BTreeMap::new();
        for (_, part) in &self.parts {
            let key = &part.accepted.spec().key;
            for (path, content) in &part.modules {
                let (first, by) = *seen.entry(path).or_insert((content, key));
                if first != content {
                    return Err(AssembleProblem::ModuleTwice(
                        self.path(path),
                        by.to_string(),
                        key.to_string(),
                    ));
                }
            }
        }
        Ok(())
    }

    /// What is there of the functions that go. Recording and test stay when a function of another kind shares them.
    fn files_that_go(&self) -> Vec<String> {
        let all = self.removed.iter().flat_map(|(key, kind)| {
            let paths = FunctionPaths::of(key, *kind);
            let mut twins = self.twins(key, *kind).into_iter();
            if !kind.is_tested() || twins.any(|(twin, _)| twin.is_tested()) {
                vec![paths.function]
            } else {
                vec![paths.function, paths.recording, paths.test]
            }
        });
        all.filter(|path| self.present.paths.contains(path))
            .collect()
    }

    /// The text of the index, when it changes.
    fn next_index(&self) -> Result<Option<String>, AssembleProblem> {
        let template = || {
            let index = self.present.template.get(INDEX);
            index.filter(|_| self.is_fresh())
        };
        let before = match self.present.index.as_ref().or_else(template) {
            Some(bytes) => str::from_utf8(bytes)
                .map_err(|_| AssembleProblem::IndexNotText(self.path(INDEX)))?,
            None => "",
        };
        let mut index = Index::read(before);
        let integrations: BTreeSet<&str> = (self.parts.iter())
            .map(|(_, part)| part.accepted.spec().key.integration.as_str())
            .collect();
        index.drop_duplicates(&integrations);
        for import in self.imports(&index, &integrations) {
            index.add(&import);
        }
        // After the adding, so that a block whose only function changes its kind stays where it is.
        for (key, kind) in self.removed {
            index.remove(&Import::of(key, *kind));
        }
        let after = index.text();
        Ok((after != before).then_some(after))
    }

    /// What has to be imported: our functions, and those of the same integrations that are there as files but not
    /// imported, because somebody's merge lost the line. One that was commented out is meant to be left out, and
    /// integrations that this run does not touch are none of its business.
    fn imports(&self, index: &Index, integrations: &BTreeSet<&str>) -> BTreeSet<Import> {
        let ours = self.parts.iter().map(|(_, part)| {
            let spec = part.accepted.spec();
            Import::of(&spec.key, spec.kind)
        });
        (self.present.paths.iter())
            .filter(|path| !self.going.contains(*path))
            .filter_map(|path| Import::of_file(path))
            .filter(|import| integrations.contains(import.integration()))
            .filter(|import| !index.leaves_out(import))
            .chain(ours)
            .collect()
    }
}

/// `a/b/c`, `a/b`, `a`.
fn with_folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(folder, _)| folder)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::name::Digest;
    use crate::domain::settings::Commit;
    use crate::domain::spec::Spec;
    use crate::domain::verdict::{Judgement, Tested, Verdict};
    use crate::rules::specs;

    fn key(text: &str) -> InteractionKey {
        text.parse().expect("an interaction")
    }

    fn part(name: &str, kind: Kind) -> Parts {
        let key = key(name);
        let spec = Spec {
            kind,
            ..specs::sample::spec(name)
        };
        let judgement = Judgement {
            dossier: Digest::of(b"dossier"),
            interaction: key,
            verdict: Verdict::Countersigned,
            sentence: String::new(),
            cause: None,
            unproven: Box::default(),
            findings: vec![],
        };
        Parts {
            accepted: judgement
                .accept(&spec, Commit::Countersigned)
                .expect("accepted"),
            source: format!("source of {name}").into_bytes(),
            tested: kind.is_tested().then(|| Tested {
                recording: format!("recording of {name}").into_bytes(),
                test: format!("test of {name}").into_bytes(),
            }),
            modules: BTreeMap::new(),
        }
    }

    fn project(paths: &[&str], index: Option<&str>) -> Present {
        Present {
            project: "nango-integrations".into(),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            index: index.map(|text| text.as_bytes().to_vec()),
            template: [
                ("package.json", "{}"),
                (".gitignore", "build/"),
                ("index.ts", ""),
            ]
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
            .into(),
        }
    }

    /// The project after the edits.
    fn applied(present: &Present, edits: &Edits) -> Present {
        let mut next = present.clone();
        for (path, content) in edits {
            let path = path
                .strip_prefix("nango-integrations/")
                .expect("inside the project");
            match content {
                Some(_) => next.paths.insert(path.to_owned()),
                None => next.paths.remove(path),
            };
            if path == INDEX {
                next.index.clone_from(content);
            }
        }
        next
    }

    fn text<'e>(edits: &'e Edits, path: &str) -> Option<&'e str> {
        let content = edits.get(&format!("nango-integrations/{path}"))?.as_ref()?;
        Some(str::from_utf8(content).expect("text"))
    }

    #[test]
    fn a_repository_without_a_project_gets_one() {
        let edits = assemble(&project(&[], None), &[part("slack/users", Kind::Sync)], &[])
            .expect("it goes together");
        let paths: Vec<&str> = edits.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "nango-integrations/.gitignore",
                "nango-integrations/index.ts",
                "nango-integrations/package.json",
                "nango-integrations/slack/syncs/users.ts",
                "nango-integrations/slack/tests/slack-users.test.ts",
                "nango-integrations/slack/tests/users.test.json",
            ]
        );
        assert_eq!(
            text(&edits, "index.ts"),
            Some("// -- Integration: slack\nimport './slack/syncs/users.js';\n")
        );
    }

    #[test]
    fn a_project_at_the_root_of_the_repository_is_one_too() {
        for root in ["", ".", "/"] {
            let mut present = project(&["package.json"], None);
            present.project = root.into();
            let edits = assemble(&present, &[part("a/b", Kind::Action)], &[]).expect("fine");
            assert!(edits.contains_key("a/actions/b.ts"), "{edits:?}");
            assert!(!edits.contains_key("package.json"), "{edits:?}");
        }
    }

    #[test]
    fn lost_imports_come_back_and_those_left_out_do_not() {
        let present = project(
            &[
                "package.json",
                "slack/actions/lost.ts",
                "slack/actions/off.ts",
                "slack/actions/notes.d.ts",
                "slack/tests/slack-lost.test.ts",
                "hubspot/actions/draft.ts",
            ],
            Some("// import './slack/actions/off.js';\n"),
        );
        let edits =
            assemble(&present, &[part("slack/new", Kind::Action)], &[]).expect("it goes together");
        assert_eq!(
            text(&edits, "index.ts"),
            Some(
                "// import './slack/actions/off.js';\nimport './slack/actions/lost.js';\nimport './slack/actions/new.js';\n"
            )
        );
    }

    #[test]
    fn what_is_removed_is_gone_and_nothing_else() {
        let index = "import './slack/syncs/users.js';\nimport './slack/actions/post.js';\n";
        let present = project(
            &[
                "package.json",
                "slack/actions/post.ts",
                "slack/syncs/users.ts",
                "slack/tests/users.test.json",
                "slack/tests/post.test.json",
                "slack/actions/lost.ts",
            ],
            Some(index),
        );
        let edits = assemble(&present, &[], &[(key("slack/users"), Kind::Sync)]).expect("fine");
        let gone: Vec<(&str, bool)> = edits
            .iter()
            .map(|(path, content)| (path.as_str(), content.is_none()))
            .collect();
        assert_eq!(
            gone,
            [
                ("nango-integrations/index.ts", false),
                ("nango-integrations/slack/syncs/users.ts", true),
                ("nango-integrations/slack/tests/users.test.json", true),
            ]
        );
        assert_eq!(
            text(&edits, "index.ts"),
            Some("import './slack/actions/post.js';\n")
        );
        let nothing = assemble(
            &project(&[], None),
            &[],
            &[(key("slack/users"), Kind::Sync)],
        );
        assert_eq!(nothing, Ok(Edits::new()), "there is no project at all");
    }

    #[test]
    fn an_action_can_become_a_sync_but_there_cannot_be_both() {
        let present = project(
            &[
                "package.json",
                "slack/actions/users.ts",
                "slack/tests/users.test.json",
            ],
            Some("import './slack/actions/users.js';\n"),
        );
        let parts = [part("slack/users", Kind::Sync)];
        let both = assemble(&present, &parts, &[]).expect_err("both");
        assert_eq!(
            both,
            AssembleProblem::SameName(
                "nango-integrations/slack/actions/users.ts".into(),
                "nango-integrations/slack/syncs/users.ts".into(),
            )
        );
        let edits = assemble(&present, &parts, &[(key("slack/users"), Kind::Action)])
            .expect("the action goes");
        assert_eq!(
            text(&edits, "index.ts"),
            Some("import './slack/syncs/users.js';\n")
        );
        assert_eq!(edits["nango-integrations/slack/actions/users.ts"], None);
        assert_eq!(
            text(&edits, "slack/tests/users.test.json"),
            Some("recording of slack/users"),
            "it is the sync's now"
        );
        let two = [
            part("slack/users", Kind::Sync),
            part("slack/users", Kind::Action),
        ];
        assert!(matches!(
            assemble(&project(&[], None), &two, &[]),
            Err(AssembleProblem::SameName(..))
        ));
    }

    #[test]
    fn an_on_event_function_brings_its_source_and_its_line_alone() {
        let index = "import './slack/actions/post.js';\n";
        let present = project(
            &[
                "package.json",
                "slack/actions/post.ts",
                "slack/actions/setup.ts",
                "slack/tests/setup.test.json",
                "slack/tests/slack-setup.test.ts",
            ],
            Some(index),
        );
        let parts = [part("slack/setup", Kind::OnEvent)];
        let both = assemble(&present, &parts, &[]).expect_err("the action is there");
        assert!(matches!(both, AssembleProblem::SameName(..)), "{both}");
        // It was an action before: its test goes with it.
        let turned = [(key("slack/setup"), Kind::Action)];
        let edits = assemble(&present, &parts, &turned).expect("fine");
        let next = applied(&present, &edits);
        let paths: Vec<&str> = next.paths.iter().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "index.ts",
                "package.json",
                "slack/actions/post.ts",
                "slack/on-events/setup.ts"
            ]
        );
        let line = format!("{index}import './slack/on-events/setup.js';\n");
        assert_eq!(next.index, Some(line.into_bytes()));
        // Its spec is gone: a test of that name is not its.
        let removed = [(key("slack/setup"), Kind::OnEvent)];
        let mut there = next.clone();
        there.paths.insert("slack/tests/setup.test.json".into());
        let edits = assemble(&there, &[], &removed).expect("fine");
        let gone: Vec<&String> = edits
            .iter()
            .filter(|(_, content)| content.is_none())
            .map(|(path, _)| path)
            .collect();
        assert_eq!(gone, ["nango-integrations/slack/on-events/setup.ts"]);
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let users = [part("slack/users", Kind::Sync)];
        for (path, ours) in [
            ("slack/syncs/Users.ts", "slack/syncs/users.ts"),
            ("Slack/readme.md", "slack"),
            ("slack/Tests/x.json", "slack/tests"),
        ] {
            let problem = assemble(&project(&["package.json", path], None), &users, &[])
                .expect_err("one name on many machines");
            let words = problem.to_string();
            assert!(words.contains(ours), "{words}");
            assert!(matches!(problem, AssembleProblem::OnlyCase(..)), "{words}");
        }
        let removed = [(key("slack/users"), Kind::Sync)];
        assert_eq!(
            assemble(&project(&[], None), &users, &removed),
            Err(AssembleProblem::Twice("slack/users".into()))
        );
        let mut odd = project(&["package.json"], None);
        odd.index = Some(vec![0xff, 0xfe]);
        assert!(matches!(
            assemble(&odd, &users, &[]),
            Err(AssembleProblem::IndexNotText(..))
        ));
        assert!(matches!(
            assemble(&project(&["nango.yaml"], None), &users, &[]),
            Err(AssembleProblem::Yaml(..))
        ));
    }

    /// The order of the index.
    const ORDER: [Kind; 3] = [Kind::Sync, Kind::Action, Kind::OnEvent];

    fn kind() -> impl Strategy<Value = Kind> {
        prop_oneof![Just(Kind::Action), Just(Kind::Sync), Just(Kind::OnEvent)]
    }

    fn name() -> impl Strategy<Value = String> {
        "[ab]/[cd]{1,2}"
    }

    fn parts() -> impl Strategy<Value = Vec<Parts>> {
        proptest::collection::btree_map(name(), kind(), 0..6)
            .prop_map(|all| all.iter().map(|(name, kind)| part(name, *kind)).collect())
    }

    fn index_line() -> impl Strategy<Value = String> {
        prop_oneof![
            "import '\\./[abz]/(actions|syncs|on-events)/[cd]{1,2}(\\.js)?';",
            "// import '\\./[ab]/actions/[cd]{1,2}\\.js';",
            "// -- Integration: [abz]",
            Just(String::new()),
            Just("// a comment".to_owned()),
            Just(
                "/* was:
import './a/actions/c.js';
*/"
                .to_owned()
            ),
            Just("export const x = 1;".to_owned()),
        ]
    }

    fn present() -> impl Strategy<Value = Present> {
        let file = prop_oneof![
            "[abz]/(actions|syncs|on-events)/[cd]{1,2}\\.ts",
            "[abz]/tests/[cd]{1,2}\\.test\\.json",
            "[abz]/helpers/[cd]{1,2}\\.ts",
            Just("package.json".to_owned()),
        ];
        let index = proptest::collection::vec(index_line(), 0..12)
            .prop_map(|lines| lines.join("\n").into_bytes());
        (
            proptest::collection::btree_set(file, 0..12),
            proptest::option::of(index),
        )
            .prop_map(|(paths, index)| {
                let mut present = project(&[], None);
                present.paths = paths;
                if index.is_some() {
                    present.paths.insert(INDEX.to_owned());
                }
                present.index = index;
                present
            })
    }

    /// Lines that are nobody's import.
    fn others(index: Option<&Vec<u8>>) -> Vec<String> {
        String::from_utf8_lossy(index.map_or(&[], Vec::as_slice))
            .lines()
            .filter(|line| {
                !line.is_empty() && !line.starts_with("import ") && !line.contains("-- Integration")
            })
            .map(str::to_owned)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn assembling_twice_changes_nothing(
            present in present(),
            parts in parts(),
            removed in proptest::collection::vec((name(), kind()), 0..3),
        ) {
            let removed: Vec<_> = removed.iter().map(|(name, kind)| (key(name), *kind)).collect();
            let Ok(edits) = assemble(&present, &parts, &removed) else {
                return Ok(());
            };
            let next = applied(&present, &edits);
            let again = assemble(&next, &parts, &removed).expect("it went together before");
            prop_assert_eq!(&applied(&next, &again), &next);
            for (path, content) in &again {
                prop_assert_eq!(Some(content), edits.get(path), "{}", path);
            }
        }

        #[test]
        fn nothing_else_of_the_project_is_touched(
            present in present(),
            parts in parts(),
            removed in proptest::collection::vec((name(), kind()), 0..3),
        ) {
            let removed: Vec<_> = removed.iter().map(|(name, kind)| (key(name), *kind)).collect();
            let Ok(edits) = assemble(&present, &parts, &removed) else {
                return Ok(());
            };
            let mut allowed: BTreeSet<String> = [INDEX.to_owned()].into();
            let ours = parts.iter().map(|part| part.accepted.spec().paths());
            let theirs = removed.iter().map(|(key, kind)| FunctionPaths::of(key, *kind));
            for paths in ours.chain(theirs) {
                allowed.extend([paths.function, paths.recording, paths.test]);
            }
            let is_new = present.index.is_none() && !present.paths.contains("package.json");
            for (path, content) in &edits {
                let path = path.strip_prefix("nango-integrations/").expect("inside the project");
                prop_assert!(allowed.contains(path) || is_new && present.template.contains_key(path), "{}", path);
                prop_assert!(content.is_some() || present.paths.contains(path), "{}", path);
            }
            let next = applied(&present, &edits);
            prop_assert_eq!(others(present.index.as_ref()), others(next.index.as_ref()));
        }

        #[test]
        fn our_own_index_is_complete_sorted_and_can_be_taken_back(parts in parts()) {
            let empty = project(&["package.json"], None);
            let edits = assemble(&empty, &parts, &[]).expect("names differ");
            let next = applied(&empty, &edits);
            let index = String::from_utf8(next.index.clone().unwrap_or_default()).expect("text");
            let lines: Vec<&str> = index.lines().filter(|line| line.starts_with("import")).collect();
            let mut wanted: Vec<(String, usize, String)> = parts.iter().map(|part| {
                let spec = part.accepted.spec();
                let place = ORDER.iter().position(|kind| *kind == spec.kind).expect("every kind");
                (spec.key.integration.to_string(), place, spec.key.name.to_string())
            }).collect();
            wanted.sort();
            let wanted: Vec<String> = wanted.iter().map(|(integration, place, name)| {
                let folder = ORDER[*place].folder();
                format!("import './{integration}/{folder}/{name}.js';")
            }).collect();
            prop_assert_eq!(lines, wanted);

            let all: Vec<_> = parts.iter().map(|part| {
                let spec = part.accepted.spec();
                (spec.key.clone(), spec.kind)
            }).collect();
            let back = applied(&next, &assemble(&next, &[], &all).expect("nothing clashes"));
            prop_assert_eq!(back.index.unwrap_or_default(), b"");
            prop_assert_eq!(back.paths, if parts.is_empty() { empty.paths } else {
                [INDEX, "package.json"].map(str::to_owned).into()
            });
        }
    }
}
