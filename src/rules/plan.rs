//! Which interactions are built, carried, removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::decision::{Budget, Skipped};
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Placed, Plan, Signed, Step};
use crate::domain::project::ProjectFolder;
use crate::domain::skill::SkillDigests;
use crate::domain::spec::Spec;

/// What a plan is made from.
#[derive(Debug, Clone)]
pub struct PlanInput<'a> {
    /// The valid specs that the head changes against the merge base.
    pub specs: Vec<Spec>,
    /// Functions that were made for another text of their spec than the head and the merge base have.
    pub restored: Vec<Placed>,
    /// Functions whose specs the head removes.
    pub removed: Vec<Placed>,
    /// Where functions were before their specs named another project.
    pub moved: Vec<Placed>,
    /// What is wrong with specs and settings.
    pub problems: Vec<Finding>,
    /// What was countersigned on this pull request before.
    pub signed: &'a [Signed],
    /// Specs that are new here, of functions that were there before and are as they were.
    pub adopted: &'a BTreeSet<InteractionKey>,
    /// Of the specs those whose function a person has taken off the branch again.
    pub taken_back: &'a BTreeSet<InteractionKey>,
    /// What somebody wants left alone.
    pub skipped: &'a BTreeMap<InteractionKey, Skipped>,
    /// What somebody asked for by name; all when empty.
    pub retry_only: &'a [InteractionKey],
    /// Of the skills that agents get.
    pub skills: &'a SkillDigests,
    /// Of the tool chains' lock files.
    pub locks: &'a Locks,
}

/// Of the lock files of the tool chains that projects are worked on with.
#[derive(Debug, Clone)]
pub struct Locks {
    /// Of our own.
    pub ours: Digest,
    /// Of those with packages of a project's own.
    pub theirs: BTreeMap<ProjectFolder, Digest>,
}

impl Locks {
    /// Of the one that a spec's function is built with.
    fn of(&self, spec: &Spec) -> &Digest {
        let project = spec.project.as_ref();
        let theirs = project.and_then(|project| self.theirs.get(project));
        theirs.unwrap_or(&self.ours)
    }
}

/// What goes into a function: the spec, what its folder shares, the skills and the tools. The same fingerprint need not
/// be built again.
pub fn fingerprint(spec: &Spec, skills: &Digest, lock: &Digest) -> Digest {
    let folder = spec
        .integration_text
        .as_ref()
        .map_or("none", Digest::as_str);
    // None of these can hold a line break, so no two lists of them make the same text.
    let parts = [
        "fingerprint 1",
        &spec.key.to_string(),
        spec.kind.word(),
        spec.text.as_str(),
        folder,
        skills.as_str(),
        lock.as_str(),
    ];
    Digest::of(parts.join("\n").as_bytes())
}

/// Makes the plan of a run.
///
/// An interaction that somebody wants left alone is. One that somebody named is built. Any other is left out when a person took it back, carried when it was signed with
/// the same fingerprint, and else built (an earlier judgement may stand: see `run::plan::earlier`); but a function that was there
/// before its spec is left alone. What is removed is removed in any case, and what is restored is.
pub fn plan(input: PlanInput<'_>) -> Plan {
    let count = input.specs.len() + input.restored.len() + input.removed.len();
    if count > limits::SPECS_PER_RUN {
        return too_many(count, &input);
    }
    let mut problems = input.problems;
    let unknown = input.retry_only.iter().filter(|key| {
        let is_changed = input.specs.iter().any(|spec| spec.key == **key);
        !is_changed && !input.removed.iter().any(|removed| removed.key == **key)
    });
    problems.extend(unknown.map(not_there));
    let mut steps = Vec::new();
    for spec in input.specs {
        let fingerprint = fingerprint(
            &spec,
            input.skills.of(&spec.key.integration),
            input.locks.of(&spec),
        );
        let named = input.retry_only.contains(&spec.key);
        let signed = input
            .signed
            .iter()
            .find(|signed| signed.interaction == spec.key && signed.fingerprint == fingerprint);
        if let Some(skipped) = input.skipped.get(&spec.key) {
            let skipped = skipped.clone();
            steps.push(Step::Skipped { spec, skipped });
            continue;
        }
        match signed {
            _ if !named && input.taken_back.contains(&spec.key) => {
                steps.push(Step::TakenBack { spec });
            }
            Some(signed) if !named => {
                steps.push(Step::Carry {
                    spec,
                    signed: signed.clone(),
                });
            }
            None if !named && input.adopted.contains(&spec.key) => {
                steps.push(Step::Adopted { spec });
            }
            _ => steps.push(Step::Build { spec, fingerprint }),
        }
    }
    steps.extend(input.restored.into_iter().map(Step::Restore));
    steps.extend(input.removed.into_iter().map(Step::Remove));
    // The sort is stable: of an interaction that changed its kind, the new function stands before the old one.
    steps.sort_by(|a, b| a.key().cmp(b.key()));
    Plan {
        steps,
        moved: input.moved,
        problems,
    }
}

