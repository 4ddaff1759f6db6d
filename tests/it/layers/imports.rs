//! What each file of `src` imports from the crate, read with a parser: `use` lines, paths in the code, paths in macros,
//! `crate::`, `super::` and `self::` alike. Test code (`#[cfg(test)]`) does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A path below `src`, as `rules/judge/mod.rs`.
pub type File = String;

/// The files of a crate and who imports whom.
pub struct Imports {
    files: BTreeMap<File, Source>,
    modules: BTreeMap<Vec<String>, File>,
}

/// What was read in one file.
#[derive(Default)]
struct Source {
    /// Paths that its code names, absolute; those of re-exports apart.
    named: BTreeSet<Vec<String>>,
    /// Re-exports: the name given, and the absolute path behind it.
    exports: BTreeMap<String, Vec<String>>,
    /// Names that it defines itself.
    defines: BTreeSet<String>,
    /// Modules of other files that it declares under `#[cfg(test)]`.
    test_modules: Vec<Vec<String>>,
    /// The code without comments and test code, as tokens.
    code: String,
}

impl Imports {
    /// Reads every file below `src`.
    pub fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(src)
            .sort_by_file_name()
            .into_iter()
            .map(|entry| entry.expect("a folder below src is readable"))
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"))
        {
            let file = entry.path().strip_prefix(src).expect("below src");
            let text = std::fs::read_to_string(entry.path()).expect("a source is UTF-8");
            files.insert(file.display().to_string(), text);
        }
        Self::of(files)
    }

    /// The same for sources that are given.
    pub fn of(texts: BTreeMap<File, String>) -> Self {
        let modules: BTreeMap<Vec<String>, File> = texts
            .keys()
            .map(|file| (module_of(file), file.clone()))
            .collect();
        let files: BTreeMap<File, Source> = texts
            .into_iter()
            .map(|(file, text)| {
                let source = Source::read(&module_of(&file), &text)
                    .unwrap_or_else(|error| panic!("{file}: {error}"));
                (file, source)
            })
            .collect();
        let of_tests: Vec<Vec<String>> = files
            .values()
            .flat_map(|source| source.test_modules.clone())
            .collect();
        let counts = |file: &File| {
            let module = module_of(file);
            !of_tests.iter().any(|test| module.starts_with(test))
        };
        let files = files.into_iter().filter(|(file, _)| counts(file)).collect();
        Self { files, modules }
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.keys()
    }

    /// The tokens of a file, comments and test code left out.
    pub fn code(&self, file: &str) -> &str {
        &self.files[file].code
    }

    /// The files that `file` imports from, re-exports included.
    pub fn from(&self, file: &str) -> BTreeSet<&File> {
        let source = &self.files[file];
        let exported = source.exports.values();
        self.resolve(file, source.named.iter().chain(exported))
    }

    /// The same without re-exports: a table of contents uses nothing.
    fn used_by(&self, file: &str) -> BTreeSet<&File> {
        self.resolve(file, self.files[file].named.iter())
    }

    fn resolve<'a>(
        &self,
        file: &str,
        paths: impl Iterator<Item = &'a Vec<String>>,
    ) -> BTreeSet<&File> {
        paths
            .filter_map(|path| self.behind(path, 8))
            .filter(|found| *found != file && self.files.contains_key(*found))
            .collect()
    }

    /// The file that defines what `path` names: re-exports are followed.
    fn behind(&self, path: &[String], hops: u8) -> Option<&File> {
        let (length, file) = (0..=path.len())
            .rev()
            .find_map(|length| Some((length, self.modules.get(&path[..length])?)))?;
        let Some(name) = path.get(length) else {
            return Some(file);
        };
        let source = self.files.get(file)?;
        match source.exports.get(name) {
            Some(to) if hops > 0 && !source.defines.contains(name) => {
                let mut to = to.clone();
                to.extend_from_slice(&path[length + 1..]);
                self.behind(&to, hops - 1)
            }
            // The crate's own root defines nothing: a path that ends there is of another crate.
            _ if length == 0 && !source.defines.contains(name) => None,
            _ => Some(file),
        }
    }

    /// Groups of files that import each other in a circle, each sorted.
    pub fn circles(&self) -> Vec<Vec<&File>> {
        let used: BTreeMap<&File, BTreeSet<&File>> = self
            .files()
            .map(|file| (file, self.used_by(file)))
            .collect();
        let reach: BTreeMap<&File, BTreeSet<&File>> = used
            .iter()
            .map(|(file, first)| {
                let mut seen = BTreeSet::new();
                let mut next: Vec<&File> = first.iter().copied().collect();
                while let Some(file) = next.pop() {
                    if seen.insert(file) {
                        next.extend(&used[file]);
                    }
                }
                (*file, seen)
            })
            .collect();
        let mut circles: Vec<Vec<&File>> = Vec::new();
        for (file, reached) in &reach {
            if !reached.contains(*file) || circles.iter().any(|circle| circle.contains(file)) {
                continue;
            }
            let both = |other: &&&File| reached.contains(**other) && reach[*other].contains(*file);
            circles.push(reach.keys().filter(both).copied().collect());
        }
        circles
    }
}

