//! The Nango project and CLI: scaffold, commands as values, parsers of what they say.