/// The plan with what people allow the builds of this run, in the place of what their specs and the repository do.
pub fn with_budgets(mut plan: Plan, budgets: &[Budget]) -> Plan {
    for step in &mut plan.steps {
        let Step::Build { spec, .. } = step else {
            continue;
        };
        let is_about = |budget: &&Budget| budget.of.is_empty() || budget.of.contains(&spec.key);
        if let Some(budget) = budgets.iter().rev().find(is_about) {
            spec.limits.usd = budget.usd();
        }
    }
    plan
}

/// What is said when somebody overrules who may not. The role is what it was when they said it.
pub fn may_not_overrule(by: &str) -> Finding {
    let sentence = format!(
        "{by} may not overrule findings: that takes the role *maintain* or *admin*, or a line in `overrulers` of the settings."
    );
    problem("overrule-refused", Severity::Warn, Place::Build, sentence)
}

fn too_many(count: usize, input: &PlanInput<'_>) -> Plan {
    let path = input.specs.first().map(|spec| spec.path.clone());
    let place = path.map_or(Place::Build, |path| Place::Repository { path, line: 1 });
    let sentence = format!(
        "This pull request changes {count} specs, and one run takes at most {}; split it up.",
        limits::SPECS_PER_RUN
    );
    Plan {
        problems: vec![problem("too-many-specs", Severity::Block, place, sentence)],
        ..Plan::default()
    }
}

fn not_there(key: &InteractionKey) -> Finding {
    let sentence = format!("Somebody asked for `{key}`, and no spec of this name is changed here.");
    problem("retry-unknown", Severity::Warn, Place::Build, sentence)
}

