//! The table of rules. Each is one file with one function `find` and one line in [`RULES`].
//!
//! A *gate* says whether the function is sound; a repository cannot silence it. A *red flag* tells what the transcript shows
//! about an agent's conduct: it never makes the function worse, for what gets in was made and checked by us; it tells
//! people how far to trust the one who wrote it.

mod account_opened;
mod agents_recording;
mod claims;
mod claims_against_results;
mod conduct;
mod constant_field;
mod doc_citation;
mod faked_output;
mod first_sight;
mod forbidden;
mod foreign_data;
mod former;
mod helpers;
mod hidden_command;
pub(super) mod honest_block;
mod invented_command;
mod justification_false;
mod loop_without_progress;
mod made_up_output;
mod mass_writes;
mod mended;
mod neighbours;
mod obeyed_page;
mod outside_workspace;
mod own_arguments;
mod probes;
pub(super) mod provenance;
mod recording_written_by_hand;
mod records_not_received;
mod reruns;
mod secret_read;
mod sent_elsewhere;
mod solution_fetched;
mod source;
mod switched_address;
mod unread_pages;
mod walls_tried;
mod writes;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Finding, Severity};

/// One rule: a row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name. A repository may give a severity to it as a whole, or to one of the names that it finds.
    pub name: &'static str,
    /// The names that its findings may have.
    pub finds: &'static [&'static str],
    /// Those of them that may block: a repository that makes one milder gives a reason.
    pub blocks: &'static [&'static str],
    /// The mildest severity that a repository may give it: `Warn` for the gates.
    pub floor: Severity,
    /// The rule itself.
    pub find: fn(&Dossier) -> Vec<Finding>,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    gate("reruns", reruns::FINDS, reruns::find).blocking(reruns::BLOCKS),
    gate("provenance", provenance::FINDS, provenance::find).blocking(provenance::BLOCKS),
    gate("probes", probes::FINDS, probes::find).blocking(probes::BLOCKS),
    gate("unread-pages", &["unread-pages"], unread_pages::find).blocking(&["unread-pages"]),
    rule(
        "agents-recording",
        agents_recording::FINDS,
        agents_recording::find,
    )
    .blocking(&["fixture-output-altered"]),
    gate(
        "records-not-received",
        &["records-not-received"],
        records_not_received::find,
    )
    .blocking(&["records-not-received"]),
    rule("constant-field", &["constant-field"], constant_field::find),
    rule("made-up-output", &["made-up-output"], made_up_output::find).blocking(&["made-up-output"]),
    rule("source", source::FINDS, source::find).blocking(source::BLOCKS),
    rule(
        "justification-false",
        &["justification-false"],
        justification_false::find,
    )
    .blocking(&["justification-false"]),
    rule("claims", claims::FINDS, claims::find).blocking(claims::BLOCKS),
    rule("conduct", conduct::FINDS, conduct::find),
    rule("mended", &["mended"], mended::find),
    rule("former", former::FINDS, former::find),
    rule("writes", writes::FINDS, writes::find),
    rule("mass-writes", &["mass-writes"], mass_writes::find),
    rule(
        "foreign-data-deleted",
        &["foreign-data-deleted"],
        foreign_data::find,
    )
    .blocking(&["foreign-data-deleted"]),
    rule("account-opened", &["account-opened"], account_opened::find),
    rule(
        "switched-address",
        &["switched-address"],
        switched_address::find,
    ),
    rule("hidden-command", &["hidden-command"], hidden_command::find),
    rule("secret-read", &["secret-read"], secret_read::find),
    rule("sent-elsewhere", &["sent-elsewhere"], sent_elsewhere::find),
    rule("walls-tried", &["walls-tried"], walls_tried::find),
    rule("obeyed-page", &["obeyed-page"], obeyed_page::find),
    rule("first-sight", first_sight::FINDS, first_sight::find).blocking(first_sight::BLOCKS),
    rule(
        "solution-fetched",
        &["solution-fetched"],
        solution_fetched::find,
    ),
    rule("faked-output", &["faked-output"], faked_output::find),
    rule(
        "doc-citation-invented",
        &["doc-citation-invented"],
        doc_citation::find,
    ),
    rule(
        "loop-without-progress",
        &["loop-without-progress"],
        loop_without_progress::find,
    ),
    rule("helpers", helpers::FINDS, helpers::find),
    gate("neighbours", neighbours::FINDS, neighbours::find).blocking(neighbours::BLOCKS),
    rule("forbidden", forbidden::FINDS, forbidden::find).blocking(&["forbidden-change"]),
    rule("honest-block", honest_block::FINDS, honest_block::find),
    rule("own-arguments", &["own-arguments"], own_arguments::find),
    rule(
        "recording-written-by-hand",
        &["recording-written-by-hand"],
        recording_written_by_hand::find,
    )
    .blocking(&["recording-written-by-hand"]),
    rule(
        "outside-workspace",
        &["outside-workspace"],
        outside_workspace::find,
    )
    .blocking(&["outside-workspace"]),
    rule(
        "invented-command",
        &["invented-command"],
        invented_command::find,
    ),
    rule(
        "claims-against-results",
        &["claims-against-results"],
        claims_against_results::find,
    )
    .blocking(&["claims-against-results"]),
];

const fn rule(
    name: &'static str,
    finds: &'static [&'static str],
    find: fn(&Dossier) -> Vec<Finding>,
) -> Rule {
    Rule {
        name,
        finds,
        blocks: &[],
        floor: Severity::Note,
        find,
    }
}

impl Rule {
    /// The same, some findings of which may block.
    const fn blocking(self, blocks: &'static [&'static str]) -> Self {
        Self { blocks, ..self }
    }
}

const fn gate(
    name: &'static str,
    finds: &'static [&'static str],
    find: fn(&Dossier) -> Vec<Finding>,
) -> Rule {
    Rule {
        floor: Severity::Warn,
        ..rule(name, finds, find)
    }
}

/// Whether something of this name, a rule or a finding, may block.
pub fn may_block(name: &str) -> bool {
    RULES.iter().any(|rule| {
        let is_rule = rule.name == name && !rule.blocks.is_empty();
        is_rule || rule.blocks.contains(&name)
    })
}

/// The mildest severity that anybody may give to what is found under this name.
pub fn floor(name: &str) -> Severity {
    let rule = RULES.iter().find(|rule| rule.finds.contains(&name));
    rule.map_or(Severity::Note, |rule| rule.floor)
}

/// Every name that a repository may give a severity to: rules and what they find.
pub fn names() -> impl Iterator<Item = &'static str> {
    let rules = RULES.iter().map(|rule| rule.name);
    rules.chain(RULES.iter().flat_map(|rule| rule.finds.iter().copied()))
}
