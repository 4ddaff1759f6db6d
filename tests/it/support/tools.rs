//! The real tool chain, installed once per machine.

use std::path::Path;
use std::sync::OnceLock;

use countersign::domain::toolchain::ToolChain;
use countersign::edge::toolchain;

/// The pinned tool chain. The first test that asks waits until it is installed.
pub fn tools() -> ToolChain {
    static TOOLS: OnceLock<ToolChain> = OnceLock::new();
    TOOLS
        .get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
            toolchain::ensure(&folder, &|said| eprintln!("{said}"))
                .expect("the tool chain installs with npm")
        })
        .clone()
}
