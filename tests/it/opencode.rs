//! Stories of `opencode`.
