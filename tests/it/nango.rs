//! Stories of the tool chain, the Nango project and the clean room.

use crate::support::tools::tools;

#[test]
fn the_tool_chain_is_installed_once_and_whole() {
    let tools = tools();
    let status = countersign::edge::toolchain::look(tools.root.parent().expect("a parent"));
    assert_eq!(status.installed, Some(tools));
    assert!(status.is_fine(), "{status:?}");
}