fn module_of(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

impl Source {
    fn read(module: &[String], text: &str) -> syn::Result<Self> {
        let mut file = syn::parse_file(text)?;
        let (tests, items): (Vec<_>, Vec<_>) = std::mem::take(&mut file.items)
            .into_iter()
            .partition(is_for_tests);
        file.items = items;
        let test_modules = tests.iter().filter_map(|item| match item {
            syn::Item::Mod(child) => {
                let mut path = module.to_vec();
                path.push(child.ident.to_string());
                Some(path)
            }
            _ => None,
        });
        let children = file.items.iter().filter_map(|item| match item {
            syn::Item::Mod(child) if child.content.is_none() => Some(child.ident.to_string()),
            _ => None,
        });
        let mut reader = Reader {
            source: Source {
                code: quote::ToTokens::to_token_stream(&file).to_string(),
                test_modules: test_modules.collect(),
                ..Source::default()
            },
            children: children.collect(),
            module: module.to_vec(),
            depth: module.len(),
        };
        reader.visit_file(&file);
        Ok(reader.source)
    }
}

/// Whether an item stands under `#[cfg(test)]`.
fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    })
}

/// Collects what a file names.
struct Reader {
    source: Source,
    /// Modules that the file declares.
    children: BTreeSet<String>,
    /// Where the reader is, inline modules included.
    module: Vec<String>,
    /// The length of the file's own module.
    depth: usize,
}

impl Reader {
    /// The absolute path of what stands in the code; `None` for what is not of this crate or local.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let first = path.first()?.as_str();
        match first {
            "crate" | "$crate" => Some(path[1..].to_vec()),
            "countersign" => Some(path[1..].to_vec()),
            "self" | "super" => {
                let mut base = self.module.clone();
                let mut rest = path;
                while let [word, tail @ ..] = rest
                    && matches!(word.as_str(), "super" | "self")
                {
                    if word == "super" {
                        base.pop();
                    }
                    rest = tail;
                }
                base.extend_from_slice(rest);
                Some(base)
            }
            child if self.children.contains(child) => {
                let mut base = self.module[..self.depth].to_vec();
                base.extend_from_slice(path);
                Some(base)
            }
            _ => None,
        }
    }

    fn name(&mut self, path: &[String]) {
        if let Some(path) = self.absolute(path) {
            self.source.named.insert(path);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if path.is_empty() || colons == 2 => {
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                other => {
                    self.name(&std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        TokenTree::Ident(word) => path.push(word.to_string()),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
        }
        self.name(&path);
    }
}

/// The leaves of a `use` tree: the path, and the name that it gets.
fn leaves(tree: &syn::UseTree, before: &[String], into: &mut Vec<(Vec<String>, String)>) {
    let with = |word: &syn::Ident| {
        let mut path = before.to_vec();
        if word != "self" || before.is_empty() {
            path.push(word.to_string());
        }
        path
    };
    match tree {
        syn::UseTree::Path(path) => leaves(&path.tree, &with(&path.ident), into),
        syn::UseTree::Name(name) => {
            let path = with(&name.ident);
            let last = path.last().cloned().unwrap_or_default();
            into.push((path, last));
        }
        syn::UseTree::Rename(name) => into.push((with(&name.ident), name.rename.to_string())),
        syn::UseTree::Glob(_) => into.push((before.to_vec(), "*".to_owned())),
        syn::UseTree::Group(group) => {
            for item in &group.items {
                leaves(item, before, into);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let defined = match item {
            syn::Item::Struct(item) => Some(&item.ident),
            syn::Item::Enum(item) => Some(&item.ident),
            syn::Item::Trait(item) => Some(&item.ident),
            syn::Item::Type(item) => Some(&item.ident),
            syn::Item::Const(item) => Some(&item.ident),
            syn::Item::Static(item) => Some(&item.ident),
            syn::Item::Fn(item) => Some(&item.sig.ident),
            syn::Item::Mod(item) => Some(&item.ident),
            _ => None,
        };
        if let Some(name) = defined {
            self.source.defines.insert(name.to_string());
        }
        visit::visit_item(self, item);
    }
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &[], &mut found);
        for (path, name) in found {
            let Some(path) = self.absolute(&path) else {
                continue;
            };
            match item.vis {
                syn::Visibility::Inherited => {
                    self.source.named.insert(path);
                }
                _ => {
                    self.source.exports.insert(name, path);
                }
            }
        }
    }
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.name(&words);
        visit::visit_path(self, path);
    }
    fn visit_macro(&mut self, of: &'ast syn::Macro) {
        self.tokens(of.tokens.clone());
        visit::visit_macro(self, of);
    }
    // `pub(crate)` and `pub(super)` name a module, but use nothing of it.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if !attribute.path().is_ident("doc") {
            visit::visit_attribute(self, attribute);
        }
    }
}