fn problem(rule: &str, severity: Severity, place: Place, sentence: String) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        confidence: Confidence::Proven,
        overruled: None,
        place,
        sentence,
        evidence: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guidance::Words;
    use crate::domain::spec::Kind;
    use crate::rules::specs;

    static NOT_SKIPPED: BTreeMap<InteractionKey, Skipped> = BTreeMap::new();
    static NONE: BTreeSet<InteractionKey> = BTreeSet::new();

    fn key(text: &str) -> InteractionKey {
        text.parse().expect("a key")
    }

    fn spec(name: &str) -> Spec {
        Spec {
            text: Digest::of(name.as_bytes()),
            ..specs::sample::spec(name)
        }
    }

    fn sign(spec: &Spec, skills: &SkillDigests) -> Signed {
        let digest = &skills.general;
        Signed {
            interaction: spec.key.clone(),
            fingerprint: fingerprint(spec, digest, digest),
            dossier: Digest::of(b"dossier"),
        }
    }

    fn gone(name: &str, kind: Kind) -> Placed {
        Placed {
            kind,
            ..Placed::of(&spec(name))
        }
    }

    struct Tools {
        skills: SkillDigests,
        locks: Locks,
    }

    fn tools(word: &str) -> Tools {
        Tools {
            skills: SkillDigests {
                general: Digest::of(word.as_bytes()),
                own: BTreeMap::new(),
            },
            locks: Locks {
                ours: Digest::of(word.as_bytes()),
                theirs: BTreeMap::new(),
            },
        }
    }

    fn input<'a>(names: &[&str], signed: &'a [Signed], tools: &'a Tools) -> PlanInput<'a> {
        PlanInput {
            specs: names.iter().map(|name| spec(name)).collect(),
            restored: vec![],
            removed: vec![],
            moved: vec![],
            problems: vec![],
            signed,
            adopted: &NONE,
            taken_back: &NONE,
            skipped: &NOT_SKIPPED,
            retry_only: &[],
            skills: &tools.skills,
            locks: &tools.locks,
        }
    }

    fn words(plan: &Plan) -> Vec<String> {
        let word = |step: &Step| match step {
            Step::Build { .. } => "build",
            Step::Carry { .. } => "carry",
            Step::Edited { .. } => "edited",
            Step::Adopted { .. } => "adopt",
            Step::TakenBack { .. } => "leave out",
            Step::Skipped { .. } => "skip",
            Step::Restore(_) => "restore",
            Step::Remove(_) => "remove",
        };
        let steps = plan.steps.iter();
        steps
            .map(|step| format!("{} {}", word(step), step.key()))
            .collect()
    }

    #[test]
    fn what_was_signed_and_has_not_changed_is_carried() {
        let tools = tools("tools");
        let signed = [sign(&spec("b/two"), &tools.skills)];
        let mut input = input(&["b/two", "a/one"], &signed, &tools);
        input.removed = vec![gone("a/gone", Kind::Sync)];
        let expected = ["remove a/gone", "build a/one", "carry b/two"];
        assert_eq!(words(&plan(input.clone())), expected);

        let newer = self::tools("newer tools");
        let with = |change: &dyn Fn(&mut PlanInput<'_>)| {
            let mut input = input.clone();
            input.removed.clear();
            change(&mut input);
            words(&plan(input))
        };
        let both = ["build a/one", "build b/two"];
        assert_eq!(with(&|input| input.specs[0].text = Digest::of(b"x")), both);
        assert_eq!(with(&|input| input.specs[0].kind = Kind::Sync), both);
        let folder = Some(Digest::of(b"x"));
        assert_eq!(
            with(&|input| input.specs[0].integration_text = folder.clone()),
            both
        );
        let changed = PlanInput {
            skills: &newer.skills,
            ..input.clone()
        };
        assert_eq!(words(&plan(changed))[2], "build b/two");
        let changed = PlanInput {
            locks: &newer.locks,
            ..input
        };
        assert_eq!(words(&plan(changed))[2], "build b/two");
    }

    #[test]
    fn each_project_has_a_lock_of_its_own() {
        let mut tools = tools("tools");
        let signed = [sign(&spec("a/one"), &tools.skills)];
        let theirs = spec("a/one").project.expect("a project");
        tools.locks.theirs = [(ProjectFolder::named("other"), Digest::of(b"x"))].into();
        let words_of = |tools: &Tools| words(&plan(input(&["a/one"], &signed, tools)));
        assert_eq!(words_of(&tools), ["carry a/one"]);
        tools.locks.theirs.insert(theirs, Digest::of(b"x"));
        assert_eq!(words_of(&tools), ["build a/one"]);
    }

    #[test]
    fn what_somebody_names_is_built_though_it_was_signed() {
        let tools = tools("tools");
        let signed = [
            sign(&spec("a/one"), &tools.skills),
            sign(&spec("a/two"), &tools.skills),
        ];
        let only = [key("a/one"), key("a/unknown"), key("a/gone")];
        let mut input = input(&["a/one", "a/two", "a/three"], &signed, &tools);
        input.retry_only = &only;
        input.removed = vec![gone("a/gone", Kind::Action)];
        let plan = plan(input);
        assert_eq!(
            words(&plan),
            [
                "remove a/gone",
                "build a/one",
                "build a/three",
                "carry a/two"
            ]
        );
        assert_eq!(plan.problems.len(), 1);
        assert!(plan.problems[0].sentence.contains("`a/unknown`"));
    }

    #[test]
    fn what_was_there_before_its_spec_is_left_alone_until_somebody_names_it() {
        let tools = tools("tools");
        let there = BTreeSet::from([key("a/one"), key("a/two")]);
        let only = [key("a/two")];
        let mut input = input(&["a/new", "a/one", "a/two"], &[], &tools);
        input.adopted = &there;
        input.retry_only = &only;
        assert_eq!(
            words(&plan(input)),
            ["build a/new", "adopt a/one", "build a/two"]
        );
    }

    #[test]
    fn what_a_person_took_back_stays_away_until_somebody_names_it() {
        let tools = tools("tools");
        let signed = [sign(&spec("a/one"), &tools.skills)];
        let taken = BTreeSet::from([key("a/one"), key("a/two")]);
        let only = [key("a/one")];
        let mut input = input(&["a/one", "a/two", "a/three"], &signed, &tools);
        input.taken_back = &taken;
        // Also where skills or tools are others than those that it was signed with.
        let expected = ["leave out a/one", "build a/three", "leave out a/two"];
        assert_eq!(words(&plan(input.clone())), expected);
        input.retry_only = &only;
        let expected = ["build a/one", "build a/three", "leave out a/two"];
        assert_eq!(words(&plan(input)), expected);
    }

    #[test]
    fn what_is_skipped_is_left_alone_whatever_else_is_said_of_it() {
        let tools = tools("tools");
        let signed = [sign(&spec("a/one"), &tools.skills)];
        let taken = BTreeSet::from([key("a/two")]);
        let skipped = |name: &str| {
            let (by, reason) = ("ada".to_owned(), Words::default());
            (key(name), Skipped { by, reason })
        };
        let skipped = BTreeMap::from([skipped("a/one"), skipped("a/two")]);
        let mut input = input(&["a/one", "a/two", "a/three"], &signed, &tools);
        input.taken_back = &taken;
        input.skipped = &skipped;
        let expected = ["skip a/one", "build a/three", "skip a/two"];
        assert_eq!(words(&plan(input)), expected);
    }

    #[test]
    fn the_last_budget_that_is_about_a_build_counts() {
        let tools = tools("tools");
        let budget = |of: &[&str], micro_usd| Budget {
            of: of.iter().map(|name| key(name)).collect(),
            micro_usd,
        };
        let plan = plan(input(&["a/one", "a/two"], &[], &tools));
        let usd = |budgets: &[Budget]| {
            let plan = with_budgets(plan.clone(), budgets);
            let specs = plan.steps.iter().filter_map(Step::spec);
            specs.map(|spec| spec.limits.usd).collect::<Vec<_>>()
        };
        let own = usd(&[]);
        assert_eq!(usd(&[budget(&["a/two"], 250_000)]), [own[0], 0.25]);
        let both = [budget(&[], 3_000_000), budget(&["a/one"], 100_000)];
        assert_eq!(usd(&both), [0.1, 3.0]);
    }

    #[test]
    fn a_change_of_kind_builds_the_new_and_removes_the_old() {
        let tools = tools("tools");
        let mut input = input(&["a/one"], &[], &tools);
        input.removed = vec![gone("a/one", Kind::Sync)];
        assert_eq!(words(&plan(input)), ["build a/one", "remove a/one"]);
    }

    #[test]
    fn too_many_specs_are_one_problem_and_no_steps() {
        let tools = tools("tools");
        let names: Vec<String> = (0..=limits::SPECS_PER_RUN)
            .map(|n| format!("a/s{n}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let full = plan(input(&names[1..], &[], &tools));
        assert_eq!(
            (full.steps.len(), full.problems.len()),
            (limits::SPECS_PER_RUN, 0)
        );
        let plan = plan(input(&names, &[], &tools));
        assert_eq!((plan.steps.len(), plan.problems.len()), (0, 1));
        assert!(plan.problems[0].sentence.contains("501 specs"));
    }
}
