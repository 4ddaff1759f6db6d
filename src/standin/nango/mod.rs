//! Nango's API with small stateful providers behind it.
