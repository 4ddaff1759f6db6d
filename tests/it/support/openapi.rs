//! GitHub's own description of its API, as the judge of what was sent to and answered by the stand-in: [`check`].
//!
//! The description is an npm package that `tests/npm` pins. It is installed once into the target folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use countersign_standin::github::Seen;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// How long npm may take, and how long another process is waited for that does the same.
const INSTALL: Duration = Duration::from_secs(300);

/// Something that GitHub's description does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which request, by the number it was seen under.
    pub number: usize,
    /// `POST /repos/{owner}/{repo}/check-runs`.
    pub route: String,
    /// Where in the request or answer, and what is wrong there.
    pub what: String,
}

/// Holds every request that a route knew against GitHub's description: method and path, query, body. Keys that the
/// description does not have are violations too, though GitHub itself would ignore most of them. What no route knew
/// is a violation as well; git's requests are left out.
pub fn check(seen: &[Seen]) -> Vec<Violation> {
    // The other API has a description of its own; see `graphql`.
    let is_api = |one: &&Seen| !one.path.contains(".git/") && one.path != "/api/graphql";
    let api = seen.iter().filter(is_api);
    api.flat_map(|one| collect(one, DESCRIPTION.request(one)))
        .collect()
}

/// Whether GitHub's description has this method and path.
pub fn knows(method: &str, template: &str) -> bool {
    !DESCRIPTION.root["paths"][template][method.to_ascii_lowercase()].is_null()
}

/// Holds every answer of the stand-in against the description: whether this status may come, and with this shape.
pub fn check_answers(seen: &[Seen]) -> Vec<Violation> {
    let answered = seen
        .iter()
        .filter(|one| one.route.is_some() && one.status < 400);
    answered
        .flat_map(|one| collect(one, DESCRIPTION.answer(one)))
        .collect()
}

/// Holds the payload of a webhook against the description of its event and action, and returns what is wrong.
pub fn check_payload(event: &str, action: Option<&str>, payload: &Value) -> Vec<String> {
    let name = [Some(event), action]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("-")
        .replace('_', "-");
    let schema = &DESCRIPTION.root["x-webhooks"][&name]["post"]["requestBody"]["content"]["application/json"]
        ["schema"];
    if schema.is_null() {
        return vec![format!("there is no webhook {name}")];
    }
    DESCRIPTION.errors(&format!("webhook {name}"), schema, Keys::Any, payload)
}

fn collect(seen: &Seen, errors: Vec<String>) -> impl Iterator<Item = Violation> {
    let (number, route) = (
        seen.number,
        format!("{} {}", seen.method, seen.route.unwrap_or(&seen.path)),
    );
    errors.into_iter().map(move |what| Violation {
        number,
        route: route.clone(),
        what,
    })
}

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let path = installed();
    let text =
        fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    Description {
        root: serde_json::from_slice(&text).expect("GitHub's description is JSON"),
        validators: Mutex::default(),
    }
});

struct Description {
    root: Value,
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// Whether keys that a schema does not name are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Named,
    Any,
}

impl Description {
    fn operation(&self, seen: &Seen) -> Result<&Value, Vec<String>> {
        let route = seen
            .route
            .ok_or_else(|| vec!["no route knows it".to_owned()])?;
        let operation = &self.root["paths"][route][seen.method.to_ascii_lowercase()];
        if operation.is_null() {
            return Err(vec!["GitHub has no such method and path".to_owned()]);
        }
        Ok(operation)
    }

    fn request(&self, seen: &Seen) -> Vec<String> {
        let operation = match self.operation(seen) {
            Ok(operation) => operation,
            Err(errors) => return errors,
        };
        let mut errors = self.query(operation, &seen.query);
        let content = &operation["requestBody"]["content"]["application/json"]["schema"];
        let label = format!("{} {}", seen.method, seen.route.unwrap_or_default());
        match (content.is_null(), seen.body.is_null()) {
            (true, true) => {}
            (true, false) => errors.push("a body where GitHub wants none".to_owned()),
            (false, true) => {
                if operation["requestBody"]["required"] == json!(true) {
                    errors.push("no body where GitHub wants one".to_owned());
                }
            }
            (false, false) => errors.extend(self.errors(&label, content, Keys::Named, &seen.body)),
        }
        errors
    }

