//! What an agent is told of what it finds in its workspace.

use crate::domain::beginning::{Beginning, SpecChange};
use crate::domain::brief::Brief;

use super::section::section;

/// The word for the task.
pub(super) fn task(brief: &Brief) -> &'static str {
    match brief.ground.beginning {
        Beginning::Function { .. } => "Change",
        Beginning::Nothing | Beginning::Anew { .. } => "Write",
    }
}

/// What the function is at first, and what is different from what it was built from.
pub(super) fn sections(text: &mut String, brief: &Brief) {
    let Beginning::Function { .. } = brief.ground.beginning else {
        return;
    };
    text.push_str(
        "\n## What is there\n\n\
         The function is there already, as it stands in the project; people may have edited it. Change what the goal asks \
         to be changed or what does not work, and leave every other line as it is: names, order, comments, style. A \
         reviewer reads the difference. When nothing has to be changed, change nothing; the dry run is needed all the \
         same.\n",
    );
    match &brief.ground.change {
        SpecChange::Changed { unified } => {
            section(
                text,
                "What changed in the spec since it was built",
                unified,
                "diff",
            );
        }
        SpecChange::None => {
            text.push_str(
                "The spec has not changed since it was built; somebody wants it built again.\n",
            );
        }
        SpecChange::New => {
            text.push_str(
                "The function was there before its spec: hold it against the goal above.\n",
            );
        }
        SpecChange::Unknown => {
            text.push_str(
                "Which spec it was built from is not known: hold it against the goal above.\n",
            );
        }
    }
}
