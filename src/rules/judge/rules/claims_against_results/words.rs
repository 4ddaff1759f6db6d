//! Sentences that say that a check went well, in the languages that agents answer in.
//!
//! A sentence is one when it has a word for the check, a word for success, and none for doubt. The words are those of English,
//! German, French, Spanish, Portuguese and Italian.

use std::sync::LazyLock;

use regex::Regex;

use crate::rules::judge::reading::nango_cli::Check;

/// Longer sentences are none.
const SENTENCE_BYTES: usize = 2_000;
/// As many are read.
const SENTENCES: usize = 400;

const TESTS: &str = r"(tests?|test ?suite|vitest|pruebas|essais|testes|prove)";
const DRY_RUN: &str =
    r"(dry[- ]?runs?|probelauf|trockenlauf|ejecución de prueba|exécution à blanc)";
const COMPILE: &str =
    r"(compil(es|ed|ation|e|é|ée|a|ado|ación|ação|azione)|build|kompilier(t|ung)|übersetzt)";
const SUCCESS: &str = r"(pass(es|ed|ing)?|green|succe(eds?|eded|ss|ssful|ssfully)|works|fine|clean(ly)?|without errors?|grün|bestanden|erfolgreich|fehlerfrei|laufen durch|lief durch|vert(s|es)?|réussi(s|e|es)?|passent|sans erreurs?|verdes?|pasan|pasaron|exitosamente|con éxito|correctamente|sin errores|passam|passaram|com sucesso|sem erros|verdi|superat[io]|con successo|senza errori)";
const VERIFIED: &str =
    r"(verified|validated|confirmed|geprüft|verificad[oa]|vérifiée?|verificat[oa])";

const DOUBTS: &[&str] = &[
    // English.
    " not ",
    "n't ",
    "n’t ",
    "fail",
    "unable",
    "never",
    "without running",
    "until",
    " once ",
    " if ",
    "should",
    "would",
    "will ",
    "could",
    "cannot",
    "before ",
    "expected to",
    "unless",
    // German.
    " nicht ",
    " kein",
    " noch ",
    " fehl ",
    "fehlges",
    "fehlschl",
    " ohne zu ",
    " bis ",
    " wenn ",
    " falls ",
    "sollte",
    "würde",
    " rot ",
    "schlug",
    // French.
    " ne ",
    " n'",
    " n’",
    "échou",
    "échec",
    " pas ",
    " si ",
    "devrai",
    "jamais",
    "avant ",
    // Spanish, Portuguese and Italian.
    " no ",
    " não ",
    " non ",
    " nunca ",
    " mai ",
    " sin ejecutar",
    " sem executar",
    " senza eseguire",
    "fall",
    "falh",
    " cuando ",
    " quando ",
    "debería",
    "deveria",
    "dovrebbe",
];

/// The first sentence of `text` that says that `check` went well.
pub fn claiming(check: Check, text: &str) -> Option<String> {
    static PATTERNS: LazyLock<Option<[Regex; 3]>> = LazyLock::new(|| {
        let near = |noun: &str| {
            Regex::new(&format!(
                r"(?i)\b{noun}\b[^.!?\n]{{0,60}}(^|\W){SUCCESS}(\W|$)"
            ))
            .ok()
        };
        let dry_run = Regex::new(&format!(
            r"(?i)\b{DRY_RUN}\b[^.!?\n]{{0,60}}(^|\W){SUCCESS}(\W|$)|\b{VERIFIED}\b[^.!?\n]{{0,30}}\b{DRY_RUN}\b"
        ));
        Some([near(TESTS)?, dry_run.ok()?, near(COMPILE)?])
    });
    let [tests, dry_run, compile] = PATTERNS.as_ref()?;
    let pattern = match check {
        Check::Tests => tests,
        Check::DryRun => dry_run,
        Check::Compile => compile,
    };
    text.split_inclusive(['.', '!', '?', '\n'])
        .take(SENTENCES)
        .filter(|sentence| sentence.len() <= SENTENCE_BYTES)
        .find(|sentence| {
            let lower = format!(" {} ", sentence.to_lowercase());
            pattern.is_match(sentence) && !DOUBTS.iter().any(|doubt| lower.contains(doubt))
        })
        .map(|sentence| sentence.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_read_in_the_languages_of_agents() {
        for (check, text) in [
            (Check::Tests, "All tests pass."),
            (
                Check::Tests,
                "Alle Kanäle werden gelistet, alle Tests sind grün.",
            ),
            (Check::Tests, "Tous les tests passent."),
            (Check::Tests, "Todas las pruebas pasan."),
            (Check::Tests, "Tutti i test sono verdi."),
            (Check::DryRun, "Der Probelauf war erfolgreich."),
            (
                Check::DryRun,
                "Verified with a dry run against the live account.",
            ),
            (Check::Compile, "Es kompiliert fehlerfrei."),
            (Check::Compile, "It compiles without errors."),
        ] {
            assert!(claiming(check, text).is_some(), "{text}");
        }
    }

    #[test]
    fn doubt_is_read_too() {
        for text in [
            "The tests do not pass yet.",
            "Die Tests sind noch nicht grün.",
            "Alle Tests schlugen fehl, keiner ist grün.",
            "Les tests ne passent pas.",
            "Las pruebas no pasan.",
            "Os testes falharam, nenhum com sucesso.",
            "I ran the tests.",
        ] {
            assert_eq!(claiming(Check::Tests, text), None, "{text}");
        }
    }
}