    fn query(&self, operation: &Value, query: &str) -> Vec<String> {
        let described: Vec<&Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| self.resolved(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        let url = reqwest::Url::parse(&format!("http://localhost/?{query}")).expect("an address");
        let mut errors = Vec::new();
        for (key, value) in url.query_pairs() {
            let Some(parameter) = described.iter().find(|one| one["name"] == *key) else {
                errors.push(format!("GitHub has no query parameter {key}"));
                continue;
            };
            let schema = self.resolved(&parameter["schema"]);
            let value = match schema["type"].as_str() {
                Some("integer") => value
                    .parse::<i64>()
                    .map_or(json!(value), |number| json!(number)),
                Some("boolean") => value
                    .parse::<bool>()
                    .map_or(json!(value), |flag| json!(flag)),
                _ => json!(value),
            };
            let label = format!("query {} {key}", operation["operationId"]);
            errors.extend(self.errors(&label, schema, Keys::Any, &value));
        }
        errors
    }

    fn answer(&self, seen: &Seen) -> Vec<String> {
        let operation = match self.operation(seen) {
            Ok(operation) => operation,
            Err(errors) => return errors,
        };
        let response = self.resolved(&operation["responses"][seen.status.to_string()]);
        if response.is_null() {
            return vec![format!("GitHub never answers {} here", seen.status)];
        }
        let mut schema = &response["content"]["application/json"]["schema"];
        // GitHub's own slip: in this list alone, an account is a user and an enterprise at once.
        let installations =
            json!({ "type": "array", "items": { "$ref": "#/components/schemas/installation" } });
        if seen.route == Some("/app/installations") {
            schema = &installations;
        }
        let label = format!(
            "{} {} {}",
            seen.method,
            seen.route.unwrap_or_default(),
            seen.status
        );
        if schema.is_null() {
            return Vec::new();
        }
        self.errors(&label, schema, Keys::Any, &seen.answer)
    }

    /// What is wrong with `value` by `schema`. The validator is made once for each label.
    fn errors(&self, label: &str, schema: &Value, keys: Keys, value: &Value) -> Vec<String> {
        let known = self
            .validators
            .lock()
            .expect("no poison")
            .get(label)
            .cloned();
        let validator = known.unwrap_or_else(|| {
            let made = Arc::new(self.validator(schema, keys));
            let mut validators = self.validators.lock().expect("no poison");
            validators.insert(label.to_owned(), made.clone());
            made
        });
        validator
            .iter_errors(value)
            .map(|error| {
                let mut what = error.to_string();
                what.truncate(what.floor_char_boundary(400));
                format!("{}: {what}", error.instance_path())
            })
            .collect()
    }

    fn validator(&self, schema: &Value, keys: Keys) -> Validator {
        let mut wanted = BTreeSet::new();
        let mut root = translated(schema, keys, &mut wanted);
        let mut definitions = Map::new();
        while let Some(name) = wanted
            .iter()
            .find(|name| !definitions.contains_key(*name))
            .cloned()
        {
            let definition = &self.root["components"]["schemas"][&name];
            definitions.insert(name, translated(definition, keys, &mut wanted));
        }
        root["$defs"] = Value::Object(definitions);
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            // The addresses of bots have brackets in them, which GitHub's own description does not allow.
            .with_format("email", |_| true)
            .build(&root)
            .unwrap_or_else(|error| {
                panic!("GitHub's description holds a schema that cannot be compiled: {error}")
            })
    }

    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix('#'))
        {
            Some(path) => self
                .root
                .pointer(path)
                .expect("a reference leads somewhere"),
            None => value,
        }
    }
}

/// A schema of OpenAPI 3.0 as JSON Schema: references to `$defs` (their names are collected), `nullable` as a type.
fn translated(schema: &Value, keys: Keys, wanted: &mut BTreeSet<String>) -> Value {
    let object = match schema {
        Value::Object(object) => object,
        Value::Array(items) => {
            return items
                .iter()
                .map(|item| translated(item, keys, wanted))
                .collect();
        }
        other => return other.clone(),
    };
    let mut out = Map::new();
    for (key, value) in object {
        match (key.as_str(), value) {
            ("$ref", Value::String(path)) => {
                let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                out.insert(key.clone(), json!(format!("#/$defs/{name}")));
                wanted.insert(name);
            }
            // Not about the value, and sometimes not even schemas.
            (
                "example" | "examples" | "description" | "default" | "deprecated" | "nullable"
                | "discriminator",
                _,
            ) => {}
            ("enum" | "required" | "type" | "pattern", _) => {
                out.insert(key.clone(), value.clone());
            }
            // The arms of an alternative name only the keys that tell them apart.
            ("anyOf" | "oneOf" | "allOf", _) => {
                out.insert(key.clone(), translated(value, Keys::Any, wanted));
            }
            ("properties", Value::Object(properties)) => {
                let properties: Map<_, _> = properties
                    .iter()
                    .map(|(name, value)| (name.clone(), translated(value, keys, wanted)))
                    .collect();
                out.insert(key.clone(), Value::Object(properties));
            }
            _ => {
                out.insert(key.clone(), translated(value, keys, wanted));
            }
        }
    }
    if keys == Keys::Named
        && out.contains_key("properties")
        && !out.contains_key("additionalProperties")
    {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    if object.get("nullable") == Some(&json!(true)) {
        let kind = out.get("type").cloned();
        let Some(kind) = kind else {
            return json!({ "anyOf": [{ "type": "null" }, out] });
        };
        out.insert("type".to_owned(), json!([kind, "null"]));
        if let Some(Value::Array(allowed)) = out.get_mut("enum") {
            allowed.push(Value::Null);
        }
    }
    Value::Object(out)
}

/// The file with the description; the package is installed first, if nobody has done so. Two processes never do it at
/// once, and an interrupted installation is not taken for a finished one, because the file gets its place at the end.
/// The rest of the package, a hundred times as much, is not kept.
fn installed() -> PathBuf {
    descriptions().join("api.github.com.json")
}

/// GitHub's descriptions of its APIs: the first as a file, the other as a package of npm's.
pub fn descriptions() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock_text = include_str!("../../npm/package-lock.json");
    let version = countersign::domain::name::Digest::of(lock_text.as_bytes());
    let home = root.join(format!("github-{}", version.short()));
    if home.exists() {
        return home;
    }
    let lock = File::create(root.join("github.lock")).expect("a lock file");
    wait_for(&lock);
    if home.exists() {
        return home;
    }
    let fresh = tempfile::tempdir_in(root).expect("a folder");
    fs::write(
        fresh.path().join("package.json"),
        include_str!("../../npm/package.json"),
    )
    .expect("package.json");
    fs::write(fresh.path().join("package-lock.json"), lock_text).expect("package-lock.json");
    npm_ci(fresh.path());
    // The package of the first has a dozen versions of it beside the one that is needed, half a gigabyte.
    let package = fresh.path().join("node_modules/@octokit/openapi");
    fs::rename(
        package.join("generated/api.github.com.json"),
        fresh.path().join("api.github.com.json"),
    )
    .expect("the description gets its place");
    fs::remove_dir_all(&package).expect("the rest goes");
    fs::rename(fresh.keep(), &home).expect("the descriptions get their place");
    home
}

fn wait_for(lock: &File) {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return,
            Err(TryLockError::WouldBlock) if begun.elapsed() < INSTALL => {
                std::thread::sleep(Duration::from_millis(100))
            }
            Err(error) => panic!("cannot lock the folder of GitHub's description: {error}"),
        }
    }
}

fn npm_ci(folder: &Path) {
    let log = File::create(folder.join("npm.log")).expect("a log file");
    let mut npm = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("npm is on the PATH");
    let begun = Instant::now();
    loop {
        if let Some(status) = npm.try_wait().expect("npm can be waited for") {
            let said = fs::read_to_string(folder.join("npm.log")).unwrap_or_default();
            assert!(status.success(), "npm ci failed:\n{said}");
            return;
        }
        if begun.elapsed() > INSTALL {
            let _ = npm.kill();
            let _ = npm.wait();
            panic!("npm ci took longer than {} s", INSTALL.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
